//! Health, greeting, and one's own user.

use nextpanel_client::billing::{
    ChangeMyPassword, GetBillingHealth, GetGreeting, GetMe, LogIn, NewPassword, PasswordRefused,
    Register, UpdateMe,
};
use panel_http::Kind;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::exchange::{Exchange, golden};

pub(super) fn password(text: &str) -> NewPassword {
    NewPassword::new(SecretString::from(text)).unwrap()
}

#[tokio::test]
async fn health_and_greeting_lie_outside_the_prefix() {
    let health = golden("billing.health", GetBillingHealth::new()).await;
    let health = health.unwrap();
    assert_eq!(health.status.as_deref(), Some("healthy"));
    assert_eq!(
        health.timestamp.unwrap().to_string(),
        "2026-01-09T10:00:00.123456Z"
    );
    let greeting = golden("billing.root", GetGreeting::new()).await.unwrap();
    assert_eq!(greeting.docs.as_deref(), Some("/docs"));
}

#[tokio::test]
async fn a_user_is_registered() {
    let register = Register::new(
        "Flora@garden.example",
        "Flora Óg",
        password("Gr0wing-Things"),
    )
    .set_company_name("Garden");
    let user = golden("billing.register", register).await.unwrap();
    assert_eq!(user.email.as_deref(), Some("Flora@garden.example"));
    assert_eq!(*user.is_admin, Some(false));
    assert!(user.company_name.is_null());
    assert!(!format!("{user:?}").contains("garden"));
}

#[tokio::test]
async fn a_second_registration_is_invalid_and_a_lost_one_names_the_email() {
    let register = || Register::new("Flora@garden.example", "F", password("Gr0wing-Things"));
    let taken = json!({"detail": "Email already registered"});
    let exchange = Exchange::with_last_reply("billing.register", 400, taken);
    let error = exchange.billing().call(register()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    let exchange = Exchange::with_last_reply("billing.register", 201, json!({"email": 7}));
    let error = exchange.billing().call(register()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    assert_eq!(error.key(), Some("Flora@garden.example"));
}

#[tokio::test]
async fn a_login_brings_the_access_token_and_drops_the_refresh_token() {
    let login = LogIn::new("Flora@garden.example", SecretString::from("Gr0wing-Things"));
    let grant = golden("billing.log_in", login).await.unwrap();
    assert_eq!(grant.access_token().expose_secret(), "acc-1");
    assert!(grant.refresh_token().is_none());
}

#[tokio::test]
async fn one_reads_and_changes_oneself() {
    let me = golden("billing.get_me", GetMe::new()).await.unwrap();
    assert_eq!(*me.is_active, Some(true));
    let update = UpdateMe::new()
        .set_full_name("Flora Nua")
        .set_company_name("Garden");
    let me = golden("billing.update_me", update).await.unwrap();
    assert_eq!(me.full_name.as_deref(), Some("Flora Nua"));
}

#[tokio::test]
async fn a_new_password_goes_out_with_the_present_one_or_not_at_all() {
    let change = ChangeMyPassword::new(
        SecretString::from("Gr0wing-Things"),
        password("Wilt3d-Things"),
    );
    golden("billing.update_me.password", change.unwrap())
        .await
        .unwrap();
    for weak in ["wilted-things-1", "WILTED-THINGS-1", "Wilted-Things"] {
        let refused = ChangeMyPassword::new(SecretString::from("x"), password(weak));
        assert_eq!(refused.unwrap_err(), PasswordRefused::MissingClass);
    }
}

#[tokio::test]
async fn a_wrong_present_password_is_no_dead_token() {
    let wrong = json!({"detail": "Current password is incorrect"});
    let exchange = Exchange::with_last_reply("billing.update_me.password", 401, wrong);
    let change = ChangeMyPassword::new(
        SecretString::from("Gr0wing-Things"),
        password("Wilt3d-Things"),
    );
    let error = exchange.billing().call(change.unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(exchange.requests().len(), 1);
}
