//! What the backend keeps rows of.

use serde::Serialize;
use serde_json::{Value, json};

use super::state::State;

/// What the backend keeps rows of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Users, administrators included; created by e-mail address.
    Users,
    /// Product plans; created by name.
    Plans,
    /// Licences; created by the id of their user.
    Licenses,
    /// Subscriptions; created by the id of their product plan.
    Subscriptions,
    /// Orders; created by the id of their customer.
    Orders,
    /// Invoices; created by the id of their user.
    Invoices,
    /// Payments; created by the id of their order.
    Payments,
    /// Panel servers; created by name.
    Servers,
    /// Hosting accounts; created by username.
    HostingAccounts,
}

impl Resource {
    /// All rows there are now, as the API shows them, and with what it hides apart from secrets.
    pub(super) fn rows(self, state: &State) -> Vec<Value> {
        match self {
            Self::Users => rows(&state.users, |_| json!({})),
            Self::Plans => rows(&state.plans, |_| json!({})),
            Self::Licenses => rows(
                &state.licenses,
                |row| json!({ "user_id": row.user_id, "plan_id": row.plan_id }),
            ),
            Self::Subscriptions => rows(
                &state.subscriptions,
                |row| json!({ "user_id": row.user_id, "plan_id": row.plan_id }),
            ),
            Self::Orders => rows(&state.orders, |_| json!({})),
            Self::Invoices => rows(
                &state.invoices,
                |row| json!({ "user_id": row.user_id, "order_id": row.order_id }),
            ),
            Self::Payments => rows(&state.payments, |row| json!({ "user_id": row.user_id })),
            Self::Servers => rows(&state.servers, |_| json!({})),
            Self::HostingAccounts => rows(&state.accounts, |_| json!({})),
        }
    }
}

fn rows<T: Serialize>(table: &[T], hidden: impl Fn(&T) -> Value) -> Vec<Value> {
    table
        .iter()
        .map(|row| {
            let mut shown = serde_json::to_value(row).unwrap_or_default();
            if let (Some(shown), Value::Object(hidden)) = (shown.as_object_mut(), hidden(row)) {
                shown.extend(hidden);
            }
            shown
        })
        .collect()
}
