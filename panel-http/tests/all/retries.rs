use std::time::Duration;

use http::StatusCode;
use panel_http::{
    CallOptions, Conventions, Delivery, Error, GiveUp, Kind, Limit, RetryPolicy, ServerError,
    Timeouts, TransportFault,
    testing::{Reply, ScriptedTransport},
};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::endpoints::{Charge, CreateAccount, ListAccounts, Register, Suspend, builder, scripted};

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_until_it_succeeds() {
    let transport = ScriptedTransport::new()
        .with(Reply::fault(TransportFault::Broken))
        .with(Reply::status(503))
        .with(Reply::json(200, r#"[{"id":1}]"#));
    let started = Instant::now();
    let accounts = scripted(&transport)
        .call(&ListAccounts { limit: Some(5) })
        .await
        .unwrap();
    assert_eq!(accounts.len(), 1);
    // Half of 250 ms, then half of 500 ms.
    assert_eq!(started.elapsed(), Duration::from_millis(375));
    assert_eq!(
        transport.requests()[2].uri,
        "https://panel.example.com/api/v1/accounts?limit=5"
    );
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_sent_once_and_named() {
    for lost in [
        Reply::fault(TransportFault::Broken),
        Reply::never(),
        Reply::status(408),
        Reply::status(500),
        Reply::status(502).with_body("<html><title>502 Bad Gateway</title>"),
        Reply::status(503),
        Reply::status(504),
    ] {
        let transport = ScriptedTransport::new().with(lost);
        let error = scripted(&transport)
            .call(&CreateAccount::acme())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Indeterminate, "{error}");
        assert_eq!(error.key(), Some("acme1"));
        assert_eq!(error.gave_up(), Some(GiveUp::MaybeDone));
        assert!(!error.is_retryable());
        assert_ne!(error.delivery(), Delivery::NotSent);
        assert_eq!(transport.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_is_repeated_whatever_it_is() {
    for fault in [
        TransportFault::Connect,
        TransportFault::Resolve,
        TransportFault::ConnectTimeout,
        TransportFault::Unsent,
    ] {
        let transport = ScriptedTransport::new()
            .with(Reply::fault(fault))
            .with(Reply::status(201));
        scripted(&transport).call(&Register).await.unwrap();
        assert_eq!(transport.requests().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_fault_is_not_repeated() {
    let transport = ScriptedTransport::new().with(Reply::fault(TransportFault::Tls));
    let error = scripted(&transport)
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotSent);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn one_key_serves_all_attempts_of_a_call() {
    let transport = ScriptedTransport::new()
        .with(Reply::fault(TransportFault::Broken))
        .with(Reply::status(502))
        .with(Reply::status(200))
        .with(Reply::status(200));
    let client = builder("https://h")
        .transport(transport.clone())
        .credential_source(
            panel_http::CredentialKind::Bearer,
            panel_http::StaticCredential::new(
                panel_http::Credential::bearer(
                    &SecretString::from("t"),
                    panel_http::Generation::FIRST,
                )
                .unwrap(),
            ),
        )
        .build()
        .unwrap();
    client.call(&Charge).await.unwrap();
    client.call(&Charge).await.unwrap();
    let keys: Vec<String> = transport
        .requests()
        .iter()
        .map(|request| request.header("idempotency-key").to_owned())
        .collect();
    assert!(keys[0] == keys[1] && keys[1] == keys[2] && keys[2] != keys[3]);
    assert!(!keys[0].is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_limited_call_waits_as_long_as_it_is_told() {
    let transport = ScriptedTransport::new()
        .with(Reply::status(429).with_header("retry-after", "17"))
        .with(Reply::json(201, r#"{"id":3}"#));
    let started = Instant::now();
    scripted(&transport)
        .call(&CreateAccount::acme())
        .await
        .unwrap();
    assert_eq!(started.elapsed(), Duration::from_secs(17));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_reported_at_once() {
    let text = "Too many requests from this IP, please try again later.";
    let transport = ScriptedTransport::new().with(
        Reply::status(429)
            .with_header("content-type", "text/html; charset=utf-8")
            .with_header("retry-after", "870")
            .with_body(text),
    );
    let started = Instant::now();
    let error = scripted(&transport)
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(error.kind(), Kind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(870)));
    assert_eq!(error.gave_up(), Some(GiveUp::HintTooLong));
    assert_eq!(error.server_message(), Some(text));
    assert!(!error.is_html());
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline() {
    let transport = ScriptedTransport::new();
    for _ in 0..9 {
        transport.push(Reply::never());
    }
    let client = builder("https://h")
        .transport(transport.clone())
        .retry_policy(RetryPolicy::default().with_attempts(9))
        .build()
        .unwrap();
    let options = CallOptions::new()
        .with_attempt_limit(Duration::from_secs(3))
        .with_overall_limit(Duration::from_secs(10));
    let started = Instant::now();
    let error = client
        .call_with(&ListAccounts { limit: None }, &options)
        .await
        .unwrap_err();
    assert!(started.elapsed() <= Duration::from_secs(10));
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(error.attempts().len(), transport.requests().len());
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn an_earlier_lost_reply_is_not_forgotten() {
    let transport = ScriptedTransport::new()
        .with(Reply::fault(TransportFault::Broken))
        .with(Reply::fault(TransportFault::Connect))
        .with(Reply::fault(TransportFault::Connect))
        .with(Reply::fault(TransportFault::Connect));
    let error = scripted(&transport)
        .call(&Suspend::seven())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(error.attempts()[3].delivery(), Delivery::NotSent);
    assert!(error.is_retryable());
    assert_eq!(error.gave_up(), Some(GiveUp::AttemptsUsed));
}

#[tokio::test(start_paused = true)]
async fn an_internal_error_is_repeated_once_unless_it_means_bad_input() {
    struct BadInput;
    impl Conventions for BadInput {
        fn repeats_internal_errors(&self) -> bool {
            false
        }
    }
    let five = || {
        let transport = ScriptedTransport::new();
        for _ in 0..5 {
            transport.push(Reply::status(500));
        }
        transport
    };
    let transport = five();
    let error = scripted(&transport)
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), transport.requests().len()),
        (Kind::Api, 2),
        "{error}"
    );
    let transport = five();
    let client = builder("https://h")
        .transport(transport.clone())
        .conventions(BadInput)
        .build()
        .unwrap();
    client
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_what_the_conventions_make_of_it() {
    struct Absent;
    impl Conventions for Absent {
        fn is_final(&self, status: StatusCode, server: &ServerError) -> bool {
            status == StatusCode::SERVICE_UNAVAILABLE && server.says("routes not available")
        }

        fn tell(&self, error: Error) -> Error {
            if error.server().says("routes not available") {
                return Error::new(Kind::NotImplemented, error.operation().to_owned());
            }
            error
        }
    }
    for (body, requests, kind) in [
        (
            r#"{"error":"Routes not available"}"#,
            1,
            Kind::NotImplemented,
        ),
        (r#"{"error":"Server is shutting down"}"#, 4, Kind::GaveUp),
    ] {
        let transport = ScriptedTransport::new();
        for _ in 0..5 {
            transport.push(Reply::json(503, body));
        }
        let client = builder("https://h")
            .transport(transport.clone())
            .conventions(Absent)
            .build()
            .unwrap();
        let error = client
            .call(&ListAccounts { limit: None })
            .await
            .unwrap_err();
        assert_eq!(transport.requests().len(), requests, "{body}");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_breaks_off_keeps_its_status() {
    let broken = || Reply::json(201, r#"{"id""#).with_break(TransportFault::Broken);
    let transport = ScriptedTransport::new().with(broken());
    let error = scripted(&transport)
        .call(&CreateAccount::acme())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert_eq!(error.status(), Some(StatusCode::CREATED));
    assert_eq!(error.delivery(), Delivery::Answered);

    let transport = ScriptedTransport::new()
        .with(Reply::json(200, "[").with_break(TransportFault::Broken))
        .with(Reply::json(200, "[]"));
    scripted(&transport)
        .call(&ListAccounts { limit: None })
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_error_status_survives_a_body_that_does_not_come() {
    for reply in [
        Reply::json(422, r#"{"detail":"#).with_break(TransportFault::Broken),
        Reply::status(422).with_chunks(vec!["{".into(); 1000], Duration::from_secs(1)),
    ] {
        let transport = ScriptedTransport::new().with(reply);
        let error = scripted(&transport)
            .call(&CreateAccount::acme())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Validation);
        assert_eq!(error.status(), Some(StatusCode::UNPROCESSABLE_ENTITY));
    }
}

#[tokio::test(start_paused = true)]
async fn a_trickling_body_ends_with_the_attempt() {
    let trickle = Reply::status(200).with_chunks(vec![" ".into(); 1000], Duration::from_secs(1));
    let transport = ScriptedTransport::new().with(trickle);
    let started = Instant::now();
    let error = builder("https://h")
        .transport(transport)
        .retry_policy(RetryPolicy::never())
        .build()
        .unwrap()
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(started.elapsed(), Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn calls_wait_for_a_permit_no_longer_than_their_deadline() {
    let transport = ScriptedTransport::new().with(Reply::never());
    let limit = Limit::new(Duration::from_secs(5), Duration::from_secs(5));
    let client = builder("https://h")
        .transport(transport.clone())
        .timeouts(Timeouts::default().with_limit(panel_http::TimeoutClass::Standard, limit))
        .max_concurrent_calls(1)
        .build()
        .unwrap();
    let busy = client.clone();
    let options = CallOptions::new()
        .with_attempt_limit(Duration::from_secs(60))
        .with_overall_limit(Duration::from_secs(60));
    let first = tokio::spawn(async move { busy.call_with(&Register, &options).await });
    tokio::task::yield_now().await;
    let error = client.call(&Register).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.is_retryable());
    assert_eq!(transport.requests().len(), 1);
    let first = first.await.unwrap().unwrap_err();
    assert_eq!(first.kind(), Kind::Indeterminate);
}

#[tokio::test(start_paused = true)]
async fn an_outage_uses_up_the_budget_of_repetitions() {
    let transport = ScriptedTransport::new();
    let client = scripted(&transport);
    let mut sent = 0;
    for _ in 0..60 {
        for _ in 0..4 {
            transport.push(Reply::status(503));
        }
        let before = transport.requests().len();
        let _ = client.call(&ListAccounts { limit: None }).await;
        sent = transport.requests().len() - before;
    }
    assert_eq!(sent, 1);
    assert_eq!(transport.requests().len(), 160);
}
