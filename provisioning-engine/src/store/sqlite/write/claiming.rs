//! Leases and fences.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::id::PlanId;

use super::super::batch::Batch;
use super::super::rows::{column, micros, plan_id, to_json};
use super::super::{failure, statements as sql};
use super::{done, fence};
use crate::store::{Claim, MOST_CRASHES, Rest, StoreError};

pub(in super::super) async fn claim(
    connection: &mut SqliteConnection,
    run: PlanId,
    by: String,
    now: Timestamp,
    until: Timestamp,
) -> Result<Claim, StoreError> {
    let claimed = sqlx::query(sql::CLAIM)
        .bind(run.to_string())
        .bind(micros(now))
        .bind(micros(until))
        .bind(MOST_CRASHES)
        .bind(by)
        .fetch_optional(&mut *connection)
        .await
        .map_err(|error| failure(&error))?;
    if let Some(row) = claimed {
        let fence: i64 = column(&row, 0)?;
        return Ok(Claim {
            run,
            fence: u64::try_from(fence).unwrap_or_default(),
            until,
        });
    }
    let row = sqlx::query(sql::WHY_NOT_CLAIMED)
        .bind(run.to_string())
        .fetch_optional(connection)
        .await
        .map_err(|error| failure(&error))?
        .ok_or(StoreError::NoRun(run))?;
    let until: Option<i64> = column(&row, 0)?;
    let by: Option<String> = column(&row, 1)?;
    match until
        .and_then(|until| Timestamp::from_microsecond(until).ok())
        .filter(|until| *until > now)
    {
        Some(until) => Err(StoreError::Claimed {
            run,
            until,
            by: by.unwrap_or_default(),
        }),
        None => Err(StoreError::Poisoned {
            run,
            crashes: column(&row, 2)?,
        }),
    }
}

pub(in super::super) async fn claim_due(
    connection: &mut SqliteConnection,
    by: String,
    now: Timestamp,
    until: Timestamp,
    most: u32,
    busy: BTreeSet<ServerName>,
) -> Result<Vec<Claim>, StoreError> {
    let rows = sqlx::query(sql::CLAIM_DUE)
        .bind(micros(now))
        .bind(micros(until))
        .bind(MOST_CRASHES)
        .bind(by)
        .bind(i64::from(most))
        .bind(to_json("the busy servers", &busy)?)
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    let mut claims = Vec::with_capacity(rows.len());
    for row in &rows {
        let order: (i64, i64) = (column(row, 2)?, column(row, 3)?);
        let fence: i64 = column(row, 1)?;
        let claim = Claim {
            run: plan_id(column(row, 0)?)?,
            fence: u64::try_from(fence).unwrap_or_default(),
            until,
        };
        claims.push((order, claim));
    }
    // RETURNING promises no order.
    claims.sort_unstable_by_key(|(order, _)| *order);
    Ok(claims.into_iter().map(|(_, claim)| claim).collect())
}

pub(in super::super) async fn absolve(
    connection: &mut SqliteConnection,
    run: PlanId,
) -> Result<(), StoreError> {
    match done(connection, sqlx::query(sql::ABSOLVE).bind(run.to_string())).await? {
        1 => Ok(()),
        _ => Err(StoreError::NoRun(run)),
    }
}

pub(in super::super) async fn extend(
    connection: &mut SqliteConnection,
    claim: Claim,
) -> Result<(), StoreError> {
    let extended = sqlx::query(sql::EXTEND)
        .bind(claim.run.to_string())
        .bind(fence(&claim))
        .bind(micros(claim.until));
    if done(connection, extended).await? == 1 {
        Ok(())
    } else {
        Err(StoreError::FencedOut(claim.run))
    }
}

pub(in super::super) async fn release(
    connection: &mut SqliteConnection,
    claim: Claim,
    rest: Option<Rest>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    let held = sqlx::query(sql::HELD)
        .bind(&run)
        .bind(fence(&claim))
        .fetch_optional(&mut *connection)
        .await
        .map_err(|error| failure(&error))?;
    if held.is_none() {
        return Err(StoreError::FencedOut(claim.run));
    }
    let mut batch = Batch::new();
    batch.add(sql::RELEASE, [run.as_str().into(), fence(&claim).into()]);
    if let Some(Rest { wake_at, problem }) = rest {
        batch.add(
            sql::REST,
            [
                run.as_str().into(),
                wake_at.map(micros).into(),
                problem.into(),
            ],
        );
    }
    batch.add(sql::STOP_SOON, [run.as_str().into()]);
    batch.add(sql::DECIDE_SOON, [run.into()]);
    batch.run(connection).await
}
