//! The steps of one change to one account or subscription.

use crate::plan::account::AccountState;
use crate::plan::action::mpanel::{ChangeSubscription, MpanelAction};
use crate::plan::action::{Action, CheckAccount, Manual};
use crate::plan::id::StepPath;
use crate::plan::step::{Criticality, Step};
use crate::plan::verb::{VerbDeclaration, VerbName};
use crate::planner::Inputs;

/// Adds the change and the reading back of its result, or the manual step where no executor declares the change.
pub(in crate::planner) fn push_change(
    path: StepPath,
    action: Action,
    inputs: &Inputs,
    steps: &mut Vec<Step>,
    notes: &mut Vec<String>,
) {
    let (Some(known), Some(expected)) = (action.known_account().cloned(), action.brings_about())
    else {
        return;
    };
    let path = free_path(path, steps);
    let declared = |action: &Action| -> Option<VerbDeclaration> {
        let verb = action.verb()?;
        inputs.capabilities.declaration(verb.as_str()).cloned()
    };
    let Some(verb) = declared(&action) else {
        steps.push(step(path, by_hand(action), Vec::new(), None));
        return;
    };
    steps.push(step(path.clone(), action, Vec::new(), Some(verb)));
    let check = Action::CheckAccount(Box::new(CheckAccount {
        account: known,
        expected,
    }));
    match declared(&check) {
        Some(verb) => steps.push(step(path.under("verify"), check, vec![path], Some(verb))),
        None => notes.push(format!(
            "the result of {path} is not read back: no configured executor declares `{}`",
            VerbName::CHECK_ACCOUNT
        )),
    }
}

/// Adds the change of a subscription, or the manual step where no executor declares it. The reply to the change is the
/// subscription as it is then, so nothing reads it back: an order may cost mPanel few requests.
pub(super) fn push_subscription_change(
    path: StepPath,
    change: ChangeSubscription,
    inputs: &Inputs,
    steps: &mut Vec<Step>,
) {
    let path = free_path(path, steps);
    let name = change.change.verb();
    let verb = inputs.capabilities.declaration(name).cloned();
    let doing = change.in_words();
    let action = Action::Mpanel(MpanelAction::ChangeSubscription(Box::new(change)));
    let action = match &verb {
        Some(_) => action,
        None => Action::Manual(Manual {
            instructions: format!("make sure that it is this order's, then {doing}"),
            what: doing,
            why: format!("no configured executor declares `{name}`"),
            account: None,
            instead_of: Some(Box::new(action)),
        }),
    };
    steps.push(step(path, action, Vec::new(), verb));
}

/// Two things of one order may have had the same step path, in different generations or made by one step.
fn free_path(path: StepPath, steps: &[Step]) -> StepPath {
    let taken = |path: &StepPath| steps.iter().any(|step| step.path == *path);
    if !taken(&path) {
        return path;
    }
    (2..)
        .map(|number| path.numbered(number))
        .find(|numbered| !taken(numbered))
        .unwrap_or(path)
}

fn step(
    path: StepPath,
    action: Action,
    needs: Vec<StepPath>,
    verb: Option<VerbDeclaration>,
) -> Step {
    Step {
        path,
        action,
        needs,
        criticality: Criticality::Required,
        verb,
    }
}

fn by_hand(action: Action) -> Action {
    let Some(known) = action.known_account() else {
        return action;
    };
    let verb = action
        .verb()
        .map(|verb| verb.to_string())
        .unwrap_or_default();
    let doing = match (&action, action.brings_about()) {
        (Action::SuspendAccount(suspend), _) => {
            format!("suspend {known}, giving as reason: {}", suspend.reason)
        }
        (Action::ChangePackage(change), _) => {
            format!("move {known} from {} to {}", change.from, change.to)
        }
        (_, Some(AccountState::Gone)) => format!("terminate {known} and destroy its data"),
        (_, Some(state)) => format!("see to it that {known} is {state}"),
        (_, None) => format!("see to {known}"),
    };
    let mut instructions = format!(
        "in the panel of {}, open account {} and make sure that it is `{}`, then {doing}",
        known.account.server, known.account.remote_id, known.account.username
    );
    if let Action::TerminateAccount(terminate) = &action {
        instructions.push_str(" (");
        instructions.push_str(&terminate.grounds.describe().join("; "));
        instructions.push(')');
    }
    Action::Manual(Manual {
        what: doing,
        why: format!("no configured executor declares `{verb}`"),
        instructions,
        account: None,
        instead_of: Some(Box::new(action)),
    })
}
