//! Payments.

use reqwest::Method;
use serde_json::json;

use super::orders::order;
use super::user::{id_of, three_parties};

#[tokio::test]
async fn payments_are_for_administrators_and_a_status_there_is_not_is_a_500() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let made = ada.make("/orders", &order(&id, 5.0), 201).await;
    administrator
        .send(Method::POST, &format!("/orders/{}/pay", id_of(&made)))
        .await;
    for path in [
        "/payments",
        "/payments/stats/summary",
        "/payments/auto-charge/queue",
    ] {
        assert_eq!(
            ada.get(path).await.refusal(),
            (403, "Admin access required"),
            "{path}"
        );
    }
    let rows = administrator.list("/payments").await;
    assert_eq!((rows.len(), &rows[0]["amount"]), (1, &json!(5.0)));
    assert_eq!(rows[0]["order_id"], made["id"]);
    let got = administrator
        .get(&format!("/payments/{}", id_of(&rows[0])))
        .await;
    assert_eq!(got.body, rows[0]);
    assert_eq!(
        administrator.get("/payments/x").await.refusal(),
        (404, "Payment not found")
    );
    assert!(
        administrator
            .list("/payments?status=failed")
            .await
            .is_empty()
    );
    assert!(
        administrator
            .list("/payments?max_amount=4")
            .await
            .is_empty()
    );
    let got = administrator.get("/payments?status=bogus").await;
    assert_eq!(got.refusal(), (500, "Internal server error: 'BOGUS'"));
    assert_eq!(
        administrator
            .get("/payments/auto-charge/queue")
            .await
            .status,
        500
    );
    let stats = administrator.get("/payments/stats/summary").await.body;
    assert_eq!(stats["total_amount"], json!(5.0));
    let own = administrator
        .list(&format!("/customers/{id}/payments"))
        .await;
    assert_eq!(own, rows);
    let detail = administrator.get(&format!("/customers/{id}")).await.body;
    assert_eq!(detail["total_payments"], json!(5.0));
    assert_eq!(detail["last_payment_date"], rows[0]["created_at"]);
}
