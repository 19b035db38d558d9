//! What runs have learned about customers of panels.

use rusqlite::{Connection, params};

use super::super::rows::done;
use super::super::statements as sql;
use crate::store::{KeptCustomer, StoreError};

pub(in super::super) fn keep_customer(
    connection: &Connection,
    kept: &KeptCustomer,
) -> Result<(), StoreError> {
    let values = params![
        kept.index,
        kept.run.to_string(),
        kept.customer.key_id,
        kept.customer.value,
    ];
    done(connection, sql::KEEP_CUSTOMER, values)?;
    Ok(())
}

pub(in super::super) fn reseal_customer(
    connection: &Connection,
    before: &KeptCustomer,
    after: &KeptCustomer,
) -> Result<(), StoreError> {
    let values = params![
        before.index,
        before.run.to_string(),
        after.index,
        after.customer.key_id,
        after.customer.value,
    ];
    done(connection, sql::SET_CUSTOMER, values)?;
    Ok(())
}
