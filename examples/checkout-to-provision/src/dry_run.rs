//! The plan and the exact requests, without a single write.

use serde_json::json;

use provisioning_core::fleet::{Fleet, Observation};
use provisioning_core::plan::Plan;
use provisioning_engine::Engine;
use provisioning_engine::executor::PreviewedRequest;

use crate::arguments::{Arguments, Format};
use crate::exit::{Exit, Stop};
use crate::input::Input;
use crate::panels::Panels;
use crate::report::Report;

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
        Err(rejection) => {
            let mut lines = vec!["this order cannot be planned now:".to_owned()];
            lines.extend(
                rejection
                    .to_string()
                    .lines()
                    .map(|line| format!("  {line}")),
            );
            return Err(Stop {
                exit: Exit::NotFinished,
                lines,
            });
        }
    };
    if !sends_reads {
        plan.notes.push(
            "dry run with --fleet: nothing was sent, so every server was taken for empty"
                .to_owned(),
        );
    }
    let writes = engine.preview(&plan);
    show(&plan, &reads, &writes, arguments.format, report)
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

fn show(
    plan: &Plan,
    reads: &[PreviewedRequest],
    requests: &[PreviewedRequest],
    format: Format,
    report: Report,
) -> Result<Exit, Stop> {
    match format {
        Format::Json => {
            let whole =
                json!({ "dry_run": true, "plan": plan, "reads_sent": reads, "requests": requests });
            let text = serde_json::to_string_pretty(&whole).map_err(Stop::fault)?;
            report.result(&text).map_err(Stop::fault)?;
        }
        Format::Mermaid => report.result(&plan.to_mermaid()).map_err(Stop::fault)?,
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
