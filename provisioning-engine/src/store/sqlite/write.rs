//! Writing: each function is one piece of work of a commit.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::JOURNAL_SCHEMA;

use super::rows::{plan_id, to_json};
use super::{micros, unavailable};
use crate::executor::Known;
use crate::store::{Binding, Claim, MOST_CRASHES, NewRun, Projection, Room, StoreError, Submitted};

pub(super) async fn submit(
    connection: &mut SqliteConnection,
    new: NewRun,
) -> Result<Submitted, StoreError> {
    let run = new.id.to_string();
    let (tenant, mode) = (new.key.tenant().as_str(), new.key.mode().as_str());
    let mut hits: Vec<(String, String)> = Vec::new();
    let by_key = sqlx::query("SELECT id FROM runs WHERE order_key = ?1")
        .bind(new.key.to_string())
        .fetch_optional(&mut *connection)
        .await
        .map_err(unavailable)?;
    if let Some(row) = by_key {
        hits.push((
            row.try_get(0).map_err(unavailable)?,
            format!("order id {}", new.key),
        ));
    }
    for alias in &new.aliases {
        let row =
            sqlx::query("SELECT run FROM aliases WHERE tenant = ?1 AND mode = ?2 AND alias = ?3")
                .bind(tenant)
                .bind(mode)
                .bind(alias.to_string())
                .fetch_optional(&mut *connection)
                .await
                .map_err(unavailable)?;
        if let Some(row) = row {
            hits.push((row.try_get(0).map_err(unavailable)?, alias.to_string()));
        }
    }
    if let Some((known, through)) = hits.first() {
        let content: String = sqlx::query("SELECT content FROM runs WHERE id = ?1")
            .bind(known)
            .fetch_one(&mut *connection)
            .await
            .and_then(|row| row.try_get(0))
            .map_err(unavailable)?;
        // Ids that lead to different runs are a conflict whatever the content is.
        let same = content == new.content && hits.iter().all(|(other, _)| other == known);
        let (run, through) = (plan_id(known)?, through.clone());
        return Ok(if same {
            Submitted::Existing { run, through }
        } else {
            Submitted::Conflict { run, through }
        });
    }
    sqlx::query(
        "INSERT INTO runs (id, arrival, order_key, tenant, content, order_key_id, order_sealed, submitted_at, wake_at) \
         VALUES (?1, (SELECT coalesce(max(arrival), 0) + 1 FROM runs), ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
    )
    .bind(&run)
    .bind(new.key.to_string())
    .bind(tenant)
    .bind(&new.content)
    .bind(&new.order.key_id)
    .bind(&new.order.value)
    .bind(micros(new.at))
    .execute(&mut *connection)
    .await
    .map_err(unavailable)?;
    for alias in &new.aliases {
        sqlx::query("INSERT INTO aliases (tenant, mode, alias, run) VALUES (?1, ?2, ?3, ?4)")
            .bind(tenant)
            .bind(mode)
            .bind(alias.to_string())
            .bind(&run)
            .execute(&mut *connection)
            .await
            .map_err(unavailable)?;
    }
    Ok(Submitted::New { run: new.id })
}

pub(super) async fn claim(
    connection: &mut SqliteConnection,
    run: PlanId,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Claim, StoreError> {
    let claimed = sqlx::query(
        "UPDATE runs SET fence = fence + 1, crashes = crashes + (leased_until IS NOT NULL), leased_until = ?3 \
         WHERE id = ?1 AND (leased_until IS NULL OR leased_until <= ?2) \
         AND crashes + (leased_until IS NOT NULL) < ?4 RETURNING fence",
    )
    .bind(run.to_string())
    .bind(micros(now))
    .bind(micros(lease_until))
    .bind(MOST_CRASHES)
    .fetch_optional(&mut *connection)
    .await
    .map_err(unavailable)?;
    if let Some(row) = claimed {
        let fence: i64 = row.try_get(0).map_err(unavailable)?;
        return Ok(Claim {
            run,
            fence: u64::try_from(fence).unwrap_or_default(),
        });
    }
    let row = sqlx::query(
        "SELECT leased_until, crashes + (leased_until IS NOT NULL) FROM runs WHERE id = ?1",
    )
    .bind(run.to_string())
    .fetch_optional(connection)
    .await
    .map_err(unavailable)?
    .ok_or(StoreError::NoRun(run))?;
    let until: Option<i64> = row.try_get(0).map_err(unavailable)?;
    match until
        .and_then(|until| Timestamp::from_microsecond(until).ok())
        .filter(|until| *until > now)
    {
        Some(until) => Err(StoreError::Claimed { run, until }),
        None => Err(StoreError::Poisoned {
            run,
            crashes: row.try_get(1).map_err(unavailable)?,
        }),
    }
}

pub(super) async fn claim_due(
    connection: &mut SqliteConnection,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Claim>, StoreError> {
    let claimed = sqlx::query(
        "UPDATE runs SET fence = fence + 1, crashes = crashes + (leased_until IS NOT NULL), leased_until = ?2 \
         WHERE id = (SELECT id FROM runs WHERE wake_at IS NOT NULL AND wake_at <= ?1 \
             AND (leased_until IS NULL OR leased_until <= ?1) AND crashes + (leased_until IS NOT NULL) < ?3 \
             ORDER BY wake_at LIMIT 1) \
         RETURNING id, fence",
    )
    .bind(micros(now))
    .bind(micros(lease_until))
    .bind(MOST_CRASHES)
    .fetch_optional(connection)
    .await
    .map_err(unavailable)?;
    let Some(row) = claimed else { return Ok(None) };
    let fence: i64 = row.try_get(1).map_err(unavailable)?;
    Ok(Some(Claim {
        run: plan_id(row.try_get(0).map_err(unavailable)?)?,
        fence: u64::try_from(fence).unwrap_or_default(),
    }))
}

pub(super) async fn absolve(
    connection: &mut SqliteConnection,
    run: PlanId,
) -> Result<(), StoreError> {
    // -1 takes off the lease that the last worker left behind.
    let done = sqlx::query("UPDATE runs SET crashes = -(leased_until IS NOT NULL) WHERE id = ?1")
        .bind(run.to_string())
        .execute(connection)
        .await
        .map_err(unavailable)?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::NoRun(run))
    }
}

pub(super) async fn extend(
    connection: &mut SqliteConnection,
    claim: Claim,
    lease_until: Timestamp,
) -> Result<(), StoreError> {
    let done = sqlx::query("UPDATE runs SET leased_until = ?3 WHERE id = ?1 AND fence = ?2 AND leased_until IS NOT NULL")
        .bind(claim.run.to_string())
        .bind(fence(&claim))
        .bind(micros(lease_until))
        .execute(connection)
        .await
        .map_err(unavailable)?;
    still_ours(done.rows_affected(), &claim)
}

pub(super) async fn release(
    connection: &mut SqliteConnection,
    claim: Claim,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "UPDATE runs SET leased_until = NULL, crashes = 0 WHERE id = ?1 AND fence = ?2 AND leased_until IS NOT NULL",
    )
    .bind(claim.run.to_string())
    .bind(fence(&claim))
    .execute(connection)
    .await
    .map_err(unavailable)?;
    still_ours(done.rows_affected(), &claim)
}

pub(super) async fn planned(
    connection: &mut SqliteConnection,
    claim: Claim,
    plan: Plan,
    projection: Projection,
    room: Room,
) -> Result<(), StoreError> {
    unplanned(connection, &claim).await?;
    check_room(connection, &claim, &projection, &room).await?;
    sqlx::query("UPDATE runs SET plan = ?2, journal_schema = ?3, rejection = NULL WHERE id = ?1")
        .bind(claim.run.to_string())
        .bind(to_json("the plan", &plan)?)
        .bind(i64::from(JOURNAL_SCHEMA))
        .execute(&mut *connection)
        .await
        .map_err(unavailable)?;
    project(connection, &claim, &projection).await
}

pub(super) async fn rejected(
    connection: &mut SqliteConnection,
    claim: Claim,
    rejection: Rejection,
    projection: Projection,
) -> Result<(), StoreError> {
    unplanned(connection, &claim).await?;
    sqlx::query("UPDATE runs SET rejection = ?2 WHERE id = ?1")
        .bind(claim.run.to_string())
        .bind(to_json("the rejection", &rejection)?)
        .execute(&mut *connection)
        .await
        .map_err(unavailable)?;
    project(connection, &claim, &projection).await
}

/// Whether any of these erases a credential, so that the log has to be emptied afterwards.
pub(super) fn erases(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| matches!(entry.event, Event::CredentialErased { .. }))
}

pub(super) async fn append(
    connection: &mut SqliteConnection,
    claim: Claim,
    entries: Vec<Entry>,
    projection: Projection,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let after = sqlx::query(
        "UPDATE runs SET next_entry = next_entry + ?3 \
         WHERE id = ?1 AND fence = ?2 AND leased_until IS NOT NULL AND plan IS NOT NULL RETURNING next_entry",
    )
    .bind(&run)
    .bind(fence(&claim))
    .bind(count)
    .fetch_optional(&mut *connection)
    .await
    .map_err(unavailable)?
    .ok_or(StoreError::FencedOut(claim.run))?;
    let after: i64 = after.try_get(0).map_err(unavailable)?;
    for (number, mut entry) in (after - count..).zip(entries) {
        match &mut entry.event {
            Event::CredentialSealed(sealed) => {
                sqlx::query(
                    "INSERT INTO credentials (run, credential, sealed) VALUES (?1, ?2, ?3)",
                )
                .bind(&run)
                .bind(sealed.credential.as_str())
                .bind(std::mem::take(&mut sealed.sealed))
                .execute(&mut *connection)
                .await
                .map_err(unavailable)?;
            }
            Event::CredentialErased { credential } => {
                sqlx::query("DELETE FROM credentials WHERE run = ?1 AND credential = ?2")
                    .bind(&run)
                    .bind(credential.as_str())
                    .execute(&mut *connection)
                    .await
                    .map_err(unavailable)?;
            }
            _ => {}
        }
        sqlx::query("INSERT INTO entries (run, entry, body) VALUES (?1, ?2, ?3)")
            .bind(&run)
            .bind(number)
            .bind(to_json("a journal entry", &entry)?)
            .execute(&mut *connection)
            .await
            .map_err(unavailable)?;
    }
    project(connection, &claim, &projection).await
}

pub(super) async fn learn(
    connection: &mut SqliteConnection,
    server: ServerName,
    learned: Known,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO servers (server, shows_marks, logins_work) VALUES (?1, ?2, ?3) \
         ON CONFLICT (server) DO UPDATE SET \
             shows_marks = max(shows_marks, excluded.shows_marks), \
             logins_work = max(logins_work, excluded.logins_work)",
    )
    .bind(server.as_str())
    .bind(learned.shows_marks)
    .bind(learned.logins_work)
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(())
}

fn fence(claim: &Claim) -> i64 {
    i64::try_from(claim.fence).unwrap_or(i64::MAX)
}

/// A write that touched no row was fenced out.
fn still_ours(rows: u64, claim: &Claim) -> Result<(), StoreError> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::FencedOut(claim.run))
    }
}

async fn unplanned(connection: &mut SqliteConnection, claim: &Claim) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT plan IS NOT NULL FROM runs WHERE id = ?1 AND fence = ?2 AND leased_until IS NOT NULL")
        .bind(claim.run.to_string())
        .bind(fence(claim))
        .fetch_optional(connection)
        .await
        .map_err(unavailable)?
        .ok_or(StoreError::FencedOut(claim.run))?;
    let is_planned: bool = row.try_get(0).map_err(unavailable)?;
    if is_planned {
        Err(StoreError::Planned(claim.run))
    } else {
        Ok(())
    }
}

/// Whether the places that are to be taken are still free: what others took since the servers were counted is taken off.
async fn check_room(
    connection: &mut SqliteConnection,
    claim: &Claim,
    projection: &Projection,
    room: &Room,
) -> Result<(), StoreError> {
    for (server, wanted) in projection.slots_by_server() {
        let taken_since: i64 = sqlx::query(
            "SELECT coalesce(sum(slots), 0) FROM reservations JOIN runs ON runs.id = reservations.run \
             WHERE server = ?1 AND run <> ?2 AND reserved_since > ?3",
        )
        .bind(server.as_str())
        .bind(claim.run.to_string())
        .bind(i64::try_from(room.version).unwrap_or(i64::MAX))
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(unavailable)?;
        let free = i64::from(room.free.get(server).copied().unwrap_or(0));
        if taken_since.saturating_add(i64::from(wanted)) > free {
            return Err(StoreError::RoomTaken(server.clone()));
        }
    }
    Ok(())
}

/// Stores what follows from a run's journal.
async fn project(
    connection: &mut SqliteConnection,
    claim: &Claim,
    projection: &Projection,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    for binding in &projection.bindings {
        bind(connection, claim.run, binding).await?;
    }
    sqlx::query("UPDATE runs SET wake_at = ?2 WHERE id = ?1")
        .bind(&run)
        .bind(projection.wake_at.map(micros))
        .execute(&mut *connection)
        .await
        .map_err(unavailable)?;
    if reservations_are_the_same(connection, &run, projection).await? {
        return Ok(());
    }
    sqlx::query("UPDATE reservation_version SET version = version + 1")
        .execute(&mut *connection)
        .await
        .map_err(unavailable)?;
    sqlx::query(
        "UPDATE runs SET reserved_since = (SELECT version FROM reservation_version) WHERE id = ?1",
    )
    .bind(&run)
    .execute(&mut *connection)
    .await
    .map_err(unavailable)?;
    sqlx::query("DELETE FROM reservations WHERE run = ?1")
        .bind(&run)
        .execute(&mut *connection)
        .await
        .map_err(unavailable)?;
    for reservation in &projection.reservations {
        sqlx::query("INSERT INTO reservations (run, holder, server, username, slots) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(&run)
            .bind(reservation.holder())
            .bind(reservation.server().as_str())
            .bind(reservation.username().as_str())
            .bind(i64::from(reservation.slots()))
            .execute(&mut *connection)
            .await
            .map_err(unavailable)?;
    }
    Ok(())
}

async fn reservations_are_the_same(
    connection: &mut SqliteConnection,
    run: &str,
    projection: &Projection,
) -> Result<bool, StoreError> {
    let rows =
        sqlx::query("SELECT holder, server, username, slots FROM reservations WHERE run = ?1")
            .bind(run)
            .fetch_all(connection)
            .await
            .map_err(unavailable)?;
    let mut stored = Vec::with_capacity(rows.len());
    for row in &rows {
        let row: (String, String, String, i64) = (
            row.try_get(0).map_err(unavailable)?,
            row.try_get(1).map_err(unavailable)?,
            row.try_get(2).map_err(unavailable)?,
            row.try_get(3).map_err(unavailable)?,
        );
        stored.push(row);
    }
    let mut wanted: Vec<_> = projection
        .reservations
        .iter()
        .map(|reservation| {
            (
                reservation.holder().to_owned(),
                reservation.server().to_string(),
                reservation.username().to_string(),
                i64::from(reservation.slots()),
            )
        })
        .collect();
    stored.sort();
    wanted.sort();
    Ok(stored == wanted)
}

async fn bind(
    connection: &mut SqliteConnection,
    run: PlanId,
    binding: &Binding,
) -> Result<(), StoreError> {
    let row = sqlx::query(
        "INSERT INTO bindings (server, remote_id, run) VALUES (?1, ?2, ?3) \
         ON CONFLICT (server, remote_id) DO UPDATE SET run = run RETURNING run",
    )
    .bind(binding.server.as_str())
    .bind(&binding.remote_id)
    .bind(run.to_string())
    .fetch_one(connection)
    .await
    .map_err(unavailable)?;
    let owner = plan_id(row.try_get(0).map_err(unavailable)?)?;
    if owner == run {
        Ok(())
    } else {
        Err(StoreError::Bound {
            binding: binding.clone(),
            owner,
        })
    }
}
