//! Leases, fences, poison and the queue.

use std::collections::BTreeSet;

use provisioning_core::plan::id::PlanId;
use provisioning_engine::store::{
    CancelWish, Claim, Rest, Standing, Store, StoreError, StoredState, Wanted,
};
use std::sync::Arc;

use super::desk::{LEASE, append, at, claim, intent, not_sent, planned, sealed, server, submit};
use crate::place::{StoreKind, new_store_of_told_time, on_every_store};

async fn due(store: &Arc<dyn Store>, now: i64, most: u32) -> Vec<PlanId> {
    claims_due(store, now, most)
        .await
        .into_iter()
        .map(|claim| claim.run)
        .collect()
}

async fn claims_due(store: &Arc<dyn Store>, now: i64, most: u32) -> Vec<Claim> {
    store
        .claim_due("tests", at(now), at(now) + LEASE, most, &BTreeSet::new())
        .await
        .unwrap()
}

async fn a_claimed_run_is_claimed_by_nobody_else_until_its_lease_ends(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let first = claim(&store, run, at(0)).await;
    let refused = store.claim(run, "other", at(29), at(90)).await.unwrap_err();
    let StoreError::Claimed { until, by, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!((until, by.as_str()), (at(30), "tests"));
    assert_eq!(due(&store, 29, 9).await, []);

    let lengthened = Claim {
        until: at(60),
        ..first
    };
    store.extend(&lengthened).await.unwrap();
    assert!(store.claim(run, "other", at(59), at(90)).await.is_err());
    let second = store.claim(run, "other", at(60), at(90)).await.unwrap();
    assert!(second.fence > lengthened.fence);
    let listed = store.list(Wanted::default()).await.unwrap().remove(0);
    assert_eq!(listed.lease.unwrap().by, "other");
    assert_eq!(listed.crashes, 1);
}

async fn a_worker_that_was_taken_over_writes_nothing_and_is_told(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let (old, mut run) = planned(&store, "1", at(0)).await;
    append(&store, &old, &mut run.clone(), sealed(&run, "bytes"), at(1))
        .await
        .unwrap();
    run.apply(provisioning_core::run::event::Entry {
        at: at(1),
        event: sealed(&run, "bytes"),
    })
    .unwrap();
    let new = claim(&store, old.run, at(60)).await;

    let is_fenced = |result: Result<(), StoreError>| {
        assert!(
            matches!(result, Err(StoreError::FencedOut(_))),
            "{result:?}"
        );
    };
    let intended = intent(&run, at(61));
    is_fenced(append(&store, &old, &mut run.clone(), intended.clone(), at(61)).await);
    is_fenced(store.extend(&old).await);
    is_fenced(store.release(&old, None).await);
    is_fenced(store.forget(&old, at(61)).await);
    is_fenced(store.drop_cancel(&old).await);
    let StoredState::Planned(journal) = store.load(old.run).await.unwrap().state else {
        panic!()
    };
    assert_eq!(journal.entries.len(), 1, "nothing of the old worker's");
    append(&store, &new, &mut run, intended, at(62))
        .await
        .unwrap();

    // Once it is released there is no claim to write with either.
    store.release(&new, None).await.unwrap();
    is_fenced(store.extend(&new).await);
}

async fn every_write_is_a_sign_of_life(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let (claim, mut run) = planned(&store, "1", at(0)).await;
    let later = Claim {
        until: at(100),
        ..claim
    };
    let event = sealed(&run, "bytes");
    append(&store, &later, &mut run, event, at(20))
        .await
        .unwrap();
    assert!(
        store
            .claim(later.run, "other", at(99), at(200))
            .await
            .is_err()
    );
    assert!(
        store
            .claim(later.run, "other", at(100), at(200))
            .await
            .is_ok()
    );
}

async fn a_run_that_ends_three_workers_is_left_alone_until_it_is_absolved(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let run = submit(&store, "1", at(0)).await;
    for crash in 0..3 {
        claim(&store, run, at(crash * 100)).await;
    }
    let refused = store
        .claim(run, "tests", at(300), at(400))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, StoreError::Poisoned { crashes: 3, .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("then resume it"), "{refused}");
    assert_eq!(due(&store, 300, 9).await, []);
    assert!(store.list(Wanted::default()).await.unwrap()[0].is_poisoned(at(300)));

    store.absolve(run).await.unwrap();
    let absolved = claim(&store, run, at(300)).await;
    store.release(&absolved, None).await.unwrap();
    assert_eq!(store.list(Wanted::default()).await.unwrap()[0].crashes, 0);
}

async fn a_worker_that_gets_on_or_brings_the_run_to_rest_ends_the_row_of_crashes(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let (first, mut run) = planned(&store, "1", at(0)).await;
    append(
        &store,
        &first,
        &mut run.clone(),
        sealed(&run, "bytes"),
        at(1),
    )
    .await
    .unwrap();
    run.apply(provisioning_core::run::event::Entry {
        at: at(1),
        event: sealed(&run, "bytes"),
    })
    .unwrap();
    claim(&store, first.run, at(100)).await;
    let third = claim(&store, first.run, at(200)).await;
    // An Intent alone shows nothing: the call may be what ends the worker. Its outcome shows that it got on.
    let intended = intent(&run, at(201));
    append(&store, &third, &mut run, intended.clone(), at(201))
        .await
        .unwrap();
    let crashes = async || store.list(Wanted::default()).await.unwrap()[0].crashes;
    assert_eq!(crashes().await, 2);
    append(&store, &third, &mut run, not_sent(&intended), at(202))
        .await
        .unwrap();
    assert_eq!(crashes().await, 0);
    let fourth = claim(&store, first.run, at(300)).await;
    assert_eq!(crashes().await, 1);
    // Letting go of it shows nothing either; bringing it to rest does.
    store.release(&fourth, None).await.unwrap();
    assert_eq!(crashes().await, 1);
    let fifth = claim(&store, first.run, at(400)).await;
    store.release(&fifth, Some(Rest::default())).await.unwrap();
    assert_eq!(crashes().await, 0);
}

async fn who_has_waited_longest_is_taken_up_first(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let late = submit(&store, "late", at(30)).await;
    let early = submit(&store, "early", at(10)).await;
    let middle = submit(&store, "middle", at(20)).await;
    let other_middle = submit(&store, "other-middle", at(20)).await;
    assert_eq!(due(&store, 9, 9).await, []);
    assert_eq!(due(&store, 40, 2).await, [early, middle]);
    assert_eq!(due(&store, 40, 9).await, [other_middle, late]);
    assert_eq!(due(&store, 40, 9).await, [], "all are claimed");
}

async fn a_run_that_rests_is_due_when_its_rest_is_over(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let first = claim(&store, run, at(0)).await;
    let rest = Rest {
        wake_at: Some(at(50)),
        problem: Some("sealed with another key".to_owned()),
    };
    store.release(&first, Some(rest)).await.unwrap();
    let listed = store.list(Wanted::default()).await.unwrap().remove(0);
    assert_eq!(listed.problem.as_deref(), Some("sealed with another key"));
    assert_eq!((listed.wake_at, listed.lease), (Some(at(50)), None));
    assert_eq!(due(&store, 49, 9).await, []);
    let claims = claims_due(&store, 50, 9).await;
    assert_eq!(claims.len(), 1);
    store
        .release(&claims[0], Some(Rest::default()))
        .await
        .unwrap();
    assert_eq!(due(&store, 1_000, 9).await, [], "it waits for somebody");
}

async fn runs_of_a_busy_server_are_passed_over(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let (on_np1, _) = planned(&store, "1", at(0)).await;
    store.release(&on_np1, None).await.unwrap();
    let unplanned = submit(&store, "2", at(5)).await;
    let busy = BTreeSet::from([server("np-1")]);
    let claims = store
        .claim_due("tests", at(10), at(40), 9, &busy)
        .await
        .unwrap();
    assert_eq!(
        claims.iter().map(|claim| claim.run).collect::<Vec<_>>(),
        [unplanned]
    );
    assert_eq!(due(&store, 10, 9).await, [on_np1.run]);
}

async fn a_wish_to_stop_keeps_the_next_call_from_beginning(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let (claim, mut run) = planned(&store, "1", at(0)).await;
    let event = sealed(&run, "bytes");
    append(&store, &claim, &mut run, event, at(1))
        .await
        .unwrap();
    let wish = CancelWish {
        by: "jo".to_owned(),
        reason: "refunded".to_owned(),
        at: at(1),
    };
    store.wish_cancel(claim.run, wish.clone()).await.unwrap();
    let intended = intent(&run, at(2));
    let refused = append(&store, &claim, &mut run, intended, at(2))
        .await
        .unwrap_err();
    let StoreError::CancelWished { wish: seen, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!(seen, wish);
    // A worker that gives it back without having seen the wish leaves it due.
    store.release(&claim, Some(Rest::default())).await.unwrap();
    let again = claims_due(&store, 10, 1).await.remove(0);
    assert_eq!(store.load(claim.run).await.unwrap().cancel, Some(wish));
    let cancelled = provisioning_core::run::event::Event::Cancelled {
        by: "jo".to_owned(),
        reason: "refunded".to_owned(),
    };
    append(&store, &again, &mut run, cancelled, at(11))
        .await
        .unwrap();
    assert_eq!(store.load(claim.run).await.unwrap().cancel, None);
}

async fn a_wish_to_stop_ends_what_has_no_plan(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let claim = claim(&store, run, at(0)).await;
    let wish = CancelWish {
        by: "jo".to_owned(),
        reason: "refunded".to_owned(),
        at: at(1),
    };
    store.wish_cancel(run, wish).await.unwrap();
    let plan = super::desk::a_plan("1");
    let places = super::desk::places(&plan, at(1));
    let refused = store
        .planned(&claim, plan, places, &super::desk::room(9, 9))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, StoreError::CancelWished { .. }),
        "{refused}"
    );
    store.release(&claim, None).await.unwrap();
    let listed = store.list(Wanted::default()).await.unwrap().remove(0);
    assert_eq!((listed.standing, listed.wake_at), (Standing::Over, None));
}

async fn a_list_comes_in_pages_and_by_standing(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    for number in 0..5 {
        submit(&store, &format!("{number}"), at(number)).await;
    }
    let (claim, _) = planned(&store, "planned", at(9)).await;
    let mut wanted = Wanted {
        most: 2,
        ..Wanted::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = store.list(wanted.clone()).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        wanted.after = last.arrival;
        seen.extend(page.into_iter().map(|run| run.submitted_at));
    }
    assert_eq!(seen, [at(0), at(1), at(2), at(3), at(4), at(9)]);
    let ready = Wanted {
        standing: Some(Standing::Ready),
        ..Wanted::default()
    };
    let ready = store.list(ready).await.unwrap();
    assert_eq!(ready.len(), 1);
    assert_eq!(ready[0].id, claim.run);
    assert_eq!(ready[0].key, super::desk::an_order("planned").key().clone());
}

async fn what_is_not_there_is_said_to_be_not_there(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let run = super::desk::new_run("nobody", at(0)).id;
    let is_unknown = |error: StoreError| assert!(matches!(error, StoreError::NoRun(_)), "{error}");
    is_unknown(store.load(run).await.unwrap_err());
    is_unknown(store.claim(run, "tests", at(0), at(9)).await.unwrap_err());
    is_unknown(store.absolve(run).await.unwrap_err());
    let wish = CancelWish {
        by: "jo".to_owned(),
        reason: String::new(),
        at: at(1),
    };
    is_unknown(store.wish_cancel(run, wish).await.unwrap_err());
}

on_every_store!(
    a_claimed_run_is_claimed_by_nobody_else_until_its_lease_ends,
    a_worker_that_was_taken_over_writes_nothing_and_is_told,
    every_write_is_a_sign_of_life,
    a_run_that_ends_three_workers_is_left_alone_until_it_is_absolved,
    a_worker_that_gets_on_or_brings_the_run_to_rest_ends_the_row_of_crashes,
    who_has_waited_longest_is_taken_up_first,
    a_run_that_rests_is_due_when_its_rest_is_over,
    runs_of_a_busy_server_are_passed_over,
    a_wish_to_stop_keeps_the_next_call_from_beginning,
    a_wish_to_stop_ends_what_has_no_plan,
    a_list_comes_in_pages_and_by_standing,
    what_is_not_there_is_said_to_be_not_there,
);
