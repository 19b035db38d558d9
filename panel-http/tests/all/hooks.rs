use std::sync::{Arc, Mutex};

use panel_http::{
    Attempt, AttemptHook, CallEnd, CallFacts, CallHook, TransportFault,
    testing::{Reply, ScriptedTransport},
};

use crate::endpoints::{CreateAccount, KEY, ListAccounts, PASSWORD, SECRET, builder};

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl CallHook for Notes {
    fn call_started(&self, call: &CallFacts) {
        self.note(format!("call {} {}", call.method(), call.path()));
    }

    fn call_ended(&self, call: &CallFacts, end: &CallEnd<'_>) {
        self.note(format!(
            "{} ended with {:?} after {} attempts, request {:?}, error {:?}",
            call.operation(),
            end.status().map(|status| status.as_u16()),
            end.attempts().len(),
            end.request_id(),
            end.error().map(panel_http::Error::kind),
        ));
    }
}

impl AttemptHook for Notes {
    fn attempt_started(&self, _call: &CallFacts, number: u32) {
        self.note(format!("attempt {number}"));
    }

    fn attempt_ended(&self, call: &CallFacts, attempt: &Attempt) {
        self.note(format!(
            "{:?} attempt {}: {:?} {:?}",
            call.safety(),
            attempt.number(),
            attempt.status().map(|status| status.as_u16()),
            attempt.fault(),
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn hooks_are_told_of_calls_and_attempts() {
    let transport = ScriptedTransport::new()
        .with(Reply::fault(TransportFault::Broken))
        .with(Reply::json(200, "[]").with_header("x-request-id", "r-1"))
        .with(Reply::status(403));
    let notes = Notes::default();
    let client = builder("https://h")
        .transport(transport)
        .call_hook(notes.clone())
        .attempt_hook(notes.clone())
        .build()
        .unwrap();
    client.call(&ListAccounts { limit: Some(7) }).await.unwrap();
    client.call(&CreateAccount::acme()).await.unwrap_err();
    assert_eq!(
        notes.lines(),
        [
            "call GET /api/v1/accounts",
            "attempt 1",
            "ReadOnly attempt 1: None Some(Broken)",
            "attempt 2",
            "ReadOnly attempt 2: Some(200) None",
            "list accounts ended with Some(200) after 2 attempts, request Some(\"r-1\"), error None",
            "call POST /api/v1/accounts",
            "attempt 1",
            "NaturalKey attempt 1: Some(403) None",
            "create account ended with Some(403) after 1 attempts, request None, error Some(Denied)",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_support_view_shows_everything_but_secrets() {
    let escaped = serde_json::to_string(PASSWORD).unwrap();
    let transport = ScriptedTransport::new()
        .with(
            Reply::json(
                422,
                format!(r#"{{"detail":"no {SECRET}","body":{{"password":{escaped}}}}}"#),
            )
            .with_header("set-cookie", "sid=canary")
            .with_header("x-echo", KEY),
        )
        .with(Reply::json(
            201,
            r#"{"id":9,"username":"acme1","access_token":"canary","panel":{"api_key":"canary"}}"#,
        ))
        .with(Reply::fault(TransportFault::Broken));
    let seen = Notes::default();
    let client = builder("https://h")
        .transport(transport)
        .support_view({
            let seen = seen.clone();
            move |view| seen.note(format!("{view}\n{view:?}"))
        })
        .build()
        .unwrap();
    for _ in 0..3 {
        let _ = client.call(&CreateAccount::acme()).await;
    }
    let views = seen.lines();
    assert_eq!(views.len(), 3);
    for view in &views {
        assert!(!view.contains("canary"), "{view}");
        assert!(view.contains("x-api-secret: [secret]"), "{view}");
        assert!(view.contains(r#""username":"acme1","password":"[secret]""#));
    }
    assert!(
        views[0].contains("422 Unprocessable Entity"),
        "{}",
        views[0]
    );
    assert!(views[0].contains("x-echo: [secret]"), "{}", views[0]);
    assert!(views[0].contains("no [secret]"), "{}", views[0]);
    assert!(views[1].contains(r#""id":9"#), "{}", views[1]);
    assert!(views[2].contains("[the connection broke"), "{}", views[2]);
}
