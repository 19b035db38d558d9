//! Payment events.

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnection;

use provisioning_core::plan::id::PlanId;

use super::super::batch::Batch;
use super::super::rows::{column, micros, plan_id};
use super::super::{failure, statements as sql};
use super::projecting::unsettle;
use super::{done, fenced};
use crate::store::{
    Claim, Delivered, EARLY_EVENTS_KEPT, MOST_EARLY_EVENTS, NewEvent, NewRun, Sealed, Settled,
    StoreError, StoredEvent,
};

pub(in super::super) async fn keep_event(
    connection: &mut SqliteConnection,
    event: NewEvent,
) -> Result<Delivered, StoreError> {
    let known = sqlx::query(sql::EVENT)
        .bind(event.tenant.as_str())
        .bind(event.mode.as_str())
        .bind(&event.id)
        .fetch_optional(&mut *connection)
        .await
        .map_err(|error| failure(&error))?;
    if let Some(row) = known {
        let run: Option<&str> = column(&row, 0)?;
        return Ok(Delivered::Redelivered {
            run: run.map(plan_id).transpose()?,
        });
    }
    let orders = orders_of(connection, &event).await?;
    let run = match orders.as_slice() {
        [] => None,
        [run] => Some(*run),
        _ => return Ok(Delivered::Conflict { runs: orders }),
    };
    if let Some(run) = run
        && is_forgotten(connection, run).await?
    {
        return Ok(Delivered::Forgotten { run });
    }
    let row = sqlx::query(sql::ADD_EVENT)
        .bind(event.tenant.as_str())
        .bind(event.mode.as_str())
        .bind(&event.id)
        .bind(run.map(|run| run.to_string()))
        .bind(event.kind.as_str())
        .bind(micros(event.occurred_at))
        .bind(micros(event.at))
        .bind(&event.details.key_id)
        .bind(&event.details.value)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| failure(&error))?;
    let arrival: i64 = column(&row, 0)?;
    if let Some(run) = run {
        let mut batch = Batch::new();
        unsettle(&mut batch, &run.to_string());
        batch.run(connection).await?;
        return Ok(Delivered::New { run });
    }
    for alias in &event.aliases {
        let alias = sqlx::query(sql::ADD_EARLY_ALIAS)
            .bind(event.tenant.as_str())
            .bind(event.mode.as_str())
            .bind(alias.to_string())
            .bind(arrival);
        done(connection, alias).await?;
    }
    let old = SignedDuration::try_from(EARLY_EVENTS_KEPT)
        .ok()
        .and_then(|kept| event.at.checked_sub(kept).ok())
        .unwrap_or(Timestamp::MIN);
    let old = sqlx::query(sql::DROP_OLD_EVENTS).bind(micros(old));
    done(connection, old).await?;
    let beyond = sqlx::query(sql::DROP_EVENTS_BEYOND).bind(i64::from(MOST_EARLY_EVENTS));
    done(connection, beyond).await?;
    Ok(Delivered::Early)
}

/// The first runs of the orders that have one of the event's ids.
async fn orders_of(
    connection: &mut SqliteConnection,
    event: &NewEvent,
) -> Result<Vec<PlanId>, StoreError> {
    let mut orders = Vec::new();
    for alias in &event.aliases {
        let row = sqlx::query(sql::SUBMITTED_ALIAS)
            .bind(event.tenant.as_str())
            .bind(event.mode.as_str())
            .bind(alias.to_string())
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| failure(&error))?;
        if let Some(row) = row {
            let run = plan_id(column(&row, 0)?)?;
            if !orders.contains(&run) {
                orders.push(run);
            }
        }
    }
    Ok(orders)
}

async fn is_forgotten(connection: &mut SqliteConnection, run: PlanId) -> Result<bool, StoreError> {
    let row = sqlx::query(sql::IS_FORGOTTEN)
        .bind(run.to_string())
        .fetch_one(connection)
        .await
        .map_err(|error| failure(&error))?;
    column(&row, 0)
}

/// Gives an order that has just come the events that came before it.
pub(super) async fn attach_early(
    connection: &mut SqliteConnection,
    new: &NewRun,
) -> Result<(), StoreError> {
    let run = new.id.to_string();
    let mut attached = 0;
    for alias in &new.aliases {
        let rows = sqlx::query(sql::EARLY_EVENTS)
            .bind(new.key.tenant().as_str())
            .bind(new.key.mode().as_str())
            .bind(alias.to_string())
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| failure(&error))?;
        for row in &rows {
            let event: i64 = column(row, 0)?;
            let attach = sqlx::query(sql::ATTACH_EVENT).bind(event).bind(&run);
            attached += done(connection, attach).await?;
            done(connection, sqlx::query(sql::DROP_EARLY_ALIASES).bind(event)).await?;
        }
    }
    if attached == 0 {
        return Ok(());
    }
    let mut batch = Batch::new();
    unsettle(&mut batch, &run);
    batch.run(connection).await
}

pub(in super::super) async fn settle(
    connection: &mut SqliteConnection,
    first: Claim,
    settled: Settled,
) -> Result<(), StoreError> {
    fenced(connection, &first).await?;
    let run = first.run.to_string();
    let settled = sqlx::query(sql::SETTLE)
        .bind(&run)
        .bind(i64::try_from(settled.version).unwrap_or(i64::MAX))
        .bind(settled.decide_at.map(micros))
        .bind(settled.unpaid.map(|unpaid| unpaid.kind.as_str()))
        .bind(settled.unpaid.map(|unpaid| micros(unpaid.since)))
        .bind(settled.question);
    done(connection, settled).await?;
    done(connection, sqlx::query(sql::DECIDE_SOON).bind(&run)).await?;
    Ok(())
}

pub(in super::super) async fn reseal_event(
    connection: &mut SqliteConnection,
    event: StoredEvent,
    details: Sealed,
) -> Result<(), StoreError> {
    let resealed = sqlx::query(sql::SET_EVENT)
        .bind(event.tenant.as_str())
        .bind(event.mode.as_str())
        .bind(&event.id)
        .bind(&details.key_id)
        .bind(&details.value);
    done(connection, resealed).await?;
    Ok(())
}
