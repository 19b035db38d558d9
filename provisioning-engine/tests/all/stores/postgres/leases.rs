//! Leases are judged by the database's clock, whatever the workers' own clocks say.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use provisioning_engine::store::{Claim, Store, StoreError};

use crate::place::{StoreKind, new_store};
use crate::stores::desk::{append, planned, sealed, submit};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn is_held(store: &Arc<dyn Store>, claim: &Claim, now: Timestamp) -> bool {
    match store.claim(claim.run, "other", now, now + HOUR).await {
        Ok(_) => false,
        Err(StoreError::Claimed { by, .. }) => by == "tests",
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_worker_whose_clock_is_ahead_takes_nothing_over() {
    if !StoreKind::Postgres.is_here() {
        return;
    }
    let (store, _place) = new_store(StoreKind::Postgres).await;
    let now = Timestamp::now();
    let run = submit(&store, "1", now).await;
    let until = now + SignedDuration::from_secs(60);
    let claim = store.claim(run, "tests", now, until).await.unwrap();
    assert!(is_held(&store, &claim, now + HOUR).await);
    let busy = std::collections::BTreeSet::new();
    let due = store.claim_due("other", now + HOUR, now + HOUR * 2, 9, &busy);
    assert_eq!(due.await.unwrap(), []);
}

/// Its leases would all be over by its own clock.
#[tokio::test]
async fn a_worker_whose_clock_is_behind_keeps_what_it_claims() {
    if !StoreKind::Postgres.is_here() {
        return;
    }
    let (store, _place) = new_store(StoreKind::Postgres).await;
    let behind = Timestamp::now() - HOUR;
    let (claim, mut run) = planned(&store, "1", behind).await;
    assert!(is_held(&store, &claim, Timestamp::now()).await);
    let event = sealed(&run, "bytes");
    append(&store, &claim, &mut run, event, behind)
        .await
        .unwrap();
    store.extend(&claim).await.unwrap();
    assert!(is_held(&store, &claim, Timestamp::now()).await);
}

#[tokio::test]
async fn a_lease_lasts_as_long_as_it_was_claimed_for_and_no_longer() {
    if !StoreKind::Postgres.is_here() {
        return;
    }
    let (store, _place) = new_store(StoreKind::Postgres).await;
    let now = Timestamp::now();
    let run = submit(&store, "1", now).await;
    let until = now + SignedDuration::from_secs(2);
    let claim = store.claim(run, "tests", now, until).await.unwrap();
    // However far ahead it says that the lease ends: a write moves it by two seconds.
    let claim = Claim {
        until: now + HOUR,
        ..claim
    };
    store.extend(&claim).await.unwrap();
    assert!(is_held(&store, &claim, now).await);
    let ended = async {
        while is_held(&store, &claim, now).await {
            // Until the lease ends by the database's clock, which no test moves.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended)
        .await
        .unwrap();
    let fenced = store.extend(&claim).await.unwrap_err();
    assert!(matches!(fenced, StoreError::FencedOut(_)), "{fenced}");
}
