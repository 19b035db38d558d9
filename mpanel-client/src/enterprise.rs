//! The TypeScript server's enterprise and hosting reads, which ask for no credential (contract sections 2.1 and 6).

use panel_http::{Operation, Paging};
use provisioning_core::permission::Verb;

use crate::{
    api_keys::ApiKey,
    endpoints::{lists, read_openly_behind_the_gate},
    products::Product,
    route::Route,
    servers::Server,
    websites::Website,
};

pub(crate) const API_KEYS: Operation = read_openly_behind_the_gate(
    "mpanel.list_enterprise_api_keys",
    "/api/enterprise/api-keys/api-keys",
);
pub(crate) const WEBSITES: Operation =
    read_openly_behind_the_gate("mpanel.list_hosting_websites", "/api/hosting/websites");
pub(crate) const SERVERS: Operation =
    read_openly_behind_the_gate("mpanel.list_hosting_servers", "/api/hosting/servers");
pub(crate) const CATALOG: Operation = read_openly_behind_the_gate(
    "mpanel.list_billing_catalog",
    "/api/billing/products/catalog/public",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::typescript(&API_KEYS).asks(Verb::MpanelManageApiKeys),
    Route::typescript(&WEBSITES).asks(Verb::MpanelReadServers),
    Route::typescript(&SERVERS).asks(Verb::MpanelReadServers),
    Route::typescript(&CATALOG).asks(Verb::MpanelReadProducts),
];

lists! {
    /// Lists enterprise API keys: always none.
    ListEnterpriseApiKeys -> ApiKey = API_KEYS, Paging::Whole;

    /// Lists hosted websites: always none.
    ListHostingWebsites -> Website = WEBSITES, Paging::Whole;

    /// Lists hosting servers: always a 500.
    ListHostingServers -> Server = SERVERS, Paging::Whole;

    /// Lists the catalog of the billing module: always empty.
    ListBillingCatalog -> Product = CATALOG, Paging::Whole;
}
