//! What is known about servers.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use provisioning_core::fleet::ServerName;
use provisioning_core::permission::Denial;

use super::super::rows::{done, micros, to_json};
use super::super::statements as sql;
use crate::executor::Known;
use crate::store::StoreError;

pub(in super::super) fn learn(
    connection: &Connection,
    server: &ServerName,
    learned: &Known,
) -> Result<(), StoreError> {
    let values = params![server.as_str(), learned.shows_marks, learned.logins_work];
    done(connection, sql::LEARN, values)?;
    Ok(())
}

pub(in super::super) fn deny(
    connection: &Connection,
    server: &ServerName,
    denial: &Denial,
    next_try: Timestamp,
) -> Result<(), StoreError> {
    let denial = to_json("the denial", denial)?;
    let values = params![server.as_str(), denial, micros(next_try)];
    done(connection, sql::DENY, values)?;
    Ok(())
}

pub(in super::super) fn take_try(
    connection: &Connection,
    server: &ServerName,
    now: Timestamp,
    next_try: Timestamp,
) -> Result<bool, StoreError> {
    let values = params![server.as_str(), micros(now), micros(next_try)];
    Ok(done(connection, sql::TAKE_TRY, values)? == 1)
}

pub(in super::super) fn admit(
    connection: &Connection,
    server: &ServerName,
) -> Result<(), StoreError> {
    done(connection, sql::ADMIT, [server.as_str()])?;
    Ok(())
}

pub(in super::super) fn wake_rejected(
    connection: &Connection,
    now: Timestamp,
) -> Result<(), StoreError> {
    done(connection, sql::WAKE_REJECTED, [micros(now)])?;
    Ok(())
}
