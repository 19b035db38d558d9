//! Runs a fixture: one request, as it has to be, and the reply to it.

use std::{fs, path::PathBuf};

use mpanel_client::{Generation, Mpanel};
use panel_http::{
    CredentialKind, Endpoint, Error, Limit, ListEndpoint, Login, Operation, Timeouts,
};
use serde_json::Value;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

/// A user of the role `admin`, legacy.
pub(crate) const LEGACY_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6IjVlMWYwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDBhYSIsImVtYWlsIjoib3BzQGhvc3Rlci5leGFtcGxlIiwicm9sZSI6ImFkbWluIiwidGVuYW50X2lkIjoiN2U1N2FiMWUtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwiaWF0IjoxODA0MTM3MDAwLCJleHAiOjE4MDQ3NDE4MDB9.c2lnbmF0dXJl";
/// A user of the role `OWNER`, TypeScript.
pub(crate) const TYPESCRIPT_TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VySWQiOiI1ZTFmMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwYWEiLCJlbWFpbCI6Im9wc0Bob3N0ZXIuZXhhbXBsZSIsInRlbmFudElkIjoiN2U1N2FiMWUtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwicm9sZSI6Ik9XTkVSIiwidHlwZSI6ImFjY2VzcyIsImlhdCI6MTgwNDEzNzAwMCwiZXhwIjoxODA0MTM3OTAwLCJhdWQiOiJtcGFuZWwtYXBpIiwiaXNzIjoibXBhbmVsIn0.c2lnbmF0dXJl";

pub(crate) const TENANT: &str = "7e57ab1e-0000-4000-8000-000000000001";
pub(crate) const USER: &str = "5e1f0000-0000-4000-8000-0000000000aa";
pub(crate) const CUSTOMER: &str = "c0570000-0000-4000-8000-0000000000c1";
pub(crate) const SUBSCRIPTION: &str = "5ab50000-0000-4000-8000-0000000000f1";
pub(crate) const PRODUCT: &str = "94050000-0000-4000-8000-0000000000b1";
pub(crate) const WEBSITE: &str = "3e850000-0000-4000-8000-0000000000e1";
pub(crate) const SERVER: &str = "5e4f0000-0000-4000-8000-0000000000d1";
pub(crate) const TASK: &str = "7a5c0000-0000-4000-8000-000000000091";
pub(crate) const ORDER: &str = "04de4000-0000-4000-8000-000000000071";
pub(crate) const JOB: &str = "10b00000-0000-4000-8000-000000000061";
pub(crate) const INVOICE: &str = "14f01ce0-0000-4000-8000-000000000051";
pub(crate) const PRICE: &str = "941ce000-0000-4000-8000-000000000041";
pub(crate) const ROLE: &str = "401e0000-0000-4000-8000-000000000031";
pub(crate) const PERMISSION: &str = "9e430000-0000-4000-8000-000000000021";
pub(crate) const KEY: &str = "ae100000-0000-4000-8000-000000000011";
pub(crate) const SERVICE: &str = "5e471ce0-0000-4000-8000-000000000081";

const PASSWORD: &str = "of-the-operator";

pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/mpanel")
}

/// The reply of a login, as each generation makes it.
pub(crate) fn login_reply(generation: Generation) -> Value {
    match generation {
        Generation::Legacy => serde_json::json!({
            "token": LEGACY_TOKEN,
            "user": {"id": USER, "email": "ops@hoster.example", "firstName": "Olga", "lastName": "Pos", "role": "admin"},
        }),
        _ => serde_json::json!({
            "accessToken": TYPESCRIPT_TOKEN,
            "refreshToken": "refresh-me",
            "tokenType": "Bearer",
            "expiresIn": 900,
            "user": {"id": USER, "email": "ops@hoster.example", "displayName": "Olga Pos", "isActive": true},
            "tenants": [],
            "activeTenant": {"id": "m-1", "tenantId": TENANT, "tenantSlug": "hoster", "role": "OWNER", "isActive": true},
        }),
    }
}

struct Case {
    name: String,
    fixture: Value,
    generation: Generation,
    server: MockServer,
    client: Mpanel,
}

impl Case {
    async fn all(name: &str) -> Vec<Self> {
        let file = fixtures().join(format!("{name}.json"));
        let text = fs::read_to_string(&file).unwrap_or_else(|_| panic!("no fixture {name}"));
        let fixture: Value = serde_json::from_str(&text).unwrap();
        let mut cases = Vec::new();
        for generation in fixture["generations"].as_array().unwrap() {
            let generation = match generation.as_str().unwrap() {
                "legacy" => Generation::Legacy,
                "typescript" => Generation::TypeScript,
                other => panic!("{name}: no generation {other}"),
            };
            cases.push(Self::new(name, fixture.clone(), generation).await);
        }
        assert!(!cases.is_empty(), "{name} runs on no generation");
        cases
    }

    async fn new(name: &str, fixture: Value, generation: Generation) -> Self {
        let server = MockServer::start().await;
        let client = Mpanel::builder(&server.uri())
            .login(Login::new("ops@hoster.example", PASSWORD.into()))
            .provisioning_token(&"shared-for-stripe".into())
            .internal_key(&"shared-for-orders".into())
            .marketing_key(&"mk_of-the-site".into())
            .timeouts(Timeouts::default().with_every_limit(Limit::new(
                std::time::Duration::from_secs(5),
                std::time::Duration::from_secs(10),
            )))
            .no_proxy()
            .build()
            .unwrap();
        let case = Self {
            name: name.to_owned(),
            fixture,
            generation,
            server,
            client,
        };
        case.mount().await;
        case
    }

    fn headers(&self, reply: ResponseTemplate) -> ResponseTemplate {
        let reply = reply
            .insert_header("x-request-id", "5f0d")
            .insert_header("x-ratelimit-remaining", "61");
        match self.generation {
            Generation::Legacy => reply
                .insert_header("x-api-version", "v1")
                .insert_header("x-powered-by", "mPanel"),
            _ => reply,
        }
    }

    async fn mount(&self) {
        let request = &self.fixture["request"];
        let wanted = request["path"].as_str().unwrap();
        let (wanted, _) = wanted.split_once('?').unwrap_or((wanted, ""));
        let reply = &self.fixture["response"];
        let status = u16::try_from(reply["status"].as_u64().unwrap()).unwrap();
        let mut template = self.headers(ResponseTemplate::new(status));
        template = match reply["text"].as_str() {
            Some(text) => template.set_body_string(text),
            None => template.set_body_json(&reply["body"]),
        };
        for (name, value) in reply["headers"].as_object().into_iter().flatten() {
            template = template.insert_header(name.as_str(), value.as_str().unwrap());
        }
        Mock::given(method(request["method"].as_str().unwrap()))
            .and(path(wanted))
            .respond_with(template)
            .with_priority(1)
            .mount(&self.server)
            .await;
        Mock::given(method("POST"))
            .and(path("/api/auth/login"))
            .respond_with(
                self.headers(
                    ResponseTemplate::new(200).set_body_json(login_reply(self.generation)),
                ),
            )
            .with_priority(2)
            .mount(&self.server)
            .await;
    }

    /// The request was sent once, and was what the fixture says.
    async fn check(&self, operation: &Operation) {
        let name = &self.name;
        assert_eq!(self.fixture["operation"], operation.name, "{name}");
        let expected = &self.fixture["request"];
        let wanted = expected["path"].as_str().unwrap();
        let received = self.server.received_requests().await.unwrap();
        let own: Vec<&Request> = received
            .iter()
            .filter(|request| {
                target(request) == wanted && request.method.as_str() == expected["method"]
            })
            .collect();
        let all: Vec<String> = received.iter().map(target).collect();
        let [request] = own.as_slice() else {
            panic!("{name}: {wanted} was to be asked once, and asked were {all:?}");
        };
        let is_login = operation.credentials.contains(&CredentialKind::Bearer);
        assert_eq!(received.len(), 1 + usize::from(is_login), "{name}: {all:?}");
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        assert_eq!(
            body,
            expected.get("body").cloned().unwrap_or_default(),
            "{name}"
        );
        let header = |name: &str| {
            let value = request.headers.get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let token = match self.generation {
            Generation::Legacy => LEGACY_TOKEN,
            _ => TYPESCRIPT_TOKEN,
        };
        for (kind, sent, value) in [
            (
                CredentialKind::Bearer,
                "authorization",
                format!("Bearer {token}"),
            ),
            (
                CredentialKind::Header("x-mpanel-token"),
                "x-mpanel-token",
                "shared-for-stripe".into(),
            ),
            (
                CredentialKind::Header("x-internal-key"),
                "x-internal-key",
                "shared-for-orders".into(),
            ),
            (
                CredentialKind::Header("x-api-key"),
                "x-api-key",
                "mk_of-the-site".into(),
            ),
        ] {
            let expected = operation.credentials.contains(&kind).then_some(value);
            assert_eq!(header(sent), expected, "{name}: {sent}");
        }
        // A blocked origin is a 500 on the legacy server.
        assert_eq!(header("origin"), None, "{name}");
    }
}

fn target(request: &Request) -> String {
    match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    }
}

/// Calls an endpoint on every generation the fixture names; the reply of the last.
pub(crate) async fn call<E: Endpoint>(name: &str, endpoint: E) -> Result<E::Reply, Error> {
    let mut last = None;
    for case in Case::all(name).await {
        let reply = case
            .client
            .call_with(&endpoint, &panel_http::CallOptions::new())
            .await;
        case.check(E::OPERATION).await;
        let is_ok = reply.is_ok();
        if let Some(Ok(_) | Err(_)) = &last {
            assert_eq!(
                last.as_ref().is_some_and(Result::is_ok),
                is_ok,
                "{name}: the generations differ"
            );
        }
        last = Some(reply);
    }
    last.unwrap()
}

/// Reads a list on every generation the fixture names; the rows of the last.
pub(crate) async fn list<E: ListEndpoint + Clone>(
    name: &str,
    endpoint: E,
) -> Result<Vec<E::Item>, Error> {
    let mut last = None;
    for case in Case::all(name).await {
        let rows = case.client.list(endpoint.clone()).collect().await;
        case.check(E::OPERATION).await;
        last = Some(rows);
    }
    last.unwrap()
}
