//! The PostgreSQL store: what a claim costs however long the queue is, and what a second worker brings.
//!
//! Wants `TEST_DATABASE_URL`; `.ci/postgres cargo bench -p provisioning-engine --bench postgres` provides one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss
)]

#[path = "../tests/all/stub.rs"]
#[allow(dead_code)]
mod stub;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use provisioning_core::catalog::Catalog;
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{PostgresOptions, PostgresStore, Rest, Standing, Store, Wanted};
use provisioning_engine::{Engine, ServerLimits, WorkOptions};
use secrecy::SecretSlice;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use stub::{Stub, fleet};

const CLAIMS: usize = 300;
/// So many that the last ones, which no longer fill all places, do not count.
const ORDERS: usize = 3_200;
/// What each costs: making its account and reading it back.
const CALLS: usize = 2;
const IN_FLIGHT: usize = 32;
const LATENCY: Duration = Duration::from_millis(50);

/// A schema of its own.
struct Place {
    url: String,
    name: String,
}

impl Place {
    async fn new(url: &str, name: &str) -> Self {
        let place = Self {
            url: url.to_owned(),
            name: format!("provisioning_bench_{}_{name}", std::process::id()),
        };
        place
            .by_hand(&format!("DROP SCHEMA IF EXISTS {} CASCADE", place.name))
            .await;
        place
    }

    async fn store(&self) -> Arc<dyn Store> {
        let options = PostgresOptions::from_url(&self.url)
            .unwrap()
            .with_schema(self.name.parse().unwrap())
            .allow_fsync_off();
        Arc::new(PostgresStore::open_with(options).await.unwrap())
    }

    async fn by_hand(&self, statements: &str) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let statements = format!(
            "SET client_min_messages = warning; SET search_path = {}; {statements}",
            self.name
        );
        connection.execute(AssertSqlSafe(statements)).await.unwrap();
        connection.close().await.unwrap();
    }

    async fn drop(self) {
        self.by_hand(&format!("DROP SCHEMA {} CASCADE", self.name))
            .await;
    }
}

/// A queue of so many runs that are due.
async fn queue(place: &Place, runs: usize) -> Arc<dyn Store> {
    let store = place.store().await;
    place
        .by_hand(&format!(
            "INSERT INTO runs (id, order_key, operation, generation, first, content, submitted_at, wake_at, standing) \
             SELECT id, 'shop/bench/live/' || n, 'provision', 0, id, '', n, n, 'submitted' \
             FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, {runs}) AS n) AS new; ANALYZE runs"
        ))
        .await;
    store
}

/// How long one claim takes; the run goes back to where it was in the queue.
async fn claim(store: &Arc<dyn Store>) -> Duration {
    let now = Timestamp::now();
    let until = now + SignedDuration::from_secs(60);
    let begun = Instant::now();
    let claims = store
        .claim_due("bench", now, until, 1, &BTreeSet::new())
        .await;
    let took = begun.elapsed();
    let claim = claims.unwrap().remove(0);
    let rest = Rest {
        wake_at: Some(Timestamp::from_microsecond(1).unwrap()),
        problem: None,
    };
    store.release(&claim, Some(rest)).await.unwrap();
    took
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// One after the other in turn, so that what else the machine does meets both.
async fn claim_cost(url: &str) {
    let (short, long) = (
        Place::new(url, "short").await,
        Place::new(url, "long").await,
    );
    let (few, many) = (queue(&short, 1_000).await, queue(&long, 100_000).await);
    let (mut of_few, mut of_many) = (Vec::new(), Vec::new());
    for _ in 0..CLAIMS {
        of_few.push(claim(&few).await);
        of_many.push(claim(&many).await);
    }
    let (of_few, of_many) = (middle(of_few), middle(of_many));
    println!(
        "a claim of 1,000 queued runs takes {of_few:?}, of 100,000 {of_many:?}: ratio={:.2}",
        of_many.as_secs_f64() / of_few.as_secs_f64()
    );
    few.close().await;
    many.close().await;
    short.drop().await;
    long.drop().await;
}

fn engine(store: Arc<dyn Store>, stub: &Stub) -> Engine {
    Engine::builder_over(
        store,
        Catalog::migrahosting(),
        fleet(&[("np-1", 1_000_000)]),
    )
    .sealer(Sealer::with_key("bench", &SecretSlice::from(vec![7; 32])).unwrap())
    .executor(stub.clone())
    .limits(ServerLimits::default().with_concurrency(1_000))
    .build()
    .unwrap()
}

async fn submit(engine: &Engine) {
    let submitted = stream::iter(0..ORDERS).map(async |number| {
        let payload = format!(
            r#"{{"source":"shop.example","customerEmail":"buyer{number}@example.com",
                "items":[{{"code":"wp_growth","type":"hosting"}}]}}"#
        );
        let intake = Intake::new(TenantId::new("shop").unwrap())
            .with_order_id(format!("{number}"))
            .with_evidence(PaymentEvidence::Operator {
                name: "bench".to_owned(),
            });
        let order = read_order(payload.as_bytes(), &intake).unwrap();
        engine.submit(&order).await.unwrap();
    });
    submitted
        .buffer_unordered(IN_FLIGHT)
        .for_each(async |()| {})
        .await;
}

/// Until no run is left to be worked on. One row at most is asked for: asking costs the workers nothing.
async fn all_done(engine: &Engine) {
    for standing in [Standing::Submitted, Standing::Ready, Standing::Waiting] {
        let wanted = Wanted {
            standing: Some(standing),
            after: 0,
            most: 1,
        };
        while !engine.list(wanted.clone()).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Calls per second of so many workers, each with a store of its own.
async fn rate(url: &str, workers: usize) -> f64 {
    let place = Place::new(url, &format!("workers_{workers}")).await;
    let stub = Stub::with_latency(LATENCY);
    let mut engines = Vec::new();
    for _ in 0..workers {
        engines.push(engine(place.store().await, &stub));
    }
    submit(&engines[0]).await;
    let begun = Instant::now();
    let working: Vec<_> = engines
        .iter()
        .cloned()
        .map(|engine| {
            tokio::spawn(async move {
                let options = WorkOptions::default().with_concurrency(IN_FLIGHT);
                engine.work(options, all_done(&engine)).await
            })
        })
        .collect();
    for worked in working {
        assert_eq!(worked.await.unwrap().panicked, 0);
    }
    // Counting is not what the orders want: two workers count more often than one.
    let rate = (ORDERS * CALLS) as f64 / begun.elapsed().as_secs_f64();
    assert_eq!(stub.accounts_on("np-1"), ORDERS);
    for engine in engines {
        engine.close().await;
    }
    place.drop().await;
    rate
}

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let Ok(url) = std::env::var("TEST_DATABASE_URL") else {
        println!("skipped: no TEST_DATABASE_URL");
        return;
    };
    claim_cost(&url).await;
    let (one, two) = (rate(&url, 1).await, rate(&url, 2).await);
    println!(
        "at 50 ms per call and {IN_FLIGHT} in flight each, one worker does {one:.0} calls a second, two do {two:.0}: ratio={:.2}",
        two / one
    );
}
