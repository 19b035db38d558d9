//! Sealing anew, and erasing.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::super::rows::{done, micros};
use super::super::statements as sql;
use super::fenced;
use super::projecting::project;
use crate::store::{Claim, Projection, Resealed, Standing, StoreError};

pub(in super::super) fn reseal(
    connection: &Connection,
    claim: &Claim,
    resealed: &Resealed,
) -> Result<(), StoreError> {
    fenced(connection, claim)?;
    let run = claim.run.to_string();
    if let Some(order) = &resealed.order {
        done(
            connection,
            sql::SET_ORDER,
            [&run, &order.key_id, &order.value],
        )?;
    }
    for credential in &resealed.credentials {
        let values = [
            run.as_str(),
            credential.credential.as_str(),
            &credential.key_id,
            &credential.sealed,
        ];
        done(connection, sql::SET_CREDENTIAL, values)?;
    }
    Ok(())
}

pub(in super::super) fn forget(
    connection: &Connection,
    claim: &Claim,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut row = fenced(connection, claim)?;
    let run = claim.run.to_string();
    for statement in [
        sql::DROP_ORDER,
        sql::DROP_PLAN,
        sql::DROP_REJECTION,
        sql::DROP_ENTRIES,
        sql::DROP_CREDENTIALS,
        sql::DROP_EVENTS,
        sql::DROP_CUSTOMERS,
    ] {
        done(connection, statement, [&run])?;
    }
    row.next_entry = 0;
    row.cancel = None;
    row.is_unsettled = false;
    row.decides_later = false;
    let nothing = Projection {
        standing: Standing::Forgotten,
        ..Projection::default()
    };
    project(connection, claim, &row, &nothing, None)?;
    done(connection, sql::SET_FORGOTTEN, params![run, micros(at)])?;
    Ok(())
}
