//! The TypeScript server's enterprise and hosting reads, which ask for no credential (contract sections 2.1 and 6).

use panel_http::{Operation, Paging};

use crate::{
    api_keys::ApiKey,
    endpoints::{lists, read_openly},
    products::Product,
    route::Route,
    servers::Server,
    websites::Website,
};

pub(crate) const API_KEYS: Operation = read_openly(
    "mpanel.list_enterprise_api_keys",
    "/api/enterprise/api-keys/api-keys",
);
pub(crate) const WEBSITES: Operation =
    read_openly("mpanel.list_hosting_websites", "/api/hosting/websites");
pub(crate) const SERVERS: Operation =
    read_openly("mpanel.list_hosting_servers", "/api/hosting/servers");
pub(crate) const CATALOG: Operation = read_openly(
    "mpanel.list_billing_catalog",
    "/api/billing/products/catalog/public",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::typescript(&API_KEYS),
    Route::typescript(&WEBSITES),
    Route::typescript(&SERVERS),
    Route::typescript(&CATALOG),
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
