//! What an event does to a run. Every event is checked first and changes nothing if it is refused.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::attention::Attention;
use super::event::{Answer, Entry, Event, Intent};
use super::facts::{Facts, HostingAccount, Proof};
use super::finding::{Finding, Verdict, judge};
use super::outcome::{Because, Outcome};
use super::step_state::{Phase, StepState};
use super::{NotAllowed, Run};
use crate::plan::Plan;
use crate::plan::action::Action;
use crate::plan::id::StepPath;
use crate::plan::retry::later;
use crate::plan::step::{Criticality, Step};
use crate::plan::verb::{Effect, LookUpBy, VerbDeclaration, WhenForeign};

fn refuse<T>(why: impl Into<String>) -> Result<T, NotAllowed> {
    Err(NotAllowed(why.into()))
}

pub(super) fn apply(run: &mut Run, entry: &Entry) -> Result<(), NotAllowed> {
    let now = entry.at;
    match &entry.event {
        Event::CredentialSealed(sealed) => {
            if run.plan().credential(&sealed.credential).is_none() {
                return refuse(format!(
                    "the plan has no credential `{}`",
                    sealed.credential
                ));
            }
            if run.sealed.contains_key(&sealed.credential) {
                return refuse(format!(
                    "credential `{}` is sealed already; it is made once",
                    sealed.credential
                ));
            }
            run.sealed.insert(sealed.credential.clone(), sealed.clone());
            Ok(())
        }
        Event::Intent(intent) => record_intent(run, intent, now),
        Event::Outcome {
            step,
            attempt,
            outcome,
        } => {
            in_flight(run, step, *attempt)?;
            change(run, step, |context, state| {
                context.outcome(state, outcome, now)
            })
        }
        Event::Interrupted { step, attempt } => {
            in_flight(run, step, *attempt)?;
            let outcome = Outcome::Unknown {
                text: "the process ended before the outcome was recorded".to_owned(),
            };
            change(run, step, |context, state| {
                context.outcome(state, &outcome, now)
            })
        }
        Event::LookedUp { step, finding } => {
            if !matches!(state_of(run, step)?.phase, Phase::LookingUp { .. }) {
                return refuse(format!("step `{step}` has no unknown outcome to look up"));
            }
            change(run, step, |context, state| {
                context.looked_up(state, finding, now)
            })
        }
        Event::HumanAnswered { step, answer, by } => human_answered(run, step, answer, by),
        Event::Resumed { .. } => {
            let parked: Vec<StepPath> = run
                .parked()
                .into_iter()
                .map(|(path, _)| path.clone())
                .collect();
            for step in parked {
                change(run, &step, |_, state| try_again(state))?;
            }
            Ok(())
        }
        Event::ManualConfirmed { step, by } => {
            let state = state_of_mut(run, step)?;
            if state.phase != (Phase::Manual { confirmed_by: None }) {
                return refuse(format!("step `{step}` is no open manual step"));
            }
            state.phase = Phase::Manual {
                confirmed_by: Some(by.clone()),
            };
            Ok(())
        }
        Event::CredentialConfirmed { credential, by } => {
            if !run.sealed.contains_key(credential) {
                return refuse(format!("credential `{credential}` was never made"));
            }
            if run.confirmed.contains_key(credential) {
                return refuse(format!("credential `{credential}` is confirmed already"));
            }
            if !run.plan().steps.iter().any(|step| match &step.action {
                Action::HandOver(hand_over) => {
                    hand_over.credentials.contains(credential) && run.needs_are_met(&step.needs)
                }
                _ => false,
            }) {
                return refuse(format!(
                    "credential `{credential}` does not work yet; it cannot be handed over"
                ));
            }
            run.confirmed.insert(credential.clone(), by.clone());
            Ok(())
        }
        Event::CredentialErased { credential } => {
            if !run.confirmed.contains_key(credential) {
                return refuse(format!(
                    "credential `{credential}` is not confirmed; erasing it would lose it"
                ));
            }
            if !run.erased.insert(credential.clone()) {
                return refuse(format!("credential `{credential}` is erased already"));
            }
            if let Some(sealed) = run.sealed.get_mut(credential) {
                sealed.sealed.clear();
            }
            // The journal keeps the fact that it was sealed, not the bytes.
            for entry in &mut run.journal.entries {
                if let Event::CredentialSealed(sealed) = &mut entry.event
                    && sealed.credential == *credential
                {
                    sealed.sealed.clear();
                }
            }
            Ok(())
        }
        Event::Cancelled { by, reason } => {
            if run.cancelled.is_some() {
                return refuse("the run is cancelled already");
            }
            run.cancelled = Some((by.clone(), reason.clone()));
            Ok(())
        }
    }
}

fn state_of<'a>(run: &'a Run, path: &StepPath) -> Result<&'a StepState, NotAllowed> {
    run.steps
        .get(path)
        .ok_or_else(|| NotAllowed(format!("the plan has no step `{path}`")))
}

fn state_of_mut<'a>(run: &'a mut Run, path: &StepPath) -> Result<&'a mut StepState, NotAllowed> {
    run.steps
        .get_mut(path)
        .ok_or_else(|| NotAllowed(format!("the plan has no step `{path}`")))
}

fn in_flight(run: &Run, path: &StepPath, attempt: u32) -> Result<(), NotAllowed> {
    let state = state_of(run, path)?;
    if state.phase != Phase::InFlight || state.attempt != attempt {
        return refuse(format!(
            "step `{path}` has no call number {attempt} under way"
        ));
    }
    Ok(())
}

fn record_intent(run: &mut Run, intent: &Intent, now: Timestamp) -> Result<(), NotAllowed> {
    let path = &intent.step;
    let Some(step) = run.plan().step(path) else {
        return refuse(format!("the plan has no step `{path}`"));
    };
    let state = state_of(run, path)?;
    let Phase::Ready { not_before, .. } = &state.phase else {
        return refuse(format!("step `{path}` is not ready to be called"));
    };
    if not_before.is_some_and(|not_before| now < not_before) {
        return refuse(format!("step `{path}` must wait"));
    }
    if run.cancelled.is_some() {
        return refuse("the run is cancelled");
    }
    if !run.needs_are_met(&step.needs) {
        return refuse(format!("step `{path}` needs steps that are not done"));
    }
    if let Some(credential) = step.action.credential()
        && !run.sealed.contains_key(credential)
    {
        return refuse(format!(
            "step `{path}` needs the credential `{credential}` sealed first"
        ));
    }
    let expected = Intent {
        step: path.clone(),
        attempt: state.attempt.saturating_add(1),
        candidate: state.candidate,
        server: run.server_of(path).cloned(),
        key: run.plan().id.idempotency_key(path, state.candidate),
    };
    if *intent != expected {
        return refuse(format!(
            "the Intent of step `{path}` is not the one that is due"
        ));
    }
    let state = state_of_mut(run, path)?;
    state.attempt = intent.attempt;
    state.last_intent_at = Some(now);
    state.phase = Phase::InFlight;
    Ok(())
}

/// Changes one step with the plan at hand, then settles what the change means for steps that others depend on.
fn change(
    run: &mut Run,
    path: &StepPath,
    how: impl FnOnce(&Context<'_>, &mut StepState),
) -> Result<(), NotAllowed> {
    let Some(state) = run.steps.get(path) else {
        return refuse(format!("the plan has no step `{path}`"));
    };
    let mut state = state.clone();
    {
        let Some(step) = run.plan().step(path) else {
            return refuse(format!("the plan has no step `{path}`"));
        };
        how(
            &Context {
                run,
                plan: run.plan(),
                step,
            },
            &mut state,
        );
        give_up_what_nobody_needs(step, &mut state);
    }
    run.steps.insert(path.clone(), state);
    Ok(())
}

/// A best-effort step never holds the order up: where others would be parked, it is given up with a note.
fn give_up_what_nobody_needs(step: &Step, state: &mut StepState) {
    if step.criticality == Criticality::BestEffort
        && !state.may_exist_here
        && let Phase::Parked(attention) = &state.phase
    {
        state.phase = Phase::GivenUp {
            why: attention.to_string(),
        };
    }
}

fn try_again(state: &mut StepState) {
    let looking_up = matches!(
        state.phase,
        Phase::Parked(
            Attention::Denied {
                looking_up: true,
                ..
            } | Attention::LookUpImpossible { .. }
                | Attention::NotProvable { .. }
                | Attention::Several { .. }
                | Attention::PasswordUnknown { .. }
        )
    );
    if !matches!(state.phase, Phase::Parked(_)) {
        return;
    }
    state.failures = 0;
    state.not_sent = 0;
    // A step that may have created something is only ever taken up again by looking.
    state.phase = if looking_up || state.may_exist_here {
        Phase::LookingUp {
            not_before: None,
            text: "taken up again".to_owned(),
        }
    } else {
        Phase::Ready {
            not_before: None,
            why: None,
        }
    };
}

fn human_answered(
    run: &mut Run,
    path: &StepPath,
    answer: &Answer,
    by: &str,
) -> Result<(), NotAllowed> {
    let Phase::Parked(attention) = &state_of(run, path)?.phase else {
        return refuse(format!("step `{path}` asks nothing"));
    };
    match answer {
        Answer::Exists { .. } if !attention.may_exist() => {
            return refuse(format!(
                "step `{path}`: \"it exists\" is no answer to: {attention}"
            ));
        }
        Answer::SendAgain if !attention.may_be_sent_again() => {
            return refuse(format!(
                "step `{path}`: \"send again\" is no answer to: {attention}"
            ));
        }
        _ => {}
    }
    let server = run.server_of(path).cloned();
    change(run, path, |context, state| match answer {
        Answer::Exists {
            remote_id,
            username,
        } => {
            let candidate = match &context.step.action {
                Action::CreateHostingAccount(create) => {
                    create.usernames.get(state.candidate as usize)
                }
                _ => None,
            };
            let username = username
                .clone()
                .or_else(|| candidate.map(|name| name.as_str().to_owned()));
            if let (Some(server), Some(username)) = (server, username) {
                state.phase = Phase::Done(Facts::HostingAccount(HostingAccount {
                    remote_id: remote_id.clone(),
                    username,
                    server,
                    proof: Proof::SaidBy { by: by.to_owned() },
                }));
            }
        }
        Answer::SendAgain => {
            state.failures = 0;
            state.not_sent = 0;
            state.phase = Phase::Ready {
                not_before: None,
                why: None,
            };
        }
        Answer::TryAgain => try_again(state),
        Answer::Abandon => {
            state.phase = Phase::GivenUp {
                why: format!("given up by {by}"),
            }
        }
    })
}

struct Context<'a> {
    run: &'a Run,
    plan: &'a Plan,
    step: &'a Step,
}

impl Context<'_> {
    fn declaration(&self) -> VerbDeclaration {
        self.step
            .verb
            .clone()
            .unwrap_or_else(VerbDeclaration::undeclared)
    }

    fn outcome(&self, state: &mut StepState, outcome: &Outcome, now: Timestamp) {
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
            (Action::CreateHostingAccount(_), Facts::HostingAccount(account)) => {
                self.run.server_of(&self.step.path) == Some(&account.server)
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
            state.phase = Phase::Ready {
                not_before: Some(not_before),
                why: Some(text.to_owned()),
            };
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
            state.server += 1;
            state.not_sent = 0;
            state.phase = Phase::Ready {
                not_before: None,
                why: Some(text.to_owned()),
            };
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

    fn unknown(&self, state: &mut StepState, text: &str, now: Timestamp) {
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
        state.absent_since = None;
        state.phase = match declaration.look_up {
            LookUpBy::NaturalKey { .. } => Phase::LookingUp {
                not_before: None,
                text: text.to_owned(),
            },
            LookUpBy::Nothing => Phase::Parked(Attention::NoLookUp {
                text: text.to_owned(),
            }),
        };
    }

    fn rejected(&self, state: &mut StepState, because: Because, text: &str, now: Timestamp) {
        state.not_sent = 0;
        match because {
            // Taken by whom? If an earlier call with this name may have arrived, only a look-up can tell.
            Because::UsernameTaken if state.unknown_candidates.contains(&state.candidate) => {
                state.failures = state.failures.saturating_add(1);
                state.absent_since = None;
                state.phase = if state.failures >= self.plan.retry.failures {
                    Phase::Parked(Attention::LookUpImpossible {
                        text: text.to_owned(),
                    })
                } else {
                    Phase::LookingUp {
                        not_before: None,
                        text: text.to_owned(),
                    }
                };
            }
            Because::UsernameTaken => self.next_candidate(state),
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
            _ => {
                state.phase = Phase::Parked(Attention::Refused {
                    because,
                    text: text.to_owned(),
                })
            }
        }
    }

    fn next_candidate(&self, state: &mut StepState) {
        let candidates = match &self.step.action {
            Action::CreateHostingAccount(create) => create.usernames.len(),
            _ => 0,
        };
        let tried = state.candidate.saturating_add(1);
        state.phase = if (tried as usize) < candidates {
            state.candidate = tried;
            Phase::Ready {
                not_before: None,
                why: Some("the username is taken".to_owned()),
            }
        } else {
            Phase::Parked(Attention::CandidatesUsedUp { tried })
        };
    }

    fn looked_up(&self, state: &mut StepState, finding: &Finding, now: Timestamp) {
        match judge(finding) {
            Verdict::Ours { found, proof } => {
                self.adopt(state, found.remote_id, found.username, proof)
            }
            Verdict::Foreign => match self.declaration().when_foreign {
                // The name is held by somebody else, so a request of ours that is still under way will be refused.
                WhenForeign::NextCandidate => {
                    state.absent_since = None;
                    state.may_exist_here = false;
                    self.next_candidate(state);
                }
                WhenForeign::Reject | WhenForeign::AskHuman => {
                    state.phase = Phase::Parked(Attention::Foreign)
                }
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
                state.phase = Phase::LookingUp {
                    not_before: Some(not_before),
                    text,
                };
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

    fn look_again(&self, state: &mut StepState, text: &str, now: Timestamp) {
        state.failures = state.failures.saturating_add(1);
        state.phase = if state.failures >= self.plan.retry.failures {
            Phase::Parked(Attention::LookUpImpossible {
                text: text.to_owned(),
            })
        } else {
            Phase::LookingUp {
                not_before: Some(
                    self.plan
                        .retry
                        .retry_at(now, &self.step.path, state.failures),
                ),
                text: text.to_owned(),
            }
        };
    }

    fn adopt(&self, state: &mut StepState, remote_id: String, username: String, proof: Proof) {
        let Some(server) = self.run.server_of(&self.step.path).cloned() else {
            return;
        };
        let credential_is_there = self
            .step
            .action
            .credential()
            .is_none_or(|credential| self.run.sealed(credential).is_some());
        state.failures = 0;
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
        let first = *state.absent_since.get_or_insert(now);
        let can_no_longer_arrive =
            elapsed(state.last_intent_at, now) >= longest && elapsed(Some(first), now) >= longest;
        if can_no_longer_arrive {
            state.may_exist_here = false;
            state.unknown_candidates.remove(&state.candidate);
        }
        let server_refuses_second = declaration.look_up
            == LookUpBy::NaturalKey {
                refuses_second: true,
            };
        if state.failures >= self.plan.retry.failures {
            state.phase = Phase::Parked(Attention::Unreachable {
                text: "the call ended unknown again and again, and look-ups found nothing"
                    .to_owned(),
            });
        } else if server_refuses_second || can_no_longer_arrive {
            // The first resend is not delayed; a server that keeps failing is given time.
            let not_before = (state.failures > 1).then(|| {
                self.plan
                    .retry
                    .retry_at(now, &self.step.path, state.failures)
            });
            state.phase = Phase::Ready {
                not_before,
                why: Some("a look-up found nothing".to_owned()),
            };
        } else {
            state.phase = Phase::LookingUp {
                not_before: Some(later(now, longest)),
                text: "nothing found yet; a lost request may still arrive".to_owned(),
            };
        }
    }
}

fn elapsed(since: Option<Timestamp>, now: Timestamp) -> Duration {
    since
        .map(|since| now.duration_since(since))
        .filter(SignedDuration::is_positive)
        .map_or(Duration::ZERO, SignedDuration::unsigned_abs)
}
