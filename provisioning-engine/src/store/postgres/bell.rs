//! Tells other processes that something may be due, and hears it from them.
//!
//! A hint and nothing more: a notification that is lost, or a connection that was down meanwhile, costs what a worker
//! sleeps before it looks by itself.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::options::SchemaName;
use super::statements as sql;

/// Many submissions at once are one notification.
const TOGETHER: Duration = Duration::from_millis(10);

/// How long a listener waits that got no connection.
const AGAIN: Duration = Duration::from_secs(1);

/// Rings, and hears others ring.
#[derive(Debug)]
pub(super) struct Bell {
    rung: Arc<Notify>,
    heard: Arc<Notify>,
    pool: PgPool,
    /// Ended when this is dropped.
    _tasks: JoinSet<()>,
}

impl Bell {
    pub(super) fn hang(pool: PgPool, schema: &SchemaName) -> Self {
        let channel = format!("provisioning_{schema}");
        // A name may have 63 bytes.
        let channel: String = channel.chars().take(63).collect();
        let own = Uuid::new_v4().to_string();
        let rung = Arc::new(Notify::new());
        let heard = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        tasks.spawn(announce(
            pool.clone(),
            channel.clone(),
            own.clone(),
            Arc::clone(&rung),
        ));
        tasks.spawn(listen(pool.clone(), channel, own, Arc::clone(&heard)));
        Self {
            rung,
            heard,
            pool,
            _tasks: tasks,
        }
    }

    /// Tells the others, soon.
    pub(super) fn ring(&self) {
        self.rung.notify_one();
    }

    /// Comes to an end when another process has rung.
    pub(super) async fn heard(&self) {
        self.heard.notified().await;
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

async fn announce(pool: PgPool, channel: String, own: String, rung: Arc<Notify>) {
    while !pool.is_closed() {
        rung.notified().await;
        let told = sqlx::query(sql::RING)
            .bind(&channel)
            .bind(&own)
            .execute(&pool)
            .await;
        if let Err(error) = told {
            tracing::debug!(%error, "nobody was told that something is due");
        }
        tokio::time::sleep(TOGETHER).await;
    }
}

async fn listen(pool: PgPool, channel: String, own: String, heard: Arc<Notify>) {
    while !pool.is_closed() {
        if let Err(error) = listen_once(&pool, &channel, &own, &heard).await {
            tracing::debug!(%error, "nothing is heard of what becomes due elsewhere");
            // Whatever was missed meanwhile is found by looking.
            heard.notify_one();
            tokio::time::sleep(AGAIN).await;
        }
    }
}

async fn listen_once(
    pool: &PgPool,
    channel: &str,
    own: &str,
    heard: &Notify,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        match listener.try_recv().await? {
            Some(notification) if notification.payload() == own => {}
            // None: the connection was lost and is there again.
            Some(_) | None => heard.notify_one(),
        }
    }
}
