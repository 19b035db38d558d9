//! One server that stands in for Cove and for the DNS service.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// The token both services take.
pub const TOKEN: &str = "cove-token";

/// A running stub.
#[derive(Debug)]
pub struct Stub {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    accounts: Vec<Value>,
    zones: Vec<Value>,
    /// Where the reply to the next request that creates stays away, and how long.
    stays_away: Option<(String, Duration)>,
}

impl Stub {
    /// Starts one on 127.0.0.1.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let state: Arc<Mutex<State>> = Arc::default();
        let stub = Answers(Arc::clone(&state));
        Mock::given(any()).respond_with(stub).mount(&server).await;
        Self { server, state }
    }

    /// Its base URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// Makes an account of somebody else.
    pub fn add_stranger(&self, name: &str) {
        let mut state = lock(&self.state);
        let id = state.accounts.len() + 1;
        state.accounts.push(
            json!({ "id": id, "name": name, "is_on": true, "reference": null, "password": "?" }),
        );
    }

    /// Lets the reply to the next POST to this path stay away for so long. It is carried out.
    pub fn lose_next_reply(&self, path: &str, stays_away: Duration) {
        lock(&self.state).stays_away = Some((path.to_owned(), stays_away));
    }

    /// The names of the accounts there are.
    #[must_use]
    pub fn accounts(&self) -> Vec<String> {
        let state = lock(&self.state);
        let names = state.accounts.iter().map(|row| text(row, "name"));
        names.collect()
    }

    /// Whether this password opens this account.
    #[must_use]
    pub fn password_is(&self, name: &str, password: &str) -> bool {
        let state = lock(&self.state);
        let mut rows = state.accounts.iter();
        rows.any(|row| text(row, "name") == name && text(row, "password") == password)
    }

    /// The zones there are: domain and target.
    #[must_use]
    pub fn zones(&self) -> Vec<(String, String)> {
        let state = lock(&self.state);
        let zones = state.zones.iter();
        zones
            .map(|zone| (text(zone, "domain"), text(zone, "target")))
            .collect()
    }
}

struct Answers(Arc<Mutex<State>>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = lock(&self.0);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let answer = state.answer(request, body);
        let is_struck = |struck: &mut (String, Duration)| {
            request.method.as_str() == "POST" && request.url.path() == struck.0
        };
        match state.stays_away.take_if(is_struck) {
            Some((_, stays_away)) => answer.set_delay(stays_away),
            None => answer,
        }
    }
}

impl State {
    fn answer(&mut self, request: &Request, mut body: Value) -> ResponseTemplate {
        let bearer = format!("Bearer {TOKEN}");
        let authorization = request.headers.get("authorization");
        let is_known = authorization.is_some_and(|value| value.as_bytes() == bearer.as_bytes());
        match (request.method.as_str(), request.url.path()) {
            ("POST", "/sessions") => {
                let same = |row: &Value, field| row.get(field) == body.get(field);
                let mut rows = self.accounts.iter();
                if rows.any(|row| same(row, "name") && same(row, "password")) {
                    json(200, &json!({}))
                } else {
                    json(401, &json!({ "error": "wrong name or password" }))
                }
            }
            _ if !is_known => json(401, &json!({ "error": "wrong token" })),
            ("GET", "/accounts") => json(200, &json!(self.accounts)),
            ("POST", "/accounts") if has(&self.accounts, &body, "name") => {
                json(409, &json!({ "error": "name taken" }))
            }
            ("POST", "/accounts") => {
                set(&mut body, "id", json!(self.accounts.len() + 1));
                set(&mut body, "is_on", json!(true));
                self.accounts.push(body.clone());
                json(201, &body)
            }
            ("GET", "/zones") => {
                let mut query = request.url.query_pairs();
                let domain = query.find(|(name, _)| name == "domain");
                let domain = domain.map(|(_, domain)| domain.into_owned());
                let zones = self.zones.iter();
                let found = zones.filter(|zone| Some(text(zone, "domain")) == domain);
                json(200, &json!(found.collect::<Vec<_>>()))
            }
            ("POST", "/zones") if has(&self.zones, &body, "domain") => {
                json(409, &json!({ "error": "the domain has a zone" }))
            }
            ("POST", "/zones") => {
                let id = format!("zone-{}", self.zones.len() + 1);
                set(&mut body, "id", json!(id));
                self.zones.push(body.clone());
                json(201, &body)
            }
            (method, path) => json(404, &json!({ "error": format!("no {method} {path}") })),
        }
    }
}

fn json(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn set(row: &mut Value, field: &str, value: Value) {
    if let Value::Object(fields) = row {
        fields.insert(field.to_owned(), value);
    }
}

fn has(rows: &[Value], body: &Value, field: &str) -> bool {
    rows.iter().any(|row| row.get(field) == body.get(field))
}

fn text(row: &Value, field: &str) -> String {
    let text = row.get(field).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
