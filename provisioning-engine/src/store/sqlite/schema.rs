//! The schema, its versions, and how a file is recognised as ours.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor as _, Row as _};

use super::failure_at;
use crate::store::StoreError;

/// `PRAGMA application_id` of every file of ours: "PNLR".
const APPLICATION_ID: i64 = 0x504E_4C52;

/// The steps from an empty file to the newest schema. `PRAGMA user_version` counts those that were taken; a step that
/// was released is never changed.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// The newest schema this build knows.
fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Refuses a file that is not ours or newer than this build. It is read without the right to write, so that not even its
/// log is touched.
pub(super) async fn check(options: &SqliteConnectOptions, place: &str) -> Result<(), StoreError> {
    if !options.get_filename().exists() {
        return Ok(());
    }
    let options = options.clone().read_only(true).create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| failure_at(place, &error))?;
    let found = version(&mut connection, place).await;
    connection
        .close()
        .await
        .map_err(|error| failure_at(place, &error))?;
    found.map(|_| ())
}

/// Brings the file to the newest schema, in one transaction, and makes sure that it can be written.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    place: &str,
) -> Result<(), StoreError> {
    let failed = |error: sqlx::Error| failure_at(place, &error);
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failed)?;
    // Read again under the lock: another process may have migrated meanwhile.
    let found = version(&mut transaction, place).await?;
    for (step, statements) in (1_i64..).zip(MIGRATIONS) {
        if step <= found {
            continue;
        }
        transaction.execute(*statements).await.map_err(failed)?;
        for pragma in [
            format!("PRAGMA application_id = {APPLICATION_ID}"),
            format!("PRAGMA user_version = {step}"),
        ] {
            // Pragmas take no parameters; both values are our own numbers.
            transaction
                .execute(sqlx::AssertSqlSafe(pragma))
                .await
                .map_err(failed)?;
        }
    }
    // SQLite begins a transaction on a file that may only be read without a word. The first order must not find that out.
    transaction
        .execute("UPDATE reservation_version SET version = version")
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

async fn version(connection: &mut SqliteConnection, place: &str) -> Result<i64, StoreError> {
    let number =
        async |connection: &mut SqliteConnection, query: &'static str| -> Result<i64, StoreError> {
            sqlx::query(query)
                .fetch_one(connection)
                .await
                .and_then(|row| row.try_get(0))
                .map_err(|error| failure_at(place, &error))
        };
    let application = number(connection, "PRAGMA application_id").await?;
    let found = number(connection, "PRAGMA user_version").await?;
    let tables = number(connection, "SELECT count(*) FROM sqlite_master").await?;
    if application != APPLICATION_ID {
        let is_empty = application == 0 && found == 0 && tables == 0;
        return if is_empty {
            Ok(0)
        } else {
            Err(StoreError::NotOurs {
                place: place.to_owned(),
            })
        };
    }
    if found > newest() {
        return Err(StoreError::Newer {
            place: place.to_owned(),
            found,
            known: newest(),
        });
    }
    Ok(found)
}
