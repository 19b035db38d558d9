//! What the outcome of a call does to a step.

use jiff::Timestamp;

use super::Context;
use crate::plan::action::Action;
use crate::plan::verb::{Effect, LookUpBy};
use crate::run::attention::Attention;
use crate::run::facts::Facts;
use crate::run::outcome::{Because, Outcome};
use crate::run::step_state::{Phase, StepState};

impl Context<'_> {
    pub(super) fn outcome(&self, state: &mut StepState, outcome: &Outcome, now: Timestamp) {
        let is_pause = matches!(
            outcome,
            Outcome::NotSent {
                not_before: Some(_),
                ..
            }
        );
        if !is_pause {
            state.pauses = 0;
        }
        match outcome {
            Outcome::NotSent {
                text,
                retryable,
                not_before,
            } => self.not_sent(state, text, *retryable, *not_before, now),
            Outcome::Ok { facts } => self.ok(state, facts, now),
            Outcome::Unknown { text } => self.unknown(state, text, now),
            Outcome::Denied { barrier, text } => {
                state.phase = Phase::Parked(Attention::Denied {
                    barrier: barrier.clone(),
                    text: text.clone(),
                    looking_up: false,
                });
            }
            Outcome::Rejected { because, text } => self.rejected(state, *because, text, now),
        }
    }

    fn ok(&self, state: &mut StepState, facts: &Facts, now: Timestamp) {
        state.failures = 0;
        state.not_sent = 0;
        if self.step.action.known_account().is_some() {
            self.ok_about_known(state, facts, now);
            return;
        }
        if let Action::Mpanel(action) = &self.step.action {
            self.ok_on_mpanel(state, action, facts, now);
            return;
        }
        if let (Action::VerifyHostingAccount(verify), Facts::Verified(verified)) =
            (&self.step.action, facts)
        {
            let failures = match self.run.account(&verify.account) {
                Some(account) => verified.failures(&account.remote_id, &account.username),
                None => vec!["there is no account to verify".to_owned()],
            };
            if !failures.is_empty() {
                state.phase = Phase::Parked(Attention::VerificationFailed { failures });
                return;
            }
        }
        let fits = match (&self.step.action, facts) {
            (Action::CreateHostingAccount(create), Facts::HostingAccount(account)) => {
                let asked = create.usernames.get(state.candidate as usize);
                self.run.server_of(&self.step.path) == Some(&account.server)
                    && !account.remote_id.is_empty()
                    // Panels lower-case usernames; a difference in case is the same account.
                    && asked.is_some_and(|asked| {
                        account.username.eq_ignore_ascii_case(asked.as_str())
                    })
            }
            (Action::VerifyHostingAccount(_), Facts::Verified(_)) => true,
            _ => false,
        };
        if fits {
            state.phase = Phase::Done(facts.clone());
        } else {
            // An answer about something else is no answer: what was created, if anything, must be found.
            self.unknown(state, "the reply does not belong to this step", now);
        }
    }

    fn not_sent(
        &self,
        state: &mut StepState,
        text: &str,
        retryable: bool,
        not_before: Option<Timestamp>,
        now: Timestamp,
    ) {
        if let Some(not_before) = not_before {
            // The server asked for a pause: it costs no attempt.
            let not_before = self.after_pause(state, not_before, now);
            state.ready(Some(not_before), Some(text.to_owned()));
            return;
        }
        state.failures = state.failures.saturating_add(1);
        state.not_sent = state.not_sent.saturating_add(1);
        if !retryable {
            state.phase = Phase::Parked(Attention::Unreachable {
                text: text.to_owned(),
            });
            return;
        }
        let servers = match &self.step.action {
            Action::CreateHostingAccount(create) => create.servers.len(),
            _ => 1,
        };
        let last_server = state.server.saturating_add(1) >= servers;
        if state.not_sent >= self.plan.retry.not_sent_per_server
            && !state.may_exist_here
            && !last_server
        {
            // Every ranked server gets its own chance: what failed on one says nothing about the next.
            state.server += 1;
            state.not_sent = 0;
            state.failures = 0;
            state.ready(None, Some(text.to_owned()));
            return;
        }
        self.again_later(
            state,
            text,
            now,
            Attention::Unreachable {
                text: text.to_owned(),
            },
        );
    }

    /// Another try after a delay, or `attention` once the policy's failures are used up.
    fn again_later(&self, state: &mut StepState, why: &str, now: Timestamp, attention: Attention) {
        state.phase = if state.failures >= self.plan.retry.failures {
            Phase::Parked(attention)
        } else {
            Phase::Ready {
                not_before: Some(
                    self.plan
                        .retry
                        .retry_at(now, &self.step.path, state.failures),
                ),
                why: Some(why.to_owned()),
            }
        };
    }

    pub(super) fn unknown(&self, state: &mut StepState, text: &str, now: Timestamp) {
        state.not_sent = 0;
        state.failures = state.failures.saturating_add(1);
        let declaration = self.declaration();
        // Reading, or bringing about the same state once more, is harmless however the last call ended.
        if declaration.effect != Effect::Create && !declaration.destroys_data {
            self.again_later(
                state,
                text,
                now,
                Attention::Unreachable {
                    text: text.to_owned(),
                },
            );
            return;
        }
        state.unknown_candidates.insert(state.candidate);
        state.may_exist_here = true;
        state.unknown_at = Some(now);
        state.absent_since = None;
        match declaration.look_up {
            LookUpBy::NaturalKey { .. } => state.look_up(now, None, text),
            LookUpBy::Nothing => {
                let text = text.to_owned();
                state.phase = Phase::Parked(match self.step.action.known_account() {
                    Some(_) => Attention::ChangeUnknown { text },
                    None => Attention::NoLookUp { text },
                });
            }
        }
    }

    fn rejected(&self, state: &mut StepState, because: Because, text: &str, now: Timestamp) {
        state.not_sent = 0;
        if because == Because::NotFound && self.known_is_not_found(state, text, now) {
            return;
        }
        match because {
            // Taken by whom? If an earlier call with this name may have arrived, only a look-up can tell.
            Because::UsernameTaken if state.unknown_candidates.contains(&state.candidate) => {
                state.failures = state.failures.saturating_add(1);
                state.absent_since = None;
                if state.failures >= self.plan.retry.failures {
                    state.phase = Phase::Parked(Attention::LookUpImpossible {
                        text: text.to_owned(),
                    });
                } else {
                    state.look_up(now, None, text);
                }
            }
            Because::UsernameTaken => self.taken(state, text),
            // Something of this very step is gone or odd; reading again later may show it (a panel that is slow to list).
            Because::NotFound if self.declaration().effect == Effect::Read => {
                state.failures = state.failures.saturating_add(1);
                self.again_later(
                    state,
                    text,
                    now,
                    Attention::VerificationFailed {
                        failures: vec![format!("the panel does not find it: {text}")],
                    },
                );
            }
            // This request was refused, but an earlier one may have been executed, and be the reason.
            _ if state.may_exist_here => {
                state.refusal = Some((because, text.to_owned()));
                state.absent_since = None;
                state.look_up(now, None, text);
            }
            _ => {
                state.phase = Phase::Parked(Attention::Refused {
                    because,
                    text: text.to_owned(),
                })
            }
        }
    }

    /// The name is taken, and by no call of this journal. A stranger has it, or a run of this order whose journal was lost:
    /// that one would get a second account under the next name.
    fn taken(&self, state: &mut StepState, text: &str) {
        if self.declaration().look_up == LookUpBy::Nothing {
            self.next_candidate(state);
            return;
        }
        state.taken = true;
        state.absent_since = None;
        state.phase = Phase::LookingUp {
            not_before: None,
            text: text.to_owned(),
        };
    }

    pub(super) fn next_candidate(&self, state: &mut StepState) {
        let candidates = match &self.step.action {
            Action::CreateHostingAccount(create) => create.usernames.len(),
            _ => 0,
        };
        state.taken = false;
        let tried = state.candidate.saturating_add(1);
        if (tried as usize) < candidates {
            state.candidate = tried;
            state.ready(None, Some("the username is taken".to_owned()));
        } else {
            state.phase = Phase::Parked(Attention::CandidatesUsedUp { tried });
        }
    }
}
