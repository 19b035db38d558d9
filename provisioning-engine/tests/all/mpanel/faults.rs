//! What goes wrong on mPanel: nothing is made twice, and nothing is guessed.

use panel_sandbox::Fault;
use panel_sandbox::mpanel::operations::{
    CREATE_CUSTOMER, CREATE_SUBSCRIPTION, CREATE_WEBSITE, PATCH_SUBSCRIPTION,
};
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::Answer;
use provisioning_core::run::status::{Conclusion, RunStatus};

use super::*;

/// Faults of one request after which the order is still carried out.
const PASSING: [&str; 9] = [
    "lost-reply",
    "late-arrival",
    "drop-before-send",
    "delay",
    "rate-limited",
    "error-500-once",
    "html-502",
    "truncated",
    "huge-body",
];

fn once(both: &Both, what: &str) {
    let mpanel = both.mpanel();
    assert_eq!(mpanel.customers().len(), 1, "{what}");
    assert_eq!(mpanel.subscriptions().len(), 1, "{what}");
    assert_eq!(mpanel.times_website_created("ada.example"), 1, "{what}");
    assert_eq!(both.accounts(), 1, "{what}");
}

#[tokio::test]
async fn whatever_happens_to_one_request_each_record_is_made_once() {
    for operation in [CREATE_CUSTOMER, CREATE_SUBSCRIPTION, CREATE_WEBSITE] {
        for fault in PASSING {
            let what = format!("{fault} on {operation}");
            let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
            let armed: Fault = fault.parse().unwrap();
            both.mpanel().arm_for(armed, operation, 1).unwrap();
            let (_, view) = both.run(&purchase("F-1", ACCOUNT)).await;
            both.panels.settle().await;
            awaits_confirmation(&view);
            assert_eq!(both.mpanel().times_struck(armed), 1, "{what}");
            once(&both, &what);
            both.was_spared();
        }
    }
}

#[tokio::test]
async fn a_typescript_server_loses_nothing_either() {
    for operation in [CREATE_SUBSCRIPTION, CREATE_WEBSITE, PATCH_SUBSCRIPTION] {
        for fault in ["lost-reply", "drop-before-send"] {
            let what = format!("{fault} on {operation}");
            let both = Both::start(Generation::TypeScript, MpanelMode::Direct).await;
            let armed: Fault = fault.parse().unwrap();
            both.mpanel().arm_for(armed, operation, 1).unwrap();
            let (_, view) = both.run(&purchase("F-2", ACCOUNT)).await;
            awaits_confirmation(&view);
            once(&both, &what);
            both.was_spared();
        }
    }
}

#[tokio::test]
async fn tokens_that_are_not_taken_any_more_are_replaced() {
    for generation in GENERATIONS {
        for fault in ["expired-token", "forgets-tokens"] {
            let both = Both::start(generation, MpanelMode::Direct).await;
            both.mpanel().arm(fault.parse().unwrap()).unwrap();
            let (_, view) = both.run(&purchase("F-3", ACCOUNT)).await;
            awaits_confirmation(&view);
            once(&both, fault);
            both.was_spared();
        }
    }
}

#[tokio::test]
async fn a_customer_of_the_same_address_asks_for_its_id_and_goes_on_with_it() {
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    let known = both.mpanel().add_stranger("Ada Ltd", "ada@example.com");
    let (run, view) = both.run(&purchase("F-4", ACCOUNT)).await;
    let parked = planned(&view).parked();
    let [(step, attention)] = &parked[..] else {
        panic!("{parked:#?}");
    };
    assert!(matches!(attention, Attention::Refused { .. }));
    assert!(
        attention.to_string().contains("customers_email_key"),
        "{attention}"
    );
    let answer = Answer::Exists {
        remote_id: known.id.clone(),
        username: None,
    };
    both.engine
        .answer(run, (*step).clone(), answer, "kim")
        .await
        .unwrap();
    awaits_confirmation(&both.go_on(run).await);
    assert_eq!(
        both.mpanel().subscriptions()[0].customer_id.as_ref(),
        Some(&known.id)
    );
    once(&both, "the customer that was there");
}

fn starter() -> PaidOrder {
    purchase("F-5", r#"{"code":"starter","domain":"ada.example"}"#)
}

#[tokio::test]
async fn a_lost_reply_is_settled_as_the_entry_allows() {
    for (entry, asks) in [
        (OrderEntry::ProvisioningStripe, false),
        (OrderEntry::StripeCompleted, true),
        (OrderEntry::OrderCreated, true),
    ] {
        let both = Both::start(Generation::Legacy, delegate(entry)).await;
        both.mpanel().arm(Fault::LostReply).unwrap();
        let (_, view) = both.run(&starter()).await;
        let mpanel = both.mpanel();
        assert_eq!(
            mpanel.stripe_orders().len() + mpanel.public_orders().len(),
            1,
            "{entry}"
        );
        let parked = planned(&view).parked();
        if asks {
            assert!(
                matches!(&parked[..], [(_, Attention::NoLookUp { .. })]),
                "{entry}: {parked:#?}"
            );
        } else {
            assert_eq!(status(&view), RunStatus::Over(Conclusion::Done), "{entry}");
        }
        both.was_spared();
    }
}

#[tokio::test]
async fn an_order_whose_payment_and_mark_read_back_is_adopted() {
    let both = Both::start(Generation::TypeScript, delegate(OrderEntry::OrdersWebhook)).await;
    both.mpanel().arm(Fault::LostReply).unwrap();
    let (_, view) = both.run(&starter()).await;
    assert_eq!(both.mpanel().orders().len(), 1);
    let run = planned(&view);
    assert!(run.on_mpanel(&"mpanel/order".into()).is_some(), "{view:#?}");
    // What is adopted is watched to its end like what was answered.
    assert_eq!(
        status(&view),
        RunStatus::Over(Conclusion::Done),
        "{view:#?}"
    );
    both.was_spared();
}

#[tokio::test]
async fn a_dead_worker_and_a_failed_task_are_told_apart() {
    for (fault, says) in [
        ("worker-dead", "has not settled it after 6 reads"),
        ("task-failed", "no space left on device"),
    ] {
        let both = Both::start(Generation::Legacy, delegate(OrderEntry::StripeCompleted)).await;
        both.mpanel().arm(fault.parse().unwrap()).unwrap();
        let (run, view) = both.run(&starter()).await;
        let parked = planned(&view).parked();
        let [(_, attention)] = &parked[..] else {
            panic!("{fault}: {parked:#?}");
        };
        assert!(attention.to_string().contains(says), "{attention}");
        both.was_spared();
        if fault == "worker-dead" {
            both.panels.heal();
            both.engine.resume(run, "kim").await.unwrap();
            let view = both.go_on(run).await;
            assert_eq!(status(&view), RunStatus::Over(Conclusion::Done));
        }
    }
}
