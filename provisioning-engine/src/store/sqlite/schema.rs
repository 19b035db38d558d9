//! The schema, its versions, and how a file is recognised as ours.

use rusqlite::{Connection, TransactionBehavior};

use super::failure_at;
use super::options::SqliteOptions;
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
    /// its log is touched. Only a file whose last writer was killed amid a change is opened to be written: what was
    /// half done has to be undone before anything can be read, as its owner would.
    pub(crate) fn check(&self, options: &SqliteOptions) -> Result<(), StoreError> {
        if !options.path().exists() {
            return Ok(());
        }
        let place = options.place();
        let connection = options.connect_to_read()?;
        let found = match Self::find_at_once(&connection) {
            Err(error) if is_half_done(&error) => Self::find_at_once(&options.connect_to_mend()?),
            found => found,
        };
        self.judge(found.map_err(|error| failure_at(&place, &error))?, &place)
            .map(drop)
    }

    /// Brings the file to the newest schema, in one transaction, and makes sure that it can be written.
    pub(crate) fn migrate(
        &self,
        connection: &mut Connection,
        place: &str,
    ) -> Result<(), StoreError> {
        let failed = |error: rusqlite::Error| failure_at(place, &error);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        // Read again under the lock: another process may have migrated meanwhile.
        let found = self.version(&transaction, place)?;
        for (step, statements) in (1_i64..).zip(self.steps) {
            if step <= found {
                continue;
            }
            transaction
                .execute_batch(statements)
                .and_then(|()| {
                    transaction.pragma_update(None, "application_id", self.application_id)
                })
                .and_then(|()| transaction.pragma_update(None, "user_version", step))
                .map_err(failed)?;
        }
        // SQLite begins a transaction on a file that may only be read without a word. The first write must not find that
        // out.
        transaction.execute(self.touch, []).map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    fn version(&self, connection: &Connection, place: &str) -> Result<i64, StoreError> {
        let found = Self::find(connection);
        self.judge(found.map_err(|error| failure_at(place, &error))?, place)
    }

    /// What a file says of itself at one moment: another process may be making it ours.
    fn find_at_once(connection: &Connection) -> rusqlite::Result<Found> {
        let transaction = connection.unchecked_transaction()?;
        Self::find(&transaction)
    }

    /// The same within a transaction.
    fn find(connection: &Connection) -> rusqlite::Result<Found> {
        let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0));
        Ok(Found {
            application: number("PRAGMA application_id")?,
            version: number("PRAGMA user_version")?,
            tables: number("SELECT count(*) FROM sqlite_master")?,
        })
    }

    /// The version of a file that is ours, or is empty and may become ours.
    fn judge(&self, found: Found, place: &str) -> Result<i64, StoreError> {
        let Found {
            application,
            version,
            tables,
        } = found;
        if application != self.application_id {
            let is_empty = application == 0 && version == 0 && tables == 0;
            return if is_empty {
                Ok(0)
            } else {
                Err(StoreError::NotOurs {
                    place: place.to_owned(),
                })
            };
        }
        if version > self.newest() {
            return Err(StoreError::Newer {
                place: place.to_owned(),
                found: version,
                known: self.newest(),
            });
        }
        Ok(version)
    }
}

struct Found {
    application: i64,
    version: i64,
    tables: i64,
}

/// Whether a file cannot be read without the right to write, because a writer was killed: `SQLITE_READONLY_ROLLBACK` for
/// its journal, `SQLITE_READONLY_RECOVERY` for its log.
fn is_half_done(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| [776, 264].contains(&error.extended_code))
}
