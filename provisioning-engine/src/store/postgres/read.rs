//! Reading: one statement each, so that everything read is of one moment.

mod events;

use sqlx::postgres::{PgConnection, PgRow};
use uuid::Uuid;

use provisioning_core::fleet::ServerName;
use provisioning_core::order::OrderKey;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::journal::Journal;

use super::failure::Failed;
use super::rows::{column, damaged, instant, json, number, payment, wish, word};
use super::statements as sql;
use crate::executor::Known;
use crate::store::columns::{self, CredentialColumns, ReservationColumns};
use crate::store::{
    Binding, DeniedServer, Held, Lease, ListedRun, Sealed, StoreError, StoredRun, StoredState,
    Wanted,
};

pub(super) use events::{customer, customers_sealed_otherwise, events, events_sealed_otherwise};

pub(super) async fn load(connection: &mut PgConnection, run: PlanId) -> Result<StoredRun, Failed> {
    let row = sqlx::query(sql::LOAD)
        .bind(run.as_uuid())
        .fetch_optional(connection)
        .await?
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
        generation: number("the generation of a run", &row, 14)?,
        first: run_id(&row, 15)?,
        order: order_key_id
            .zip(order_sealed)
            .map(|(key_id, value)| Sealed { key_id, value }),
        submitted_at: instant("the time of submission", run, column(&row, 3)?)?,
        state,
        cancel: wish(&row, 8)?,
        payment: payment(&row, 16, run)?,
    })
}

fn journal(run: PlanId, row: &PgRow) -> Result<Journal, Failed> {
    let missing = || damaged(format!("the plan of run {run}"), "it is missing");
    let schema = column::<Option<i64>>(row, 4)?.ok_or_else(missing)?;
    let plan = column::<Option<String>>(row, 5)?.ok_or_else(missing)?;
    let numbers: Vec<i64> = column(row, 22)?;
    let bodies: Vec<String> = column(row, 23)?;
    let credentials: Vec<String> = column(row, 24)?;
    let key_ids: Vec<String> = column(row, 25)?;
    let sealed: Vec<String> = column(row, 26)?;
    let credentials: Vec<CredentialColumns> = credentials
        .into_iter()
        .zip(key_ids)
        .zip(sealed)
        .map(|((credential, key_id), sealed)| CredentialColumns {
            credential,
            key_id,
            sealed,
        })
        .collect();
    let numbered = numbers.into_iter().zip(bodies.iter().map(String::as_str));
    Ok(Journal {
        schema: u16::try_from(schema)
            .map_err(|error| damaged(format!("the journal's schema of run {run}"), error))?,
        plan: json("the plan", run, &plan)?,
        entries: columns::entries(run, numbered, column(row, 11)?, &credentials)?,
    })
}

pub(super) async fn runs_of(
    connection: &mut PgConnection,
    order: &OrderKey,
) -> Result<Vec<PlanId>, Failed> {
    let rows = sqlx::query(sql::RUNS_OF)
        .bind(order.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| run_id(row, 0)).collect()
}

pub(super) async fn list(
    connection: &mut PgConnection,
    wanted: &Wanted,
) -> Result<Vec<ListedRun>, Failed> {
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
    query
        .fetch_all(connection)
        .await?
        .iter()
        .map(listed)
        .collect()
}

fn listed(row: &PgRow) -> Result<ListedRun, Failed> {
    let id = run_id(row, 0)?;
    let wake_at: Option<i64> = column(row, 5)?;
    let by: Option<String> = column(row, 6)?;
    let until: Option<i64> = column(row, 7)?;
    let denied: &str = column(row, 10)?;
    Ok(ListedRun {
        id,
        key: columns::order_key(column(row, 1)?, id)?,
        operation: word("the operation of a run", column(row, 11)?)?,
        generation: number("the generation of a run", row, 12)?,
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

pub(super) fn run_id(row: &PgRow, index: usize) -> Result<PlanId, Failed> {
    Ok(PlanId::from(column::<Uuid>(row, index)?))
}

pub(super) async fn sealed_otherwise(
    connection: &mut PgConnection,
    key_id: &str,
) -> Result<Vec<PlanId>, Failed> {
    let rows = sqlx::query(sql::SEALED_OTHERWISE)
        .bind(key_id)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| run_id(row, 0)).collect()
}

pub(super) async fn reservations(
    connection: &mut PgConnection,
    except: Option<PlanId>,
) -> Result<Held, Failed> {
    let rows = sqlx::query(sql::RESERVATIONS)
        .bind(except.map(|run| *run.as_uuid()))
        .fetch_all(connection)
        .await?;
    if rows.is_empty() {
        return Err(columns::no_version().into());
    }
    let mut held = Held::default();
    for row in &rows {
        held.version = u64::try_from(column::<i64>(row, 0)?).unwrap_or_default();
        // Nothing is held: the version stands alone.
        let Some(server) = column::<Option<String>>(row, 1)? else {
            continue;
        };
        let columns = ReservationColumns {
            server,
            username: column(row, 2)?,
            holder: column(row, 3)?,
            slots: number("the slots of a reservation", row, 4)?,
            mark: column(row, 5)?,
            account: column(row, 6)?,
        };
        held.reservations.push(columns.read()?);
    }
    Ok(held)
}

pub(super) async fn bound_to(
    connection: &mut PgConnection,
    binding: &Binding,
) -> Result<Option<PlanId>, Failed> {
    let row = sqlx::query(sql::BOUND_TO)
        .bind(binding.server.as_str())
        .bind(&binding.remote_id)
        .fetch_optional(connection)
        .await?;
    row.map(|row| run_id(&row, 0)).transpose()
}

pub(super) async fn known(
    connection: &mut PgConnection,
    server: &ServerName,
) -> Result<Known, Failed> {
    let row = sqlx::query(sql::KNOWN)
        .bind(server.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(Known::default());
    };
    Ok(Known {
        shows_marks: column(&row, 0)?,
        logins_work: column(&row, 1)?,
    })
}

pub(super) async fn denied(connection: &mut PgConnection) -> Result<Vec<DeniedServer>, Failed> {
    let rows = sqlx::query(sql::DENIED).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let denied = columns::denied_server(column(row, 0)?, column(row, 1)?, column(row, 2)?)?;
            Ok(denied)
        })
        .collect()
}

pub(super) async fn denied_by(
    connection: &mut PgConnection,
    server: &ServerName,
    most: u32,
) -> Result<Vec<PlanId>, Failed> {
    let rows = sqlx::query(sql::DENIED_BY)
        .bind(server.as_str())
        .bind(i64::from(most))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| run_id(row, 0)).collect()
}
