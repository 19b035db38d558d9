//! Leases and fences.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::id::PlanId;

use super::super::rows::{column, done, each, find, micros, plan_id, text, to_json};
use super::super::statements as sql;
use super::fence;
use crate::store::{Claim, MOST_CRASHES, Rest, StoreError};

pub(in super::super) fn claim(
    connection: &Connection,
    run: PlanId,
    by: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Claim, StoreError> {
    let id = run.to_string();
    let values = params![id, micros(now), micros(until), MOST_CRASHES, by];
    let claimed = find(connection, sql::CLAIM, values, |row| column::<i64>(row, 0))?;
    if let Some(fence) = claimed {
        return Ok(Claim {
            run,
            fence: u64::try_from(fence).unwrap_or_default(),
            until,
        });
    }
    let (until, by, crashes) = find(connection, sql::WHY_NOT_CLAIMED, [&id], |row| {
        let until: Option<i64> = column(row, 0)?;
        let by: Option<String> = column(row, 1)?;
        Ok((until, by, column(row, 2)?))
    })?
    .ok_or(StoreError::NoRun(run))?;
    match until
        .and_then(|until| Timestamp::from_microsecond(until).ok())
        .filter(|until| *until > now)
    {
        Some(until) => Err(StoreError::Claimed {
            run,
            until,
            by: by.unwrap_or_default(),
        }),
        None => Err(StoreError::Poisoned { run, crashes }),
    }
}

pub(in super::super) fn claim_due(
    connection: &Connection,
    by: &str,
    now: Timestamp,
    until: Timestamp,
    most: u32,
    busy: &BTreeSet<ServerName>,
) -> Result<Vec<Claim>, StoreError> {
    let values = params![
        micros(now),
        micros(until),
        MOST_CRASHES,
        by,
        most,
        to_json("the busy servers", busy)?,
    ];
    let mut claims = each(connection, sql::CLAIM_DUE, values, |row| {
        let order: (i64, i64) = (column(row, 2)?, column(row, 3)?);
        let claim = Claim {
            run: plan_id(text(row, 0)?)?,
            fence: u64::try_from(column::<i64>(row, 1)?).unwrap_or_default(),
            until,
        };
        Ok((order, claim))
    })?;
    // RETURNING promises no order.
    claims.sort_unstable_by_key(|(order, _)| *order);
    Ok(claims.into_iter().map(|(_, claim)| claim).collect())
}

pub(in super::super) fn absolve(connection: &Connection, run: PlanId) -> Result<(), StoreError> {
    match done(connection, sql::ABSOLVE, [run.to_string()])? {
        1 => Ok(()),
        _ => Err(StoreError::NoRun(run)),
    }
}

pub(in super::super) fn extend(connection: &Connection, claim: &Claim) -> Result<(), StoreError> {
    let values = params![claim.run.to_string(), fence(claim), micros(claim.until)];
    if done(connection, sql::EXTEND, values)? == 1 {
        Ok(())
    } else {
        Err(StoreError::FencedOut(claim.run))
    }
}

pub(in super::super) fn release(
    connection: &Connection,
    claim: &Claim,
    rest: Option<&Rest>,
) -> Result<(), StoreError> {
    let run = claim.run.to_string();
    if done(connection, sql::RELEASE, params![run, fence(claim)])? != 1 {
        return Err(StoreError::FencedOut(claim.run));
    }
    if let Some(Rest { wake_at, problem }) = rest {
        done(
            connection,
            sql::REST,
            params![run, wake_at.map(micros), problem],
        )?;
    }
    done(connection, sql::STOP_SOON, [&run])?;
    done(connection, sql::DECIDE_SOON, [&run])?;
    Ok(())
}
