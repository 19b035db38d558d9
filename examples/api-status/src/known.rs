//! What there is on the panel, as far as its lists have shown: ids to ask for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An id nobody has: the panel is asked with it where no row is known.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// What is asked for by id, code or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Thing {
    AdminCustomer,
    CloudPod,
    Customer,
    Invoice,
    Job,
    JobQueue,
    MarketedProduct,
    Order,
    Price,
    Product,
    ProductCode,
    Role,
    Server,
    Subscription,
    Task,
    TenantSubscription,
    User,
    Webhook,
    Website,
}

/// One id of each.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Known(BTreeMap<Thing, String>);

impl Known {
    /// Keeps an id; the first one stays.
    pub(crate) fn keep(&mut self, thing: Thing, id: impl ToString) {
        self.0.entry(thing).or_insert_with(|| id.to_string());
    }

    /// An id to ask for, and whether it is made up.
    pub(crate) fn get(&self, thing: Thing) -> (String, bool) {
        match (self.0.get(&thing), thing) {
            (Some(id), _) => (id.clone(), false),
            (None, Thing::ProductCode | Thing::JobQueue) => ("nobody-has-this".to_owned(), true),
            // The only ids that are numbers.
            (None, Thing::Webhook) => ("0".to_owned(), true),
            (None, _) => (NOBODY.to_owned(), true),
        }
    }
}
