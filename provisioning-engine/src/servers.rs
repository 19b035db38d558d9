//! The servers of a pool in an SQLite file, each sealed with its key: they survive a restart.
//!
//! The file is one of its own, not that of the runs: a pool needs no engine, the runs may be in PostgreSQL, and whoever
//! copies the runs to look into them does not carry the keys to all panels along, sealed as they are.
//!
//! A server is sealed as a whole. What stands in the file in plain text is its name and the name of the sealing key; who
//! can write to the file and has no sealing key can neither send a key to another address nor give one server's key to
//! another.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nextpanel_client::pool::{
    LockedBy, LockedServer, PoolServer, ServerStore, StoreError as ServersError,
};
use panel_http::BoxFuture;
use provisioning_core::fleet::ServerName;
use secrecy::ExposeSecret as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Row as _};
use tokio::sync::Mutex;

use crate::EngineError;
use crate::seal::{SealError, Sealer};
use crate::store::StoreError;
use crate::store::sqlite::schema::Schema;
use crate::store::sqlite::{failure, failure_at};

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// Files of servers: "PNLS".
const SCHEMA: Schema = Schema::new(
    0x504E_4C53,
    &["CREATE TABLE servers (
        name   TEXT NOT NULL PRIMARY KEY,
        key_id TEXT NOT NULL,
        sealed TEXT NOT NULL
    ) STRICT, WITHOUT ROWID"],
    "UPDATE servers SET name = name",
);

const LOAD: &str = "SELECT name, key_id, sealed FROM servers ORDER BY name";
const PUT: &str = "INSERT INTO servers (name, key_id, sealed) VALUES (?1, ?2, ?3) \
    ON CONFLICT (name) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed";
const REMOVE: &str = "DELETE FROM servers WHERE name = ?1";
/// Only while it is still what was opened: a new key that came meanwhile stays.
const RESEAL: &str = "UPDATE servers SET key_id = ?2, sealed = ?3 WHERE name = ?1 AND sealed = ?4";

/// Keeps the servers of a pool in one SQLite file. Cheap to clone; clones share the file.
///
/// What is replaced or removed is overwritten in the file, and the journal is gone when a call returns.
///
/// ```no_run
/// # async fn example(key: secrecy::SecretSlice<u8>) -> Result<(), Box<dyn std::error::Error>> {
/// use nextpanel_client::pool::ServerPool;
/// use provisioning_engine::seal::Sealer;
/// use provisioning_engine::servers::SqliteServers;
///
/// let servers = SqliteServers::open("servers.sqlite3", Sealer::with_key("2026-11", &key)?).await?;
/// let pool = ServerPool::builder().store(servers).build().await?;
/// # let _ = pool;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteServers {
    shared: Arc<Shared>,
}

struct Shared {
    connection: Mutex<SqliteConnection>,
    sealer: Sealer,
}

/// What became of changing the sealing key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RotatedServers {
    /// How many servers are sealed with the newest key now.
    pub resealed: usize,
    /// Servers that are still sealed with another one, because they do not open.
    pub left: Vec<LockedServer>,
}

/// A row as it is stored.
struct Stored {
    server: ServerName,
    key_id: String,
    sealed: String,
}

impl SqliteServers {
    /// Opens the file, and makes it if it is not there. Servers in it are not opened yet.
    ///
    /// # Errors
    /// [`EngineError::NoSealingKey`] for a key that ends with the process; [`EngineError::Store`] for a file that is
    /// another program's or another store's, of a newer build, or cannot be read or written. Nothing is changed then.
    pub async fn open(path: impl AsRef<Path>, sealer: Sealer) -> Result<Self, EngineError> {
        let options = SqliteConnectOptions::new()
            .filename(path.as_ref())
            .create_if_missing(true);
        Self::open_with(options, sealer).await
    }

    /// Opens with options of the host's. Journal mode, durability and secure deletion are this store's.
    ///
    /// # Errors
    /// As [`SqliteServers::open`].
    pub async fn open_with(
        options: SqliteConnectOptions,
        sealer: Sealer,
    ) -> Result<Self, EngineError> {
        if sealer.is_of_this_process() {
            return Err(EngineError::NoSealingKey);
        }
        let place = options.get_filename().display().to_string();
        let options = options.busy_timeout(BUSY);
        SCHEMA.check(&options, &place).await?;
        let mut connection = options
            // Written seldom and read once: a journal that is gone after each write is worth more than speed.
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Extra)
            .pragma("secure_delete", "ON")
            .connect()
            .await
            .map_err(|error| failure_at(&place, &error))?;
        SCHEMA.migrate(&mut connection, &place).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                connection: Mutex::new(connection),
                sealer,
            }),
        })
    }

    /// Seals every server anew that an older key has sealed ([`Sealer::with_older`]). Once nothing is left, the older key
    /// is not needed any more.
    ///
    /// # Errors
    /// [`ServersError`] if the file cannot be read or written; what was sealed anew before stays so.
    pub async fn rotate(&self) -> Result<RotatedServers, ServersError> {
        let Shared { connection, sealer } = &*self.shared;
        let mut connection = connection.lock().await;
        let mut rotated = RotatedServers {
            resealed: 0,
            left: Vec::new(),
        };
        for stored in stored(&mut connection).await? {
            if stored.key_id == sealer.key_id() {
                continue;
            }
            let sealed = match open(sealer, &stored)
                .and_then(|document| seal(sealer, &stored.server, &document))
            {
                Ok(sealed) => sealed,
                Err(problem) => {
                    rotated.left.push(locked(sealer, &stored, &problem));
                    continue;
                }
            };
            let resealed = sqlx::query(RESEAL)
                .bind(stored.server.as_str())
                .bind(sealer.key_id())
                .bind(sealed)
                .bind(stored.sealed)
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
            rotated.resealed += usize::from(resealed.rows_affected() == 1);
        }
        Ok(rotated)
    }

    async fn load_all(&self) -> Result<Vec<PoolServer>, ServersError> {
        let Shared { connection, sealer } = &*self.shared;
        let stored = stored(&mut *connection.lock().await).await?;
        let mut servers = Vec::with_capacity(stored.len());
        let mut locked_servers = Vec::new();
        for stored in stored {
            match open(sealer, &stored) {
                Ok(document) => servers.push(read(&stored.server, &document)?),
                Err(problem) => locked_servers.push(locked(sealer, &stored, &problem)),
            }
        }
        if locked_servers.is_empty() {
            Ok(servers)
        } else {
            Err(ServersError::Locked(locked_servers))
        }
    }

    async fn put_one(&self, server: PoolServer) -> Result<(), ServersError> {
        let Shared { connection, sealer } = &*self.shared;
        let document = server.expose_document().map_err(ServersError::new)?;
        let sealed =
            seal(sealer, server.name(), document.expose_secret()).map_err(ServersError::new)?;
        sqlx::query(PUT)
            .bind(server.name().as_str())
            .bind(sealer.key_id())
            .bind(sealed)
            .execute(&mut *connection.lock().await)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn remove_one(&self, server: &ServerName) -> Result<(), ServersError> {
        sqlx::query(REMOVE)
            .bind(server.as_str())
            .execute(&mut *self.shared.connection.lock().await)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

impl ServerStore for SqliteServers {
    fn load(&self) -> BoxFuture<'_, Result<Vec<PoolServer>, ServersError>> {
        Box::pin(self.load_all())
    }

    fn put(&self, server: PoolServer) -> BoxFuture<'_, Result<(), ServersError>> {
        Box::pin(self.put_one(server))
    }

    fn remove<'a>(&'a self, server: &'a ServerName) -> BoxFuture<'a, Result<(), ServersError>> {
        Box::pin(self.remove_one(server))
    }
}

async fn stored(connection: &mut SqliteConnection) -> Result<Vec<Stored>, ServersError> {
    let rows = sqlx::query(LOAD)
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    rows.iter().map(stored_row).collect()
}

fn stored_row(row: &SqliteRow) -> Result<Stored, ServersError> {
    let text = |index| row.try_get::<String, _>(index).map_err(failed);
    Ok(Stored {
        server: ServerName::new(text(0)?).map_err(ServersError::new)?,
        key_id: text(1)?,
        sealed: text(2)?,
    })
}

/// What a sealed server is bound to.
fn place(server: &ServerName) -> [&[u8]; 2] {
    [b"server", server.as_str().as_bytes()]
}

fn seal(sealer: &Sealer, server: &ServerName, document: &[u8]) -> Result<String, SealError> {
    sealer.seal_for(&place(server), document)
}

fn open(
    sealer: &Sealer,
    stored: &Stored,
) -> Result<secrecy::zeroize::Zeroizing<Vec<u8>>, SealError> {
    sealer.open_for(&place(&stored.server), &stored.key_id, &stored.sealed)
}

fn read(name: &ServerName, document: &[u8]) -> Result<PoolServer, ServersError> {
    PoolServer::from_document(document)
        .map_err(|problem| ServersError::new(format!("{name}: {problem}")))
}

fn locked(sealer: &Sealer, stored: &Stored, problem: &SealError) -> LockedServer {
    let why = match problem {
        SealError::OtherKey { sealed_with, .. } => LockedBy::OtherKey {
            sealed_with: sealed_with.clone(),
            at_hand: sealer.key_ids().map(str::to_owned).collect(),
        },
        _ => LockedBy::NotAuthentic,
    };
    LockedServer::new(stored.server.clone(), why)
}

fn failed(error: sqlx::Error) -> ServersError {
    let problem: StoreError = failure(&error);
    ServersError::new(problem)
}

impl fmt::Debug for SqliteServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteServers")
            .field("sealer", &self.shared.sealer)
            .finish_non_exhaustive()
    }
}
