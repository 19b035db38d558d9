//! Reading.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use provisioning_core::fleet::{Reservation, ServerName};
use provisioning_core::order::OrderKey;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::Journal;
use provisioning_core::username::Username;

use super::rows::{damaged, json, plan_id};
use super::unavailable;
use crate::executor::Known;
use crate::store::{Binding, Held, Sealed, StoreError, StoredRun, StoredState};

pub(super) async fn load(
    connection: &mut SqliteConnection,
    run: PlanId,
) -> Result<StoredRun, StoreError> {
    let row = sqlx::query(
        "SELECT order_key, order_key_id, order_sealed, submitted_at, journal_schema, plan, rejection \
         FROM runs WHERE id = ?1",
    )
    .bind(run.to_string())
    .fetch_optional(&mut *connection)
    .await
    .map_err(unavailable)?
    .ok_or(StoreError::NoRun(run))?;
    let key: String = row.try_get(0).map_err(unavailable)?;
    let key: OrderKey = key
        .parse()
        .map_err(|error| damaged(format!("the order key of run {run}"), error))?;
    let order = Sealed {
        key_id: row.try_get(1).map_err(unavailable)?,
        value: row.try_get(2).map_err(unavailable)?,
    };
    let submitted_at: i64 = row.try_get(3).map_err(unavailable)?;
    let submitted_at = Timestamp::from_microsecond(submitted_at)
        .map_err(|error| damaged(format!("the time of submission of run {run}"), error))?;
    let schema: Option<i64> = row.try_get(4).map_err(unavailable)?;
    let plan: Option<String> = row.try_get(5).map_err(unavailable)?;
    let rejection: Option<String> = row.try_get(6).map_err(unavailable)?;
    let state = match plan {
        Some(plan) => {
            let schema = u16::try_from(schema.unwrap_or_default())
                .map_err(|error| damaged(format!("the journal's schema of run {run}"), error))?;
            let plan = json("the plan", run, &plan)?;
            let entries = entries(connection, run).await?;
            StoredState::Planned(Box::new(Journal {
                schema,
                plan,
                entries,
            }))
        }
        None => StoredState::Unplanned(match rejection {
            Some(rejection) => Some(json("the rejection", run, &rejection)?),
            None => None,
        }),
    };
    Ok(StoredRun {
        id: run,
        key,
        order,
        submitted_at,
        state,
    })
}

/// The journal's entries, with the sealed bytes of credentials that are not erased put back in.
async fn entries(connection: &mut SqliteConnection, run: PlanId) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query("SELECT body FROM entries WHERE run = ?1 ORDER BY entry")
        .bind(run.to_string())
        .fetch_all(&mut *connection)
        .await
        .map_err(unavailable)?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let body: String = row.try_get(0).map_err(unavailable)?;
        entries.push(json::<Entry>("a journal entry", run, &body)?);
    }
    let credentials = sqlx::query("SELECT credential, sealed FROM credentials WHERE run = ?1")
        .bind(run.to_string())
        .fetch_all(&mut *connection)
        .await
        .map_err(unavailable)?;
    for row in credentials {
        let credential: String = row.try_get(0).map_err(unavailable)?;
        let bytes: String = row.try_get(1).map_err(unavailable)?;
        for entry in &mut entries {
            if let Event::CredentialSealed(sealed) = &mut entry.event
                && sealed.credential.as_str() == credential
            {
                sealed.sealed.clone_from(&bytes);
            }
        }
    }
    Ok(entries)
}

pub(super) async fn list(connection: &mut SqliteConnection) -> Result<Vec<PlanId>, StoreError> {
    let rows = sqlx::query("SELECT id FROM runs ORDER BY arrival")
        .fetch_all(connection)
        .await
        .map_err(unavailable)?;
    rows.iter()
        .map(|row| plan_id(row.try_get(0).map_err(unavailable)?))
        .collect()
}

pub(super) async fn reservations(
    connection: &mut SqliteConnection,
    except: Option<PlanId>,
) -> Result<Held, StoreError> {
    let version: i64 = sqlx::query("SELECT version FROM reservation_version")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(unavailable)?;
    let rows =
        sqlx::query("SELECT server, username, holder, slots FROM reservations WHERE run <> ?1")
            .bind(except.map(|run| run.to_string()).unwrap_or_default())
            .fetch_all(connection)
            .await
            .map_err(unavailable)?;
    let mut reservations = Vec::with_capacity(rows.len());
    for row in rows {
        let server: String = row.try_get(0).map_err(unavailable)?;
        let username: String = row.try_get(1).map_err(unavailable)?;
        let holder: String = row.try_get(2).map_err(unavailable)?;
        let slots: u32 = row.try_get(3).map_err(unavailable)?;
        let broken =
            |error: &dyn std::fmt::Display| damaged(format!("the reservation of {holder}"), error);
        let server = ServerName::new(server).map_err(|error| broken(&error))?;
        let username = Username::new(username).map_err(|error| broken(&error))?;
        reservations.push(Reservation::new(server, username, holder.clone()).with_slots(slots));
    }
    Ok(Held {
        version: u64::try_from(version).unwrap_or_default(),
        reservations,
    })
}

pub(super) async fn bound_to(
    connection: &mut SqliteConnection,
    binding: &Binding,
) -> Result<Option<PlanId>, StoreError> {
    let row = sqlx::query("SELECT run FROM bindings WHERE server = ?1 AND remote_id = ?2")
        .bind(binding.server.as_str())
        .bind(&binding.remote_id)
        .fetch_optional(connection)
        .await
        .map_err(unavailable)?;
    row.map(|row| plan_id(row.try_get(0).map_err(unavailable)?))
        .transpose()
}

pub(super) async fn known(
    connection: &mut SqliteConnection,
    server: &ServerName,
) -> Result<Known, StoreError> {
    let row = sqlx::query("SELECT shows_marks, logins_work FROM servers WHERE server = ?1")
        .bind(server.as_str())
        .fetch_optional(connection)
        .await
        .map_err(unavailable)?;
    let Some(row) = row else {
        return Ok(Known::default());
    };
    Ok(Known {
        shows_marks: row.try_get(0).map_err(unavailable)?,
        logins_work: row.try_get(1).map_err(unavailable)?,
    })
}
