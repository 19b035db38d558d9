//! Two stores on one schema, as two processes on two hosts have them, at the places where they could get into each
//! other's way.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use provisioning_engine::store::{Binding, Projection, Standing, Store, StoreError};

use crate::place::{Schema, database_url};
use crate::stores::desk::{a_plan, new_run, places, planned, room, server};

async fn two(schema: &Schema) -> [Arc<dyn Store>; 2] {
    [Arc::new(schema.open().await), Arc::new(schema.open().await)]
}

/// Orders whose aliases overlap, in every order, at the same moment: nobody waits for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_share_some_of_their_ids_come_at_once() {
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let stores = two(&schema).await;
    let aliases: Vec<_> = (0..6)
        .flat_map(|number| new_run(&format!("alias-{number}"), Timestamp::now()).aliases)
        .collect();
    let submitting: Vec<_> = (0..40)
        .map(|number: usize| {
            let mut new = new_run(&format!("{number}"), Timestamp::now());
            new.aliases.clone_from(&aliases);
            let turn = number % aliases.len().max(1);
            new.aliases.rotate_left(turn);
            let store = Arc::clone(&stores[number % 2]);
            tokio::spawn(async move { store.submit(new).await.unwrap() })
        })
        .collect();
    let mut new = 0;
    for submitted in submitting {
        let submitted = submitted.await.unwrap();
        new += usize::from(matches!(
            submitted,
            provisioning_engine::store::Submitted::New { .. }
        ));
    }
    let expected = if aliases.is_empty() { 40 } else { 1 };
    assert_eq!(new, expected);
}

/// A thing on a panel belongs to one run, whoever says so first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remote_id_is_bound_to_one_of_two_runs_that_claim_it_at_once() {
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let stores = two(&schema).await;
    let mut binding = Vec::new();
    for (number, store) in stores.into_iter().enumerate() {
        let (claim, run) = planned(&store, &format!("{number}"), Timestamp::now()).await;
        let mut projection = places(run.plan(), Timestamp::now());
        projection.bindings = ["7", "8"]
            .map(|id| Binding {
                server: server("np-1"),
                remote_id: id.to_owned(),
            })
            .into();
        if number == 1 {
            projection.bindings.reverse();
        }
        binding.push(tokio::spawn(async move {
            store.append(&claim, &[], projection, None).await
        }));
    }
    let mut bound = 0;
    for one in binding {
        match one.await.unwrap() {
            Ok(()) => bound += 1,
            Err(StoreError::Bound { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(bound, 1);
}

/// Planners and runs that end, all at once, on both sides: never more places than there are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_are_taken_and_given_back_at_once_and_never_more_than_there_are() {
    const CAPACITY: u32 = 5;
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let stores = two(&schema).await;
    let ending: Vec<_> = (0..24)
        .map(|number: usize| {
            let store = Arc::clone(&stores[number % 2]);
            tokio::spawn(async move {
                let id = number.to_string();
                let now = Timestamp::now();
                let new = new_run(&id, now);
                store.submit(new.clone()).await.unwrap();
                let until = now + SignedDuration::from_mins(5);
                let claim = store.claim(new.id, "tests", now, until).await.unwrap();
                let plan = a_plan(&id);
                let places = places(&plan, now);
                loop {
                    let held = store.reservations(None).await.unwrap();
                    let taken = u32::try_from(held.reservations.len()).unwrap();
                    assert!(taken <= CAPACITY, "{taken} places");
                    let room = room(held.version, CAPACITY.saturating_sub(taken));
                    match store
                        .planned(&claim, plan.clone(), places.clone(), &room)
                        .await
                    {
                        Ok(()) => break,
                        Err(StoreError::RoomTaken(_)) => tokio::task::yield_now().await,
                        Err(other) => panic!("{other}"),
                    }
                }
                let over = Projection {
                    standing: Standing::Over,
                    ..Projection::default()
                };
                store.append(&claim, &[], over, None).await.unwrap();
            })
        })
        .collect();
    for ended in ending {
        ended.await.unwrap();
    }
    let held = stores[0].reservations(None).await.unwrap();
    assert_eq!((held.version, held.reservations.len()), (48, 0));
}

/// What another transaction holds is passed over and not waited for.
#[tokio::test]
async fn runs_that_somebody_has_locked_are_passed_over() {
    use sqlx::Connection as _;
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let [store, _] = two(&schema).await;
    let now = Timestamp::now();
    let mut runs = Vec::new();
    for number in 0..3 {
        let new = new_run(&format!("{number}"), now);
        store.submit(new.clone()).await.unwrap();
        runs.push(new.id);
    }
    let mut connection = schema.connect().await;
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM runs WHERE id = $1 FOR UPDATE")
        .bind(runs[0].as_uuid())
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    let busy = BTreeSet::new();
    let until = now + SignedDuration::from_mins(1);
    let claimed = store
        .claim_due("tests", now, until, 9, &busy)
        .await
        .unwrap();
    let claimed: Vec<_> = claimed.into_iter().map(|claim| claim.run).collect();
    assert_eq!(claimed, runs[1..]);
    transaction.rollback().await.unwrap();
    let claimed = store
        .claim_due("tests", now, until, 9, &busy)
        .await
        .unwrap();
    assert_eq!(claimed[0].run, runs[0]);
}
