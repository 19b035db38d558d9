//! What the store keeps beside the journal, derived from the run alone.

use jiff::Timestamp;

use provisioning_core::fleet::{Reservation, ReservedAccount, ServerName};
use provisioning_core::plan::action::{Action, CreateHostingAccount};
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::run::Run;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::Event;
use provisioning_core::run::status::RunStatus;
use provisioning_core::run::step_state::{Phase, StepState};
use provisioning_core::username::Username;

use crate::store::{Binding, Projection, Standing};

/// The places, bindings and next wake-up of a run at `now`.
pub(super) fn project(run: &Run, now: Timestamp) -> Projection {
    let status = run.status(now);
    let (standing, wake_at) = match status {
        RunStatus::Ready | RunStatus::InFlight => (Standing::Ready, Some(now)),
        RunStatus::Waiting { until, .. } => (Standing::Waiting, Some(until)),
        RunStatus::NeedsAttention { .. } => (Standing::NeedsAttention, None),
        RunStatus::AwaitingConfirmation { .. } => (Standing::AwaitingConfirmation, None),
        RunStatus::Over(_) => (Standing::Over, None),
        // A status of a newer core: somebody should look.
        _ => (Standing::NeedsAttention, None),
    };
    let mut projection = Projection {
        wake_at,
        standing,
        server: wake_at.and_then(|_| next_server(run)),
        denied_by: run
            .parked()
            .into_iter()
            .filter(|(_, attention)| attention.is_denied())
            .filter_map(|(path, _)| run.server_of(path).cloned())
            .collect(),
        ..Projection::default()
    };
    for step in &run.plan().steps {
        if let Action::TerminateAccount(terminate) = step.action.in_substance()
            && run.is_carried_out(&step.path)
        {
            let account = &terminate.account.account;
            projection.released.push(Binding {
                server: account.server.clone(),
                remote_id: account.remote_id.clone(),
            });
        }
        let Action::CreateHostingAccount(create) = &step.action else {
            continue;
        };
        let Some(state) = run.step(&step.path) else {
            continue;
        };
        if let Some(account) = run.account(&step.path) {
            projection.bindings.push(Binding {
                server: account.server.clone(),
                remote_id: account.remote_id.clone(),
            });
        }
        let is_over = standing == Standing::Over || matches!(state.phase, Phase::GivenUp { .. });
        projection
            .reservations
            .extend(reservation(run, &step.path, create, is_over));
    }
    projection
}

/// The place a step holds, or the one it has left to its account.
fn reservation(
    run: &Run,
    path: &StepPath,
    create: &CreateHostingAccount,
    is_over: bool,
) -> Option<Reservation> {
    let account = run.account(path);
    let known = match account {
        Some(_) if is_over => ReservedAccount::Left,
        Some(_) => ReservedAccount::Established,
        None if is_over || !has_its_place(run, path, create) => return None,
        None => ReservedAccount::Expected,
    };
    let candidate = create.usernames.get(run.step(path)?.candidate as usize)?;
    // A human may have named another username than the candidate's; panels lower-case what they were sent.
    let username = account
        .and_then(|account| Username::new(account.username.to_ascii_lowercase()).ok())
        .unwrap_or_else(|| candidate.clone());
    let server = run.server_of(path)?.clone();
    let reservation = Reservation::new(server, username, holder(run.plan().id, path))
        .with_slots(create.weight)
        .with_mark(create.mark)
        .with_account(known);
    Some(reservation)
}

/// Whether a step whose account is not known yet holds a place where it stands. On its first server the plan took it. On
/// any other, and after a run that was cancelled goes on, the Intent takes it, in a transaction that sees that it is free:
/// a run that has merely moved there stands in nobody's way.
fn has_its_place(run: &Run, path: &StepPath, create: &CreateHostingAccount) -> bool {
    let is_first = || create.servers.first().map(|first| &first.name) == run.server_of(path);
    let is_under_way = |state: &StepState| {
        state.may_exist_here() || matches!(state.phase, Phase::InFlight | Phase::LookingUp { .. })
    };
    run.step(path).is_some_and(is_under_way) || (held_throughout(run) && is_first())
}

/// Whether the run was never cancelled: one that is holds nothing.
pub(super) fn held_throughout(run: &Run) -> bool {
    let entries = &run.journal().entries;
    !entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Cancelled { .. }))
}

/// Whose a place is: a step of a run.
pub(super) fn holder(run: PlanId, step: &StepPath) -> String {
    format!("{run}/{step}")
}

/// The server the next request goes to, whenever that is due.
fn next_server(run: &Run) -> Option<ServerName> {
    run.next(Timestamp::MAX)
        .into_iter()
        .find_map(|directive| match directive {
            Directive::Call(call) => call.server,
            Directive::LookUp(look_up) => look_up.server,
            _ => None,
        })
}
