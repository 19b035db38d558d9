//! The words themselves.

use super::ProvisioningState::{self, Done, Failed, Pending, Running, Unknown};
use super::StatusOf;

pub(super) fn state(of: StatusOf, text: &str) -> ProvisioningState {
    let spelled = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    words(of)
        .iter()
        .find(|(_, words)| words.contains(&spelled.as_str()))
        .map_or(Unknown, |(state, _)| *state)
}

type Words = &'static [(ProvisioningState, &'static [&'static str])];

/// Every word of both contracts, lower case, under the state it comes to.
fn words(of: StatusOf) -> Words {
    match of {
        StatusOf::Task => &[
            (Pending, &["pending", "queued"]),
            (Running, &["in_progress", "processing", "running"]),
            (Done, &["success", "completed"]),
            (Failed, &["failed"]),
        ],
        StatusOf::Job => &[
            (Pending, &["pending", "queued"]),
            (Running, &["running", "processing"]),
            (Done, &["success", "completed"]),
            (Failed, &["failed", "dead"]),
            // A job that Redis no longer holds may have been done long ago.
            (Unknown, &["not_found"]),
        ],
        StatusOf::Provisioning => &[
            (Pending, &["pending"]),
            (Running, &["provisioning"]),
            (Done, &["completed"]),
            (Failed, &["failed"]),
        ],
        StatusOf::Subscription => &[
            (
                Pending,
                &[
                    "pending",
                    "pending_payment",
                    "pending_provisioning",
                    "pending_activation",
                    "incomplete",
                ],
            ),
            (Done, &["active", "trialing", "past_due", "suspended"]),
            (
                Failed,
                &["failed", "cancelled", "canceled", "expired", "inactive"],
            ),
        ],
        StatusOf::Order => &[
            (Pending, &["pending"]),
            (Running, &["processing"]),
            (Done, &["paid", "succeeded", "completed"]),
            (Failed, &["failed", "cancelled", "canceled", "refunded"]),
        ],
        StatusOf::Payment => &[
            (Pending, &["pending"]),
            (Done, &["succeeded", "completed"]),
            (Failed, &["failed", "refunded"]),
        ],
        StatusOf::Invoice => &[
            (
                Pending,
                &["draft", "pending", "open", "sent", "unpaid", "overdue"],
            ),
            (Running, &["partially_paid"]),
            (Done, &["paid"]),
            (
                Failed,
                &["void", "cancelled", "canceled", "uncollectible", "refunded"],
            ),
        ],
        StatusOf::Licence => &[
            (Done, &["active", "suspended"]),
            (Failed, &["expired", "cancelled", "canceled"]),
        ],
        StatusOf::Account => &[(Done, &["active", "suspended"]), (Failed, &["deleted"])],
        StatusOf::Website => &[
            (Pending, &["pending"]),
            (Running, &["provisioning", "deploying"]),
            (Done, &["active", "suspended", "disabled"]),
            (Failed, &["error", "deleting"]),
        ],
        StatusOf::Server => &[
            (Pending, &["pending", "maintenance"]),
            (Done, &["active", "online"]),
            (Failed, &["offline", "disabled", "deleted", "error"]),
        ],
        StatusOf::DedicatedServer => &[
            (Pending, &["pending_provisioning"]),
            (Running, &["provisioning"]),
            (Done, &["active", "suspended"]),
            (Failed, &["cancelled", "canceled", "terminated"]),
        ],
        StatusOf::Domain => &[
            (Pending, &["pending"]),
            (Done, &["active"]),
            (Failed, &["expired", "transferred"]),
        ],
        StatusOf::User => &[
            (Pending, &["pending", "pending_verification", "invited"]),
            (Done, &["active", "suspended", "inactive"]),
            (Failed, &["deleted"]),
        ],
        StatusOf::ApiKey => &[(Done, &["active"]), (Failed, &["revoked", "expired"])],
        StatusOf::Gateway => &[
            (Pending, &["testing"]),
            (Done, &["active"]),
            (Failed, &["inactive"]),
        ],
        StatusOf::Ticket => &[
            (Pending, &["open"]),
            (Running, &["in_progress", "waiting_for_customer"]),
            (Done, &["resolved", "closed"]),
        ],
        StatusOf::Coupon => &[(Done, &["active"]), (Failed, &["inactive", "expired"])],
        StatusOf::CreditNote => &[
            (Pending, &["draft"]),
            (Running, &["issued"]),
            (Done, &["applied"]),
            (Failed, &["void"]),
        ],
        StatusOf::Affiliate => &[
            (Pending, &["pending"]),
            (Done, &["active", "suspended"]),
            (Failed, &["inactive"]),
        ],
        StatusOf::Commission => &[
            (Pending, &["pending"]),
            (Running, &["approved"]),
            (Done, &["paid"]),
            (Failed, &["cancelled", "canceled"]),
        ],
        StatusOf::Health => &[
            (Pending, &["not_ready"]),
            (Done, &["healthy", "ok", "ready", "alive"]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::WireStatus;
    use proptest::prelude::*;

    /// The enumerations as the contracts list them, in their spelling.
    const LISTED: &[(StatusOf, &str)] = &[
        (
            StatusOf::Task,
            "pending in_progress success failed processing completed",
        ),
        (
            StatusOf::Job,
            "pending processing completed failed queued PENDING RUNNING SUCCESS FAILED DEAD running success",
        ),
        (
            StatusOf::Provisioning,
            "pending provisioning completed failed",
        ),
        (
            StatusOf::Subscription,
            "active suspended cancelled expired pending_payment pending_provisioning pending failed inactive incomplete \
             trialing past_due canceled PENDING_ACTIVATION ACTIVE PAST_DUE SUSPENDED CANCELLED EXPIRED FAILED INACTIVE \
             TRIALING",
        ),
        (
            StatusOf::Order,
            "PENDING PAID FAILED CANCELLED REFUNDED paid succeeded failed refunded pending processing completed cancelled",
        ),
        (
            StatusOf::Payment,
            "pending completed failed refunded succeeded",
        ),
        (
            StatusOf::Invoice,
            "draft sent paid cancelled refunded unpaid DRAFT PENDING SENT PAID PARTIALLY_PAID OVERDUE VOID open \
             partially_paid overdue void uncollectible",
        ),
        (StatusOf::Licence, "active suspended expired cancelled"),
        (StatusOf::Account, "active suspended deleted"),
        (
            StatusOf::Website,
            "active suspended deploying error PENDING PROVISIONING ACTIVE DISABLED ERROR DELETING",
        ),
        (
            StatusOf::Server,
            "active maintenance offline disabled deleted ONLINE PENDING ERROR",
        ),
        (
            StatusOf::DedicatedServer,
            "provisioning active suspended cancelled terminated pending_provisioning",
        ),
        (StatusOf::Domain, "active pending expired transferred"),
        (
            StatusOf::User,
            "active suspended inactive pending deleted ACTIVE SUSPENDED PENDING_VERIFICATION INVITED",
        ),
        (StatusOf::ApiKey, "ACTIVE REVOKED EXPIRED"),
        (StatusOf::Gateway, "active inactive testing"),
        (
            StatusOf::Ticket,
            "open in_progress waiting_for_customer resolved closed",
        ),
        (StatusOf::Coupon, "active inactive expired"),
        (StatusOf::CreditNote, "draft issued applied void"),
        (StatusOf::Affiliate, "pending active suspended inactive"),
        (StatusOf::Commission, "pending approved paid cancelled"),
        (StatusOf::Health, "healthy ok ready alive"),
    ];

    #[test]
    fn every_listed_status_has_a_state_and_keeps_its_text() {
        for (of, listed) in LISTED {
            for word in listed.split_whitespace() {
                let status = WireStatus::new(*of, word);
                assert_ne!(status.state(), Unknown, "{of:?} {word}");
                assert_eq!(status.text(), word);
                assert_eq!(status.to_string(), word);
            }
        }
    }

    #[test]
    fn the_synonyms_of_tasks_come_to_the_same() {
        for (one, other) in [
            ("success", "completed"),
            ("processing", "in_progress"),
            ("FAILED", "failed"),
        ] {
            assert_eq!(state(StatusOf::Task, one), state(StatusOf::Task, other));
        }
    }

    #[test]
    fn a_status_is_read_as_what_it_is_the_status_of() {
        for (of, word, expected) in [
            (StatusOf::Task, "in_progress", Running),
            (StatusOf::Job, "DEAD", Failed),
            (StatusOf::Job, "not_found", Unknown),
            (StatusOf::Subscription, "pending_provisioning", Pending),
            (StatusOf::Subscription, " Past-Due ", Done),
            (StatusOf::Subscription, "canceled", Failed),
            (StatusOf::Order, "PAID", Done),
            (StatusOf::Server, "disabled", Failed),
            (StatusOf::Website, "disabled", Done),
            (StatusOf::Health, "not ready", Pending),
            (StatusOf::Task, "", Unknown),
            (StatusOf::Task, "paid", Unknown),
        ] {
            assert_eq!(state(of, word), expected, "{of:?} {word}");
        }
    }

    #[test]
    fn no_word_comes_to_two_states() {
        for (of, _) in LISTED {
            let mut all: Vec<&str> = words(*of)
                .iter()
                .flat_map(|(_, words)| words.iter().copied())
                .collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count, "{of:?}");
        }
    }

    #[test]
    fn a_status_survives_serialisation() {
        let status = WireStatus::new(StatusOf::DedicatedServer, "Terminated");
        let json = serde_json::to_string(&status).unwrap();
        assert_eq!(json, r#"{"of":"dedicated_server","text":"Terminated"}"#);
        assert_eq!(serde_json::from_str::<WireStatus>(&json).unwrap(), status);
    }

    proptest! {
        #[test]
        fn any_text_has_a_state_and_case_does_not_matter(text in "\\PC{0,24}") {
            for (of, _) in LISTED {
                prop_assert_eq!(state(*of, &text.to_ascii_uppercase()), state(*of, &text.to_ascii_lowercase()));
            }
        }
    }
}
