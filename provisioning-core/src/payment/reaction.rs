//! What follows from payment events.

use jiff::Timestamp;

use super::amendment::AmendmentId;
use super::termination::TerminationGrounds;
use crate::order::PaymentEventKind;
use crate::run::event::Event;

/// Who cancels and reinstates runs by [`Reaction::journal_event`].
pub const BY_PAYMENT: &str = "payment events";

/// What follows from how the payment of an order stands and how far its runs have come.
///
/// Deciding again after each reaction is carried out, and whenever a run of the order ends, leads to the end; the same
/// state and position always give the same reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reaction {
    /// Everything is as it should be.
    Nothing,
    /// Nothing yet; decide again at this instant.
    Wait {
        /// The instant.
        until: Timestamp,
        /// Why.
        why: String,
    },
    /// Cancel the run: no request that creates hosting has left.
    CancelBeforeHosting {
        /// What happened to the payment.
        event: PaymentEventKind,
    },
    /// Cancel the run, whose hosting is under way. What turns out to exist is suspended when it has come to rest.
    CancelUnderWay {
        /// What happened to the payment.
        event: PaymentEventKind,
    },
    /// Suspend what exists.
    Suspend {
        /// What happened to the payment.
        event: PaymentEventKind,
    },
    /// Unsuspend what was suspended for lack of payment.
    Unsuspend,
    /// Plan a new generation: the order is paid again, and nothing exists of it.
    Resubmit,
    /// Lift the cancellation: the order is paid again, and something of it exists.
    Reinstate,
    /// Cancel the termination: it is planned, nothing of it was sent, and the order is paid.
    CancelTermination,
    /// Terminate what was suspended, on these grounds.
    Terminate(TerminationGrounds),
    /// Plan a new generation from this amendment, as desired minus observed. A generation that has not begun is
    /// cancelled for it.
    Amend(AmendmentId),
    /// A person decides.
    AskHuman(Question),
}

impl Reaction {
    /// What is to be recorded in the journal of the run that is cancelled or reinstated; none for other reactions.
    #[must_use]
    pub fn journal_event(&self) -> Option<Event> {
        let cancelled = |reason: &str| {
            Some(Event::Cancelled {
                by: BY_PAYMENT.to_owned(),
                reason: reason.to_owned(),
            })
        };
        match self {
            Self::CancelBeforeHosting { event } | Self::CancelUnderWay { event } => {
                cancelled(event.words())
            }
            Self::CancelTermination => cancelled("the order was paid"),
            Self::Reinstate => Some(Event::Reinstated {
                by: BY_PAYMENT.to_owned(),
                reason: "the order was paid".to_owned(),
            }),
            _ => None,
        }
    }
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// The grace period is over: terminate?
    Terminate {
        /// What happened to the payment.
        event: PaymentEventKind,
        /// Since when the accounts are suspended.
        suspended_since: Timestamp,
        /// Since when the grace period is over.
        grace_over_since: Timestamp,
    },
    /// Some of the money went back: does the order stay as it is?
    PartlyRefunded {
        /// When.
        occurred_at: Timestamp,
    },
    /// Somebody cancelled the order, and money arrived later: provision it all the same?
    PaidAfterCancellation {
        /// When it was paid.
        paid_at: Timestamp,
    },
    /// A termination cannot be called back any more, and money arrived: keep what is left, or give it back?
    PaidDuringTermination {
        /// When it was paid.
        paid_at: Timestamp,
    },
    /// The accounts are gone, and money arrived later: provision anew, or give it back?
    PaidAfterTermination {
        /// When it was paid.
        paid_at: Timestamp,
    },
    /// An event lies in the future; what comes after it would not count.
    EventInTheFuture {
        /// Its time.
        occurred_at: Timestamp,
    },
}

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Terminate {
                event,
                suspended_since,
                grace_over_since,
            } => write!(
                f,
                "{}; suspended since {suspended_since}, and the grace period is over since {grace_over_since}: terminate \
                 the account and destroy its data?",
                event.words()
            ),
            Self::PartlyRefunded { occurred_at } => write!(
                f,
                "some of the payment was refunded on {occurred_at}: does the order stay as it is?"
            ),
            Self::PaidAfterCancellation { paid_at } => write!(
                f,
                "the order was cancelled by hand and paid on {paid_at}: provision it all the same, or give the money back?"
            ),
            Self::PaidDuringTermination { paid_at } => write!(
                f,
                "the order was paid on {paid_at} while its account was being terminated: see what is left of it, unsuspend \
                 that, or give the money back?"
            ),
            Self::PaidAfterTermination { paid_at } => write!(
                f,
                "the account is terminated and the order was paid on {paid_at}: provision it anew, or give the money back?"
            ),
            Self::EventInTheFuture { occurred_at } => write!(
                f,
                "a payment event is dated {occurred_at}, which is in the future, so nothing that happens before then \
                 would count: check the sender's clock"
            ),
        }
    }
}
