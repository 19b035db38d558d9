//! What a host decides about unpaid orders, as data.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a host decides about unpaid orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentPolicy {
    /// How long an account goes on serving after a payment that was due did not arrive. Payment providers try again for
    /// days. Refunds, disputes and cancellations do not wait.
    pub failed_payment_grace: Duration,
    /// When and by whose word a suspended account is removed.
    pub termination: TerminationPolicy,
}

/// When and by whose word a suspended account is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "termination", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TerminationPolicy {
    /// Never proposed.
    Never,
    /// A person is asked.
    AskHuman {
        /// This long after the suspension, or after the last payment if that is later.
        after: Duration,
    },
    /// Removed without asking. The name appears in the plan.
    Terminate {
        /// This long after the suspension, or after the last payment if that is later.
        after: Duration,
        /// What the policy is called, such as `terms of service, section 9`.
        name: String,
    },
}

impl Default for PaymentPolicy {
    /// 3 days for a failed payment; a person is asked about termination after 30 days.
    fn default() -> Self {
        Self {
            failed_payment_grace: 3 * DAY,
            termination: TerminationPolicy::AskHuman { after: 30 * DAY },
        }
    }
}
