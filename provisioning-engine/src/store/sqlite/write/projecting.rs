//! What follows from a run's journal, stored with it.

use sqlx::sqlite::SqliteConnection;

use provisioning_core::fleet::Reservation;
use provisioning_core::plan::id::PlanId;

use super::super::batch::Batch;
use super::super::read::bound_to;
use super::super::rows::{column, json, micros, to_json};
use super::super::{failure, statements as sql};
use super::Fenced;
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

/// Carries out `batch`, and stores with it what follows from the journal. With a room, only if the places that are to be
/// taken are still free.
pub(super) async fn project(
    connection: &mut SqliteConnection,
    mut batch: Batch,
    claim: &Claim,
    row: Fenced,
    projection: &Projection,
    room: Option<&Room>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    for binding in &projection.bindings {
        bind(connection, &mut batch, claim.run, binding).await?;
    }
    for binding in &projection.released {
        batch.add(
            sql::RELEASE_BINDING,
            [
                binding.server.as_str().into(),
                binding.remote_id.as_str().into(),
                row.first.as_str().into(),
            ],
        );
    }
    batch.add(
        sql::PROJECT,
        [
            run.as_str().into(),
            micros(claim.until).into(),
            projection.wake_at.map(micros).into(),
            projection.standing.as_str().into(),
            projection
                .server
                .as_ref()
                .map(|server| server.as_str())
                .into(),
            row.next_entry.into(),
        ],
    );
    reserve(
        connection,
        &mut batch,
        claim,
        &row.reserved,
        projection,
        room,
    )
    .await?;
    if row.denied != projection.denied_by {
        let denied = to_json("the denials", &projection.denied_by)?;
        batch.add(sql::SET_DENIED, [run.as_str().into(), denied.into()]);
        for server in row.denied.difference(&projection.denied_by) {
            let gone = [server.as_str().into(), row.arrival.into()];
            batch.add(sql::DROP_DENIED_RUN, gone);
        }
        for server in projection.denied_by.difference(&row.denied) {
            let new = [server.as_str().into(), row.arrival.into()];
            batch.add(sql::ADD_DENIED_RUN, new);
        }
    }
    if row.cancel.is_some() {
        batch.add(sql::STOP_SOON, [run.as_str().into()]);
    }
    let ends = projection.standing == Standing::Over && !row.was_over;
    if ends && row.has_events {
        unsettle(&mut batch, &row.first);
    } else if row.first == run && (row.is_unsettled || row.decides_later) {
        batch.add(sql::DECIDE_SOON, [run.into()]);
    }
    batch.run(connection).await
}

/// Leaves the payment of an order to be decided anew.
pub(super) fn unsettle(batch: &mut Batch, first: &str) {
    batch.add(sql::UNSETTLE, [first.into()]);
    batch.add(sql::DECIDE_SOON, [first.into()]);
}

async fn reserve(
    connection: &mut SqliteConnection,
    batch: &mut Batch,
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
    batch.add(sql::SET_RESERVED, [run.as_str().into(), reserved.into()]);
    let before: Vec<Reservation> = json("the reservations", claim.run, before)?;
    if projection.keeps_places(&before) {
        for reservation in &projection.reservations {
            batch.add(
                sql::SET_RESERVED_ACCOUNT,
                [
                    run.as_str().into(),
                    reservation.holder().into(),
                    reservation.account().as_str().into(),
                ],
            );
        }
        return Ok(());
    }
    if let Some(room) = room {
        check_room(connection, claim, &Taking::on_counted(projection, room)).await?;
    }
    let row = sqlx::query(sql::VERSION)
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| failure(&error))?;
    // Nobody else writes meanwhile.
    let version = column::<i64>(&row, 0)?.saturating_add(1);
    batch.add(sql::SET_VERSION, [version.into()]);
    batch.add(sql::DROP_RESERVATIONS, [run.as_str().into()]);
    for reservation in &projection.reservations {
        batch.add(
            sql::ADD_RESERVATION,
            [
                run.as_str().into(),
                reservation.holder().into(),
                reservation.server().as_str().into(),
                reservation.username().as_str().into(),
                i64::from(reservation.slots()).into(),
                reservation.mark().map(|mark| mark.to_string()).into(),
                reservation.account().as_str().into(),
                version.into(),
            ],
        );
    }
    Ok(())
}

async fn bind(
    connection: &mut SqliteConnection,
    batch: &mut Batch,
    run: PlanId,
    binding: &Binding,
) -> Result<(), StoreError> {
    match bound_to(connection, binding).await? {
        Some(owner) if owner == run => {}
        Some(owner) => {
            return Err(StoreError::Bound {
                binding: binding.clone(),
                owner,
            });
        }
        None => batch.add(
            sql::BIND,
            [
                binding.server.as_str().into(),
                binding.remote_id.as_str().into(),
                run.to_string().into(),
            ],
        ),
    }
    Ok(())
}
