//! What to do next: a function of the run and the instant.

mod mpanel;

use jiff::Timestamp;

use super::Run;
use super::directive::mpanel::RecordLookUp;
use super::directive::{Call, Directive, LookUp, Request};
use super::status::{Conclusion, RunStatus};
use super::step_state::{Phase, StepState};
use crate::plan::action::Action;
use crate::plan::id::StepPath;
use crate::plan::step::{Criticality, Step};

pub(super) fn next(run: &Run, now: Timestamp) -> Vec<Directive> {
    let mut directives = Vec::new();
    for step in &run.plan().steps {
        if let Some(state) = run.steps.get(&step.path) {
            of_step(run, step, state, now, &mut directives);
        }
    }
    let under_way = run
        .steps
        .values()
        .any(|state| state.phase == Phase::InFlight);
    if directives.is_empty()
        && !under_way
        && let Some(conclusion) = conclusion(run)
    {
        directives.push(Directive::Done(conclusion));
    }
    directives
}

fn of_step(
    run: &Run,
    step: &Step,
    state: &StepState,
    now: Timestamp,
    directives: &mut Vec<Directive>,
) {
    match &state.phase {
        Phase::InFlight | Phase::Done(_) | Phase::Manual { .. } | Phase::GivenUp { .. } => {}
        Phase::Parked(attention) => {
            // A cancelled run asks nothing more about calls that were never sent.
            if run.cancelled.is_none() || state.may_exist_here {
                directives.push(Directive::AskHuman {
                    step: step.path.clone(),
                    attention: attention.clone(),
                });
            }
        }
        Phase::LookingUp { not_before, text } => match wait(step, *not_before, text, now) {
            Some(wait) => directives.push(wait),
            None => {
                directives.extend(look_up_record(run, step).or_else(|| look_up(run, step, state)))
            }
        },
        Phase::Ready { not_before, why } => {
            if run.cancelled.is_some() || !run.needs_are_met(&step.needs) {
                return;
            }
            match wait(step, *not_before, why.as_deref().unwrap_or("retry"), now) {
                Some(wait) => directives.push(wait),
                None => directives.extend(call(run, step, state)),
            }
        }
        Phase::HandOver => hand_over(run, step, directives),
    }
}

fn wait(
    step: &Step,
    not_before: Option<Timestamp>,
    why: &str,
    now: Timestamp,
) -> Option<Directive> {
    let until = not_before.filter(|until| *until > now)?;
    Some(Directive::Wait {
        until,
        step: step.path.clone(),
        why: why.to_owned(),
    })
}

fn hand_over(run: &Run, step: &Step, directives: &mut Vec<Directive>) {
    let Action::HandOver(hand_over) = &step.action else {
        return;
    };
    for credential in &hand_over.credentials {
        if run.confirmed.contains_key(credential) {
            if !run.erased.contains(credential) {
                directives.push(Directive::Erase(credential.clone()));
            }
        } else if run.cancelled.is_none() && run.works(step, credential) {
            directives.push(Directive::Confirm(credential.clone()));
        }
    }
}

fn call(run: &Run, step: &Step, state: &StepState) -> Option<Directive> {
    let plan = run.plan();
    let request = match &step.action {
        Action::CreateHostingAccount(create) => {
            if !run.sealed.contains_key(&create.credential) {
                return plan
                    .credential(&create.credential)
                    .cloned()
                    .map(Directive::Seal);
            }
            Request::CreateHostingAccount {
                create: create.clone(),
                username: create.usernames.get(state.candidate as usize)?.clone(),
                planned_at: plan.planned_at,
            }
        }
        Action::VerifyHostingAccount(verify) => {
            let account = run.account(&verify.account)?.clone();
            let Action::CreateHostingAccount(create) = &plan.step(&verify.account)?.action else {
                return None;
            };
            Request::VerifyHostingAccount {
                account,
                mark: create.mark,
                credential: create.credential.clone(),
            }
        }
        Action::SuspendAccount(suspend) => Request::SuspendAccount(suspend.clone()),
        Action::UnsuspendAccount(unsuspend) => Request::UnsuspendAccount(unsuspend.clone()),
        Action::ChangePackage(change) => Request::ChangePackage(change.clone()),
        Action::TerminateAccount(terminate) => Request::TerminateAccount(terminate.clone()),
        Action::CheckAccount(check) => Request::CheckAccount(Box::new(check.account.clone())),
        Action::Mpanel(action) => Request::Mpanel(mpanel::request(run, action)?),
        Action::Manual(_) | Action::HandOver(_) => return None,
    };
    Some(Directive::Call(Call {
        run: plan.id,
        step: step.path.clone(),
        attempt: state.attempt.saturating_add(1),
        candidate: state.candidate,
        server: run.server_of(&step.path).cloned(),
        key: plan.id.idempotency_key(&step.path, state.candidate),
        request,
    }))
}

fn look_up_record(run: &Run, step: &Step) -> Option<Directive> {
    let Action::Mpanel(action) = &step.action else {
        return None;
    };
    Some(Directive::LookUpRecord(RecordLookUp {
        run: run.plan().id,
        step: step.path.clone(),
        request: mpanel::request(run, action)?,
    }))
}

fn look_up(run: &Run, step: &Step, state: &StepState) -> Option<Directive> {
    let server = run.server_of(&step.path).cloned();
    if let Some(known) = step.action.known_account() {
        return Some(Directive::LookUp(LookUp {
            step: step.path.clone(),
            server,
            remote_id: Some(known.account.remote_id.clone()),
            username: known.account.username.clone(),
            mark: known.mark,
            credential: None,
            tries_password: false,
        }));
    }
    let Action::CreateHostingAccount(create) = &step.action else {
        return None;
    };
    let username = create.usernames.get(state.candidate as usize)?;
    Some(Directive::LookUp(LookUp {
        step: step.path.clone(),
        server,
        remote_id: None,
        username: username.as_str().to_owned(),
        mark: create.mark,
        credential: Some(create.credential.clone()),
        tries_password: state.taken,
    }))
}

fn conclusion(run: &Run) -> Option<Conclusion> {
    let done = || -> Vec<StepPath> {
        run.plan()
            .steps
            .iter()
            .filter(|step| {
                matches!(
                    run.steps.get(&step.path).map(|state| &state.phase),
                    Some(Phase::Done(_))
                )
            })
            .map(|step| step.path.clone())
            .collect()
    };
    if let Some((by, reason)) = &run.cancelled {
        return Some(Conclusion::Cancelled {
            by: by.clone(),
            reason: reason.clone(),
            exists: done(),
        });
    }
    // Nothing is left to do here, so a required step that is not done was given up, or needs one that was.
    let given_up: Vec<StepPath> = run
        .plan()
        .steps
        .iter()
        .filter(|step| step.criticality == Criticality::Required)
        .filter(
            |step| match run.steps.get(&step.path).map(|state| &state.phase) {
                Some(Phase::Done(_) | Phase::Manual { .. }) => false,
                Some(Phase::HandOver) => !run.needs_are_met(&step.needs),
                _ => true,
            },
        )
        .map(|step| step.path.clone())
        .collect();
    if !given_up.is_empty() {
        return Some(Conclusion::Abandoned {
            steps: given_up,
            exists: done(),
        });
    }
    let manual: Vec<StepPath> = run
        .plan()
        .steps
        .iter()
        .filter(|step| {
            matches!(
                run.steps.get(&step.path).map(|state| &state.phase),
                Some(Phase::Manual { confirmed_by: None })
            )
        })
        .map(|step| step.path.clone())
        .collect();
    Some(if manual.is_empty() {
        Conclusion::Done
    } else {
        Conclusion::DoneExceptManual { steps: manual }
    })
}

pub(super) fn status(run: &Run, now: Timestamp) -> RunStatus {
    let directives = next(run, now);
    let mut waiting: Option<(Timestamp, String)> = None;
    let mut attention = Vec::new();
    let mut credentials = Vec::new();
    for directive in directives {
        match directive {
            Directive::Seal(_)
            | Directive::Call(_)
            | Directive::LookUp(_)
            | Directive::LookUpRecord(_)
            | Directive::Erase(_) => return RunStatus::Ready,
            Directive::Done(conclusion) => return RunStatus::Over(conclusion),
            Directive::Wait { until, why, .. } => {
                if waiting
                    .as_ref()
                    .is_none_or(|(earliest, _)| until < *earliest)
                {
                    waiting = Some((until, why));
                }
            }
            Directive::AskHuman {
                step,
                attention: why,
            } => attention.push((step, why)),
            Directive::Confirm(credential) => credentials.push(credential),
        }
    }
    if run
        .steps
        .values()
        .any(|state| state.phase == Phase::InFlight)
    {
        return RunStatus::InFlight;
    }
    if let Some((until, why)) = waiting {
        return RunStatus::Waiting { until, why };
    }
    if !attention.is_empty() {
        return RunStatus::NeedsAttention { steps: attention };
    }
    RunStatus::AwaitingConfirmation { credentials }
}
