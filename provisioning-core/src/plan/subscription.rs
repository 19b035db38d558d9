//! Subscriptions that exist on mPanel already, as lifecycle steps name them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::Mark;
use crate::run::facts::Proof;

/// A subscription on mPanel that an earlier run has established, with everything that tells it from any other one.
///
/// mPanel changes whatever subscription it is told to, whoever's it is (CONTRACT-mpanel section 7). So only ids that a
/// journal of the order knows are named, and whoever acts on one reads it first and holds it against this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSubscription {
    /// The panel's id.
    pub remote_id: String,
    /// How we know that it is ours.
    pub proof: Proof,
    /// The panel's customer, where the journal knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The panel's product, where the journal knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// The mark that was written into it; none where mPanel made it of an order it was handed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// Whether mPanel may still be providing it: it was handed over and was never seen done. mPanel's worker makes what
    /// it has provided active, whatever it was before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub under_way: bool,
}

impl KnownSubscription {
    /// What has to be read from it before anything is done to it, in words; none where the id is all that is known.
    #[must_use]
    pub fn expectation(&self) -> Option<String> {
        let customer = self.customer_id.as_ref().map(|id| format!("customer {id}"));
        let product = self.product_id.as_ref().map(|id| format!("product {id}"));
        let mark = self.mark.map(|mark| format!("no other mark than {mark}"));
        let parts: Vec<String> = [customer, product, mark].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

impl fmt::Display for KnownSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subscription {}", self.remote_id)?;
        match &self.customer_id {
            Some(id) => write!(f, " of customer {id}"),
            None => Ok(()),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}
