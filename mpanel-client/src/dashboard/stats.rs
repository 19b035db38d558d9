//! `GET /api/dashboard/stats`, `/renewals`, `/quick-actions`, `/api/admin/dashboard`.

use panel_http::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{row::row, subscriptions::SubscriptionId};

/// How many there are of each. A count that failed on the server is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct DashboardStats {
    /// Domains.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub domains: u64,
    /// Websites.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub websites: u64,
    /// Databases.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub databases: u64,
    /// Mailboxes.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub mailboxes: u64,
    /// Customers.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub customers: u64,
    /// Servers.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub servers: u64,
}

row! {
    /// A subscription that is to be renewed soon.
    pub struct Renewal {
        /// The subscription.
        id: SubscriptionId,
        ;
        /// What it is of.
        name("productName" | "product_name"): String,
        /// When it is due.
        due_date("dueDate" | "next_billing_date" | "nextBillingDate"): Timestamp,
    }
    shows id, name, due_date
}

row! {
    /// A shortcut of the front end.
    pub struct QuickAction {
        /// Id.
        id: String,
        ;
        /// Its text.
        label: String,
        /// Where it leads.
        path: String,
    }
    shows id, label, path
}

/// The administrator's dashboard, as the server tells it. Its `revenue.history` holds random numbers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct AdminDashboard(pub Map<String, Value>);
