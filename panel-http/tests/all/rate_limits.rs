use std::time::Duration;

use panel_http::{
    BudgetEnd, CallOptions, Client, Delivery, GiveUp, Kind, RequestBudget, RetryPolicy,
    testing::{Reply, ScriptedTransport},
};
use tokio::time::Instant;

use crate::endpoints::{CreateAccount, ListAccounts, builder};

const LIST: ListAccounts = ListAccounts { limit: None };
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const EPOCH: u64 = 784_111_777;

fn learning(transport: &ScriptedTransport) -> Client {
    builder("https://h")
        .transport(transport.clone())
        .jitter(|| 0.0)
        .learn_rate_limit()
        .build()
        .unwrap()
}

fn listed(remaining: u64, reset: u64) -> Reply {
    Reply::json(200, "[]")
        .with_header("date", DATE)
        .with_header("x-ratelimit-limit", "100")
        .with_header("x-ratelimit-remaining", &remaining.to_string())
        .with_header("x-ratelimit-reset", &(EPOCH + reset).to_string())
}

/// What mPanel's global limiter sends.
fn limited(retry_after: &str) -> Reply {
    Reply::status(429)
        .with_header("content-type", "text/html; charset=utf-8")
        .with_header("retry-after", retry_after)
        .with_body("Too many requests from this IP, please try again later.")
}

#[tokio::test(start_paused = true)]
async fn a_used_up_limit_holds_the_next_call_back() {
    let transport = ScriptedTransport::new()
        .with(listed(1, 30))
        .with(listed(0, 30))
        .with(listed(99, 930));
    let client = learning(&transport);
    let started = Instant::now();
    client.call(&LIST).await.unwrap();
    client.call(&LIST).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
    client.call(&LIST).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 30);
    assert_eq!(transport.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_lasts_too_long_ends_the_call_unsent() {
    let transport = ScriptedTransport::new().with(listed(0, 900));
    let client = learning(&transport);
    client.call(&LIST).await.unwrap();
    let started = Instant::now();
    let error = client.call(&CreateAccount::acme()).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(error.kind(), Kind::RateLimited);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.gave_up(), Some(GiveUp::HintTooLong));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(900)));
    assert!(error.is_retryable());
    assert_eq!(transport.requests().len(), 1);

    let transport = ScriptedTransport::new().with(listed(0, 50));
    let client = learning(&transport);
    client.call(&LIST).await.unwrap();
    let hasty = CallOptions::new().with_overall_limit(Duration::from_secs(49));
    let error = client.call_with(&LIST, &hasty).await.unwrap_err();
    assert_eq!(error.gave_up(), Some(GiveUp::Deadline));
}

#[tokio::test(start_paused = true)]
async fn limits_are_not_learned_unless_asked_for() {
    let transport = ScriptedTransport::new()
        .with(listed(0, 900))
        .with(listed(0, 900));
    let client = builder("https://h")
        .transport(transport.clone())
        .build()
        .unwrap();
    client.call(&LIST).await.unwrap();
    client.call(&LIST).await.unwrap();
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_limit_told_in_plain_text_that_claims_to_be_html_is_understood() {
    let transport = ScriptedTransport::new()
        .with(limited("7"))
        .with(Reply::json(201, r#"{"id":1}"#));
    let started = Instant::now();
    learning(&transport)
        .call(&CreateAccount::acme())
        .await
        .unwrap();
    assert_eq!(started.elapsed().as_secs(), 7);

    let transport = ScriptedTransport::new().with(limited("840"));
    let error = learning(&transport).call(&LIST).await.unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(840)));
    assert!(!error.is_html());
    assert_eq!(
        error.server_message(),
        Some("Too many requests from this IP, please try again later.")
    );
}

fn within(budget: &RequestBudget, transport: &ScriptedTransport) -> Client {
    builder("https://h")
        .transport(transport.clone())
        .jitter(|| 0.0)
        .request_budget(budget)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_ends_the_call_unsent_and_says_so() {
    let transport = ScriptedTransport::new()
        .with(listed(99, 900))
        .with(listed(98, 900));
    let budget = RequestBudget::new(2).with_floor(50);
    let client = within(&budget, &transport);
    client.call(&LIST).await.unwrap();
    client.clone().call(&LIST).await.unwrap();
    assert_eq!((budget.left(), budget.remaining()), (0, Some(98)));
    let error = client.call(&LIST).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery(), error.gave_up()),
        (
            Kind::RateLimited,
            Delivery::NotSent,
            Some(GiveUp::RequestBudget)
        )
    );
    assert_eq!(error.retry_after(), None);
    assert!(
        error.to_string().contains("budget of 2 requests"),
        "{error}"
    );
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_floor_holds_for_the_rest_of_the_window() {
    let transport = ScriptedTransport::new()
        .with(listed(51, 900))
        .with(listed(50, 900))
        .with(listed(99, 1800));
    let budget = RequestBudget::new(40).with_floor(50);
    let client = within(&budget, &transport);
    client.call(&LIST).await.unwrap();
    client.call(&LIST).await.unwrap();
    let error = client.call(&LIST).await.unwrap_err();
    assert_eq!(error.gave_up(), Some(GiveUp::RequestBudget));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(900)));
    assert!(matches!(
        budget.ended(),
        Some(BudgetEnd::Floor { remaining: 50, .. })
    ));
    tokio::time::advance(Duration::from_secs(901)).await;
    client.call(&LIST).await.unwrap();
    assert_eq!(budget.spent(), 3);
}

#[tokio::test(start_paused = true)]
async fn repetitions_are_paid_from_the_budget_too() {
    let transport = ScriptedTransport::new()
        .with(Reply::status(503))
        .with(Reply::status(503));
    let budget = RequestBudget::new(2);
    let client = builder("https://h")
        .transport(transport.clone())
        .jitter(|| 0.0)
        .retry_policy(RetryPolicy::default())
        .request_budget(&budget)
        .build()
        .unwrap();
    let error = client.call(&LIST).await.unwrap_err();
    assert_eq!(error.gave_up(), Some(GiveUp::RequestBudget), "{error}");
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(transport.requests().len(), 2);
}
