//! Rows of SQLite. What does not read back is damaged, and says where.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::failure;
use crate::store::columns;
pub(super) use crate::store::columns::{damaged, instant, json, micros, plan_id, to_json};
use crate::store::{CancelWish, StoreError};

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

/// The wish to stop that two columns from `index` on hold.
pub(super) fn wish(row: &SqliteRow, index: usize) -> Result<Option<CancelWish>, StoreError> {
    Ok(columns::wish(column(row, index)?, column(row, index + 1)?))
}
