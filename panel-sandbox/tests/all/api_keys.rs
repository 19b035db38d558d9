//! What each kind of key may do.

use panel_sandbox::nextpanel_panel::{KeyKind, operations};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::caller::{ACCOUNTS, Caller, got, panel, panel_and_caller, wanted};

const UNDER_PRIVILEGED: &str =
    "Authentication failed (403): The user doesn't have super admin privileges";

#[tokio::test]
async fn each_kind_of_key_reads_and_writes_as_its_level_allows() {
    for (kind, read, write) in [
        (KeyKind::SuperAdmin, (200, None), (201, None)),
        (KeyKind::Admin, (200, None), (403, Some(UNDER_PRIVILEGED))),
        (KeyKind::Billing, (200, None), (403, Some(UNDER_PRIVILEGED))),
        (
            KeyKind::ReadOnly,
            (200, None),
            (403, Some(UNDER_PRIVILEGED)),
        ),
        (
            KeyKind::Revoked,
            (401, Some("API key is revoked")),
            (401, Some("API key is revoked")),
        ),
        (
            KeyKind::IpLocked,
            (403, Some("IP address not allowed")),
            (403, Some("IP address not allowed")),
        ),
    ] {
        let panel = panel().await;
        let stranger = panel.add_stranger("theo").unwrap();
        let caller = Caller::with_key(&panel, kind);
        let item = format!("{ACCOUNTS}/{}", stranger.id);
        for path in [ACCOUNTS.to_owned(), item.clone(), format!("{item}/stats")] {
            let got = caller.get(&path).await;
            assert_eq!(
                (got.status, got.body.get("detail").and_then(Value::as_str)),
                read,
                "{kind:?} GET {path}"
            );
        }
        let got = caller.create(&wanted("ada")).await.unwrap();
        let detail = got.body.get("detail").and_then(Value::as_str);
        assert_eq!((got.status, detail), write, "{kind:?}");
        let expected = if write.0 == 201 { 200 } else { write.0 };
        for end in ["/suspend", "/unsuspend"] {
            let got = caller.post(&format!("{item}{end}"), &json!({})).await;
            assert_eq!(got.status, expected, "{kind:?} {end}");
        }
        assert_eq!(caller.delete(&item).await.status, expected, "{kind:?}");
    }
}

#[tokio::test]
async fn wrong_and_missing_keys_are_refused() {
    let panel = panel().await;
    let caller = Caller::without_key(&panel);
    let key = panel.key(KeyKind::SuperAdmin);
    let other = panel.key(KeyKind::Billing);
    let try_with = async |id: Option<&str>, secret: Option<&str>| {
        let mut request = caller.request(reqwest::Method::GET, ACCOUNTS);
        if let Some(id) = id {
            request = request.header("X-API-Key", id);
        }
        if let Some(secret) = secret {
            request = request.header("X-API-Secret", secret);
        }
        let got = got(request).await.unwrap();
        (got.status, got.body["detail"].clone())
    };
    let invalid = (401, json!("Invalid API key"));
    let missing = (403, json!("Not authenticated"));
    let secret = key.secret().expose_secret();
    assert_eq!(try_with(Some(key.id()), Some("nps_wrong")).await, invalid);
    assert_eq!(try_with(Some("npk_unknown"), Some(secret)).await, invalid);
    assert_eq!(try_with(Some(other.id()), Some(secret)).await, invalid);
    assert_eq!(try_with(None, Some(secret)).await, missing);
    assert_eq!(try_with(Some(key.id()), None).await, missing);
    assert_eq!(try_with(Some(key.id()), Some(secret)).await.0, 200);
}

#[tokio::test]
async fn keys_have_the_documented_form_and_show_no_secret() {
    let panel = panel().await;
    for kind in KeyKind::ALL {
        let key = panel.key(kind);
        assert_eq!((&key.id()[..4], key.id().len()), ("npk_", 47));
        let secret = key.secret().expose_secret();
        assert_eq!((&secret[..4], secret.len()), ("nps_", 68));
        assert!(!format!("{key:?}").contains(secret));
    }
}

#[tokio::test]
async fn the_administrator_creates_keys_that_work() {
    let (panel, caller) = panel_and_caller().await;
    let admin = panel.admin();
    let login = caller
        .login(admin.username(), admin.password().expose_secret())
        .await;
    assert_eq!(
        (login.status, &login.body["token_type"]),
        (200, &json!("bearer"))
    );
    let token = login.body["access_token"].as_str().unwrap();
    let create = async |token: &str, body: Value| {
        let request = Caller::without_key(&panel)
            .request(reqwest::Method::POST, "/api/api-keys/")
            .bearer_auth(token)
            .json(&body);
        got(request).await.unwrap()
    };
    let list_with = async |created: &Value| {
        let request = Caller::without_key(&panel)
            .request(reqwest::Method::GET, ACCOUNTS)
            .header("x-api-key", created["key_id"].as_str().unwrap())
            .header("x-api-secret", created["key_secret"].as_str().unwrap());
        got(request).await.unwrap().status
    };
    let created = create(
        token,
        json!({ "name": "shop", "permission_level": "billing" }),
    )
    .await;
    assert_eq!(created.status, 201);
    assert_eq!(created.body["permission_level"], "BILLING");
    assert_eq!(list_with(&created.body).await, 200);

    let locked = json!({
        "name": "shop", "permission_level": "SUPER_ADMIN", "allowed_ips": ["198.51.100.4"],
    });
    let locked = create(token, locked).await;
    assert_eq!(list_with(&locked.body).await, 403);

    let wrong = json!({ "permission_level": "GOD", "allowed_ips": ["home"] });
    let wrong = create(token, wrong).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.body["detail"].as_array().unwrap().len(), 3);

    let body = json!({ "name": "shop", "permission_level": "ADMIN" });
    assert_eq!(create("nonsense", body.clone()).await.status, 401);
    caller.create(&wanted("ada")).await.unwrap();
    let login = caller.login("ada", "Corr3ct-horse").await;
    let token = login.body["access_token"].as_str().unwrap();
    assert_eq!(create(token, body.clone()).await.status, 403);
    let without = caller.post("/api/api-keys/", &body).await;
    assert_eq!(
        (without.status, without.detail()),
        (403, "Not authenticated")
    );

    let recorded = panel.requests_for(&operations::CREATE_API_KEY);
    assert_eq!(recorded[0].header("authorization"), Some("[secret]"));
}
