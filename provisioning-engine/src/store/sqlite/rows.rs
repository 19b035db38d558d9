//! Rows of SQLite. What does not read back is damaged, and says where.

use rusqlite::types::FromSql;
use rusqlite::{Connection, Params, Row};
use uuid::Uuid;

use provisioning_core::plan::id::PlanId;

use super::failure;
use crate::store::columns::{self, PaymentColumns};
pub(super) use crate::store::columns::{damaged, instant, json, micros, to_json, word};
use crate::store::{CancelWish, PaymentNote, StoreError};

/// The first row that a statement returns, if there is one.
pub(super) fn find<T>(
    connection: &Connection,
    statement: &'static str,
    values: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let failed = |error| failure(&error);
    let mut prepared = connection.prepare_cached(statement).map_err(failed)?;
    let mut rows = prepared.query(values).map_err(failed)?;
    rows.next().map_err(failed)?.map(read).transpose()
}

/// Every row that a statement returns.
pub(crate) fn each<T>(
    connection: &Connection,
    statement: &'static str,
    values: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let failed = |error| failure(&error);
    let mut prepared = connection.prepare_cached(statement).map_err(failed)?;
    let mut rows = prepared.query(values).map_err(failed)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// Runs a statement that returns no rows. How many rows it changed.
pub(crate) fn done(
    connection: &Connection,
    statement: &'static str,
    values: impl Params,
) -> Result<usize, StoreError> {
    connection
        .prepare_cached(statement)
        .and_then(|mut prepared| prepared.execute(values))
        .map_err(|error| failure(&error))
}

/// A column by its place. A value of another type was put there by somebody else.
pub(crate) fn column<T: FromSql>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    row.get(index).map_err(|error| unread(&error))
}

/// A column of text that need not be kept.
pub(super) fn text<'r>(row: &'r Row<'_>, index: usize) -> Result<&'r str, StoreError> {
    row.get_ref(index)
        .map_err(|error| unread(&error))?
        .as_str()
        .map_err(|error| damaged("a row", format!("column {index}: {error}")))
}

fn unread(error: &rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..) => damaged("a row", error),
        _ => failure(error),
    }
}

/// Ids of runs are stored as text.
pub(super) fn plan_id(text: &str) -> Result<PlanId, StoreError> {
    text.parse::<Uuid>()
        .map(PlanId::from)
        .map_err(|error| damaged(format!("the run id `{text}`"), error))
}

/// The wish to stop that three columns from `index` on hold.
pub(super) fn wish(row: &Row<'_>, index: usize) -> Result<Option<CancelWish>, StoreError> {
    columns::wish(
        column(row, index)?,
        column(row, index + 1)?,
        column(row, index + 2)?,
    )
}

/// What six columns from `index` on hold about the payment of an order.
pub(super) fn payment(row: &Row<'_>, index: usize, run: PlanId) -> Result<PaymentNote, StoreError> {
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
