//! The plan and the exact requests, without a single write.

use serde::Serialize;
use serde_json::json;

use provisioning_core::fleet::{Fleet, Observation};
use provisioning_core::plan::Plan;
use provisioning_core::planner::rejection::Rejection;
use provisioning_engine::Engine;
use provisioning_engine::executor::PreviewedRequest;

use crate::arguments::{Arguments, Format};
use crate::denied;
use crate::ending::exit_of_rejection;
use crate::exit::{Exit, Stop};
use crate::panels::Panels;
use crate::preflight::Input;
use crate::report::Report;
use crate::show;

pub(crate) async fn run(
    engine: &Engine,
    panels: &Panels,
    input: &Input,
    arguments: &Arguments,
    report: Report,
) -> Result<Exit, Stop> {
    // With a fleet file nothing at all is sent, so the servers count as empty, and the plan says so.
    let sends_reads = arguments.fleet.is_none();
    let (planned, reads) = if sends_reads {
        (
            engine.plan(&input.order).await.map_err(Stop::fault)?,
            engine.preview_reads(),
        )
    } else {
        (
            engine.plan_for(&input.order, &assumed_empty(panels)),
            Vec::new(),
        )
    };
    let mut plan = match planned {
        Ok(plan) => plan,
        Err(rejection) => return not_planned(&rejection, &reads, panels, arguments, report),
    };
    if !sends_reads {
        plan.notes.push(
            "dry run with --fleet: nothing was sent, so every server was taken for empty"
                .to_owned(),
        );
    }
    let writes = engine.preview(&plan);
    show_plan(&plan, &reads, &writes, arguments.format(), report)
}

/// Without a plan there are no requests to show, only why.
fn not_planned(
    rejection: &Rejection,
    reads: &[PreviewedRequest],
    panels: &Panels,
    arguments: &Arguments,
    report: Report,
) -> Result<Exit, Stop> {
    let exit = exit_of_rejection(rejection);
    show::rejection(rejection, panels, report);
    report.say("dry run: no write was sent and nothing was stored");
    if arguments.wants_json() {
        let reasons: Vec<String> = rejection.reasons.iter().map(ToString::to_string).collect();
        let denials: Vec<_> = denied::of_rejection(rejection)
            .iter()
            .map(
                |denied| json!({ "why": denied.denial.summary(), "remedy": denied.remedy(panels) }),
            )
            .collect();
        let whole = json!({
            "dry_run": true,
            "exit": exit as u8,
            "rejected": reasons,
            "denied": denials,
            "reads_sent": reads,
        });
        write_out(&format!("{whole:#}"), report)?;
    }
    Ok(exit)
}

fn write_out(text: &str, report: Report) -> Result<(), Stop> {
    report.result(text).map_err(|error| {
        let headline = format!("standard output takes nothing ({error}); no write was sent");
        Stop::not_finished("not_written", headline).past_result()
    })
}

fn assumed_empty(panels: &Panels) -> Fleet {
    let empty = Observation::Counted {
        accounts: 0,
        reserved_uncounted: 0,
    };
    panels
        .fleet
        .servers()
        .iter()
        .fold(Fleet::new(panels.fleet.clone()), |fleet, server| {
            fleet.with_observation(server.name(), empty.clone())
        })
}

/// A struct, unlike a JSON value, keeps the order of fields: of the plan, and of the bodies as they would be sent.
#[derive(Serialize)]
struct WholePlan<'a> {
    dry_run: bool,
    plan: &'a Plan,
    reads_sent: &'a [PreviewedRequest],
    requests: &'a [PreviewedRequest],
}

fn show_plan(
    plan: &Plan,
    reads: &[PreviewedRequest],
    requests: &[PreviewedRequest],
    format: Format,
    report: Report,
) -> Result<Exit, Stop> {
    match format {
        Format::Json => {
            let whole = WholePlan {
                dry_run: true,
                plan,
                reads_sent: reads,
                requests,
            };
            let text = serde_json::to_string_pretty(&whole).map_err(Stop::fault)?;
            write_out(&text, report)?;
        }
        Format::Mermaid => write_out(plan.to_mermaid().trim_end(), report)?,
        Format::Tree => {
            report.say(&plan.to_tree());
            report.say("reads sent while planning");
            list(reads, report);
            report.say("\nrequests of the plan, none of them sent");
            list(requests, report);
            report.say("\ndry run: no write was sent and nothing was stored");
        }
    }
    Ok(Exit::Done)
}

fn list(requests: &[PreviewedRequest], report: Report) {
    if requests.is_empty() {
        report.say("  none");
    }
    for request in requests {
        let when = request
            .when
            .as_ref()
            .map(|when| format!("   ({when})"))
            .unwrap_or_default();
        report.say(&format!("  {} {}{when}", request.method, request.url));
        for (name, value) in &request.headers {
            report.say(&format!("      {name}: {value}"));
        }
        if let Some(body) = &request.body {
            report.say(&format!("      {body}"));
        }
    }
}
