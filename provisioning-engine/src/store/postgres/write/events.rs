//! Payment events.

use jiff::{SignedDuration, Timestamp};

use provisioning_core::plan::id::PlanId;

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::read::run_id;
use super::super::rows::{column, micros};
use super::super::statements as sql;
use super::projecting::unsettle;
use super::submitting::lock_ids;
use super::{fenced, text};
use crate::store::{
    Claim, Delivered, EARLY_EVENTS_KEPT, MOST_EARLY_EVENTS, NewEvent, NewRun, Sealed, Settled,
    StoredEvent,
};

pub(in super::super) async fn keep_event(
    transaction: &mut Transaction,
    event: &NewEvent,
) -> Result<Delivered, Failed> {
    let (tenant, mode) = (event.tenant.as_str(), event.mode.as_str());
    let aliases: Vec<String> = event.aliases.iter().map(ToString::to_string).collect();
    // An order that comes at the same moment finds the event, or the event finds the order.
    lock_ids(transaction, tenant, mode, &aliases).await?;
    let known = sqlx::query(sql::EVENT)
        .bind(tenant)
        .bind(mode)
        .bind(&event.id);
    if let Some(row) = transaction.optional(known).await? {
        let run: Option<uuid::Uuid> = column(&row, 0)?;
        return Ok(Delivered::Redelivered {
            run: run.map(PlanId::from),
        });
    }
    let mut orders = Vec::new();
    let by_alias = sqlx::query(sql::SUBMITTED_ALIASES)
        .bind(tenant)
        .bind(mode)
        .bind(&aliases);
    for row in transaction.all(by_alias).await? {
        let run = run_id(&row, 0)?;
        if !orders.contains(&run) {
            orders.push(run);
        }
    }
    let run = match orders.as_slice() {
        [] => None,
        [run] => Some(*run),
        _ => return Ok(Delivered::Conflict { runs: orders }),
    };
    if let Some(run) = run {
        let forgotten = sqlx::query(sql::IS_FORGOTTEN).bind(run.as_uuid());
        let row = transaction.one(forgotten).await?;
        if column::<bool>(&row, 0)? {
            return Ok(Delivered::Forgotten { run });
        }
    }
    let new = sqlx::query(sql::ADD_EVENT)
        .bind(tenant)
        .bind(mode)
        .bind(&event.id)
        .bind(run.map(|run| *run.as_uuid()))
        .bind(event.kind.as_str())
        .bind(micros(event.occurred_at))
        .bind(micros(event.at))
        .bind(&event.details.key_id)
        .bind(&event.details.value);
    let row = transaction.one(new).await?;
    let arrival: i64 = column(&row, 0)?;
    if let Some(run) = run {
        unsettle(transaction, run).await?;
        return Ok(Delivered::New { run });
    }
    let early = sqlx::query(sql::ADD_EARLY_ALIASES)
        .bind(tenant)
        .bind(mode)
        .bind(&aliases)
        .bind(arrival);
    transaction.execute(early).await?;
    let old = SignedDuration::try_from(EARLY_EVENTS_KEPT)
        .ok()
        .and_then(|kept| event.at.checked_sub(kept).ok())
        .unwrap_or(Timestamp::MIN);
    let old = sqlx::query(sql::DROP_OLD_EVENTS).bind(micros(old));
    transaction.execute(old).await?;
    let beyond = sqlx::query(sql::DROP_EVENTS_BEYOND).bind(i64::from(MOST_EARLY_EVENTS));
    transaction.execute(beyond).await?;
    Ok(Delivered::Early)
}

/// Gives an order that has just come the events that came before it.
pub(super) async fn attach_early(
    transaction: &mut Transaction,
    new: &NewRun,
    aliases: &[String],
) -> Result<(), Failed> {
    let early = sqlx::query(sql::EARLY_EVENTS)
        .bind(new.key.tenant().as_str())
        .bind(new.key.mode().as_str())
        .bind(aliases);
    let mut events: Vec<i64> = Vec::new();
    for row in transaction.all(early).await? {
        events.push(column(&row, 0)?);
    }
    if events.is_empty() {
        return Ok(());
    }
    let attach = sqlx::query(sql::ATTACH_EVENTS)
        .bind(&events)
        .bind(new.id.as_uuid());
    let attached = transaction.execute(attach).await?;
    let aliases = sqlx::query(sql::DROP_EARLY_ALIASES).bind(&events);
    transaction.execute(aliases).await?;
    if attached > 0 {
        unsettle(transaction, new.id).await?;
    }
    Ok(())
}

pub(in super::super) async fn settle(
    transaction: &mut Transaction,
    first: &Claim,
    settled: &Settled,
) -> Result<(), Failed> {
    fenced(transaction, first).await?;
    let run = first.run.as_uuid();
    let settle = sqlx::query(sql::SETTLE)
        .bind(run)
        .bind(i64::try_from(settled.version).unwrap_or(i64::MAX))
        .bind(settled.decide_at.map(micros))
        .bind(settled.unpaid.map(|unpaid| unpaid.kind.as_str()))
        .bind(settled.unpaid.map(|unpaid| micros(unpaid.since)))
        .bind(settled.question.as_deref().map(text));
    transaction.execute(settle).await?;
    let soon = sqlx::query(sql::DECIDE_SOON).bind(run);
    transaction.execute(soon).await?;
    Ok(())
}

pub(in super::super) async fn reseal_event(
    transaction: &mut Transaction,
    event: &StoredEvent,
    details: &Sealed,
) -> Result<(), Failed> {
    let resealed = sqlx::query(sql::SET_EVENT)
        .bind(event.tenant.as_str())
        .bind(event.mode.as_str())
        .bind(&event.id)
        .bind(&details.key_id)
        .bind(&details.value);
    transaction.execute(resealed).await?;
    Ok(())
}
