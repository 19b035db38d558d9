//! Logging in against a made-up panel that knows which tokens it gave out, without a network and under a paused clock.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use panel_http::{
    Answer, BoxFuture, CallOptions, Client, ClientBuilder, CredentialKind, CredentialSource,
    DecodeError, EncodeError, Endpoint, Generation, HttpMethod, Kind, Login, LoginRoutes,
    LoginSource, Operation, RequestBody, ResponseBody, RetryPolicy, Safety, TokenGrant, Transport,
    TransportError, TransportFault,
};
use secrecy::SecretString;
use tokio::time::{advance, sleep, timeout};

use crate::endpoints::Charge;

pub(crate) struct LogIn(Login);

impl Endpoint for LogIn {
    const OPERATION: &'static Operation = &Operation::new(
        "log in",
        HttpMethod::Post,
        "/api/auth/login",
        Safety::ReadOnly,
    );
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("email", self.0.name())?;
            body.secret("password", self.0.password())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        TokenGrant::read(answer)
    }
}

pub(crate) struct Refresh(SecretString);

impl Endpoint for Refresh {
    const OPERATION: &'static Operation = &Operation::new(
        "renew token",
        HttpMethod::Post,
        "/api/auth/refresh",
        Safety::ReadOnly,
    );
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.secret("refreshToken", &self.0))
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        TokenGrant::read(answer)
    }
}

pub(crate) struct Routes;

impl LoginRoutes for Routes {
    const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(900);
    type LogIn = LogIn;
    type Refresh = Refresh;

    fn log_in(&self, login: &Login) -> LogIn {
        LogIn(login.clone())
    }

    fn refresh(&self, refresh_token: &SecretString) -> Option<Refresh> {
        Some(Refresh(refresh_token.clone()))
    }
}

/// What the panel does and has seen.
#[derive(Default)]
struct Book {
    logins: u32,
    renewals: u32,
    charges: u32,
    /// The token that is accepted; 0 for none.
    accepted: u32,
    /// Members of the login reply beside the token.
    extra: String,
    token: Option<String>,
    login_delay: Duration,
    /// Status and body of the next logins, renewals and charges.
    login_fails: Option<(u16, &'static str)>,
    renewal_fails: Option<(u16, &'static str)>,
    charge_fails: Option<(u16, &'static str)>,
    charge_delay: Duration,
}

#[derive(Clone, Default)]
struct Panel(Arc<Mutex<Book>>);

impl Panel {
    fn with(extra: &str) -> Self {
        let panel = Self::default();
        panel.book().extra = extra.to_owned();
        panel
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap()
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder("https://h")
            .transport(self.clone())
            .retry_policy(RetryPolicy::never())
            .login(
                Login::new("admin@example.com", SecretString::from("canary-password")),
                Routes,
            )
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    fn counts(&self) -> (u32, u32, u32) {
        let book = self.book();
        (book.logins, book.renewals, book.charges)
    }
}

impl Book {
    fn answer(&mut self, path: &str, authorization: &str) -> (Duration, u16, String) {
        let grant = |book: &mut Self| {
            book.accepted += 1;
            let token = book
                .token
                .clone()
                .unwrap_or_else(|| format!("token-{}", book.accepted));
            format!(r#"{{"accessToken":"{token}"{}}}"#, book.extra)
        };
        match path {
            "/api/auth/login" => {
                self.logins += 1;
                match self.login_fails {
                    Some((status, body)) => (self.login_delay, status, body.to_owned()),
                    None => (self.login_delay, 200, grant(self)),
                }
            }
            "/api/auth/refresh" => {
                self.renewals += 1;
                match self.renewal_fails {
                    Some((status, body)) => (self.login_delay, status, body.to_owned()),
                    None => (self.login_delay, 200, grant(self)),
                }
            }
            _ => {
                self.charges += 1;
                let is_accepted = self
                    .token
                    .as_ref()
                    .is_some_and(|token| authorization == format!("Bearer {token}"))
                    || authorization == format!("Bearer token-{}", self.accepted);
                let (status, body) = match self.charge_fails {
                    Some(failure) => failure,
                    None if is_accepted => (200, ""),
                    None => (401, r#"{"error":"Token expired"}"#),
                };
                (self.charge_delay, status, body.to_owned())
            }
        }
    }
}

impl Transport for Panel {
    fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let authorization = request
            .headers()
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let (delay, status, body) = self.book().answer(request.uri().path(), &authorization);
        Box::pin(async move {
            sleep(delay).await;
            if status == 0 {
                return Err(TransportError::new(TransportFault::Connect));
            }
            let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
            let mut response = http::Response::new(body.boxed_unsync());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok(response)
        })
    }
}

const UNREACHABLE: Option<(u16, &str)> = Some((0, ""));
const REFRESHABLE: &str = r#","refreshToken":"canary-refresh","expiresIn":900"#;

async fn at_once(client: &Client, calls: usize) -> Vec<Result<(), panel_http::Error>> {
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.call(&Charge).await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_on_an_expired_token_log_in_once() {
    let panel = Panel::default();
    panel.book().login_delay = Duration::from_millis(50);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (1, 0, 1));
    advance(Duration::from_secs(901)).await;
    for result in at_once(&client, 100).await {
        result.unwrap();
    }
    assert_eq!(panel.counts(), (2, 0, 101));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_whose_token_the_server_forgot_log_in_once() {
    let panel = Panel::default();
    panel.book().login_delay = Duration::from_millis(50);
    panel.book().charge_delay = Duration::from_millis(10);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    panel.book().accepted += 1;
    for result in at_once(&client, 100).await {
        result.unwrap();
    }
    assert_eq!(panel.counts(), (2, 0, 201));
}

#[tokio::test(start_paused = true)]
async fn a_failed_login_fails_all_that_waited_for_it_and_no_later_one() {
    let panel = Panel::default();
    panel.book().login_delay = Duration::from_millis(50);
    panel.book().login_fails = Some((401, r#"{"error":"Invalid credentials"}"#));
    let client = panel.client();
    for result in at_once(&client, 100).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert!(error.to_string().contains("Invalid credentials"), "{error}");
    }
    assert_eq!(panel.counts(), (1, 0, 0));
    panel.book().login_fails = None;
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (2, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_clock_an_hour_off_makes_no_login_loop() {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for (server_now, claims) in [
        (now - 3600, "both"),
        (now + 3600, "both"),
        (now - 3600, "exp"),
        (now + 3600, "exp"),
    ] {
        let claims = match claims {
            "both" => format!(r#"{{"iat":{server_now},"exp":{}}}"#, server_now + 900),
            _ => format!(r#"{{"exp":{}}}"#, server_now + 900),
        };
        let panel = Panel::default();
        panel.book().token = Some(format!("e30.{}.x", BASE64_URL_SAFE_NO_PAD.encode(claims)));
        let client = panel.client();
        for _ in 0..20 {
            client.call(&Charge).await.unwrap();
        }
        assert_eq!(panel.counts(), (1, 0, 20));
        advance(Duration::from_secs(880)).await;
        client.call(&Charge).await.unwrap();
        assert_eq!(panel.counts(), (2, 0, 21), "renewed by the span of 900 s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_dead_on_arrival_is_used_once() {
    let panel = Panel::with(r#","expiresIn":0"#);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (2, 0, 2));
    panel.book().login_delay = Duration::from_millis(50);
    for result in at_once(&client, 100).await {
        result.unwrap();
    }
    assert_eq!(panel.counts(), (3, 0, 102), "all that waited share it");
}

#[tokio::test(start_paused = true)]
async fn a_late_refusal_does_not_evict_a_newer_token() {
    let panel = Panel::default();
    let client = panel.client();
    panel.book().charge_delay = Duration::from_millis(200);
    client.call(&Charge).await.unwrap();
    // The old token is refused, but the refusal takes its time; meanwhile a faster call has a newer token.
    panel.book().accepted += 1;
    let slow = tokio::spawn({
        let client = client.clone();
        async move { client.call(&Charge).await }
    });
    sleep(Duration::from_millis(100)).await;
    panel.book().charge_delay = Duration::ZERO;
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts().0, 2);
    slow.await.unwrap().unwrap();
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts().0, 2, "the newer token stayed");
}

#[tokio::test(start_paused = true)]
async fn authentication_that_is_broken_on_the_server_is_no_reason_to_log_in() {
    let panel = Panel::with(REFRESHABLE);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    panel.book().charge_fails = Some((
        500,
        r#"{"error":"Internal server error","message":"Authentication check failed"}"#,
    ));
    for _ in 0..5 {
        let error = client.call(&Charge).await.unwrap_err();
        assert_eq!(error.status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
    }
    assert_eq!(panel.counts(), (1, 0, 6));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_is_dropped_while_it_logs_in_strands_nobody() {
    let panel = Panel::default();
    panel.book().login_delay = Duration::from_secs(5);
    let client = panel.client();
    let leader = tokio::spawn({
        let client = client.clone();
        async move { client.call(&Charge).await }
    });
    sleep(Duration::from_secs(1)).await;
    let others = tokio::spawn(async move { at_once(&client, 20).await });
    sleep(Duration::from_secs(1)).await;
    leader.abort();
    let results = timeout(Duration::from_secs(20), others)
        .await
        .expect("nobody is stranded")
        .unwrap();
    for result in results {
        result.unwrap();
    }
    assert_eq!(panel.counts(), (2, 0, 20));
}

#[tokio::test(start_paused = true)]
async fn an_impatient_caller_does_not_fail_the_patient_ones() {
    let panel = Panel::default();
    panel.book().login_delay = Duration::from_secs(5);
    let client = panel.client();
    let hasty = CallOptions::new().with_overall_limit(Duration::from_secs(1));
    let leader = tokio::spawn({
        let client = client.clone();
        async move { client.call_with(&Charge, &hasty).await }
    });
    sleep(Duration::from_millis(500)).await;
    client.call(&Charge).await.unwrap();
    let error = leader.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(
        error.to_string().contains("obtaining a bearer token"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_in_time_with_its_refresh_token() {
    let panel = Panel::with(REFRESHABLE);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    advance(Duration::from_secs(869)).await;
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (1, 0, 2));
    advance(Duration::from_secs(2)).await;
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (1, 1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_never_evicts_a_valid_token() {
    let panel = Panel::with(REFRESHABLE);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    panel.book().renewal_fails = UNREACHABLE;
    panel.book().login_fails = UNREACHABLE;
    advance(Duration::from_secs(875)).await;
    for _ in 0..10 {
        client.call(&Charge).await.unwrap();
    }
    assert_eq!(panel.counts(), (1, 1, 11), "one failed renewal, not ten");
    advance(Duration::from_secs(10)).await;
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (1, 2, 12), "tried again after a while");
    advance(Duration::from_secs(20)).await;
    let error = client.call(&Charge).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotSent, "expired now: {error}");
    assert!(error.is_retryable());
    assert_eq!(panel.counts().2, 12);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_renewal_of_a_token_that_still_lives() {
    let panel = Panel::with(REFRESHABLE);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    advance(Duration::from_secs(875)).await;
    panel.book().login_delay = Duration::from_secs(3);
    // The token is renewed by one call, slowly; the server accepts the old one until then.
    panel.book().token = Some("token-1".to_owned());
    let leader = tokio::spawn({
        let client = client.clone();
        async move { client.call(&Charge).await }
    });
    sleep(Duration::from_millis(1)).await;
    timeout(Duration::from_secs(1), client.call(&Charge))
        .await
        .expect("did not wait")
        .unwrap();
    leader.await.unwrap().unwrap();
    assert_eq!(panel.counts(), (1, 1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_refused_renewal_is_followed_by_a_login_and_a_broken_one_is_not() {
    for (failure, logins) in [
        (Some((401, r#"{"error":"Invalid token"}"#)), 2),
        (Some((404, r#"{"error":"Route not found"}"#)), 2),
        (
            Some((500, r#"{"message":"Authentication check failed"}"#)),
            1,
        ),
        (UNREACHABLE, 1),
    ] {
        let panel = Panel::with(REFRESHABLE);
        let client = panel.client();
        client.call(&Charge).await.unwrap();
        panel.book().renewal_fails = failure;
        advance(Duration::from_secs(901)).await;
        let result = client.call(&Charge).await;
        assert_eq!(panel.counts().0, logins, "{failure:?}");
        assert_eq!(result.is_ok(), logins == 2, "{failure:?} {result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_needs_no_permit_of_its_own() {
    let panel = Panel::default();
    let client = panel.builder().max_concurrent_calls(1).build().unwrap();
    for result in at_once(&client, 3).await {
        result.unwrap();
    }
    assert_eq!(panel.counts(), (1, 0, 3));
}

#[tokio::test(start_paused = true)]
async fn a_token_from_elsewhere_is_used_until_it_is_refused() {
    let panel = Panel::default();
    panel.book().accepted = 1;
    let source = LoginSource::new(Login::new("a", SecretString::from("canary")), Routes)
        .with_token(&TokenGrant::new(SecretString::from("token-1")))
        .unwrap();
    assert_ne!(source.at_hand().unwrap().generation(), Generation::FIRST);
    assert!(!format!("{source:?}").contains("canary"));
    let client = Client::builder("https://h")
        .transport(panel.clone())
        .credential_source(CredentialKind::Bearer, source)
        .build()
        .unwrap();
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (0, 0, 1));
    panel.book().accepted += 1;
    client.call(&Charge).await.unwrap();
    assert_eq!(panel.counts(), (1, 0, 3));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_asks_for_its_own_token_is_a_mistake_and_no_deadlock() {
    struct Circular;
    struct CircularLogIn;
    impl Endpoint for CircularLogIn {
        const OPERATION: &'static Operation =
            &Operation::new("log in", HttpMethod::Post, "/login", Safety::ReadOnly)
                .credentials(&[CredentialKind::Bearer]);
        type Reply = TokenGrant;
        fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
            TokenGrant::read(answer)
        }
    }
    impl LoginRoutes for Circular {
        const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(1);
        type LogIn = CircularLogIn;
        type Refresh = CircularLogIn;
        fn log_in(&self, _login: &Login) -> CircularLogIn {
            CircularLogIn
        }
    }
    let panel = Panel::default();
    let client = Client::builder("https://h")
        .transport(panel.clone())
        .login(Login::new("a", SecretString::from("b")), Circular)
        .build()
        .unwrap();
    let error = client.call(&Charge).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert_eq!(panel.counts(), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refused_refresh_token_is_not_tried_again() {
    let panel = Panel::with(REFRESHABLE);
    let client = panel.client();
    client.call(&Charge).await.unwrap();
    panel.book().renewal_fails = Some((401, r#"{"error":"Invalid token"}"#));
    // From now on the login brings no refresh token.
    panel.book().extra = String::new();
    for _ in 0..3 {
        advance(Duration::from_secs(901)).await;
        client.call(&Charge).await.unwrap();
    }
    assert_eq!(panel.counts(), (4, 1, 4));
}
