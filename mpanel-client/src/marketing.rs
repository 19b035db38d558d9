//! The marketing routes, with a marketing key (contract sections 7 and 12). The legacy server wants a login besides.

mod account;
mod checkout;
mod key;
pub mod marketing_api;
mod report;
mod service;
mod status;
mod webhook;

use panel_http::{CredentialKind, HttpMethod, Operation, Paging, Safety, TimeoutClass};
use provisioning_core::permission::Verb;

pub use self::{
    account::{CreateMarketingAccount, MarketingAccount},
    checkout::{
        CheckCoupon, CheckoutIntent, Coupon, CreateCheckoutIntent, GetCheckoutSession,
        GetOrderStatus,
    },
    key::{CreateMarketingKey, ListMarketingKeys, MarketingKey, RevokeMarketingKey},
    report::{GetCustomersReport, GetRevenueReport, GetUsageReport, ReportRow},
    service::{CustomerService, ListCustomerServices, ProvisionMarketingService, UpgradeService},
    status::{
        CatalogProduct, GetMarketingStatus, GetProductAvailability, GetSystemStatus,
        ListMarketingCatalog,
    },
    webhook::RegisterMarketingWebhook,
};
use crate::{
    client::MARKETING_KEY,
    endpoints::{USER, change, read},
    route::Route,
};

/// Under which path a server has the marketing routes. Documents name both; every server that was seen has the first
/// (contract section 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum MarketingPath {
    /// `/api/marketing`
    #[default]
    Marketing,
    /// `/api/marketing-api`
    MarketingApi,
}

/// The key first; a login goes along where the client has one.
const KEY: &[CredentialKind] = &[
    CredentialKind::Header(MARKETING_KEY),
    CredentialKind::Bearer,
];

const fn ask(name: &'static str, path: &'static str) -> Operation {
    read(name, path).credentials(KEY).contract("mpanel 7, 12")
}

const fn tell(name: &'static str, path: &'static str, safety: Safety) -> Operation {
    change(name, HttpMethod::Post, path, safety)
        .credentials(KEY)
        .contract("mpanel 7, 12")
}

/// Public by its name only: the gate of the legacy server lies before it and wants a login.
pub(crate) const STATUS: Operation =
    ask("mpanel.marketing_status", "/api/marketing/status/public").optional_credentials(USER);
pub(crate) const SYSTEM_STATUS: Operation = ask(
    "mpanel.marketing_system_status",
    "/api/marketing/status/system",
);
pub(crate) const COUPON: Operation = tell(
    "mpanel.check_coupon",
    "/api/marketing/validate-coupon",
    Safety::ReadOnly,
);
pub(crate) const CHECKOUT_INTENT: Operation = tell(
    "mpanel.create_checkout_intent",
    "/api/marketing/checkout-intent",
    Safety::Unsafe,
);
pub(crate) const CHECKOUT_SESSION: Operation = ask(
    "mpanel.get_checkout_session",
    "/api/marketing/checkout-session",
);
pub(crate) const ORDER_STATUS: Operation = ask(
    "mpanel.get_order_status",
    "/api/marketing/order-status/{id}",
);
/// It queues a mail over Redis, hence the time. An address that exists is refused, with the customer's id.
pub(crate) const CREATE_ACCOUNT: Operation = tell(
    "mpanel.create_marketing_account",
    "/api/marketing/accounts/create",
    Safety::NaturalKey,
)
.timeout(TimeoutClass::Queue);
pub(crate) const PROVISION: Operation = tell(
    "mpanel.provision_marketing_service",
    "/api/marketing/services/provision",
    Safety::Unsafe,
)
.timeout(TimeoutClass::Queue);
pub(crate) const REVENUE: Operation = ask(
    "mpanel.get_revenue_report",
    "/api/marketing/reports/revenue",
);
pub(crate) const CUSTOMERS: Operation = ask(
    "mpanel.get_customers_report",
    "/api/marketing/reports/customers",
);
pub(crate) const USAGE: Operation = ask("mpanel.get_usage_report", "/api/marketing/reports/usage");
pub(crate) const CATALOG: Operation = ask(
    "mpanel.list_marketing_catalog",
    "/api/marketing/products/catalog",
);
pub(crate) const AVAILABILITY: Operation = ask(
    "mpanel.get_product_availability",
    "/api/marketing/products/{id}/availability",
);
pub(crate) const REGISTER_WEBHOOK: Operation = tell(
    "mpanel.register_marketing_webhook",
    "/api/marketing/webhooks/register",
    Safety::Unsafe,
);
pub(crate) const SERVICES: Operation = ask(
    "mpanel.list_customer_services",
    "/api/marketing/customers/{id}/services",
);
pub(crate) const UPGRADE: Operation = tell(
    "mpanel.upgrade_service",
    "/api/marketing/services/{id}/upgrade",
    Safety::Unsafe,
);
pub(crate) const KEYS: Operation = read(
    "mpanel.list_marketing_keys",
    "/api/marketing/admin/api-keys",
);
pub(crate) const CREATE_KEY: Operation = change(
    "mpanel.create_marketing_key",
    HttpMethod::Post,
    "/api/marketing/admin/api-keys",
    Safety::Unsafe,
);
pub(crate) const REVOKE_KEY: Operation = change(
    "mpanel.revoke_marketing_key",
    HttpMethod::Delete,
    "/api/marketing/admin/api-keys/{id}",
    Safety::Idempotent,
);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&STATUS).asks(Verb::MpanelReadDashboard),
    Route::both(&SYSTEM_STATUS).asks(Verb::MpanelMarket),
    Route::both(&COUPON).asks(Verb::MpanelMarket),
    Route::both(&CHECKOUT_INTENT).asks(Verb::MpanelMarket),
    Route::both(&CHECKOUT_SESSION).asks(Verb::MpanelMarket),
    Route::both(&ORDER_STATUS).asks(Verb::MpanelMarket),
    Route::both(&CREATE_ACCOUNT).asks(Verb::MpanelMarket),
    Route::both(&PROVISION).asks(Verb::MpanelMarket),
    Route::both(&REVENUE).asks(Verb::MpanelMarket),
    Route::both(&CUSTOMERS).asks(Verb::MpanelMarket),
    Route::both(&USAGE).asks(Verb::MpanelMarket),
    Route::both(&CATALOG).asks(Verb::MpanelMarket),
    Route::both(&AVAILABILITY).asks(Verb::MpanelMarket),
    Route::both(&REGISTER_WEBHOOK).asks(Verb::MpanelMarket),
    Route::both(&SERVICES).asks(Verb::MpanelMarket),
    Route::both(&UPGRADE).asks(Verb::MpanelMarket),
    Route::both(&KEYS).asks(Verb::MpanelManageMarketingKeys),
    Route::both(&CREATE_KEY).asks(Verb::MpanelManageMarketingKeys),
    Route::both(&REVOKE_KEY).asks(Verb::MpanelManageMarketingKeys),
];

/// Lists here come whole.
const WHOLE: Paging = Paging::Whole;
