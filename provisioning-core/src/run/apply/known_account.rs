//! What outcomes and look-ups mean for accounts that were known before the step.

use jiff::Timestamp;

use super::{Context, elapsed};
use crate::plan::account::{AccountState, KnownAccount};
use crate::plan::action::Action;
use crate::plan::retry::later;
use crate::plan::verb::LookUpBy;
use crate::run::account_reading::AccountReading;
use crate::run::attention::Attention;
use crate::run::facts::{Facts, MarkReading};
use crate::run::finding::{Finding, Match};
use crate::run::step_state::{Phase, StepState};

/// What a look-up has shown of a known account.
enum Whereabouts {
    /// It is there, as it was.
    There,
    /// The id leads to an account that is not ours.
    OtherAccount,
    /// It is not there, and the panel has shown everything.
    Gone,
    /// It was not seen, but the list may lack rows.
    NotSeen,
}

impl Context<'_> {
    /// A good answer: done, unless it is one about something else.
    pub(super) fn ok_about_known(&self, state: &mut StepState, facts: &Facts, now: Timestamp) {
        state.phase = match (&self.step.action, facts) {
            (Action::CheckAccount(check), Facts::AccountReading(reading)) => {
                let failures = reading.failures(&check.account, &check.expected);
                if failures.is_empty() {
                    Phase::Done(facts.clone())
                } else {
                    Phase::Parked(Attention::VerificationFailed { failures })
                }
            }
            (action, Facts::Nothing) if action.brings_about().is_some() => {
                Phase::Done(Facts::Nothing)
            }
            _ => return self.unknown(state, "the reply does not belong to this step", now),
        };
    }

    /// "There is no such account": what was wanted, where it is the check of a removal; to be looked at once more where
    /// it is the removal itself. `false` where neither is the case.
    pub(super) fn known_is_not_found(
        &self,
        state: &mut StepState,
        text: &str,
        now: Timestamp,
    ) -> bool {
        if let Action::CheckAccount(check) = &self.step.action
            && check.expected == AccountState::Gone
        {
            state.phase = Phase::Done(Facts::AccountReading(AccountReading::Gone));
            return true;
        }
        let looked_up = self.declaration().look_up != LookUpBy::Nothing;
        if self.step.action.brings_about() != Some(AccountState::Gone) || !looked_up {
            return false;
        }
        // The account may be gone, or the request may not have reached the panel it was meant for.
        self.unknown(state, text, now);
        true
    }

    /// A look-up for an account whose id is known. It is gone only if the panel says so; as long as it is there, nothing
    /// is sent again before the earlier request can no longer arrive.
    pub(super) fn looked_up_known(
        &self,
        state: &mut StepState,
        known: &KnownAccount,
        finding: &Finding,
        now: Timestamp,
    ) {
        match finding {
            Finding::Read { matches, whole, .. } => match whereabouts(known, matches, *whole) {
                Whereabouts::There => self.still_there(state, now),
                Whereabouts::OtherAccount => state.phase = Phase::Parked(Attention::Foreign),
                Whereabouts::Gone => self.gone(state, known),
                Whereabouts::NotSeen => self.look_again_at_known(
                    state,
                    "the list the panel sent cannot be shown to be whole",
                    now,
                ),
            },
            Finding::NotPossible {
                text,
                not_before: Some(not_before),
            } => {
                // The server asked for a pause: it costs no attempt, but some time always passes.
                let not_before = self.after_pause(state, *not_before, now);
                state.look_up(now, Some(not_before), text);
            }
            Finding::NotPossible {
                text,
                not_before: None,
            } => self.look_again_at_known(state, text, now),
            Finding::Denied { barrier, text } => {
                state.phase = Phase::Parked(Attention::Denied {
                    barrier: barrier.clone(),
                    text: text.clone(),
                    looking_up: true,
                });
            }
        }
    }

    fn gone(&self, state: &mut StepState, known: &KnownAccount) {
        state.may_exist_here = false;
        state.phase = if self.step.action.brings_about() == Some(AccountState::Gone) {
            Phase::Done(Facts::Nothing)
        } else {
            Phase::Parked(Attention::VerificationFailed {
                failures: vec![format!("{known} is gone")],
            })
        };
    }

    fn still_there(&self, state: &mut StepState, now: Timestamp) {
        if self.step.action.brings_about() != Some(AccountState::Gone) {
            // A verb that needs a look-up for anything else: that the account is there does not say how it is.
            state.phase = Phase::Parked(Attention::ChangeUnknown {
                text: "the account is there, and a look-up does not show what was done to it"
                    .to_owned(),
            });
            return;
        }
        let longest = self.declaration().longest_duration();
        // A finding says how things stood when the server was read, which may be long before it was recorded.
        let began = state.looking_from.unwrap_or(now);
        if elapsed(state.unknown_at, began) < longest {
            state.look_up(
                now,
                Some(later(now, longest)),
                "still there; a lost request may still arrive",
            );
            return;
        }
        state.may_exist_here = false;
        state.phase = if state.failures >= self.plan.retry.failures {
            Phase::Parked(Attention::Unreachable {
                text: "the call ended unknown again and again, and the account is still there"
                    .to_owned(),
            })
        } else {
            state.failures = state.failures.saturating_add(1);
            Phase::Ready {
                not_before: Some(
                    self.plan
                        .retry
                        .retry_at(now, &self.step.path, state.failures),
                ),
                why: Some("a look-up found the account still there".to_owned()),
            }
        };
    }

    fn look_again_at_known(&self, state: &mut StepState, text: &str, now: Timestamp) {
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.plan.retry.failures {
            state.phase = Phase::Parked(Attention::ChangeUnknown {
                text: text.to_owned(),
            });
        } else {
            let not_before = self
                .plan
                .retry
                .retry_at(now, &self.step.path, state.failures);
            state.look_up(now, Some(not_before), text);
        }
    }
}

/// The id decides which row is meant; username and mark decide whether it is still the same account.
fn whereabouts(known: &KnownAccount, matches: &[Match], whole: bool) -> Whereabouts {
    let row = matches
        .iter()
        .find(|found| found.remote_id == known.account.remote_id);
    match row {
        Some(row) if known.has_username(&row.username) && row.mark != MarkReading::Other => {
            Whereabouts::There
        }
        Some(_) => Whereabouts::OtherAccount,
        None if whole => Whereabouts::Gone,
        None => Whereabouts::NotSeen,
    }
}
