//! Logging in, and what becomes of tokens that are not good.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind, operations};
use panel_sandbox::{ArmError, Fault};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::caller::{BOTH, Caller, admin_of, legacy, mpanel, start, type_script};

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_legacy_login_gives_one_token_that_lasts_a_week() {
    let mpanel = legacy().await;
    let got = Caller::stranger(&mpanel)
        .login(&mpanel, UserKind::Admin)
        .await;
    assert_eq!(got.status, 200);
    let id = mpanel.user(UserKind::Admin).id().to_owned();
    assert_eq!(
        got.body["user"],
        json!({
            "id": id, "email": "admin@hosting.example", "firstName": "Ann", "lastName": "Admin",
            "role": "admin",
        })
    );
    assert_eq!(got.body.as_object().unwrap().len(), 2);
    let claims = claims(got.body["token"].as_str().unwrap());
    assert_eq!(claims["id"], json!(id));
    assert_eq!(claims["role"], "admin");
    assert_eq!(claims["tenant_id"], json!(mpanel.tenant_id()));
    let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(lifetime, 7 * 24 * 3600);
    let root = Caller::stranger(&mpanel)
        .login(&mpanel, UserKind::SuperAdmin)
        .await;
    let claims = self::claims(root.body["token"].as_str().unwrap());
    assert_eq!(claims["tenant_id"], Value::Null);
}

#[tokio::test]
async fn a_type_script_login_gives_two_tokens_and_the_tenant() {
    let mpanel = type_script().await;
    let got = Caller::stranger(&mpanel)
        .login(&mpanel, UserKind::Admin)
        .await;
    assert_eq!(got.status, 200);
    let body = &got.body;
    assert_eq!(
        (&body["tokenType"], &body["expiresIn"]),
        (&json!("Bearer"), &json!(900))
    );
    assert_eq!(body["user"]["displayName"], "Ann Admin");
    assert_eq!(body["activeTenant"]["role"], "OWNER");
    assert_eq!(
        body["activeTenant"]["tenantSlug"],
        json!(mpanel.tenant_slug())
    );
    assert_eq!(body["tenants"], json!([body["activeTenant"]]));
    let access = claims(body["accessToken"].as_str().unwrap());
    assert_eq!(
        (&access["type"], &access["aud"], &access["role"]),
        (&json!("access"), &json!("mpanel-api"), &json!("OWNER"))
    );
    assert_eq!(access["id"], Value::Null);
    let refresh = claims(body["refreshToken"].as_str().unwrap());
    assert_eq!(refresh["aud"], "mpanel-refresh");
}

#[tokio::test]
async fn logins_are_refused_in_each_dialects_words() {
    let legacy_server = legacy().await;
    let type_script_server = type_script().await;
    let ok = |mpanel: &MPanel| {
        mpanel
            .user(UserKind::Admin)
            .password()
            .expose_secret()
            .to_owned()
    };
    let admin = "admin@hosting.example";
    let password = ok(&legacy_server);
    for (body, on_legacy, on_type_script) in [
        (
            json!({}),
            (400, "Email and password are required"),
            (400, "Validation error"),
        ),
        (
            json!({ "email": admin }),
            (400, "Email and password are required"),
            (400, "Validation error"),
        ),
        (
            json!({ "email": admin, "password": 7 }),
            (500, "Login failed"),
            (401, "Authentication failed"),
        ),
        (
            json!({ "email": admin, "password": "no" }),
            (401, "Invalid credentials"),
            (401, "Authentication failed"),
        ),
        // Only one of the two minds capitals, only the other minds a space.
        (
            json!({ "email": "Admin@Hosting.example", "password": password }),
            (401, "Invalid credentials"),
            (200, ""),
        ),
        (
            json!({ "email": " admin@hosting.example", "password": password }),
            (401, "Invalid credentials"),
            (400, "Validation error"),
        ),
    ] {
        for (mpanel, expected) in [
            (&legacy_server, on_legacy),
            (&type_script_server, on_type_script),
        ] {
            let got = Caller::stranger(mpanel)
                .post("/api/auth/login", &body)
                .await;
            assert_eq!((got.status, got.error()), expected, "{body} {mpanel:?}");
        }
    }
    for mpanel in [&legacy_server, &type_script_server] {
        let caller = Caller::stranger(mpanel);
        assert_eq!(caller.login(mpanel, UserKind::Suspended).await.status, 401);
    }
    let stranger = Caller::stranger(&legacy_server);
    assert_eq!(
        stranger
            .login(&legacy_server, UserKind::Outsider)
            .await
            .status,
        200
    );
    let stranger = Caller::stranger(&type_script_server);
    assert_eq!(
        stranger
            .login(&type_script_server, UserKind::Outsider)
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn me_is_snake_case_on_one_server_and_camel_case_on_the_other() {
    let mpanel = legacy().await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let user = caller.get("/api/auth/me").await.body["user"].clone();
    assert_eq!(user["first_name"], "Ann");
    assert_eq!(user["tenant_id"], json!(mpanel.tenant_id()));
    assert_eq!(user["created_at"], "2026-02-03T08:30:00.125Z");

    let mpanel = type_script().await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = caller.get("/api/auth/me").await;
    assert_eq!(got.body["user"]["firstName"], "Ann");
    assert_eq!(got.body["activeTenant"], got.body["tenants"][0]);
    let tenants = caller.get("/api/auth/me/tenants").await;
    assert_eq!(tenants.body["tenants"][0], got.body["activeTenant"]);
    assert_eq!(
        caller.post("/api/auth/logout", &json!({})).await.status,
        200
    );
    assert_eq!(
        caller.get("/api/auth/me").await.status,
        200,
        "the token is as good as before"
    );
}

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_and_nothing_else_does() {
    let mpanel = type_script().await;
    let stranger = Caller::stranger(&mpanel);
    let login = stranger.login(&mpanel, UserKind::Admin).await;
    let refresh = |token: &Value| json!({ "refreshToken": token });
    let got = stranger
        .post("/api/auth/refresh", &refresh(&login.body["refreshToken"]))
        .await;
    assert_eq!(got.status, 200);
    assert_eq!(got.body.as_object().unwrap().len(), 4);
    let token = got.body["accessToken"].as_str().unwrap();
    let caller = Caller::stranger(&mpanel).with_token(token);
    assert_eq!(caller.get("/api/auth/me").await.status, 200);

    for bad in [&login.body["accessToken"], &json!("x.y.z")] {
        let got = stranger.post("/api/auth/refresh", &refresh(bad)).await;
        assert_eq!((got.status, got.error()), (401, "Token refresh failed"));
        assert_eq!(got.message(), "Invalid or expired refresh token");
    }
    let got = stranger.post("/api/auth/refresh", &json!({})).await;
    assert_eq!((got.status, got.error()), (400, "Validation error"));
}

#[tokio::test]
async fn on_a_legacy_server_refreshing_is_what_the_tail_makes_of_it() {
    let settings = || MPanelSettings::new("main", Generation::Legacy);
    let body = json!({ "refreshToken": "x.y.z" });
    for (settings, status, error) in [
        (settings(), 401, "Token refresh failed"),
        (
            settings().with_broken_type_script_auth(true),
            500,
            "TypeError",
        ),
        (
            settings().with_type_script_tail(false),
            404,
            "Route not found (debug)",
        ),
    ] {
        let mpanel = start(settings).await;
        let got = Caller::stranger(&mpanel)
            .post("/api/auth/refresh", &body)
            .await;
        assert_eq!((got.status, got.error()), (status, error));
        assert_eq!(mpanel.unexpected_requests().len(), 1);
    }
}

/// Status, error text and code where the token is: missing, expired, garbage.
async fn refusals(mpanel: &MPanel, path: &str, token: &str) -> Vec<(u16, String, Value)> {
    mpanel.expire_tokens();
    let mut refusals = Vec::new();
    for caller in [
        Caller::stranger(mpanel),
        Caller::stranger(mpanel).with_token(token),
        Caller::stranger(mpanel).with_token("a.b.c"),
    ] {
        let got = caller.get(path).await;
        refusals.push((got.status, got.error().to_owned(), got.body["code"].clone()));
    }
    refusals
}

#[tokio::test]
async fn bad_tokens_are_refused_in_three_ways() {
    let expected = |rows: [(u16, &str, Option<&str>); 3]| {
        rows.map(|(status, error, code)| (status, error.to_owned(), json!(code)))
            .to_vec()
    };
    let mpanel = legacy().await;
    let token = mpanel.legacy_token(UserKind::Admin);
    assert_eq!(
        refusals(&mpanel, "/api/customers", token.expose_secret()).await,
        expected([
            (401, "Unauthorized", Some("AUTH_REQUIRED")),
            (401, "Token expired", Some("TOKEN_EXPIRED")),
            (401, "Invalid token", Some("AUTH_INVALID")),
        ])
    );
    let mpanel = type_script().await;
    let token = mpanel.legacy_token(UserKind::Admin);
    assert_eq!(
        refusals(&mpanel, "/api/customers", token.expose_secret()).await,
        expected([
            (401, "Access token required", None),
            (403, "Invalid or expired token", None),
            (403, "Invalid or expired token", None),
        ])
    );
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    assert_eq!(
        refusals(&mpanel, "/api/products", caller.token()).await,
        expected([
            (401, "Unauthorized", None),
            (401, "Token expired", None),
            (401, "Invalid token", None),
        ])
    );
}

#[tokio::test]
async fn a_token_of_one_dialect_is_little_worth_in_the_other() {
    let mpanel = type_script().await;
    let got = admin_of(&mpanel).get("/api/products").await;
    assert_eq!(
        (got.status, got.error(), got.message()),
        (401, "Invalid token", "Authentication failed")
    );

    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = owner.get("/api/auth/permissions").await;
    assert_eq!((got.status, got.error()), (404, "User not found"));
    let got = owner.get("/api/provisioning/tasks").await;
    assert_eq!((got.status, got.error()), (403, "Insufficient permissions"));
    let got = admin_of(&mpanel).get("/api/provisioning/tasks").await;
    assert_eq!((got.status, got.error()), (401, "Invalid token"));
}

#[tokio::test]
async fn a_token_in_the_query_passes_the_gate_and_no_further() {
    let mpanel = legacy().await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let path = format!("/api/auth/me?token={}", caller.token());
    let got = Caller::stranger(&mpanel).get(&path).await;
    assert_eq!((got.status, got.error()), (401, "Access token required"));
}

#[tokio::test]
async fn lifetimes_are_as_set() {
    let settings =
        MPanelSettings::new("main", Generation::Legacy).with_legacy_token_lifetime(Duration::ZERO);
    let mpanel = start(settings).await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = caller.get("/api/auth/me").await;
    assert_eq!((got.status, got.error()), (401, "Token expired"));

    let settings = MPanelSettings::new("main", Generation::TypeScript)
        .with_access_token_lifetime(Duration::ZERO)
        .with_refresh_token_lifetime(Duration::from_secs(60));
    let mpanel = start(settings).await;
    let login = Caller::stranger(&mpanel)
        .login(&mpanel, UserKind::Admin)
        .await;
    assert_eq!(login.body["expiresIn"], 0);
    let claims = claims(login.body["refreshToken"].as_str().unwrap());
    let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(lifetime, 60);
}

#[tokio::test]
async fn expired_token_strikes_once_and_that_token_stays_expired() {
    for generation in BOTH {
        let mpanel = mpanel(generation).await;
        mpanel.arm(Fault::ExpiredToken).unwrap();
        let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
        for _ in 0..2 {
            let got = caller.get("/api/auth/me").await;
            assert_eq!((got.status, got.error()), (401, "Token expired"));
        }
        assert_eq!(mpanel.times_struck(Fault::ExpiredToken), 1);
        let again = Caller::logged_in(&mpanel, UserKind::Admin).await;
        assert_eq!(again.get("/api/auth/me").await.status, 200);
    }
}

#[tokio::test]
async fn a_refresh_token_outlives_its_access_token() {
    let mpanel = type_script().await;
    let stranger = Caller::stranger(&mpanel);
    let login = stranger.login(&mpanel, UserKind::Admin).await;
    let refresh = json!({ "refreshToken": login.body["refreshToken"] });
    mpanel.expire_tokens();
    assert_eq!(
        stranger.post("/api/auth/refresh", &refresh).await.status,
        200
    );
    mpanel.forget_tokens();
    assert_eq!(
        stranger.post("/api/auth/refresh", &refresh).await.status,
        401
    );
}

#[tokio::test]
async fn forgets_tokens_makes_the_next_good_token_unknown() {
    for generation in BOTH {
        let mpanel = mpanel(generation).await;
        mpanel.arm(Fault::ForgetsTokens).unwrap();
        let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
        let got = caller.get("/api/auth/me").await;
        assert_eq!((got.status, got.error()), (401, "Invalid token"));
        assert_eq!(caller.get("/api/auth/me").await.status, 401);
        assert_eq!(mpanel.times_struck(Fault::ForgetsTokens), 1);
        let again = Caller::logged_in(&mpanel, UserKind::Admin).await;
        assert_eq!(again.get("/api/auth/me").await.status, 200);
    }
    let error = legacy()
        .await
        .arm_for(Fault::ForgetsTokens, operations::ME, 1)
        .unwrap_err();
    assert!(matches!(error, ArmError::WholeService { .. }));
}

#[tokio::test]
async fn broken_as_checked_in_no_type_script_route_can_check_a_token() {
    let settings =
        MPanelSettings::new("main", Generation::TypeScript).with_broken_type_script_auth(true);
    let mpanel = start(settings).await;
    let stranger = Caller::stranger(&mpanel);
    let got = stranger.login(&mpanel, UserKind::Admin).await;
    assert_eq!(
        (got.status, got.error(), got.message()),
        (500, "TypeError", "An error occurred")
    );
    assert!(got.body["requestId"].is_string() && got.body["timestamp"].is_string());
    let wrong = json!({ "email": "admin@hosting.example", "password": "no" });
    assert_eq!(stranger.post("/api/auth/login", &wrong).await.status, 401);
    assert_eq!(stranger.get("/api/products").await.status, 401);
    let got = stranger.with_token("garbage").get("/api/products").await;
    assert_eq!(got.status, 500);
    assert_eq!(
        (got.error(), got.message()),
        ("Internal server error", "Authentication check failed")
    );
    assert_eq!(admin_of(&mpanel).get("/api/customers").await.status, 200);
}

#[tokio::test]
async fn permissions_are_those_of_the_role_and_customers_have_none() {
    let mpanel = legacy().await;
    let of = async |kind| {
        let caller = Caller::logged_in(&mpanel, kind).await;
        let body = caller.get("/api/auth/permissions").await.body;
        let names: Vec<String> = body["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect();
        (body["role"]["level"].clone(), names)
    };
    let (level, root) = of(UserKind::SuperAdmin).await;
    assert_eq!(level, 0);
    assert!(root.contains(&"roles.read".to_owned()));
    let (level, admin) = of(UserKind::Admin).await;
    assert_eq!(level, 1);
    assert!(!admin.contains(&"roles.read".to_owned()));
    assert!(admin.contains(&"provisioning.retry".to_owned()));
    let (level, customer) = of(UserKind::Customer).await;
    assert_eq!((level, customer.len()), (json!(7), 0));
}

#[tokio::test]
async fn registering_twice_is_no_error_and_a_new_password_gives_an_odd_token() {
    for generation in BOTH {
        let mpanel = mpanel(generation).await;
        let stranger = Caller::stranger(&mpanel);
        let body = json!({ "email": "new@clients.example", "firstName": "Nina" });
        let got = stranger.post("/api/auth/register", &body).await;
        assert_eq!(
            (got.status, &got.body["user"]["role"]),
            (200, &json!("customer"))
        );
        let again = stranger.post("/api/auth/register", &body).await;
        assert_eq!(
            (again.status, &again.body["alreadyExists"]),
            (200, &json!(true))
        );
        let got = stranger.post("/api/auth/register", &json!({})).await;
        assert_eq!((got.status, got.error()), (400, "Email is required"));

        let user = mpanel.user(UserKind::Customer);
        let body = json!({
            "email": user.email(),
            "tempPassword": user.password().expose_secret(),
            "newPassword": "a new password",
        });
        let without = stranger.post("/api/auth/set-password", &body).await;
        let expected = if generation == Generation::Legacy {
            401
        } else {
            200
        };
        assert_eq!(without.status, expected);
        let got = if expected == 200 {
            without
        } else {
            admin_of(&mpanel)
                .post("/api/auth/set-password", &body)
                .await
        };
        let token = got.body["token"].as_str().unwrap();
        let caller = Caller::stranger(&mpanel).with_token(token);
        let me = caller.get("/api/auth/me").await;
        let refused = if generation == Generation::Legacy {
            (404, "User not found")
        } else {
            (401, "Invalid token")
        };
        assert_eq!((me.status, me.error()), refused);
    }
}
