//! Databases that are not ours, too new, or may not be written: a typed error that says what to do, nothing overwritten.

use provisioning_engine::store::{PostgresOptions, PostgresStore, Store as _, StoreError};
use sqlx::Row as _;
use sqlx::postgres::PgConnectOptions;

use crate::place::{Schema, database_url};

/// A schema of the test's own, if there is a database.
fn schema() -> Option<Schema> {
    database_url().map(|_| Schema::new())
}

/// Everything that is in the schema, by name.
async fn content(schema: &Schema) -> Vec<String> {
    let mut connection = schema.connect().await;
    let rows = sqlx::query(
        "SELECT relname || ' ' || relkind::text FROM pg_class WHERE relnamespace = $1::regnamespace ORDER BY 1",
    )
    .bind(&schema.name)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn refused(options: PostgresOptions) -> StoreError {
    PostgresStore::open_with(options).await.unwrap_err()
}

#[tokio::test]
async fn a_schema_of_another_program_is_left_as_it_is() {
    for theirs in [
        "CREATE TABLE runs (id text)",
        "CREATE VIEW store AS SELECT 1 AS version",
        "CREATE TABLE store (id text)",
        "CREATE TABLE store (application text, version bigint)",
        "CREATE TABLE store (application text, version bigint); INSERT INTO store VALUES ('theirs', 1)",
        "CREATE TABLE store (application bigint, version text); INSERT INTO store VALUES (1, '1')",
    ] {
        let Some(schema) = schema() else { return };
        schema
            .by_hand(&format!("CREATE SCHEMA {}; {theirs}", schema.name))
            .await;
        let before = content(&schema).await;
        let error = refused(schema.options()).await;
        assert!(
            matches!(error, StoreError::NotOurs { .. }),
            "{theirs}: {error}"
        );
        assert!(error.to_string().contains("file or schema"), "{error}");
        assert!(error.to_string().contains(&schema.name), "{error}");
        assert_eq!(content(&schema).await, before);
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_build_is_left_as_it_is() {
    let Some(schema) = schema() else { return };
    schema.open().await.close().await;
    schema
        .by_hand("UPDATE store SET version = 99; CREATE TABLE of_the_future (id text)")
        .await;
    let before = content(&schema).await;
    let error = refused(schema.options()).await;
    assert!(
        matches!(error, StoreError::Newer { found: 99, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("use the newer build"), "{error}");
    assert_eq!(content(&schema).await, before);
}

#[tokio::test]
async fn an_empty_schema_and_one_of_ours_open_and_many_at_once_make_one() {
    let Some(schema) = schema() else { return };
    schema
        .by_hand(&format!("CREATE SCHEMA {}", schema.name))
        .await;
    let (one, other, third) = tokio::join!(schema.open(), schema.open(), schema.open());
    for store in [one, other, third] {
        store.close().await;
    }
    schema.open().await.close().await;
}

#[tokio::test]
async fn a_role_that_may_only_read_is_told_so_when_the_store_is_opened() {
    let Some(schema) = schema() else { return };
    schema.open().await.close().await;
    let role = format!("{}_reader", schema.name);
    schema
        .by_hand(&format!(
            "CREATE ROLE {role}; GRANT USAGE ON SCHEMA {0} TO {role}; \
             GRANT SELECT ON ALL TABLES IN SCHEMA {0} TO {role}",
            schema.name
        ))
        .await;
    let before = content(&schema).await;
    let connect: PgConnectOptions = schema.url.parse().unwrap();
    for setting in [
        ("role", role.as_str()),
        ("default_transaction_read_only", "on"),
    ] {
        let options = PostgresOptions::new(connect.clone().options([setting]))
            .with_schema(schema.name.parse().unwrap())
            .allow_fsync_off();
        let error = refused(options).await;
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        assert!(
            error.to_string().contains("every table of the schema"),
            "{error}"
        );
    }
    assert_eq!(content(&schema).await, before);
    schema
        .by_hand(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_with_neither_user_nor_password() {
    let url = "postgres://shop:canary-password@127.0.0.1:1/orders";
    let options = PostgresOptions::from_url(url)
        .unwrap()
        .with_patience(std::time::Duration::from_millis(300));
    let error = refused(options).await;
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(
        error.to_string().contains("orders on 127.0.0.1:1"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
}

/// `.ci/full postgres` runs it on a server without: to set it back is no role's to do.
#[tokio::test]
async fn a_server_without_fsync_is_refused_unless_that_is_wanted() {
    let Some(schema) = schema() else { return };
    let mut connection = schema.connect().await;
    let fsync: String = sqlx::query_scalar("SHOW fsync")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let connect: PgConnectOptions = schema.url.parse().unwrap();
    let options = PostgresOptions::new(connect).with_schema(schema.name.parse().unwrap());
    let opened = PostgresStore::open_with(options).await;
    match fsync.as_str() {
        "on" => opened.unwrap().close().await,
        _ => {
            let error = opened.unwrap_err();
            assert!(matches!(error, StoreError::Unsuitable { .. }), "{error}");
            assert!(error.to_string().contains("fsync = off"), "{error}");
            schema.open().await.close().await;
        }
    }
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused() {
    let Some(url) = database_url() else { return };
    let schema = Schema::new();
    let database = format!("{}_latin", schema.name);
    let make = format!(
        "CREATE DATABASE {database} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    );
    by_hand_outside(&url, &make).await;
    let connect: PgConnectOptions = url.parse().unwrap();
    let options = PostgresOptions::new(connect.database(&database)).allow_fsync_off();
    let error = refused(options).await;
    by_hand_outside(&url, &format!("DROP DATABASE {database} (FORCE)")).await;
    assert!(matches!(error, StoreError::Unsuitable { .. }), "{error}");
    assert!(
        error.to_string().contains("its encoding is LATIN1"),
        "{error}"
    );
}

async fn by_hand_outside(url: &str, statement: &str) {
    use sqlx::{Connection as _, Executor as _};
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    connection.execute(statement).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_closed_store_says_so_and_everything_is_in_the_schema() {
    let Some(schema) = schema() else { return };
    let store = schema.open().await;
    let new = crate::stores::desk::new_run("1", crate::stores::desk::at(0));
    store.submit(new.clone()).await.unwrap();
    store.close().await;
    let error = store.load(new.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("it is closed"), "{error}");
    assert!(schema.open().await.load(new.id).await.is_ok());
}
