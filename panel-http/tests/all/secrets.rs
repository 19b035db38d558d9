use std::{
    error::Error as StdError,
    io,
    sync::{Arc, Mutex},
};

use panel_http::{
    TransportFault,
    testing::{Reply, ScriptedTransport},
};
use tracing_subscriber::fmt::{MakeWriter, format::FmtSpan};

use crate::endpoints::{CreateAccount, KEY, PASSWORD, SECRET, scripted};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn everything_printed(error: &panel_http::Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(current) = cause {
        text.push_str(&format!("{current} {current:?}"));
        cause = current.source();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn no_secret_shows_in_any_error_or_span() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let escaped = serde_json::to_string(PASSWORD).unwrap();
    let html = "canary&quot;pass&lt;word&gt;&amp;4713";
    let echoes = [
        // The whole request, as NextPanel's billing backend sends it back.
        Reply::json(
            422,
            format!(
                r#"{{"detail":[{{"type":"missing","loc":["body","email"],"msg":"Field required","input":{{"password":{escaped}}}}}],"body":{{"password":{escaped}}}}}"#
            ),
        ),
        // Cut off within the echo.
        Reply::json(422, format!(r#"{{"body":{{"password":{escaped}"#))
            .with_break(TransportFault::Broken),
        // In the text of a message, plain, as SQL parameter, as Python shows it.
        Reply::json(
            400,
            format!(r#"{{"detail":"bad value {}"}}"#, escaped.trim_matches('"')),
        ),
        Reply::json(
            500,
            format!(
                r#"{{"detail":"Internal server error: [parameters: ('acme1', '{}')]"}}"#,
                escaped.trim_matches('"')
            ),
        ),
        Reply::json(
            403,
            format!(r#"{{"error":"no such key {KEY} / {SECRET}"}}"#),
        ),
        Reply::json(
            409,
            format!(r#"{{"error":"x","note":"{SECRET}","api_key":"{KEY}"}}"#),
        ),
        Reply::status(502).with_body(format!("<html><title>{html}</title>{PASSWORD}{KEY}")),
        Reply::status(400).with_body(format!("text {PASSWORD} {SECRET}")),
        // In headers.
        Reply::status(302).with_header("location", &format!("https://other.example/?key={KEY}")),
        // In a reply of success.
        Reply::json(201, format!(r#"{{"id":{escaped}}}"#)),
        Reply::json(201, escaped.clone()),
        Reply::json(200, format!(r#"{{"success":false,"error":"{SECRET}"}}"#)),
        Reply::fault(TransportFault::Broken),
        Reply::fault(TransportFault::Tls),
    ];
    for echo in echoes {
        let transport = ScriptedTransport::new().with(echo.clone());
        let client = scripted(&transport);
        let error = client.call(&CreateAccount::acme()).await.unwrap_err();
        let text = format!(
            "{}{client:?}{transport:?}{:?}",
            everything_printed(&error),
            transport.requests()
        );
        assert!(!text.contains("canary"), "{echo:?}\n{text}");
    }
    let text = log.text();
    assert!(
        text.contains("create account"),
        "spans are recorded: {text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn a_span_tells_status_attempts_and_request_id() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let transport = ScriptedTransport::new()
        .with(Reply::json(201, r#"{"id":1}"#).with_header("x-request-id", "req-7"))
        .with(Reply::status(403));
    let client = scripted(&transport);
    client.call(&CreateAccount::acme()).await.unwrap();
    let text = log.text();
    for part in [
        "operation=\"create account\"",
        "status=201",
        "attempts=1",
        "request_id=\"req-7\"",
        "elapsed_ms=",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    client.call(&CreateAccount::acme()).await.unwrap_err();
    assert!(log.text().contains("error=Denied"), "{}", log.text());
}
