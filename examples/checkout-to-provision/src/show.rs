//! What the program says.

mod ending;
mod interrupted;
mod json;
mod mpanel;

use provisioning_core::catalog::Catalog;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::StepPath;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::Run;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::facts::Facts;
use provisioning_core::run::outcome::Barrier;
use provisioning_core::run::step_state::Phase;
use provisioning_engine::{RunState, RunView};

use crate::answers;
use crate::arguments::Arguments;
use crate::denied::{self, Denied};
use crate::panels::Panels;
use crate::preflight::Input;
use crate::report::Report;
use crate::state::State;

pub(crate) use ending::ending;
pub(crate) use interrupted::Known;
pub(crate) use json::JsonResult;

/// Where this runs.
pub(crate) fn intro(panels: &Panels, state: &State, arguments: &Arguments, report: Report) {
    match &panels.sandbox {
        Some(sandbox) => {
            report.say("sandbox: no panel is configured (NEXTPANEL_URL), so everything below happens on the embedded");
            report.say(if state.is_file() {
                "         sandbox in this process; no network is used, and nothing is left behind but the state"
            } else {
                "         sandbox in this process; no network is used and nothing is left behind"
            });
            if let Some(mpanel) = &panels.mpanel {
                report.say(&format!("mpanel:  {}", mpanel.mode));
            }
            if let Some(fault) = sandbox.fault() {
                report.say(&format!("fault:   {fault}"));
            }
        }
        None => {
            let servers: Vec<String> = panels
                .fleet
                .servers()
                .iter()
                .map(|server| format!("{} ({})", server.name(), server.url()))
                .chain(
                    panels
                        .mpanel
                        .iter()
                        .map(|mpanel| format!("mPanel ({}, {})", mpanel.url, mpanel.mode)),
                )
                .collect();
            report.say(&format!("real panels: {}", servers.join(", ")));
        }
    }
    if !arguments.dry_run && (panels.sandbox.is_none() || arguments.state.is_some()) {
        report.say(&format!("state: {}", state.describe()));
        if panels.sandbox.is_some() && state.is_file() {
            report.say(
                "       the sandbox is new each time: what an earlier run made there is gone, whatever the file says",
            );
        }
    }
}

/// What was understood of the order.
pub(crate) fn order(input: &Input, catalog: &Catalog, report: Report) {
    let order = &input.order;
    report.say(&format!("\norder {} from {}", order.key(), input.from));
    report.say(&format!("  customer  {}", order.customer().email.as_str()));
    for item in order.items() {
        let Some(product) = catalog.find(&item.code) else {
            continue;
        };
        let domain = item
            .domain
            .as_ref()
            .map(|domain| format!(" for {domain}"))
            .unwrap_or_default();
        let times = if item.quantity > 1 {
            format!("{} x ", item.quantity)
        } else {
            String::new()
        };
        report.say(&format!(
            "  item      {times}{} ({}){domain}",
            product.code, product.name
        ));
    }
    report.say(&format!("  paid      {}", order.evidence().describe()));
    for alias in order.aliases() {
        report.say(&format!("  also      {alias}"));
    }
    for note in order.notes() {
        report.say(&format!("  note      {note}"));
    }
    for assumed in &input.assumed {
        report.say(&format!("  assumed   {assumed}"));
    }
    report.say("");
}

/// The plan.
pub(crate) fn plan(plan: &Plan, report: Report) {
    report.say(&format!("\n{}", plan.to_tree()));
}

/// What exists now.
pub(crate) fn result(view: &RunView, panels: &Panels, report: Report) {
    let Some(run) = view.run() else { return };
    let on_mpanel = mpanel::lines(run);
    if !on_mpanel.is_empty() {
        report.say("\nresult on mPanel");
        for line in on_mpanel {
            report.say(&format!("  {line}"));
        }
    }
    for step in &run.plan().steps {
        let Some(account) = run.account(&step.path) else {
            continue;
        };
        let Action::CreateHostingAccount(create) = &step.action else {
            continue;
        };
        report.say("\nresult");
        report.say(&format!("  server    {}", account.server));
        report.say(&format!(
            "  username  {} (account {})",
            account.username, account.remote_id
        ));
        if let Some(server) = panels.fleet.server(&account.server) {
            report.say(&format!("  panel     {}", server.url()));
        }
        report.say(&format!(
            "  domain    {}",
            create.domain.for_username(&account.username)
        ));
        report.say(&format!("  ours      {}", account.proof.describe()));
        for line in verified(run, &step.path) {
            report.say(&format!("  verified  {line}"));
        }
    }
}

fn verified(run: &Run, account: &StepPath) -> Vec<String> {
    run.plan()
        .steps
        .iter()
        .filter(|step| matches!(&step.action, Action::VerifyHostingAccount(verify) if verify.account == *account))
        .filter_map(|step| match run.step(&step.path).map(|state| &state.phase) {
            Some(Phase::Done(Facts::Verified(verified))) => Some(verified.describe()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// What stands in the way, and what to do about it.
pub(crate) fn attention(view: &RunView, panels: &Panels, state: &State, report: Report) {
    match &view.state {
        RunState::Rejected(rejection) => {
            self::rejection(rejection, panels, report);
            report.say("nothing was made for this order");
        }
        RunState::Planned(run) => {
            self::denied(&denied::of_run(run), panels, report);
            for (step, why) in run.parked() {
                if !is_permission(why) {
                    report.say(&format!("\nneeds attention: {step}: {why}"));
                }
                if state.is_file() {
                    report.say(&format!("  what you can answer for {step}:"));
                    for choice in answers::choices(step, why, changes(run, step)) {
                        report.say(&format!("    {choice}"));
                    }
                } else {
                    report.say(&format!(
                        "  what a host can answer for {step}: {}",
                        why.choices().join("; ")
                    ));
                }
            }
        }
        _ => {}
    }
}

/// Whether a step changes something that exists, so that a person may have done it.
fn changes(run: &Run, step: &StepPath) -> bool {
    let step = run.plan().step(step);
    step.is_some_and(|step| step.action.brings_about().is_some())
}

/// Why there is no plan.
pub(crate) fn rejection(rejection: &Rejection, panels: &Panels, report: Report) {
    denied(&denied::of_rejection(rejection), panels, report);
    report.say("\nnot planned:");
    report.say(&indent(&rejection.to_string()));
}

fn denied(all: &[Denied], panels: &Panels, report: Report) {
    for denied in all {
        report.say(&format!("\ndenied: {}", denied.denial.summary()));
        for (number, step) in (1..).zip(denied.remedy(panels)) {
            report.say(&format!("  {number}. {step}"));
        }
    }
}

const fn is_permission(why: &Attention) -> bool {
    matches!(
        why,
        Attention::Denied {
            barrier: Barrier::Permission { .. },
            ..
        }
    )
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
