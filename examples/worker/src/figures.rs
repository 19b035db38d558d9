//! Figures for Prometheus, through the `metrics` facade. Ids of servers and steps' kinds only: no order, no customer.

use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use provisioning_core::run::status::Conclusion;
use provisioning_engine::Engine;
use provisioning_engine::progress::Happened;
use provisioning_engine::store::{Standing, Wanted};
use tokio::sync::broadcast::error::RecvError;

const CALLS: &str = "provisioning_calls_total";
const OUTCOMES: &str = "provisioning_outcomes_total";
const LOOK_UPS: &str = "provisioning_look_ups_total";
const OVER: &str = "provisioning_runs_over_total";
const ATTENTION: &str = "provisioning_needs_attention_total";
const MISSED: &str = "provisioning_events_missed_total";
const RUNS: &str = "provisioning_runs";
const DENIED: &str = "provisioning_servers_denied";
const STORE_FAILURES: &str = "provisioning_store_failures_total";

/// How often the store is asked how many runs stand where.
const LOOK: Duration = Duration::from_secs(15);

/// Standings whose number of runs is worth an alarm; those that are over only grow.
const WATCHED: [Standing; 6] = [
    Standing::Submitted,
    Standing::Rejected,
    Standing::Ready,
    Standing::Waiting,
    Standing::NeedsAttention,
    Standing::AwaitingConfirmation,
];

/// More runs than this are not counted one by one every few seconds.
const MOST_COUNTED: u64 = 20_000;

/// Takes the figures of this process in.
pub(crate) fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().install_recorder()?;
    describe_counter!(CALLS, "Calls that were begun, by server");
    describe_counter!(OUTCOMES, "Outcomes of calls, by whether they are done");
    describe_counter!(
        LOOK_UPS,
        "Searches for what a call of unknown outcome may have made, by server"
    );
    describe_counter!(OVER, "Runs that came to their end, by conclusion");
    describe_counter!(ATTENTION, "How often a step began to wait for somebody");
    describe_counter!(
        MISSED,
        "Events that were not counted, because counting lagged behind"
    );
    describe_counter!(
        STORE_FAILURES,
        "How often the store did not say how many runs stand where"
    );
    describe_gauge!(
        RUNS,
        "Runs in the store, by where they stand; no more than 20,000 are counted"
    );
    describe_gauge!(DENIED, "Servers that refuse our key");
    Ok(handle)
}

/// Counts what the engine of this process does.
pub(crate) async fn count(engine: Engine) {
    let mut events = engine.progress();
    loop {
        match events.recv().await {
            Ok(event) => {
                tracing::debug!(run = %event.run, what = ?event.what, "progress");
                note(&event.what);
            }
            Err(RecvError::Lagged(missed)) => counter!(MISSED).increment(missed),
            Err(RecvError::Closed) => return,
        }
    }
}

fn note(what: &Happened) {
    let place = |server: &Option<_>| {
        server
            .as_ref()
            .map_or_else(|| "mpanel".to_owned(), ToString::to_string)
    };
    match what {
        Happened::Calling { server, .. } => {
            counter!(CALLS, "server" => place(server)).increment(1);
        }
        Happened::Came { done, .. } => {
            counter!(OUTCOMES, "done" => if *done { "true" } else { "false" }).increment(1);
        }
        Happened::LookingUp { server, .. } => {
            counter!(LOOK_UPS, "server" => place(server)).increment(1);
        }
        Happened::Over(conclusion) => {
            let word = match conclusion {
                Conclusion::Done => "done",
                Conclusion::DoneExceptManual { .. } => "done_except_manual",
                Conclusion::Cancelled { .. } => "cancelled",
                Conclusion::Abandoned { .. } => "abandoned",
                _ => "other",
            };
            counter!(OVER, "conclusion" => word).increment(1);
        }
        Happened::NeedsAttention { .. } | Happened::Stuck { .. } => {
            counter!(ATTENTION).increment(1);
        }
        _ => {}
    }
}

/// Asks the store every few seconds how many runs stand where, whichever worker works on them.
pub(crate) async fn watch_store(engine: Engine) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        for standing in WATCHED {
            match stand(&engine, standing).await {
                Ok(count) => {
                    gauge!(RUNS, "standing" => standing.as_str()).set(count);
                }
                Err(error) => {
                    counter!(STORE_FAILURES).increment(1);
                    tracing::warn!(%error, "the store does not say how many runs stand where");
                    break;
                }
            }
        }
        if let Ok(denied) = engine.denied_servers().await {
            gauge!(DENIED).set(u32::try_from(denied.len()).unwrap_or(u32::MAX));
        }
    }
}

async fn stand(
    engine: &Engine,
    standing: Standing,
) -> Result<u32, provisioning_engine::EngineError> {
    let mut page = Wanted {
        standing: Some(standing),
        ..Wanted::default()
    };
    let mut count = 0_u64;
    loop {
        let runs = engine.list(page.clone()).await?;
        count += runs.len() as u64;
        let (Some(last), true) = (runs.last(), count < MOST_COUNTED) else {
            return Ok(u32::try_from(count).unwrap_or(u32::MAX));
        };
        page.after = last.arrival;
    }
}
