//! What payment events lead to on mPanel: what is proven to be the order's is suspended, the rest is said by hand.

use jiff::{SignedDuration, Timestamp};
use panel_sandbox::Fault;
use panel_sandbox::mpanel::{Subscription, operations};
use provisioning_core::order::{Intake, TenantId, read_payment_event};
use provisioning_core::plan::id::Operation;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::Answer;
use provisioning_core::run::outcome::Because;
use provisioning_core::run::status::Conclusion;
use provisioning_engine::Settlement;

use super::*;

const STARTER: &str = r#"{"code":"starter","domain":"ada.example"}"#;

async fn happened(both: &Both, order: &str, event: &str, seconds_ago: i64) -> Settlement {
    let at = Timestamp::now() - SignedDuration::from_secs(seconds_ago);
    let payload = format!(
        r#"{{"id":"{order}-{event}","event":"{event}","orderId":"{order}","occurredAt":"{at}"}}"#
    );
    let intake = Intake::new(TenantId::new("shop").unwrap());
    let event = read_payment_event(payload.as_bytes(), &intake).unwrap();
    let taken = both.engine.payment_event(&event).await.unwrap();
    taken.settlement.unwrap()
}

/// The only run that was made, driven as far as it goes.
async fn follows(both: &Both, settlement: &Settlement) -> RunView {
    let [made] = settlement.made[..] else {
        panic!("{settlement:#?}");
    };
    both.go_on(made).await
}

#[track_caller]
fn is_done(view: &RunView) {
    let status = status(view);
    assert_eq!(
        status,
        RunStatus::Over(Conclusion::Done),
        "{:#?}",
        planned(view).journal().entries
    );
}

fn statuses(both: &Both) -> Vec<String> {
    let rows = both.mpanel().subscriptions();
    rows.into_iter().map(|row| row.status).collect()
}

fn all_are(both: &Both, status: &str) -> bool {
    statuses(both).iter().all(|shown| shown == status)
}

fn account_is_active(both: &Both) -> bool {
    let panel = &both.panels.nextpanel_panels()[0];
    let mut accounts = panel.accounts().into_iter();
    let ours = accounts.find(|account| !account.is_stranger);
    ours.unwrap().is_active
}

fn sent(both: &Both) -> usize {
    let mpanel = both.mpanel();
    mpanel.requests_for(&operations::SUSPEND_SUBSCRIPTION).len()
}

#[tokio::test]
async fn a_recorded_account_is_suspended_on_both_panels_and_paid_again_on_both() {
    for generation in GENERATIONS {
        let both = Both::start(generation, MpanelMode::Direct).await;
        both.run(&purchase("P-1", ACCOUNT)).await;
        let before = both.mpanel().requests().len();
        let refunded = happened(&both, "P-1", "refunded", 20).await;
        assert_eq!(refunded.by_hand, None);
        is_done(&follows(&both, &refunded).await);
        assert!(!account_is_active(&both) && all_are(&both, "suspended"));
        // One read and one change; the login is remembered.
        assert_eq!(both.mpanel().requests().len(), before + 2, "{generation:?}");
        let again = happened(&both, "P-1", "paid", 10).await;
        let view = follows(&both, &again).await;
        assert_eq!(view.operation, Operation::Unsuspend);
        is_done(&view);
        assert!(account_is_active(&both) && all_are(&both, "active"));
        assert_eq!(both.mpanel().requests().len(), before + 4, "{generation:?}");
        both.was_spared();
    }
}

#[tokio::test]
async fn what_an_entry_made_is_suspended_whichever_event_says_so() {
    for (generation, entry, event) in [
        (Generation::Legacy, OrderEntry::StripeCompleted, "refunded"),
        (
            Generation::TypeScript,
            OrderEntry::StripeCompleted,
            "disputed",
        ),
        (Generation::Legacy, OrderEntry::OrdersWebhook, "cancelled"),
        (
            Generation::TypeScript,
            OrderEntry::OrdersWebhook,
            "refunded",
        ),
        (
            Generation::Legacy,
            OrderEntry::OrderCreated,
            "subscription_deleted",
        ),
        (Generation::TypeScript, OrderEntry::OrderCreated, "refunded"),
    ] {
        let both = Both::start(generation, delegate(entry)).await;
        both.run(&purchase("P-2", STARTER)).await;
        assert_eq!(statuses(&both), ["active"], "{entry}");
        let unpaid = happened(&both, "P-2", event, 20).await;
        assert_eq!(unpaid.by_hand, None, "{entry}");
        is_done(&follows(&both, &unpaid).await);
        assert_eq!(statuses(&both), ["suspended"], "{generation:?} {entry}");
        let again = happened(&both, "P-2", "paid", 10).await;
        is_done(&follows(&both, &again).await);
        assert_eq!(statuses(&both), ["active"], "{generation:?} {entry}");
        both.was_spared();
    }
}

#[tokio::test]
async fn the_long_order_is_suspended_whole_and_a_failed_payment_has_its_grace() {
    let both = Both::start(Generation::Legacy, delegate(OrderEntry::StripeCompleted)).await;
    both.run(&purchase("P-3", LONG)).await;
    let rows = statuses(&both).len();
    assert!(rows > 2, "{rows}");
    let failed = happened(&both, "P-3", "payment_failed", 60).await;
    assert_eq!((failed.made.len(), failed.by_hand), (0, None));
    assert!(account_is_active(&both));
    let before = both.mpanel().requests().len();
    let late = happened(&both, "P-3", "disputed", 10).await;
    is_done(&follows(&both, &late).await);
    assert!(!account_is_active(&both) && all_are(&both, "suspended"));
    assert_eq!(both.mpanel().requests().len(), before + 2 * rows);
}

#[tokio::test]
async fn a_lost_reply_is_looked_up_by_status_and_the_subscription_is_suspended_once() {
    for generation in GENERATIONS {
        for fault in [
            Fault::LostReply,
            Fault::Html502,
            Fault::Truncated,
            Fault::Error500Once,
            Fault::DropBeforeSend,
        ] {
            let both = Both::start(generation, MpanelMode::Direct).await;
            both.run(&purchase("P-4", ACCOUNT)).await;
            let mpanel = both.mpanel();
            mpanel
                .arm_for(fault, operations::SUSPEND_SUBSCRIPTION, 1)
                .unwrap();
            let refunded = happened(&both, "P-4", "refunded", 20).await;
            is_done(&follows(&both, &refunded).await);
            both.panels.settle().await;
            assert_eq!(statuses(&both), ["suspended"], "{generation:?} {fault:?}");
            assert!(!account_is_active(&both), "{generation:?} {fault:?}");
        }
    }
}

/// What the panel shows no more, or as something else, is left alone, and the account does not wait for it.
#[tokio::test]
async fn what_is_not_proven_is_not_touched_and_does_not_hold_the_account_up() {
    type Change = fn(&mut Subscription);
    let changes: [(Change, Because, &str); 5] = [
        (
            |row| row.customer_id = Some("7c1f0000-0000-4000-8000-000000000001".to_owned()),
            Because::OtherAccount,
            "is of customer 7c1f",
        ),
        (|row| row.product_id = None, Because::StandsOtherwise, ""),
        (
            |row| row.metadata["provisioning_mark"] = "7c1f0000-0000-4000-8000-000000000001".into(),
            Because::OtherAccount,
            "somebody else's mark",
        ),
        (
            |row| row.status = "cancelled".to_owned(),
            Because::StandsOtherwise,
            "is cancelled, and is not suspended from there",
        ),
        (
            |row| row.status = "expired".to_owned(),
            Because::StandsOtherwise,
            "is expired",
        ),
    ];
    for generation in GENERATIONS {
        for (change, because, words) in changes {
            let both = Both::start(generation, MpanelMode::Direct).await;
            both.run(&purchase("P-5", ACCOUNT)).await;
            let mpanel = both.mpanel();
            let id = mpanel.subscriptions()[0].id.clone();
            assert!(mpanel.change_subscription(&id, change));
            let before = statuses(&both);
            let refunded = happened(&both, "P-5", "refunded", 20).await;
            let view = follows(&both, &refunded).await;
            assert!(!account_is_active(&both), "{words}");
            if words.is_empty() {
                // A product that is not shown any more is no other product.
                is_done(&view);
                continue;
            }
            let parked = planned(&view).parked();
            let [(_, Attention::Refused { because: why, text })] = &parked[..] else {
                panic!("{parked:#?}");
            };
            assert_eq!(*why, because, "{text}");
            assert!(text.contains(words) && text.contains("by hand"), "{text}");
            assert!(text.contains(&id), "{text}");
            assert_eq!((statuses(&both), sent(&both)), (before, 0), "{words}");
        }
    }
}

#[tokio::test]
async fn an_id_nobody_has_is_told_and_a_person_says_that_it_was_done() {
    for generation in GENERATIONS {
        let both = Both::start(generation, delegate(OrderEntry::StripeCompleted)).await;
        both.run(&purchase("P-6", STARTER)).await;
        let id = both.mpanel().subscriptions()[0].id.clone();
        assert!(both.mpanel().remove_subscription(&id));
        let refunded = happened(&both, "P-6", "refunded", 20).await;
        let view = follows(&both, &refunded).await;
        let parked = planned(&view).parked();
        let [(step, attention)] = &parked[..] else {
            panic!("{parked:#?}");
        };
        let told = attention.to_string();
        assert!(told.contains(&format!("mPanel shows no subscription {id}")));
        assert_eq!(sent(&both), 0);
        let (step, engine) = ((*step).clone(), &both.engine);
        engine
            .answer(view.id, step, Answer::WasDone, "kim")
            .await
            .unwrap();
        is_done(&both.go_on(view.id).await);
    }
}

#[tokio::test]
async fn what_the_cart_entry_keeps_in_a_table_of_its_own_is_said_with_its_ids() {
    for generation in GENERATIONS {
        let both = Both::start(generation, delegate(OrderEntry::ProvisioningStripe)).await;
        let (run, _) = both.run(&purchase("P-7", STARTER)).await;
        let ids: Vec<String> = both.mpanel().stripe_orders()[0]
            .subscriptions
            .iter()
            .map(|subscription| subscription.id.clone())
            .collect();
        let refunded = happened(&both, "P-7", "refunded", 20).await;
        let view = follows(&both, &refunded).await;
        let parked = planned(&view).parked();
        assert_eq!(parked.len(), ids.len());
        for id in &ids {
            let names = |told: String| told.contains(id) && told.contains("by hand");
            assert!(
                parked
                    .iter()
                    .any(|(_, attention)| names(attention.to_string())),
                "{parked:#?}"
            );
        }
        assert_eq!(sent(&both), 0);
        assert!(both.engine.inspect(run).await.is_ok());
        both.was_spared();
    }
}

/// A worker that is still at it would make the subscription active again.
#[tokio::test]
async fn what_mpanel_is_still_providing_is_suspended_once_it_is_there() {
    for generation in GENERATIONS {
        let mode = delegate(OrderEntry::StripeCompleted);
        let both = Both::start(generation, mode).await;
        both.mpanel().arm(Fault::WorkerDead).unwrap();
        let (run, view) = both.run(&purchase("P-8", STARTER)).await;
        assert!(matches!(status(&view), RunStatus::NeedsAttention { .. }));
        let refunded = happened(&both, "P-8", "refunded", 20).await;
        let first = both.engine.inspect(run).await.unwrap();
        assert!(planned(&first).cancelled().is_some());
        let view = follows(&both, &refunded).await;
        let parked = planned(&view).parked();
        assert!(
            matches!(&parked[..], [(_, Attention::NotSettled { .. })]),
            "{parked:#?}"
        );
        assert_eq!(
            (statuses(&both)[0].as_str(), sent(&both)),
            ("pending_provisioning", 0)
        );
        both.mpanel().heal();
        both.mpanel().work_once();
        both.engine.resume(view.id, "kim").await.unwrap();
        is_done(&both.go_on(view.id).await);
        assert_eq!(statuses(&both), ["suspended"]);
        // Paid again, the same run goes on: the order is not handed over twice.
        let paid = happened(&both, "P-8", "paid", 10).await;
        is_done(&follows(&both, &paid).await);
        both.go_on(run).await;
        assert_eq!(both.mpanel().public_orders().len(), 1);
        assert_eq!(statuses(&both), ["active"]);
    }
}

#[tokio::test]
async fn ids_that_only_a_person_has_named_are_left_to_people() {
    let both = Both::start(Generation::Legacy, delegate(OrderEntry::StripeCompleted)).await;
    both.mpanel().arm(Fault::LostReply).unwrap();
    let (run, view) = both.run(&purchase("P-9", STARTER)).await;
    let (step, _) = planned(&view).parked()[0];
    let id = both.mpanel().subscriptions()[0].id.clone();
    let answer = Answer::Exists {
        remote_id: id.clone(),
        username: None,
    };
    both.engine
        .answer(run, step.clone(), answer, "kim")
        .await
        .unwrap();
    both.go_on(run).await;
    let refunded = happened(&both, "P-9", "refunded", 20).await;
    assert_eq!(refunded.made, []);
    let work = refunded.by_hand.unwrap();
    assert!(work.contains(&id) && work.contains("suspend that there"));
    assert_eq!((statuses(&both)[0].as_str(), sent(&both)), ("active", 0));
}
