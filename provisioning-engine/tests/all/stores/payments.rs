//! Payment events, further runs of an order, and customers of panels.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use provisioning_core::order::{Alias, AliasKind, OrderMode, PaymentEventKind, TenantId};
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_engine::store::{
    Binding, CancelWish, Claim, Delivered, FurtherRun, KeptCustomer, MOST_EARLY_EVENTS, NewEvent,
    Projection, Sealed, Settled, Standing, Store, StoreError, Unpaid, Wanted,
};

use super::desk::{
    LEASE, a_plan, an_order, append, at, claim, intent, planned, sealed, server, submit,
};
use crate::place::{StoreKind, new_store, on_every_store};

fn event(id: &str, order: &str, kind: PaymentEventKind, at: Timestamp) -> NewEvent {
    NewEvent {
        tenant: TenantId::new("shop").unwrap(),
        mode: OrderMode::Live,
        id: id.to_owned(),
        aliases: vec![Alias::new(AliasKind::Order, order).unwrap()],
        kind,
        occurred_at: at,
        details: Sealed {
            key_id: "tests".to_owned(),
            value: format!("sealed event {id}"),
        },
        at,
    }
}

fn refund(id: &str, order: &str) -> NewEvent {
    event(id, order, PaymentEventKind::Refunded, at(10))
}

async fn due(store: &Arc<dyn Store>, now: i64) -> Vec<PlanId> {
    let claims = store
        .claim_due("tests", at(now), at(now) + LEASE, 9, &BTreeSet::new())
        .await
        .unwrap();
    claims.into_iter().map(|claim| claim.run).collect()
}

fn settled(version: u64) -> Settled {
    Settled {
        version,
        decide_at: None,
        unpaid: None,
        question: None,
    }
}

async fn an_event_makes_its_order_due_and_holds_every_call_up_until_it_is_settled(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let (claim, mut run) = planned(&store, "1", at(0)).await;
    let event = sealed(&run, "bytes");
    append(&store, &claim, &mut run, event, at(1))
        .await
        .unwrap();
    let delivered = store.keep_event(refund("evt_1", "1")).await.unwrap();
    assert_eq!(delivered, Delivered::New { run: claim.run });
    let again = store.keep_event(refund("evt_1", "1")).await.unwrap();
    let known = Delivered::Redelivered {
        run: Some(claim.run),
    };
    assert_eq!(again, known);

    let (events, version) = store.events(claim.run).await.unwrap();
    assert_eq!((events.len(), version), (1, 1));
    assert_eq!(events[0].kind, PaymentEventKind::Refunded);
    assert_eq!(events[0].occurred_at, at(10));
    assert_eq!(events[0].details.value, "sealed event evt_1");
    let intended = intent(&run, at(11));
    let refused = append(&store, &claim, &mut run.clone(), intended.clone(), at(11)).await;
    assert!(
        matches!(refused, Err(StoreError::Unsettled(_))),
        "{refused:?}"
    );
    assert!(
        store
            .load(claim.run)
            .await
            .unwrap()
            .payment
            .is_due(Timestamp::MIN)
    );

    store.release(&claim, None).await.unwrap();
    assert_eq!(due(&store, 11).await, [claim.run]);
    let claim = Claim {
        fence: claim.fence + 1,
        ..claim
    };
    let unpaid = Unpaid {
        kind: PaymentEventKind::Refunded,
        since: at(10),
    };
    let waiting = Settled {
        decide_at: Some(at(500)),
        unpaid: Some(unpaid),
        question: Some("terminate?".to_owned()),
        ..settled(version)
    };
    store.settle(&claim, waiting).await.unwrap();
    append(&store, &claim, &mut run, intended, at(12))
        .await
        .unwrap();
    let listed = store.list(Wanted::default()).await.unwrap().remove(0);
    assert_eq!(listed.payment.unpaid, Some(unpaid));
    assert_eq!(listed.payment.question.as_deref(), Some("terminate?"));
    assert!(!listed.payment.is_due(at(499)) && listed.payment.is_due(at(500)));
}

/// A run without a plan is over once somebody wants it to stop, and its payment is still to be decided about.
async fn a_wish_to_stop_does_not_make_anybody_forget_to_decide(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let run = submit(&store, "1", at(0)).await;
    store.keep_event(refund("evt_1", "1")).await.unwrap();
    let wish = CancelWish {
        by: "jo".to_owned(),
        reason: "refunded".to_owned(),
        at: at(11),
    };
    store.wish_cancel(run, wish).await.unwrap();
    assert_eq!(due(&store, 12).await, [run]);
}

async fn what_was_stored_while_it_was_decided_is_decided_about_too(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let first = claim(&store, run, at(0)).await;
    store.keep_event(refund("evt_1", "1")).await.unwrap();
    let (_, version) = store.events(run).await.unwrap();
    let paid = event("evt_2", "1", PaymentEventKind::Paid, at(11));
    store.keep_event(paid).await.unwrap();
    store.settle(&first, settled(version)).await.unwrap();
    store.release(&first, None).await.unwrap();
    assert_eq!(due(&store, 0).await, [run]);
    let payment = store.load(run).await.unwrap().payment;
    assert!(payment.is_unsettled(), "{payment:?}");
}

async fn an_event_waits_for_its_order_and_no_other(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let early = store.keep_event(refund("evt_1", "2")).await.unwrap();
    assert_eq!(early, Delivered::Early);
    let again = store.keep_event(refund("evt_1", "2")).await.unwrap();
    assert_eq!(again, Delivered::Redelivered { run: None });
    let other = submit(&store, "1", at(0)).await;
    assert_eq!(store.events(other).await.unwrap(), (Vec::new(), 0));

    let run = submit(&store, "2", at(0)).await;
    let (events, version) = store.events(run).await.unwrap();
    assert_eq!((events.len(), version), (1, 1));
    let again = store.keep_event(refund("evt_1", "2")).await.unwrap();
    assert_eq!(again, Delivered::Redelivered { run: Some(run) });

    let mut test = refund("evt_2", "2");
    test.mode = OrderMode::Test;
    assert_eq!(store.keep_event(test).await.unwrap(), Delivered::Early);
    let mut both = refund("evt_3", "1");
    both.aliases
        .push(Alias::new(AliasKind::Order, "2").unwrap());
    let conflict = store.keep_event(both).await.unwrap();
    assert_eq!(
        conflict,
        Delivered::Conflict {
            runs: vec![other, run]
        }
    );
}

async fn events_without_an_order_are_kept_for_a_month_and_not_without_end(kind: StoreKind) {
    let (store, place) = new_store(kind).await;
    store.keep_event(refund("old", "1")).await.unwrap();
    let day = 24 * 60 * 60;
    let later = |id: &str, days: i64| NewEvent {
        at: at(10 + days * day),
        ..refund(id, "2")
    };
    store.keep_event(later("a", 29)).await.unwrap();
    store.keep_event(later("b", 31)).await.unwrap();
    let run = submit(&store, "1", at(0)).await;
    assert_eq!(store.events(run).await.unwrap().0, []);

    let mut writes = (0..=MOST_EARLY_EVENTS).map(|number| {
        let store = Arc::clone(&store);
        async move {
            let mut event = later(&format!("many {number}"), 31);
            event.aliases = vec![Alias::new(AliasKind::Order, format!("{number}")).unwrap()];
            store.keep_event(event).await.unwrap();
        }
    });
    if kind == StoreKind::Postgres {
        // There each is a transaction of its own; all but the last are put there at once.
        let received = at(10 + 31 * day).as_microsecond();
        let many = MOST_EARLY_EVENTS - 1;
        place
            .by_hand(&format!(
                "WITH new AS (INSERT INTO events (tenant, mode, event, kind, occurred_at, received_at, key_id, sealed) \
                     SELECT e.tenant, e.mode, 'many ' || n, e.kind, e.occurred_at, {received}, e.key_id, e.sealed \
                     FROM events e, generate_series(0, {many}) AS n WHERE e.event = 'b' ORDER BY n \
                     RETURNING arrival, tenant, mode, event) \
                 INSERT INTO early_aliases (tenant, mode, alias, event) \
                     SELECT new.tenant, new.mode, replace(a.alias, '2', substr(new.event, 6)), new.arrival \
                     FROM new, (SELECT DISTINCT alias FROM early_aliases) AS a"
            ))
            .await;
        if let Some(last) = writes.next_back() {
            last.await;
        }
    } else {
        // They are written in the order in which they are asked for.
        futures_util::future::join_all(writes).await;
    }
    let run = submit(&store, "2", at(0)).await;
    let (events, _) = store.events(run).await.unwrap();
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["many 2"], "the oldest have made room");
}

fn further(order: &str, operation: Operation) -> FurtherRun {
    let key = an_order(order).key().clone();
    FurtherRun {
        id: PlanId::new(&key, operation, 1),
        key,
        operation,
        generation: 1,
        at: at(20),
        planned: None,
    }
}

async fn a_further_run_is_stored_once_and_its_end_is_something_to_decide_about(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let first = claim(&store, run, at(0)).await;
    let plan = a_plan("1");
    let suspend = FurtherRun {
        planned: Some((
            plan,
            Projection {
                wake_at: Some(at(30)),
                standing: Standing::Ready,
                ..Projection::default()
            },
        )),
        ..further("1", Operation::Suspend)
    };
    assert!(store.add(&first, suspend.clone()).await.unwrap());
    assert!(!store.add(&first, suspend.clone()).await.unwrap());
    let resubmitted = further("1", Operation::Provision);
    assert!(store.add(&first, resubmitted.clone()).await.unwrap());
    let runs = store.runs_of(&suspend.key).await.unwrap();
    assert_eq!(runs, [run, suspend.id, resubmitted.id]);
    let loaded = store.load(suspend.id).await.unwrap();
    assert_eq!(
        (loaded.operation, loaded.generation),
        (Operation::Suspend, 1)
    );
    assert_eq!((loaded.first, loaded.order), (run, None));
    let late = store.submit(super::desk::new_run("1", at(40))).await;
    assert!(
        matches!(late, Ok(provisioning_engine::store::Submitted::Existing { run: known, .. }) if known == run),
        "{late:?}"
    );

    store.keep_event(refund("evt_1", "1")).await.unwrap();
    store.settle(&first, settled(1)).await.unwrap();
    store.release(&first, None).await.unwrap();
    let claim = claim(&store, suspend.id, at(50)).await;
    let over = Projection {
        standing: Standing::Over,
        ..Projection::default()
    };
    store.append(&claim, &[], over, None).await.unwrap();
    let payment = store.load(suspend.id).await.unwrap().payment;
    assert!(payment.is_unsettled(), "{payment:?}");
    assert_eq!((payment.version, payment.settled), (2, 1));

    let stolen = store.add(&first, further("1", Operation::Terminate)).await;
    assert!(
        matches!(stolen, Err(StoreError::FencedOut(_))),
        "{stolen:?}"
    );
}

async fn an_id_that_leads_to_nothing_any_more_may_belong_to_another_order(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let binding = Binding {
        server: server("np-1"),
        remote_id: "7".to_owned(),
    };
    let ready = Projection {
        wake_at: Some(at(1)),
        standing: Standing::Ready,
        ..Projection::default()
    };
    let bound = Projection {
        bindings: vec![binding.clone()],
        ..ready.clone()
    };
    let released = Projection {
        released: vec![binding.clone()],
        ..ready.clone()
    };
    let (first, _) = planned(&store, "1", at(0)).await;
    store
        .append(&first, &[], bound.clone(), None)
        .await
        .unwrap();
    let terminate = FurtherRun {
        planned: Some((a_plan("1"), ready)),
        ..further("1", Operation::Terminate)
    };
    store.add(&first, terminate.clone()).await.unwrap();
    let terminating = claim(&store, terminate.id, at(1)).await;

    let (other, _) = planned(&store, "2", at(0)).await;
    let taken = store.append(&other, &[], bound.clone(), None).await;
    assert!(matches!(taken, Err(StoreError::Bound { .. })), "{taken:?}");
    store
        .append(&terminating, &[], released.clone(), None)
        .await
        .unwrap();
    assert_eq!(store.bound_to(&binding).await.unwrap(), None);
    store.append(&other, &[], bound, None).await.unwrap();
    store
        .append(&terminating, &[], released, None)
        .await
        .unwrap();
    let owner = store.bound_to(&binding).await.unwrap();
    assert_eq!(owner, Some(other.run), "not taken from it again");
}

async fn customers_are_found_until_every_run_that_knew_them_is_forgotten(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let mut runs = Vec::new();
    for order in ["1", "2"] {
        let run = submit(&store, order, at(0)).await;
        let kept = KeptCustomer {
            index: "a".to_owned(),
            run,
            customer: Sealed {
                key_id: "tests".to_owned(),
                value: format!("sealed customer {order}"),
            },
        };
        store.keep_customer(kept.clone()).await.unwrap();
        let again = KeptCustomer {
            customer: Sealed {
                key_id: "tests".to_owned(),
                value: "another".to_owned(),
            },
            ..kept.clone()
        };
        store.keep_customer(again).await.unwrap();
        runs.push((run, kept));
    }
    let indexes = ["unknown".to_owned(), "a".to_owned()];
    let found = store.customer(&indexes).await.unwrap().unwrap();
    assert_eq!(found.value, "sealed customer 1");
    assert_eq!(store.customer(&indexes[..1]).await.unwrap(), None);

    let sealed = store.customers_sealed_otherwise("newer").await.unwrap();
    assert_eq!(sealed.len(), 2);
    let after = KeptCustomer {
        index: "b".to_owned(),
        customer: Sealed {
            key_id: "newer".to_owned(),
            value: "sealed anew".to_owned(),
        },
        ..runs[1].1.clone()
    };
    store.reseal_customer(&runs[1].1, after).await.unwrap();
    assert_eq!(
        store
            .customers_sealed_otherwise("newer")
            .await
            .unwrap()
            .len(),
        1
    );

    let claim = claim(&store, runs[0].0, at(1)).await;
    store.forget(&claim, at(2)).await.unwrap();
    assert_eq!(store.customer(&indexes).await.unwrap(), None);
    let found = store.customer(&["b".to_owned()]).await.unwrap().unwrap();
    assert_eq!(found.value, "sealed anew");
}

async fn a_forgotten_order_keeps_no_events_and_takes_none(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let run = submit(&store, "1", at(0)).await;
    store.keep_event(refund("evt_1", "1")).await.unwrap();
    let claim = claim(&store, run, at(1)).await;
    store.forget(&claim, at(2)).await.unwrap();
    assert_eq!(store.events(run).await.unwrap().0, []);
    let late = store.keep_event(refund("evt_1", "1")).await.unwrap();
    assert_eq!(late, Delivered::Forgotten { run });
    assert_eq!(due(&store, 100).await, []);
}

on_every_store!(
    a_forgotten_order_keeps_no_events_and_takes_none,
    a_further_run_is_stored_once_and_its_end_is_something_to_decide_about,
    a_wish_to_stop_does_not_make_anybody_forget_to_decide,
    an_event_makes_its_order_due_and_holds_every_call_up_until_it_is_settled,
    an_event_waits_for_its_order_and_no_other,
    an_id_that_leads_to_nothing_any_more_may_belong_to_another_order,
    customers_are_found_until_every_run_that_knew_them_is_forgotten,
    events_without_an_order_are_kept_for_a_month_and_not_without_end,
    what_was_stored_while_it_was_decided_is_decided_about_too,
);
