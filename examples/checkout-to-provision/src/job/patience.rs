//! Waiting for another process that has the order in hand.

use std::future::Future;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use provisioning_core::plan::id::PlanId;
use provisioning_engine::EngineError;
use provisioning_engine::store::StoreError;

use super::Job;
use crate::exit::Stop;
use crate::show::Known;

/// The least that is waited before a run is asked for again.
const A_MOMENT: Duration = Duration::from_millis(20);

impl Job<'_> {
    /// Does something with a run, once no other process has it in hand. One that died lets go of it within seconds.
    pub(super) async fn patiently<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Stop>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let deadline = Instant::now() + self.arguments.wait();
        let mut said = false;
        loop {
            let (until, by) = match attempt().await {
                Err(EngineError::Store(StoreError::Claimed { until, by, .. })) => (until, by),
                Err(EngineError::Store(StoreError::Poisoned { run, crashes })) => {
                    return Err(self.left_alone(run, crashes).await?);
                }
                done => return Ok(done?),
            };
            let now = Instant::now();
            if now >= deadline {
                return Err(busy(&by));
            }
            if !said {
                self.report.say(&format!(
                    "  waiting  another process ({by}) has this order in hand, at least until {until:.0}"
                ));
                said = true;
            }
            let pause = Duration::try_from(until.duration_since(Timestamp::now()));
            let pause = pause.unwrap_or_default();
            let pause = pause.clamp(A_MOMENT, deadline - now + A_MOMENT);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.interrupt.asked() => return Err(Stop::interrupted()),
            }
        }
    }
}

impl Job<'_> {
    /// A run that nobody takes up any more by itself, with what is known of it.
    async fn left_alone(&self, run: PlanId, crashes: i64) -> Result<Stop, Stop> {
        let view = self.engine.inspect(run).await?;
        let mut stop = Stop::not_finished(
            "left_alone",
            format!(
                "this order ended {crashes} processes in a row and is left alone. Find out why, then run the same command \
                 with --resume; it looks for what is unknown before it sends anything again. Of the plan's steps:"
            ),
        );
        stop.problems = match view.run() {
            Some(run) => Known::of(run).lines(),
            None => vec!["none was planned, so nothing was sent that changes anything".to_owned()],
        };
        Ok(stop)
    }
}

fn busy(by: &str) -> Stop {
    Stop::not_finished(
        "busy",
        format!("another process ({by}) has this order in hand; run this again when it has ended"),
    )
}
