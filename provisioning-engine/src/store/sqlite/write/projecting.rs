//! What follows from a run's journal, stored with it.

use rusqlite::{Connection, params};

use provisioning_core::fleet::Reservation;
use provisioning_core::plan::id::PlanId;

use super::super::read::bound_to;
use super::super::rows::{column, done, find, json, micros, to_json};
use super::super::statements as sql;
use super::Fenced;
use crate::store::columns::no_version;
use crate::store::{Binding, Claim, FreeSlots, Projection, Room, Standing, StoreError, Taking};

/// Whether the places that are to be taken are still free: what others took since the servers were counted is taken off.
pub(super) fn check_room(
    connection: &Connection,
    claim: &Claim,
    taking: &Taking<'_>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    for (server, wanted, FreeSlots { slots, version }) in taking.each() {
        let version = i64::try_from(version).unwrap_or(i64::MAX);
        let values = params![server.as_str(), run, version];
        let taken_since: Option<i64> =
            find(connection, sql::TAKEN_SINCE, values, |row| column(row, 0))?;
        let taken_since = taken_since.unwrap_or_default();
        if taken_since.saturating_add(i64::from(wanted)) > i64::from(slots) {
            return Err(StoreError::RoomTaken(server.clone()));
        }
    }
    Ok(())
}

/// Stores what follows from the journal. With a room, only if the places that are to be taken are still free.
pub(super) fn project(
    connection: &Connection,
    claim: &Claim,
    row: &Fenced,
    projection: &Projection,
    room: Option<&Room>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    for binding in &projection.bindings {
        bind(connection, claim.run, binding)?;
    }
    for binding in &projection.released {
        let values = [
            binding.server.as_str(),
            &binding.remote_id,
            row.first.as_str(),
        ];
        done(connection, sql::RELEASE_BINDING, values)?;
    }
    let values = params![
        run,
        micros(claim.until),
        projection.wake_at.map(micros),
        projection.standing.as_str(),
        projection.server.as_ref().map(|server| server.as_str()),
        row.next_entry,
    ];
    done(connection, sql::PROJECT, values)?;
    reserve(connection, claim, &row.reserved, projection, room)?;
    if row.denied != projection.denied_by {
        let denied = to_json("the denials", &projection.denied_by)?;
        done(connection, sql::SET_DENIED, [&run, &denied])?;
        for server in row.denied.difference(&projection.denied_by) {
            let gone = params![server.as_str(), row.arrival];
            done(connection, sql::DROP_DENIED_RUN, gone)?;
        }
        for server in projection.denied_by.difference(&row.denied) {
            let new = params![server.as_str(), row.arrival];
            done(connection, sql::ADD_DENIED_RUN, new)?;
        }
    }
    if row.cancel.is_some() {
        done(connection, sql::STOP_SOON, [&run])?;
    }
    let ends = projection.standing == Standing::Over && !row.was_over;
    if ends && row.has_events {
        unsettle(connection, &row.first)?;
    } else if row.first == run && (row.is_unsettled || row.decides_later) {
        done(connection, sql::DECIDE_SOON, [&run])?;
    }
    Ok(())
}

/// Leaves the payment of an order to be decided anew.
pub(super) fn unsettle(connection: &Connection, first: &str) -> Result<(), StoreError> {
    done(connection, sql::UNSETTLE, [first])?;
    done(connection, sql::DECIDE_SOON, [first])?;
    Ok(())
}

fn reserve(
    connection: &Connection,
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
    done(connection, sql::SET_RESERVED, [&run, &reserved])?;
    let before: Vec<Reservation> = json("the reservations", claim.run, before)?;
    if projection.keeps_places(&before) {
        for reservation in &projection.reservations {
            let account = reservation.account();
            let values = [run.as_str(), reservation.holder(), account.as_str()];
            done(connection, sql::SET_RESERVED_ACCOUNT, values)?;
        }
        return Ok(());
    }
    if let Some(room) = room {
        check_room(connection, claim, &Taking::on_counted(projection, room))?;
    }
    let version: i64 =
        find(connection, sql::VERSION, [], |row| column(row, 0))?.ok_or_else(no_version)?;
    // Nobody else writes meanwhile.
    let version = version.saturating_add(1);
    done(connection, sql::SET_VERSION, [version])?;
    done(connection, sql::DROP_RESERVATIONS, [&run])?;
    for reservation in &projection.reservations {
        let row = params![
            run,
            reservation.holder(),
            reservation.server().as_str(),
            reservation.username().as_str(),
            reservation.slots(),
            reservation.mark().map(|mark| mark.to_string()),
            reservation.account().as_str(),
            version,
        ];
        done(connection, sql::ADD_RESERVATION, row)?;
    }
    Ok(())
}

fn bind(connection: &Connection, run: PlanId, binding: &Binding) -> Result<(), StoreError> {
    match bound_to(connection, binding)? {
        Some(owner) if owner == run => Ok(()),
        Some(owner) => Err(StoreError::Bound {
            binding: binding.clone(),
            owner,
        }),
        None => {
            let run = run.to_string();
            let values = [binding.server.as_str(), &binding.remote_id, run.as_str()];
            done(connection, sql::BIND, values)?;
            Ok(())
        }
    }
}
