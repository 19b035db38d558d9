//! What follows from a run's journal, stored with it.

use provisioning_core::fleet::Reservation;
use provisioning_core::plan::id::PlanId;

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::read::run_id;
use super::super::rows::{column, micros, to_json};
use super::super::statements as sql;
use super::Fenced;
use crate::store::columns::no_version;
use crate::store::{Binding, Claim, FreeSlots, Projection, Standing, StoreError, Taking};

/// Stores what follows, if the places that are to be taken are still free.
///
/// The order in which things are locked is the same for everybody: the run, its bindings, denials, and last the places.
pub(super) async fn project(
    transaction: &mut Transaction,
    claim: &Claim,
    row: Fenced,
    projection: &Projection,
    taking: Option<&Taking<'_>>,
) -> Result<(), Failed> {
    let run = claim.run.as_uuid();
    let mut bindings: Vec<&Binding> = projection.bindings.iter().collect();
    bindings.sort_unstable();
    for binding in bindings {
        bind(transaction, claim.run, binding).await?;
    }
    for binding in &projection.released {
        let released = sqlx::query(sql::RELEASE_BINDING)
            .bind(binding.server.as_str())
            .bind(&binding.remote_id)
            .bind(row.first.as_uuid());
        transaction.execute(released).await?;
    }
    let projected = sqlx::query(sql::PROJECT)
        .bind(run)
        .bind(transaction.told(claim.until))
        .bind(projection.wake_at.map(micros))
        .bind(projection.standing.as_str())
        .bind(projection.server.as_ref().map(|server| server.as_str()))
        .bind(row.next_entry)
        .bind(row.got_on);
    transaction.execute(projected).await?;
    if row.denied != projection.denied_by {
        let denied = sqlx::query(sql::SET_DENIED)
            .bind(run)
            .bind(to_json("the denials", &projection.denied_by)?);
        transaction.execute(denied).await?;
        for server in row.denied.difference(&projection.denied_by) {
            let gone = sqlx::query(sql::DROP_DENIED_RUN)
                .bind(server.as_str())
                .bind(row.arrival);
            transaction.execute(gone).await?;
        }
        for server in projection.denied_by.difference(&row.denied) {
            let new = sqlx::query(sql::ADD_DENIED_RUN)
                .bind(server.as_str())
                .bind(row.arrival);
            transaction.execute(new).await?;
        }
    }
    if row.cancel.is_some() {
        let soon = sqlx::query(sql::STOP_SOON).bind(run);
        transaction.execute(soon).await?;
    }
    let ends = projection.standing == Standing::Over && !row.was_over;
    if ends && row.has_events {
        unsettle(transaction, row.first).await?;
    } else if row.first == claim.run && (row.is_unsettled || row.decides_later) {
        let soon = sqlx::query(sql::DECIDE_SOON).bind(run);
        transaction.execute(soon).await?;
    }
    reserve(transaction, claim.run, &row.reserved, projection, taking).await
}

/// Leaves the payment of an order to be decided anew.
pub(super) async fn unsettle(transaction: &mut Transaction, first: PlanId) -> Result<(), Failed> {
    for statement in [sql::UNSETTLE, sql::DECIDE_SOON] {
        let query = sqlx::query(statement).bind(first.as_uuid());
        transaction.execute(query).await?;
    }
    Ok(())
}

/// Takes places and gives places back. Whoever does holds the lock of the version until the transaction is committed, so
/// that a version that was read stands for all places that were taken up to it.
async fn reserve(
    transaction: &mut Transaction,
    run: PlanId,
    before: &[Reservation],
    projection: &Projection,
    taking: Option<&Taking<'_>>,
) -> Result<(), Failed> {
    if before == projection.reservations {
        return Ok(());
    }
    let reserved = sqlx::query(sql::SET_RESERVED)
        .bind(run.as_uuid())
        .bind(to_json("the reservations", &projection.reservations)?);
    transaction.execute(reserved).await?;
    if projection.keeps_places(before) {
        for reservation in &projection.reservations {
            let account = sqlx::query(sql::SET_RESERVED_ACCOUNT)
                .bind(run.as_uuid())
                .bind(reservation.holder())
                .bind(reservation.account().as_str());
            transaction.execute(account).await?;
        }
        return Ok(());
    }
    transaction.flush_later().await?;
    let row = transaction.optional(sqlx::query(sql::NEXT_VERSION)).await?;
    let row = row.ok_or_else(no_version)?;
    let version: i64 = column(&row, 0)?;
    if let Some(taking) = taking {
        check_room(transaction, run, taking).await?;
    }
    let gone = sqlx::query(sql::DROP_RESERVATIONS).bind(run.as_uuid());
    transaction.execute(gone).await?;
    for reservation in &projection.reservations {
        let new = sqlx::query(sql::ADD_RESERVATION)
            .bind(run.as_uuid())
            .bind(reservation.holder())
            .bind(reservation.server().as_str())
            .bind(reservation.username().as_str())
            .bind(i64::from(reservation.slots()))
            .bind(reservation.mark().map(|mark| mark.to_string()))
            .bind(reservation.account().as_str())
            .bind(version);
        transaction.execute(new).await?;
    }
    Ok(())
}

/// Whether the places that are to be taken are still free: what others took since the servers were counted is taken off.
async fn check_room(
    transaction: &mut Transaction,
    run: PlanId,
    taking: &Taking<'_>,
) -> Result<(), Failed> {
    for (server, wanted, FreeSlots { slots, version }) in taking.each() {
        let query = sqlx::query(sql::TAKEN_SINCE)
            .bind(server.as_str())
            .bind(run.as_uuid())
            .bind(i64::try_from(version).unwrap_or(i64::MAX));
        let row = transaction.one(query).await?;
        let taken_since: i64 = column(&row, 0)?;
        if taken_since.saturating_add(i64::from(wanted)) > i64::from(slots) {
            return Err(StoreError::RoomTaken(server.clone()).into());
        }
    }
    Ok(())
}

async fn bind(transaction: &mut Transaction, run: PlanId, binding: &Binding) -> Result<(), Failed> {
    let bound_to = sqlx::query(sql::BOUND_TO)
        .bind(binding.server.as_str())
        .bind(&binding.remote_id);
    let row = match transaction.optional(bound_to).await? {
        Some(row) => row,
        None => {
            let bind = sqlx::query(sql::BIND)
                .bind(binding.server.as_str())
                .bind(&binding.remote_id)
                .bind(run.as_uuid());
            transaction.one(bind).await?
        }
    };
    let owner = run_id(&row, 0)?;
    if owner == run {
        Ok(())
    } else {
        let binding = binding.clone();
        Err(StoreError::Bound { binding, owner }.into())
    }
}
