//! What a settled step on mPanel has established.

use serde::{Deserialize, Serialize};

use super::Proof;
use crate::status::ProvisioningState;

/// What a call on mPanel has established.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mpanel", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MpanelFacts {
    /// The panel has taken the order.
    Order(MpanelOrder),
    /// How far the panel is with an order.
    Progress(OrderProgress),
    /// A customer, subscription or website exists and is ours.
    Record(MpanelRecord),
    /// A subscription that was known already was read, and changed if there was need.
    Subscription(SubscriptionState),
}

/// An order that the panel has taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MpanelOrder {
    /// The panel's order id, where the entry has orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The panel's customer, where the reply names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The subscriptions it made.
    #[serde(default)]
    pub subscription_ids: Vec<String>,
    /// The jobs it made.
    #[serde(default)]
    pub job_ids: Vec<String>,
    /// How we know that it is ours.
    pub proof: Proof,
}

impl MpanelOrder {
    /// An order known so.
    #[must_use]
    pub const fn new(proof: Proof) -> Self {
        Self {
            order_id: None,
            customer_id: None,
            subscription_ids: Vec::new(),
            job_ids: Vec::new(),
            proof,
        }
    }

    /// Its ids in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if let Some(id) = &self.order_id {
            parts.push(format!("order {id}"));
        }
        if !self.subscription_ids.is_empty() {
            let ids = self.subscription_ids.join(", ");
            parts.push(format!("subscriptions {ids}"));
        }
        if let Some(id) = &self.customer_id {
            parts.push(format!("customer {id}"));
        }
        if parts.is_empty() {
            "taken".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// Reads what a look-up found or a person says: `order:ID`, `customer:ID`, `job:ID`, and the ids of subscriptions
    /// with that word or none before them, set apart by blanks or commas. Nothing if they name no order and no
    /// subscription.
    #[must_use]
    pub fn read(ids: &str, proof: Proof) -> Option<Self> {
        let mut order = Self::new(proof);
        for id in ids
            .split([',', ' '])
            .map(str::trim)
            .filter(|id| !id.is_empty())
        {
            match id.split_once(':') {
                Some(("order", id)) => order.order_id = Some(id.to_owned()),
                Some(("customer", id)) => order.customer_id = Some(id.to_owned()),
                Some(("job", id)) => order.job_ids.push(id.to_owned()),
                Some(("subscription", id)) => order.subscription_ids.push(id.to_owned()),
                _ => order.subscription_ids.push(id.to_owned()),
            }
        }
        let names_something = order.order_id.is_some() || !order.subscription_ids.is_empty();
        names_something.then_some(order)
    }
}

/// A row on the panel that is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MpanelRecord {
    /// The panel's id.
    pub remote_id: String,
    /// How we know that it is ours.
    pub proof: Proof,
    /// The panel's product, where the reply to our own request showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
}

impl MpanelRecord {
    /// A row known so.
    #[must_use]
    pub fn new(remote_id: impl Into<String>, proof: Proof) -> Self {
        Self {
            remote_id: remote_id.into(),
            proof,
            product_id: None,
        }
    }

    /// Sets the panel's product.
    #[must_use]
    pub fn with_product(mut self, id: Option<String>) -> Self {
        self.product_id = id;
        self
    }
}

/// What became of a subscription that was to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionState {
    /// The panel's id.
    pub remote_id: String,
    /// The status the panel showed last, in its word.
    pub status: String,
    /// How it came to that.
    pub came: CameToStatus,
}

/// How a subscription came to the status it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "came", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CameToStatus {
    /// By our request.
    Changed {
        /// The status before.
        from: String,
    },
    /// It had it already; nothing was sent.
    HadIt,
    /// mPanel is still providing it; nothing was sent, and it is read again.
    NotYet,
}

impl SubscriptionState {
    /// It, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self {
            remote_id, status, ..
        } = self;
        match &self.came {
            CameToStatus::Changed { from } => {
                format!("subscription {remote_id} is {status}, and was {from}")
            }
            CameToStatus::HadIt => format!("subscription {remote_id} is {status} already"),
            CameToStatus::NotYet => format!(
                "subscription {remote_id} is {status}, and becomes active when mPanel has provided it"
            ),
        }
    }
}

/// How far the panel is with an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProgress {
    /// Every piece of work it shows for the order.
    pub work: Vec<PieceOfWork>,
    /// Whether it shows work for everything the order made. A piece nobody sees may still fail.
    pub whole: bool,
}

/// A task, a job, or a subscription that says how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceOfWork {
    /// What it is, such as `task 7f3a (create_account)`.
    pub what: String,
    /// The panel's word.
    pub status: String,
    /// What the word comes to.
    pub state: ProvisioningState,
    /// What went wrong, in the panel's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl PieceOfWork {
    /// It, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.error {
            Some(error) => format!("{}: {} ({error})", self.what, self.status),
            None => format!("{}: {}", self.what, self.status),
        }
    }
}

impl OrderProgress {
    /// What failed.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        self.work
            .iter()
            .filter(|piece| piece.state == ProvisioningState::Failed)
            .map(PieceOfWork::describe)
            .collect()
    }

    /// Whether everything is done, and the panel shows everything.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.whole
            && !self.work.is_empty()
            && self
                .work
                .iter()
                .all(|piece| piece.state == ProvisioningState::Done)
    }

    /// Whether nothing of it is still under way. What failed is told once the rest has settled too, because the rest may
    /// make something.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.whole
            && !self.work.is_empty()
            && self.work.iter().all(|piece| piece.state.is_settled())
    }

    /// It, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.work.is_empty() {
            return "the panel shows no task, job or subscription of the order".to_owned();
        }
        let mut all: Vec<String> = self.work.iter().map(PieceOfWork::describe).collect();
        if !self.whole {
            all.push("not all of the order is shown".to_owned());
        }
        all.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_by_the_words_before_them() {
        let read = |ids| MpanelOrder::read(ids, Proof::MarkReadsBack);
        let said = read("order:o1, customer:c1, s1 s2").unwrap();
        assert_eq!(
            said.describe(),
            "order o1, subscriptions s1, s2, customer c1"
        );
        assert_eq!(read("customer:c1"), None);
        assert_eq!(read(" , "), None);
    }

    #[test]
    fn only_a_whole_order_of_finished_work_is_done() {
        let piece = |state| PieceOfWork {
            what: "task 1".into(),
            status: "x".into(),
            state,
            error: None,
        };
        let of = |states: &[ProvisioningState], whole| OrderProgress {
            work: states.iter().map(|state| piece(*state)).collect(),
            whole,
        };
        use ProvisioningState::{Done, Failed, Pending, Unknown};
        for (progress, done, settled) in [
            (of(&[Done, Done], true), true, true),
            (of(&[Done], false), false, false),
            (of(&[], true), false, false),
            (of(&[Done, Failed], true), false, true),
            (of(&[Pending, Failed], true), false, false),
            (of(&[Unknown], true), false, false),
        ] {
            assert_eq!(
                (progress.is_done(), progress.is_settled()),
                (done, settled),
                "{progress:?}"
            );
        }
    }
}
