//! A plain HTTP client with a panel's key.

use std::time::Duration;

use panel_sandbox::nextpanel_panel::{ApiKey, KeyKind, Panel, PanelSettings};
use panel_sandbox::{Fault, Operation};
use reqwest::{Method, RequestBuilder, Response, header::HeaderMap, redirect};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

pub(crate) const ACCOUNTS: &str = "/api/v1/billing/accounts";

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Got {
    /// Status and detail of a refusal.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.detail())
    }

    pub(crate) fn id(&self) -> u64 {
        self.body["id"].as_u64().unwrap()
    }

    pub(crate) fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap()
    }
}

pub(crate) struct Caller {
    pub(crate) http: reqwest::Client,
    base: String,
    key: Option<ApiKey>,
}

impl Caller {
    pub(crate) fn with_key(panel: &Panel, kind: KeyKind) -> Self {
        Self {
            key: Some(panel.key(kind)),
            ..Self::without_key(panel)
        }
    }

    pub(crate) fn without_key(panel: &Panel) -> Self {
        Self {
            http: client(),
            base: panel.url().to_owned(),
            key: None,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request
                .header("x-api-key", key.id())
                .header("x-api-secret", key.secret().expose_secret()),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        got(self.request(Method::GET, path)).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        got(self.request(Method::POST, path).json(body))
            .await
            .unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Got {
        got(self.request(Method::DELETE, path)).await.unwrap()
    }

    pub(crate) async fn create(&self, body: &Value) -> reqwest::Result<Got> {
        got(self.request(Method::POST, ACCOUNTS).json(body)).await
    }

    pub(crate) async fn list(&self) -> Vec<Value> {
        let got = self.get(ACCOUNTS).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.body.as_array().unwrap().clone()
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Got {
        let body = json!({ "username": username, "password": password });
        self.post("/api/auth/login/json", &body).await
    }
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

pub(crate) async fn got(request: RequestBuilder) -> reqwest::Result<Got> {
    let response: Response = request.send().await?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Got {
        status,
        headers,
        body,
    })
}

pub(crate) fn wanted(username: &str) -> Value {
    json!({
        "username": username,
        "email": format!("{username}@customers.example"),
        "password": "Corr3ct-horse",
        "full_name": "Ada Field",
        "phone": null,
        "company": null,
        "package_id": 3,
        "is_admin": false,
        "billing_id": format!("mark-of-{username}"),
        "metadata": { "created_from": "billing_system", "account_type": "panel" },
    })
}

pub(crate) async fn panel() -> Panel {
    Panel::start(PanelSettings::new("srv1")).await.unwrap()
}

pub(crate) async fn panel_and_caller() -> (Panel, Caller) {
    let panel = panel().await;
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    (panel, caller)
}

/// A panel with one fault armed where it naturally belongs.
pub(crate) async fn struck_by(fault: Fault) -> (Panel, Caller) {
    let (panel, caller) = panel_and_caller().await;
    panel.arm(fault).unwrap();
    (panel, caller)
}

/// What the stand-in answered to each request of an operation, in the order of receipt.
pub(crate) fn statuses(panel: &Panel, operation: &Operation) -> Vec<Option<u16>> {
    let requests = panel.requests_for(operation);
    requests.iter().map(|request| request.status()).collect()
}
