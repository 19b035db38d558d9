//! Licences of one's own.

use serde_json::json;

use super::user::{User, three_parties};

#[tokio::test]
async fn one_sees_only_ones_own_even_as_an_administrator() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let plan = administrator.plan("Small", 5.0).await;
    let path = format!("/customers/{id}/licenses");
    let made = administrator
        .make(&path, &json!({ "plan_id": plan }), 200)
        .await;
    let rows = ada.list("/licenses/").await;
    assert_eq!(rows[0]["license_key"], made["license_key"]);
    let path = format!("/licenses/{}", made["license_id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await.body, rows[0]);
    assert!(administrator.list("/licenses/").await.is_empty());
    assert_eq!(
        administrator.get(&path).await.refusal(),
        (404, "License not found")
    );
}

#[tokio::test]
async fn nobody_without_the_backends_own_secret_can_validate() {
    let (billing, _, _, _) = three_parties().await;
    let nobody = User::nobody(&billing);
    let mut body = json!({ "license_key": "NP-AAAA-BBBB-CCCC-DDDD", "feature": "create_domain" });
    for _ in 0..2 {
        let got = nobody.make("/licenses/validate", &body, 200).await;
        assert_eq!(got["valid"], false);
        assert_eq!(got["remaining_quota"], json!(null));
        assert!(got["error"].is_string());
        body["timestamp"] = json!(1_768_467_600);
        body["signature"] = json!("00");
    }
    assert_eq!(
        nobody.post("/licenses/validate", &json!({})).await.status,
        422
    );
}
