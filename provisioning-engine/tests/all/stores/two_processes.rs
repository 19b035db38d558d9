//! Two stores at one place, as two processes have them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use provisioning_engine::store::{Store, Submitted};

use super::desk::{LEASE, a_plan, at, new_run, places, room};
use crate::place::{Place, StoreKind, new_place, on_every_lasting_store, open};

async fn two(kind: StoreKind) -> ([Arc<dyn Store>; 2], Place) {
    let (name, place) = new_place(kind).await;
    // Both make the schema, and one of them finds it made.
    let (one, other) = tokio::join!(open(kind, &name), open(kind, &name));
    ([one, other], place)
}

/// Whoever comes first makes the file; nobody is refused because another is at it.
async fn a_new_place_is_opened_by_many_at_once(kind: StoreKind) {
    for _ in 0..10 {
        let (name, _place) = new_place(kind).await;
        let opening: Vec<_> = (0..6)
            .map(|_| {
                let name = name.clone();
                tokio::spawn(async move { open(kind, &name).await })
            })
            .collect();
        for opened in opening {
            opened.await.unwrap().close().await;
        }
    }
}

async fn an_order_that_comes_to_both_is_one_run(kind: StoreKind) {
    let (stores, _place) = two(kind).await;
    let submitting: Vec<_> = (0..100)
        .map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move {
                let new = new_run(&(number / 10).to_string(), at(0));
                matches!(store.submit(new).await.unwrap(), Submitted::New { .. })
            })
        })
        .collect();
    let mut new = 0;
    for submitted in submitting {
        new += usize::from(submitted.await.unwrap());
    }
    assert_eq!(new, 10);
}

async fn a_run_is_claimed_by_one_of_them(kind: StoreKind) {
    let (stores, _place) = two(kind).await;
    for number in 0..60 {
        stores[0]
            .submit(new_run(&number.to_string(), at(number)))
            .await
            .unwrap();
    }
    let claiming: Vec<_> = (0..20)
        .map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move {
                let now = at(100);
                store
                    .claim_due("tests", now, now + LEASE, 5, &BTreeSet::new())
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for claims in claiming {
        claimed.extend(claims.await.unwrap().into_iter().map(|claim| claim.run));
    }
    let distinct: BTreeSet<_> = claimed.iter().copied().collect();
    assert_eq!((claimed.len(), distinct.len()), (60, 60));
}

async fn the_last_places_go_to_as_many_as_there_are(kind: StoreKind) {
    let (stores, _place) = two(kind).await;
    let version = stores[0].reservations(None).await.unwrap().version;
    let planning: Vec<_> = (0..20)
        .map(|number: usize| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move {
                let id = number.to_string();
                let run = new_run(&id, at(0));
                store.submit(run.clone()).await.unwrap();
                let claim = store.claim(run.id, "tests", at(1), at(90)).await.unwrap();
                let plan = a_plan(&id);
                let places = places(&plan, at(1));
                store
                    .planned(&claim, plan, places, &room(version, 6))
                    .await
                    .is_ok()
            })
        })
        .collect();
    let mut taken = 0;
    for planned in planning {
        taken += usize::from(planned.await.unwrap());
    }
    assert_eq!(taken, 6);
}

/// A process that has something to record now and then is not kept waiting by others that never pause.
async fn who_writes_seldom_gets_a_turn_among_those_who_never_pause(kind: StoreKind) {
    const BUSY: usize = 3;
    let (name, _place) = new_place(kind).await;
    let is_done = Arc::new(AtomicBool::new(false));
    let mut busy = Vec::new();
    for number in 0..BUSY {
        let (store, is_done) = (open(kind, &name).await, Arc::clone(&is_done));
        busy.push(tokio::spawn(async move {
            let mut submitted = 0;
            while !is_done.load(Ordering::Relaxed) {
                let new = new_run(&format!("{number}-{submitted}"), at(0));
                store.submit(new).await.unwrap();
                submitted += 1;
            }
            submitted
        }));
    }
    let seldom = open(kind, &name).await;
    for number in 0..50 {
        let new = new_run(&format!("seldom-{number}"), at(0));
        seldom.submit(new).await.unwrap();
    }
    is_done.store(true, Ordering::Relaxed);
    for busy in busy {
        assert!(busy.await.unwrap() > 0);
    }
}

on_every_lasting_store!(
    a_new_place_is_opened_by_many_at_once,
    an_order_that_comes_to_both_is_one_run,
    a_run_is_claimed_by_one_of_them,
    the_last_places_go_to_as_many_as_there_are,
    who_writes_seldom_gets_a_turn_among_those_who_never_pause,
);
