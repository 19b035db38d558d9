//! Sealing anew, and erasing.

use jiff::Timestamp;

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::rows::micros;
use super::super::statements as sql;
use super::fenced;
use super::projecting::project;
use crate::store::{Claim, Projection, Resealed, Standing};

pub(in super::super) async fn reseal(
    transaction: &mut Transaction,
    claim: &Claim,
    resealed: &Resealed,
) -> Result<(), Failed> {
    fenced(transaction, claim).await?;
    let run = claim.run.as_uuid();
    if let Some(order) = &resealed.order {
        let order = sqlx::query(sql::SET_ORDER)
            .bind(run)
            .bind(&order.key_id)
            .bind(&order.value);
        transaction.execute(order).await?;
    }
    for credential in &resealed.credentials {
        let credential = sqlx::query(sql::SET_CREDENTIAL)
            .bind(run)
            .bind(credential.credential.as_str())
            .bind(&credential.key_id)
            .bind(&credential.sealed);
        transaction.execute(credential).await?;
    }
    Ok(())
}

pub(in super::super) async fn forget(
    transaction: &mut Transaction,
    claim: &Claim,
    at: Timestamp,
) -> Result<(), Failed> {
    let mut row = fenced(transaction, claim).await?;
    let run = claim.run.as_uuid();
    for statement in [
        sql::DROP_ORDER,
        sql::DROP_PLAN,
        sql::DROP_REJECTION,
        sql::DROP_ENTRIES,
        sql::DROP_CREDENTIALS,
        sql::DROP_EVENTS,
        sql::DROP_CUSTOMERS,
    ] {
        transaction
            .execute(sqlx::query(statement).bind(run))
            .await?;
    }
    row.next_entry = 0;
    row.cancel = None;
    row.is_unsettled = false;
    row.decides_later = false;
    let nothing = Projection {
        standing: Standing::Forgotten,
        ..Projection::default()
    };
    project(transaction, claim, row, &nothing, None).await?;
    let forgotten = sqlx::query(sql::SET_FORGOTTEN).bind(run).bind(micros(at));
    transaction.execute(forgotten).await?;
    Ok(())
}
