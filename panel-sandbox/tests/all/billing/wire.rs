//! What all endpoints have in common.

use panel_sandbox::nextpanel_billing::{Billing, BillingSettings};
use panel_sandbox::nextpanel_panel::PanelSettings;
use panel_sandbox::{PanelSandbox, StartError};
use reqwest::Method;
use serde_json::{Value, json};

use super::user::{PASSWORD, User, address, billing, three_parties};
use crate::caller::got;

#[tokio::test]
async fn the_wrong_slash_redirects_to_an_absolute_address_made_of_the_host() {
    let billing = billing().await;
    let nobody = User::nobody(&billing);
    for (method, path, expected) in [
        (
            Method::GET,
            "/plans?is_active=true",
            "/plans/?is_active=true",
        ),
        (Method::GET, "/customers/", "/customers"),
        (Method::POST, "/orders/", "/orders"),
        (Method::POST, "/invoices", "/invoices/"),
        (Method::GET, "/nextpanel/servers/", "/nextpanel/servers"),
    ] {
        let request = nobody
            .request(method, path)
            .header("host", "billing.fields.example");
        let got = got(request).await.unwrap();
        assert_eq!((got.status, &got.body), (307, &json!("")), "{path}");
        let location = got.headers["location"].to_str().unwrap();
        assert_eq!(
            location,
            format!("http://billing.fields.example/api/v1{expected}")
        );
    }
    let request = nobody
        .request(Method::GET, "/plans")
        .header("x-forwarded-proto", "https");
    let got = got(request).await.unwrap();
    assert!(
        got.headers["location"]
            .to_str()
            .unwrap()
            .starts_with("https://127.0.0.1:")
    );
}

#[tokio::test]
async fn a_422_echoes_everything_that_was_sent() {
    let billing = billing().await;
    let nobody = User::nobody(&billing);
    let got = nobody
        .post("/auth/login", &json!({ "password": PASSWORD }))
        .await;
    assert_eq!(
        got.body,
        json!({
            "detail": [{
                "type": "missing",
                "loc": ["body", "email"],
                "msg": "Field required",
                "input": { "password": PASSWORD },
                "url": "https://errors.pydantic.dev/2.6/v/missing",
            }],
            "body": { "password": PASSWORD },
        })
    );
    assert!(!got.headers.contains_key("retry-after"));
    assert_eq!(got.headers["content-type"], "application/json");
}

async fn log_in_with(
    user: &User,
    content_type: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    let mut request = user.request(Method::POST, "/auth/login").body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let got = got(request).await.unwrap();
    (got.status, got.body)
}

#[tokio::test]
async fn json_is_what_is_called_so_or_not_called_anything() {
    let (billing, _, _, _) = three_parties().await;
    let nobody = User::nobody(&billing);
    let body = json!({ "email": address("ada"), "password": PASSWORD }).to_string();
    for content_type in [
        None,
        Some("application/json; charset=utf-8"),
        Some("application/vnd.fields+json"),
    ] {
        let (status, _) = log_in_with(&nobody, content_type, body.clone()).await;
        assert_eq!(status, 200, "{content_type:?}");
    }
    let marked = format!("\u{feff}{body}");
    assert_eq!(log_in_with(&nobody, None, marked).await.0, 200);
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let (status, answer) = log_in_with(&nobody, Some(content_type), body.clone()).await;
        assert_eq!(status, 500);
        assert_eq!(
            answer["detail"],
            "Internal server error: Object of type bytes is not JSON serializable"
        );
    }
    let json_type = Some("application/json");
    let twice = body.replacen('{', "{\"email\":\"eve@fields.example\",", 1);
    assert_eq!(
        log_in_with(&nobody, json_type, twice).await.0,
        200,
        "the last one counts"
    );
    let (status, answer) = log_in_with(&nobody, json_type, "{\"email\": oops}").await;
    assert_eq!(status, 422);
    assert_eq!(answer["detail"][0]["type"], "json_invalid");
    assert!(answer["detail"][0]["loc"][1].is_u64());
    assert!(answer["detail"][0].get("url").is_none());
    assert_eq!(answer["body"], "{\"email\": oops}");
    let (status, answer) = log_in_with(&nobody, json_type, "").await;
    assert_eq!((status, &answer["body"]), (422, &Value::Null));
    let (status, _) = log_in_with(&nobody, json_type, vec![b'"', 0xff, b'"']).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn what_does_not_exist_is_told_from_what_is_left_out_here() {
    let (billing, administrator, _, _) = three_parties().await;
    for (method, path, expected) in [
        (Method::GET, "/nonsense", (404, "Not Found")),
        (Method::GET, "/nextpanel/accounts", (404, "Not Found")),
        (
            Method::GET,
            "/nextpanel/accounts/1",
            (405, "Method Not Allowed"),
        ),
        (Method::PUT, "/nextpanel/servers/1", (404, "Not Found")),
        (Method::DELETE, "/nextpanel/servers/1", (404, "Not Found")),
        (Method::PATCH, "/plans/1", (405, "Method Not Allowed")),
    ] {
        let got = administrator.send(method, path).await;
        assert_eq!(got.refusal(), expected, "{path}");
    }
    let got = administrator.get("/coupons/").await;
    assert_eq!(
        got.refusal(),
        (
            500,
            "panel-sandbox: nobody expected GET /api/v1/coupons/ on the NextPanel billing backend"
        )
    );
    assert_eq!(billing.unexpected_requests().len(), 7);
}

#[tokio::test]
async fn a_sandbox_holds_panels_and_backends_under_different_names() {
    let sandbox = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("srv1"))
        .nextpanel_billing(BillingSettings::new("billing1"))
        .start()
        .await
        .unwrap();
    assert!(sandbox.nextpanel_billing("srv1").is_none());
    let billing = sandbox.nextpanel_billing("billing1").unwrap();
    assert_eq!(sandbox.nextpanel_billings().len(), 1);
    billing.arm("server-full".parse().unwrap()).unwrap();
    sandbox.heal();
    assert!(billing.armed().is_empty());
    assert_eq!(sandbox.settle().await, 0);
    let error = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("one"))
        .nextpanel_billing(BillingSettings::new("one"))
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::NameTwice { name } if name == "one"));
}

#[tokio::test]
async fn the_same_requests_give_the_same_ids_and_timestamps() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (_billing, administrator, _, _) = three_parties().await;
        administrator.plan("Small", 5.0).await;
        runs.push((
            administrator.list("/customers").await,
            administrator.list("/plans/").await,
        ));
    }
    assert_eq!(runs[0], runs[1]);
    let other = Billing::start(BillingSettings::new("billing2"))
        .await
        .unwrap();
    assert_ne!(
        User::administrator(&other).await.customer("ada").await,
        runs[0].0[0]["id"]
    );
}
