//! What payment events lead to on the panel, in whatever order they come and whoever dies meanwhile.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use panel_sandbox::nextpanel_panel::Account;
use provisioning_core::order::{
    Intake, OrderItem, PaymentEvent, PaymentEventKind, ProductCode, TenantId, read_payment_event,
};
use provisioning_core::payment::{
    AllowedBy, NotTerminable, PaymentPolicy, Question, Reaction, TerminationPolicy,
};
use provisioning_core::plan::id::Operation;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::Answer;
use provisioning_core::run::outcome::Because;
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::clock::Clock as _;
use provisioning_engine::store::{Delivered, ListedRun, NewEvent, Sealed, Standing, Wanted};
use provisioning_engine::{
    Engine, EngineError, EventTaken, RunState, RunView, Settlement, WorkOptions,
};

use crate::place::{StoreKind, on_every_store};
use crate::shop::{
    Shop, hosting, is_awaiting_confirmation, new_run, order, planned, sealer, status,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An event of an order of [`Shop::order`], whose id is `id`.
fn event(id: &str, name: &str, number: u32, at: Timestamp) -> PaymentEvent {
    with_items(id, name, number, at, "")
}

fn with_items(id: &str, name: &str, number: u32, at: Timestamp, items: &str) -> PaymentEvent {
    let payload = format!(
        r#"{{"id":"{id}","event":"{name}","orderId":"order-{number}","occurredAt":"{at}","customerEmail":"customer{number}@example.com"{items}}}"#
    );
    let intake = Intake::new(TenantId::new("shop").unwrap());
    read_payment_event(payload.as_bytes(), &intake).unwrap()
}

fn seconds_ago(seconds: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(seconds)
}

async fn one_server(store: StoreKind) -> Shop {
    Shop::with_one_server(store, |panel| panel).await
}

fn settled(taken: EventTaken) -> Settlement {
    taken.settlement.unwrap()
}

/// The only account there is.
fn account(shop: &Shop) -> Account {
    let mut accounts = shop.panel().accounts();
    assert_eq!(accounts.len(), 1, "{accounts:#?}");
    accounts.remove(0)
}

/// Lets a worker do whatever is due.
async fn work(shop: &Shop) {
    work_with(&shop.engine, shop).await;
}

async fn work_with(engine: &Engine, shop: &Shop) {
    let until = async {
        let nothing_is_due = async {
            loop {
                let runs = engine.list(Wanted::default()).await.unwrap();
                // Retries and turns come within that.
                let now = shop.clock.now() + SignedDuration::from_secs(5);
                let is_at_rest = |run: &ListedRun| {
                    run.lease.is_none() && run.wake_at.is_none_or(|wake_at| wake_at > now)
                };
                if runs.iter().all(is_at_rest) {
                    return;
                }
                // Whether all are at rest is told by nobody: asked again and again.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), nothing_is_due)
            .await
            .expect("there is always something due");
    };
    let worked = engine.work(WorkOptions::default(), until).await;
    assert_eq!((worked.failed, worked.panicked), (0, 0), "{worked:?}");
}

fn is_done(view: &RunView) -> bool {
    matches!(status(view), RunStatus::Over(Conclusion::Done))
}

async fn a_refund_before_hosting_cancels_and_nothing_is_made(store: StoreKind) {
    let shop = one_server(store).await;
    let run = new_run(&shop.engine, &shop.order()).await;
    shop.engine.plan_run(run).await.unwrap();
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    let taken = shop.engine.payment_event(&refund).await.unwrap();
    assert_eq!(taken.delivered, Delivered::New { run });
    let view = shop.engine.inspect(run).await.unwrap();
    let RunStatus::Over(Conclusion::Cancelled { by, reason, .. }) = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert_eq!(
        (by.as_str(), reason.as_str()),
        ("payment events", "the payment was refunded")
    );
    shop.go_on(run).await;
    work(&shop).await;
    assert_eq!(shop.customers_accounts(), 0);
    let listed = shop.engine.list(Wanted::default()).await.unwrap();
    assert_eq!(listed.len(), 1);
    let unpaid = listed[0].payment.unpaid.unwrap();
    assert_eq!(unpaid.kind, PaymentEventKind::Refunded);
}

async fn an_event_before_its_order_counts_as_soon_as_the_order_comes(store: StoreKind) {
    let shop = one_server(store).await;
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    let taken = shop.engine.payment_event(&refund).await.unwrap();
    assert_eq!(
        (taken.delivered, taken.settlement),
        (Delivered::Early, None)
    );
    let run = new_run(&shop.engine, &shop.order()).await;
    let view = shop.go_on(run).await;
    assert!(
        matches!(view.state, RunState::Cancelled { .. }),
        "{:?}",
        view.state
    );
    assert_eq!(shop.customers_accounts(), 0);

    // Paid again, it is provided after all: as a new generation, because the first one is over.
    let paid = event("evt_2", "order.paid", 1, seconds_ago(0));
    let made = settled(shop.engine.payment_event(&paid).await.unwrap()).made;
    assert_eq!(made.len(), 1);
    let view = shop.go_on(made[0]).await;
    assert_eq!((view.operation, view.generation), (Operation::Provision, 1));
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(shop.customers_accounts(), 1);
    assert_eq!(shop.engine.unconfirmed(made[0]).await.unwrap().len(), 1);
}

async fn a_refund_after_hosting_suspends_and_a_payment_lifts_it(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(5));
    let settlement = settled(shop.engine.payment_event(&refund).await.unwrap());
    assert_eq!(
        settlement.reactions[0],
        Reaction::Suspend {
            event: PaymentEventKind::Refunded
        }
    );
    assert!(account(&shop).is_active, "nothing is sent to a panel yet");
    let [suspension] = settlement.made[..] else {
        panic!("{settlement:?}")
    };
    let view = shop.go_on(suspension).await;
    assert_eq!(view.operation, Operation::Suspend);
    assert!(is_done(&view), "{:?}", status(&view));
    let suspended = account(&shop);
    assert!(!suspended.is_active);
    assert_eq!(
        suspended.suspension_reason.as_deref(),
        Some("the payment was refunded")
    );

    let paid = event("evt_2", "order.paid", 1, seconds_ago(4));
    let settlement = settled(shop.engine.payment_event(&paid).await.unwrap());
    let view = shop.go_on(settlement.made[0]).await;
    assert!(is_done(&view), "{:?}", status(&view));
    assert!(account(&shop).is_active);
    let runs = shop.engine.runs_of_order(suspension).await.unwrap();
    let operations: Vec<Operation> = runs.iter().map(|view| view.operation).collect();
    assert_eq!(
        operations,
        [
            Operation::Provision,
            Operation::Suspend,
            Operation::Unsuspend
        ]
    );
    assert_eq!(runs[0].id, run);
    let note = &shop.engine.list(Wanted::default()).await.unwrap()[0].payment;
    assert_eq!(note.unpaid, None);
}

/// The suspension was never begun, so a payment has nothing to lift; one that was is lifted after it has come to rest.
async fn two_decisions_about_an_account_are_never_under_way_at_once(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    for (id, name, ago) in [
        ("evt_1", "order.refunded", 9),
        ("evt_2", "order.paid", 8),
        ("evt_3", "order.disputed", 7),
    ] {
        let event = event(id, name, 1, seconds_ago(ago));
        shop.engine.payment_event(&event).await.unwrap();
    }
    let runs = shop.engine.runs_of_order(run).await.unwrap();
    let [_, stopped, suspension] = &runs[..] else {
        panic!("{runs:#?}")
    };
    assert!(planned(stopped).cancelled().is_some());
    // Somebody has the suspension in hand, and the payment that comes now waits until it is over.
    let store = shop.engine.store();
    let now = Timestamp::now();
    let lease = now + SignedDuration::from_secs(60);
    let claim = store
        .claim(suspension.id, "another", now, lease)
        .await
        .unwrap();
    let paid = event("evt_4", "order.paid", 1, seconds_ago(1));
    let made = settled(shop.engine.payment_event(&paid).await.unwrap()).made;
    assert_eq!(made, [], "it was not begun: {made:?}");
    store.release(&claim, None).await.unwrap();
    work(&shop).await;
    assert!(account(&shop).is_active);
    let suspend = panel_sandbox::nextpanel_panel::operations::SUSPEND_ACCOUNT;
    assert_eq!(shop.panel().requests_for(&suspend).len(), 0);
}

/// One event was late, one is doubled, two are of one instant: *paid* wins.
async fn late_doubled_and_simultaneous_events_lead_where_they_would_have_led_in_time(
    store: StoreKind,
) {
    let shop = one_server(store).await;
    shop.run_order().await;
    let at = seconds_ago(10);
    for (id, name, at) in [
        ("evt_1", "order.refunded", at),
        ("evt_2", "order.paid", at),
        ("evt_1", "order.refunded", at),
        (
            "evt_3",
            "order.disputed",
            at - SignedDuration::from_secs(60),
        ),
        ("evt_2", "order.paid", at),
    ] {
        let event = event(id, name, 1, at);
        shop.engine.payment_event(&event).await.unwrap();
    }
    work(&shop).await;
    assert!(account(&shop).is_active);
    let newer = event("evt_4", "order.disputed", 1, seconds_ago(1));
    let first = shop.engine.payment_event(&newer).await.unwrap();
    let again = shop.engine.payment_event(&newer).await.unwrap();
    let Delivered::New { run } = first.delivered else {
        panic!("{first:?}")
    };
    assert_eq!(again.delivered, Delivered::Redelivered { run: Some(run) });
    assert_eq!(settled(again).made, [], "nothing is made twice");
    work(&shop).await;
    assert!(!account(&shop).is_active);
}

/// An event without an id of its own is told by what it says.
async fn a_redelivery_without_an_id_is_told_by_what_it_says(store: StoreKind) {
    let shop = one_server(store).await;
    shop.run_order().await;
    let deliver = async |at: &str| {
        let payload = format!(r#"{{"event":"refunded","orderId":"order-1","occurredAt":"{at}"}}"#);
        let intake = Intake::new(TenantId::new("shop").unwrap());
        let event = read_payment_event(payload.as_bytes(), &intake).unwrap();
        shop.engine.payment_event(&event).await.unwrap().delivered
    };
    let first = deliver("2026-11-20T08:00:00Z").await;
    assert!(matches!(first, Delivered::New { .. }), "{first:?}");
    let again = deliver("2026-11-20T08:00:00Z").await;
    assert!(matches!(again, Delivered::Redelivered { .. }), "{again:?}");
    let other = deliver("2026-11-20T08:00:01Z").await;
    assert!(matches!(other, Delivered::New { .. }), "{other:?}");
}

/// The process that took the event in died before it decided.
async fn an_event_that_nobody_has_acted_on_is_acted_on_by_the_next_worker(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    let kept = NewEvent {
        tenant: refund.tenant().clone(),
        mode: refund.mode(),
        id: "shop.example/evt_1".to_owned(),
        aliases: refund.aliases().iter().cloned().collect(),
        kind: refund.kind(),
        occurred_at: refund.occurred_at(),
        details: Sealed {
            key_id: sealer().key_id().to_owned(),
            value: String::new(),
        },
        at: Timestamp::now(),
    };
    let delivered = shop.engine.store().keep_event(kept).await.unwrap();
    assert_eq!(delivered, Delivered::New { run });
    work(&shop).await;
    let runs = shop.engine.runs_of_order(run).await.unwrap();
    assert!(!account(&shop).is_active, "{runs:#?}");
    assert_eq!(runs.len(), 2);
    assert!(is_done(&runs[1]), "{:?}", status(&runs[1]));
}

/// A refund that comes while a run is in a worker's hands stops it before its next call.
async fn an_event_amid_a_run_is_acted_on_before_its_next_call(store: StoreKind) {
    let shop = one_server(store).await;
    let run = new_run(&shop.engine, &shop.order()).await;
    shop.engine.plan_run(run).await.unwrap();
    let store = shop.engine.store();
    let now = Timestamp::now();
    let claim = store
        .claim(
            run,
            "another worker",
            now,
            now + SignedDuration::from_secs(60),
        )
        .await
        .unwrap();
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    let taken = shop.engine.payment_event(&refund).await.unwrap();
    assert_eq!(taken.settlement, None, "the other worker decides");
    store.release(&claim, None).await.unwrap();
    let view = shop.go_on(run).await;
    assert!(
        matches!(status(&view), RunStatus::Over(Conclusion::Cancelled { .. })),
        "{:?}",
        status(&view)
    );
    assert_eq!(shop.customers_accounts(), 0);
}

/// The account was made and its reply lost: it is looked up, found, and then suspended.
async fn what_a_cancelled_run_turns_out_to_have_made_is_suspended(store: StoreKind) {
    let shop = one_server(store).await;
    shop.arm("lost-reply");
    let run = new_run(&shop.engine, &shop.order()).await;
    let options = provisioning_engine::RunOptions {
        longest_wait: Duration::ZERO,
    };
    shop.engine.run(run, options).await.unwrap();
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    shop.engine.payment_event(&refund).await.unwrap();
    // The reply is lost for good: what came of it is looked up once its request cannot arrive any more.
    tokio::time::sleep(crate::shop::LONGEST).await;
    for _ in 0..20 {
        work(&shop).await;
        if !account(&shop).is_active {
            return;
        }
        // Until the next look is due, however often it was put off.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{:#?}", shop.engine.inspect(run).await.unwrap());
}

async fn an_account_of_somebody_else_under_the_id_is_left_alone(store: StoreKind) {
    let shop = one_server(store).await;
    shop.run_order().await;
    let id = account(&shop).id;
    shop.panel().give_id_to_stranger(id, "victim").unwrap();
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    let made = settled(shop.engine.payment_event(&refund).await.unwrap()).made;
    let view = shop.go_on(made[0]).await;
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert!(
        matches!(
            &steps[0].1,
            Attention::Refused { because: Because::OtherAccount, text }
                if text.contains("victim") && text.contains("nothing was done")
        ),
        "{steps:#?}"
    );
    assert!(account(&shop).is_active);
}

async fn a_failed_payment_has_its_grace_and_then_suspends(store: StoreKind) {
    let shop = one_server(store).await;
    shop.run_order().await;
    let failed = event("evt_1", "order.payment_failed", 1, seconds_ago(1));
    let settlement = settled(shop.engine.payment_event(&failed).await.unwrap());
    assert!(
        matches!(settlement.reactions[..], [Reaction::Wait { .. }]),
        "{settlement:?}"
    );
    shop.clock.advance(2 * DAY);
    work(&shop).await;
    assert!(account(&shop).is_active);
    shop.clock.advance(DAY);
    work(&shop).await;
    assert!(!account(&shop).is_active);
}

async fn nothing_is_terminated_without_grounds_and_with_them_exactly_the_account(store: StoreKind) {
    let shop = one_server(store).await;
    let (other, _) = shop.run_order().await;
    let (run, view) = shop.run_order().await;
    let name = planned(&view).account(&hosting()).unwrap().username.clone();
    let jo = || AllowedBy::Human {
        name: "jo".to_owned(),
    };
    let refused = async || match shop.engine.terminate(run, jo()).await {
        Err(EngineError::NotTerminable(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused().await, NotTerminable::Paid);
    let refund = event("evt_1", "order.refunded", 2, seconds_ago(1));
    let made = settled(shop.engine.payment_event(&refund).await.unwrap()).made;
    assert_eq!(refused().await, NotTerminable::SuspensionUnderWay);
    shop.go_on(made[0]).await;
    assert!(matches!(
        refused().await,
        NotTerminable::GraceNotOver { .. }
    ));
    shop.clock.advance(31 * DAY);
    work(&shop).await;
    assert_eq!(shop.customers_accounts(), 2, "a person is asked, no more");
    let listed = shop.engine.list(Wanted::default()).await.unwrap();
    let asked = listed.iter().find(|listed| listed.id == run).unwrap();
    let question = asked.payment.question.as_deref().unwrap();
    assert!(question.contains("terminate the account"), "{question}");
    let nobody = AllowedBy::Human {
        name: " ".to_owned(),
    };
    let refused = shop.engine.terminate(run, nobody).await;
    assert!(
        matches!(
            refused,
            Err(EngineError::NotTerminable(NotTerminable::NobodyNamed))
        ),
        "{refused:?}"
    );

    let termination = shop.engine.terminate(run, jo()).await.unwrap();
    assert_eq!(
        shop.engine.terminate(run, jo()).await.unwrap(),
        termination,
        "the same run"
    );
    let view = shop.go_on(termination).await;
    assert!(is_done(&view), "{:?}", status(&view));
    assert!(shop.panel().account(&name).is_none());
    assert_eq!(shop.customers_accounts(), 1);
    work(&shop).await;

    // Its id belongs to nobody any more, and a payment now asks a person.
    let id = planned(&shop.engine.inspect(run).await.unwrap())
        .account(&hosting())
        .unwrap()
        .remote_id
        .clone();
    let binding = provisioning_engine::store::Binding {
        server: provisioning_core::fleet::ServerName::new("np-1").unwrap(),
        remote_id: id,
    };
    let owner = shop.engine.store().bound_to(&binding).await.unwrap();
    assert_eq!(owner, None);
    let later = Timestamp::now() + SignedDuration::from_hours(31 * 24 + 1);
    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    let paid = event("evt_2", "order.paid", 2, later);
    let settlement = settled(shop.engine.payment_event(&paid).await.unwrap());
    assert!(
        matches!(
            settlement.question(),
            Some(Question::PaidAfterTermination { .. })
        ),
        "{settlement:?}"
    );
    assert!(is_awaiting_confirmation(
        &shop.engine.inspect(other).await.unwrap()
    ));
}

/// The request arrived and its reply was lost: whether the account is gone is read, and nothing else is touched.
async fn a_termination_whose_reply_is_lost_is_looked_up(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    let made = settled(shop.engine.payment_event(&refund).await.unwrap()).made;
    shop.go_on(made[0]).await;
    shop.clock.advance(31 * DAY);
    let allowed_by = AllowedBy::Human {
        name: "jo".to_owned(),
    };
    let termination = shop.engine.terminate(run, allowed_by).await.unwrap();
    let fault = "lost-reply".parse().unwrap();
    let operation = panel_sandbox::nextpanel_panel::operations::DELETE_ACCOUNT;
    shop.panel()
        .arm_for(fault, operation, panel_sandbox::Count::Times(9))
        .unwrap();
    let view = shop.go_on(termination).await;
    assert!(is_done(&view), "{:?}", status(&view));
    assert_eq!(shop.customers_accounts(), 0);
}

async fn a_policy_may_terminate_by_its_name(store: StoreKind) {
    let shop = one_server(store).await;
    let policy = PaymentPolicy {
        termination: TerminationPolicy::Terminate {
            after: DAY,
            name: "terms, section 9".to_owned(),
        },
        ..PaymentPolicy::default()
    };
    let engine = shop
        .engine
        .again(&shop, |builder| builder.payment_policy(policy));
    let run = new_run(&engine, &shop.order()).await;
    shop.go_on(run).await;
    let refund = event("evt_1", "order.refunded", 1, seconds_ago(1));
    engine.payment_event(&refund).await.unwrap();
    work_with(&engine, &shop).await;
    assert!(!account(&shop).is_active);
    shop.clock.advance(2 * DAY);
    work_with(&engine, &shop).await;
    assert_eq!(shop.customers_accounts(), 0);
}

async fn a_host_suspends_for_its_own_reasons_and_no_payment_lifts_that(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    let suspension = shop.engine.suspend(run, "sends spam").await.unwrap();
    let again = shop.engine.suspend(run, "sends spam").await.unwrap();
    assert_eq!(again, suspension, "the same run");
    shop.go_on(suspension).await;
    assert_eq!(
        account(&shop).suspension_reason.as_deref(),
        Some("sends spam")
    );
    let paid = event("evt_1", "order.paid", 1, seconds_ago(1));
    let settlement = settled(shop.engine.payment_event(&paid).await.unwrap());
    assert_eq!(settlement.reactions, [Reaction::Nothing]);
    let unsuspension = shop.engine.unsuspend(run).await.unwrap();
    shop.go_on(unsuspension).await;
    assert!(account(&shop).is_active);
    let second = shop.engine.suspend(run, "sends spam").await.unwrap();
    assert_ne!(second, suspension, "a new one");

    let nothing = new_run(&shop.engine, &shop.order()).await;
    let refused = shop.engine.suspend(nothing, "sends spam").await;
    assert!(
        matches!(refused, Err(EngineError::NoAccount(_))),
        "{refused:?}"
    );
}

/// NextPanel has no endpoint for it, so it is work for a person, listed with what to do.
async fn a_change_of_package_is_listed_with_what_to_do(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    let to = ProductCode::new("wp-growth").unwrap();
    let change = shop.engine.change_package(run, &to).await.unwrap();
    let view = shop.go_on(change).await;
    let RunStatus::Over(Conclusion::DoneExceptManual { steps }) = status(&view) else {
        panic!("{:?}", status(&view))
    };
    let work = planned(&view).instructions(&steps[0]).unwrap();
    assert!(work.instructions.contains("np-1"), "{work:?}");
    let unknown = ProductCode::new("no_such_plan").unwrap();
    let refused = shop.engine.change_package(run, &unknown).await;
    assert!(
        matches!(refused, Err(EngineError::UnknownProduct(_))),
        "{refused:?}"
    );
}

async fn a_resubmitted_order_gets_what_it_did_not_get(store: StoreKind) {
    let shop = one_server(store).await;
    shop.arm("under-privileged-key");
    let (run, view) = shop.run_order().await;
    assert!(matches!(status(&view), RunStatus::NeedsAttention { .. }));
    let refused = shop.engine.resubmit(run).await;
    assert!(
        matches!(refused, Err(EngineError::NotOver(_))),
        "{refused:?}"
    );
    shop.engine
        .answer(run, hosting(), Answer::Abandon, "jo")
        .await
        .unwrap();
    shop.panel().heal();
    let second = shop.engine.resubmit(run).await.unwrap();
    assert_eq!(
        shop.engine.resubmit(run).await.unwrap(),
        second,
        "the same run"
    );
    let server = provisioning_core::fleet::ServerName::new("np-1").unwrap();
    shop.engine.resume_denied(&server, "jo").await.unwrap();
    let view = shop.go_on(second).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(shop.customers_accounts(), 1);
}

async fn an_amended_order_gets_what_is_new_and_keeps_what_it_has(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    let items = r#","items":[{"code":"wp_growth"},{"code":"wp_growth","domain":"bikes.example"}]"#;
    let amended = with_items("evt_1", "order.amended", 1, seconds_ago(1), items);
    let made = settled(shop.engine.payment_event(&amended).await.unwrap()).made;
    let [second] = made[..] else {
        panic!("{made:?}")
    };
    let view = shop.go_on(second).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(view.generation, 1);
    assert_eq!(shop.customers_accounts(), 2);

    // Amended by the host, to what it was: what is no longer ordered is left to a person.
    let items = order("x", "x@example.com").items().to_vec();
    let taken = shop.engine.amend(run, items).await.unwrap();
    let made = settled(taken).made;
    let view = shop.go_on(made[0]).await;
    assert_eq!(view.generation, 2);
    assert_eq!(
        shop.customers_accounts(),
        2,
        "nothing is ever removed by it"
    );
    let manual: Vec<String> = planned(&view)
        .plan()
        .steps
        .iter()
        .map(|step| step.path.to_string())
        .collect();
    assert!(
        manual.iter().any(|path| path.starts_with("remove/")),
        "{manual:?}"
    );
    let nothing: Vec<OrderItem> = Vec::new();
    let refused = shop.engine.amend(run, nothing).await;
    assert!(matches!(refused, Err(EngineError::Items(_))), "{refused:?}");
}

async fn a_forgotten_order_keeps_nothing_of_its_events_and_runs(store: StoreKind) {
    let shop = one_server(store).await;
    let (run, _) = shop.run_order().await;
    let items = r#","items":[{"code":"wp_growth"},{"code":"domain_registration","domain":"canary-bikes.example"}]"#;
    let amended = with_items("evt_1", "order.amended", 1, seconds_ago(2), items);
    let made = settled(shop.engine.payment_event(&amended).await.unwrap()).made;
    shop.go_on(made[0]).await;
    let refund = event("evt_2", "order.refunded", 1, seconds_ago(1));
    let made = settled(shop.engine.payment_event(&refund).await.unwrap()).made;
    shop.go_on(made[0]).await;
    let refused = shop.engine.forget(made[0]).await;
    assert!(
        matches!(refused, Err(EngineError::NotOver(first)) if first == run),
        "{refused:?}"
    );
    for view in shop.engine.runs_of_order(run).await.unwrap() {
        for shown in shop.engine.unconfirmed(view.id).await.unwrap() {
            let confirmation = shown.confirm("tests");
            shop.engine.confirm(view.id, &confirmation).await.unwrap();
        }
    }
    work(&shop).await;
    shop.engine.forget(made[0]).await.unwrap();
    for view in shop.engine.runs_of_order(run).await.unwrap() {
        assert!(matches!(view.state, RunState::Forgotten { .. }));
    }
    let (events, _) = shop.engine.store().events(run).await.unwrap();
    assert_eq!(events, []);
    let late = event("evt_3", "order.paid", 1, seconds_ago(0));
    let taken = shop.engine.payment_event(&late).await.unwrap();
    assert_eq!(taken.delivered, Delivered::Forgotten { run });
    let again = shop.engine.forget(run).await;
    assert!(matches!(again, Err(EngineError::Forgotten(_))), "{again:?}");
    let gone = Wanted {
        standing: Some(Standing::Forgotten),
        ..Wanted::default()
    };
    assert_eq!(shop.engine.list(gone).await.unwrap().len(), 3);
}

on_every_store!(
    a_change_of_package_is_listed_with_what_to_do,
    a_failed_payment_has_its_grace_and_then_suspends,
    a_forgotten_order_keeps_nothing_of_its_events_and_runs,
    a_host_suspends_for_its_own_reasons_and_no_payment_lifts_that,
    a_policy_may_terminate_by_its_name,
    a_redelivery_without_an_id_is_told_by_what_it_says,
    a_refund_after_hosting_suspends_and_a_payment_lifts_it,
    a_refund_before_hosting_cancels_and_nothing_is_made,
    a_resubmitted_order_gets_what_it_did_not_get,
    a_termination_whose_reply_is_lost_is_looked_up,
    an_account_of_somebody_else_under_the_id_is_left_alone,
    an_amended_order_gets_what_is_new_and_keeps_what_it_has,
    an_event_amid_a_run_is_acted_on_before_its_next_call,
    an_event_before_its_order_counts_as_soon_as_the_order_comes,
    an_event_that_nobody_has_acted_on_is_acted_on_by_the_next_worker,
    late_doubled_and_simultaneous_events_lead_where_they_would_have_led_in_time,
    nothing_is_terminated_without_grounds_and_with_them_exactly_the_account,
    two_decisions_about_an_account_are_never_under_way_at_once,
    what_a_cancelled_run_turns_out_to_have_made_is_suspended,
);
