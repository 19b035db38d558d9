//! Recorded exchanges: the golden requests a call must send, and the replies it gets.

use std::path::PathBuf;

use nextpanel_client::billing::Billing;
use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_http::testing::{RecordedRequest, Reply, ScriptedTransport};
use panel_http::{
    Credential, CredentialKind, Endpoint, Error, Generation, Operation, RetryPolicy,
    StaticCredential,
};
use secrecy::SecretString;
use serde_json::Value;

pub(super) const KEY: &str = "npk_contractKey0000000000000000000000000000000000";
pub(super) const SECRET: &str =
    "nps_contractSecret00000000000000000000000000000000000000000000000000";

/// One fixture: `tests/fixtures/nextpanel/NAME.json`, a list of exchanges in the order they happen.
///
/// The name is that of an operation, alone or followed by a dot and the case. The last exchange is the operation's own,
/// which is checked, so that a fixture cannot stand for an operation it does not call.
pub(super) struct Exchange {
    name: &'static str,
    golden: Vec<Value>,
    transport: ScriptedTransport,
}

impl Exchange {
    pub(super) fn of(name: &'static str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/nextpanel")
            .join(format!("{name}.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let fixture: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let golden = fixture.as_array().expect("a list of exchanges").clone();
        let own = operation(name);
        let request = &golden.last().expect("at least one exchange")["request"];
        assert_eq!(request["method"], own.method.as_str(), "{name}");
        let path = request["path"].as_str().expect("a path");
        assert!(is_of(path, own.path), "{name}: {path} is not {}", own.path);
        let transport = ScriptedTransport::new();
        for exchange in &golden {
            transport.push(reply(&exchange["response"]));
        }
        Self {
            name,
            golden,
            transport,
        }
    }

    /// The same requests, with the last reply changed by `change`.
    pub(super) fn with_last_body(name: &'static str, change: impl FnOnce(&mut Value)) -> Self {
        let mut exchange = Self::of(name);
        let last = exchange.golden.last_mut().expect("at least one exchange");
        change(&mut last["response"]["body"]);
        exchange.rescript();
        exchange
    }

    /// The same requests, with this status and body as the last reply.
    pub(super) fn with_last_reply(name: &'static str, status: u16, body: Value) -> Self {
        let mut exchange = Self::of(name);
        let last = exchange.golden.last_mut().expect("at least one exchange");
        last["response"] = serde_json::json!({"status": status, "body": body});
        exchange.rescript();
        exchange
    }

    fn rescript(&mut self) {
        self.transport = ScriptedTransport::new();
        for exchange in &self.golden {
            self.transport.push(reply(&exchange["response"]));
        }
    }

    /// A panel client that talks to this fixture, and repeats nothing.
    pub(super) fn panel(&self) -> Panel {
        let credentials =
            PanelCredentials::new(SecretString::from(KEY), SecretString::from(SECRET));
        Panel::builder("https://np-1.example.net", &credentials)
            .admin_login("root", SecretString::from("contract-admin-1"))
            .with_client(|client| {
                client
                    .transport(self.transport.clone())
                    .retry_policy(RetryPolicy::never())
            })
            .build()
            .expect("a panel")
    }

    /// A client of a billing backend that talks to this fixture with a token it has, and repeats nothing.
    pub(super) fn billing(&self) -> Billing {
        let token = SecretString::from("tok-billing");
        let bearer = Credential::bearer(&token, Generation::FIRST).expect("a token");
        Billing::builder("https://billing.example.net")
            .with_client(|client| {
                client
                    .transport(self.transport.clone())
                    .retry_policy(RetryPolicy::never())
                    .credential_source(CredentialKind::Bearer, StaticCredential::new(bearer))
            })
            .build()
            .expect("a billing client")
    }

    /// Every request was sent as recorded, in that order, and no other.
    #[track_caller]
    pub(super) fn assert_golden(&self) {
        let sent = self.transport.requests();
        for (sent, golden) in sent.iter().zip(&self.golden) {
            assert_request(self.name, sent, &golden["request"]);
        }
        assert_eq!(sent.len(), self.golden.len(), "{}: requests", self.name);
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        self.transport.requests()
    }
}

/// Calls a billing endpoint on its fixture, and checks that it sent what was recorded.
pub(super) async fn golden<E: Endpoint>(
    name: &'static str,
    endpoint: E,
) -> Result<E::Reply, Error> {
    let exchange = Exchange::of(name);
    let reply = exchange.billing().call(endpoint).await;
    exchange.assert_golden();
    reply
}

/// Every operation of both services.
pub(super) fn operations() -> impl Iterator<Item = &'static Operation> {
    let panel = nextpanel_client::panel::OPERATIONS.iter();
    let billing = nextpanel_client::billing::OPERATIONS.iter();
    panel.chain(billing).copied()
}

fn operation(fixture: &str) -> &'static Operation {
    operations()
        .find(|operation| {
            fixture == operation.name
                || fixture
                    .strip_prefix(operation.name)
                    .is_some_and(|rest| rest.starts_with('.'))
        })
        .unwrap_or_else(|| panic!("no operation is named like the fixture {fixture}"))
}

pub(super) fn is_of(path: &str, template: &str) -> bool {
    let (mut path, mut template) = (path.split('/'), template.split('/'));
    loop {
        match (path.next(), template.next()) {
            (None, None) => return true,
            (Some(part), Some(expected)) if expected.starts_with('{') || part == expected => {}
            _ => return false,
        }
    }
}

fn reply(response: &Value) -> Reply {
    let status = response["status"].as_u64().expect("a status") as u16;
    let mut reply = match &response["body"] {
        Value::Null => Reply::status(status),
        Value::String(text) => Reply::status(status).with_body(text.clone()),
        json => Reply::json(status, json.to_string()),
    };
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        let name: &'static str = Box::leak(name.clone().into_boxed_str());
        reply = reply.with_header(name, value.as_str().expect("a header's text"));
    }
    reply
}

#[track_caller]
fn assert_request(name: &str, sent: &RecordedRequest, golden: &Value) {
    assert_eq!(sent.method.as_str(), golden["method"], "{name}: method");
    assert_eq!(sent.uri.path(), golden["path"], "{name}: path");
    assert_eq!(sent.uri.query(), golden["query"].as_str(), "{name}: query");
    assert_eq!(sent.json(), golden["body"], "{name}: body");
    let has_body = !golden["body"].is_null();
    let content_type = if has_body { "application/json" } else { "" };
    assert_eq!(sent.header("content-type"), content_type, "{name}");
    let (key, secret, bearer) = match golden["credential"].as_str() {
        Some("key") => (KEY, SECRET, ""),
        Some(token) => ("", "", token),
        None => ("", "", ""),
    };
    assert_eq!(sent.header("x-api-key"), key, "{name}: key");
    assert_eq!(sent.header("x-api-secret"), secret, "{name}: secret");
    assert_eq!(sent.header("authorization"), bearer, "{name}: bearer");
}
