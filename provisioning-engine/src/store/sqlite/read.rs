//! Reading.

mod events;

use rusqlite::{Connection, Row, params};

use provisioning_core::fleet::ServerName;
use provisioning_core::order::OrderKey;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::Entry;
use provisioning_core::run::journal::Journal;

use super::rows::{column, damaged, each, find, instant, json, payment, plan_id, text, wish, word};
use super::statements as sql;
use crate::executor::Known;
use crate::store::columns::{self, CredentialColumns, ReservationColumns};
use crate::store::{
    Binding, DeniedServer, Held, Lease, ListedRun, Sealed, StoreError, StoredRun, StoredState,
    Wanted,
};

pub(super) use events::{customer, customers_sealed_otherwise, events, events_sealed_otherwise};

pub(super) fn load(connection: &Connection, run: PlanId) -> Result<StoredRun, StoreError> {
    let read = |row: &Row<'_>| loaded(row, run);
    find(connection, sql::LOAD, [run.to_string()], read)?.ok_or(StoreError::NoRun(run))
}

fn loaded(row: &Row<'_>, run: PlanId) -> Result<StoredRun, StoreError> {
    let order_key_id: Option<String> = column(row, 1)?;
    let order_sealed: Option<String> = column(row, 2)?;
    let forgotten_at: Option<i64> = column(row, 7)?;
    let state = match (forgotten_at, column::<bool>(row, 12)?) {
        (Some(at), _) => StoredState::Forgotten(instant("the end", run, at)?),
        (None, true) => StoredState::Planned(Box::new(journal(run, row)?)),
        (None, false) => {
            let rejection: Option<String> = column(row, 6)?;
            StoredState::Unplanned(match rejection {
                Some(rejection) => Some(json("the rejection", run, &rejection)?),
                None => None,
            })
        }
    };
    Ok(StoredRun {
        id: run,
        key: columns::order_key(text(row, 0)?, run)?,
        operation: word("the operation of a run", text(row, 13)?)?,
        generation: column(row, 14)?,
        first: plan_id(text(row, 15)?)?,
        order: order_key_id
            .zip(order_sealed)
            .map(|(key_id, value)| Sealed { key_id, value }),
        submitted_at: instant("the time of submission", run, column(row, 3)?)?,
        state,
        cancel: wish(row, 8)?,
        payment: payment(row, 16, run)?,
    })
}

fn journal(run: PlanId, row: &Row<'_>) -> Result<Journal, StoreError> {
    let missing = || damaged(format!("the plan of run {run}"), "it is missing");
    let schema = column::<Option<i64>>(row, 4)?.ok_or_else(missing)?;
    let plan = column::<Option<String>>(row, 5)?.ok_or_else(missing)?;
    Ok(Journal {
        schema: u16::try_from(schema)
            .map_err(|error| damaged(format!("the journal's schema of run {run}"), error))?,
        plan: json("the plan", run, &plan)?,
        entries: entries(run, row)?,
    })
}

/// The journal's entries, with the sealed bytes of credentials that are not erased put back in.
fn entries(run: PlanId, row: &Row<'_>) -> Result<Vec<Entry>, StoreError> {
    let mut numbered: Vec<(i64, String)> = json("the journal", run, text(row, 22)?)?;
    numbered.sort_unstable_by_key(|(number, _)| *number);
    let sealed: Vec<(String, String, String)> = json("the credentials", run, text(row, 23)?)?;
    let credentials: Vec<CredentialColumns> = sealed
        .into_iter()
        .map(|(credential, key_id, sealed)| CredentialColumns {
            credential,
            key_id,
            sealed,
        })
        .collect();
    let numbered = numbered
        .iter()
        .map(|(number, body)| (*number, body.as_str()));
    columns::entries(run, numbered, column(row, 11)?, &credentials)
}

pub(super) fn runs_of(
    connection: &Connection,
    order: &OrderKey,
) -> Result<Vec<PlanId>, StoreError> {
    each(connection, sql::RUNS_OF, [order.to_string()], id)
}

/// The run whose id is a row's first column.
fn id(row: &Row<'_>) -> Result<PlanId, StoreError> {
    plan_id(text(row, 0)?)
}

pub(super) fn list(connection: &Connection, wanted: &Wanted) -> Result<Vec<ListedRun>, StoreError> {
    let after = i64::try_from(wanted.after).unwrap_or(i64::MAX);
    match wanted.standing {
        None => each(connection, sql::LIST, params![after, wanted.most], listed),
        Some(standing) => {
            let values = params![after, wanted.most, standing.as_str()];
            each(connection, sql::LIST_STANDING, values, listed)
        }
    }
}

fn listed(row: &Row<'_>) -> Result<ListedRun, StoreError> {
    let id = id(row)?;
    let wake_at: Option<i64> = column(row, 5)?;
    let by: Option<String> = column(row, 6)?;
    let until: Option<i64> = column(row, 7)?;
    Ok(ListedRun {
        id,
        key: columns::order_key(text(row, 1)?, id)?,
        operation: word("the operation of a run", text(row, 11)?)?,
        generation: column(row, 12)?,
        submitted_at: instant("the time of submission", id, column(row, 2)?)?,
        arrival: u64::try_from(column::<i64>(row, 3)?).unwrap_or_default(),
        standing: text(row, 4)?
            .parse()
            .map_err(|error| damaged(format!("the standing of run {id}"), error))?,
        wake_at: wake_at
            .map(|at| instant("the wake-up", id, at))
            .transpose()?,
        lease: match until {
            Some(until) => Some(Lease {
                by: by.unwrap_or_default(),
                until: instant("the lease", id, until)?,
            }),
            None => None,
        },
        crashes: column(row, 8)?,
        problem: column(row, 9)?,
        denied_by: json("the denials", id, text(row, 10)?)?,
        payment: payment(row, 13, id)?,
    })
}

pub(super) fn sealed_otherwise(
    connection: &Connection,
    key_id: &str,
) -> Result<Vec<PlanId>, StoreError> {
    each(connection, sql::SEALED_OTHERWISE, [key_id], id)
}

pub(super) fn reservations(
    connection: &Connection,
    except: Option<PlanId>,
) -> Result<Held, StoreError> {
    let except = except.map(|run| run.to_string()).unwrap_or_default();
    let held = find(connection, sql::RESERVATIONS, [except], |row| {
        let places: Vec<ReservationColumns> = serde_json::from_str(text(row, 1)?)
            .map_err(|error| damaged("the places that runs hold", error))?;
        Ok(Held {
            version: u64::try_from(column::<i64>(row, 0)?).unwrap_or_default(),
            reservations: places
                .into_iter()
                .map(ReservationColumns::read)
                .collect::<Result<_, _>>()?,
        })
    })?;
    held.ok_or_else(columns::no_version)
}

pub(super) fn bound_to(
    connection: &Connection,
    binding: &Binding,
) -> Result<Option<PlanId>, StoreError> {
    let values = [binding.server.as_str(), binding.remote_id.as_str()];
    find(connection, sql::BOUND_TO, values, id)
}

pub(super) fn known(connection: &Connection, server: &ServerName) -> Result<Known, StoreError> {
    let known = find(connection, sql::KNOWN, [server.as_str()], |row| {
        Ok(Known {
            shows_marks: column(row, 0)?,
            logins_work: column(row, 1)?,
        })
    })?;
    Ok(known.unwrap_or_default())
}

pub(super) fn denied(connection: &Connection) -> Result<Vec<DeniedServer>, StoreError> {
    each(connection, sql::DENIED, [], |row| {
        columns::denied_server(column(row, 0)?, text(row, 1)?, column(row, 2)?)
    })
}

pub(super) fn denied_by(
    connection: &Connection,
    server: &ServerName,
    most: u32,
) -> Result<Vec<PlanId>, StoreError> {
    let values = params![server.as_str(), most];
    each(connection, sql::DENIED_BY, values, id)
}
