//! Handing credentials over while the orders are worked on: written, synced, then confirmed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use provisioning_core::handover::Unconfirmed;
use provisioning_core::plan::id::PlanId;
use provisioning_engine::store::StoreError;
use provisioning_engine::{Engine, EngineError};
use tokio::sync::mpsc::{self, error::TryRecvError};
use zeroize::Zeroizing;

use crate::credentials::{CredentialsFile, Row};
use crate::results::Outcome;

/// How many runs are written with one sync at most.
const MOST_AT_ONCE: usize = 256;

/// How long runs are gathered for one sync and for confirming together: a sync of the file and an emptied log of the state
/// for each run would keep the disk from the others.
const GATHERING: Duration = Duration::from_millis(250);

/// How many confirmations are under way at once: the store commits them together.
const CONFIRMING: usize = 64;

/// A run whose confirmation finds somebody at work on it is tried again after this long: the worker gives it back in a
/// moment, or is dead and its lease has to end.
const TRY_AGAIN: Duration = Duration::from_millis(250);

/// How often it is tried again: until any lease has ended twice over.
const TRIES: u32 = 120;

/// Who confirms, as the journal has it.
const BY: &str = "bulk-provision";

/// What the runs are called in the file.
pub(crate) type OrderIds = Arc<HashMap<PlanId, String>>;

/// What is told about the handing over while it goes on.
#[derive(Debug, Default)]
pub(crate) struct GivenUp(AtomicU64);

impl GivenUp {
    /// How many runs cannot be handed over now.
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What became of one run.
enum Handed {
    Over(Option<(PlanId, Outcome)>),
    /// Somebody works on it.
    NotYet(PlanId),
    Failed(String),
}

/// Hands credentials over: written, synced, then confirmed.
pub(crate) struct HandingOver {
    pub(crate) engine: Engine,
    pub(crate) file: Arc<Mutex<CredentialsFile>>,
    pub(crate) order_ids: OrderIds,
    pub(crate) given_up: Arc<GivenUp>,
    /// How runs ended that were done with their last confirmation.
    pub(crate) finished: HashMap<PlanId, Outcome>,
}

/// What became of the handing over.
#[derive(Debug, Default)]
pub(crate) struct HandedOver {
    /// What could not be handed over, and why.
    pub(crate) problems: Vec<String>,
    /// How runs ended that were done with their last confirmation.
    pub(crate) finished: HashMap<PlanId, Outcome>,
}

impl HandingOver {
    /// Hands over every run that is named to it, until nobody names any more.
    pub(crate) async fn run(mut self, named: mpsc::UnboundedReceiver<PlanId>) -> HandedOver {
        let problems = self.hand_over(named).await;
        HandedOver {
            problems,
            finished: self.finished,
        }
    }

    async fn hand_over(&mut self, mut named: mpsc::UnboundedReceiver<PlanId>) -> Vec<String> {
        let mut problems = Vec::new();
        let mut tries: HashMap<PlanId, u32> = HashMap::new();
        let mut is_open = true;
        while is_open || !tries.is_empty() {
            let mut batch = Vec::new();
            if tries.is_empty() {
                is_open = named.recv_many(&mut batch, 1).await > 0;
                tokio::time::sleep(GATHERING).await;
            } else {
                tokio::time::sleep(TRY_AGAIN).await;
            }
            while batch.len() < MOST_AT_ONCE {
                match named.try_recv() {
                    Ok(run) => batch.push(run),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        is_open = false;
                        break;
                    }
                }
            }
            batch.extend(tries.keys().copied());
            let handed = match self.batch(&batch).await {
                Ok(handed) => handed,
                Err(problem) => {
                    problems.push(problem);
                    // Dropped with this: whoever waits for the handing over sees that nobody does it any more.
                    return problems;
                }
            };
            let before = std::mem::take(&mut tries);
            for one in handed {
                match one {
                    Handed::Over(outcome) => self.finished.extend(outcome),
                    Handed::NotYet(run) => {
                        let tried = before.get(&run).copied().unwrap_or_default();
                        if tried < TRIES {
                            tries.insert(run, tried + 1);
                        } else {
                            self.give_up(
                                &mut problems,
                                format!("run {run}: somebody works on it all the time"),
                            );
                        }
                    }
                    Handed::Failed(problem) => self.give_up(&mut problems, problem),
                }
            }
        }
        problems
    }

    fn give_up(&self, problems: &mut Vec<String>, problem: String) {
        problems.push(problem);
        self.given_up.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes the credentials of these runs with one sync, then confirms them.
    async fn batch(&self, runs: &[PlanId]) -> Result<Vec<Handed>, String> {
        let mut handed = Vec::new();
        let mut shown: Vec<(PlanId, Vec<Unconfirmed>)> = Vec::new();
        let mut rows = Vec::new();
        for run in runs {
            match show(&self.engine, *run, &self.order_ids).await {
                Ok((credentials, more)) => {
                    rows.extend(more);
                    shown.push((*run, credentials));
                }
                Err(error) => handed.push(Handed::Failed(format!("run {run}: {error}"))),
            }
        }
        let file = Arc::clone(&self.file);
        // Syncing waits for the disk; the other runs go on meanwhile.
        tokio::task::spawn_blocking(move || match file.lock() {
            Ok(mut file) => file.append(&rows),
            Err(poisoned) => Err(poisoned.to_string()),
        })
        .await
        .map_err(|panicked| panicked.to_string())??;
        let confirmed: Vec<Handed> = stream::iter(shown)
            .map(|(run, credentials)| confirm(&self.engine, run, credentials))
            .buffer_unordered(CONFIRMING)
            .collect()
            .await;
        handed.extend(confirmed);
        Ok(handed)
    }
}

async fn show(
    engine: &Engine,
    run: PlanId,
    order_ids: &OrderIds,
) -> Result<(Vec<Unconfirmed>, Vec<Row>), EngineError> {
    let view = engine.inspect(run).await?;
    let credentials = engine.unconfirmed_in(&view)?;
    let panel_of = |shown: &Unconfirmed| {
        let planned = view.run()?;
        let spec = planned.plan().credential(shown.credential())?;
        planned
            .account(&spec.step)
            .map(|account| account.server.to_string())
    };
    let rows = credentials
        .iter()
        .map(|shown| Row {
            order_id: order_ids.get(&run).cloned().unwrap_or_default(),
            run: run.to_string(),
            credential: shown.credential().to_string(),
            opens: shown.opens().to_owned(),
            panel: panel_of(shown).unwrap_or_default(),
            username: shown.username().to_owned(),
            password: Zeroizing::new(shown.expose_password().to_owned()),
        })
        .collect();
    Ok((credentials, rows))
}

async fn confirm(engine: &Engine, run: PlanId, shown: Vec<Unconfirmed>) -> Handed {
    let mut outcome = None;
    for credential in shown {
        match engine.confirm(run, &credential.confirm(BY)).await {
            Ok(view) => outcome = Outcome::of_done(&view).map(|outcome| (run, outcome)),
            Err(EngineError::Store(StoreError::Claimed { .. })) => return Handed::NotYet(run),
            Err(error) => return Handed::Failed(format!("run {run}: {error}")),
        }
    }
    Handed::Over(outcome)
}
