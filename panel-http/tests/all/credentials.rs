use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use http::StatusCode;
use panel_http::{
    BoxFuture, Client, Conventions, Credential, CredentialContext, CredentialKind,
    CredentialSource, Delivery, Error, Generation, Kind, ServerError,
    testing::{Reply, ScriptedTransport},
};
use secrecy::SecretString;

use crate::endpoints::{Charge, ListAccounts, scripted};

/// Numbers its tokens; a refusal leads to the next.
#[derive(Clone, Default)]
struct Numbered {
    current: Arc<AtomicU64>,
    refusals: Arc<AtomicU64>,
}

impl Numbered {
    fn now(&self) -> Credential {
        let number = self.current.load(Ordering::SeqCst);
        let generation = (0..number).fold(Generation::FIRST, |generation, _| generation.next());
        Credential::bearer(&SecretString::from(format!("token-{number}")), generation).unwrap()
    }
}

impl CredentialSource for Numbered {
    fn credential<'a>(
        &'a self,
        _context: CredentialContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(async { Ok(self.now()) })
    }

    fn at_hand(&self) -> Option<Credential> {
        Some(self.now())
    }

    fn refused(&self, generation: Generation) -> bool {
        self.refusals.fetch_add(1, Ordering::SeqCst);
        assert_eq!(generation, self.now().generation());
        self.current.fetch_add(1, Ordering::SeqCst);
        true
    }
}

struct ExpiredIsForbidden;

impl Conventions for ExpiredIsForbidden {
    fn refuses_credential(&self, status: StatusCode, server: &ServerError) -> bool {
        status == StatusCode::UNAUTHORIZED
            || (status == StatusCode::FORBIDDEN && server.says("invalid or expired token"))
    }
}

fn client(transport: &ScriptedTransport, source: impl CredentialSource) -> Client {
    Client::builder("https://h")
        .transport(transport.clone())
        .credential_source(CredentialKind::Bearer, source)
        .conventions(ExpiredIsForbidden)
        .jitter(|| 0.0)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_request_sent_once_more() {
    for refusal in [
        Reply::status(401),
        Reply::json(403, r#"{"error":"Invalid or expired token"}"#),
    ] {
        let transport = ScriptedTransport::new()
            .with(refusal)
            .with(Reply::status(200));
        client(&transport, Numbered::default())
            .call(&Charge)
            .await
            .unwrap();
        let tokens: Vec<_> = transport
            .requests()
            .iter()
            .map(|request| request.header("authorization").to_owned())
            .collect();
        assert_eq!(tokens, ["Bearer token-0", "Bearer token-1"]);
    }
}

#[tokio::test]
async fn a_second_refusal_is_the_end() {
    let transport = ScriptedTransport::new()
        .with(Reply::status(401))
        .with(Reply::json(
            401,
            r#"{"detail":"Could not validate credentials"}"#,
        ));
    let source = Numbered::default();
    let error = client(&transport, source.clone())
        .call(&Charge)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(source.refusals.load(Ordering::SeqCst), 1);
    assert_eq!(
        error.server_message(),
        Some("Could not validate credentials")
    );
}

#[tokio::test]
async fn a_missing_right_is_no_refused_token() {
    let transport =
        ScriptedTransport::new().with(Reply::json(403, r#"{"detail":"Admin access required"}"#));
    let source = Numbered::default();
    let error = client(&transport, source.clone())
        .call(&Charge)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(source.refusals.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_refused_key_pair_is_not_sent_again() {
    let transport =
        ScriptedTransport::new().with(Reply::json(401, r#"{"detail":"Invalid API key"}"#));
    let error = scripted(&transport)
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn a_login_that_fails_is_named_and_nothing_is_sent() {
    struct NoLogin;
    impl CredentialSource for NoLogin {
        fn credential<'a>(
            &'a self,
            _context: CredentialContext<'a>,
        ) -> BoxFuture<'a, Result<Credential, Error>> {
            Box::pin(async {
                Err(Error::new(Kind::Auth, "log in")
                    .with_status(StatusCode::UNAUTHORIZED)
                    .with_message("Incorrect email or password"))
            })
        }

        fn at_hand(&self) -> Option<Credential> {
            None
        }

        fn refused(&self, _generation: Generation) -> bool {
            true
        }
    }
    let transport = ScriptedTransport::new();
    let error = client(&transport, NoLogin).call(&Charge).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(
        error.to_string().contains("Incorrect email or password"),
        "{error}"
    );
    assert!(transport.requests().is_empty());
}
