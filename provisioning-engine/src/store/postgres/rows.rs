//! Rows of PostgreSQL. What does not read back is damaged, and says where.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use provisioning_core::plan::id::PlanId;

use super::failure::Failed;
use crate::store::columns::{self, PaymentColumns};
pub(super) use crate::store::columns::{damaged, instant, json, micros, to_json, word};
use crate::store::{CancelWish, PaymentNote};

/// A column by its place. A value of another type was put there by somebody else.
pub(super) fn column<'r, T>(row: &'r PgRow, index: usize) -> Result<T, Failed>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(index).map_err(|error| match &error {
        sqlx::Error::ColumnDecode { .. } => Failed::Refused(damaged("a row", &error)),
        _ => Failed::Database(error),
    })
}

/// A number that cannot be as large as the column may be.
pub(super) fn number(what: &str, row: &PgRow, index: usize) -> Result<u32, Failed> {
    let number: i64 = column(row, index)?;
    Ok(u32::try_from(number).map_err(|error| damaged(what, error))?)
}

/// The wish to stop that three columns from `index` on hold.
pub(super) fn wish(row: &PgRow, index: usize) -> Result<Option<CancelWish>, Failed> {
    let wish = columns::wish(
        column(row, index)?,
        column(row, index + 1)?,
        column(row, index + 2)?,
    )?;
    Ok(wish)
}

/// What six columns from `index` on hold about the payment of an order.
pub(super) fn payment(row: &PgRow, index: usize, run: PlanId) -> Result<PaymentNote, Failed> {
    let columns = PaymentColumns {
        version: column(row, index)?,
        settled: column(row, index + 1)?,
        decide_at: column(row, index + 2)?,
        unpaid: column(row, index + 3)?,
        unpaid_since: column(row, index + 4)?,
        question: column(row, index + 5)?,
    };
    Ok(columns.read(run)?)
}
