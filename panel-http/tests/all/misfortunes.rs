//! What holds of every call, whatever meets its attempts, under a paused clock.

use std::time::Duration;

use panel_http::{
    CallOptions, Client, CredentialKind, Error, RetryPolicy, StaticCredential, TransportFault,
    testing::{Reply, ScriptedTransport},
};
use proptest::prelude::*;
use tokio::{runtime::Builder, time::Instant};

use crate::endpoints::{
    Charge, CreateAccount, ListAccounts, Register, Suspend, bearer_credential, builder,
};

/// What an attempt meets.
#[derive(Debug, Clone, Copy)]
enum Meets {
    Fault(TransportFault),
    Silence,
    Status(u16, Option<u64>),
    /// A head of success, and a body that breaks off.
    HalfAReply,
}

impl Meets {
    fn reply(self) -> Reply {
        match self {
            Self::Fault(fault) => Reply::fault(fault),
            Self::Silence => Reply::never(),
            Self::Status(status, None) => Reply::status(status),
            Self::Status(status, Some(hint)) => {
                Reply::status(status).with_header("retry-after", &hint.to_string())
            }
            Self::HalfAReply => Reply::json(200, "[").with_break(TransportFault::Broken),
        }
    }

    /// Whether the server cannot have carried the request out.
    fn is_turned_away(self) -> bool {
        match self {
            Self::Fault(fault) => fault.delivery() == panel_http::Delivery::NotSent,
            Self::Status(status, _) => status == 429,
            Self::Silence | Self::HalfAReply => false,
        }
    }
}

fn any_misfortune() -> impl Strategy<Value = Meets> {
    use TransportFault as F;
    prop_oneof![
        prop::sample::select(vec![
            F::Configuration,
            F::Resolve,
            F::Connect,
            F::ConnectTimeout,
            F::Tls,
            F::Unsent,
            F::Timeout,
            F::Broken,
        ])
        .prop_map(Meets::Fault),
        Just(Meets::Silence),
        Just(Meets::HalfAReply),
        (
            prop::sample::select(vec![
                400u16, 401, 403, 404, 408, 409, 422, 429, 500, 501, 502, 503, 504
            ]),
            prop::option::of(0u64..90),
        )
            .prop_map(|(status, hint)| Meets::Status(status, hint)),
    ]
}

const SAFETIES: [&str; 5] = ["ReadOnly", "Idempotent", "Keyed", "NaturalKey", "Unsafe"];

async fn call(client: &Client, safety: &str, options: &CallOptions) -> Result<(), Error> {
    match safety {
        "ReadOnly" => {
            let list = ListAccounts { limit: None };
            client.call_with(&list, options).await.map(drop)
        }
        "Idempotent" => client.call_with(&Suspend::seven(), options).await,
        "Keyed" => client.call_with(&Charge, options).await,
        "NaturalKey" => {
            let create = CreateAccount::acme();
            client.call_with(&create, options).await.map(drop)
        }
        _ => client.call_with(&Register, options).await,
    }
}

proptest! {
    #[test]
    fn a_call_ends_in_time_and_repeats_nothing_that_may_have_been_done(
        script in prop::collection::vec(any_misfortune(), 12),
        safety in prop::sample::select(SAFETIES.to_vec()),
        attempts in 1u32..8,
        overall in 1u64..200,
        jitter in 0.0..1.0f64,
    ) {
        let transport = ScriptedTransport::new();
        for meets in &script {
            transport.push(meets.reply());
        }
        let client = builder("https://panel.example.com")
            .transport(transport.clone())
            .credential_source(
                CredentialKind::Bearer,
                StaticCredential::new(bearer_credential("token")),
            )
            .retry_policy(RetryPolicy::default().with_attempts(attempts))
            .jitter(move || jitter)
            .build()
            .unwrap();
        let limit = Duration::from_secs(overall);
        let options = CallOptions::new().with_overall_limit(limit);
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (result, elapsed) = runtime.block_on(async {
            let started = Instant::now();
            (call(&client, safety, &options).await, started.elapsed())
        });
        let sent = transport.requests().len();
        prop_assert!(sent <= usize::try_from(attempts).unwrap());
        // Timers count in milliseconds, and round up.
        prop_assert!(elapsed <= limit + Duration::from_millis(2), "{elapsed:?}");
        let error = result.unwrap_err();
        prop_assert_eq!(error.attempts().len(), sent);
        prop_assert_eq!(error.attempts()[0].delay(), Duration::ZERO);
        let delays: Duration = error.attempts().iter().map(|attempt| attempt.delay()).sum();
        prop_assert!(delays <= elapsed);
        let (last, before) = script[..sent].split_last().unwrap();
        if matches!(safety, "NaturalKey" | "Unsafe") {
            prop_assert!(before.iter().all(|meets| meets.is_turned_away()), "{before:?}");
        }
        // An error that says that nothing was sent, or that it may be sent again, is one after which that does no harm.
        let was_turned_away = before.iter().chain([last]).all(|meets| meets.is_turned_away());
        if error.delivery() == panel_http::Delivery::NotSent {
            prop_assert!(was_turned_away, "{error:?}");
        }
        if error.is_retryable() && matches!(safety, "NaturalKey" | "Unsafe") {
            prop_assert!(was_turned_away, "{error:?}");
        }
    }
}
