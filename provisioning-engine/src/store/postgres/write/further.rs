//! Further runs of an order.

use provisioning_core::run::journal::JOURNAL_SCHEMA;

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::rows::{micros, to_json};
use super::super::statements as sql;
use super::fenced;
use crate::store::{Claim, FurtherRun, Projection};

pub(in super::super) async fn add(
    transaction: &mut Transaction,
    first: &Claim,
    further: &FurtherRun,
) -> Result<bool, Failed> {
    fenced(transaction, first).await?;
    let run = further.id.as_uuid();
    let unplanned = Projection {
        wake_at: Some(further.at),
        ..Projection::default()
    };
    let projection = further
        .planned
        .as_ref()
        .map_or(&unplanned, |(_, projection)| projection);
    let row = sqlx::query(sql::ADD_RUN)
        .bind(run)
        .bind(further.key.to_string())
        .bind(further.operation.as_str())
        .bind(i64::from(further.generation))
        .bind(first.run.as_uuid())
        .bind(micros(further.at))
        .bind(projection.wake_at.map(micros))
        .bind(projection.standing.as_str())
        .bind(projection.server.as_ref().map(|server| server.as_str()));
    if transaction.execute(row).await? == 0 {
        return Ok(false);
    }
    if let Some((plan, _)) = &further.planned {
        let plan = sqlx::query(sql::ADD_PLAN)
            .bind(run)
            .bind(i64::from(JOURNAL_SCHEMA))
            .bind(to_json("the plan", plan)?);
        transaction.execute(plan).await?;
        let planned = sqlx::query(sql::SET_PLANNED).bind(run);
        transaction.execute(planned).await?;
    }
    Ok(true)
}
