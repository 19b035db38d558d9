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

use nextpanel_client::pool::{
    LockedBy, LockedServer, PoolServer, ServerStore, StoreError as ServersError,
};
use panel_http::BoxFuture;
use provisioning_core::fleet::ServerName;
use rusqlite::{Connection, params_from_iter};
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;

use crate::EngineError;
use crate::seal::{SealError, Sealer};
use crate::store::columns::damaged;
use crate::store::sqlite::rows::{column, done, each};
use crate::store::sqlite::schema::Schema;
use crate::store::sqlite::{blocking, failure_at};
use crate::store::{SqliteOptions, StoreError};

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
    connection: Arc<Mutex<Connection>>,
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
        Self::open_with(SqliteOptions::new(path), sealer).await
    }

    /// Opens with options of the host's. Journal mode, durability and secure deletion are this store's.
    ///
    /// # Errors
    /// As [`SqliteServers::open`].
    pub async fn open_with(options: SqliteOptions, sealer: Sealer) -> Result<Self, EngineError> {
        if sealer.is_of_this_process() {
            return Err(EngineError::NoSealingKey);
        }
        let connection = blocking(move || {
            let place = options.place();
            SCHEMA.check(&options)?;
            let mut connection = options.connect()?;
            durable(&connection).map_err(|error| failure_at(&place, &error))?;
            SCHEMA.migrate(&mut connection, &place)?;
            Ok(connection)
        })
        .await?;
        Ok(Self {
            shared: Arc::new(Shared {
                connection: Arc::new(Mutex::new(connection)),
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
        let sealer = &self.shared.sealer;
        let mut rotated = RotatedServers {
            resealed: 0,
            left: Vec::new(),
        };
        for stored in self.stored().await? {
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
            let name = stored.server.as_str().to_owned();
            let values = [name, sealer.key_id().to_owned(), sealed, stored.sealed];
            rotated.resealed += self.done(RESEAL, values).await?;
        }
        Ok(rotated)
    }

    async fn load_all(&self) -> Result<Vec<PoolServer>, ServersError> {
        let sealer = &self.shared.sealer;
        let stored = self.stored().await?;
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
        let sealer = &self.shared.sealer;
        let document = server.expose_document().map_err(ServersError::new)?;
        let sealed =
            seal(sealer, server.name(), document.expose_secret()).map_err(ServersError::new)?;
        let name = server.name().as_str().to_owned();
        let values = [name, sealer.key_id().to_owned(), sealed];
        self.done(PUT, values).await.map(drop)
    }

    async fn remove_one(&self, server: &ServerName) -> Result<(), ServersError> {
        let values = [server.as_str().to_owned()];
        self.done(REMOVE, values).await.map(drop)
    }

    async fn stored(&self) -> Result<Vec<Stored>, ServersError> {
        self.with(|connection| {
            each(connection, LOAD, [], |row| {
                let name: String = column(row, 0)?;
                Ok(Stored {
                    server: ServerName::new(name).map_err(|error| damaged("a server", error))?,
                    key_id: column(row, 1)?,
                    sealed: column(row, 2)?,
                })
            })
        })
        .await
    }

    /// Runs a statement. How many rows it changed.
    async fn done<const N: usize>(
        &self,
        statement: &'static str,
        values: [String; N],
    ) -> Result<usize, ServersError> {
        self.with(move |connection| done(connection, statement, params_from_iter(values)))
            .await
    }

    /// Does something with the file. It may have to wait: another process that writes holds it for a moment.
    async fn with<T, F>(&self, work: F) -> Result<T, ServersError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        // In the order of the calls; a caller that is gone before its turn does nothing.
        let connection = Arc::clone(&self.shared.connection).lock_owned().await;
        blocking(move || work(&connection))
            .await
            .map_err(ServersError::new)
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

/// Written seldom and read once: a journal that is gone after each write is worth more than speed.
fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update(None, "secure_delete", true)
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

impl fmt::Debug for SqliteServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteServers")
            .field("sealer", &self.shared.sealer)
            .finish_non_exhaustive()
    }
}
