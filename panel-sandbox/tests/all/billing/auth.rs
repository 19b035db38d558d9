//! Logging in, tokens, and oneself.

use std::time::Duration;

use panel_sandbox::Fault;
use panel_sandbox::nextpanel_billing::{Billing, BillingSettings, Resource, operations};
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use secrecy::ExposeSecret;
use serde_json::json;

use super::user::{
    PASSWORD, User, address, billing, billing_and_administrator, customer, id_of, log_in,
    three_parties,
};
use crate::caller::got;

#[tokio::test]
async fn whoever_registers_is_no_administrator_and_can_log_in() {
    let billing = billing().await;
    let nobody = User::nobody(&billing);
    let body = json!({
        "email": "  Ada@Fields.Example ",
        "full_name": "Ada Field",
        "password": PASSWORD,
        "is_admin": true,
    });
    let made = nobody.make("/auth/register", &body, 201).await;
    assert_eq!(made["email"], "Ada@fields.example");
    assert_eq!(made["is_admin"], false);
    assert_eq!(made["company_name"], json!(null));
    // Only the part before the @ has a case.
    let got = log_in(&billing, "Ada@FIELDS.example", PASSWORD).await;
    assert_eq!(got.body["token_type"], "bearer");
    let ada = User::with_token(&billing, got.body["access_token"].as_str().unwrap());
    assert_eq!(ada.get("/auth/me").await.body, made);
    let got = nobody.post("/auth/register", &body).await;
    assert_eq!(got.refusal(), (400, "Email already registered"));
    let other_case = json!({ "email": address("ada"), "full_name": "Ada", "password": PASSWORD });
    nobody.make("/auth/register", &other_case, 201).await;
    assert_eq!(
        billing.times_created(Resource::Users, "Ada@fields.example"),
        1
    );
}

#[tokio::test]
async fn reserved_domains_and_short_passwords_are_refused_at_once_with_everything_sent() {
    let billing = billing().await;
    let body = json!({ "email": "ada@panel.test", "full_name": "Ada", "password": "1234567" });
    let got = User::nobody(&billing).post("/auth/register", &body).await;
    assert_eq!(got.status, 422);
    let problems = &got.body["detail"];
    assert_eq!(problems[0]["type"], "value_error");
    assert_eq!(problems[0]["loc"], json!(["body", "email"]));
    assert!(problems[0]["ctx"]["reason"].is_string());
    assert_eq!(problems[1]["type"], "string_too_short");
    assert_eq!(problems[1]["ctx"], json!({ "min_length": 8 }));
    assert_eq!(got.body["body"], body);
}

#[tokio::test]
async fn what_is_wrong_with_a_login_is_not_told_but_for_an_inactive_user() {
    let (billing, administrator, _, id) = three_parties().await;
    for (email, password) in [
        (address("ada"), "nonsense"),
        (address("eve"), PASSWORD),
        (address("ada"), ""),
        (address("Ada"), PASSWORD),
    ] {
        let got = log_in(&billing, &email, password).await;
        assert_eq!(
            got.refusal(),
            (401, "Incorrect email or password"),
            "{email}"
        );
    }
    administrator
        .put(&format!("/customers/{id}"), &json!({ "is_active": false }))
        .await;
    let got = log_in(&billing, &address("ada"), PASSWORD).await;
    assert_eq!(got.refusal(), (400, "Inactive user"));
}

#[tokio::test]
async fn a_deactivated_users_token_keeps_working() {
    let (_billing, administrator, ada, id) = three_parties().await;
    administrator
        .put(&format!("/customers/{id}"), &json!({ "is_active": false }))
        .await;
    assert_eq!(ada.get("/auth/me").await.body["is_active"], false);
}

#[tokio::test]
async fn a_password_over_72_bytes_is_a_500_and_betrays_whether_the_user_exists() {
    let (billing, administrator, _, id) = three_parties().await;
    let long = "ä".repeat(37);
    assert_eq!(log_in(&billing, &address("ada"), &long).await.status, 500);
    assert_eq!(log_in(&billing, &address("eve"), &long).await.status, 401);
    let body = json!({ "email": address("eve"), "full_name": "Eve", "password": long });
    for path in ["/auth/register", "/customers", "/admin/users"] {
        let got = administrator.post(path, &body).await;
        assert_eq!(got.status, 500, "{path}");
        assert!(got.detail().contains("72 bytes"), "{got:?}");
    }
    let path = format!("/customers/{id}");
    assert_eq!(
        administrator
            .put(&path, &json!({ "password": long }))
            .await
            .status,
        500
    );
    assert_eq!(billing.times_created(Resource::Users, &address("eve")), 0);
}

#[tokio::test]
async fn no_token_is_a_403_and_a_bad_one_a_401() {
    let (billing, administrator) = billing_and_administrator().await;
    let nobody = User::nobody(&billing);
    for (header, expected) in [
        (None, (403, "Not authenticated")),
        (Some(""), (403, "Not authenticated")),
        (Some("Bearer "), (403, "Not authenticated")),
        (
            Some("Basic YTpi"),
            (403, "Invalid authentication credentials"),
        ),
        (
            Some("Bearer nonsense"),
            (401, "Could not validate credentials"),
        ),
        (
            Some("Bearer a.b.c"),
            (401, "Could not validate credentials"),
        ),
    ] {
        let mut request = nobody.request(Method::GET, "/auth/me");
        if let Some(header) = header {
            request = request.header(AUTHORIZATION, header);
        }
        let got = got(request).await.unwrap();
        assert_eq!(got.refusal(), expected, "{header:?}");
        assert!(!got.headers.contains_key("www-authenticate"));
    }
    let admin = billing.admin();
    let token = log_in(&billing, admin.email(), admin.password().expose_secret()).await;
    let token = token.body["access_token"].as_str().unwrap();
    let lower = nobody
        .request(Method::GET, "/auth/me")
        .header(AUTHORIZATION, format!("bearer {token}"));
    assert_eq!(got(lower).await.unwrap().status, 200);
    assert_eq!(administrator.get("/customers").await.status, 200);
}

#[tokio::test]
async fn an_access_token_ends_and_a_refresh_token_is_taken_for_one() {
    let (billing, _, ada, _) = three_parties().await;
    let tokens = log_in(&billing, &address("ada"), PASSWORD).await.body;
    let refresh = User::with_token(&billing, tokens["refresh_token"].as_str().unwrap());
    billing.let_time_pass(Duration::from_secs(14 * 60));
    assert_eq!(ada.get("/auth/me").await.status, 200);
    billing.let_time_pass(Duration::from_secs(60));
    let got = ada.get("/auth/me").await;
    assert_eq!(got.refusal(), (401, "Could not validate credentials"));
    assert_eq!(refresh.get("/auth/me").await.status, 200);
    billing.let_time_pass(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(refresh.get("/auth/me").await.status, 401);
    for path in ["/auth/refresh", "/auth/logout", "/auth/token"] {
        assert_eq!(
            ada.post(path, &json!({})).await.refusal(),
            (404, "Not Found")
        );
    }
}

#[tokio::test]
async fn the_lifetime_of_tokens_can_be_set() {
    let settings = BillingSettings::new("billing1").with_token_lifetime(Duration::ZERO);
    let billing = Billing::start(settings).await.unwrap();
    let administrator = User::administrator(&billing).await;
    assert_eq!(administrator.get("/auth/me").await.status, 401);
}

#[tokio::test]
async fn tokens_can_be_expired_or_forgotten_and_a_new_login_helps() {
    for fault in [Fault::ExpiredToken, Fault::ForgetsTokens] {
        let (billing, administrator, ada, _) = three_parties().await;
        billing.arm(fault).unwrap();
        for user in [&administrator, &ada, &administrator] {
            let got = user.get("/plans/categories").await;
            assert_eq!(got.status, 200, "{fault}");
            let got = user.get("/auth/me").await;
            assert_eq!(
                got.refusal(),
                (401, "Could not validate credentials"),
                "{fault}"
            );
        }
        assert_eq!(billing.times_struck(fault), 3, "{fault}");
        let again = User::logged_in(&billing, &address("ada"), PASSWORD).await;
        assert_eq!(again.get("/auth/me").await.status, 200, "{fault}");
    }
}

#[tokio::test]
async fn an_expired_token_can_be_armed_for_one_request() {
    let (billing, administrator) = billing_and_administrator().await;
    billing
        .arm_for(Fault::ExpiredToken, operations::LIST_CUSTOMERS, 1)
        .unwrap();
    assert_eq!(administrator.get("/auth/me").await.status, 200);
    assert_eq!(administrator.get("/customers").await.status, 401);
    assert_eq!(administrator.get("/customers").await.status, 200);
}

#[tokio::test]
async fn rights_come_from_the_row_but_on_some_routes_from_the_token() {
    let (billing, administrator) = billing_and_administrator().await;
    let body = json!({ "email": address("root2"), "full_name": "Two", "password": PASSWORD, "is_admin": true });
    let made = administrator.make("/admin/users", &body, 201).await;
    let second = User::logged_in(&billing, &address("root2"), PASSWORD).await;
    assert_eq!(second.get("/customers").await.status, 200);
    administrator
        .put(
            &format!("/admin/users/{}", id_of(&made)),
            &json!({ "is_admin": false }),
        )
        .await;
    assert_eq!(
        second.get("/customers").await.refusal(),
        (403, "Admin access required")
    );
    assert_eq!(second.get("/payments").await.status, 200);
}

#[tokio::test]
async fn one_can_change_oneself_within_strange_limits() {
    let (billing, _, ada, _) = three_parties().await;
    let me = "/auth/me";
    let changed = ada
        .put(
            me,
            &json!({ "full_name": " Ada F. ", "company_name": "Fields" }),
        )
        .await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["full_name"], "Ada F.");
    assert_eq!(changed.body["company_name"], "Fields");
    // Null changes nothing: a field cannot be cleared.
    let changed = ada.put(me, &json!({ "company_name": null })).await;
    assert_eq!(changed.body["company_name"], "Fields");

    let extra = ada.put(me, &json!({ "phone": "1" })).await;
    assert_eq!(extra.status, 422);
    assert_eq!(extra.body["detail"][0]["type"], "extra_forbidden");
    for weak in [
        json!({ "full_name": " A " }),
        json!({ "current_password": PASSWORD, "new_password": "weak" }),
    ] {
        let got = ada.put(me, &weak).await;
        assert_eq!(got.status, 500, "{weak}");
        assert!(got.detail().contains("ValueError is not JSON serializable"));
    }
    let alone = ada.put(me, &json!({ "new_password": "Abcdef1" })).await;
    assert_eq!(alone.status, 200);
    assert!(billing.password_is(&address("ada"), PASSWORD));
    let wrong = json!({ "current_password": "nonsense", "new_password": "Abcdef1" });
    assert_eq!(
        ada.put(me, &wrong).await.refusal(),
        (401, "Current password is incorrect")
    );
    let same = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
    assert_eq!(ada.put(me, &same).await.status, 400);
    let right = json!({ "current_password": PASSWORD, "new_password": "Abcdef1" });
    assert_eq!(ada.put(me, &right).await.status, 200);
    assert!(billing.password_is(&address("ada"), "Abcdef1"));
}

#[tokio::test]
async fn a_deleted_users_token_is_nobody() {
    let (_billing, administrator, ada, id) = three_parties().await;
    assert_eq!(
        administrator
            .delete(&format!("/customers/{id}"))
            .await
            .status,
        200
    );
    assert_eq!(ada.get("/auth/me").await.refusal(), (404, "User not found"));
    assert_eq!(ada.get("/invoices/").await.status, 500);
    assert_eq!(ada.get("/customers").await.status, 403);
}

#[tokio::test]
async fn health_and_root_need_nobody() {
    let billing = billing().await;
    let nobody = User::nobody(&billing);
    let health = nobody.get("/health").await;
    assert_eq!(health.body["status"], "healthy");
    assert_eq!(health.body["database"], "connected");
    assert_eq!(nobody.get("/").await.body["health"], "/health");
    assert_eq!(nobody.send(Method::HEAD, "/health").await.status, 405);
}

#[tokio::test]
async fn nothing_a_test_may_print_shows_a_secret() {
    let (billing, administrator, ada, _) = three_parties().await;
    let secret = billing.admin().password().expose_secret().to_owned();
    administrator.post("/customers", &customer("bob")).await;
    ada.get("/auth/me").await;
    let rows = billing.rows(Resource::Users);
    let requests = billing.requests();
    let shown = format!("{billing:?} {rows:?} {requests:?} {:?}", billing.admin());
    assert!(
        !shown.contains(&secret) && !shown.contains(PASSWORD),
        "{shown}"
    );
    let login = &billing.requests_for(&operations::LOGIN)[0];
    assert_eq!(login.field("/password"), Some(json!("[secret]")));
    assert!(login.field_is("/password", &json!(secret)));
}
