//! Leases and fences.

use std::collections::BTreeSet;

use jiff::Timestamp;

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::id::PlanId;

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::read::run_id;
use super::super::rows::{column, instant, micros};
use super::super::statements as sql;
use super::{fence, text};
use crate::store::{Claim, MOST_CRASHES, Rest, StoreError};

/// Who takes a lease, and for how long.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Takes<'a> {
    pub(in super::super) by: &'a str,
    pub(in super::super) now: Timestamp,
    pub(in super::super) until: Timestamp,
}

impl Takes<'_> {
    /// In microseconds.
    fn lease(&self) -> i64 {
        micros(self.until).saturating_sub(micros(self.now))
    }

    fn claim(&self, run: PlanId, fence: i64) -> Claim {
        Claim {
            run,
            fence: u64::try_from(fence).unwrap_or_default(),
            until: self.until,
        }
    }
}

pub(in super::super) async fn claim(
    transaction: &mut Transaction,
    run: PlanId,
    takes: Takes<'_>,
) -> Result<Claim, Failed> {
    loop {
        let (now, until) = (transaction.told(takes.now), transaction.told(takes.until));
        let claim = sqlx::query(sql::CLAIM)
            .bind(run.as_uuid())
            .bind(now)
            .bind(until)
            .bind(takes.lease())
            .bind(MOST_CRASHES)
            .bind(takes.by);
        if let Some(row) = transaction.optional(claim).await? {
            return Ok(takes.claim(run, column(&row, 0)?));
        }
        let why = sqlx::query(sql::WHY_NOT_CLAIMED)
            .bind(run.as_uuid())
            .bind(now);
        let row = transaction
            .optional(why)
            .await?
            .ok_or(StoreError::NoRun(run))?;
        let until: Option<i64> = column(&row, 0)?;
        let by: Option<String> = column(&row, 1)?;
        let crashes: i64 = column(&row, 2)?;
        if let Some(until) = until
            && column::<bool>(&row, 3)?
        {
            return Err(StoreError::Claimed {
                run,
                until: instant("the lease", run, until)?,
                by: by.unwrap_or_default(),
            }
            .into());
        }
        if crashes >= MOST_CRASHES {
            return Err(StoreError::Poisoned { run, crashes }.into());
        }
        // It was given back between the two statements, and nobody else can take it now.
    }
}

pub(in super::super) async fn claim_due(
    transaction: &mut Transaction,
    takes: Takes<'_>,
    most: u32,
    busy: &BTreeSet<ServerName>,
) -> Result<Vec<Claim>, Failed> {
    let busy: Vec<&str> = busy.iter().map(ServerName::as_str).collect();
    let due = sqlx::query(sql::CLAIM_DUE)
        .bind(micros(takes.now))
        .bind(transaction.told(takes.now))
        .bind(transaction.told(takes.until))
        .bind(takes.lease())
        .bind(MOST_CRASHES)
        .bind(takes.by)
        .bind(i64::from(most))
        .bind(busy);
    let rows = transaction.all(due).await?;
    let mut claims = Vec::with_capacity(rows.len());
    for row in &rows {
        let order: (i64, i64) = (column(row, 2)?, column(row, 3)?);
        claims.push((order, takes.claim(run_id(row, 0)?, column(row, 1)?)));
    }
    // RETURNING promises no order.
    claims.sort_unstable_by_key(|(order, _)| *order);
    Ok(claims.into_iter().map(|(_, claim)| claim).collect())
}

pub(in super::super) async fn absolve(
    transaction: &mut Transaction,
    run: PlanId,
) -> Result<(), Failed> {
    let absolved = sqlx::query(sql::ABSOLVE).bind(run.as_uuid());
    match transaction.execute(absolved).await? {
        1 => Ok(()),
        _ => Err(StoreError::NoRun(run).into()),
    }
}

pub(in super::super) async fn extend(
    transaction: &mut Transaction,
    claim: &Claim,
) -> Result<(), Failed> {
    let extended = sqlx::query(sql::EXTEND)
        .bind(claim.run.as_uuid())
        .bind(fence(claim))
        .bind(transaction.told(claim.until));
    still_ours(transaction.execute(extended).await?, claim)
}

pub(in super::super) async fn release(
    transaction: &mut Transaction,
    claim: &Claim,
    rest: Option<&Rest>,
) -> Result<(), Failed> {
    let run = claim.run.as_uuid();
    let released = sqlx::query(sql::RELEASE).bind(run).bind(fence(claim));
    still_ours(transaction.execute(released).await?, claim)?;
    if let Some(Rest { wake_at, problem }) = rest {
        let rest = sqlx::query(sql::REST)
            .bind(run)
            .bind(wake_at.map(micros))
            .bind(problem.as_deref().map(text));
        transaction.execute(rest).await?;
    }
    for soon in [sql::STOP_SOON, sql::DECIDE_SOON] {
        transaction.execute(sqlx::query(soon).bind(run)).await?;
    }
    Ok(())
}

fn still_ours(rows: u64, claim: &Claim) -> Result<(), Failed> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::FencedOut(claim.run).into())
    }
}
