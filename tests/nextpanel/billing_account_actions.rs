//! Suspend, unsuspend and delete through the billing backend, whose ids may lead to another customer's account.

use nextpanel_client::AccountActionError;
use nextpanel_client::billing::HostingAccountId;
use panel_http::Kind;
use serde_json::json;

use super::exchange::Exchange;

const ID: HostingAccountId = HostingAccountId::new(15);
const REASON: &str = "winter & frost";

#[tokio::test]
async fn actions_read_the_account_first_and_send_the_reason_in_the_query() {
    let exchange = Exchange::of("billing.suspend_account");
    let billing = exchange.billing();
    billing.suspend_account(ID, "flora", REASON).await.unwrap();
    exchange.assert_golden();
    let exchange = Exchange::of("billing.unsuspend_account");
    let billing = exchange.billing();
    billing.unsuspend_account(ID, "Flora").await.unwrap();
    exchange.assert_golden();
    let exchange = Exchange::of("billing.delete_account");
    exchange
        .billing()
        .delete_account(ID, "flora")
        .await
        .unwrap();
    exchange.assert_golden();
}

#[tokio::test]
async fn somebody_elses_account_is_left_alone() {
    let suspend = Exchange::of("billing.suspend_account");
    let unsuspend = Exchange::of("billing.unsuspend_account");
    let delete = Exchange::of("billing.delete_account");
    let results = [
        suspend
            .billing()
            .suspend_account(ID, "gertrude", REASON)
            .await,
        unsuspend.billing().unsuspend_account(ID, "gertrude").await,
        delete.billing().delete_account(ID, "gertrude").await,
    ];
    for result in results {
        let Err(AccountActionError::WrongAccount(wrong)) = result else {
            panic!("{result:?}");
        };
        assert_eq!(
            (wrong.expected(), wrong.found()),
            ("gertrude", Some("flora"))
        );
    }
    for exchange in [suspend, unsuspend, delete] {
        assert_eq!(
            exchange.requests().len(),
            1,
            "only the statistics were read"
        );
    }
}

#[tokio::test]
async fn an_account_without_a_name_is_nobodys_to_delete() {
    for body in [json!({}), json!({"username": null}), json!({"username": 7})] {
        let exchange = Exchange::with_last_reply("billing.account_statistics", 200, body);
        let result = exchange.billing().delete_account(ID, "flora").await;
        let Err(AccountActionError::WrongAccount(wrong)) = result else {
            panic!("{result:?}");
        };
        assert_eq!(wrong.found(), None);
    }
}

#[tokio::test]
async fn statistics_are_read() {
    let exchange = Exchange::of("billing.account_statistics");
    let statistics = exchange.billing().account_statistics(ID).await.unwrap();
    exchange.assert_golden();
    assert_eq!(*statistics.user_id, Some(88));
    assert_eq!(*statistics.total_databases, Some(2));
}

#[tokio::test]
async fn after_a_restart_the_status_is_asked_for_once_and_the_call_is_sent_once_more() {
    let exchange = Exchange::of("billing.suspend_account.after_restart");
    let billing = exchange.billing();
    billing.suspend_account(ID, "flora", REASON).await.unwrap();
    exchange.assert_golden();
}

#[tokio::test]
async fn a_panel_that_is_down_is_told_after_one_reminder() {
    let exchange = Exchange::of("billing.account_statistics.panel_down");
    let error = exchange.billing().account_statistics(ID).await.unwrap_err();
    exchange.assert_golden();
    assert_eq!(error.status().unwrap().as_u16(), 500);
}

#[tokio::test]
async fn an_action_that_fails_after_its_account_was_read_is_not_repeated() {
    let body = json!({"detail": "Failed to suspend account on NextPanel"});
    let exchange = Exchange::with_last_reply("billing.suspend_account", 500, body);
    let billing = exchange.billing();
    let error = billing.suspend_account(ID, "flora", REASON).await;
    let error = error.unwrap_err();
    assert_eq!(error.call().unwrap().kind(), Kind::Indeterminate);
    assert_eq!(exchange.requests().len(), 2);
}

#[tokio::test]
async fn an_unknown_account_is_not_found() {
    let body = json!({"detail": "Account not found"});
    let exchange = Exchange::with_last_reply("billing.account_statistics", 404, body);
    let error = exchange.billing().delete_account(ID, "flora").await;
    assert_eq!(error.unwrap_err().call().unwrap().kind(), Kind::NotFound);
}

#[tokio::test]
async fn previews_show_both_requests_and_send_none() {
    let exchange = Exchange::of("billing.delete_account");
    let billing = exchange.billing();
    let [read, write] = billing.preview_suspend_account(ID, REASON).unwrap();
    assert!(read.url().ends_with("/accounts/15/stats"));
    assert!(
        write.url().ends_with("/suspend?reason=winter+%26+frost"),
        "{write}"
    );
    assert_eq!(write.body(), None);
    let [_, delete] = billing.preview_delete_account(ID).unwrap();
    assert_eq!(delete.method(), "DELETE");
    let [_, unsuspend] = billing.preview_unsuspend_account(ID).unwrap();
    assert!(unsuspend.url().ends_with("/unsuspend"));
    assert!(exchange.requests().is_empty());
}
