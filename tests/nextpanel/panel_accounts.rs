//! Health, login, and the accounts of a panel: create, get, list, statistics.

use jiff::Timestamp;
use nextpanel_client::panel::{
    AccountId, AccountMetadata, CreateAccount, GetAccount, GetAccountStatistics, GetHealth,
    ListAccounts, LogIn,
};
use nextpanel_client::with_extra;
use panel_http::{Delivery, Kind};
use provisioning_core::catalog::AccountType;
use provisioning_core::plan::id::Mark;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::exchange::Exchange;

const ID: AccountId = AccountId::new(311);

pub(super) fn mark() -> Mark {
    serde_json::from_value(json!("9a4b7f0e-52c1-5d0e-8f77-0c3e5b1d2a66")).unwrap()
}

fn planned_at() -> Timestamp {
    "2026-02-11T17:03:40Z".parse().unwrap()
}

fn create(account_type: AccountType) -> CreateAccount {
    CreateAccount::new(
        "gertrude",
        "gertrude@bakery.example",
        SecretString::from("Backe-Brot-7!"),
        account_type,
        mark(),
        planned_at(),
    )
}

#[tokio::test]
async fn health_is_read() {
    let exchange = Exchange::of("panel.health");
    let health = exchange.panel().call(GetHealth).await.unwrap();
    exchange.assert_golden();
    assert_eq!(health.status.as_deref(), Some("healthy"));
    assert_eq!(health.version.as_deref(), Some("2.3.1"));
    assert_eq!(health.database.as_deref(), Some("connected"));
}

#[tokio::test]
async fn health_that_says_nothing_readable_is_health_all_the_same() {
    for body in [json!([]), json!("up"), Value::Null] {
        let exchange = Exchange::with_last_reply("panel.health", 200, body);
        let health = exchange.panel().call(GetHealth).await.unwrap();
        assert!(health.version.is_missing());
    }
    let page = json!("<html><body>Welcome to nginx!</body></html>");
    let exchange = Exchange::with_last_reply("panel.health", 200, page);
    let error = exchange.panel().call(GetHealth).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
}

#[tokio::test]
async fn a_login_brings_a_token() {
    let exchange = Exchange::of("panel.log_in");
    let login = LogIn::new("gertrude", SecretString::from("Backe-Brot-7!"));
    let token = exchange.panel().call(login).await.unwrap();
    exchange.assert_golden();
    assert_eq!(token.expose_secret(), "tok-gertrude");
}

#[tokio::test]
async fn a_refused_login_is_auth_and_repeats_no_password() {
    let exchange = Exchange::with_last_reply(
        "panel.log_in",
        401,
        json!({"detail": "Incorrect username or password: Backe-Brot-7!"}),
    );
    let login = LogIn::new("gertrude", SecretString::from("Backe-Brot-7!"));
    let error = exchange.panel().call(login).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("Backe-Brot"), "{printed}");
}

#[tokio::test]
async fn an_account_is_created_as_the_billing_backend_does_but_for_mark_and_zone() {
    let exchange = Exchange::of("panel.create_account");
    let create = create(AccountType::Panel)
        .set_full_name(Some("Gertrude Bäcker".to_owned()))
        .set_phone(Some("+49 30 5550101".to_owned()))
        .set_company(Some("Bäckerei & Söhne".to_owned()))
        .set_package_id(Some(3))
        .set_metadata(AccountMetadata::new(
            AccountType::Panel,
            Some("cus-77".to_owned()),
            planned_at(),
        ));
    let account = exchange.panel().call(create).await.unwrap();
    exchange.assert_golden();
    assert_eq!((account.id, account.username.as_str()), (ID, "gertrude"));
    assert!(account.billing_id().is_some_and(|shown| mark().is(shown)));
    let created_at = account.created_at.unwrap().to_string();
    assert_eq!(created_at, "2026-02-11T17:03:44.1205Z", "naive is UTC");
}

#[tokio::test]
async fn fields_go_out_in_the_recorded_order_and_nulls_are_sent() {
    let exchange = Exchange::of("panel.create_account.minimal");
    exchange
        .panel()
        .call(create(AccountType::Panel))
        .await
        .unwrap();
    exchange.assert_golden();
    let body = exchange.requests()[0].body.expose_bytes();
    let body = std::str::from_utf8(&body).unwrap().to_owned();
    let order = [
        "username",
        "email",
        "password",
        "full_name",
        "phone",
        "company",
        "package_id",
        "is_admin",
        "billing_id",
        "metadata",
        "created_from",
        "billing_customer_id",
        "account_type",
        "account_level",
        "created_at",
    ];
    let places: Vec<_> = order
        .iter()
        .map(|name| body.find(&format!("\"{name}\":")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{body}");
    assert!(body.contains(r#""phone":null,"company":null"#), "{body}");
}

#[tokio::test]
async fn resellers_are_administrators_to_the_panel() {
    let exchange = Exchange::of("panel.create_account.reseller");
    let account = exchange.panel().call(create(AccountType::Reseller)).await;
    exchange.assert_golden();
    assert_eq!(*account.unwrap().is_admin, Some(true));
    let exchange = Exchange::of("panel.create_account.master_reseller");
    let master = create(AccountType::MasterReseller);
    exchange.panel().call(master).await.unwrap();
    exchange.assert_golden();
}

#[tokio::test]
async fn a_created_account_that_cannot_be_named_is_indeterminate() {
    let bodies = [
        ("no id", json!({"username": "gertrude"})),
        ("null id", json!({"id": null, "username": "gertrude"})),
        ("text id", json!({"id": "b7f1", "username": "gertrude"})),
        ("fraction", json!({"id": 3.5, "username": "gertrude"})),
        ("another", json!({"id": 9, "username": "hobbes"})),
        ("list", json!([])),
        ("not JSON", json!("created")),
        ("nothing", Value::Null),
    ];
    for (case, body) in bodies {
        let exchange = Exchange::with_last_reply("panel.create_account", 201, body);
        let error = exchange
            .panel()
            .call(create(AccountType::Panel))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Indeterminate, "{case}");
        assert_eq!(error.delivery(), Delivery::Answered, "{case}");
        assert_eq!(error.key(), Some("gertrude"), "{case}");
        assert!(!error.is_retryable(), "{case}");
        let told = error.to_string();
        assert!(
            told.contains("may have been carried out, look up gertrude"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn only_201_proves_that_an_account_was_created() {
    for status in [200, 202, 204] {
        let exchange = Exchange::with_last_reply(
            "panel.create_account",
            status,
            json!({"id": 311, "username": "gertrude"}),
        );
        let created = exchange.panel().call(create(AccountType::Panel)).await;
        assert!(created.is_err(), "{status}");
    }
}

#[tokio::test]
async fn refusals_have_their_kind() {
    let table = [
        (400, "Username already exists", Kind::Validation),
        (401, "Invalid API key", Kind::Auth),
        (401, "API key is revoked", Kind::Auth),
        (403, "IP address not allowed", Kind::Denied),
        (429, "Rate limit exceeded", Kind::RateLimited),
        (500, "Internal server error", Kind::Indeterminate),
        (503, "unavailable", Kind::Indeterminate),
    ];
    for (status, detail, kind) in table {
        let body = json!({"detail": detail});
        let exchange = Exchange::with_last_reply("panel.create_account", status, body);
        let error = exchange
            .panel()
            .call(create(AccountType::Panel))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {detail}");
        assert_eq!(error.server_message(), Some(detail));
        assert_eq!(exchange.requests().len(), 1, "never sent twice");
    }
}

#[tokio::test]
async fn invalid_fields_are_named_and_the_echo_is_not_kept() {
    let exchange = Exchange::with_last_reply(
        "panel.create_account",
        422,
        json!({
            "detail": [
                {"type": "value_error", "loc": ["body", "email"], "msg": "value is not a valid email address", "input": "x"},
                {"type": "string_too_short", "loc": ["body", "password"], "msg": "too short", "input": "Backe-Brot-7!", "ctx": {"min_length": 20}},
            ],
            "body": {"username": "gertrude", "password": "Backe-Brot-7!"},
        }),
    );
    let error = exchange
        .panel()
        .call(create(AccountType::Panel))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    let fields: Vec<_> = error.field_errors().iter().map(|one| one.field()).collect();
    assert_eq!(fields, ["email", "password"]);
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("Backe-Brot"), "{printed}");
}

#[tokio::test]
async fn an_account_is_read() {
    let exchange = Exchange::of("panel.get_account");
    let account = exchange.panel().call(GetAccount(ID)).await.unwrap();
    exchange.assert_golden();
    assert_eq!(account.full_name.as_deref(), Some("Gertrude Bäcker"));
    assert_eq!(*account.is_active, Some(true));
    assert!(account.suspension_reason.is_missing());
    let printed = format!("{account:?}");
    assert!(
        !printed.contains("bakery") && !printed.contains("Bäcker"),
        "{printed}"
    );
}

#[tokio::test]
async fn optional_fields_tell_missing_null_and_wrong_type_apart() {
    for name in [
        "email",
        "full_name",
        "is_admin",
        "is_active",
        "billing_id",
        "created_at",
        "suspension_reason",
    ] {
        let read = async |value: Option<Value>| {
            let exchange = Exchange::with_last_body("panel.get_account", |row| {
                let row = row.as_object_mut().unwrap();
                row.remove(name);
                row.extend(value.map(|value| (name.to_owned(), value)));
            });
            let account = exchange.panel().call(GetAccount(ID)).await.unwrap();
            assert_eq!(account.id, ID, "the row is read whatever {name} holds");
            let states = [
                state(&account.email),
                state(&account.full_name),
                state(&account.is_admin),
                state(&account.is_active),
                state(&account.billing_id),
                state(&account.created_at),
                state(&account.suspension_reason),
            ];
            let fields = serde_json::to_value(&account).unwrap();
            (states, fields[name].clone())
        };
        let (missing, _) = read(None).await;
        let (null, _) = read(Some(Value::Null)).await;
        let (wrong, shown) = read(Some(json!({"secret": "canary"}))).await;
        assert_ne!(missing, null, "{name}");
        assert_ne!(missing, wrong, "{name}");
        assert_ne!(null, wrong, "{name}");
        assert_eq!(shown, Value::Null, "{name}");
    }
}

fn state<T>(field: &nextpanel_client::Field<T>) -> &'static str {
    match (field.get(), field.is_null(), field.unreadable()) {
        (Some(_), ..) => "read",
        (None, true, _) => "null",
        (None, false, Some(found)) => found,
        (None, false, None) => "missing",
    }
}

#[tokio::test]
async fn a_required_field_is_named_when_it_is_missing_null_or_of_a_wrong_type() {
    let table = [
        (json!({"username": "x"}), "missing field `id`"),
        (json!({"id": null, "username": "x"}), "invalid type: null"),
        (
            json!({"id": "canary", "username": "x"}),
            "invalid type: string",
        ),
        (
            json!({"id": 1, "username": ["canary"]}),
            "invalid type: sequence",
        ),
    ];
    for (body, told) in table {
        let exchange = Exchange::with_last_reply("panel.get_account", 200, body);
        let error = exchange.panel().call(GetAccount(ID)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
        let text = error.to_string();
        assert!(text.contains(told), "{text}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn unknown_fields_survive_on_request() {
    let exchange = Exchange::with_last_body("panel.get_account", |row| {
        row["colour"] = json!("green");
        row["quota"] = json!({"inodes": 7});
        row["password_hash"] = json!("canary");
    });
    let account = exchange.panel().call(with_extra(GetAccount(ID))).await;
    let account = account.unwrap();
    exchange.assert_golden();
    assert_eq!(account.pointer("/colour"), Some(&json!("green")));
    assert_eq!(account.pointer("/quota/inodes"), Some(&json!(7)));
    assert_eq!(account.pointer("/password_hash"), None);
    assert_eq!(account.reply().id, ID);
}

#[tokio::test]
async fn an_account_that_is_gone_is_not_found() {
    let body = json!({"detail": "Account not found"});
    let exchange = Exchange::with_last_reply("panel.get_account", 404, body);
    let error = exchange.panel().call(GetAccount(ID)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn accounts_are_listed() {
    let exchange = Exchange::of("panel.list_accounts");
    let accounts = exchange
        .panel()
        .call(ListAccounts::new(0, 1000))
        .await
        .unwrap();
    exchange.assert_golden();
    let ids: Vec<_> = accounts.iter().map(|account| account.id.get()).collect();
    assert_eq!(ids, [311, 312]);
    assert_eq!(*accounts[1].is_active, Some(false));
    assert_eq!(
        accounts[1].suspension_reason.as_deref(),
        Some("unpaid since January")
    );
    assert!(accounts[1].billing_id.is_null());
}

#[tokio::test]
async fn statistics_are_read() {
    let exchange = Exchange::of("panel.account_statistics");
    let statistics = exchange.panel().call(GetAccountStatistics(ID)).await;
    let statistics = statistics.unwrap();
    exchange.assert_golden();
    assert_eq!(statistics.username.as_deref(), Some("gertrude"));
    assert_eq!(*statistics.total_email_accounts, Some(11));
    assert_eq!(*statistics.storage_used, Some(734_003_200));
    assert_eq!(
        statistics.last_login.unwrap().to_string(),
        "2026-03-01T08:15:00Z"
    );
}
