//! `GET /api/dashboard/summary`: documented, and served nowhere that was seen.

use panel_http::{Decimal, Error};
use serde::Deserialize;

use super::SUMMARY;
use crate::{
    client::Mpanel, endpoints::endpoints, reply, served::Served, subscriptions::SubscriptionStatus,
};

/// Revenue and how many are active.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DashboardSummary {
    /// Revenue, in units of the currency. None where only the equivalent answered: no list tells it.
    #[serde(default)]
    pub total_revenue: Option<Decimal>,
    /// Customers with an active subscription.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub active_customers: u64,
    /// Active subscriptions.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub active_subscriptions: u64,
}

endpoints! {
    /// The documented path; [`Mpanel::dashboard_summary`] works on every legacy server.
    GetDashboardSummary -> DashboardSummary = SUMMARY, |answer| reply::row(answer, &["summary"]);
}

impl Mpanel {
    /// How many are active: by the documented path where the server has it, else counted in the administrator's list of
    /// customers, which tells no revenue.
    ///
    /// # Errors
    /// Those of the call that answered.
    pub async fn dashboard_summary(&self) -> Result<Served<DashboardSummary>, Error> {
        self.documented_or(
            GetDashboardSummary,
            "GET /api/admin/customers",
            async || {
                let customers = self.admin_customers().await?;
                let active = customers.iter().map(|customer| {
                    let counted = customer
                        .subscriptions
                        .iter()
                        .flatten()
                        .filter(|row| row.status == Some(SubscriptionStatus::Active));
                    // The TypeScript list holds tenants, with the number of their subscriptions only.
                    match customer.subscriptions {
                        Some(_) => counted.count() as u64,
                        None => customer.subscriptions_count.unwrap_or_default(),
                    }
                });
                let mut summary = DashboardSummary {
                    total_revenue: None,
                    active_customers: 0,
                    active_subscriptions: 0,
                };
                for count in active {
                    summary.active_customers += u64::from(count > 0);
                    summary.active_subscriptions += count;
                }
                Ok(summary)
            },
        )
        .await
    }
}
