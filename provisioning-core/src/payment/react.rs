//! What to do about how the payment stands.

use std::time::Duration;

use jiff::Timestamp;

use super::policy::{PaymentPolicy, TerminationPolicy};
use super::position::{Accounts, Provisioning, RunPosition};
use super::reaction::{Question, Reaction};
use super::state::{PaymentState, Standing};
use super::termination::{AllowedBy, NotTerminable, TerminationGrounds, ripe_at};
use crate::order::PaymentEventKind;
use crate::plan::retry::later;

/// How far a sender's clock may be ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_secs(60 * 60);

/// What to do about how the payment of an order stands, given how far its runs have come.
///
/// Unpaid before the first hosting request: the run is cancelled. Unpaid afterwards: what exists is suspended, and
/// removed only after the policy's grace period, by a person's word or a policy that says so. Paid again: what was
/// undone for lack of payment is taken up again, and nothing else.
///
/// ```
/// use jiff::Timestamp;
/// use provisioning_core::order::PaymentEventKind;
/// use provisioning_core::payment::{PaymentPolicy, PaymentState, Reaction, RunPosition, react};
///
/// let now = Timestamp::from_second(1_800_000_000)?;
/// let refunded = PaymentState::default().with(PaymentEventKind::Refunded, now);
/// let reaction = react(&refunded, &RunPosition::default(), &PaymentPolicy::default(), now);
/// assert_eq!(reaction, Reaction::CancelBeforeHosting { event: PaymentEventKind::Refunded });
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn react(
    state: &PaymentState,
    position: &RunPosition,
    policy: &PaymentPolicy,
    now: Timestamp,
) -> Reaction {
    if let Some(occurred_at) = state.newest()
        && occurred_at > later(now, CLOCK_SKEW)
    {
        return Reaction::AskHuman(Question::EventInTheFuture { occurred_at });
    }
    match state.standing() {
        Standing::Unpaid { kind, since } => unpaid(state, position, policy, now, kind, since),
        Standing::Paid { since } => paid(state, position, since),
    }
}

fn unpaid(
    state: &PaymentState,
    position: &RunPosition,
    policy: &PaymentPolicy,
    now: Timestamp,
    kind: PaymentEventKind,
    since: Timestamp,
) -> Reaction {
    let grace_until = later(since, policy.failed_payment_grace);
    let in_grace = kind == PaymentEventKind::PaymentFailed && now < grace_until;
    let wait = || Reaction::Wait {
        until: grace_until,
        why: "a payment that was due did not arrive; it may be tried again".to_owned(),
    };
    match position.provisioning {
        Provisioning::NotBegun => return Reaction::CancelBeforeHosting { event: kind },
        Provisioning::UnderWay if in_grace => return wait(),
        Provisioning::UnderWay => return Reaction::CancelUnderWay { event: kind },
        // What it turns out to have made is suspended then.
        Provisioning::Cancelled { at_rest: false, .. } => return Reaction::Nothing,
        Provisioning::Settled | Provisioning::Cancelled { .. } => {}
    }
    match position.accounts {
        Accounts::None | Accounts::Gone { .. } | Accounts::Terminating { .. } => Reaction::Nothing,
        Accounts::Serving if in_grace => wait(),
        Accounts::Serving => Reaction::Suspend { event: kind },
        Accounts::Suspended { .. } => terminate(state, position, policy, now),
    }
}

fn terminate(
    state: &PaymentState,
    position: &RunPosition,
    policy: &PaymentPolicy,
    now: Timestamp,
) -> Reaction {
    let after = match &policy.termination {
        TerminationPolicy::Never => return Reaction::Nothing,
        TerminationPolicy::AskHuman { after } | TerminationPolicy::Terminate { after, .. } => {
            *after
        }
    };
    let wait = |until| Reaction::Wait {
        until,
        why: "suspended for lack of payment; the grace period runs".to_owned(),
    };
    match &policy.termination {
        TerminationPolicy::Terminate { name, .. } => {
            let allowed_by = AllowedBy::Policy { name: name.clone() };
            match TerminationGrounds::establish(state, position, after, allowed_by, now) {
                Ok(grounds) => Reaction::Terminate(grounds),
                Err(NotTerminable::GraceNotOver { until }) => wait(until),
                Err(_) => Reaction::Nothing,
            }
        }
        _ => match ripe_at(state, position, after) {
            Ok((event, suspended_since, grace_over_since)) if now >= grace_over_since => {
                Reaction::AskHuman(Question::Terminate {
                    event,
                    suspended_since,
                    grace_over_since,
                })
            }
            Ok((_, _, until)) => wait(until),
            Err(_) => Reaction::Nothing,
        },
    }
}

fn paid(state: &PaymentState, position: &RunPosition, since: Option<Timestamp>) -> Reaction {
    match position.accounts {
        Accounts::Terminating { begun: false } => return Reaction::CancelTermination,
        Accounts::Terminating { begun: true } => {
            return since.map_or(Reaction::Nothing, |paid_at| {
                Reaction::AskHuman(Question::PaidDuringTermination { paid_at })
            });
        }
        Accounts::Suspended {
            for_payment: true, ..
        } => return Reaction::Unsuspend,
        Accounts::Gone { at } => {
            return match since.filter(|paid_at| *paid_at > at) {
                Some(paid_at) => Reaction::AskHuman(Question::PaidAfterTermination { paid_at }),
                None => Reaction::Nothing,
            };
        }
        Accounts::None | Accounts::Serving | Accounts::Suspended { .. } => {}
    }
    if let Provisioning::Cancelled {
        by_payment,
        at,
        at_rest,
    } = position.provisioning
    {
        return match (by_payment, at_rest, position.accounts) {
            // It may come to rest with or without an account; lifting the cancellation is right either way.
            (true, false, _) | (true, true, Accounts::Serving) => Reaction::Reinstate,
            (true, true, Accounts::None) => Reaction::Resubmit,
            (true, true, _) => Reaction::Nothing,
            (false, ..) => match since.filter(|paid_at| *paid_at > at) {
                Some(paid_at) => Reaction::AskHuman(Question::PaidAfterCancellation { paid_at }),
                None => Reaction::Nothing,
            },
        };
    }
    if let Some(amendment) = state.amendment().map(super::Amendment::id)
        && position.provisioning != Provisioning::UnderWay
        && position.amendment.is_none_or(|planned| planned < amendment)
    {
        return Reaction::Amend(amendment);
    }
    match state.partly_refunded() {
        Some(occurred_at) => Reaction::AskHuman(Question::PartlyRefunded { occurred_at }),
        None => Reaction::Nothing,
    }
}
