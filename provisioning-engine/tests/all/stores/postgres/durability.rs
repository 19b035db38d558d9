//! What a run records is on the disk when the store says so, whatever is set for the role or the database.

use provisioning_core::order::{OrderMode, PaymentEventKind, TenantId};
use provisioning_core::run::Run;
use provisioning_core::run::event::Entry;
use provisioning_engine::store::{
    NewEvent, PostgresOptions, PostgresStore, Sealed, Settled, Store as _,
};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::role::Role;
use crate::place::{Schema, database_url};
use crate::stores::desk::{LEASE, a_plan, at, new_run, places, room, sealed};

/// Notes with what every transaction of the store is committed, and up to where the log was written just before.
const NOTE: &str = "
    CREATE TABLE commits (number bigserial PRIMARY KEY, waits text NOT NULL, written pg_lsn NOT NULL);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO commits (waits, written)
                VALUES (current_setting('synchronous_commit'), pg_current_wal_insert_lsn());
            RETURN NULL;
        END
    $$;
    -- Every transaction of the store numbers itself, once.
    CREATE CONSTRAINT TRIGGER at_commit AFTER UPDATE ON sessions DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION note();";

/// With what the last transaction was committed, once it is sure that it is on the disk: everybody's log is one, and is
/// there up to some place.
async fn last_commit(administrator: &mut PgConnection, what: &str) -> String {
    let (waits, is_durable): (String, bool) = sqlx::query_as(
        "SELECT waits, written < pg_current_wal_flush_lsn() FROM commits ORDER BY number DESC LIMIT 1",
    )
    .fetch_one(administrator)
    .await
    .unwrap();
    assert!(is_durable, "{what} is not on the disk");
    waits
}

/// Does a little of everything that records something.
async fn is_waited_for(schema: &Schema, connect: PgConnectOptions, how: &str) {
    let mut plain = connect.connect().await.unwrap();
    let inherited: String = sqlx::query_scalar("SHOW synchronous_commit")
        .fetch_one(&mut plain)
        .await
        .unwrap();
    assert_eq!(inherited, "off", "{how}: others do not wait");
    let options = PostgresOptions::new(connect)
        .with_schema(schema.name.parse().unwrap())
        .allow_fsync_off();
    let store = PostgresStore::open_with(options).await.unwrap();
    let mut administrator = schema.connect().await;
    let mut committed = Vec::new();

    let new = new_run(how, at(0));
    store.submit(new.clone()).await.unwrap();
    committed.push(last_commit(&mut administrator, "an order").await);

    let claim = store.claim(new.id, "tests", at(0), at(0) + LEASE).await;
    let claim = claim.unwrap();
    let plan = a_plan(how);
    let projection = places(&plan, at(0));
    store
        .planned(
            &claim,
            plan.clone(),
            projection.clone(),
            &room(u64::MAX >> 1, 1),
        )
        .await
        .unwrap();
    // Its locks are let go of first, and then it is waited for.
    let waits = last_commit(&mut administrator, "a plan and its places").await;
    assert_eq!(waits, "off", "{how}");

    let entry = Entry {
        at: at(1),
        event: sealed(&Run::start(plan), "bytes"),
    };
    store
        .append(&claim, &[entry], projection, None)
        .await
        .unwrap();
    committed.push(last_commit(&mut administrator, "an entry").await);

    let event = NewEvent {
        tenant: TenantId::new("shop").unwrap(),
        mode: OrderMode::Live,
        id: format!("evt {how}"),
        aliases: new.aliases,
        kind: PaymentEventKind::Refunded,
        occurred_at: at(2),
        details: Sealed {
            key_id: "tests".to_owned(),
            value: "sealed event".to_owned(),
        },
        at: at(2),
    };
    store.keep_event(event).await.unwrap();
    committed.push(last_commit(&mut administrator, "a payment event").await);

    let settled = Settled {
        version: 1,
        decide_at: None,
        unpaid: None,
        question: None,
    };
    store.settle(&claim, settled).await.unwrap();
    committed.push(last_commit(&mut administrator, "what was decided").await);

    store.forget(&claim, at(3)).await.unwrap();
    last_commit(&mut administrator, "that a run is forgotten").await;
    assert_eq!(committed, ["on"; 4], "{how}");
    store.close().await;
}

#[tokio::test]
async fn what_is_recorded_is_waited_for_whatever_the_connection_and_the_role_have_set() {
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    schema.open().await.close().await;
    schema.by_hand(NOTE).await;
    let role = Role::new(&schema).await;

    let hasty = role.connect().options([("synchronous_commit", "off")]);
    is_waited_for(&schema, hasty, "by-connection").await;
    role.alter("SET synchronous_commit = off").await;
    is_waited_for(&schema, role.connect(), "by-role").await;
    role.alter("RESET synchronous_commit").await;
    let connect = role.connect();
    let database = connect.get_database().unwrap();
    role.alter(&format!(
        "IN DATABASE \"{database}\" SET synchronous_commit = off"
    ))
    .await;
    is_waited_for(&schema, connect, "by-role-there").await;
    role.drop().await;
}

#[tokio::test]
async fn what_is_recorded_is_waited_for_whatever_the_database_has_set() {
    let Some(url) = database_url() else { return };
    let outside = Schema::new();
    let database = format!("{}_hasty", outside.name);
    let connect: PgConnectOptions = url.parse().unwrap();
    let connect = connect.database(&database);
    outside
        .by_hand(&format!("CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"))
        .await;
    outside
        .by_hand(&format!(
            "ALTER DATABASE {database} SET synchronous_commit = off"
        ))
        .await;
    let schema = Schema {
        url: connect.to_url_lossy().to_string(),
        name: outside.name.clone(),
    };
    schema.open().await.close().await;
    schema.by_hand(NOTE).await;
    is_waited_for(&schema, connect, "by-database").await;
    drop(schema);
    outside
        .by_hand(&format!("DROP DATABASE {database} (FORCE)"))
        .await;
}
