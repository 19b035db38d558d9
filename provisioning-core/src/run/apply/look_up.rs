//! What a look-up does to a step.

use jiff::Timestamp;

use super::{Context, elapsed};
use crate::plan::action::Action;
use crate::plan::retry::later;
use crate::plan::verb::WhenForeign;
use crate::run::attention::Attention;
use crate::run::facts::{Facts, HostingAccount, LoginReading, Proof, Provided};
use crate::run::finding::{Finding, Verdict, judge};
use crate::run::step_state::{Phase, StepState};

impl Context<'_> {
    pub(super) fn looked_up(&self, state: &mut StepState, finding: &Finding, now: Timestamp) {
        let is_pause = matches!(
            finding,
            Finding::NotPossible {
                not_before: Some(_),
                ..
            }
        );
        if !is_pause {
            state.pauses = 0;
        }
        if let Some(known) = self.step.action.known_account() {
            self.looked_up_known(state, known, finding, now);
            return;
        }
        let verdict = judge(finding);
        if state.taken && self.looked_up_taken(state, &verdict) {
            return;
        }
        match verdict {
            Verdict::Ours { found, proof } => {
                self.adopt(state, found.remote_id, found.username, proof)
            }
            Verdict::Foreign => match self.declaration().when_foreign {
                // The name is held by somebody else, so a request of ours that is still under way will be refused;
                // a server that takes a name twice would execute it all the same.
                WhenForeign::NextCandidate if self.declaration().refuses_second() => {
                    state.absent_since = None;
                    state.may_exist_here = false;
                    self.next_candidate(state);
                }
                _ => state.phase = Phase::Parked(Attention::Foreign),
            },
            Verdict::Absent => self.absent(state, now),
            Verdict::Several(matches) => {
                state.phase = Phase::Parked(Attention::Several { matches })
            }
            Verdict::Undecidable(matches) => {
                state.phase = Phase::Parked(Attention::NotProvable { matches })
            }
            Verdict::NotWhole => {
                self.look_again(
                    state,
                    "the list the panel sent cannot be shown to be whole",
                    now,
                );
            }
            Verdict::NotPossible(text, Some(not_before)) => {
                // The server asked for a pause: it costs no attempt.
                let not_before = self.after_pause(state, not_before, now);
                state.look_up(now, Some(not_before), text);
            }
            Verdict::NotPossible(text, None) => self.look_again(state, &text, now),
            Verdict::Denied(barrier, text) => {
                state.phase = Phase::Parked(Attention::Denied {
                    barrier,
                    text,
                    looking_up: true,
                });
            }
        }
    }

    /// Who holds a name that no call of this journal can have taken. Whether that is settled by what was found.
    fn looked_up_taken(&self, state: &mut StepState, verdict: &Verdict) -> bool {
        match verdict {
            // The password of this very step opens it: a journal that was restored from before the call.
            Verdict::Ours { found, .. } if found.login == LoginReading::Proved => return false,
            // Our mark and another password: the journal that made it is lost, and a second account would be one too many.
            Verdict::Ours { found, .. } => {
                state.may_exist_here = true;
                state.phase = Phase::Parked(Attention::PasswordUnknown {
                    remote_id: found.remote_id.clone(),
                });
            }
            Verdict::Foreign | Verdict::Absent | Verdict::Undecidable(_) | Verdict::NotWhole => {
                self.next_candidate(state);
            }
            Verdict::Several(_) | Verdict::NotPossible(..) | Verdict::Denied(..) => return false,
        }
        true
    }

    fn look_again(&self, state: &mut StepState, text: &str, now: Timestamp) {
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.plan.retry.failures {
            state.phase = Phase::Parked(Attention::LookUpImpossible {
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

    fn adopt(&self, state: &mut StepState, remote_id: String, username: String, proof: Proof) {
        if let Action::Mpanel(action) = &self.step.action {
            self.adopt_on_mpanel(state, action, remote_id, proof);
            return;
        }
        if let Action::Provide(_) = &self.step.action {
            state.failures = 0;
            state.phase = Phase::Done(Facts::Provided(Provided { remote_id, proof }));
            return;
        }
        let Some(server) = self.run.server_of(&self.step.path).cloned() else {
            state.phase = Phase::Parked(Attention::LookUpImpossible {
                text: "the plan names no server".to_owned(),
            });
            return;
        };
        let credential_is_there = self
            .step
            .action
            .credential()
            .is_none_or(|credential| self.run.sealed(credential).is_some());
        state.failures = 0;
        state.taken = false;
        state.phase = if credential_is_there {
            Phase::Done(Facts::HostingAccount(HostingAccount {
                remote_id,
                username,
                server,
                proof,
            }))
        } else {
            Phase::Parked(Attention::PasswordUnknown { remote_id })
        };
    }

    /// Nothing was found. A request that was lost may still arrive.
    fn absent(&self, state: &mut StepState, now: Timestamp) {
        let declaration = self.declaration();
        let longest = declaration.longest_duration();
        // A finding says how things stood when the server was read, which may be long before it was recorded. The first
        // one was recorded after the request had left for certain; only a look-up that cannot have begun earlier than
        // the longest duration after that saw everything that could come.
        let began = state.looking_from.unwrap_or(now);
        let first = *state.absent_since.get_or_insert(now);
        let can_no_longer_arrive = elapsed(Some(first), began) >= longest;
        if can_no_longer_arrive {
            state.nothing_here();
        }
        if let Some((because, text)) = state.refusal.take() {
            state.phase = Phase::Parked(Attention::Refused { because, text });
        } else if state.failures >= self.plan.retry.failures {
            state.phase = Phase::Parked(Attention::Unreachable {
                text: "the call ended unknown again and again, and look-ups found nothing"
                    .to_owned(),
            });
        } else if declaration.refuses_second() || can_no_longer_arrive {
            // The first resend is not delayed; a server that keeps failing is given time.
            let not_before = (state.failures > 1).then(|| {
                self.plan
                    .retry
                    .retry_at(now, &self.step.path, state.failures)
            });
            state.ready(not_before, Some("a look-up found nothing".to_owned()));
        } else {
            state.look_up(
                now,
                Some(later(now, longest)),
                "nothing found yet; a lost request may still arrive",
            );
        }
    }
}
