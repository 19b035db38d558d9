//! The variables that aim the live suites at a real server, with a stand-in in the place of one: only what changes
//! nothing is sent, unless writing is asked for.

use panel_http::Safety;
use panel_sandbox::RecordedRequest;
use panel_sandbox::nextpanel_billing::{Billing, BillingSettings};
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use secrecy::ExposeSecret;

use super::exchange::{is_of, operations};

/// Runs one test of this binary with these variables and no others.
async fn passes(test: &str, variables: &[(&str, &str)]) -> bool {
    let binary = std::env::current_exe().unwrap();
    let variables = variables
        .iter()
        .map(|(name, value)| (format!("NEXTPANEL_CONTRACT_{name}"), *value));
    let output = tokio::process::Command::new(binary)
        .args(["--exact", test])
        .env_clear()
        .envs(variables)
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("running 1 test"), "{told}");
    output.status.success()
}

fn changes_something(request: &RecordedRequest) -> bool {
    let operation = operations().find(|operation| {
        operation.method.as_str() == request.method() && is_of(request.path(), operation.path)
    });
    operation.is_none_or(|operation| operation.safety != Safety::ReadOnly)
}

#[tokio::test]
async fn a_real_panel_is_written_to_only_where_that_is_asked_for() {
    const TEST: &str = "nextpanel::panel_live::a_real_panel_keeps_the_contract";
    let panel = Panel::start(PanelSettings::new("srv")).await.unwrap();
    panel.add_stranger("acme").unwrap();
    let key = panel.key(KeyKind::SuperAdmin);
    let mut variables = vec![
        ("URL", panel.url()),
        ("KEY", key.id()),
        ("SECRET", key.secret().expose_secret()),
    ];
    assert!(passes(TEST, &variables).await);
    let requests = panel.requests();
    assert!(requests.len() > 3, "{requests:?}");
    assert!(!requests.iter().any(changes_something), "{requests:?}");

    variables.push(("WRITE", "1"));
    assert!(passes(TEST, &variables).await);
    assert_eq!(panel.created_by_clients(), 1);
    assert!(panel.accounts().iter().all(|account| account.is_stranger));

    let revoked = panel.key(KeyKind::Revoked);
    let refused = [
        ("URL", panel.url()),
        ("KEY", revoked.id()),
        ("SECRET", revoked.secret().expose_secret()),
    ];
    assert!(!passes(TEST, &refused).await, "a suite that fails says so");
}

#[tokio::test]
async fn a_real_backend_is_written_to_only_where_that_is_asked_for() {
    const TEST: &str = "nextpanel::billing_live::a_real_backend_keeps_the_contract";
    let settings = BillingSettings::new("billing");
    let backend = Billing::start(settings).await.unwrap();
    let admin = backend.admin();
    let mut variables = vec![
        ("BILLING_URL", backend.url()),
        ("BILLING_EMAIL", admin.email()),
        ("BILLING_PASSWORD", admin.password().expose_secret()),
    ];
    assert!(passes(TEST, &variables).await);
    let requests = backend.requests();
    assert!(requests.len() > 30, "{requests:?}");
    assert!(!requests.iter().any(changes_something), "{requests:?}");

    variables.push(("WRITE", "1"));
    assert!(passes(TEST, &variables).await);
    assert!(backend.requests().iter().any(changes_something));
}
