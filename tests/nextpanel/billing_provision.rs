//! Provisioning through the billing backend: every reply is a typed outcome, and none is sent twice.

use jiff::Timestamp;
use nextpanel_client::billing::{
    CreateCustomer, CustomerWithHosting, HostingAccountId, HostingDetails, HostingFailure, LookUp,
    NewHostingAccount, ProvisionOutcome, ProvisionRefusal, ServerId,
};
use nextpanel_client::panel::{AccountId, CreateAccount, Panel};
use panel_http::Kind;
use panel_sandbox::nextpanel_panel::{self, BillingIdInRows, KeyKind, PanelSettings};
use provisioning_core::catalog::AccountType;
use provisioning_core::email::EmailAddress;
use provisioning_core::permission::Missing;
use provisioning_core::plan::id::Mark;
use provisioning_core::username::Username;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::billing_auth::password;
use super::billing_customers::FLORA;
use super::billing_login::logged_in;
use super::exchange::Exchange;
use super::panel_search::client;

fn details(account_type: AccountType) -> HostingDetails {
    HostingDetails::new(
        ServerId::new(7),
        Username::new("flora").unwrap(),
        EmailAddress::parse("flora@garden.example").unwrap(),
        password("H0sted-Things"),
        account_type,
    )
}

fn flora() -> NewHostingAccount {
    details(AccountType::Panel).for_customer(FLORA)
}

#[tokio::test]
async fn an_account_is_provisioned_on_the_server_that_was_named() {
    let exchange = Exchange::of("billing.provision");
    let new = details(AccountType::Reseller)
        .set_full_name("Flora Óg")
        .set_phone("+353 21 5550100")
        .set_company("Garden")
        .set_package_id(2)
        .set_order("4711")
        .for_customer(FLORA);
    let outcome = exchange.billing().provision(&new, None).await.unwrap();
    exchange.assert_golden();
    let ProvisionOutcome::Created(account) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(account.account_id, HostingAccountId::new(15));
    assert_eq!(account.panel_account_id, Some(AccountId::new(88)));
    assert_eq!(account.server_id, ServerId::new(7));
}

#[tokio::test]
async fn an_order_id_that_is_no_integer_is_kept_and_not_sent() {
    let exchange = Exchange::of("billing.provision.uuid_order");
    let order = "e5d4c3b2-0003-4000-8000-000000000003";
    let new = details(AccountType::Panel)
        .set_order(order)
        .for_customer(FLORA);
    let outcome = exchange.billing().provision(&new, None).await.unwrap();
    exchange.assert_golden();
    assert!(exchange.requests()[0].json().get("order_id").is_none());
    let ProvisionOutcome::Created(account) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(account.order.unwrap().as_str(), order);
}

#[tokio::test]
async fn the_server_and_the_text_of_the_customer_id_are_always_sent() {
    let exchange = Exchange::of("billing.provision.uuid_order");
    // An id that looks like an integer is a text all the same: the backend refuses numbers.
    let new = details(AccountType::Panel).for_customer("17");
    let _ = exchange.billing().provision(&new, None).await;
    let sent = exchange.requests()[0].json();
    assert_eq!(sent["server_id"], 7);
    assert_eq!(sent["customer_id"], "17");
}

fn failed(text: &str) -> Value {
    json!({"success": false, "account_id": null, "server_name": null, "server_url": null, "nextpanel_user_id": null, "username": null, "error": text})
}

async fn outcome_of(reply: Value, panel: Option<&Panel>) -> ProvisionOutcome {
    let exchange = Exchange::with_last_reply("billing.provision.uuid_order", 200, reply);
    let outcome = exchange.billing().provision(&flora(), panel).await;
    assert_eq!(exchange.requests().len(), 1, "never a second provision");
    outcome.unwrap()
}

#[tokio::test]
async fn a_refusal_that_excludes_an_account_says_why() {
    type IsExpected = fn(&ProvisionRefusal) -> bool;
    let table: [(&str, IsExpected); 7] = [
        ("No available servers", |refusal| {
            matches!(refusal, ProvisionRefusal::NoServer)
        }),
        ("Server 7 not available", |refusal| {
            matches!(refusal, ProvisionRefusal::ServerNotAvailable)
        }),
        (
            "Failed to create account: Username already exists",
            |refusal| matches!(refusal, ProvisionRefusal::UsernameTaken),
        ),
        (
            "Failed to create account: [{'type': 'missing', 'loc': ['body', 'email'], 'msg': 'x'}]",
            |refusal| matches!(refusal, ProvisionRefusal::Invalid),
        ),
        (
            "HTTPConnectionPool(host='10.0.0.9', port=9000): Max retries exceeded with url: / (Caused by NewConnectionError('Connection refused'))",
            |refusal| matches!(refusal, ProvisionRefusal::PanelNotReached),
        ),
        (
            "Failed to create account: Authentication failed (403): The user doesn't have super admin privileges",
            |refusal| matches!(refusal, ProvisionRefusal::Denied(denial) if *denial.missing() == Missing::SuperAdminRights),
        ),
        (
            "Failed to create account: IP address not allowed",
            |refusal| matches!(refusal, ProvisionRefusal::Denied(denial) if matches!(denial.missing(), Missing::IpNotAllowed { .. })),
        ),
    ];
    for (text, is_expected) in table {
        let outcome = outcome_of(failed(text), None).await;
        let ProvisionOutcome::Refused {
            refusal,
            text: told,
        } = outcome
        else {
            panic!("{outcome:?}");
        };
        assert!(is_expected(&refusal), "{refusal:?}");
        assert_eq!(told, text);
    }
}

const OPEN: [&str; 4] = [
    "'id'",
    "Expecting value: line 1 column 1 (char 0)",
    "1 validation error for AccountProvisionResponse",
    "Failed to create account: <html>502 Bad Gateway</html>",
];

#[tokio::test]
async fn a_failure_that_may_have_created_it_asks_a_human_without_panel_credentials() {
    for text in OPEN {
        let outcome = outcome_of(failed(text), None).await;
        let ProvisionOutcome::Unknown(unknown) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(matches!(unknown.look_up, LookUp::NoCredentials));
        let advice = unknown.to_string();
        assert!(advice.contains("flora may exist on server 7"), "{advice}");
        assert!(advice.contains("before provisioning again"), "{advice}");
    }
}

#[tokio::test]
async fn success_without_an_id_is_unknown_as_well() {
    let outcome = outcome_of(json!({"success": true, "account_id": null}), None).await;
    assert!(matches!(outcome, ProvisionOutcome::Unknown(_)));
    let outcome = outcome_of(json!({"success": true, "account_id": "15"}), None).await;
    assert!(matches!(outcome, ProvisionOutcome::Unknown(_)));
    let outcome = outcome_of(json!({"status": "?"}), None).await;
    assert!(matches!(outcome, ProvisionOutcome::Unknown(_)));
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_sent_again() {
    for status in [500, 502, 504] {
        let body = json!({"detail": "x"});
        let exchange = Exchange::with_last_reply("billing.provision.uuid_order", status, body);
        let outcome = exchange.billing().provision(&flora(), None).await.unwrap();
        assert!(matches!(outcome, ProvisionOutcome::Unknown(_)), "{status}");
        assert_eq!(exchange.requests().len(), 1);
    }
}

async fn panel(shown: BillingIdInRows) -> nextpanel_panel::Panel {
    let settings = PanelSettings::new("np-7").with_billing_id_in_rows(shown);
    nextpanel_panel::Panel::start(settings).await.unwrap()
}

/// What the billing backend does on the panel: it writes the customer id as billing id.
async fn create_as_the_backend(panel: &Panel, customer: &str) {
    let customer: Mark = serde_json::from_value(json!(customer)).unwrap();
    let create = CreateAccount::new(
        "flora",
        "flora@garden.example",
        password("H0sted-Things").secret().clone(),
        AccountType::Panel,
        customer,
        Timestamp::UNIX_EPOCH,
    );
    panel.call(create).await.unwrap();
}

#[tokio::test]
async fn with_panel_credentials_the_account_is_found() {
    let sandbox = panel(BillingIdInRows::Shown).await;
    let panel = client(&sandbox, KeyKind::SuperAdmin);
    create_as_the_backend(&panel, FLORA).await;
    for text in OPEN
        .into_iter()
        .chain(["Failed to create account: Username already exists"])
    {
        let outcome = outcome_of(failed(text), Some(&panel)).await;
        let ProvisionOutcome::OnPanel { account, .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(account.username, "flora");
    }
}

#[tokio::test]
async fn a_strangers_account_is_never_taken_for_the_customers() {
    let sandbox = panel(BillingIdInRows::Shown).await;
    let panel = client(&sandbox, KeyKind::SuperAdmin);
    create_as_the_backend(&panel, "00000000-0000-4000-8000-000000000001").await;
    let outcome = outcome_of(failed("'id'"), Some(&panel)).await;
    assert!(matches!(
        outcome,
        ProvisionOutcome::Unknown(unknown) if matches!(unknown.look_up, LookUp::NotProvablyOurs(_))
    ));
    let taken = "Failed to create account: Username already exists";
    let outcome = outcome_of(failed(taken), Some(&panel)).await;
    assert!(matches!(
        outcome,
        ProvisionOutcome::Refused {
            refusal: ProvisionRefusal::UsernameTaken,
            ..
        }
    ));
}

#[tokio::test]
async fn a_panel_that_shows_no_billing_ids_leaves_it_open() {
    let sandbox = panel(BillingIdInRows::Absent).await;
    let panel = client(&sandbox, KeyKind::SuperAdmin);
    create_as_the_backend(&panel, FLORA).await;
    let outcome = outcome_of(failed("'id'"), Some(&panel)).await;
    assert!(matches!(
        outcome,
        ProvisionOutcome::Unknown(unknown) if matches!(unknown.look_up, LookUp::NotProvablyOurs(_))
    ));
}

#[tokio::test]
async fn what_is_not_there_may_yet_come() {
    let sandbox = panel(BillingIdInRows::Shown).await;
    let panel = client(&sandbox, KeyKind::SuperAdmin);
    let outcome = outcome_of(failed("'id'"), Some(&panel)).await;
    let ProvisionOutcome::Unknown(unknown) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(matches!(unknown.look_up, LookUp::NotFound));
    assert!(unknown.to_string().contains("again in a minute"));
    let weak = client(&sandbox, KeyKind::Revoked);
    let outcome = outcome_of(failed("'id'"), Some(&weak)).await;
    assert!(matches!(
        outcome,
        ProvisionOutcome::Unknown(unknown) if matches!(unknown.look_up, LookUp::Failed(_))
    ));
}

#[tokio::test]
async fn invalid_arguments_are_an_error_and_nothing_else() {
    let exchange = Exchange::with_last_reply(
        "billing.provision.uuid_order",
        422,
        json!({"detail": [{"loc": ["body", "customer_id"], "msg": "Input should be a valid string"}]}),
    );
    let error = exchange.billing().provision(&flora(), None).await;
    assert_eq!(error.unwrap_err().kind(), Kind::Validation);
}

#[tokio::test]
async fn a_preview_shows_the_request_without_its_password() {
    let exchange = Exchange::of("billing.provision");
    let shown = exchange.billing().preview_provision(&flora()).unwrap();
    let text = shown.to_string();
    assert!(
        text.contains(r#""server_id":7"#) && text.contains("[secret]"),
        "{text}"
    );
    assert!(!text.contains("H0sted"), "{text}");
}

async fn backend(provision: Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/v1/customers"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"id": FLORA})))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/api/v1/nextpanel/provision"))
        .respond_with(ResponseTemplate::new(200).set_body_json(provision))
        .mount(&server)
        .await;
    server
}

fn customer() -> CreateCustomer {
    CreateCustomer::new("Flora@garden.example", "Flora", password("Gr0wing-Things"))
}

#[tokio::test]
async fn a_customer_gets_both_logins_in_one_step() {
    let server = backend(json!({"success": true, "account_id": 15})).await;
    let billing = logged_in(&server).await;
    let done = billing
        .create_customer_and_provision(&customer(), &details(AccountType::Panel), None)
        .await
        .unwrap();
    let printed = format!("{done:?}");
    assert!(
        !printed.contains("Gr0wing") && !printed.contains("H0sted"),
        "{printed}"
    );
    let CustomerWithHosting::Complete {
        billing_login,
        hosting_login,
        ..
    } = done
    else {
        panic!("{printed}");
    };
    assert_eq!(billing_login.name, "Flora@garden.example");
    assert_eq!(billing_login.password.expose_secret(), "Gr0wing-Things");
    assert_eq!(hosting_login.name, "flora");
    assert_eq!(hosting_login.password.expose_secret(), "H0sted-Things");
}

#[tokio::test]
async fn a_customer_without_hosting_says_how_to_go_on() {
    let server = backend(failed("Server 7 not available")).await;
    let billing = logged_in(&server).await;
    let done = billing
        .create_customer_and_provision(&customer(), &details(AccountType::Panel), None)
        .await
        .unwrap();
    let CustomerWithHosting::CustomerOnly {
        customer,
        failure,
        retry,
        ..
    } = done
    else {
        panic!("{done:?}");
    };
    assert_eq!(customer.id.as_str(), FLORA);
    assert_eq!(retry.customer_id().as_str(), FLORA);
    assert_eq!(retry.details().server_id(), ServerId::new(7));
    let advice = failure.to_string();
    assert!(
        advice.starts_with("customer created, hosting failed"),
        "{advice}"
    );
    assert!(advice.ends_with("retry with the same account"), "{advice}");
    // The retry sends the same account for the same customer.
    billing.provision(&retry, None).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let bodies: Vec<_> = requests
        .iter()
        .filter(|request| request.url.path().ends_with("/provision"))
        .map(|request| request.body.clone())
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn a_customer_whose_hosting_is_unknown_is_not_to_be_retried() {
    let server = backend(failed("'id'")).await;
    let billing = logged_in(&server).await;
    let done = billing
        .create_customer_and_provision(&customer(), &details(AccountType::Panel), None)
        .await
        .unwrap();
    let CustomerWithHosting::CustomerOnly { failure, .. } = done else {
        panic!("{done:?}");
    };
    assert!(
        matches!(&failure, HostingFailure::Outcome(outcome) if matches!(**outcome, ProvisionOutcome::Unknown(_)))
    );
    let advice = failure.to_string();
    assert!(!advice.contains("retry"), "{advice}");
}
