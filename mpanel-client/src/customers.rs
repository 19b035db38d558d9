//! Customers: the legacy handlers, on both generations (contract section 7).

mod add_domain;
mod create;
mod customer;
mod find;
mod related;
mod update;

use panel_http::{HttpMethod, Operation, Paging, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    add_domain::AddDomain,
    create::CreateCustomer,
    customer::{Customer, CustomerId, DomainId},
    find::{FoundCustomers, WantedCustomer},
    related::{ListCustomerInvoices, ListCustomerSubscriptions, ListCustomerWebsites},
    update::UpdateCustomer,
};
use crate::{
    endpoints::{change, endpoints, lists, once, read, repeatable},
    reply::{self, Done},
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_customers", "/api/customers");
pub(crate) const GET: Operation = read("mpanel.get_customer", "/api/customers/{id}");
/// Not a natural key: the row shows the e-mail of the joined user, so the one we sent does not read back.
pub(crate) const CREATE: Operation = once("mpanel.create_customer", "/api/customers");
pub(crate) const UPDATE: Operation = repeatable(
    "mpanel.update_customer",
    HttpMethod::Put,
    "/api/customers/{id}",
);
pub(crate) const DELETE: Operation = repeatable(
    "mpanel.delete_customer",
    HttpMethod::Delete,
    "/api/customers/{id}",
);
/// The server refuses a second one of the same name.
pub(crate) const ADD_DOMAIN: Operation = change(
    "mpanel.add_customer_domain",
    HttpMethod::Post,
    "/api/customers/{id}/domains",
    Safety::NaturalKey,
);
pub(crate) const SUBSCRIPTIONS: Operation = read(
    "mpanel.list_customer_subscriptions",
    "/api/customers/{id}/subscriptions",
);
pub(crate) const WEBSITES: Operation = read(
    "mpanel.list_customer_websites",
    "/api/customers/{id}/websites",
);
pub(crate) const INVOICES: Operation = read(
    "mpanel.list_customer_invoices",
    "/api/customers/{id}/invoices",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadCustomers),
    Route::both(&GET).asks(Verb::MpanelReadCustomers),
    Route::both(&CREATE).asks(Verb::MpanelWriteCustomer),
    Route::both(&UPDATE).asks(Verb::MpanelWriteCustomer),
    Route::both(&DELETE).asks(Verb::MpanelWriteCustomer),
    Route::both(&ADD_DOMAIN).asks(Verb::MpanelWriteCustomer),
    Route::documented(&SUBSCRIPTIONS).asks(Verb::MpanelReadSubscriptions),
    Route::documented(&WEBSITES).asks(Verb::MpanelReadCustomers),
    Route::documented(&INVOICES).asks(Verb::MpanelReadInvoices),
];

lists! {
    /// Lists customers, all in one reply: the server knows no paging here. Which ones depends on the user, see
    /// [`Session::sees_every_customer`](crate::Session::sees_every_customer).
    ListCustomers -> Customer = LIST, Paging::Whole;
}

endpoints! {
    /// Reads a customer. `NotFound` for an id nobody has, `Validation` for one that is no UUID.
    GetCustomer(id: CustomerId) -> Customer = GET, |answer| reply::row(answer, &["customer"]);

    /// Deletes a customer. `NotFound` for an id nobody has, and for a customer of another user's.
    DeleteCustomer(id: CustomerId) -> Done = DELETE, reply::done;
}
