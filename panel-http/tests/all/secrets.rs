use std::{
    cell::RefCell,
    error::Error as StdError,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, Once},
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::{HeaderName, HeaderValue};
use panel_http::{
    CallEnd, CallFacts, CallHook, Client, HttpMethod, Login, RawRequest, RetryPolicy, Safety,
    TransportFault,
    testing::{Reply, ScriptedTransport},
};
use tracing_subscriber::fmt::format::FmtSpan;

use secrecy::SecretString;

use crate::{
    endpoints::{Charge, CreateAccount, KEY, PASSWORD, SECRET, builder, scripted},
    login::Routes,
};

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What is logged on this thread. One subscriber serves all tests: those that are set for a thread alone are overlooked
/// by spans that another thread reaches first.
#[derive(Clone, Copy)]
struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_span_events(FmtSpan::FULL)
                .with_ansi(false)
                .with_writer(|| Log)
                .init();
        });
        LINES.with_borrow_mut(Vec::clear);
        Self
    }

    fn text(self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
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
    let log = Log::start();

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

/// The ways in which a server may write what it was sent.
fn echoes_of(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap();
    let json = json.trim_matches('"');
    let percent = |is_all: bool| -> String {
        let bytes = secret.bytes().map(|byte| match byte {
            _ if is_all => format!("%{byte:02x}"),
            b'"' | b'<' | b'>' | b'&' => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        });
        bytes.collect()
    };
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let units: String = secret
        .bytes()
        .map(|byte| format!("\\u{byte:04x}"))
        .collect();
    vec![
        secret.to_owned(),
        json.to_owned(),
        json.replace('&', "\\u0026").replace('<', "\\u003C"),
        units,
        percent(false),
        percent(true),
        html,
        BASE64_STANDARD.encode(secret),
        BASE64_URL_SAFE_NO_PAD.encode(format!("acme1:{secret}")),
    ]
}

/// Replies that say this in every place where they may say something.
fn replies_saying(echo: &str) -> Vec<Reply> {
    // Valid in a JSON string, and valid in a header.
    let text = serde_json::to_string(echo).unwrap();
    let text = text.trim_matches('"');
    let line: String = echo.chars().filter(|letter| letter.is_ascii()).collect();
    vec![
        Reply::status(400).with_body(format!("cannot use {echo}!")),
        Reply::status(400).with_body(echo.to_owned()),
        Reply::status(502).with_body(format!("<html><title>No {echo}</title><p>{echo}</p>")),
        Reply::json(
            422,
            format!(
                r#"{{"error":"no {text}","message":"{text}","code":"C","requestId":"{text}","{text}":"{text}",
                    "more":{{"{text}":["{text}"]}},"details":{{"{text}":"not {text}"}}}}"#
            ),
        ),
        Reply::json(
            422,
            format!(r#"{{"detail":[{{"loc":["body","{text}"],"msg":"{text}"}}]}}"#),
        ),
        Reply::json(403, "{}")
            .with_header("x-request-id", &line)
            .with_header("x-echo", &line),
        Reply::status(302).with_header("location", &format!("/signup/{line}")),
        Reply::json(200, format!(r#"{{"success":false,"error":"{text}"}}"#)),
        Reply::json(201, format!(r#"{{"id":"{text}","{text}":[]}}"#)),
        Reply::json(201, r#"{"id":1}"#).with_header("x-request-id", &line),
    ]
}

#[tokio::test(start_paused = true)]
async fn no_secret_shows_in_whatever_encoding_it_comes_back() {
    let log = Log::start();
    let mut count = 0;
    for secret in [KEY, SECRET, PASSWORD] {
        for echo in echoes_of(secret) {
            for reply in replies_saying(&echo) {
                let transport = ScriptedTransport::new().with(reply.clone());
                let shown = Arc::new(Mutex::new(String::new()));
                let client = builder("https://panel.example.com")
                    .transport(transport)
                    .support_view({
                        let shown = shown.clone();
                        move |view| shown.lock().unwrap().push_str(&format!("{view} {view:?}"))
                    })
                    .call_hook(Told(shown.clone()))
                    .build()
                    .unwrap();
                let told = match client.call(&CreateAccount::acme()).await {
                    Ok(_) => String::new(),
                    Err(error) => everything_printed(&error),
                };
                let text = format!("{told} {}", shown.lock().unwrap());
                assert!(text.contains("[secret]"), "{reply:?}\n{text}");
                for shape in [&echo, &echo.replace('\\', "\\\\")] {
                    assert!(!text.contains(shape), "{shape}\n{text}");
                }
                assert!(!text.contains("canary"), "{echo}\n{text}");
                count += 1;
            }
        }
    }
    assert_eq!(count, 3 * 9 * 10);
    assert!(!log.text().contains("canary"));
}

/// A hook that writes down what it is told.
struct Told(Arc<Mutex<String>>);

impl CallHook for Told {
    fn call_ended(&self, call: &CallFacts, end: &CallEnd<'_>) {
        let line = format!("{call:?} {end:?} {:?}", end.request_id());
        self.0.lock().unwrap().push_str(&line);
    }
}

#[tokio::test]
async fn a_secret_of_a_single_request_goes_from_what_is_said_about_it() {
    let mut token = HeaderValue::from_static("canary-once");
    token.set_sensitive(true);
    let request = RawRequest::new(HttpMethod::Post, "/hook", Safety::Unsafe)
        .header(HeaderName::from_static("x-once"), token);
    let transport =
        ScriptedTransport::new().with(Reply::json(403, r#"{"error":"bad token canary-once"}"#));
    let error = scripted(&transport).raw(request).await.unwrap_err();
    assert_eq!(error.server_message(), Some("bad token [secret]"));
}

#[tokio::test]
async fn a_span_tells_status_attempts_and_request_id() {
    let log = Log::start();
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

#[tokio::test(start_paused = true)]
async fn no_token_of_a_login_shows_anywhere() {
    let log = Log::start();
    const TOKEN: &str = "canary-mpanel-token";
    let granted =
        r#"{"accessToken":"canary-access","refreshToken":"canary-refresh","expiresIn":900}"#;
    let login = |status, body: &str| Reply::json(status, body);
    let scripts = [
        // The login itself fails, and repeats what it was sent.
        vec![login(401, r#"{"error":"no user with canary-password"}"#)],
        vec![login(
            400,
            r#"{"error":"x","body":{"password":"canary-password"}}"#,
        )],
        vec![login(200, r#"{"accessToken":7,"note":"canary-access"}"#)],
        vec![login(200, r#"{"token":"canary\naccess"}"#)],
        vec![login(200, r#"["canary-access"]"#)],
        // The call fails, and repeats every credential.
        vec![
            login(200, granted),
            Reply::json(
                403,
                format!(r#"{{"error":"Bearer canary-access {TOKEN} may not"}}"#),
            ),
        ],
        // It is refused, renewed, and refused again.
        vec![
            login(200, granted),
            Reply::json(401, r#"{"error":"canary-access expired"}"#),
            login(401, r#"{"error":"canary-refresh expired"}"#),
            login(200, r#"{"accessToken":"canary-second"}"#),
            Reply::json(401, r#"{"error":"canary-second and canary-access"}"#),
        ],
        vec![
            login(200, granted),
            Reply::json(401, r#"{"error":"canary-access expired"}"#),
            Reply::fault(TransportFault::Connect),
        ],
    ];
    for script in scripts {
        let transport = ScriptedTransport::new();
        script
            .iter()
            .cloned()
            .for_each(|reply| transport.push(reply));
        let shown = Arc::new(Mutex::new(String::new()));
        let client = Client::builder("https://h")
            .transport(transport.clone())
            .retry_policy(RetryPolicy::never())
            .login(
                Login::new("admin@example.com", SecretString::from("canary-password")),
                Routes,
            )
            .secret_header("x-token", &SecretString::from(TOKEN))
            .support_view({
                let shown = shown.clone();
                move |view| shown.lock().unwrap().push_str(&format!("{view} {view:?}"))
            })
            .build()
            .unwrap();
        let error = client.call(&Charge).await.unwrap_err();
        assert_eq!(transport.unused(), 0, "{error}");
        let failed = std::hint::black_box(Err::<(), _>(error.clone()));
        let panic = catch_unwind(AssertUnwindSafe(|| failed.unwrap())).unwrap_err();
        let text = format!(
            "{} {} {client:?} {} {:?} {}",
            everything_printed(&error),
            panic.downcast_ref::<String>().unwrap(),
            client.preview(&Charge).unwrap(),
            transport.requests(),
            shown.lock().unwrap(),
        );
        assert!(!text.contains("canary"), "{script:?}\n{text}");
        assert!(text.contains("[secret]"));
    }
    assert!(!log.text().contains("canary"), "{}", log.text());
}
