//! SIGKILL at every point of an order, each time the run comes to it; then another process, under the same name or
//! another one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use panel_sandbox::mpanel::operations as mpanel;
use panel_sandbox::nextpanel_panel::operations as nextpanel;
use panel_sandbox::{ArrivalOrder, Count, Fault, Operation, RetryHint};
use provisioning_core::plan::mpanel::OrderEntry;
use provisioning_core::run::event::Event;
use provisioning_engine::KILL_POINTS;
use provisioning_engine::store::Wanted;

use super::scene::{Census, Purchase, Scene};
use super::worker::{Ended, work};
use crate::place::{StoreKind, on_every_lasting_store};
use crate::shop::planned;

/// No order comes to a point more often.
const MOST_OFTEN: usize = 60;

/// What happens on the wire meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    /// Nothing.
    Quiet,
    /// This, once, to the request that creates.
    Once(Fault),
    /// Every reply to a call is late until the process is dead, so that it is killed amid the call.
    SlowCalls,
    /// The reply to the request that creates is lost, and whatever is read is late until the process is dead.
    SlowLookUps,
}

/// What calls ask for.
const CALLS: [Operation; 10] = [
    nextpanel::CREATE_ACCOUNT,
    nextpanel::GET_ACCOUNT,
    mpanel::CREATE_CUSTOMER,
    mpanel::CREATE_SUBSCRIPTION,
    mpanel::CREATE_WEBSITE,
    mpanel::PATCH_SUBSCRIPTION,
    mpanel::STRIPE_COMPLETED,
    mpanel::STRIPE_ORDER,
    mpanel::ORDER_WEBHOOK,
    mpanel::ORDER_CREATED,
];

/// What look-ups ask for.
const LOOK_UPS: [Operation; 4] = [
    nextpanel::LIST_ACCOUNTS,
    mpanel::LIST_CUSTOMERS,
    mpanel::LIST_SUBSCRIPTIONS,
    mpanel::LIST_WEBSITES,
];

impl Wire {
    fn arm(self, scene: &Scene) {
        let always = |fault, operations: &[Operation]| {
            for panel in scene.panels.nextpanel_panels() {
                for operation in operations {
                    // The operations of the other service are refused, which is as well.
                    let _ = panel.arm_for(fault, *operation, Count::UntilHealed);
                }
            }
            for panel in scene.panels.mpanels() {
                for operation in operations {
                    let _ = panel.arm_for(fault, *operation, Count::UntilHealed);
                }
            }
        };
        let once = |fault| {
            for panel in scene.panels.nextpanel_panels() {
                panel.arm(fault).unwrap();
            }
            for panel in scene.panels.mpanels() {
                panel.arm(fault).unwrap();
            }
        };
        match self {
            Self::Quiet => {}
            Self::Once(fault) => once(fault),
            Self::SlowCalls => always(Fault::Delay, &CALLS),
            Self::SlowLookUps => {
                once(Fault::LostReply);
                always(Fault::Delay, &LOOK_UPS);
            }
        }
    }
}

/// Kills a worker at one point, each time it comes there, and lets the next one finish. How often it came there.
async fn at_point(
    kind: StoreKind,
    purchase: Purchase,
    wire: Wire,
    point: &str,
    restarted_as: &str,
) -> usize {
    for time in 1..MOST_OFTEN {
        let what = format!("{purchase:?}, {wire:?}, killed at {point} the {time}. time");
        let scene = Scene::start(kind, purchase).await;
        wire.arm(&scene);
        let ended = work(&scene.job("worker-1"), Some(&format!("{point}:{time}"))).await;
        if matches!(wire, Wire::SlowCalls | Wire::SlowLookUps) {
            scene.panels.heal();
        }
        if ended == Ended::Asks {
            scene.answer().await;
        }
        if ended != Ended::Done {
            scene.finish(restarted_as).await;
        }
        scene.panels.settle().await;
        scene.is_finished(&what).await;
        let undisturbed = census_undisturbed(kind, purchase).await;
        assert_eq!(scene.census(), undisturbed, "{what}");
        if ended != Ended::Killed {
            return time - 1;
        }
    }
    panic!("it comes to {point} again and again");
}

/// What there is after an order that nothing disturbed.
async fn census_undisturbed(kind: StoreKind, purchase: Purchase) -> Census {
    static KNOWN: Mutex<BTreeMap<String, Census>> = Mutex::new(BTreeMap::new());
    let name = format!("{purchase:?}");
    if let Some(known) = KNOWN.lock().unwrap().get(&name) {
        return known.clone();
    }
    let scene = Scene::start(kind, purchase).await;
    scene.finish("nobody kills it").await;
    scene.is_finished("undisturbed").await;
    let census = scene.census();
    KNOWN.lock().unwrap().insert(name, census.clone());
    census
}

/// How many steps of an order are called. A busy machine may call one of them twice.
async fn calls_of(kind: StoreKind, purchase: Purchase) -> usize {
    let scene = Scene::start(kind, purchase).await;
    scene.finish("counted").await;
    let engine = scene.job("the test").engine(None).await;
    let run = engine.list(Wanted::default()).await.unwrap().remove(0).id;
    let view = engine.inspect(run).await.unwrap();
    let entries = &planned(&view).journal().entries;
    let steps: BTreeSet<_> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Intent(intent) => Some(&intent.step),
            _ => None,
        })
        .collect();
    steps.len()
}

/// Every point of one purchase. How often each was come to.
async fn at_every_point(
    kind: StoreKind,
    purchase: Purchase,
    wire: Wire,
    restarted_as: &str,
) -> BTreeMap<&'static str, usize> {
    let mut times = BTreeMap::new();
    for point in KILL_POINTS {
        // Nothing is amid a call for long unless replies are slow.
        if !point.starts_with("amid-") {
            let often = at_point(kind, purchase, wire, point, restarted_as).await;
            times.insert(*point, often);
        }
    }
    times
}

/// A worker that was killed and its successor under another name, at every point of the bundled order.
async fn at_every_point_another_worker_finishes_the_order(kind: StoreKind) {
    let times = at_every_point(kind, Purchase::Account, Wire::Quiet, "worker-2").await;
    let calls = calls_of(kind, Purchase::Account).await;
    for point in [
        "before-intent",
        "after-intent",
        "after-call",
        "before-outcome",
        "after-outcome",
    ] {
        assert!(times[point] >= calls, "{point}: {times:?}");
    }
    for point in [
        "before-submitted",
        "after-submitted",
        "before-planned",
        "after-planned",
        "after-sealed",
        "after-confirmed",
        "before-erased",
        "after-erased",
        "after-release",
    ] {
        assert!(times[point] >= 1, "{point}: {times:?}");
    }
}

/// The same name again, and the reply to the request that creates is lost as well, so that it is looked up.
async fn at_every_point_after_a_lost_reply_the_same_worker_finishes_the_order(kind: StoreKind) {
    let wire = Wire::Once(Fault::LostReply);
    let times = at_every_point(kind, Purchase::Account, wire, "worker-1").await;
    for point in ["before-looked-up", "after-looked-up"] {
        assert!(times[point] >= 1, "{point}: {times:?}");
    }
}

/// The request has left, and its reply is on its way.
async fn amid_every_call_and_look_up_another_worker_finishes_the_order(kind: StoreKind) {
    let account = Purchase::Account;
    let calls = at_point(kind, account, Wire::SlowCalls, "amid-call", "worker-2").await;
    assert!(calls >= calls_of(kind, account).await, "{calls}");
    let look_ups = at_point(kind, account, Wire::SlowLookUps, "amid-look-up", "worker-1").await;
    assert!(look_ups >= 1);
}

on_every_lasting_store!(minutes:
    at_every_point_another_worker_finishes_the_order,
    at_every_point_after_a_lost_reply_the_same_worker_finishes_the_order,
    amid_every_call_and_look_up_another_worker_finishes_the_order,
);

/// All orders, names and faults after which an order is carried out by itself.
mod at_length {
    use super::*;

    async fn every_point_of(kind: StoreKind, purchase: Purchase) {
        for restarted_as in ["worker-1", "worker-2"] {
            let times = at_every_point(kind, purchase, Wire::Quiet, restarted_as).await;
            assert!(times["after-intent"] >= 1, "{times:?}");
        }
        let often = at_point(kind, purchase, Wire::SlowCalls, "amid-call", "worker-2").await;
        assert!(often >= 1, "amid {often} calls");
    }

    async fn every_fault(kind: StoreKind) {
        for fault in [
            Fault::LateArrival(ArrivalOrder::BeforeResend),
            Fault::LateArrival(ArrivalOrder::AfterResend),
            Fault::DropBeforeSend,
            Fault::RateLimited(RetryHint::Given),
            Fault::Error500Once,
            Fault::Html502,
            Fault::Truncated,
        ] {
            at_every_point(kind, Purchase::Account, Wire::Once(fault), "worker-2").await;
        }
        let recorded = Purchase::Recorded;
        at_every_point(kind, recorded, Wire::Once(Fault::LostReply), "worker-2").await;
        at_point(
            kind,
            recorded,
            Wire::SlowLookUps,
            "amid-look-up",
            "worker-2",
        )
        .await;
    }

    macro_rules! at_length {
        ($module:ident, $kind:expr, $($name:ident: $purchase:expr),+ $(,)?) => {
            mod $module {
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    #[ignore = "takes minutes: .ci/full kills, .ci/full postgres"]
                    async fn $name() {
                        if $kind.is_here() {
                            every_point_of($kind, $purchase).await;
                        }
                    }
                )+

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "takes minutes: .ci/full kills, .ci/full postgres"]
                async fn every_fault_beside_a_kill() {
                    if $kind.is_here() {
                        every_fault($kind).await;
                    }
                }
            }
        };
    }

    at_length!(
        on_sqlite,
        StoreKind::Sqlite,
        two_accounts_and_an_add_on: Purchase::Accounts,
        an_account_recorded_on_mpanel: Purchase::Recorded,
        an_order_handed_over_by_payment: Purchase::Delegated(OrderEntry::ProvisioningStripe),
        an_order_handed_over_as_a_checkout: Purchase::Delegated(OrderEntry::StripeCompleted),
        an_order_handed_over_as_created: Purchase::Delegated(OrderEntry::OrderCreated),
        an_order_handed_over_by_webhook: Purchase::Delegated(OrderEntry::OrdersWebhook),
    );
    at_length!(
        on_postgres,
        StoreKind::Postgres,
        two_accounts_and_an_add_on: Purchase::Accounts,
        an_account_recorded_on_mpanel: Purchase::Recorded,
        an_order_handed_over_by_payment: Purchase::Delegated(OrderEntry::ProvisioningStripe),
        an_order_handed_over_as_a_checkout: Purchase::Delegated(OrderEntry::StripeCompleted),
        an_order_handed_over_as_created: Purchase::Delegated(OrderEntry::OrderCreated),
        an_order_handed_over_by_webhook: Purchase::Delegated(OrderEntry::OrdersWebhook),
    );
}
