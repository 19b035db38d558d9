//! Payment events, and customers of panels.

use rusqlite::{Connection, Row};

use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;

use super::super::rows::{column, damaged, each, find, instant, plan_id, text, word};
use super::super::statements as sql;
use crate::store::{KeptCustomer, Sealed, StoreError, StoredEvent};

pub(in super::super) fn events(
    connection: &Connection,
    first: PlanId,
) -> Result<(Vec<StoredEvent>, u64), StoreError> {
    let run = first.to_string();
    let version: i64 = find(connection, sql::PAYMENT_VERSION, [&run], |row| {
        column(row, 0)
    })?
    .ok_or(StoreError::NoRun(first))?;
    let events = each(connection, sql::EVENTS, [&run], event)?;
    Ok((events, u64::try_from(version).unwrap_or_default()))
}

pub(in super::super) fn events_sealed_otherwise(
    connection: &Connection,
    key_id: &str,
) -> Result<Vec<StoredEvent>, StoreError> {
    each(connection, sql::EVENTS_SEALED_OTHERWISE, [key_id], event)
}

fn event(row: &Row<'_>) -> Result<StoredEvent, StoreError> {
    let id: String = column(row, 2)?;
    let what = |what: &str| format!("{what} of the payment event `{id}`");
    Ok(StoredEvent {
        tenant: TenantId::new(column::<String>(row, 0)?)
            .map_err(|error| damaged(what("the tenant"), error))?,
        mode: word(&what("the mode"), text(row, 1)?)?,
        kind: word(&what("the kind"), text(row, 3)?)?,
        occurred_at: instant(&what("the time"), "its order", column(row, 4)?)?,
        received_at: instant(&what("the arrival"), "its order", column(row, 5)?)?,
        details: Sealed {
            key_id: column(row, 6)?,
            value: column(row, 7)?,
        },
        id,
    })
}

pub(in super::super) fn customer(
    connection: &Connection,
    indexes: &[String],
) -> Result<Option<Sealed>, StoreError> {
    for index in indexes {
        let customer = find(connection, sql::CUSTOMER, [index], |row| {
            Ok(Sealed {
                key_id: column(row, 0)?,
                value: column(row, 1)?,
            })
        })?;
        if customer.is_some() {
            return Ok(customer);
        }
    }
    Ok(None)
}

pub(in super::super) fn customers_sealed_otherwise(
    connection: &Connection,
    key_id: &str,
) -> Result<Vec<KeptCustomer>, StoreError> {
    each(
        connection,
        sql::CUSTOMERS_SEALED_OTHERWISE,
        [key_id],
        |row| {
            Ok(KeptCustomer {
                index: column(row, 0)?,
                run: plan_id(text(row, 1)?)?,
                customer: Sealed {
                    key_id: column(row, 2)?,
                    value: column(row, 3)?,
                },
            })
        },
    )
}
