//! A plain HTTP client of an mPanel.

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind, operations};
use panel_sandbox::{Operation, WireSettings};
use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::caller::{Got, client, got};

pub(crate) const BOTH: [Generation; 2] = [Generation::Legacy, Generation::TypeScript];

impl Got {
    pub(crate) fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn uuid(&self, pointer: &str) -> String {
        let id = self.body.pointer(pointer).and_then(Value::as_str);
        assert!(id.is_some(), "no id at {pointer}: {self:?}");
        id.unwrap().to_owned()
    }
}

pub(crate) struct Caller {
    pub(crate) http: reqwest::Client,
    base: String,
    token: Option<String>,
    headers: Vec<(&'static str, String)>,
}

impl Caller {
    /// Somebody with no credential at all.
    pub(crate) fn stranger(mpanel: &MPanel) -> Self {
        Self {
            http: client(),
            base: mpanel.url().to_owned(),
            token: None,
            headers: Vec::new(),
        }
    }

    /// Somebody who has logged in, in whatever dialect the server speaks.
    pub(crate) async fn logged_in(mpanel: &MPanel, kind: UserKind) -> Self {
        let caller = Self::stranger(mpanel);
        let got = caller.login(mpanel, kind).await;
        assert_eq!(got.status, 200, "{got:?}");
        let token = got.body.get("token").or(got.body.get("accessToken"));
        let token = token.and_then(Value::as_str).unwrap();
        caller.with_token(token)
    }

    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    pub(crate) async fn login(&self, mpanel: &MPanel, kind: UserKind) -> Got {
        let user = mpanel.user(kind);
        let password = user.password().expose_secret();
        let body = json!({ "email": user.email(), "password": password });
        self.post("/api/auth/login", &body).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        got(self.request(Method::GET, path)).await.unwrap()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Got {
        got(self.request(method, path).json(body)).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        self.send(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Got {
        self.send(Method::PUT, path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Got {
        self.send(Method::PATCH, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Got {
        got(self.request(Method::DELETE, path)).await.unwrap()
    }

    /// Creates a customer and gives its id.
    pub(crate) async fn customer(&self, company: &str) -> String {
        let email = format!("{}@clients.example", company.to_lowercase());
        let body = json!({ "company_name": company, "email": email });
        let got = self.post("/api/customers", &body).await;
        assert_eq!(got.status, 201, "{got:?}");
        got.uuid("/customer/id")
    }
}

pub(crate) async fn start(settings: MPanelSettings) -> MPanel {
    MPanel::start(settings).await.unwrap()
}

pub(crate) async fn mpanel(generation: Generation) -> MPanel {
    start(MPanelSettings::new("main", generation)).await
}

pub(crate) async fn legacy() -> MPanel {
    mpanel(Generation::Legacy).await
}

pub(crate) async fn type_script() -> MPanel {
    mpanel(Generation::TypeScript).await
}

/// A server of this generation with a caller that its legacy routers take for an `admin`.
pub(crate) async fn with_admin(generation: Generation) -> (MPanel, Caller) {
    let mpanel = mpanel(generation).await;
    let caller = admin_of(&mpanel);
    (mpanel, caller)
}

pub(crate) fn admin_of(mpanel: &MPanel) -> Caller {
    let token = mpanel.legacy_token(UserKind::Admin);
    Caller::stranger(mpanel).with_token(token.expose_secret())
}

pub(crate) fn with_provisioning_token(mpanel: &MPanel, caller: Caller) -> Caller {
    let token = mpanel.provisioning_token().unwrap().expose_secret();
    caller.with_header("x-mpanel-token", token)
}

pub(crate) fn with_internal_key(mpanel: &MPanel, caller: Caller) -> Caller {
    let key = mpanel.internal_key().unwrap().expose_secret();
    caller.with_header("x-internal-key", key)
}

/// Entry B.
pub(crate) fn public_order(intent: &str, slugs: &[&str]) -> Value {
    let items: Vec<Value> = slugs
        .iter()
        .map(|slug| json!({ "productSlug": slug, "domain": format!("{slug}.example"), "notes": "n1" }))
        .collect();
    json!({
        "customerEmail": "pia@buyers.example",
        "customerName": "Pia Buyer",
        "stripeCustomerId": "cus_pia",
        "paymentIntentId": intent,
        "items": items,
    })
}

/// Entry C.
pub(crate) fn stripe_order(intent: &str) -> Value {
    json!({
        "stripePaymentIntentId": intent,
        "amount": 2498,
        "currency": "usd",
        "status": "paid",
        "customerEmail": "Pia@Buyers.example",
        "cart": [
            { "productCode": "starter", "productName": "Starter", "billingCycle": "monthly", "priceCents": 1999, "quantity": 1 },
            { "code": "daily_backups_30d", "type": "addon" },
        ],
        "rawMetadata": { "customerName": "Pia Buyer" },
    })
}

/// Entry D.
pub(crate) fn webhook_order(mpanel: &MPanel, intent: &str, domain: Option<&str>) -> Value {
    json!({
        "tenantSlug": mpanel.tenant_slug(),
        "customer": { "email": "Pia@Buyers.example", "fullName": "Pia Buyer", "phone": "+44 20 1" },
        "priceSlug": "starter-monthly",
        "totalAmountCents": 1999,
        "currency": "usd",
        "stripePaymentIntentId": intent,
        "metadata": { "domain": domain },
    })
}

/// What the stand-in answered to each request of an operation, in the order of receipt.
pub(crate) fn statuses(mpanel: &MPanel, operation: &Operation) -> Vec<Option<u16>> {
    let requests = mpanel.requests_for(operation);
    requests.iter().map(|request| request.status()).collect()
}

pub(crate) fn wire() -> WireSettings {
    WireSettings::new()
}

/// How many requests the caller's customers were listed with.
pub(crate) async fn customers(caller: &Caller) -> Vec<Value> {
    let got = caller.get("/api/customers").await;
    assert_eq!(got.status, 200, "{got:?}");
    assert_eq!(got.body["data"], got.body["customers"]);
    got.body["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_a_server_serves_depends_on_how_it_is_set_up() {
    let serves = |mpanel: &MPanel, operation| mpanel.operations().contains(&operation);
    let legacy_server = legacy().await;
    let type_script_server = type_script().await;
    for (operation, on_legacy, on_type_script) in [
        (operations::LOGIN, true, true),
        (operations::REFRESH, false, true),
        (operations::SYSTEM_HEALTH, true, false),
        (operations::ORDER_WEBHOOK, true, true),
        (operations::CREATE_ORDER, false, true),
        (operations::ORDER_CREATED, false, false),
    ] {
        assert_eq!(serves(&legacy_server, operation), on_legacy, "{operation}");
        assert_eq!(
            serves(&type_script_server, operation),
            on_type_script,
            "{operation}"
        );
    }
    let settings = MPanelSettings::new("other", Generation::Legacy)
        .with_type_script_tail(false)
        .with_order_created(true);
    let other = start(settings).await;
    assert!(!serves(&other, operations::ORDER_WEBHOOK));
    assert!(serves(&other, operations::ORDER_CREATED));
}
