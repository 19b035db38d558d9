//! What is known about servers.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use provisioning_core::fleet::ServerName;
use provisioning_core::permission::Denial;

use super::super::rows::{micros, to_json};
use super::super::statements as sql;
use super::done;
use crate::executor::Known;
use crate::store::StoreError;

pub(in super::super) async fn learn(
    connection: &mut SqliteConnection,
    server: ServerName,
    learned: Known,
) -> Result<(), StoreError> {
    let lesson = sqlx::query(sql::LEARN)
        .bind(server.as_str())
        .bind(learned.shows_marks)
        .bind(learned.logins_work);
    done(connection, lesson).await?;
    Ok(())
}

pub(in super::super) async fn deny(
    connection: &mut SqliteConnection,
    server: ServerName,
    denial: Denial,
    next_try: Timestamp,
) -> Result<(), StoreError> {
    let denied = sqlx::query(sql::DENY)
        .bind(server.as_str())
        .bind(to_json("the denial", &denial)?)
        .bind(micros(next_try));
    done(connection, denied).await?;
    Ok(())
}

pub(in super::super) async fn take_try(
    connection: &mut SqliteConnection,
    server: ServerName,
    now: Timestamp,
    next_try: Timestamp,
) -> Result<bool, StoreError> {
    let taken = sqlx::query(sql::TAKE_TRY)
        .bind(server.as_str())
        .bind(micros(now))
        .bind(micros(next_try));
    Ok(done(connection, taken).await? == 1)
}

pub(in super::super) async fn admit(
    connection: &mut SqliteConnection,
    server: ServerName,
) -> Result<(), StoreError> {
    done(connection, sqlx::query(sql::ADMIT).bind(server.as_str())).await?;
    Ok(())
}

pub(in super::super) async fn wake_rejected(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Result<(), StoreError> {
    done(
        connection,
        sqlx::query(sql::WAKE_REJECTED).bind(micros(now)),
    )
    .await?;
    Ok(())
}
