//! Writing: each function is one piece of work of a commit.

mod claiming;
mod customers;
mod events;
mod forgetting;
mod further;
mod projecting;
mod servers;
mod submitting;

use rusqlite::{Connection, params};

use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::JOURNAL_SCHEMA;

use super::rows::{column, done, find, json, micros, text, to_json, wish};
use super::statements as sql;
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

fn fenced(connection: &Connection, claim: &Claim) -> Result<Fenced, StoreError> {
    let values = params![claim.run.to_string(), fence(claim)];
    find(connection, sql::FENCED, values, |row| {
        Ok(Fenced {
            is_planned: column(row, 0)?,
            next_entry: column(row, 1)?,
            reserved: column(row, 2)?,
            denied: json("the denials", claim.run, text(row, 3)?)?,
            cancel: wish(row, 4)?,
            is_forgotten: column::<Option<i64>>(row, 7)?.is_some(),
            arrival: column(row, 8)?,
            was_over: text(row, 9)? == Standing::Over.as_str(),
            first: column(row, 10)?,
            is_unsettled: column(row, 11)?,
            has_events: column::<i64>(row, 12)? > 0,
            decides_later: column(row, 13)?,
        })
    })?
    .ok_or(StoreError::FencedOut(claim.run))
}

/// A claimed run that may be given a plan, or a reason why it has none.
fn unplanned(connection: &Connection, claim: &Claim) -> Result<Fenced, StoreError> {
    let row = fenced(connection, claim)?;
    let run = claim.run;
    match row.cancel {
        _ if row.is_planned || row.is_forgotten => Err(StoreError::Planned(run)),
        Some(wish) => Err(StoreError::CancelWished { run, wish }),
        None => Ok(row),
    }
}

pub(super) fn planned(
    connection: &Connection,
    claim: &Claim,
    plan: &Plan,
    projection: &Projection,
    room: &Room,
) -> Result<(), StoreError> {
    let row = unplanned(connection, claim)?;
    if row.is_unsettled {
        return Err(StoreError::Unsettled(claim.run));
    }
    check_room(connection, claim, &Taking::all(projection, room))?;
    let run = claim.run.to_string();
    let values = params![run, JOURNAL_SCHEMA, to_json("the plan", plan)?];
    done(connection, sql::ADD_PLAN, values)?;
    done(connection, sql::SET_PLANNED, [&run])?;
    done(connection, sql::DROP_REJECTION, [&run])?;
    project(connection, claim, &row, projection, None)
}

pub(super) fn rejected(
    connection: &Connection,
    claim: &Claim,
    rejection: &Rejection,
    projection: &Projection,
) -> Result<(), StoreError> {
    let row = unplanned(connection, claim)?;
    let rejection = to_json("the rejection", rejection)?;
    let values = [claim.run.to_string(), rejection];
    done(connection, sql::SET_REJECTION, values)?;
    project(connection, claim, &row, projection, None)
}

pub(super) fn append(
    connection: &Connection,
    claim: &Claim,
    entries: Vec<Entry>,
    projection: &Projection,
    room: Option<&Room>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    let mut row = fenced(connection, claim)?;
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
    if got_on(&entries) {
        done(connection, sql::RESET_CRASHES, [&run])?;
    }
    if cancels(&entries) {
        done(connection, sql::DROP_CANCEL, [&run])?;
        row.cancel = None;
    }
    for mut entry in entries {
        match &mut entry.event {
            Event::CredentialSealed(sealed) => {
                // The journal's text names the credential; its bytes lie apart, where they can be erased.
                let bytes = std::mem::take(&mut sealed.sealed);
                let values = params![run, sealed.credential.as_str(), sealed.key_id, bytes];
                done(connection, sql::ADD_CREDENTIAL, values)?;
            }
            Event::CredentialErased { credential } => {
                let values = [run.as_str(), credential.as_str()];
                done(connection, sql::ERASE_CREDENTIAL, values)?;
            }
            _ => {}
        }
        let values = params![run, row.next_entry, to_json("a journal entry", &entry)?];
        done(connection, sql::ADD_ENTRY, values)?;
        row.next_entry += 1;
    }
    project(connection, claim, &row, projection, room)
}

pub(super) fn wish_cancel(
    connection: &Connection,
    run: PlanId,
    wish: &CancelWish,
) -> Result<(), StoreError> {
    let id = run.to_string();
    let values = params![id, wish.by, wish.reason, micros(wish.at)];
    if done(connection, sql::WISH_CANCEL, values)? == 0 {
        return Err(StoreError::NoRun(run));
    }
    done(connection, sql::STOP_SOON, [&id])?;
    done(connection, sql::DECIDE_SOON, [&id])?;
    Ok(())
}

pub(super) fn drop_cancel(connection: &Connection, claim: &Claim) -> Result<(), StoreError> {
    fenced(connection, claim)?;
    done(connection, sql::DROP_CANCEL, [claim.run.to_string()])?;
    Ok(())
}

fn fence(claim: &Claim) -> i64 {
    i64::try_from(claim.fence).unwrap_or(i64::MAX)
}
