//! Rows of SQLite. What does not read back is damaged, and says where.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use provisioning_core::plan::id::PlanId;

use super::failure;
use crate::store::columns::{self, PaymentColumns};
pub(super) use crate::store::columns::{damaged, instant, json, micros, plan_id, to_json, word};
use crate::store::{CancelWish, PaymentNote, StoreError};

/// A column by its place. A value of another type was put there by somebody else.
pub(super) fn column<'r, T>(row: &'r SqliteRow, index: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(index).map_err(|error| match &error {
        sqlx::Error::ColumnDecode { .. } => damaged("a row", &error),
        _ => failure(&error),
    })
}

/// The wish to stop that three columns from `index` on hold.
pub(super) fn wish(row: &SqliteRow, index: usize) -> Result<Option<CancelWish>, StoreError> {
    columns::wish(
        column(row, index)?,
        column(row, index + 1)?,
        column(row, index + 2)?,
    )
}

/// What six columns from `index` on hold about the payment of an order.
pub(super) fn payment(
    row: &SqliteRow,
    index: usize,
    run: PlanId,
) -> Result<PaymentNote, StoreError> {
    let columns = PaymentColumns {
        version: column(row, index)?,
        settled: column(row, index + 1)?,
        decide_at: column(row, index + 2)?,
        unpaid: column(row, index + 3)?,
        unpaid_since: column(row, index + 4)?,
        question: column(row, index + 5)?,
    };
    columns.read(run)
}
