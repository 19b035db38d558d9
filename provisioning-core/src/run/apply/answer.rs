//! What a human's answer does to a step.

use super::{change, refuse, state_of};
use crate::plan::action::Action;
use crate::plan::id::StepPath;
use crate::run::attention::Attention;
use crate::run::event::Answer;
use crate::run::facts::{Facts, HostingAccount, Proof};
use crate::run::step_state::{Phase, StepState};
use crate::run::{NotAllowed, Run};

pub(super) fn try_again(state: &mut StepState) {
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

pub(super) fn human_answered(
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
