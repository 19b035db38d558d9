//! Payment events, and customers of panels.

use sqlx::postgres::{PgConnection, PgRow};

use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;

use super::super::failure::Failed;
use super::super::rows::{column, damaged, instant, word};
use super::super::statements as sql;
use super::run_id;
use crate::store::{KeptCustomer, Sealed, StoreError, StoredEvent};

pub(in super::super) async fn events(
    connection: &mut PgConnection,
    first: PlanId,
) -> Result<(Vec<StoredEvent>, u64), Failed> {
    let rows = sqlx::query(sql::EVENTS)
        .bind(first.as_uuid())
        .fetch_all(connection)
        .await?;
    let row = rows.first().ok_or(StoreError::NoRun(first))?;
    let version: i64 = column(row, 0)?;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        // An order without events: the version stands alone.
        if column::<Option<&str>>(row, 1)?.is_some() {
            events.push(event(row)?);
        }
    }
    Ok((events, u64::try_from(version).unwrap_or_default()))
}

pub(in super::super) async fn events_sealed_otherwise(
    connection: &mut PgConnection,
    key_id: &str,
) -> Result<Vec<StoredEvent>, Failed> {
    let rows = sqlx::query(sql::EVENTS_SEALED_OTHERWISE)
        .bind(key_id)
        .fetch_all(connection)
        .await?;
    rows.iter().map(event).collect()
}

fn event(row: &PgRow) -> Result<StoredEvent, Failed> {
    let id: String = column(row, 3)?;
    let what = |what: &str| format!("{what} of the payment event `{id}`");
    Ok(StoredEvent {
        tenant: TenantId::new(column::<String>(row, 1)?)
            .map_err(|error| damaged(what("the tenant"), error))?,
        mode: word(&what("the mode"), column(row, 2)?)?,
        kind: word(&what("the kind"), column(row, 4)?)?,
        occurred_at: instant(&what("the time"), "its order", column(row, 5)?)?,
        received_at: instant(&what("the arrival"), "its order", column(row, 6)?)?,
        details: Sealed {
            key_id: column(row, 7)?,
            value: column(row, 8)?,
        },
        id,
    })
}

pub(in super::super) async fn customer(
    connection: &mut PgConnection,
    indexes: &[String],
) -> Result<Option<Sealed>, Failed> {
    let row = sqlx::query(sql::CUSTOMER)
        .bind(indexes)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Sealed {
        key_id: column(&row, 0)?,
        value: column(&row, 1)?,
    }))
}

pub(in super::super) async fn customers_sealed_otherwise(
    connection: &mut PgConnection,
    key_id: &str,
) -> Result<Vec<KeptCustomer>, Failed> {
    let rows = sqlx::query(sql::CUSTOMERS_SEALED_OTHERWISE)
        .bind(key_id)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(KeptCustomer {
                index: column(row, 0)?,
                run: run_id(row, 1)?,
                customer: Sealed {
                    key_id: column(row, 2)?,
                    value: column(row, 3)?,
                },
            })
        })
        .collect()
}
