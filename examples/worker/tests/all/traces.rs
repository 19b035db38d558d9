//! Spans that reach a collector over OTLP/HTTP: they carry ids, and nothing personal or secret.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header::CONTENT_TYPE};
use axum::routing::post;
use panel_sandbox::nextpanel_panel::KeyKind;
use provisioning_engine::store::Wanted;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::floor::Floor;

/// A collector that keeps what it is sent.
struct Collector {
    url: String,
    sent: Arc<Mutex<Vec<(String, Bytes)>>>,
    /// Ended with this.
    _serving: JoinSet<()>,
}

impl Collector {
    async fn start() -> Self {
        let sent = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new()
            .route("/v1/traces", post(keep))
            .with_state(Arc::clone(&sent));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            url,
            sent,
            _serving: serving,
        }
    }

    /// Whether this is anywhere in what was sent: strings stand in protobuf as they are.
    fn has(&self, words: &str) -> bool {
        let sent = self.sent.lock().unwrap();
        sent.iter().any(|(_, body)| {
            body.windows(words.len())
                .any(|window| window == words.as_bytes())
        })
    }
}

async fn keep(
    State(sent): State<Arc<Mutex<Vec<(String, Bytes)>>>>,
    headers: HeaderMap,
    body: Bytes,
) {
    let kind = headers[CONTENT_TYPE].to_str().unwrap().to_owned();
    sent.lock().unwrap().push((kind, body));
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_carry_ids_and_nothing_personal() {
    let floor = Floor::new(None, Duration::ZERO).await;
    let desk = floor.desk().await;
    floor.submit(&desk, 0..3).await;
    let collector = Collector::start().await;
    let worker = floor.start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)]);
    floor.work_is_done(&desk, 3).await;
    worker.signal("-TERM");
    let (code, log) = worker.ends();
    assert_eq!(code, Some(0), "{log}");
    // What was left was sent before it ended.
    for (kind, _) in collector.sent.lock().unwrap().iter() {
        assert_eq!(kind, "application/x-protobuf");
    }
    for wanted in [
        "service.name",
        "worker",
        "panel call",
        "panel.create_account",
    ] {
        assert!(collector.has(wanted), "no `{wanted}` in the spans");
    }
    let mut secrets = vec![
        "mail.example".to_owned(),
        "buyer1".to_owned(),
        "BwcHBwcHBwcH".to_owned(),
        floor
            .panel()
            .key(KeyKind::SuperAdmin)
            .secret()
            .expose_secret()
            .to_owned(),
    ];
    let runs = desk.list(Wanted::default()).await.unwrap();
    assert_eq!(runs.len(), 3);
    for run in runs {
        assert!(collector.has(&run.id.to_string()), "no span of {}", run.id);
        let passwords = desk.unconfirmed(run.id).await.unwrap();
        assert_eq!(passwords.len(), 1);
        secrets.extend(
            passwords
                .iter()
                .map(|shown| shown.expose_password().to_owned()),
        );
    }
    for secret in secrets {
        assert!(!collector.has(&secret), "a span carries `{secret}`");
        assert!(!log.contains(&secret), "the log carries `{secret}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_holds_nothing_up() {
    let floor = Floor::new(None, Duration::ZERO).await;
    let desk = floor.desk().await;
    floor.submit(&desk, 0..3).await;
    let worker = floor.start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]);
    floor.work_is_done(&desk, 3).await;
    worker.signal("-TERM");
    let (code, log) = worker.ends();
    assert_eq!(code, Some(0), "{log}");
}
