//! Faults on the wire, on mPanel's routes.

use std::time::{Duration, Instant};

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind, operations};
use panel_sandbox::{ArmError, ArrivalOrder, Fault};
use reqwest::Method;
use serde_json::{Value, json};

use super::caller::{
    BOTH, Caller, admin_of, customers, legacy, public_order, start, statuses, stripe_order, wire,
    with_admin, with_provisioning_token,
};
use crate::caller::{Got, got};

fn northwind() -> Value {
    json!({ "company_name": "Northwind", "email": "n@clients.example" })
}

async fn create(caller: &Caller) -> reqwest::Result<Got> {
    got(caller
        .request(Method::POST, "/api/customers")
        .json(&northwind()))
    .await
}

async fn struck_by(generation: Generation, fault: Fault) -> (MPanel, Caller) {
    let (mpanel, caller) = with_admin(generation).await;
    mpanel.arm(fault).unwrap();
    (mpanel, caller)
}

#[tokio::test]
async fn lost_reply_strikes_whichever_create_comes_first() {
    for generation in BOTH {
        let (mpanel, caller) = struck_by(generation, Fault::LostReply).await;
        assert!(customers(&caller).await.is_empty());
        create(&caller).await.unwrap_err();
        assert_eq!(mpanel.times_customer_created("Northwind"), 1);
        assert_eq!(statuses(&mpanel, &operations::CREATE_CUSTOMER), [Some(201)]);
        assert_eq!(
            create(&caller).await.unwrap().status,
            500,
            "the address is taken"
        );

        mpanel.arm(Fault::LostReply).unwrap();
        let order = caller
            .request(Method::POST, "/api/public/orders/stripe-completed")
            .json(&public_order("pi_1", &["starter"]));
        got(order).await.unwrap_err();
        assert_eq!(mpanel.times_ordered("pi_1"), 1);
        assert_eq!(mpanel.times_struck(Fault::LostReply), 2);
    }
}

#[tokio::test]
async fn a_lost_reply_can_be_armed_for_one_operation_alone() {
    let (mpanel, caller) = with_admin(Generation::Legacy).await;
    mpanel
        .arm_for(Fault::LostReply, operations::CREATE_SUBSCRIPTION, 1)
        .unwrap();
    assert_eq!(create(&caller).await.unwrap().status, 201);
    let subscription = caller
        .request(Method::POST, "/api/subscriptions")
        .json(&json!({ "metadata": { "reference": "order-1" } }));
    got(subscription).await.unwrap_err();
    assert_eq!(
        mpanel.times_subscription_created("/reference", "order-1"),
        1
    );
}

#[tokio::test]
async fn drop_before_send_and_error_500_never_arrive() {
    for generation in BOTH {
        let (mpanel, caller) = struck_by(generation, Fault::DropBeforeSend).await;
        create(&caller).await.unwrap_err();
        assert_eq!(mpanel.settle().await, 0);
        assert!(mpanel.customers().is_empty());

        mpanel.arm(Fault::Error500Once).unwrap();
        let struck = create(&caller).await.unwrap();
        assert_eq!(
            (struck.status, struck.message()),
            (500, "An error occurred")
        );
        assert!(struck.body["requestId"].is_string());
        assert_eq!(
            statuses(&mpanel, &operations::CREATE_CUSTOMER),
            [None, None]
        );
        assert_eq!(create(&caller).await.unwrap().status, 201);
    }
}

#[tokio::test]
async fn html_502_truncated_huge_body_and_delay_are_handled() {
    let delay = Duration::from_millis(120);
    let settings = MPanelSettings::new("main", Generation::TypeScript)
        .with_wire(wire().with_delay(delay).with_huge_body_bytes(200_000));
    let mpanel = start(settings).await;
    let caller =
        with_provisioning_token(&mpanel, Caller::logged_in(&mpanel, UserKind::Admin).await);
    let order = async |fault: Fault, intent: &str| {
        mpanel.arm(fault).unwrap();
        let path = "/api/provisioning/stripe";
        let request = caller
            .request(Method::POST, path)
            .json(&stripe_order(intent));
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.text().await)
    };
    let (status, text) = order(Fault::Html502, "pi_1").await;
    assert_eq!(status, 502);
    assert!(text.unwrap().contains("502 Bad Gateway"));
    let (status, text) = order(Fault::Truncated, "pi_2").await;
    assert_eq!(status, 200);
    text.unwrap_err();
    let (status, text) = order(Fault::HugeBody, "pi_3").await;
    assert_eq!(status, 200);
    assert!(text.unwrap().len() > 200_000);
    let begun = Instant::now();
    let (status, _) = order(Fault::Delay, "pi_4").await;
    assert_eq!(status, 200);
    assert!(begun.elapsed() >= delay);
    for intent in ["pi_1", "pi_2", "pi_3", "pi_4"] {
        assert_eq!(mpanel.times_ordered(intent), 1, "{intent}");
    }
    let (status, text) = order(Fault::RedirectElsewhere, "pi_5").await;
    assert_eq!((status, text.unwrap().len()), (307, 0));
    assert_eq!(mpanel.times_ordered("pi_5"), 0);
    assert!(mpanel.followed_redirects().is_empty());
}

#[tokio::test]
async fn a_late_customer_arrives_once_the_customers_were_listed() {
    for generation in BOTH {
        let late = Fault::LateArrival(ArrivalOrder::BeforeResend);
        let (mpanel, caller) = struck_by(generation, late).await;
        create(&caller).await.unwrap_err();
        caller.get("/api/servers").await;
        assert!(mpanel.customers().is_empty());
        assert!(customers(&caller).await.is_empty());
        assert_eq!(customers(&caller).await.len(), 1);
        assert_eq!(create(&caller).await.unwrap().status, 500);
        assert_eq!(mpanel.times_customer_created("Northwind"), 1);
    }
}

#[tokio::test]
async fn a_late_order_arrives_before_the_tasks_are_listed_again() {
    let mpanel = legacy().await;
    mpanel
        .arm_for(
            Fault::LateArrival(ArrivalOrder::BeforeResend),
            operations::STRIPE_COMPLETED,
            1,
        )
        .unwrap();
    let caller = admin_of(&mpanel);
    let order = caller
        .request(Method::POST, "/api/public/orders/stripe-completed")
        .json(&public_order("pi_1", &["starter"]));
    got(order).await.unwrap_err();
    assert_eq!(caller.get("/api/provisioning/tasks").await.body["total"], 0);
    assert_eq!(mpanel.times_ordered("pi_1"), 0);
    assert_eq!(caller.get("/api/provisioning/tasks").await.body["total"], 1);
    assert_eq!(mpanel.times_ordered("pi_1"), 1);
}

#[tokio::test]
async fn a_late_request_can_arrive_after_its_resend() {
    let mpanel = legacy().await;
    mpanel
        .arm(Fault::LateArrival(ArrivalOrder::AfterResend))
        .unwrap();
    let caller = with_provisioning_token(&mpanel, admin_of(&mpanel));
    let send = async |intent: &str| {
        let path = "/api/provisioning/stripe";
        got(caller
            .request(Method::POST, path)
            .json(&stripe_order(intent)))
        .await
    };
    send("pi_1").await.unwrap_err();
    send("pi_2").await.unwrap();
    assert_eq!(
        mpanel.times_ordered("pi_1"),
        0,
        "another payment is another request"
    );
    assert_eq!(send("pi_1").await.unwrap().body.get("idempotent"), None);
    assert_eq!(mpanel.settle().await, 0);
    assert_eq!(mpanel.times_ordered("pi_1"), 1);
    assert_eq!(
        statuses(&mpanel, &operations::STRIPE_ORDER),
        vec![Some(200); 3]
    );

    mpanel
        .arm_for(
            Fault::LateArrival(ArrivalOrder::AfterResend),
            operations::STRIPE_COMPLETED,
            1,
        )
        .unwrap();
    let order = async || {
        let path = "/api/public/orders/stripe-completed";
        let body = public_order("pi_3", &["starter"]);
        got(caller.request(Method::POST, path).json(&body)).await
    };
    order().await.unwrap_err();
    order().await.unwrap();
    assert_eq!(mpanel.times_ordered("pi_3"), 2, "this entry keeps no key");
}

#[tokio::test]
async fn what_cannot_be_armed_says_why() {
    let mpanel = legacy().await;
    let error = mpanel.arm(Fault::ServerFull).unwrap_err();
    assert!(matches!(error, ArmError::OtherService { .. }));
    let error = mpanel
        .arm_for(Fault::LostReply, operations::CREATE_ORDER, 1)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the operation `create-order` is not served by mPanel as it is set up"
    );
    let foreign = panel_sandbox::nextpanel_panel::operations::HEALTH;
    let error = mpanel.arm_for(Fault::LostReply, foreign, 1).unwrap_err();
    assert!(matches!(error, ArmError::ForeignOperation { .. }));
    assert!(mpanel.armed().is_empty());
    mpanel.arm(Fault::LostReply).unwrap();
    assert_eq!(mpanel.armed(), [Fault::LostReply]);
    mpanel.heal();
    assert!(mpanel.armed().is_empty());
}
