//! Taking a run in.

use provisioning_core::plan::id::PlanId;

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::read::run_id;
use super::super::rows::{column, micros};
use super::super::statements as sql;
use super::events::attach_early;
use crate::store::{NewRun, Standing, Submitted};

/// Whoever submits the same order at the same moment waits at one of its ids, and then sees it.
pub(in super::super) async fn submit(
    transaction: &mut Transaction,
    new: &NewRun,
) -> Result<Submitted, Failed> {
    let run = new.id.as_uuid();
    let (tenant, mode) = (new.key.tenant().as_str(), new.key.mode().as_str());
    let mut aliases: Vec<String> = new.aliases.iter().map(ToString::to_string).collect();
    lock_ids(transaction, tenant, mode, &aliases).await?;
    let mut hits: Vec<(PlanId, String)> = Vec::new();
    let by_key = sqlx::query(sql::SUBMITTED_KEY).bind(new.key.to_string());
    if let Some(row) = transaction.optional(by_key).await? {
        hits.push((run_id(&row, 0)?, format!("order id {}", new.key)));
    }
    let by_alias = sqlx::query(sql::SUBMITTED_ALIASES)
        .bind(tenant)
        .bind(mode)
        .bind(&aliases);
    for row in transaction.all(by_alias).await? {
        hits.push((run_id(&row, 0)?, column(&row, 1)?));
    }
    if let Some((known, through)) = hits.first() {
        let content = sqlx::query(sql::CONTENT).bind(known.as_uuid());
        let row = transaction.one(content).await?;
        let content: String = column(&row, 0)?;
        // Ids that lead to different runs are a conflict whatever the content is.
        let same = content == new.content && hits.iter().all(|(other, _)| other == known);
        let (run, through) = (*known, through.clone());
        return Ok(if same {
            Submitted::Existing { run, through }
        } else {
            Submitted::Conflict { run, through }
        });
    }
    let row = sqlx::query(sql::SUBMIT)
        .bind(run)
        .bind(new.key.to_string())
        .bind(&new.content)
        .bind(micros(new.at))
        .bind(Standing::Submitted.as_str());
    transaction.execute(row).await?;
    let order = sqlx::query(sql::ADD_ORDER)
        .bind(run)
        .bind(&new.order.key_id)
        .bind(&new.order.value);
    transaction.execute(order).await?;
    // In the same order for everybody, so that two orders that share several wait for one another once.
    aliases.sort_unstable();
    let add = sqlx::query(sql::ADD_ALIASES)
        .bind(tenant)
        .bind(mode)
        .bind(&aliases)
        .bind(run);
    transaction.execute(add).await?;
    attach_early(transaction, new, &aliases).await?;
    Ok(Submitted::New { run: new.id })
}

/// Keeps others from taking in an order or an event that has one of these ids, until the transaction ends.
pub(super) async fn lock_ids(
    transaction: &mut Transaction,
    tenant: &str,
    mode: &str,
    aliases: &[String],
) -> Result<(), Failed> {
    let locks = sqlx::query(sql::LOCK_IDS)
        .bind(tenant)
        .bind(mode)
        .bind(aliases);
    transaction.all(locks).await?;
    Ok(())
}
