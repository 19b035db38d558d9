//! A plain HTTP client of the backend, with a token or without.

use panel_sandbox::nextpanel_billing::{Billing, BillingSettings};
use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::caller::{Got, client, got};

pub(crate) const PASSWORD: &str = "Corr3ct-horse";

pub(crate) struct User {
    pub(crate) http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl User {
    pub(crate) fn nobody(billing: &Billing) -> Self {
        Self {
            http: client(),
            base: billing.url().to_owned(),
            token: None,
        }
    }

    pub(crate) fn with_token(billing: &Billing, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..Self::nobody(billing)
        }
    }

    pub(crate) async fn administrator(billing: &Billing) -> Self {
        let admin = billing.admin();
        Self::logged_in(billing, admin.email(), admin.password().expose_secret()).await
    }

    pub(crate) async fn logged_in(billing: &Billing, email: &str, password: &str) -> Self {
        let got = log_in(billing, email, password).await;
        assert_eq!(got.status, 200, "{got:?}");
        Self::with_token(billing, got.body["access_token"].as_str().unwrap())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = if path.starts_with("/health") || path == "/" {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str) -> Got {
        got(self.request(method, path)).await.unwrap()
    }

    pub(crate) async fn send_body(&self, method: Method, path: &str, body: &Value) -> Got {
        got(self.request(method, path).json(body)).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Got {
        self.send(Method::DELETE, path).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        self.send_body(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Got {
        self.send_body(Method::PUT, path, body).await
    }

    /// Posts, expects this status, and returns the body.
    pub(crate) async fn make(&self, path: &str, body: &Value, status: u16) -> Value {
        let got = self.post(path, body).await;
        assert_eq!(got.status, status, "{got:?}");
        got.body
    }

    /// Gets a list.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let got = self.get(path).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.body.as_array().unwrap().clone()
    }

    /// Creates a customer and returns its id.
    pub(crate) async fn customer(&self, name: &str) -> String {
        let made = self.make("/customers", &customer(name), 200).await;
        id_of(&made)
    }

    /// Creates a product plan and returns its id.
    pub(crate) async fn plan(&self, name: &str, monthly: f64) -> String {
        let body =
            json!({ "name": name, "price_monthly": monthly, "price_yearly": monthly * 10.0 });
        id_of(&self.make("/plans/", &body, 201).await)
    }
}

pub(crate) async fn log_in(billing: &Billing, email: &str, password: &str) -> Got {
    let body = json!({ "email": email, "password": password });
    User::nobody(billing).post("/auth/login", &body).await
}

pub(crate) fn address(name: &str) -> String {
    format!("{name}@fields.example")
}

pub(crate) fn customer(name: &str) -> Value {
    json!({ "email": address(name), "full_name": name, "password": PASSWORD })
}

pub(crate) fn id_of(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn billing() -> Billing {
    Billing::start(BillingSettings::new("billing1"))
        .await
        .unwrap()
}

pub(crate) async fn billing_and_administrator() -> (Billing, User) {
    let billing = billing().await;
    let administrator = User::administrator(&billing).await;
    (billing, administrator)
}

/// A backend, its administrator, and a customer who is logged in, with the customer's id.
pub(crate) async fn three_parties() -> (Billing, User, User, String) {
    let (billing, administrator) = billing_and_administrator().await;
    let id = administrator.customer("ada").await;
    let ada = User::logged_in(&billing, &address("ada"), PASSWORD).await;
    (billing, administrator, ada, id)
}
