//! Working on all orders at once, until nothing more happens by itself.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use provisioning_core::plan::id::PlanId;
use provisioning_engine::progress::{Happened, Progress};
use provisioning_engine::store::{Standing, Wanted};
use provisioning_engine::{Engine, EngineError, WorkOptions};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot};

use crate::bar::Bar;
use crate::board::{Board, Stand};
use crate::credentials::CredentialsFile;
use crate::handing_over::{GivenUp, HandedOver, HandingOver, OrderIds};
use crate::results::Submitted;

/// Who lets runs go on, as their journals have it.
const BY: &str = "bulk-provision";

/// How many runs are asked to go on at once.
const RESUMING: usize = 32;

/// How often the bar is drawn and the end is looked for.
const TICK: Duration = Duration::from_millis(200);

/// What the driving needs to know.
pub(crate) struct Driving<'a> {
    pub(crate) submitted: &'a [Submitted],
    pub(crate) credentials_out: Option<&'a Path>,
    pub(crate) concurrency: usize,
    pub(crate) longest_wait: Duration,
}

/// How the driving ended.
#[derive(Debug, Default)]
pub(crate) struct Driven {
    /// Somebody asked it to stop.
    pub(crate) was_stopped: bool,
    pub(crate) handed_over: HandedOver,
}

/// Works until every order is settled, waits longer than is wanted, or `stop` comes to an end.
pub(crate) async fn drive(
    engine: &Engine,
    driving: &Driving<'_>,
    mut bar: Bar,
    stop: impl Future<Output = ()>,
) -> Result<Driven, String> {
    let file = driving
        .credentials_out
        .map(CredentialsFile::open)
        .transpose()?;
    let events = engine.progress();
    open_the_way(engine, driving.submitted)
        .await
        .map_err(|error| error.to_string())?;
    let mut watch = Watch::new(engine, driving, events);
    let handing_over = file.map(|file| {
        let (sender, runs) = mpsc::unbounded_channel();
        watch.unconfirmed = Some(sender);
        let ids: OrderIds = Arc::new(
            driving
                .submitted
                .iter()
                .map(|order| (order.run, order.order_id.clone()))
                .collect(),
        );
        let handing_over = HandingOver {
            engine: engine.clone(),
            file: Arc::new(Mutex::new(file)),
            order_ids: ids,
            given_up: Arc::clone(&watch.given_up),
            finished: HashMap::new(),
        };
        tokio::spawn(handing_over.run(runs))
    });
    watch
        .read_the_store()
        .await
        .map_err(|error| error.to_string())?;

    let (end, ended) = oneshot::channel::<()>();
    let options = WorkOptions::default().with_concurrency(driving.concurrency);
    let worker = engine.clone();
    let working = tokio::spawn(async move {
        worker
            .work(options, async {
                // An error means that the sender is gone, which is an end, too.
                let _ = ended.await;
            })
            .await
    });
    let was_stopped = watch.until_settled(&mut bar, stop).await?;
    let _ = end.send(());
    working.await.map_err(|error| error.to_string())?;
    // What came to its end with the last calls is handed over as well.
    watch
        .read_the_store()
        .await
        .map_err(|error| error.to_string())?;
    watch.unconfirmed = None;
    let handed_over = match handing_over {
        Some(task) => task.await.map_err(|error| error.to_string())?,
        None => HandedOver::default(),
    };
    bar.draw(&watch.board);
    bar.finish();
    Ok(Driven {
        was_stopped,
        handed_over,
    })
}

/// Running the command again says that whatever stood in the way may be gone: refused keys are tried once more, and
/// orders without a place are planned again.
async fn open_the_way(engine: &Engine, submitted: &[Submitted]) -> Result<(), EngineError> {
    for denied in engine.denied_servers().await? {
        engine.resume_denied(&denied.server, BY).await?;
    }
    let ours: HashSet<PlanId> = submitted.iter().map(|order| order.run).collect();
    let mut page = Wanted {
        standing: Some(Standing::Rejected),
        ..Wanted::default()
    };
    loop {
        let runs = engine.list(page.clone()).await?;
        let Some(last) = runs.last() else {
            return Ok(());
        };
        page.after = last.arrival;
        let resumed: Vec<_> = stream::iter(runs.iter().filter(|run| ours.contains(&run.id)))
            .map(|run| engine.resume(run.id, BY))
            .buffer_unordered(RESUMING)
            .collect()
            .await;
        for result in resumed {
            match result {
                Ok(_) => {}
                Err(error) if error.is_about_one_run() => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Watches what happens to the orders.
struct Watch<'a> {
    engine: &'a Engine,
    events: Receiver<Progress>,
    board: Board,
    /// Until when each waiting run waits.
    wakes: HashMap<PlanId, Timestamp>,
    longest_wait: Duration,
    unconfirmed: Option<mpsc::UnboundedSender<PlanId>>,
    /// Runs that were named to whoever hands over.
    named: HashSet<PlanId>,
    given_up: Arc<GivenUp>,
}

impl<'a> Watch<'a> {
    fn new(engine: &'a Engine, driving: &Driving<'_>, events: Receiver<Progress>) -> Self {
        Self {
            engine,
            events,
            board: Board::new(driving.submitted.iter().map(|order| order.run)),
            wakes: HashMap::new(),
            longest_wait: driving.longest_wait,
            unconfirmed: None,
            named: HashSet::new(),
            given_up: Arc::default(),
        }
    }

    /// Whether somebody asked it to stop.
    async fn until_settled(
        &mut self,
        bar: &mut Bar,
        stop: impl Future<Output = ()>,
    ) -> Result<bool, String> {
        let mut stop = std::pin::pin!(stop);
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                () = &mut stop => return Ok(true),
                event = self.events.recv() => match event {
                    Ok(event) => self.note(&event),
                    Err(RecvError::Lagged(_)) => self
                        .read_the_store()
                        .await
                        .map_err(|error| error.to_string())?,
                    Err(RecvError::Closed) => return Ok(false),
                },
                _ = tick.tick() => {
                    bar.draw(&self.board);
                    if self.is_settled() {
                        return Ok(false);
                    }
                }
            }
        }
    }

    fn note(&mut self, event: &Progress) {
        if !self.board.happened(event.run, &event.what) {
            return;
        }
        if let Happened::Waiting { until, .. } = &event.what {
            self.wakes.insert(event.run, *until);
        } else {
            self.wakes.remove(&event.run);
        }
        if matches!(event.what, Happened::AwaitingConfirmation { .. }) {
            self.name(event.run);
        }
    }

    /// Reads where every order stands: events may have been missed.
    async fn read_the_store(&mut self) -> Result<(), EngineError> {
        let mut page = Wanted::default();
        loop {
            let runs = self.engine.list(page.clone()).await?;
            let Some(last) = runs.last() else {
                return Ok(());
            };
            page.after = last.arrival;
            for run in &runs {
                if !self.board.listed(run) {
                    continue;
                }
                match (self.board.stand(run.id), run.wake_at) {
                    (Some(Stand::Waiting), Some(until)) => {
                        self.wakes.insert(run.id, until);
                    }
                    _ => {
                        self.wakes.remove(&run.id);
                    }
                }
                if run.standing == Standing::AwaitingConfirmation {
                    self.name(run.id);
                }
            }
        }
    }

    fn name(&mut self, run: PlanId) {
        if let Some(unconfirmed) = &self.unconfirmed
            && self.named.insert(run)
        {
            // An error means that handing over has ended; its own words say why.
            let _ = unconfirmed.send(run);
        }
    }

    /// Whether nothing more happens by itself, or not soon enough.
    fn is_settled(&self) -> bool {
        let waiting = self.board.count(Stand::Waiting);
        let is_handed_over = self
            .unconfirmed
            .as_ref()
            .is_some_and(|sender| !sender.is_closed());
        let to_be_handed_over = if is_handed_over {
            let unconfirmed = self.board.count(Stand::Unconfirmed);
            unconfirmed.saturating_sub(self.given_up.count())
        } else {
            0
        };
        if to_be_handed_over > 0 || self.board.settled() + waiting < self.board.all() {
            return false;
        }
        let longest = SignedDuration::try_from(self.longest_wait).unwrap_or(SignedDuration::MAX);
        let soon = Timestamp::now()
            .checked_add(longest)
            .unwrap_or(Timestamp::MAX);
        waiting == 0 || self.wakes.values().all(|wake| *wake > soon)
    }
}
