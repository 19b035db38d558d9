//! Sealing anew, and erasing.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::super::batch::Batch;
use super::super::rows::micros;
use super::super::statements as sql;
use super::projecting::project;
use super::{done, fenced};
use crate::store::{Claim, Projection, Resealed, Standing, StoreError};

pub(in super::super) async fn reseal(
    connection: &mut SqliteConnection,
    claim: Claim,
    resealed: Resealed,
) -> Result<(), StoreError> {
    fenced(connection, &claim).await?;
    let run = claim.run.to_string();
    if let Some(order) = &resealed.order {
        let order = sqlx::query(sql::SET_ORDER)
            .bind(&run)
            .bind(&order.key_id)
            .bind(&order.value);
        done(connection, order).await?;
    }
    for credential in &resealed.credentials {
        let credential = sqlx::query(sql::SET_CREDENTIAL)
            .bind(&run)
            .bind(credential.credential.as_str())
            .bind(&credential.key_id)
            .bind(&credential.sealed);
        done(connection, credential).await?;
    }
    Ok(())
}

pub(in super::super) async fn forget(
    connection: &mut SqliteConnection,
    claim: Claim,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut row = fenced(connection, &claim).await?;
    let run = claim.run.to_string();
    for statement in [
        sql::DROP_ORDER,
        sql::DROP_PLAN,
        sql::DROP_REJECTION,
        sql::DROP_ENTRIES,
        sql::DROP_CREDENTIALS,
        sql::DROP_EVENTS,
        sql::DROP_CUSTOMERS,
    ] {
        done(connection, sqlx::query(statement).bind(&run)).await?;
    }
    row.next_entry = 0;
    row.cancel = None;
    row.is_unsettled = false;
    row.decides_later = false;
    let nothing = Projection {
        standing: Standing::Forgotten,
        ..Projection::default()
    };
    project(connection, Batch::new(), &claim, row, &nothing, None).await?;
    let forgotten = sqlx::query(sql::SET_FORGOTTEN).bind(&run).bind(micros(at));
    done(connection, forgotten).await?;
    Ok(())
}
