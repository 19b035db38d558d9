//! Writing: each function is one piece of work of a commit.

mod claiming;
mod customers;
mod events;
mod forgetting;
mod further;
mod projecting;
mod servers;
mod submitting;

use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

use provisioning_core::plan::Plan;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::JOURNAL_SCHEMA;

use super::batch::Batch;
use super::rows::{column, json, micros, to_json, wish};
use super::{failure, statements as sql};
use crate::store::{
    CancelWish, Claim, Projection, Room, Standing, StoreError, Taking, begins_a_call, cancels,
    got_on,
};

pub(super) use claiming::{absolve, claim, claim_due, extend, release};
pub(super) use customers::{keep_customer, reseal_customer};
pub(super) use events::{keep_event, reseal_event, settle};
pub(super) use forgetting::{forget, reseal};
pub(super) use further::add;
pub(super) use servers::{admit, deny, learn, take_try, wake_rejected};
pub(super) use submitting::submit;

use projecting::{check_room, project};

/// A claimed run as the row says it, after its fence was checked.
struct Fenced {
    is_planned: bool,
    is_forgotten: bool,
    next_entry: i64,
    reserved: String,
    denied: std::collections::BTreeSet<provisioning_core::fleet::ServerName>,
    cancel: Option<CancelWish>,
    arrival: i64,
    was_over: bool,
    first: String,
    /// Whether the order has payment events that were not acted on.
    is_unsettled: bool,
    has_events: bool,
    decides_later: bool,
}

async fn fenced(connection: &mut SqliteConnection, claim: &Claim) -> Result<Fenced, StoreError> {
    let row = sqlx::query(sql::FENCED)
        .bind(claim.run.to_string())
        .bind(fence(claim))
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(&error))?
        .ok_or(StoreError::FencedOut(claim.run))?;
    Ok(Fenced {
        is_planned: column(&row, 0)?,
        next_entry: column(&row, 1)?,
        reserved: column(&row, 2)?,
        denied: json("the denials", claim.run, column(&row, 3)?)?,
        cancel: wish(&row, 4)?,
        is_forgotten: column::<Option<i64>>(&row, 7)?.is_some(),
        arrival: column(&row, 8)?,
        was_over: column::<&str>(&row, 9)? == Standing::Over.as_str(),
        first: column(&row, 10)?,
        is_unsettled: column(&row, 11)?,
        has_events: column::<i64>(&row, 12)? > 0,
        decides_later: column(&row, 13)?,
    })
}

/// A claimed run that may be given a plan, or a reason why it has none.
async fn unplanned(connection: &mut SqliteConnection, claim: &Claim) -> Result<Fenced, StoreError> {
    let row = fenced(connection, claim).await?;
    let run = claim.run;
    match row.cancel {
        _ if row.is_planned || row.is_forgotten => Err(StoreError::Planned(run)),
        Some(wish) => Err(StoreError::CancelWished { run, wish }),
        None => Ok(row),
    }
}

pub(super) async fn planned(
    connection: &mut SqliteConnection,
    claim: Claim,
    plan: Plan,
    projection: Projection,
    room: Room,
) -> Result<(), StoreError> {
    let row = unplanned(connection, &claim).await?;
    if row.is_unsettled {
        return Err(StoreError::Unsettled(claim.run));
    }
    check_room(connection, &claim, &Taking::all(&projection, &room)).await?;
    let run = claim.run.to_string();
    let mut batch = Batch::new();
    batch.add(
        sql::ADD_PLAN,
        [
            run.as_str().into(),
            i64::from(JOURNAL_SCHEMA).into(),
            to_json("the plan", &plan)?.into(),
        ],
    );
    batch.add(sql::SET_PLANNED, [run.as_str().into()]);
    batch.add(sql::DROP_REJECTION, [run.into()]);
    project(connection, batch, &claim, row, &projection, None).await
}

pub(super) async fn rejected(
    connection: &mut SqliteConnection,
    claim: Claim,
    rejection: Rejection,
    projection: Projection,
) -> Result<(), StoreError> {
    let row = unplanned(connection, &claim).await?;
    let mut batch = Batch::new();
    batch.add(
        sql::SET_REJECTION,
        [
            claim.run.to_string().into(),
            to_json("the rejection", &rejection)?.into(),
        ],
    );
    project(connection, batch, &claim, row, &projection, None).await
}

pub(super) async fn append(
    connection: &mut SqliteConnection,
    claim: Claim,
    entries: Vec<Entry>,
    projection: Projection,
    room: Option<Room>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    let mut row = fenced(connection, &claim).await?;
    if !row.is_planned {
        return Err(StoreError::NoRun(claim.run));
    }
    if begins_a_call(&entries) {
        let run = claim.run;
        if let Some(wish) = row.cancel {
            return Err(StoreError::CancelWished { run, wish });
        }
        if row.is_unsettled {
            return Err(StoreError::Unsettled(run));
        }
    }
    let mut batch = Batch::new();
    if got_on(&entries) {
        batch.add(sql::RESET_CRASHES, [run.as_str().into()]);
    }
    if cancels(&entries) {
        batch.add(sql::DROP_CANCEL, [run.as_str().into()]);
        row.cancel = None;
    }
    for mut entry in entries {
        match &mut entry.event {
            Event::CredentialSealed(sealed) => batch.add(
                sql::ADD_CREDENTIAL,
                [
                    run.as_str().into(),
                    sealed.credential.as_str().into(),
                    sealed.key_id.as_str().into(),
                    std::mem::take(&mut sealed.sealed).into(),
                ],
            ),
            Event::CredentialErased { credential } => batch.add(
                sql::ERASE_CREDENTIAL,
                [run.as_str().into(), credential.as_str().into()],
            ),
            _ => {}
        }
        let body = to_json("a journal entry", &entry)?;
        batch.add(
            sql::ADD_ENTRY,
            [run.as_str().into(), row.next_entry.into(), body.into()],
        );
        row.next_entry += 1;
    }
    project(connection, batch, &claim, row, &projection, room.as_ref()).await
}

pub(super) async fn wish_cancel(
    connection: &mut SqliteConnection,
    run: provisioning_core::plan::id::PlanId,
    wish: CancelWish,
) -> Result<(), StoreError> {
    let id = run.to_string();
    let wish = sqlx::query(sql::WISH_CANCEL)
        .bind(&id)
        .bind(wish.by)
        .bind(wish.reason)
        .bind(micros(wish.at));
    if done(connection, wish).await? == 0 {
        return Err(StoreError::NoRun(run));
    }
    done(connection, sqlx::query(sql::STOP_SOON).bind(&id)).await?;
    done(connection, sqlx::query(sql::DECIDE_SOON).bind(&id)).await?;
    Ok(())
}

pub(super) async fn drop_cancel(
    connection: &mut SqliteConnection,
    claim: Claim,
) -> Result<(), StoreError> {
    fenced(connection, &claim).await?;
    let dropped = sqlx::query(sql::DROP_CANCEL).bind(claim.run.to_string());
    done(connection, dropped).await?;
    Ok(())
}

/// Runs a statement. How many rows it changed.
async fn done<'q>(
    connection: &mut SqliteConnection,
    query: Query<'q, Sqlite, SqliteArguments>,
) -> Result<u64, StoreError> {
    query
        .execute(connection)
        .await
        .map(|done| done.rows_affected())
        .map_err(|error| failure(&error))
}

fn fence(claim: &Claim) -> i64 {
    i64::try_from(claim.fence).unwrap_or(i64::MAX)
}
