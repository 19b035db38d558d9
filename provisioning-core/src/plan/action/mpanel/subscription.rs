//! What is done to a subscription that exists.

use serde::{Deserialize, Serialize};

use crate::payment::TerminationGrounds;
use crate::plan::account::AccountState;
use crate::plan::action::SuspensionReason;
use crate::plan::subscription::KnownSubscription;
use crate::plan::verb::VerbName;

/// Inputs of [`MpanelAction::ChangeSubscription`](super::MpanelAction::ChangeSubscription).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSubscription {
    /// The subscription.
    pub subscription: KnownSubscription,
    /// What is done to it.
    pub change: SubscriptionChange,
}

/// What is done to a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriptionChange {
    /// Stopped for now. mPanel reads no body, so the reason stays here.
    Suspend {
        /// Why.
        reason: SuspensionReason,
    },
    /// Served again.
    Reactivate,
    /// Ended at once.
    Cancel {
        /// Why it may be ended.
        grounds: TerminationGrounds,
    },
}

impl SubscriptionChange {
    /// The verb an executor is asked for.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Suspend { .. } => VerbName::MPANEL_SUSPEND_SUBSCRIPTION,
            Self::Reactivate => VerbName::MPANEL_REACTIVATE_SUBSCRIPTION,
            Self::Cancel { .. } => VerbName::MPANEL_CANCEL_SUBSCRIPTION,
        }
    }

    /// It, in one word, which is also the end of the route's path.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Suspend { .. } => "suspend",
            Self::Reactivate => "reactivate",
            Self::Cancel { .. } => "cancel",
        }
    }

    pub(in crate::plan) const fn brings_about(&self) -> AccountState {
        match self {
            Self::Suspend { .. } => AccountState::Suspended,
            Self::Reactivate => AccountState::Serving,
            Self::Cancel { .. } => AccountState::Gone,
        }
    }
}

impl ChangeSubscription {
    /// Why it suspends; `None` if it does something else.
    #[must_use]
    pub const fn suspends_for(&self) -> Option<&SuspensionReason> {
        match &self.change {
            SubscriptionChange::Suspend { reason } => Some(reason),
            _ => None,
        }
    }

    /// What it is, as a person is told who has to do it.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("{} {} on mPanel", self.change.word(), self.subscription)
    }

    pub(super) fn explain(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.change {
            SubscriptionChange::Suspend { reason } => {
                lines.push(format!("{}: {reason}", self.in_words()));
            }
            SubscriptionChange::Reactivate => lines.push(self.in_words()),
            SubscriptionChange::Cancel { grounds } => {
                lines.push(format!("{}, which ends it at once", self.in_words()));
                lines.extend(grounds.describe());
            }
        }
        lines.push(match self.subscription.expectation() {
            Some(expected) => {
                format!("nothing is sent unless it is read first and shows {expected}")
            }
            None => "nothing is sent unless it can be read first".to_owned(),
        });
        lines.push(
            "after a lost reply its status is read; what was done already is not sent again"
                .to_owned(),
        );
        lines
    }
}
