//! What only administrators may.

use serde_json::json;

use super::user::{PASSWORD, User, address, id_of, three_parties};

#[tokio::test]
async fn rows_of_the_database_come_with_secrets_and_in_any_order() {
    let (_billing, administrator, _, id) = three_parties().await;
    let plan = administrator.plan("Small", 5.0).await;
    let body = json!({ "plan_id": plan });
    let made = administrator
        .make(&format!("/customers/{id}/licenses"), &body, 200)
        .await;
    let license = made["license_id"].as_str().unwrap();
    let user = format!("/admin/users/{id}");
    let got = administrator
        .put(&user, &json!({ "full_name": "Ada F." }))
        .await;
    assert_eq!(got.status, 200);
    assert_eq!(got.body["full_name"], "Ada F.");
    let hash = got.body["password_hash"].as_str().unwrap();
    assert!(hash.starts_with("$2b$12$") && hash.len() == 60, "{hash}");
    assert!(!hash.contains(PASSWORD));

    let texts = async |path: &str| {
        let mut texts = Vec::new();
        for _ in 0..2 {
            let request = administrator
                .request(reqwest::Method::PUT, path)
                .json(&json!({}));
            texts.push(request.send().await.unwrap().text().await.unwrap());
        }
        texts
    };
    let users = texts(&user).await;
    assert_ne!(
        users[0].find("password_hash"),
        users[1].find("password_hash")
    );
    let path = format!("/admin/licenses/{license}/status?new_status=suspended");
    let licenses = texts(&path).await;
    assert!(licenses[0].contains("encrypted_secret"));
    assert_ne!(
        licenses[0].find("encrypted_secret"),
        licenses[1].find("encrypted_secret")
    );
    let path = format!("/admin/licenses/{license}/status?new_status=paused");
    let got = administrator.send(reqwest::Method::PUT, &path).await;
    assert_eq!(got.refusal(), (400, "Invalid status: paused"));
}

#[tokio::test]
async fn users_are_managed_administrators_apart() {
    let (billing, administrator, ada, id) = three_parties().await;
    let body = json!({ "email": address("root2"), "full_name": "Two", "password": PASSWORD, "is_admin": true });
    let second = administrator.make("/admin/users", &body, 201).await;
    assert_eq!(second["is_admin"], true);
    assert!(second.get("licenses").is_none());
    let rows = administrator.list("/admin/users?limit=2").await;
    let emails: Vec<_> = rows
        .iter()
        .map(|row| row["email"].as_str().unwrap())
        .collect();
    assert_eq!(emails, [address("root2"), address("ada")], "newest first");
    assert_eq!(administrator.list("/admin/users?search=ADA").await.len(), 1);
    let path = format!("/admin/users/{}", id_of(&second));
    assert_eq!(
        administrator.delete(&path).await.refusal(),
        (400, "Cannot delete admin users")
    );
    assert_eq!(administrator.get(&path).await.body, second);
    assert_eq!(
        administrator
            .delete(&format!("/admin/users/{id}"))
            .await
            .status,
        204
    );
    assert_eq!(ada.get("/admin/users").await.status, 403);
    let nobody = User::nobody(&billing);
    assert_eq!(nobody.get("/admin/stats").await.status, 403);
    assert_eq!(
        administrator.get("/admin/stats").await.body["total_users"],
        2
    );
}

#[tokio::test]
async fn product_plans_are_really_deleted_unless_in_use() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let body = json!({ "name": "Small", "price_monthly": 1, "price_yearly": 2 });
    assert_eq!(ada.post("/admin/plans", &body).await.status, 403);
    let path = format!(
        "/admin/plans/{}",
        id_of(&administrator.make("/admin/plans", &body, 201).await)
    );
    assert_eq!(
        administrator
            .put(&path, &json!({ "sort_order": 3 }))
            .await
            .body["sort_order"],
        3
    );
    assert_eq!(administrator.delete(&path).await.status, 204);
    assert!(administrator.list("/plans/").await.is_empty());
    let used = administrator.plan("Used", 5.0).await;
    let licenses = format!("/customers/{id}/licenses");
    administrator
        .make(&licenses, &json!({ "plan_id": used }), 200)
        .await;
    assert_eq!(
        administrator
            .delete(&format!("/admin/plans/{used}"))
            .await
            .status,
        400
    );
    assert_eq!(administrator.list("/admin/licenses").await.len(), 1);
    assert!(
        administrator
            .list("/admin/licenses?status=bogus")
            .await
            .is_empty()
    );
}
