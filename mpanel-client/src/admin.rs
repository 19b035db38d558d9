//! The administrator's lists: `/api/admin/customers` and `/api/admin/subscriptions`. The legacy server asks for no
//! credential there; on the TypeScript one the customers are tenants, for platform administrators (contract section 7).

mod customer;
mod subscription;

use panel_http::{HttpMethod, Operation};
use provisioning_core::permission::Verb;

pub use self::{
    customer::{
        AdminCustomer, GetAdminCustomer, ListAdminCustomers, ListPlatformCustomers, NestedProduct,
        NestedSubscription,
    },
    subscription::{ListAdminSubscriptions, SetSubscriptionStatus},
};
use crate::{
    endpoints::{read, read_openly, repeatable},
    route::Route,
};

pub(crate) const CUSTOMERS: Operation = read("mpanel.list_admin_customers", "/api/admin/customers");
pub(crate) const CUSTOMER: Operation =
    read("mpanel.get_admin_customer", "/api/admin/customers/{id}");
pub(crate) const SUBSCRIPTIONS: Operation = read_openly(
    "mpanel.list_admin_subscriptions",
    "/api/admin/subscriptions",
);
pub(crate) const SET_STATUS: Operation = repeatable(
    "mpanel.set_subscription_status",
    HttpMethod::Patch,
    "/api/admin/subscriptions/{id}/status",
)
.credentials(&[]);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&CUSTOMERS).asks(Verb::MpanelOperatePlatform),
    Route::both(&CUSTOMER).asks(Verb::MpanelOperatePlatform),
    Route::both(&SUBSCRIPTIONS),
    Route::both(&SET_STATUS),
];
