//! Payment events.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use provisioning_core::plan::id::PlanId;

use super::super::rows::{column, done, each, find, micros, plan_id, text};
use super::super::statements as sql;
use super::fenced;
use super::projecting::unsettle;
use crate::store::{
    Claim, Delivered, EARLY_EVENTS_KEPT, MOST_EARLY_EVENTS, NewEvent, NewRun, Sealed, Settled,
    StoreError, StoredEvent,
};

pub(in super::super) fn keep_event(
    connection: &Connection,
    event: &NewEvent,
) -> Result<Delivered, StoreError> {
    let (tenant, mode) = (event.tenant.as_str(), event.mode.as_str());
    let known = [tenant, mode, event.id.as_str()];
    let known = find(connection, sql::EVENT, known, |row| {
        let run: Option<String> = column(row, 0)?;
        run.map(|run| plan_id(&run)).transpose()
    })?;
    if let Some(run) = known {
        return Ok(Delivered::Redelivered { run });
    }
    let orders = orders_of(connection, event)?;
    let run = match orders.as_slice() {
        [] => None,
        [run] => Some(*run),
        _ => return Ok(Delivered::Conflict { runs: orders }),
    };
    if let Some(run) = run
        && is_forgotten(connection, run)?
    {
        return Ok(Delivered::Forgotten { run });
    }
    let row = params![
        tenant,
        mode,
        event.id,
        run.map(|run| run.to_string()),
        event.kind.as_str(),
        micros(event.occurred_at),
        micros(event.at),
        event.details.key_id,
        event.details.value,
    ];
    let arrival: Option<i64> = find(connection, sql::ADD_EVENT, row, |row| column(row, 0))?;
    if let Some(run) = run {
        unsettle(connection, &run.to_string())?;
        return Ok(Delivered::New { run });
    }
    for alias in &event.aliases {
        let row = params![tenant, mode, alias.to_string(), arrival];
        done(connection, sql::ADD_EARLY_ALIAS, row)?;
    }
    let old = SignedDuration::try_from(EARLY_EVENTS_KEPT)
        .ok()
        .and_then(|kept| event.at.checked_sub(kept).ok())
        .unwrap_or(Timestamp::MIN);
    done(connection, sql::DROP_OLD_EVENTS, [micros(old)])?;
    done(connection, sql::DROP_EVENTS_BEYOND, [MOST_EARLY_EVENTS])?;
    Ok(Delivered::Early)
}

/// The first runs of the orders that have one of the event's ids.
fn orders_of(connection: &Connection, event: &NewEvent) -> Result<Vec<PlanId>, StoreError> {
    let mut orders = Vec::new();
    for alias in &event.aliases {
        let alias = alias.to_string();
        let values = [event.tenant.as_str(), event.mode.as_str(), alias.as_str()];
        let run = find(connection, sql::SUBMITTED_ALIAS, values, |row| {
            plan_id(text(row, 0)?)
        })?;
        if let Some(run) = run
            && !orders.contains(&run)
        {
            orders.push(run);
        }
    }
    Ok(orders)
}

fn is_forgotten(connection: &Connection, run: PlanId) -> Result<bool, StoreError> {
    find(connection, sql::IS_FORGOTTEN, [run.to_string()], |row| {
        column(row, 0)
    })?
    .ok_or(StoreError::NoRun(run))
}

/// Gives an order that has just come the events that came before it.
pub(super) fn attach_early(connection: &Connection, new: &NewRun) -> Result<(), StoreError> {
    let run = new.id.to_string();
    let (tenant, mode) = (new.key.tenant().as_str(), new.key.mode().as_str());
    let mut attached = 0;
    for alias in &new.aliases {
        let alias = alias.to_string();
        let values = [tenant, mode, alias.as_str()];
        let events: Vec<i64> = each(connection, sql::EARLY_EVENTS, values, |row| column(row, 0))?;
        for event in events {
            attached += done(connection, sql::ATTACH_EVENT, params![event, run])?;
            done(connection, sql::DROP_EARLY_ALIASES, [event])?;
        }
    }
    if attached > 0 {
        unsettle(connection, &run)?;
    }
    Ok(())
}

pub(in super::super) fn settle(
    connection: &Connection,
    first: &Claim,
    settled: &Settled,
) -> Result<(), StoreError> {
    fenced(connection, first)?;
    let run = first.run.to_string();
    let values = params![
        run,
        i64::try_from(settled.version).unwrap_or(i64::MAX),
        settled.decide_at.map(micros),
        settled.unpaid.map(|unpaid| unpaid.kind.as_str()),
        settled.unpaid.map(|unpaid| micros(unpaid.since)),
        settled.question,
    ];
    done(connection, sql::SETTLE, values)?;
    done(connection, sql::DECIDE_SOON, [&run])?;
    Ok(())
}

pub(in super::super) fn reseal_event(
    connection: &Connection,
    event: &StoredEvent,
    details: &Sealed,
) -> Result<(), StoreError> {
    let values = [
        event.tenant.as_str(),
        event.mode.as_str(),
        &event.id,
        &details.key_id,
        &details.value,
    ];
    done(connection, sql::SET_EVENT, values)?;
    Ok(())
}
