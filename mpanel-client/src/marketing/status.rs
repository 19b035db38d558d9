//! `/api/marketing/status/...`, `/products/...`.

use panel_http::Decimal;
use serde_json::{Map, Value};

use super::{AVAILABILITY, CATALOG, STATUS, SYSTEM_STATUS, WHOLE};
use crate::{
    endpoints::{endpoints, lists},
    products::{ProductId, ProductKind},
    reply,
    row::row,
};

row! {
    /// A product of the marketing catalog.
    pub struct CatalogProduct {
        /// Id.
        id: ProductId,
        ;
        /// Name.
        name: String,
        /// What it is.
        description: String,
        /// Type.
        #[serde(rename = "type")]
        kind: ProductKind,
        /// Price, in units of its currency.
        price: Decimal,
        /// Billing cycle.
        billing_cycle("billingCycle"): String,
    }
    shows id, name, kind, price
}

endpoints! {
    /// Asks how the services are. It says `operational` whatever is the case (contract section 7).
    GetMarketingStatus -> Map<String, Value> = STATUS, |answer| reply::row(answer, &[]);

    /// Asks how the system is, as the server tells it.
    GetSystemStatus -> Map<String, Value> = SYSTEM_STATUS, |answer| reply::row(answer, &[]);

    /// Asks whether a product can be had, as the server tells it.
    GetProductAvailability(id: ProductId) -> Map<String, Value> = AVAILABILITY, |answer| reply::row(answer, &[]);
}

lists! {
    /// Lists the products that are marketed.
    ListMarketingCatalog -> CatalogProduct = CATALOG, WHOLE;
}
