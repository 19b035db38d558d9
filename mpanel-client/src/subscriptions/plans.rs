//! `GET /api/subscriptions/plans`.

use panel_http::{Decimal, Paging};

use super::PLANS;
use crate::{endpoints::lists, row::row};

panel_http::opaque_id! {
    /// Id of a plan to subscribe to: of a product, by number, UUID or name.
    pub struct PlanId;
}

row! {
    /// A plan to subscribe to.
    pub struct Plan {
        /// Id.
        id: PlanId,
        ;
        /// Name.
        name: String,
        /// What it is.
        description: String,
        /// Price, in units of its currency.
        price: Decimal,
        /// Currency.
        currency: String,
        /// Billing cycle.
        billing_cycle("billingCycle" | "interval"): String,
    }
    shows id, name, price
}

lists! {
    /// Lists the plans that can be subscribed to.
    ListPlans -> Plan = PLANS, Paging::Whole;
}
