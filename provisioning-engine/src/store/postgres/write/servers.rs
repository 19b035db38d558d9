//! What is known about servers.

use jiff::Timestamp;

use provisioning_core::fleet::ServerName;
use provisioning_core::permission::Denial;

use super::super::connections::Transaction;
use super::super::failure::Failed;
use super::super::rows::{micros, to_json};
use super::super::statements as sql;
use crate::executor::Known;

pub(in super::super) async fn learn(
    transaction: &mut Transaction,
    server: &ServerName,
    learned: Known,
) -> Result<(), Failed> {
    let lesson = sqlx::query(sql::LEARN)
        .bind(server.as_str())
        .bind(learned.shows_marks)
        .bind(learned.logins_work);
    transaction.execute(lesson).await?;
    Ok(())
}

pub(in super::super) async fn deny(
    transaction: &mut Transaction,
    server: &ServerName,
    denial: &Denial,
    next_try: Timestamp,
) -> Result<(), Failed> {
    let denied = sqlx::query(sql::DENY)
        .bind(server.as_str())
        .bind(to_json("the denial", denial)?)
        .bind(micros(next_try));
    transaction.execute(denied).await?;
    Ok(())
}

pub(in super::super) async fn take_try(
    transaction: &mut Transaction,
    server: &ServerName,
    now: Timestamp,
    next_try: Timestamp,
) -> Result<bool, Failed> {
    let taken = sqlx::query(sql::TAKE_TRY)
        .bind(server.as_str())
        .bind(micros(now))
        .bind(micros(next_try));
    Ok(transaction.execute(taken).await? == 1)
}

pub(in super::super) async fn admit(
    transaction: &mut Transaction,
    server: &ServerName,
) -> Result<(), Failed> {
    let admitted = sqlx::query(sql::ADMIT).bind(server.as_str());
    transaction.execute(admitted).await?;
    Ok(())
}

pub(in super::super) async fn wake_rejected(
    transaction: &mut Transaction,
    now: Timestamp,
) -> Result<(), Failed> {
    let woken = sqlx::query(sql::WAKE_REJECTED).bind(micros(now));
    transaction.execute(woken).await?;
    Ok(())
}
