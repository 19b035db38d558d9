//! A worker: takes up whatever is due, many runs at once, until it is asked to stop.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::stop::Stop;
use super::{Engine, EngineError, RunOptions};

/// How soon a worker looks again when nothing was due; doubling up to [`WorkOptions::with_idle`].
const FIRST_LOOK: Duration = Duration::from_millis(20);

/// How long a worker leaves a store alone at most that does not work.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

/// How a worker works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkOptions {
    concurrency: usize,
    longest_wait: Duration,
    idle: Duration,
}

impl Default for WorkOptions {
    /// 64 runs at once; pauses over 100 ms are left to the store; looks at least once a second for what is due.
    fn default() -> Self {
        Self {
            concurrency: 64,
            longest_wait: Duration::from_millis(100),
            idle: Duration::from_secs(1),
        }
    }
}

impl WorkOptions {
    /// Sets how many runs have something under way at once; at least 1. Runs that wait for a server's turn do not count.
    #[must_use]
    pub const fn with_concurrency(mut self, runs: usize) -> Self {
        self.concurrency = if runs == 0 { 1 } else { runs };
        self
    }

    /// Sets the longest pause of a run that is waited out with the run in hand.
    #[must_use]
    pub const fn with_longest_wait(mut self, longest_wait: Duration) -> Self {
        self.longest_wait = longest_wait;
        self
    }

    /// Sets how long a worker with nothing to do sleeps at most before it looks for what another process has submitted.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }
}

/// What a worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Worked {
    /// How often a run was taken up.
    pub taken_up: u64,
    /// How often it was given back because of something that is wrong with it, or taken over by another worker.
    pub failed: u64,
    /// How often its task panicked. Such a run is taken up again when its lease is over.
    pub panicked: u64,
}

struct Worker<'a> {
    engine: &'a Engine,
    options: WorkOptions,
    stop: Stop,
    runs: JoinSet<Result<(), EngineError>>,
    worked: Worked,
    /// How long to wait before looking again.
    pause: Duration,
    /// Until then the store has failed once, however often it was asked.
    backs_off_until: Instant,
    next_try_of_denied: Instant,
}

impl Engine {
    /// Takes up whatever is due, until `until` comes to an end; then every run is brought to the end of its present call,
    /// and given back. Several workers may work on one store, in one process or in several.
    ///
    /// Whatever is wrong with one run is kept with that run and holds no other up. While the store does not work, it is
    /// tried again with growing pauses. Dropping the future is as safe as a crash.
    pub async fn work(&self, options: WorkOptions, until: impl Future<Output = ()>) -> Worked {
        let (ask, asked) = watch::channel(false);
        let mut worker = Worker {
            engine: self,
            options,
            stop: Stop::when(asked),
            runs: JoinSet::new(),
            worked: Worked::default(),
            pause: FIRST_LOOK,
            backs_off_until: Instant::now(),
            next_try_of_denied: Instant::now(),
        };
        let mut until = pin!(until);
        loop {
            tokio::select! {
                biased;
                () = &mut until => break,
                () = std::future::ready(()) => {}
            }
            // Never dropped half done: what the store has claimed for a caller that is gone waits for its lease to end.
            worker.take_up_what_is_due().await;
            let arrived = self.inner.arrived.notified();
            let turned = self.inner.limits.changed.notified();
            let due_elsewhere = self.inner.store.due_elsewhere();
            let is_full = worker.free() == 0;
            tokio::select! {
                () = &mut until => break,
                Some(ended) = worker.runs.join_next() => worker.count(ended),
                () = arrived, if !is_full => worker.pause = FIRST_LOOK,
                () = due_elsewhere, if !is_full => worker.pause = FIRST_LOOK,
                () = turned => {}
                () = tokio::time::sleep(worker.pause), if !is_full => {}
            }
        }
        // Nobody listens only if nothing is under way.
        let _ = ask.send(true);
        while let Some(ended) = worker.runs.join_next().await {
            worker.count(ended);
        }
        worker.worked
    }
}

impl Worker<'_> {
    /// How many more runs may be taken up. Those that wait for a server's turn hold nobody up.
    fn free(&self) -> usize {
        let at_work = self
            .runs
            .len()
            .saturating_sub(self.engine.inner.limits.waiting());
        self.options.concurrency.saturating_sub(at_work)
    }

    async fn take_up_what_is_due(&mut self) {
        self.try_denied();
        let free = self.free();
        if free == 0 {
            return;
        }
        let inner = &self.engine.inner;
        let claims = inner
            .store
            .claim_due(
                &inner.worker,
                self.engine.now(),
                self.engine.lease_until(),
                u32::try_from(free).unwrap_or(u32::MAX),
                &inner.limits.busy(),
            )
            .await;
        match claims {
            Ok(claims) if claims.is_empty() => {
                self.pause = (self.pause * 2).min(self.options.idle.max(FIRST_LOOK));
            }
            Ok(claims) => {
                self.pause = FIRST_LOOK;
                for claim in claims {
                    self.worked.taken_up += 1;
                    let engine = self.engine.clone();
                    let stop = self.stop.clone();
                    let options = RunOptions {
                        longest_wait: self.options.longest_wait,
                    };
                    self.runs.spawn(async move {
                        let hold = engine.holding(claim);
                        engine.take_further(hold, options, stop).await
                    });
                }
            }
            Err(problem) => {
                tracing::warn!(%problem, "nothing can be taken up");
                self.back_off();
            }
        }
    }

    /// Lets one parked run try a server again that refused our key, if its time has come.
    fn try_denied(&mut self) {
        if Instant::now() < self.next_try_of_denied {
            return;
        }
        self.next_try_of_denied = Instant::now() + self.options.idle;
        let engine = self.engine.clone();
        let stop = self.stop.clone();
        self.runs
            .spawn(async move { engine.try_denied(&stop).await });
    }

    fn count(&mut self, ended: Result<Result<(), EngineError>, JoinError>) {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                self.worked.failed += 1;
                if error.is_about_one_run() {
                    tracing::warn!(%error, "a run was given back");
                } else {
                    tracing::warn!(%error, "the store does not work");
                    self.back_off();
                }
            }
            Err(panicked) => {
                self.worked.panicked += 1;
                tracing::error!(%panicked, "the task of a run ended by itself");
            }
        }
    }

    /// Waits for longer before the next look. What fails at once, as many runs may, is one failure.
    fn back_off(&mut self) {
        let now = Instant::now();
        if now < self.backs_off_until {
            return;
        }
        self.pause = (self.pause * 2).clamp(FIRST_LOOK, LONGEST_BACK_OFF);
        self.backs_off_until = now + self.pause;
    }
}
