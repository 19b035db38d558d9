//! The limiters and their headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use panel_sandbox::mpanel::{Generation, MPanelSettings, operations};
use panel_sandbox::{Fault, RetryHint};
use serde_json::json;

use super::caller::{
    BOTH, Caller, admin_of, legacy, mpanel, start, statuses, stripe_order, wire,
    with_provisioning_token,
};
use crate::caller::Got;

fn number(got: &Got, header: &str) -> u64 {
    let value = got.headers[header].to_str().unwrap();
    value.parse().unwrap()
}

#[tokio::test]
async fn a_hundred_requests_in_a_quarter_of_an_hour_and_no_more() {
    for generation in BOTH {
        let mpanel = mpanel(generation).await;
        let caller = Caller::stranger(&mpanel);
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        for sent in 1..=100 {
            let got = caller.get("/api/live").await;
            assert_eq!(got.status, 200);
            assert_eq!(number(&got, "x-ratelimit-limit"), 100);
            assert_eq!(number(&got, "x-ratelimit-remaining"), 100 - sent);
            let reset = number(&got, "x-ratelimit-reset");
            assert!((now + 890..=now + 910).contains(&reset), "{reset} {now}");
        }
        let got = admin_of(&mpanel).post("/api/customers", &json!({})).await;
        assert_eq!(got.status, 429);
        assert_eq!(
            got.body,
            json!("Too many requests from this IP, please try again later.")
        );
        assert_eq!(got.headers["content-type"], "text/html; charset=utf-8");
        assert!((890..=900).contains(&number(&got, "retry-after")));
        assert_eq!(number(&got, "x-ratelimit-remaining"), 0);
        assert_eq!(statuses(&mpanel, &operations::CREATE_CUSTOMER), [Some(429)]);
        assert_eq!(caller.get("/").await.status, 200, "outside the limiter");
        mpanel.reset_limiters();
        assert_eq!(caller.get("/api/live").await.status, 200);
    }
}

#[tokio::test]
async fn its_size_is_a_setting_and_it_can_be_off() {
    let settings =
        MPanelSettings::new("main", Generation::Legacy).with_limiter(2, Duration::from_secs(3));
    let mpanel = start(settings).await;
    let caller = Caller::stranger(&mpanel);
    assert_eq!(caller.get("/api/live").await.status, 200);
    assert_eq!(caller.get("/api/nowhere").await.status, 401);
    let got = caller.get("/api/live").await;
    assert_eq!(
        (got.status, got.headers["retry-after"].to_str().unwrap()),
        (429, "3")
    );

    let settings = MPanelSettings::new("main", Generation::Legacy).without_limiter();
    let mpanel = start(settings).await;
    let caller = Caller::stranger(&mpanel);
    for _ in 0..120 {
        let got = caller.get("/api/live").await;
        assert_eq!(
            (got.status, got.headers.get("x-ratelimit-limit")),
            (200, None)
        );
    }
}

#[tokio::test]
async fn provisioning_stripe_has_a_limiter_of_its_own_that_answers_json() {
    let mpanel = legacy().await;
    let caller = with_provisioning_token(&mpanel, Caller::stranger(&mpanel));
    for sent in 1..=10 {
        let got = caller
            .post("/api/provisioning/stripe", &stripe_order("pi_1"))
            .await;
        assert_eq!(got.status, 200);
        assert_eq!(number(&got, "x-ratelimit-limit"), 10);
        assert_eq!(number(&got, "x-ratelimit-remaining"), 10 - sent);
    }
    let got = caller
        .post("/api/provisioning/stripe", &stripe_order("pi_2"))
        .await;
    assert_eq!(
        (got.status, got.error()),
        (429, "Provisioning rate limit exceeded")
    );
    assert!((50..=60).contains(&number(&got, "retry-after")));
    assert_eq!(mpanel.times_ordered("pi_2"), 0);
    let got = caller.get("/api/live").await;
    assert_eq!(number(&got, "x-ratelimit-remaining"), 88);

    let settings = MPanelSettings::new("main", Generation::Legacy).without_provisioning_limiter();
    let mpanel = start(settings).await;
    let caller = with_provisioning_token(&mpanel, Caller::stranger(&mpanel));
    for number in 0..12 {
        let body = stripe_order(&format!("pi_{number}"));
        assert_eq!(
            caller.post("/api/provisioning/stripe", &body).await.status,
            200
        );
    }
}

#[tokio::test]
async fn rate_limited_strikes_in_this_servers_words() {
    for (hint, expected) in [(RetryHint::Given, Some("9")), (RetryHint::Missing, None)] {
        let settings = MPanelSettings::new("main", Generation::Legacy)
            .with_wire(wire().with_retry_after_seconds(9));
        let mpanel = start(settings).await;
        mpanel.arm(Fault::RateLimited(hint)).unwrap();
        let caller = admin_of(&mpanel);
        let body = json!({ "company_name": "A", "email": "a@clients.example" });
        let got = caller.post("/api/customers", &body).await;
        assert_eq!(got.status, 429);
        assert!(got.body.is_string());
        let given = got.headers.get("retry-after");
        assert_eq!(given.map(|value| value.to_str().unwrap()), expected);
        assert!(mpanel.customers().is_empty());
        assert_eq!(caller.post("/api/customers", &body).await.status, 201);
    }
}
