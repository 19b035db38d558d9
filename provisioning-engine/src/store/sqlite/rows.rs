//! Between rows and values. What does not read back is damaged, and says where.

use std::fmt::Display;

use jiff::Timestamp;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use provisioning_core::plan::id::PlanId;

use super::failure;
use crate::store::{CancelWish, PaymentNote, StoreError, Unpaid};

pub(super) fn damaged(what: impl Into<String>, problem: impl Display) -> StoreError {
    StoreError::Damaged {
        what: what.into(),
        problem: problem.to_string(),
    }
}

pub(super) fn plan_id(text: &str) -> Result<PlanId, StoreError> {
    text.parse::<Uuid>()
        .map(PlanId::from)
        .map_err(|error| damaged(format!("the run id `{text}`"), error))
}

/// Instants are stored in microseconds since 1970.
pub(super) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

pub(super) fn instant(what: &str, run: impl Display, micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros)
        .map_err(|error| damaged(format!("{what} of run {run}"), error))
}

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
    let by: Option<String> = column(row, index)?;
    let reason: Option<String> = column(row, index + 1)?;
    let at: Option<i64> = column(row, index + 2)?;
    let Some(by) = by else { return Ok(None) };
    Ok(Some(CancelWish {
        at: instant("the wish to stop", &by, at.unwrap_or_default())?,
        by,
        reason: reason.unwrap_or_default(),
    }))
}

/// What six columns from `index` on hold about the payment of an order.
pub(super) fn payment(
    row: &SqliteRow,
    index: usize,
    run: PlanId,
) -> Result<PaymentNote, StoreError> {
    let decide_at: Option<i64> = column(row, index + 2)?;
    let unpaid: Option<&str> = column(row, index + 3)?;
    let since: Option<i64> = column(row, index + 4)?;
    Ok(PaymentNote {
        version: u64::try_from(column::<i64>(row, index)?).unwrap_or_default(),
        settled: u64::try_from(column::<i64>(row, index + 1)?).unwrap_or_default(),
        decide_at: decide_at
            .map(|at| instant("the next decision about the payment", run, at))
            .transpose()?,
        unpaid: match unpaid {
            Some(kind) => Some(Unpaid {
                kind: word("what happened to the payment", kind)?,
                since: instant("the payment event", run, since.unwrap_or_default())?,
            }),
            None => None,
        },
        question: column(row, index + 5)?,
    })
}

/// A value that is stored as the word it serialises to.
pub(super) fn word<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(text).map_err(|error| damaged(what, error))
}

pub(super) fn json<T: DeserializeOwned>(
    what: &str,
    run: PlanId,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| damaged(format!("{what} of run {run}"), error))
}

pub(super) fn to_json<T: serde::Serialize + ?Sized>(
    what: &str,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable {
        problem: format!("{what} does not serialise: {error}"),
    })
}
