//! What runs have learned about customers of panels.

use sqlx::sqlite::SqliteConnection;

use super::super::statements as sql;
use super::done;
use crate::store::{KeptCustomer, StoreError};

pub(in super::super) async fn keep_customer(
    connection: &mut SqliteConnection,
    kept: KeptCustomer,
) -> Result<(), StoreError> {
    let kept = sqlx::query(sql::KEEP_CUSTOMER)
        .bind(kept.index)
        .bind(kept.run.to_string())
        .bind(kept.customer.key_id)
        .bind(kept.customer.value);
    done(connection, kept).await?;
    Ok(())
}

pub(in super::super) async fn reseal_customer(
    connection: &mut SqliteConnection,
    before: KeptCustomer,
    after: KeptCustomer,
) -> Result<(), StoreError> {
    let kept = sqlx::query(sql::SET_CUSTOMER)
        .bind(before.index)
        .bind(before.run.to_string())
        .bind(after.index)
        .bind(after.customer.key_id)
        .bind(after.customer.value);
    done(connection, kept).await?;
    Ok(())
}
