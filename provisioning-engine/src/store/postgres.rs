//! The store for several workers: one schema of a PostgreSQL database.
//!
//! Every method is one transaction; the run table is the queue, and a claim takes what nobody else has locked (`FOR
//! UPDATE SKIP LOCKED`). Leases are judged by the database's clock. `synchronous_commit` is on whatever the server's
//! default is, so what a call has recorded survives a power cut. A connection may be lost at any moment: see
//! [`connections`]. `LISTEN` and `NOTIFY` are a hint only: see [`bell`].
//!
//! Erased rows are gone from the tables at once. In the database's own files their old versions stay, sealed, until
//! they are vacuumed and the write-ahead log is recycled; backups keep them longer.

mod bell;
mod connections;
mod failure;
mod options;
mod read;
mod rows;
mod schema;
mod statements;
mod write;

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use uuid::Uuid;

use provisioning_core::fleet::ServerName;
use provisioning_core::order::OrderKey;
use provisioning_core::permission::Denial;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::Entry;

use super::{
    Binding, CancelWish, Claim, Delivered, DeniedServer, FurtherRun, Held, KeptCustomer, ListedRun,
    NewEvent, NewRun, Projection, Resealed, Rest, Room, Sealed, Settled, Store, StoreError,
    StoredEvent, StoredRun, Submitted, Wanted,
};
use crate::executor::Known;
use bell::Bell;
use connections::{Connections, in_a_transaction, reading};
use statements as sql;
use write::Takes;

pub use options::{InvalidSchemaName, LeaseClock, PostgresOptions, SchemaName};

/// A connection that rested for longer is asked whether it lives before it is used.
const RESTED: Duration = Duration::from_millis(500);

/// Keeps runs in one schema of a PostgreSQL database, version 13 or newer, for any number of workers.
///
/// Connect directly or through a pooler in session mode: transactions and prepared statements belong to a connection.
/// Use `sslmode=verify-full` wherever the network is not your own: the journals hold customers' addresses and domains.
#[derive(Debug)]
pub struct PostgresStore {
    connections: Connections,
    bell: Bell,
}

impl PostgresStore {
    /// Opens the schema `provisioning` of the database, and makes it if it is not there:
    /// see [`PostgresOptions::from_url`].
    ///
    /// # Errors
    /// As [`PostgresStore::open_with`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(PostgresOptions::from_url(url)?).await
    }

    /// Opens a schema, and makes it and its tables if they are not there.
    ///
    /// # Errors
    /// [`StoreError::NotOurs`] for a schema of another program, [`StoreError::Newer`] for one of a newer build,
    /// [`StoreError::Unsuitable`] for a server that runs with `fsync = off`, has another encoding than UTF8 or is older
    /// than 13, [`StoreError::ReadOnly`] if this role may not write it, [`StoreError::Full`] if there is no room to,
    /// [`StoreError::AccessRefused`] if the server does not let it in, [`StoreError::Unavailable`] if the server cannot be
    /// reached. Nothing is changed then.
    pub async fn open_with(options: PostgresOptions) -> Result<Self, StoreError> {
        schema::prepare(&options).await?;
        let pool = pool(&options, options.connections).await?;
        let bell = Bell::hang(pool_of_the_bell(&options), &options.schema);
        Ok(Self {
            connections: Connections {
                pool,
                patience: options.patience,
                clock: options.clock,
            },
            bell,
        })
    }
}

/// Connections that know their schema, have the name of a session to number their transactions in, and wait for nobody for
/// ever. Making one writes nothing, so that a database that takes no writes can be read, and says so itself.
async fn pool(options: &PostgresOptions, most: u32) -> Result<PgPool, StoreError> {
    let schema = options.schema.clone();
    let patience = options.patience.as_millis().to_string();
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(options.patience)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let (schema, patience) = (schema.clone(), patience.clone());
            Box::pin(
                async move { set(connection, schema.as_str(), Uuid::new_v4(), &patience).await },
            )
        })
        .connect_with(options.connect.clone())
        .await
        .map_err(|error| failure::told(&error))
}

async fn set(
    connection: &mut PgConnection,
    schema: &str,
    session: Uuid,
    patience: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(sql::SETTINGS)
        .bind(schema)
        .bind(session.to_string())
        .bind(patience)
        .execute(connection)
        .await
        .map(|_| ())
}

/// One to listen, one to ring.
fn pool_of_the_bell(options: &PostgresOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(options.patience)
        .connect_lazy_with(options.connect.clone())
}

#[async_trait]
impl Store for PostgresStore {
    fn survives_the_process(&self) -> bool {
        true
    }

    async fn submit(&self, new: NewRun) -> Result<Submitted, StoreError> {
        let submitted = in_a_transaction!(self.connections, |transaction| write::submit(
            transaction,
            &new
        ))?;
        if let Submitted::New { .. } = submitted {
            self.bell.ring();
        }
        Ok(submitted)
    }

    async fn add(&self, first: &Claim, further: FurtherRun) -> Result<bool, StoreError> {
        let is_new = in_a_transaction!(self.connections, |transaction| write::add(
            transaction,
            first,
            &further
        ))?;
        self.bell.ring();
        Ok(is_new)
    }

    async fn load(&self, run: PlanId) -> Result<StoredRun, StoreError> {
        reading!(self.connections, |connection| read::load(connection, run))
    }

    async fn runs_of(&self, order: &OrderKey) -> Result<Vec<PlanId>, StoreError> {
        reading!(self.connections, |connection| read::runs_of(
            connection, order
        ))
    }

    async fn list(&self, wanted: Wanted) -> Result<Vec<ListedRun>, StoreError> {
        reading!(self.connections, |connection| read::list(
            connection, &wanted
        ))
    }

    async fn claim(
        &self,
        run: PlanId,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError> {
        let takes = Takes {
            by,
            now,
            until: lease_until,
        };
        in_a_transaction!(self.connections, |transaction| write::claim(
            transaction,
            run,
            takes
        ))
    }

    async fn claim_due(
        &self,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
        most: u32,
        busy: &BTreeSet<ServerName>,
    ) -> Result<Vec<Claim>, StoreError> {
        let takes = Takes {
            by,
            now,
            until: lease_until,
        };
        in_a_transaction!(self.connections, |transaction| write::claim_due(
            transaction,
            takes,
            most,
            busy
        ))
    }

    async fn absolve(&self, run: PlanId) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::absolve(
            transaction,
            run
        ))
    }

    async fn extend(&self, claim: &Claim) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::extend(
            transaction,
            claim
        ))
    }

    async fn release(&self, claim: &Claim, rest: Option<Rest>) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::release(
            transaction,
            claim,
            rest.as_ref()
        ))
    }

    async fn planned(
        &self,
        claim: &Claim,
        plan: Plan,
        projection: Projection,
        room: &Room,
    ) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::planned(
            transaction,
            claim,
            &plan,
            &projection,
            room
        ))
    }

    async fn rejected(
        &self,
        claim: &Claim,
        rejection: Rejection,
        projection: Projection,
    ) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::rejected(
            transaction,
            claim,
            &rejection,
            &projection
        ))
    }

    async fn append(
        &self,
        claim: &Claim,
        entries: &[Entry],
        projection: Projection,
        room: Option<&Room>,
    ) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::append(
            transaction,
            claim,
            entries,
            &projection,
            room
        ))
    }

    async fn wish_cancel(&self, run: PlanId, wish: CancelWish) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::wish_cancel(
            transaction,
            run,
            &wish
        ))?;
        self.bell.ring();
        Ok(())
    }

    async fn drop_cancel(&self, claim: &Claim) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::drop_cancel(
            transaction,
            claim
        ))
    }

    async fn keep_event(&self, event: NewEvent) -> Result<Delivered, StoreError> {
        let delivered = in_a_transaction!(self.connections, |transaction| write::keep_event(
            transaction,
            &event
        ))?;
        if let Delivered::New { .. } = delivered {
            self.bell.ring();
        }
        Ok(delivered)
    }

    async fn events(&self, first: PlanId) -> Result<(Vec<StoredEvent>, u64), StoreError> {
        reading!(self.connections, |connection| read::events(
            connection, first
        ))
    }

    async fn settle(&self, first: &Claim, settled: Settled) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::settle(
            transaction,
            first,
            &settled
        ))
    }

    async fn events_sealed_otherwise(&self, key_id: &str) -> Result<Vec<StoredEvent>, StoreError> {
        reading!(
            self.connections,
            |connection| read::events_sealed_otherwise(connection, key_id)
        )
    }

    async fn reseal_event(&self, event: &StoredEvent, details: Sealed) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::reseal_event(
            transaction,
            event,
            &details
        ))
    }

    async fn customer(&self, indexes: &[String]) -> Result<Option<Sealed>, StoreError> {
        reading!(self.connections, |connection| read::customer(
            connection, indexes
        ))
    }

    async fn keep_customer(&self, customer: KeptCustomer) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::keep_customer(
            transaction,
            &customer
        ))
    }

    async fn customers_sealed_otherwise(
        &self,
        key_id: &str,
    ) -> Result<Vec<KeptCustomer>, StoreError> {
        reading!(self.connections, |connection| {
            read::customers_sealed_otherwise(connection, key_id)
        })
    }

    async fn reseal_customer(
        &self,
        before: &KeptCustomer,
        after: KeptCustomer,
    ) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::reseal_customer(
            transaction,
            before,
            &after
        ))
    }

    async fn sealed_otherwise(&self, key_id: &str) -> Result<Vec<PlanId>, StoreError> {
        reading!(self.connections, |connection| read::sealed_otherwise(
            connection, key_id
        ))
    }

    async fn reseal(&self, claim: &Claim, resealed: Resealed) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::reseal(
            transaction,
            claim,
            &resealed
        ))
    }

    async fn forget(&self, claim: &Claim, at: Timestamp) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::forget(
            transaction,
            claim,
            at
        ))
    }

    async fn reservations(&self, except: Option<PlanId>) -> Result<Held, StoreError> {
        reading!(self.connections, |connection| read::reservations(
            connection, except
        ))
    }

    async fn bound_to(&self, binding: &Binding) -> Result<Option<PlanId>, StoreError> {
        reading!(self.connections, |connection| read::bound_to(
            connection, binding
        ))
    }

    async fn known(&self, server: &ServerName) -> Result<Known, StoreError> {
        reading!(self.connections, |connection| read::known(
            connection, server
        ))
    }

    async fn learn(&self, server: &ServerName, learned: Known) -> Result<(), StoreError> {
        if learned == Known::default() {
            return Ok(());
        }
        in_a_transaction!(self.connections, |transaction| write::learn(
            transaction,
            server,
            learned
        ))
    }

    async fn deny(
        &self,
        server: &ServerName,
        denial: &Denial,
        next_try: Timestamp,
    ) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::deny(
            transaction,
            server,
            denial,
            next_try
        ))
    }

    async fn denied(&self) -> Result<Vec<DeniedServer>, StoreError> {
        reading!(self.connections, |connection| read::denied(connection))
    }

    async fn take_try(
        &self,
        server: &ServerName,
        now: Timestamp,
        next_try: Timestamp,
    ) -> Result<bool, StoreError> {
        in_a_transaction!(self.connections, |transaction| write::take_try(
            transaction,
            server,
            now,
            next_try
        ))
    }

    async fn admit(&self, server: &ServerName) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::admit(
            transaction,
            server
        ))
    }

    async fn denied_by(&self, server: &ServerName, most: u32) -> Result<Vec<PlanId>, StoreError> {
        reading!(self.connections, |connection| read::denied_by(
            connection, server, most
        ))
    }

    async fn wake_rejected(&self, now: Timestamp) -> Result<(), StoreError> {
        in_a_transaction!(self.connections, |transaction| write::wake_rejected(
            transaction,
            now
        ))?;
        self.bell.ring();
        Ok(())
    }

    async fn due_elsewhere(&self) {
        self.bell.heard().await;
    }

    async fn close(&self) {
        self.bell.close().await;
        self.connections.pool.close().await;
    }
}
