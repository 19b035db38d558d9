//! The schema, its versions, and how a database is recognised as ours and as fit for paid orders.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqlStr};
use tokio::time::timeout;

use super::failure::{is_another_shape, told};
use super::options::{PostgresOptions, SchemaName};
use super::statements as sql;
use crate::store::StoreError;

/// What `store.application` says in every schema of ours.
const APPLICATION: &str = "provisioning-engine";

/// The steps from an empty schema to the newest one. `store.version` counts those that were taken; a step that was
/// released is never changed.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// The first part of the lock under which one process at a time makes or changes a schema: "PNLR".
const LOCK: i32 = 0x504E_4C52;

/// The oldest server this was written for, as `server_version_num` says it.
const OLDEST_SERVER: i32 = 130_000;

/// After so long without a transaction a session is gone.
const SESSION_LIFE: Duration = Duration::from_secs(7 * 24 * 3_600);

const SERVER: &str = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), \
    current_setting('fsync'), pg_is_in_recovery()";
const RELATIONS: &str = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1";
const IS_THERE: &str = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
const MAY_USE: &str = "SELECT has_schema_privilege($1, 'USAGE')";
const MARKED: &str = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relname = 'store' AND c.relkind = 'r'";
const VERSION: &str = "SELECT application, version FROM store";
const MARK: &str = "CREATE TABLE store (is_only boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (is_only), \
    application text NOT NULL, version bigint NOT NULL)";
const FIRST_VERSION: &str = "INSERT INTO store (application, version) VALUES ($1, 0)";
const SET_VERSION: &str = "UPDATE store SET version = $1";
const TAKE_LOCK: &str = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
const SEARCH_PATH: &str = "SELECT set_config('search_path', quote_ident($1), false)";
/// What a role needs that works with the store, tried on nothing.
const MAY_WRITE: &str = "UPDATE reservation_version SET version = version";

/// The newest schema this build knows.
fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the schema to the newest version, in one transaction, and makes sure that it can be written. A database that is
/// not ours, newer than this build or not fit is left as it is.
pub(super) async fn prepare(options: &PostgresOptions) -> Result<(), StoreError> {
    let place = options.place();
    let preparing = async {
        let mut connection = PgConnection::connect_with(&options.connect).await?;
        check_server(&mut connection, options, &place).await?;
        migrate(&mut connection, &options.schema, &place).await?;
        connection.close().await.map_err(Refused::from)
    };
    let prepared = timeout(options.patience, preparing).await;
    let unavailable = |problem: &dyn std::fmt::Display| StoreError::Unavailable {
        problem: format!("{place}: {problem}"),
    };
    match prepared {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Refused::Store(error))) => Err(error),
        Ok(Err(Refused::Database(error))) => Err(match told(&error) {
            StoreError::Unavailable { problem } => unavailable(&problem),
            StoreError::Full { problem } => StoreError::Full {
                problem: format!("{place}: {problem}"),
            },
            StoreError::ReadOnly { problem } => StoreError::ReadOnly {
                problem: format!("{place}: {problem}"),
            },
            StoreError::AccessRefused { problem } => StoreError::AccessRefused {
                problem: format!("{place}: {problem}"),
            },
            other => other,
        }),
        Err(_) => Err(unavailable(&format!(
            "no answer within {} ms",
            options.patience.as_millis()
        ))),
    }
}

enum Refused {
    Store(StoreError),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn check_server(
    connection: &mut PgConnection,
    options: &PostgresOptions,
    place: &str,
) -> Result<(), Refused> {
    let (version, encoding, fsync, follows): (i32, String, String, bool) =
        sqlx::query_as(SERVER).fetch_one(connection).await?;
    let unsuitable = |problem: String| {
        Err(Refused::Store(StoreError::Unsuitable {
            place: place.to_owned(),
            problem,
        }))
    };
    if follows {
        return Err(Refused::Store(StoreError::ReadOnly {
            problem: format!("{place}: the server only follows another one"),
        }));
    }
    if version < OLDEST_SERVER {
        return unsuitable(format!(
            "the server is PostgreSQL {}, at least {} is wanted",
            version / 10_000,
            OLDEST_SERVER / 10_000
        ));
    }
    if encoding != "UTF8" {
        return unsuitable(format!(
            "its encoding is {encoding}, names and journals need UTF8"
        ));
    }
    if fsync != "on" && !options.may_lose_commits {
        return unsuitable(
            "the server runs with fsync = off, so what it confirms may be gone after a power cut: turn it on, or use \
             allow_fsync_off for a database that may be lost"
                .to_owned(),
        );
    }
    Ok(())
}

async fn migrate(
    connection: &mut PgConnection,
    schema: &SchemaName,
    place: &str,
) -> Result<(), Refused> {
    let set_path = sqlx::query(SEARCH_PATH).bind(schema.as_str());
    set_path.execute(&mut *connection).await?;
    let mut transaction = connection.begin().await?;
    // Two processes that start at once: one makes the schema, the other finds it made.
    let lock = sqlx::query(TAKE_LOCK).bind(LOCK).bind(schema.as_str());
    lock.execute(&mut *transaction).await?;
    let found = version(&mut transaction, schema, place).await?;
    if found.is_none() {
        let exists: i64 = sqlx::query_scalar(IS_THERE)
            .bind(schema.as_str())
            .fetch_one(&mut *transaction)
            .await?;
        if exists == 0 {
            // Statements that define take no parameters; a schema's name holds no quote.
            let create = AssertSqlSafe(format!("CREATE SCHEMA \"{schema}\""));
            transaction.execute(create).await?;
        }
        transaction.execute(MARK).await?;
        let first = sqlx::query(FIRST_VERSION).bind(APPLICATION);
        first.execute(&mut *transaction).await?;
    }
    for (step, statements) in (1_i64..).zip(MIGRATIONS) {
        if step <= found.unwrap_or(0) {
            continue;
        }
        let statements = sqlx::raw_sql(SqlStr::from_static(statements));
        statements.execute(&mut *transaction).await?;
        let set = sqlx::query(SET_VERSION).bind(step);
        set.execute(&mut *transaction).await?;
    }
    transaction.execute(MAY_WRITE).await?;
    let life = i64::try_from(SESSION_LIFE.as_micros()).unwrap_or(i64::MAX);
    let old = sqlx::query(sql::DROP_OLD_SESSIONS).bind(life);
    old.execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// The version of the schema; none if there is nothing in it.
async fn version(
    connection: &mut PgConnection,
    schema: &SchemaName,
    place: &str,
) -> Result<Option<i64>, Refused> {
    let count = async |connection: &mut PgConnection, query: &'static str| {
        sqlx::query_scalar::<_, i64>(query)
            .bind(schema.as_str())
            .fetch_one(connection)
            .await
    };
    let not_ours = || {
        Refused::Store(StoreError::NotOurs {
            place: place.to_owned(),
        })
    };
    if count(connection, RELATIONS).await? == 0 {
        return Ok(None);
    }
    let may_use: bool = sqlx::query_scalar(MAY_USE)
        .bind(schema.as_str())
        .fetch_one(&mut *connection)
        .await?;
    if !may_use {
        // Its tables could not even be seen, and the schema would pass for another program's.
        return Err(Refused::Store(StoreError::ReadOnly {
            problem: format!("{place}: this user may not use the schema"),
        }));
    }
    if count(connection, MARKED).await? == 0 {
        return Err(not_ours());
    }
    let marked: Result<Option<(String, i64)>, _> =
        sqlx::query_as(VERSION).fetch_optional(connection).await;
    let found = match marked {
        Ok(Some((application, found))) if application == APPLICATION => found,
        Ok(_) => return Err(not_ours()),
        Err(error) if is_another_shape(&error) => return Err(not_ours()),
        Err(sqlx::Error::ColumnDecode { .. }) => return Err(not_ours()),
        Err(error) => return Err(error.into()),
    };
    if found > newest() {
        return Err(Refused::Store(StoreError::Newer {
            place: place.to_owned(),
            found,
            known: newest(),
        }));
    }
    Ok(Some(found))
}
