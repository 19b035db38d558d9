//! Reading.

mod events;

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use provisioning_core::fleet::ServerName;
use provisioning_core::order::OrderKey;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::Entry;
use provisioning_core::run::journal::Journal;

use super::rows::{column, damaged, instant, json, payment, plan_id, wish, word};
use super::{failure, statements as sql};
use crate::executor::Known;
use crate::store::columns::{self, CredentialColumns, ReservationColumns};
use crate::store::{
    Binding, DeniedServer, Held, Lease, ListedRun, Sealed, StoreError, StoredRun, StoredState,
    Wanted,
};

pub(super) use events::{customer, customers_sealed_otherwise, events, events_sealed_otherwise};

pub(super) async fn load(
    connection: &mut SqliteConnection,
    run: PlanId,
) -> Result<StoredRun, StoreError> {
    let row = sqlx::query(sql::LOAD)
        .bind(run.to_string())
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(&error))?
        .ok_or(StoreError::NoRun(run))?;
    let order_key_id: Option<String> = column(&row, 1)?;
    let order_sealed: Option<String> = column(&row, 2)?;
    let forgotten_at: Option<i64> = column(&row, 7)?;
    let state = match (forgotten_at, column::<bool>(&row, 12)?) {
        (Some(at), _) => StoredState::Forgotten(instant("the end", run, at)?),
        (None, true) => StoredState::Planned(Box::new(journal(run, &row)?)),
        (None, false) => {
            let rejection: Option<String> = column(&row, 6)?;
            StoredState::Unplanned(match rejection {
                Some(rejection) => Some(json("the rejection", run, &rejection)?),
                None => None,
            })
        }
    };
    Ok(StoredRun {
        id: run,
        key: columns::order_key(column(&row, 0)?, run)?,
        operation: word("the operation of a run", column(&row, 13)?)?,
        generation: column(&row, 14)?,
        first: plan_id(column(&row, 15)?)?,
        order: order_key_id
            .zip(order_sealed)
            .map(|(key_id, value)| Sealed { key_id, value }),
        submitted_at: instant("the time of submission", run, column(&row, 3)?)?,
        state,
        cancel: wish(&row, 8)?,
        payment: payment(&row, 16, run)?,
    })
}

fn journal(run: PlanId, row: &SqliteRow) -> Result<Journal, StoreError> {
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
fn entries(run: PlanId, row: &SqliteRow) -> Result<Vec<Entry>, StoreError> {
    let mut numbered: Vec<(i64, String)> = json("the journal", run, column(row, 22)?)?;
    numbered.sort_unstable_by_key(|(number, _)| *number);
    let sealed: Vec<(String, String, String)> = json("the credentials", run, column(row, 23)?)?;
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

pub(super) async fn runs_of(
    connection: &mut SqliteConnection,
    order: &OrderKey,
) -> Result<Vec<PlanId>, StoreError> {
    let rows = sqlx::query(sql::RUNS_OF)
        .bind(order.to_string())
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    rows.iter().map(|row| plan_id(column(row, 0)?)).collect()
}

pub(super) async fn list(
    connection: &mut SqliteConnection,
    wanted: &Wanted,
) -> Result<Vec<ListedRun>, StoreError> {
    let statement = match wanted.standing {
        None => sqlx::query(sql::LIST),
        Some(_) => sqlx::query(sql::LIST_STANDING),
    };
    let mut query = statement
        .bind(i64::try_from(wanted.after).unwrap_or(i64::MAX))
        .bind(i64::from(wanted.most));
    if let Some(standing) = wanted.standing {
        query = query.bind(standing.as_str());
    }
    let rows = query
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    rows.iter().map(listed).collect()
}

fn listed(row: &SqliteRow) -> Result<ListedRun, StoreError> {
    let id = plan_id(column(row, 0)?)?;
    let wake_at: Option<i64> = column(row, 5)?;
    let by: Option<String> = column(row, 6)?;
    let until: Option<i64> = column(row, 7)?;
    let denied: &str = column(row, 10)?;
    Ok(ListedRun {
        id,
        key: columns::order_key(column(row, 1)?, id)?,
        operation: word("the operation of a run", column(row, 11)?)?,
        generation: column(row, 12)?,
        submitted_at: instant("the time of submission", id, column(row, 2)?)?,
        arrival: u64::try_from(column::<i64>(row, 3)?).unwrap_or_default(),
        standing: column::<&str>(row, 4)?
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
        denied_by: json("the denials", id, denied)?,
        payment: payment(row, 13, id)?,
    })
}

pub(super) async fn sealed_otherwise(
    connection: &mut SqliteConnection,
    key_id: &str,
) -> Result<Vec<PlanId>, StoreError> {
    let rows = sqlx::query(sql::SEALED_OTHERWISE)
        .bind(key_id)
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    rows.iter().map(|row| plan_id(column(row, 0)?)).collect()
}

pub(super) async fn reservations(
    connection: &mut SqliteConnection,
    except: Option<PlanId>,
) -> Result<Held, StoreError> {
    let row = sqlx::query(sql::RESERVATIONS)
        .bind(except.map(|run| run.to_string()).unwrap_or_default())
        .fetch_one(connection)
        .await
        .map_err(|error| failure(&error))?;
    let places: &str = column(&row, 1)?;
    let places: Vec<ReservationColumns> = serde_json::from_str(places)
        .map_err(|error| damaged("the places that runs hold", error))?;
    Ok(Held {
        version: u64::try_from(column::<i64>(&row, 0)?).unwrap_or_default(),
        reservations: places
            .into_iter()
            .map(ReservationColumns::read)
            .collect::<Result<_, _>>()?,
    })
}

pub(super) async fn bound_to(
    connection: &mut SqliteConnection,
    binding: &Binding,
) -> Result<Option<PlanId>, StoreError> {
    let row = sqlx::query(sql::BOUND_TO)
        .bind(binding.server.as_str())
        .bind(&binding.remote_id)
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(&error))?;
    row.map(|row| plan_id(column(&row, 0)?)).transpose()
}

pub(super) async fn known(
    connection: &mut SqliteConnection,
    server: &ServerName,
) -> Result<Known, StoreError> {
    let row = sqlx::query(sql::KNOWN)
        .bind(server.as_str())
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(&error))?;
    let Some(row) = row else {
        return Ok(Known::default());
    };
    Ok(Known {
        shows_marks: column(&row, 0)?,
        logins_work: column(&row, 1)?,
    })
}

pub(super) async fn denied(
    connection: &mut SqliteConnection,
) -> Result<Vec<DeniedServer>, StoreError> {
    let rows = sqlx::query(sql::DENIED)
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    rows.iter()
        .map(|row| columns::denied_server(column(row, 0)?, column(row, 1)?, column(row, 2)?))
        .collect()
}

pub(super) async fn denied_by(
    connection: &mut SqliteConnection,
    server: &ServerName,
    most: u32,
) -> Result<Vec<PlanId>, StoreError> {
    let rows = sqlx::query(sql::DENIED_BY)
        .bind(server.as_str())
        .bind(i64::from(most))
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    rows.iter().map(|row| plan_id(column(row, 0)?)).collect()
}
