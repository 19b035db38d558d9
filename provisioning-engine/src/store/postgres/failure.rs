//! What the errors of the database mean.

use crate::store::StoreError;

/// The SQLSTATE of a transaction that may only read.
const NO_WRITES: &str = "25006";

/// Why a piece of work was not done.
#[derive(Debug)]
pub(super) enum Failed {
    /// The store does not want it done.
    Refused(StoreError),
    /// The database could not.
    Database(sqlx::Error),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// As whoever asked is told it. Nothing of the work was recorded.
pub(super) fn told(error: &sqlx::Error) -> StoreError {
    let problem = words(error);
    if let sqlx::Error::Tls(_) = error {
        return StoreError::AccessRefused { problem };
    }
    match code(error).as_deref() {
        // A wrong password, no such user or none that may come from here, no such database.
        Some("28P01" | "28000" | "3D000") => StoreError::AccessRefused { problem },
        // Not allowed to, or a server that only follows another one.
        Some("42501" | NO_WRITES) => StoreError::ReadOnly { problem },
        Some("53100") => StoreError::Full { problem },
        _ => StoreError::Unavailable { problem },
    }
}

fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::PoolTimedOut => {
            "no connection to PostgreSQL within the time: the server takes no more connections \
             or is starting, or all of this store's are at work"
                .to_owned()
        }
        sqlx::Error::PoolClosed => "it is closed".to_owned(),
        other => other.to_string(),
    }
}

/// Whether the same work may succeed at once, on another connection or after the transaction that was first: nothing of
/// it was done.
pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    if is_lost(error) {
        return true;
    }
    // Serialisation failure, deadlock, a key that somebody else has added meanwhile: the next try sees it.
    matches!(code(error).as_deref(), Some("40001" | "40P01" | "23505"))
}

/// Whether the connection is of no more use.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(_) => code(error).is_some_and(|code| {
            // Connection exceptions, the shutting-down ones, and being idle for too long within a transaction.
            code.starts_with("08")
                || ["57P01", "57P02", "57P03", "57P05", "25P03"].contains(&code.as_str())
        }),
        _ => false,
    }
}

/// Whether the connection is worth keeping. One that takes no writes is not: the next one may lead to another server, after
/// a failover, or find other settings.
pub(super) fn leaves_it_usable(error: &sqlx::Error) -> bool {
    !is_lost(error) && code(error).as_deref() != Some(NO_WRITES)
}

/// Whether there is no such table or column.
pub(super) fn is_another_shape(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some("42P01" | "42703"))
}

fn code(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(database) = error else {
        return None;
    };
    database.code().map(|code| code.into_owned())
}
