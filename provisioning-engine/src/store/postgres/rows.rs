//! Rows of PostgreSQL. What does not read back is damaged, and says where.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::failure::Failed;
use crate::store::CancelWish;
use crate::store::columns;
pub(super) use crate::store::columns::{damaged, instant, json, micros, to_json};

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

/// The wish to stop that two columns from `index` on hold.
pub(super) fn wish(row: &PgRow, index: usize) -> Result<Option<CancelWish>, Failed> {
    Ok(columns::wish(column(row, index)?, column(row, index + 1)?))
}
