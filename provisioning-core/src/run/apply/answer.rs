//! What a human's answer does to a step.

use jiff::Timestamp;

use super::mpanel::said_to_exist_on_mpanel;
use super::{Context, change, elapsed, refuse, state_of};
use crate::plan::action::Action;
use crate::plan::id::StepPath;
use crate::plan::retry::later;
use crate::plan::step::Step;
use crate::plan::verb::{LookUpBy, VerbDeclaration};
use crate::run::event::Answer;
use crate::run::facts::{Facts, HostingAccount, Proof};
use crate::run::step_state::{Phase, StepState};
use crate::run::{NotAllowed, Run};

/// Takes a parked step up again where it stood. A step that may have created something is only ever taken up by
/// looking; one that cannot look stays parked, because nothing but an answer says what became of its call.
pub(super) fn try_again(context: &Context<'_>, state: &mut StepState, now: Timestamp) {
    let Phase::Parked(attention) = &state.phase else {
        return;
    };
    let looking_up = state.may_exist_here || attention.is_about_look_up();
    if looking_up && context.declaration().look_up == LookUpBy::Nothing {
        return;
    }
    state.failures = 0;
    state.not_sent = 0;
    state.reads = 0;
    if looking_up {
        state.look_up(now, None, "taken up again");
    } else {
        state.ready(None, None);
    }
}

pub(super) fn human_answered(
    run: &mut Run,
    path: &StepPath,
    answer: &Answer,
    by: &str,
    now: Timestamp,
) -> Result<(), NotAllowed> {
    let state = state_of(run, path)?;
    let Phase::Parked(attention) = &state.phase else {
        return refuse(format!("step `{path}` asks nothing"));
    };
    let Some(step) = run.plan().step(path) else {
        return refuse(format!("the plan has no step `{path}`"));
    };
    let fits = match answer {
        Answer::Exists { .. } => attention.may_exist(),
        Answer::SendAgain => attention.may_be_sent_again(),
        Answer::WasDone => step.action.brings_about().is_some() && attention.may_have_been_done(),
        Answer::TryAgain => attention.may_be_tried_again(),
        Answer::Abandon => true,
    };
    if !fits {
        return refuse(format!(
            "step `{path}`: {} is no answer to: {attention}",
            words(answer)
        ));
    }
    match answer {
        Answer::Exists {
            remote_id,
            username,
        } => {
            let facts = match &step.action {
                Action::Mpanel(action) => said_to_exist_on_mpanel(action, path, remote_id, by)?,
                _ => Facts::HostingAccount(said_to_exist(
                    run,
                    step,
                    state,
                    remote_id,
                    username.as_deref(),
                    by,
                )?),
            };
            change(run, path, |_, state| {
                state.phase = Phase::Done(facts);
            })
        }
        Answer::SendAgain => {
            let may_arrive = state.may_exist_here && still_arriving(step, state, now);
            if may_arrive && !declaration(step).refuses_second() {
                let until = state
                    .unknown_at
                    .map(|at| later(at, declaration(step).longest_duration()));
                return refuse(format!(
                    "step `{path}`: the request may still arrive until {}; look again after that, then answer",
                    until.unwrap_or(now)
                ));
            }
            change(run, path, |_, state| {
                if !may_arrive {
                    // The word of a human who has looked is a proof of absence like any other.
                    state.nothing_here();
                }
                state.failures = 0;
                state.not_sent = 0;
                state.absent_since = None;
                state.ready(None, None);
            })
        }
        Answer::WasDone => change(run, path, |_, state| {
            // Whatever may still arrive asks for what is there already.
            state.may_exist_here = false;
            state.phase = Phase::Done(Facts::Nothing);
        }),
        Answer::TryAgain => change(run, path, |context, state| try_again(context, state, now)),
        Answer::Abandon => change(run, path, |_, state| {
            state.phase = Phase::GivenUp {
                why: format!("given up by {by}"),
            };
        }),
    }
}

fn words(answer: &Answer) -> &'static str {
    match answer {
        Answer::Exists { .. } => "\"it exists\"",
        Answer::SendAgain => "\"send again\"",
        Answer::WasDone => "\"it was done\"",
        Answer::TryAgain => "\"try again\"",
        Answer::Abandon => "\"abandon\"",
    }
}

fn declaration(step: &Step) -> VerbDeclaration {
    step.verb
        .clone()
        .unwrap_or_else(VerbDeclaration::undeclared)
}

fn still_arriving(step: &Step, state: &StepState, now: Timestamp) -> bool {
    elapsed(state.unknown_at, now) < declaration(step).longest_duration()
}

/// The account a human says exists, where the step makes one and the plan says on which server.
fn said_to_exist(
    run: &Run,
    step: &Step,
    state: &StepState,
    remote_id: &str,
    username: Option<&str>,
    by: &str,
) -> Result<HostingAccount, NotAllowed> {
    let Action::CreateHostingAccount(create) = &step.action else {
        return refuse(format!("step `{}` creates nothing", step.path));
    };
    if remote_id.trim().is_empty() {
        return refuse(format!("step `{}`: the id is missing", step.path));
    }
    let candidate = create.usernames.get(state.candidate as usize);
    let username = username.or_else(|| candidate.map(|name| name.as_str()));
    match (run.server_of(&step.path), username) {
        (Some(server), Some(username)) => Ok(HostingAccount {
            remote_id: remote_id.to_owned(),
            username: username.to_owned(),
            server: server.clone(),
            proof: Proof::SaidBy { by: by.to_owned() },
        }),
        _ => refuse(format!(
            "step `{}`: neither server nor username is known",
            step.path
        )),
    }
}
