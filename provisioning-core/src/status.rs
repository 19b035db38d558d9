//! Every wire status of both panels, mapped to five states without losing the text.
//!
//! The same word means different things of different things (`active` of a licence, `paid` of an order), so a status
//! is read together with what it is the status of. Facts come from CONTRACT-mpanel section 9 and CONTRACT-nextpanel
//! sections 5 and 8.

use std::fmt;

use serde::{Deserialize, Serialize};

mod table;

/// How far something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvisioningState {
    /// Not begun; waiting for somebody or something.
    Pending,
    /// Being worked on.
    Running,
    /// In place. Not necessarily in service: a suspended subscription is in place.
    Done,
    /// Will not come to be by itself, or is there no longer.
    Failed,
    /// A word neither contract has, or one that says nothing about this.
    Unknown,
}

impl ProvisioningState {
    /// Whether waiting longer changes nothing.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

impl fmt::Display for ProvisioningState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        })
    }
}

/// What a status is the status of. Where both panels have such a thing, their words are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StatusOf {
    /// mPanel: a provisioning task, of the worker or the queue.
    Task,
    /// mPanel: a job in Redis, of the TypeScript generation, or of a cloud pod.
    Job,
    /// mPanel: `provisioning_status` of a hosting subscription.
    Provisioning,
    /// A subscription.
    Subscription,
    /// An order, or a checkout session.
    Order,
    /// A payment.
    Payment,
    /// An invoice.
    Invoice,
    /// NextPanel: a licence.
    Licence,
    /// A hosting account.
    Account,
    /// mPanel: a website.
    Website,
    /// A hosting server.
    Server,
    /// NextPanel: a dedicated server.
    DedicatedServer,
    /// A domain.
    Domain,
    /// A user.
    User,
    /// An API key.
    ApiKey,
    /// A payment gateway.
    Gateway,
    /// NextPanel: a support ticket.
    Ticket,
    /// NextPanel: a coupon.
    Coupon,
    /// NextPanel: a credit note.
    CreditNote,
    /// NextPanel: an affiliate.
    Affiliate,
    /// NextPanel: an affiliate's commission.
    Commission,
    /// A health route.
    Health,
}

/// A status as it came, with what it is the status of.
///
/// ```
/// use provisioning_core::status::{ProvisioningState, StatusOf, WireStatus};
///
/// let status = WireStatus::new(StatusOf::Job, "SUCCESS");
/// assert_eq!((status.state(), status.text()), (ProvisioningState::Done, "SUCCESS"));
/// assert_eq!(WireStatus::new(StatusOf::Task, "in_progress").state(), ProvisioningState::Running);
/// assert_eq!(WireStatus::new(StatusOf::Task, "levitating").state(), ProvisioningState::Unknown);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WireStatus {
    of: StatusOf,
    text: String,
}

impl WireStatus {
    /// A status as it came.
    #[must_use]
    pub fn new(of: StatusOf, text: impl Into<String>) -> Self {
        Self {
            of,
            text: text.into(),
        }
    }

    /// What it is the status of.
    #[must_use]
    pub fn of(&self) -> StatusOf {
        self.of
    }

    /// The text as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it comes to. Case, blanks around it, and `-` or a blank for `_` make no difference.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        table::state(self.of, &self.text)
    }
}

impl fmt::Display for WireStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
