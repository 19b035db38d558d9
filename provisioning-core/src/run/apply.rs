//! What an event does to a run. Every event is checked first and changes nothing if it is refused.

mod answer;
mod call;
mod known_account;
mod look_up;
mod mpanel;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::directive::Directive;
use super::event::{Entry, Event, Intent};
use super::outcome::Outcome;
use super::step_state::{Phase, StepState};
use super::{NotAllowed, Run};
use crate::plan::Plan;
use crate::plan::action::Action;
use crate::plan::id::StepPath;
use crate::plan::step::{Criticality, Step};
use crate::plan::verb::VerbDeclaration;

use answer::{human_answered, try_again};

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
        Event::HumanAnswered { step, answer, by } => human_answered(run, step, answer, by, now),
        Event::Resumed { .. } => {
            let parked: Vec<StepPath> = run
                .parked()
                .into_iter()
                .map(|(path, _)| path.clone())
                .collect();
            for step in parked {
                change(run, &step, |context, state| try_again(context, state, now))?;
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
                    hand_over.credentials.contains(credential) && run.works(step, credential)
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
            if let [Directive::Done(_)] = run.next(now).as_slice() {
                return refuse("the run is over; there is nothing left to cancel");
            }
            run.cancelled = Some((by.clone(), reason.clone()));
            Ok(())
        }
        Event::Reinstated { .. } => {
            if run.cancelled.take().is_none() {
                return refuse("the run is not cancelled");
            }
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
    // Earlier builds took the next name without looking who holds the one before.
    let passes_over = state.taken
        && matches!(state.phase, Phase::LookingUp { .. })
        && step.action.has_candidate(intent.candidate)
        && intent.candidate == state.candidate.saturating_add(1);
    let candidate = if passes_over {
        intent.candidate
    } else {
        state.candidate
    };
    let not_before = match &state.phase {
        Phase::Ready { not_before, .. } => *not_before,
        _ if passes_over => None,
        _ => return refuse(format!("step `{path}` is not ready to be called")),
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
        candidate,
        server: run.server_of(path).cloned(),
        key: run.plan().id.idempotency_key(path, candidate),
    };
    if *intent != expected {
        return refuse(format!(
            "the Intent of step `{path}` is not the one that is due"
        ));
    }
    let state = state_of_mut(run, path)?;
    state.attempt = intent.attempt;
    state.refusal = None;
    state.candidate = candidate;
    state.taken = false;
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

    /// When a server that asked for a pause is asked again: not before it wants, and each time in a row later by
    /// ourselves. A pause costs no attempt; without a delay of our own that grows, a server that keeps asking for a
    /// second would be called every second for ever.
    fn after_pause(&self, state: &mut StepState, wanted: Timestamp, now: Timestamp) -> Timestamp {
        state.pauses = state.pauses.saturating_add(1);
        wanted.max(self.plan.retry.retry_at(now, &self.step.path, state.pauses))
    }
}

/// How long it is from `since` to `until`; nothing if a clock went backwards or `since` is not known.
fn elapsed(since: Option<Timestamp>, until: Timestamp) -> Duration {
    since
        .map(|since| until.duration_since(since))
        .filter(SignedDuration::is_positive)
        .map_or(Duration::ZERO, SignedDuration::unsigned_abs)
}
