//! Writing: each function is the work of one transaction, and may be done again if the connection was lost.

mod claiming;
mod customers;
mod events;
mod forgetting;
mod further;
mod projecting;
mod servers;
mod submitting;

use std::collections::BTreeSet;

use provisioning_core::fleet::{Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::JOURNAL_SCHEMA;

use super::connections::Transaction;
use super::failure::Failed;
use super::read::run_id;
use super::rows::{column, json, micros, to_json, wish};
use super::statements as sql;
use crate::store::{
    CancelWish, Claim, Projection, Room, Standing, StoreError, Taking, begins_a_call, cancels,
    got_on,
};

pub(super) use claiming::{Takes, absolve, claim, claim_due, extend, release};
pub(super) use customers::{keep_customer, reseal_customer};
pub(super) use events::{keep_event, reseal_event, settle};
pub(super) use forgetting::{forget, reseal};
pub(super) use further::add;
pub(super) use servers::{admit, deny, learn, take_try, wake_rejected};
pub(super) use submitting::submit;

use projecting::project;

/// A claimed run as the row says it, after its fence was checked. Nobody else changes the row until the transaction ends.
struct Fenced {
    is_planned: bool,
    is_forgotten: bool,
    next_entry: i64,
    reserved: Vec<Reservation>,
    denied: BTreeSet<ServerName>,
    cancel: Option<CancelWish>,
    arrival: i64,
    was_over: bool,
    first: PlanId,
    /// Whether the order has payment events that were not acted on.
    is_unsettled: bool,
    has_events: bool,
    decides_later: bool,
    got_on: bool,
}

async fn fenced(transaction: &mut Transaction, claim: &Claim) -> Result<Fenced, Failed> {
    let query = sqlx::query(sql::FENCED)
        .bind(claim.run.as_uuid())
        .bind(fence(claim));
    let row = transaction
        .optional(query)
        .await?
        .ok_or(StoreError::FencedOut(claim.run))?;
    Ok(Fenced {
        is_planned: column(&row, 0)?,
        next_entry: column(&row, 1)?,
        reserved: json("the reservations", claim.run, column(&row, 2)?)?,
        denied: json("the denials", claim.run, column(&row, 3)?)?,
        cancel: wish(&row, 4)?,
        is_forgotten: column::<Option<i64>>(&row, 7)?.is_some(),
        arrival: column(&row, 8)?,
        was_over: column::<&str>(&row, 9)? == Standing::Over.as_str(),
        first: run_id(&row, 10)?,
        is_unsettled: column(&row, 11)?,
        has_events: column::<i64>(&row, 12)? > 0,
        decides_later: column(&row, 13)?,
        got_on: false,
    })
}

/// A claimed run that may be given a plan, or a reason why it has none.
async fn unplanned(transaction: &mut Transaction, claim: &Claim) -> Result<Fenced, Failed> {
    let row = fenced(transaction, claim).await?;
    let run = claim.run;
    match row.cancel {
        _ if row.is_planned || row.is_forgotten => Err(StoreError::Planned(run).into()),
        Some(wish) => Err(StoreError::CancelWished { run, wish }.into()),
        None => Ok(row),
    }
}

pub(super) async fn planned(
    transaction: &mut Transaction,
    claim: &Claim,
    plan: &Plan,
    projection: &Projection,
    room: &Room,
) -> Result<(), Failed> {
    let row = unplanned(transaction, claim).await?;
    if row.is_unsettled {
        return Err(StoreError::Unsettled(claim.run).into());
    }
    let run = claim.run.as_uuid();
    let plan = sqlx::query(sql::ADD_PLAN)
        .bind(run)
        .bind(i64::from(JOURNAL_SCHEMA))
        .bind(to_json("the plan", plan)?);
    transaction.execute(plan).await?;
    let planned = sqlx::query(sql::SET_PLANNED).bind(run);
    transaction.execute(planned).await?;
    let rejection = sqlx::query(sql::DROP_REJECTION).bind(run);
    transaction.execute(rejection).await?;
    let taking = Taking::all(projection, room);
    project(transaction, claim, row, projection, Some(&taking)).await
}

pub(super) async fn rejected(
    transaction: &mut Transaction,
    claim: &Claim,
    rejection: &Rejection,
    projection: &Projection,
) -> Result<(), Failed> {
    let row = unplanned(transaction, claim).await?;
    let rejection = sqlx::query(sql::SET_REJECTION)
        .bind(claim.run.as_uuid())
        .bind(to_json("the rejection", rejection)?);
    transaction.execute(rejection).await?;
    project(transaction, claim, row, projection, None).await
}

pub(super) async fn append(
    transaction: &mut Transaction,
    claim: &Claim,
    entries: &[Entry],
    projection: &Projection,
    room: Option<&Room>,
) -> Result<(), Failed> {
    let run = claim.run.as_uuid();
    let mut row = fenced(transaction, claim).await?;
    if !row.is_planned {
        return Err(StoreError::NoRun(claim.run).into());
    }
    if begins_a_call(entries) {
        let run = claim.run;
        if let Some(wish) = row.cancel {
            return Err(StoreError::CancelWished { run, wish }.into());
        }
        if row.is_unsettled {
            return Err(StoreError::Unsettled(run).into());
        }
    }
    row.got_on = got_on(entries);
    if cancels(entries) {
        let dropped = sqlx::query(sql::DROP_CANCEL).bind(run);
        transaction.execute(dropped).await?;
        row.cancel = None;
    }
    let mut bodies = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut entry = entry.clone();
        match &mut entry.event {
            Event::CredentialSealed(sealed) => {
                let credential = sqlx::query(sql::ADD_CREDENTIAL)
                    .bind(run)
                    .bind(sealed.credential.as_str())
                    .bind(&sealed.key_id)
                    .bind(std::mem::take(&mut sealed.sealed));
                transaction.execute(credential).await?;
            }
            Event::CredentialErased { credential } => {
                let erased = sqlx::query(sql::ERASE_CREDENTIAL)
                    .bind(run)
                    .bind(credential.as_str());
                transaction.execute(erased).await?;
            }
            _ => {}
        }
        bodies.push(to_json("a journal entry", &entry)?);
    }
    if !bodies.is_empty() {
        let added = i64::try_from(bodies.len()).unwrap_or(i64::MAX);
        let entries = sqlx::query(sql::ADD_ENTRIES)
            .bind(run)
            .bind(row.next_entry)
            .bind(bodies);
        transaction.execute(entries).await?;
        row.next_entry += added;
    }
    let taking = room.map(|room| Taking::on_counted(projection, room));
    project(transaction, claim, row, projection, taking.as_ref()).await
}

pub(super) async fn wish_cancel(
    transaction: &mut Transaction,
    run: PlanId,
    wish: &CancelWish,
) -> Result<(), Failed> {
    let wished = sqlx::query(sql::WISH_CANCEL)
        .bind(run.as_uuid())
        .bind(text(&wish.by))
        .bind(text(&wish.reason))
        .bind(micros(wish.at));
    if transaction.execute(wished).await? == 0 {
        return Err(StoreError::NoRun(run).into());
    }
    for soon in [sql::STOP_SOON, sql::DECIDE_SOON] {
        let soon = sqlx::query(soon).bind(run.as_uuid());
        transaction.execute(soon).await?;
    }
    Ok(())
}

pub(super) async fn drop_cancel(
    transaction: &mut Transaction,
    claim: &Claim,
) -> Result<(), Failed> {
    fenced(transaction, claim).await?;
    let dropped = sqlx::query(sql::DROP_CANCEL).bind(claim.run.as_uuid());
    transaction.execute(dropped).await?;
    Ok(())
}

fn fence(claim: &Claim) -> i64 {
    i64::try_from(claim.fence).unwrap_or(i64::MAX)
}

/// Words of people. PostgreSQL stores every character but one.
fn text(words: &str) -> String {
    words.replace('\0', "\u{fffd}")
}
