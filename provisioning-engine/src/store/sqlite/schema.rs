//! The schema, its versions, and how a file is recognised as ours.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor as _, Row as _};

use super::failure_at;
use crate::store::StoreError;

/// One kind of file of ours.
pub(crate) struct Schema {
    /// `PRAGMA application_id` of every such file.
    application_id: i64,
    /// The steps from an empty file to the newest schema. `PRAGMA user_version` counts those that were taken; a step that
    /// was released is never changed.
    pub(super) steps: &'static [&'static str],
    /// A write that changes nothing.
    touch: &'static str,
}

/// Files of runs: "PNLR".
pub(super) const RUNS: Schema = Schema {
    application_id: 0x504E_4C52,
    steps: &[include_str!("schema_1.sql")],
    touch: "UPDATE reservation_version SET version = version",
};

impl Schema {
    pub(crate) const fn new(
        application_id: i64,
        steps: &'static [&'static str],
        touch: &'static str,
    ) -> Self {
        Self {
            application_id,
            steps,
            touch,
        }
    }

    /// The newest version this build knows.
    fn newest(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX)
    }

    /// Refuses a file that is not ours or newer than this build. It is read without the right to write, so that not even
    /// its log is touched.
    pub(crate) async fn check(
        &self,
        options: &SqliteConnectOptions,
        place: &str,
    ) -> Result<(), StoreError> {
        if !options.get_filename().exists() {
            return Ok(());
        }
        let options = options.clone().read_only(true).create_if_missing(false);
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(|error| failure_at(place, &error))?;
        let found = self.version(&mut connection, place).await;
        connection
            .close()
            .await
            .map_err(|error| failure_at(place, &error))?;
        found.map(|_| ())
    }

    /// Brings the file to the newest schema, in one transaction, and makes sure that it can be written.
    pub(crate) async fn migrate(
        &self,
        connection: &mut SqliteConnection,
        place: &str,
    ) -> Result<(), StoreError> {
        let failed = |error: sqlx::Error| failure_at(place, &error);
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed)?;
        // Read again under the lock: another process may have migrated meanwhile.
        let found = self.version(&mut transaction, place).await?;
        for (step, statements) in (1_i64..).zip(self.steps) {
            if step <= found {
                continue;
            }
            transaction.execute(*statements).await.map_err(failed)?;
            for pragma in [
                format!("PRAGMA application_id = {}", self.application_id),
                format!("PRAGMA user_version = {step}"),
            ] {
                // Pragmas take no parameters; both values are our own numbers.
                transaction
                    .execute(sqlx::AssertSqlSafe(pragma))
                    .await
                    .map_err(failed)?;
            }
        }
        // SQLite begins a transaction on a file that may only be read without a word. The first write must not find that
        // out.
        transaction.execute(self.touch).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    async fn version(
        &self,
        connection: &mut SqliteConnection,
        place: &str,
    ) -> Result<i64, StoreError> {
        let application = number(connection, place, "PRAGMA application_id").await?;
        let found = number(connection, place, "PRAGMA user_version").await?;
        let tables = number(connection, place, "SELECT count(*) FROM sqlite_master").await?;
        if application != self.application_id {
            let is_empty = application == 0 && found == 0 && tables == 0;
            return if is_empty {
                Ok(0)
            } else {
                Err(StoreError::NotOurs {
                    place: place.to_owned(),
                })
            };
        }
        if found > self.newest() {
            return Err(StoreError::Newer {
                place: place.to_owned(),
                found,
                known: self.newest(),
            });
        }
        Ok(found)
    }
}

async fn number(
    connection: &mut SqliteConnection,
    place: &str,
    query: &'static str,
) -> Result<i64, StoreError> {
    sqlx::query(query)
        .fetch_one(connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(|error| failure_at(place, &error))
}
