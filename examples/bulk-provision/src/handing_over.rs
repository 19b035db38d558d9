//! Handing credentials over while the orders are worked on: written, synced, then confirmed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use provisioning_core::handover::Unconfirmed;
use provisioning_core::plan::id::PlanId;
use provisioning_engine::store::StoreError;
use provisioning_engine::{Engine, EngineError};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::credentials::{CredentialsFile, Row};

/// How many runs are written with one sync at most.
const MOST_AT_ONCE: usize = 256;

/// How many confirmations are under way at once: the store commits them together.
const CONFIRMING: usize = 64;

/// A run is given back a moment after it says that it waits for a confirmation.
const TRY_AGAIN: Duration = Duration::from_millis(5);
const TRIES: u32 = 200;

/// Who confirms, as the journal has it.
const BY: &str = "bulk-provision";

/// What the runs are called in the file.
pub(crate) type OrderIds = Arc<HashMap<PlanId, String>>;

/// Hands over the credentials of every run that is named to it, until nobody names any more. What could not be handed
/// over, and why.
pub(crate) async fn hand_over(
    engine: Engine,
    mut file: CredentialsFile,
    order_ids: OrderIds,
    mut runs: mpsc::UnboundedReceiver<PlanId>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut batch = Vec::new();
    while runs.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
        let mut shown: Vec<(PlanId, Vec<Unconfirmed>)> = Vec::new();
        let mut rows = Vec::new();
        for run in batch.drain(..) {
            match show(&engine, run, &order_ids).await {
                Ok((credentials, more)) => {
                    rows.extend(more);
                    shown.push((run, credentials));
                }
                Err(error) => problems.push(format!("run {run}: {error}")),
            }
        }
        // Syncing waits for the disk; the other runs go on meanwhile.
        let written = tokio::task::spawn_blocking(move || {
            let written = file.append(&rows);
            (file, written)
        })
        .await;
        match written {
            Ok((given_back, Ok(()))) => file = given_back,
            Ok((_, Err(problem))) => {
                problems.push(problem);
                return problems;
            }
            Err(panicked) => {
                problems.push(panicked.to_string());
                return problems;
            }
        }
        let confirmed: Vec<Result<(), String>> = stream::iter(shown)
            .map(|(run, credentials)| confirm(&engine, run, credentials))
            .buffer_unordered(CONFIRMING)
            .collect()
            .await;
        problems.extend(confirmed.into_iter().filter_map(Result::err));
    }
    problems
}

async fn show(
    engine: &Engine,
    run: PlanId,
    order_ids: &OrderIds,
) -> Result<(Vec<Unconfirmed>, Vec<Row>), EngineError> {
    let credentials = engine.unconfirmed(run).await?;
    let view = engine.inspect(run).await?;
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

async fn confirm(engine: &Engine, run: PlanId, shown: Vec<Unconfirmed>) -> Result<(), String> {
    for credential in shown {
        let confirmation = credential.confirm(BY);
        let mut tries = 0;
        loop {
            match engine.confirm(run, &confirmation).await {
                Ok(_) => break,
                Err(EngineError::Store(StoreError::Claimed { .. })) if tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(TRY_AGAIN).await;
                }
                Err(error) => return Err(format!("run {run}: {error}")),
            }
        }
    }
    Ok(())
}
