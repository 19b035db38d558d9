//! Everything that can be wrong is found here, at once, before anything is sent or stored.

use provisioning_core::catalog::Catalog;
use provisioning_core::order::{OrderError, PaidOrder, PaymentEvidence, read_order};
use provisioning_core::planner::check_payload;

use crate::arguments::Arguments;
use crate::exit::Stop;
use crate::input::{self, Payload};
use crate::job::can_ask;
use crate::panels::{self, Chosen, Environment};
use crate::state::Kept;

/// An order and what was assumed about it.
pub(crate) struct Input {
    pub(crate) order: PaidOrder,
    pub(crate) from: String,
    pub(crate) assumed: Vec<String>,
}

/// What the job needs, all of it checked.
pub(crate) struct Ready {
    pub(crate) input: Input,
    pub(crate) catalog: Catalog,
    pub(crate) chosen: Chosen,
    pub(crate) kept: Kept,
}

/// Reads and checks everything.
pub(crate) fn preflight(arguments: &Arguments) -> Result<Ready, Stop> {
    let environment = Environment::read();
    let on_sandbox = !environment.means_real_panels(arguments);
    let kept = arguments.kept(on_sandbox);
    let mut problems: Vec<String> = arguments.contradictions(&kept).collect();
    if !on_sandbox {
        problems.extend(not_assumed(arguments));
    }
    let chosen = panels::choose(&environment, arguments)
        .map_err(|more| problems.extend(more))
        .ok();
    let catalog = input::catalog(arguments)
        .map_err(|more| problems.extend(more))
        .ok();
    let mut input = None;
    // The sample never goes to a real panel, so there is nothing to read then.
    if on_sandbox || arguments.order.is_some() {
        // A missing --paid-by is said already, unless it is a dry run; then the order says whether it needs it.
        let operator_vouches = on_sandbox || arguments.paid_by.is_some() || !arguments.dry_run;
        match input::payload(arguments, on_sandbox, operator_vouches) {
            Err(problem) => problems.push(problem),
            Ok(payload) => match read(&payload, catalog.as_ref(), chosen.as_ref()) {
                Ok(order) => input = Some(understood(order, payload, arguments)),
                Err(error) => {
                    let refusals = input::refusals(&error, &payload.from);
                    if matches!(error, OrderError::NotPaid { .. }) && problems.is_empty() {
                        return Err(Stop::not_paid(refusals));
                    }
                    problems.extend(refusals);
                }
            },
        }
    }
    match (input, catalog, chosen) {
        (Some(input), Some(catalog), Some(chosen)) if problems.is_empty() => Ok(Ready {
            input,
            catalog,
            chosen,
            kept,
        }),
        _ => Err(Stop::bad_input(problems)),
    }
}

/// Reads the order and checks it. Without a usable fleet it is checked against the bundled one, so that a mistake there
/// does not hide one here; without a usable catalog nothing is known of its products.
fn read(
    payload: &Payload,
    catalog: Option<&Catalog>,
    chosen: Option<&Chosen>,
) -> Result<PaidOrder, OrderError> {
    let bundled = panels::bundled_fleet().ok();
    let fleet = chosen.map(Chosen::fleet).or(bundled.as_ref());
    match (catalog, fleet) {
        (Some(catalog), Some(fleet)) => check_payload(
            &payload.bytes,
            &payload.intake,
            catalog,
            fleet,
            &chosen.map_or_else(panels::capabilities, Chosen::capabilities),
        ),
        _ => read_order(&payload.bytes, &payload.intake),
    }
}

fn understood(order: PaidOrder, payload: Payload, arguments: &Arguments) -> Input {
    let Payload {
        from, mut assumed, ..
    } = payload;
    if arguments.paid_by.is_none() && matches!(order.evidence(), PaymentEvidence::Operator { .. }) {
        assumed.push(
            "the operator vouches for the payment: the payload carries no evidence of it"
                .to_owned(),
        );
    }
    Input {
        order,
        from,
        assumed,
    }
}

/// With real panels nothing is assumed: what the command line has to say and does not.
fn not_assumed(arguments: &Arguments) -> Vec<String> {
    let mut missing = Vec::new();
    if arguments.order.is_none() {
        missing.push(
            "ORDER.json is missing: the bundled sample never goes to a real panel".to_owned(),
        );
    }
    if !arguments.dry_run {
        if arguments.paid_by.is_none() {
            missing.push(
                "--paid-by operator is missing: for real panels you vouch that the order is paid"
                    .to_owned(),
            );
        }
        if !arguments.confirm_saved && !can_ask(arguments) {
            missing.push(
                "--confirm-saved is missing: there is no terminal to ask whether the password is saved"
                    .to_owned(),
            );
        }
    }
    if arguments.sandbox.is_some() {
        missing.push(
            "--sandbox asks for stand-ins, and real panels are configured: give one of the two"
                .to_owned(),
        );
    }
    if arguments.fault.is_some() {
        missing.push(
            "--fault is for the sandbox, and real panels are configured: give one of the two"
                .to_owned(),
        );
    }
    missing
}
