//! What reading a known subscription has shown, and what may be done to it then.

use super::facts::{MarkReading, Proof};
use crate::plan::action::mpanel::{ChangeSubscription, SubscriptionChange};
use crate::plan::subscription::KnownSubscription;

/// A subscription as mPanel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionReading {
    /// The id under which it is shown.
    pub remote_id: String,
    /// Its customer, where the row shows one.
    pub customer_id: Option<String>,
    /// Its product, where the row shows one.
    pub product_id: Option<String>,
    /// What stands where our mark would stand.
    pub mark: MarkReading,
    /// Its status, in the panel's word.
    pub status: Option<String>,
}

/// What follows from a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextForSubscription {
    /// The request is sent.
    Send,
    /// It is as it should be; nothing is sent.
    Nothing,
    /// mPanel is still providing it and would undo the change; it is read again later.
    NotYet,
    /// It is not the one that was meant: each a sentence. Nothing is sent.
    OtherOne(Vec<String>),
    /// From where it stands it is not brought where it should be: a sentence. Nothing is sent.
    StandsOtherwise(String),
}

/// What a status comes to (CONTRACT-mpanel section 9: open, any case).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Serving,
    NotBegun,
    Suspended,
    Ended,
    Failed,
    Unknown,
}

impl Stand {
    fn of(status: Option<&str>) -> Self {
        match status
            .map(|word| word.trim().to_ascii_lowercase())
            .as_deref()
        {
            Some("active" | "trialing" | "past_due") => Self::Serving,
            Some(
                "pending"
                | "pending_activation"
                | "pending_payment"
                | "pending_provisioning"
                | "inactive"
                | "incomplete",
            ) => Self::NotBegun,
            Some("suspended") => Self::Suspended,
            Some("cancelled" | "canceled" | "expired") => Self::Ended,
            Some("failed") => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

impl SubscriptionChange {
    /// Whether a status that the panel answered with is the one this brings about.
    #[must_use]
    pub fn is_shown_by(&self, status: Option<&str>) -> bool {
        let expected = match self {
            Self::Suspend { .. } => Stand::Suspended,
            Self::Reactivate => Stand::Serving,
            Self::Cancel { .. } => Stand::Ended,
        };
        Stand::of(status) == expected
    }
}

impl ChangeSubscription {
    /// What follows from what was read. A product that a row does not show is no difference, nor is the mark, except where
    /// nothing but the mark has ever proven the row to be ours.
    #[must_use]
    pub fn after_reading(&self, shown: &SubscriptionReading) -> NextForSubscription {
        let known = &self.subscription;
        let differences = differences(known, shown);
        if !differences.is_empty() {
            return NextForSubscription::OtherOne(differences);
        }
        use NextForSubscription::{NotYet, Nothing, Send};
        match (&self.change, Stand::of(shown.status.as_deref())) {
            (SubscriptionChange::Suspend { .. }, Stand::Suspended)
            | (SubscriptionChange::Cancel { .. }, Stand::Ended) => Nothing,
            // What was never suspended needs no lifting, wherever mPanel is with it.
            (SubscriptionChange::Reactivate, Stand::Serving | Stand::NotBegun) => Nothing,
            (
                SubscriptionChange::Suspend { .. } | SubscriptionChange::Cancel { .. },
                Stand::NotBegun,
            ) if known.under_way => NotYet,
            (SubscriptionChange::Suspend { .. }, Stand::Serving | Stand::NotBegun)
            | (SubscriptionChange::Reactivate, Stand::Suspended)
            | (
                SubscriptionChange::Cancel { .. },
                Stand::Serving | Stand::NotBegun | Stand::Suspended | Stand::Failed,
            ) => Send,
            _ => NextForSubscription::StandsOtherwise(format!(
                "subscription {} is {}, and is not {} from there",
                known.remote_id,
                shown.status.as_deref().unwrap_or("shown without a status"),
                match &self.change {
                    SubscriptionChange::Suspend { .. } => "suspended",
                    SubscriptionChange::Reactivate => "reactivated",
                    SubscriptionChange::Cancel { .. } => "cancelled",
                }
            )),
        }
    }
}

/// What tells the row from the one that was meant, each a sentence.
fn differences(known: &KnownSubscription, shown: &SubscriptionReading) -> Vec<String> {
    let id = &known.remote_id;
    let mut differences = Vec::new();
    if !shown.remote_id.eq_ignore_ascii_case(id) {
        differences.push(format!(
            "asked for subscription {id}, the panel answered with {}",
            shown.remote_id
        ));
    }
    let compared = [
        ("customer", &known.customer_id, &shown.customer_id),
        ("product", &known.product_id, &shown.product_id),
    ];
    for (what, expected, found) in compared {
        match (expected, found) {
            (Some(expected), Some(found)) if !expected.eq_ignore_ascii_case(found) => {
                differences.push(format!(
                    "subscription {id} is of {what} {found}, not of {expected}"
                ));
            }
            // Every schema has this column.
            (Some(expected), None) if what == "customer" => {
                differences.push(format!(
                    "subscription {id} is of no customer, not of {expected}"
                ));
            }
            _ => {}
        }
    }
    let carries_other = known.mark.is_some() && shown.mark == MarkReading::Other;
    let only_by_mark = !matches!(known.proof, Proof::Created);
    if carries_other {
        differences.push(format!("subscription {id} carries somebody else's mark"));
    } else if only_by_mark && shown.mark != MarkReading::Ours {
        differences.push(format!(
            "subscription {id} does not show our mark, and our own request was never answered with it"
        ));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{OrderKey, PaymentEventKind};
    use crate::plan::action::SuspensionReason;
    use crate::plan::id::{Operation, PlanId, StepPath};

    fn known(under_way: bool) -> KnownSubscription {
        let key: OrderKey = "t/s/live/1".parse().unwrap();
        KnownSubscription {
            remote_id: "s1".into(),
            proof: Proof::Created,
            customer_id: Some("c1".into()),
            product_id: Some("p1".into()),
            mark: Some(PlanId::new(&key, Operation::Provision, 0).mark(&StepPath::from("a"))),
            under_way,
        }
    }

    fn suspend() -> SubscriptionChange {
        SubscriptionChange::Suspend {
            reason: SuspensionReason::Payment {
                event: PaymentEventKind::Refunded,
            },
        }
    }

    fn shown(status: &str) -> SubscriptionReading {
        SubscriptionReading {
            remote_id: "s1".into(),
            customer_id: Some("c1".into()),
            product_id: Some("p1".into()),
            mark: MarkReading::Ours,
            status: Some(status.into()),
        }
    }

    #[test]
    fn every_status_says_what_may_be_done() {
        use NextForSubscription::{NotYet, Nothing, Send};
        // Status; suspend, suspend while mPanel may be at it, reactivate. None: a person looks.
        let table = [
            ("active", Some(Send), Some(Send), Some(Nothing)),
            ("ACTIVE", Some(Send), Some(Send), Some(Nothing)),
            ("trialing", Some(Send), Some(Send), Some(Nothing)),
            ("past_due", Some(Send), Some(Send), Some(Nothing)),
            ("suspended", Some(Nothing), Some(Nothing), Some(Send)),
            (
                "pending_provisioning",
                Some(Send),
                Some(NotYet),
                Some(Nothing),
            ),
            (
                "PENDING_ACTIVATION",
                Some(Send),
                Some(NotYet),
                Some(Nothing),
            ),
            ("inactive", Some(Send), Some(NotYet), Some(Nothing)),
            ("cancelled", None, None, None),
            ("canceled", None, None, None),
            ("expired", None, None, None),
            ("failed", None, None, None),
            ("brand new word", None, None, None),
        ];
        for (status, suspended, under_way, reactivated) in table {
            for (change, under_way, expected) in [
                (suspend(), false, suspended),
                (suspend(), true, under_way),
                (SubscriptionChange::Reactivate, false, reactivated),
            ] {
                let word = change.word();
                let change = ChangeSubscription {
                    subscription: known(under_way),
                    change,
                };
                match (change.after_reading(&shown(status)), expected) {
                    (NextForSubscription::StandsOtherwise(text), None) => {
                        assert!(text.contains(status), "{text}");
                    }
                    (found, expected) => assert_eq!(Some(found), expected, "{word} {status}"),
                }
            }
        }
    }

    #[test]
    fn nothing_is_sent_about_a_row_that_shows_something_else_than_is_known() {
        let with = |proof: Proof, reading: SubscriptionReading| {
            let subscription = KnownSubscription {
                proof,
                ..known(false)
            };
            let change = suspend();
            ChangeSubscription {
                subscription,
                change,
            }
            .after_reading(&reading)
        };
        let active = || shown("active");
        let other = [
            SubscriptionReading {
                remote_id: "s2".into(),
                ..active()
            },
            SubscriptionReading {
                customer_id: Some("c2".into()),
                ..active()
            },
            SubscriptionReading {
                customer_id: None,
                ..active()
            },
            SubscriptionReading {
                product_id: Some("p2".into()),
                ..active()
            },
            SubscriptionReading {
                mark: MarkReading::Other,
                ..active()
            },
        ];
        for reading in other {
            let next = with(Proof::Created, reading.clone());
            assert!(
                matches!(&next, NextForSubscription::OtherOne(why) if why.len() == 1),
                "{reading:?}: {next:?}"
            );
        }
        // A server that keeps no metadata shows no mark; the answer to our own request is proof enough.
        let unmarked = SubscriptionReading {
            mark: MarkReading::Nothing,
            product_id: None,
            ..active()
        };
        assert_eq!(
            with(Proof::Created, unmarked.clone()),
            NextForSubscription::Send
        );
        for proof in [Proof::MarkReadsBack, Proof::SaidBy { by: "kim".into() }] {
            assert_eq!(with(proof.clone(), active()), NextForSubscription::Send);
            assert!(matches!(
                with(proof, unmarked.clone()),
                NextForSubscription::OtherOne(_)
            ));
        }
    }
}
