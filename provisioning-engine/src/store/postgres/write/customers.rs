//! What runs have learned about customers of panels.

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::statements as sql;
use crate::store::KeptCustomer;

pub(in super::super) async fn keep_customer(
    transaction: &mut Transaction,
    kept: &KeptCustomer,
) -> Result<(), Failed> {
    let kept = sqlx::query(sql::KEEP_CUSTOMER)
        .bind(&kept.index)
        .bind(kept.run.as_uuid())
        .bind(&kept.customer.key_id)
        .bind(&kept.customer.value);
    transaction.execute(kept).await?;
    Ok(())
}

pub(in super::super) async fn reseal_customer(
    transaction: &mut Transaction,
    before: &KeptCustomer,
    after: &KeptCustomer,
) -> Result<(), Failed> {
    let in_the_way = sqlx::query(sql::DROP_CUSTOMER_OF_THAT_NAME)
        .bind(&before.index)
        .bind(before.run.as_uuid())
        .bind(&after.index);
    transaction.execute(in_the_way).await?;
    let kept = sqlx::query(sql::SET_CUSTOMER)
        .bind(&before.index)
        .bind(before.run.as_uuid())
        .bind(&after.index)
        .bind(&after.customer.key_id)
        .bind(&after.customer.value);
    transaction.execute(kept).await?;
    Ok(())
}
