//! Answers that mean something else than their status says.

use mpanel_client::{
    Generation,
    customers::{CreateCustomer, CustomerId, GetCustomer},
    subscriptions::{SubscriptionId, SubscriptionStatus, UpdateSubscription},
};
use panel_http::{Kind, TransportFault, testing::Reply};
use serde_json::json;

use super::{
    case::{CUSTOMER, SUBSCRIPTION},
    script::{json as reply, script, with_login},
};

async fn kind_of(answer: Reply) -> (Kind, String) {
    let transport = script(Generation::Legacy, vec![answer]);
    let client = with_login(&transport).build().unwrap();
    let error = client
        .call(CreateCustomer::new("A", "a@b.example"))
        .await
        .unwrap_err();
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn the_text_of_a_500_decides_what_it_is_and_stands_in_the_error() {
    for (text, kind, how) in [
        (
            "duplicate key value violates unique constraint \"customers_email_key\"",
            Kind::Conflict,
            "customers_email_key",
        ),
        (
            "null value in column \"email\" of relation \"customers\" violates not-null constraint",
            Kind::Validation,
            "email is missing",
        ),
        (
            "invalid input syntax for type uuid: \"x\"",
            Kind::Validation,
            "no uuid",
        ),
        (
            "invalid input syntax for type integer: \"NaN\"",
            Kind::Validation,
            "no integer",
        ),
        (
            "connection terminated unexpectedly",
            Kind::Indeterminate,
            "may have been carried out",
        ),
    ] {
        let (told, message) = kind_of(reply(500, &json!({"success": false, "error": text}))).await;
        assert_eq!(told, kind, "{message}");
        assert!(message.contains(how), "{message}");
        // What the server said is kept.
        assert!(
            message.contains(text.split(' ').next().unwrap()),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_proxys_page_is_never_taken_for_the_panels_word() {
    let page = Reply::status(500).with_body("<html>violates unique constraint \"x_key\"</html>");
    assert_eq!(kind_of(page).await.0, Kind::Indeterminate);
}

#[tokio::test]
async fn an_answer_does_not_speak_for_an_attempt_that_was_lost_before_it() {
    let transport = script(
        Generation::Legacy,
        vec![
            Reply::fault(TransportFault::Broken),
            reply(
                500,
                &json!({"error": "Internal server error", "message": "Authentication check failed"}),
            ),
        ],
    );
    let client = with_login(&transport).build().unwrap();
    let update = UpdateSubscription::new(SubscriptionId::text(SUBSCRIPTION))
        .set_status(SubscriptionStatus::Active);
    let error = client.call(update).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate, "{error}");
}

#[tokio::test]
async fn a_missing_route_is_told_from_a_missing_row() {
    for (text, kind) in [
        ("Route not found (debug)", Kind::NotImplemented),
        ("Route not found", Kind::NotImplemented),
        ("Customer not found", Kind::NotFound),
    ] {
        let transport = script(
            Generation::Legacy,
            vec![reply(404, &json!({"error": text}))],
        );
        let client = with_login(&transport).build().unwrap();
        let error = client
            .call(GetCustomer(CustomerId::text(CUSTOMER)))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
    }
}

#[tokio::test]
async fn a_server_that_shuts_down_is_asked_again_and_one_without_the_route_is_not() {
    let busy = || {
        reply(
            503,
            &json!({"error": "Server is shutting down", "retry_after": 0}),
        )
    };
    let row = reply(200, &json!({"success": true, "customer": {"id": CUSTOMER}}));
    let transport = script(Generation::Legacy, vec![busy(), row]);
    let client = with_login(&transport).build().unwrap();
    client
        .call(GetCustomer(CustomerId::text(CUSTOMER)))
        .await
        .unwrap();
    assert_eq!(transport.requests().len(), 3);
}
