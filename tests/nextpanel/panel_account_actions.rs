//! Suspend, unsuspend and delete: the account is read first.

use nextpanel_client::AccountActionError;
use nextpanel_client::panel::{AccountId, ExpectedAccount, Proof};
use panel_http::Kind;
use serde_json::{Value, json};

use super::exchange::Exchange;
use super::panel_accounts::mark;

const ID: AccountId = AccountId::new(311);

fn gertrude() -> ExpectedAccount {
    ExpectedAccount::new("gertrude").with_billing_id(mark())
}

#[tokio::test]
async fn an_account_is_suspended_after_it_was_read() {
    let exchange = Exchange::of("panel.suspend_account");
    let acted = exchange
        .panel()
        .suspend(ID, &gertrude(), "card expired")
        .await
        .unwrap();
    exchange.assert_golden();
    assert_eq!(acted.proof, Proof::UsernameAndBillingId);
    assert_eq!(*acted.before.is_active, Some(true));
}

#[tokio::test]
async fn an_account_is_unsuspended_without_a_body() {
    let exchange = Exchange::of("panel.unsuspend_account");
    let acted = exchange
        .panel()
        .unsuspend(ID, &ExpectedAccount::new("gertrude"))
        .await
        .unwrap();
    exchange.assert_golden();
    assert_eq!(acted.proof, Proof::Username);
}

#[tokio::test]
async fn an_account_is_deleted() {
    let exchange = Exchange::of("panel.delete_account");
    exchange.panel().delete(ID, &gertrude()).await.unwrap();
    exchange.assert_golden();
}

#[tokio::test]
async fn a_204_says_done_as_well() {
    let exchange = Exchange::with_last_reply("panel.delete_account", 204, Value::Null);
    exchange.panel().delete(ID, &gertrude()).await.unwrap();
    let exchange = Exchange::with_last_reply("panel.suspend_account", 204, Value::Null);
    let panel = exchange.panel();
    panel
        .suspend(ID, &gertrude(), "card expired")
        .await
        .unwrap();
    let exchange = Exchange::with_last_reply("panel.unsuspend_account", 204, Value::Null);
    exchange.panel().unsuspend(ID, &gertrude()).await.unwrap();
}

#[tokio::test]
async fn another_success_is_no_proof() {
    for status in [201, 202] {
        let exchange = Exchange::with_last_reply("panel.delete_account", status, json!({}));
        assert!(exchange.panel().delete(ID, &gertrude()).await.is_err());
    }
}

#[tokio::test]
async fn somebody_elses_account_is_left_alone() {
    let strangers = [
        ExpectedAccount::new("hobbes"),
        ExpectedAccount::new("hobbes").with_billing_id(mark()),
        ExpectedAccount::new("gertrude").with_billing_id("3f0e6a52-0000-5000-8000-000000000000"),
    ];
    for expected in &strangers {
        let exchange = Exchange::of("panel.delete_account");
        let panel = exchange.panel();
        let results = [
            panel.delete(ID, expected).await,
            Exchange::of("panel.suspend_account")
                .panel()
                .suspend(ID, expected, "card expired")
                .await,
            Exchange::of("panel.unsuspend_account")
                .panel()
                .unsuspend(ID, expected)
                .await,
        ];
        for result in results {
            let Err(AccountActionError::WrongAccount(wrong)) = result else {
                panic!("{result:?}");
            };
            assert!(wrong.found().unwrap().starts_with("gertrude"), "{wrong}");
        }
        assert_eq!(exchange.requests().len(), 1, "only the read was sent");
    }
}

#[tokio::test]
async fn a_row_of_another_id_is_another_account() {
    let exchange = Exchange::of("panel.delete_account");
    let result = exchange
        .panel()
        .delete(AccountId::new(999), &gertrude())
        .await;
    let Err(AccountActionError::WrongAccount(wrong)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(
        (wrong.expected(), wrong.found()),
        ("account 999", Some("account 311"))
    );
}

#[tokio::test]
async fn a_failed_action_tells_whether_it_may_have_been_carried_out() {
    let body = json!({"detail": "Internal server error"});
    let exchange = Exchange::with_last_reply("panel.suspend_account", 500, body);
    let result = exchange
        .panel()
        .suspend(ID, &gertrude(), "card expired")
        .await;
    let error = result.unwrap_err();
    assert_eq!(error.call().unwrap().kind(), Kind::Indeterminate);
}

#[tokio::test]
async fn previews_show_both_requests_and_send_none() {
    let exchange = Exchange::of("panel.suspend_account");
    let panel = exchange.panel();
    let [read, write] = panel.preview_suspend(ID, "card expired").unwrap();
    assert_eq!((read.method(), write.method()), ("GET", "POST"));
    assert!(
        write
            .url()
            .ends_with("/api/v1/billing/accounts/311/suspend")
    );
    assert_eq!(write.body(), Some(r#"{"reason":"card expired"}"#));
    let [_, delete] = panel.preview_delete(ID).unwrap();
    assert_eq!((delete.method(), delete.body()), ("DELETE", None));
    let [_, unsuspend] = panel.preview_unsuspend(ID).unwrap();
    assert!(unsuspend.url().ends_with("/unsuspend"));
    assert!(exchange.requests().is_empty());
}
