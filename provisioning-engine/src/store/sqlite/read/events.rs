//! Payment events, and customers of panels.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;

use super::super::rows::{column, damaged, instant, plan_id, word};
use super::super::{failure, statements as sql};
use crate::store::{KeptCustomer, Sealed, StoreError, StoredEvent};

pub(in super::super) async fn events(
    connection: &mut SqliteConnection,
    first: PlanId,
) -> Result<(Vec<StoredEvent>, u64), StoreError> {
    let row = sqlx::query(sql::PAYMENT_VERSION)
        .bind(first.to_string())
        .fetch_optional(&mut *connection)
        .await
        .map_err(|error| failure(&error))?
        .ok_or(StoreError::NoRun(first))?;
    let version: i64 = column(&row, 0)?;
    let rows = sqlx::query(sql::EVENTS)
        .bind(first.to_string())
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    let events = rows.iter().map(event).collect::<Result<_, _>>()?;
    Ok((events, u64::try_from(version).unwrap_or_default()))
}

pub(in super::super) async fn events_sealed_otherwise(
    connection: &mut SqliteConnection,
    key_id: &str,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = sqlx::query(sql::EVENTS_SEALED_OTHERWISE)
        .bind(key_id)
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    rows.iter().map(event).collect()
}

fn event(row: &SqliteRow) -> Result<StoredEvent, StoreError> {
    let id: String = column(row, 2)?;
    let what = |what: &str| format!("{what} of the payment event `{id}`");
    Ok(StoredEvent {
        tenant: TenantId::new(column::<String>(row, 0)?)
            .map_err(|error| damaged(what("the tenant"), error))?,
        mode: word(&what("the mode"), column(row, 1)?)?,
        kind: word(&what("the kind"), column(row, 3)?)?,
        occurred_at: instant(&what("the time"), "its order", column(row, 4)?)?,
        received_at: instant(&what("the arrival"), "its order", column(row, 5)?)?,
        details: Sealed {
            key_id: column(row, 6)?,
            value: column(row, 7)?,
        },
        id,
    })
}

pub(in super::super) async fn customer(
    connection: &mut SqliteConnection,
    indexes: &[String],
) -> Result<Option<Sealed>, StoreError> {
    for index in indexes {
        let row = sqlx::query(sql::CUSTOMER)
            .bind(index)
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| failure(&error))?;
        if let Some(row) = row {
            return Ok(Some(Sealed {
                key_id: column(&row, 0)?,
                value: column(&row, 1)?,
            }));
        }
    }
    Ok(None)
}

pub(in super::super) async fn customers_sealed_otherwise(
    connection: &mut SqliteConnection,
    key_id: &str,
) -> Result<Vec<KeptCustomer>, StoreError> {
    let rows = sqlx::query(sql::CUSTOMERS_SEALED_OTHERWISE)
        .bind(key_id)
        .fetch_all(connection)
        .await
        .map_err(|error| failure(&error))?;
    rows.iter()
        .map(|row| {
            Ok(KeptCustomer {
                index: column(row, 0)?,
                run: plan_id(column(row, 1)?)?,
                customer: Sealed {
                    key_id: column(row, 2)?,
                    value: column(row, 3)?,
                },
            })
        })
        .collect()
}
