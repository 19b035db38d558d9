//! Where a store lies: nowhere, in a file, or in a schema of PostgreSQL that is dropped when the test ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use provisioning_engine::store::{
    LeaseClock, MemoryStore, PostgresOptions, PostgresStore, SqliteStore, Store,
};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

/// The stores that every test of this folder runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum StoreKind {
    Memory,
    Sqlite,
    Postgres,
}

impl StoreKind {
    /// Whether there is one here; if not, says so.
    pub(crate) fn is_here(self) -> bool {
        self != Self::Postgres || database_url().is_some()
    }

    /// A lease that a worker can keep: its signs of life wait for the disk, on PostgreSQL each for itself.
    pub(crate) const fn keepable(self, lease: Duration) -> Duration {
        match self {
            Self::Postgres => lease.saturating_mul(8),
            _ => lease,
        }
    }
}

/// The database of the tests that need one; says that they are skipped if there is none.
#[allow(clippy::print_stdout)]
pub(crate) fn database_url() -> Option<String> {
    let url = std::env::var("TEST_DATABASE_URL").ok();
    if url.is_none() {
        println!("skipped: no TEST_DATABASE_URL");
    }
    url
}

/// Makes a test on every store of each function.
macro_rules! on_every_store {
    ($($name:ident),+ $(,)?) => {
        mod on_memory {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(crate::place::StoreKind::Memory).await;
                }
            )+
        }

        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(crate::place::StoreKind::Sqlite).await;
                }
            )+
        }

        mod on_postgres {
            $(
                #[tokio::test]
                async fn $name() {
                    if crate::place::StoreKind::Postgres.is_here() {
                        super::$name(crate::place::StoreKind::Postgres).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use on_every_store;

/// Makes a test on every store that outlives a process of each function. What takes `minutes` runs on PostgreSQL in
/// `.ci/full postgres` only.
macro_rules! on_every_lasting_store {
    (minutes: $($name:ident),+ $(,)?) => {
        mod lasting_on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(crate::place::StoreKind::Sqlite).await;
                }
            )+
        }

        mod lasting_on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "takes minutes: .ci/full postgres"]
                async fn $name() {
                    if crate::place::StoreKind::Postgres.is_here() {
                        super::$name(crate::place::StoreKind::Postgres).await;
                    }
                }
            )+
        }
    };
    ($($name:ident),+ $(,)?) => {
        mod lasting_on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name(crate::place::StoreKind::Sqlite).await;
                }
            )+
        }

        mod lasting_on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if crate::place::StoreKind::Postgres.is_here() {
                        super::$name(crate::place::StoreKind::Postgres).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use on_every_lasting_store;

/// Where a store lies, for as long as this lives.
#[derive(Debug)]
pub(crate) enum Place {
    Nowhere,
    Folder(TempDir),
    Schema(Schema),
}

impl Place {
    /// The file it is in, if it is in one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Folder(folder) => Some(file_in(folder)),
            _ => None,
        }
    }

    /// Does something to what is stored as another program would.
    pub(crate) async fn by_hand(&self, statements: &str) {
        match self {
            Self::Nowhere => panic!("it is nowhere"),
            Self::Folder(folder) => file_by_hand(&file_in(folder), statements),
            Self::Schema(schema) => schema.by_hand(statements).await,
        }
    }

    /// Everything that can be read where it lies: every byte of the files, every row of the schema.
    pub(crate) async fn dump(&self) -> String {
        match self {
            Self::Nowhere => panic!("it is nowhere"),
            Self::Folder(folder) => {
                let mut dump = String::new();
                for entry in std::fs::read_dir(folder.path()).unwrap() {
                    let bytes = std::fs::read(entry.unwrap().path()).unwrap();
                    dump.push_str(&String::from_utf8_lossy(&bytes));
                }
                dump
            }
            Self::Schema(schema) => schema.dump().await,
        }
    }

    /// As [`open`] takes it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Nowhere => panic!("it is nowhere"),
            Self::Folder(folder) => file_in(folder).display().to_string(),
            Self::Schema(schema) => schema.place(),
        }
    }
}

/// Does something to a file as another program would.
pub(crate) fn file_by_hand(file: &Path, statements: &str) {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.execute_batch(statements).unwrap();
}

/// A copy of a file as a process leaves it that is killed amid a change: half written, with the journal to undo it.
pub(crate) fn killed_amid_a_change(file: &Path, copy: &Path) {
    let journal_of = |file: &Path| PathBuf::from(format!("{}-journal", file.display()));
    let connection = rusqlite::Connection::open(file).unwrap();
    let filler = "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 10; BEGIN IMMEDIATE; CREATE TABLE filler (bytes BLOB); \
        INSERT INTO filler WITH RECURSIVE page(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM page WHERE n < 200) \
            SELECT zeroblob(4096) FROM page";
    connection.execute_batch(filler).unwrap();
    std::fs::copy(file, copy).unwrap();
    std::fs::copy(journal_of(file), journal_of(copy)).unwrap();
    connection.execute_batch("ROLLBACK").unwrap();
    let grown = std::fs::metadata(copy).unwrap().len();
    assert!(grown > std::fs::metadata(file).unwrap().len());
}

pub(crate) fn file_in(folder: &TempDir) -> PathBuf {
    folder.path().join("runs.sqlite3")
}

/// A schema of its own, dropped at the end.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Schema {
    /// A name that nothing has yet. The schema is made by whoever opens a store there.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            url: database_url().unwrap(),
            name: format!("provisioning_test_{}_{number}", std::process::id()),
        }
    }

    /// As [`open`] takes it.
    pub(crate) fn place(&self) -> String {
        format!("{} {}", self.name, self.url)
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        postgres_options(&self.place())
    }

    pub(crate) async fn open(&self) -> PostgresStore {
        PostgresStore::open_with(self.options()).await.unwrap()
    }

    /// A connection as another program has it, within the schema.
    pub(crate) async fn connect(&self) -> PgConnection {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let path = AssertSqlSafe(format!("SET search_path = {}", self.name));
        connection.execute(path).await.unwrap();
        connection
    }

    /// Does something to it as another program would.
    pub(crate) async fn by_hand(&self, statements: &str) {
        let mut connection = self.connect().await;
        let statements = AssertSqlSafe(statements.to_owned());
        connection.execute(statements).await.unwrap();
        connection.close().await.unwrap();
    }
}

impl Schema {
    async fn dump(&self) -> String {
        dump(&mut self.connect().await).await
    }
}

/// Every row of every table of the schema that a connection is in.
pub(crate) async fn dump(connection: &mut PgConnection) -> String {
    let tables = sqlx::query_scalar::<_, String>(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    assert!(!tables.is_empty());
    let rows_of = |table: &String| format!("SELECT whole::text FROM {table} whole");
    let rows_of: Vec<String> = tables.iter().map(rows_of).collect();
    let rows = AssertSqlSafe(rows_of.join(" UNION ALL "));
    let rows = sqlx::query_scalar::<_, String>(rows).persistent(false);
    rows.fetch_all(connection).await.unwrap().join("\n")
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (url, name) = (self.url.clone(), self.name.clone());
        let dropping = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&url).await.unwrap();
                // What a task of the test has left open would hold it up: they cannot go on while this is waited for.
                terminate(&mut connection, &name).await;
                connection
                    .execute("SET lock_timeout = '10s'; SET client_min_messages = warning")
                    .await
                    .unwrap();
                let drop = AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {name} CASCADE"));
                connection.execute(drop).await.unwrap();
            });
        };
        // Dropped within the test's own runtime, which cannot be waited for.
        let dropped = std::thread::spawn(dropping).join();
        assert!(
            dropped.is_ok() || std::thread::panicking(),
            "{} is left behind",
            self.name
        );
    }
}

/// Ends every connection of the stores of a schema. How many there were.
pub(crate) async fn terminate(connection: &mut PgConnection, schema: &str) -> usize {
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
    )
    .bind(schema)
    .fetch_all(connection)
    .await
    .unwrap()
    .len()
}

fn postgres_options(place: &str) -> PostgresOptions {
    let (schema, url) = place.split_once(' ').unwrap();
    // The name by which [`terminate`] finds the connections.
    let connect: PgConnectOptions = url.parse().unwrap();
    PostgresOptions::new(connect.application_name(schema))
        .with_schema(schema.parse().unwrap())
        .with_connections(8)
        // The databases of tests may be lost.
        .allow_fsync_off()
}

/// A store, and the place where it lies.
pub(crate) async fn new_store(kind: StoreKind) -> (Arc<dyn Store>, Place) {
    new_store_by(kind, LeaseClock::Database).await
}

/// A store whose leases end when the instants say so that it is told.
pub(crate) async fn new_store_of_told_time(kind: StoreKind) -> (Arc<dyn Store>, Place) {
    new_store_by(kind, LeaseClock::Caller).await
}

async fn new_store_by(kind: StoreKind, clock: LeaseClock) -> (Arc<dyn Store>, Place) {
    match kind {
        StoreKind::Memory => (Arc::new(MemoryStore::new()), Place::Nowhere),
        StoreKind::Sqlite => {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(file_in(&folder)).await.unwrap();
            (Arc::new(store), Place::Folder(folder))
        }
        StoreKind::Postgres => {
            let schema = Schema::new();
            let options = schema.options().with_lease_clock(clock);
            let store = PostgresStore::open_with(options).await.unwrap();
            (Arc::new(store), Place::Schema(schema))
        }
    }
}

/// Where a store that outlives a process lies: what [`open`] needs, and a guard that keeps it there.
pub(crate) async fn new_place(kind: StoreKind) -> (String, Place) {
    match kind {
        StoreKind::Memory => panic!("it does not outlive a process"),
        StoreKind::Sqlite => {
            let place = Place::Folder(tempfile::tempdir().unwrap());
            (place.name(), place)
        }
        StoreKind::Postgres => {
            let place = Place::Schema(Schema::new());
            (place.name(), place)
        }
    }
}

/// The store that lies at a place, made if it is not there.
pub(crate) async fn open(kind: StoreKind, place: &str) -> Arc<dyn Store> {
    match kind {
        StoreKind::Memory => panic!("it does not outlive a process"),
        StoreKind::Sqlite => Arc::new(SqliteStore::open(place).await.unwrap()),
        StoreKind::Postgres => {
            let options = postgres_options(place);
            Arc::new(PostgresStore::open_with(options).await.unwrap())
        }
    }
}
