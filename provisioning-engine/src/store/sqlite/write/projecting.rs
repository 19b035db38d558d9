//! What follows from a run's journal, stored with it.

use sqlx::sqlite::SqliteConnection;

use provisioning_core::fleet::Reservation;
use provisioning_core::plan::id::PlanId;

use super::super::rows::{column, json, micros, plan_id, to_json};
use super::super::{failure, statements as sql};
use super::{Fenced, done};
use crate::store::{Binding, Claim, FreeSlots, Projection, Room, Standing, StoreError, Taking};

/// Whether the places that are to be taken are still free: what others took since the servers were counted is taken off.
pub(super) async fn check_room(
    connection: &mut SqliteConnection,
    claim: &Claim,
    taking: &Taking<'_>,
) -> Result<(), StoreError> {
    for (server, wanted, FreeSlots { slots, version }) in taking.each() {
        let row = sqlx::query(sql::TAKEN_SINCE)
            .bind(server.as_str())
            .bind(claim.run.to_string())
            .bind(i64::try_from(version).unwrap_or(i64::MAX))
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| failure(&error))?;
        let taken_since: i64 = column(&row, 0)?;
        if taken_since.saturating_add(i64::from(wanted)) > i64::from(slots) {
            return Err(StoreError::RoomTaken(server.clone()));
        }
    }
    Ok(())
}

/// Stores what follows. With a room, only if the places that are to be taken are still free.
pub(super) async fn project(
    connection: &mut SqliteConnection,
    claim: &Claim,
    row: Fenced,
    projection: &Projection,
    room: Option<&Room>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    for binding in &projection.bindings {
        bind(connection, claim.run, binding).await?;
    }
    for binding in &projection.released {
        let released = sqlx::query(sql::RELEASE_BINDING)
            .bind(binding.server.as_str())
            .bind(&binding.remote_id)
            .bind(&row.first);
        done(connection, released).await?;
    }
    let projected = sqlx::query(sql::PROJECT)
        .bind(&run)
        .bind(micros(claim.until))
        .bind(projection.wake_at.map(micros))
        .bind(projection.standing.as_str())
        .bind(projection.server.as_ref().map(|server| server.as_str()))
        .bind(row.next_entry);
    done(connection, projected).await?;
    reserve(connection, claim, &row.reserved, projection, room).await?;
    if row.denied != projection.denied_by {
        let denied = sqlx::query(sql::SET_DENIED)
            .bind(&run)
            .bind(to_json("the denials", &projection.denied_by)?);
        done(connection, denied).await?;
        for server in row.denied.difference(&projection.denied_by) {
            let gone = sqlx::query(sql::DROP_DENIED_RUN)
                .bind(server.as_str())
                .bind(row.arrival);
            done(connection, gone).await?;
        }
        for server in projection.denied_by.difference(&row.denied) {
            let new = sqlx::query(sql::ADD_DENIED_RUN)
                .bind(server.as_str())
                .bind(row.arrival);
            done(connection, new).await?;
        }
    }
    if row.cancel.is_some() {
        done(connection, sqlx::query(sql::STOP_SOON).bind(&run)).await?;
    }
    let ends = projection.standing == Standing::Over && !row.was_over;
    if ends && row.has_events {
        unsettle(connection, &row.first).await?;
    } else if row.first == run && (row.is_unsettled || row.decides_later) {
        done(connection, sqlx::query(sql::DECIDE_SOON).bind(&run)).await?;
    }
    Ok(())
}

/// Leaves the payment of an order to be decided anew.
pub(super) async fn unsettle(
    connection: &mut SqliteConnection,
    first: &str,
) -> Result<(), StoreError> {
    done(connection, sqlx::query(sql::UNSETTLE).bind(first)).await?;
    done(connection, sqlx::query(sql::DECIDE_SOON).bind(first)).await?;
    Ok(())
}

async fn reserve(
    connection: &mut SqliteConnection,
    claim: &Claim,
    before: &str,
    projection: &Projection,
    room: Option<&Room>,
) -> Result<(), StoreError> {
    let reserved = to_json("the reservations", &projection.reservations)?;
    if reserved == before {
        return Ok(());
    }
    let run = claim.run.to_string();
    let set = sqlx::query(sql::SET_RESERVED).bind(&run).bind(&reserved);
    done(connection, set).await?;
    let before: Vec<Reservation> = json("the reservations", claim.run, before)?;
    if projection.keeps_places(&before) {
        for reservation in &projection.reservations {
            let account = sqlx::query(sql::SET_RESERVED_ACCOUNT)
                .bind(&run)
                .bind(reservation.holder())
                .bind(reservation.account().as_str());
            done(connection, account).await?;
        }
        return Ok(());
    }
    if let Some(room) = room {
        check_room(connection, claim, &Taking::on_counted(projection, room)).await?;
    }
    let row = sqlx::query(sql::NEXT_VERSION)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| failure(&error))?;
    let version: i64 = column(&row, 0)?;
    done(connection, sqlx::query(sql::DROP_RESERVATIONS).bind(&run)).await?;
    for reservation in &projection.reservations {
        let new = sqlx::query(sql::ADD_RESERVATION)
            .bind(&run)
            .bind(reservation.holder())
            .bind(reservation.server().as_str())
            .bind(reservation.username().as_str())
            .bind(i64::from(reservation.slots()))
            .bind(reservation.mark().map(|mark| mark.to_string()))
            .bind(reservation.account().as_str())
            .bind(version);
        done(connection, new).await?;
    }
    Ok(())
}

async fn bind(
    connection: &mut SqliteConnection,
    run: PlanId,
    binding: &Binding,
) -> Result<(), StoreError> {
    let row = sqlx::query(sql::BIND)
        .bind(binding.server.as_str())
        .bind(&binding.remote_id)
        .bind(run.to_string())
        .fetch_one(connection)
        .await
        .map_err(|error| failure(&error))?;
    let owner = plan_id(column(&row, 0)?)?;
    if owner == run {
        Ok(())
    } else {
        Err(StoreError::Bound {
            binding: binding.clone(),
            owner,
        })
    }
}
