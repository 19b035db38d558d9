//! Customers.

use panel_sandbox::nextpanel_billing::Resource;
use serde_json::{Value, json};

use super::user::{
    PASSWORD, User, address, billing_and_administrator, customer, id_of, log_in, three_parties,
};

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["full_name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn creating_answers_200_with_everything_that_hangs_on_the_customer() {
    let (billing, administrator) = billing_and_administrator().await;
    let mut body = customer("ada");
    body["company_name"] = json!("Fields");
    body["is_active"] = json!("yes");
    let made = administrator.make("/customers", &body, 200).await;
    let mut fields: Vec<_> = made.as_object().unwrap().keys().cloned().collect();
    fields.sort();
    assert_eq!(fields.len(), 17, "{fields:?}");
    assert_eq!(made["total_payments"], json!(0.0));
    assert!(made["total_payments"].is_f64());
    assert_eq!(made["licenses"], json!([]));
    assert_eq!(made["last_payment_date"], json!(null));
    assert_eq!(
        made["created_at"].as_str().unwrap().len(),
        "2026-01-15T09:00:00".len()
    );
    assert!(log_in(&billing, &address("ada"), PASSWORD).await.status == 200);

    let again = administrator.post("/customers", &body).await;
    assert_eq!(again.refusal(), (400, "Email already registered"));
    assert_eq!(billing.times_created(Resource::Users, &address("ada")), 1);
}

#[tokio::test]
async fn blanks_are_a_password_and_an_empty_name_is_a_name() {
    let (_billing, administrator) = billing_and_administrator().await;
    let body = json!({ "email": address("ada"), "full_name": "", "password": "        " });
    assert_eq!(
        administrator.make("/customers", &body, 200).await["full_name"],
        ""
    );
}

#[tokio::test]
async fn syntax_comes_before_the_token_and_rights_before_fields() {
    let (billing, _, ada, _) = three_parties().await;
    let nobody = User::nobody(&billing);
    let broken = |user: &User| {
        user.request(reqwest::Method::POST, "/customers")
            .header("content-type", "application/json")
            .body("{\"email\":")
    };
    for user in [&nobody, &ada] {
        assert_eq!(crate::caller::got(broken(user)).await.unwrap().status, 422);
    }
    let empty = json!({});
    assert_eq!(
        nobody.post("/customers", &empty).await.refusal(),
        (403, "Not authenticated")
    );
    assert_eq!(
        ada.post("/customers", &empty).await.refusal(),
        (403, "Admin access required")
    );
}

#[tokio::test]
async fn the_list_hides_administrators_but_the_item_does_not() {
    let (billing, administrator) = billing_and_administrator().await;
    administrator.customer("ada").await;
    assert_eq!(names(&administrator.list("/customers").await), ["ada"]);
    let root = billing.rows(Resource::Users)[0].clone();
    let got = administrator
        .get(&format!("/customers/{}", id_of(&root)))
        .await;
    assert_eq!(got.body["is_admin"], true);
}

#[tokio::test]
async fn the_list_is_filtered_and_paged_within_bounds() {
    let (_billing, administrator) = billing_and_administrator().await;
    for name in ["ada", "bob", "eve"] {
        administrator.customer(name).await;
    }
    let names_of = async |query: &str| {
        let rows = administrator.list(&format!("/customers?{query}")).await;
        names(&rows).join(" ")
    };
    assert_eq!(names_of("skip=1&limit=1").await, "bob");
    assert_eq!(names_of("skip=7").await, "");
    assert_eq!(names_of("search=BOB").await, "bob");
    assert_eq!(
        names_of("search=fields.example&is_active=true").await,
        "ada bob eve"
    );
    assert_eq!(names_of("is_active=no").await, "");
    for query in [
        "limit=0",
        "limit=1001",
        "skip=-1",
        "limit=x",
        "is_active=maybe",
    ] {
        let got = administrator.get(&format!("/customers?{query}")).await;
        assert_eq!(got.status, 422, "{query}");
        assert_eq!(got.body["detail"][0]["loc"][0], "query", "{query}");
        assert_eq!(got.body["body"], json!(null), "{query}");
    }
}

#[tokio::test]
async fn a_customer_with_licences_comes_once_for_each() {
    let (_billing, administrator, _, id) = three_parties().await;
    administrator.customer("bob").await;
    let plan = administrator.plan("Small", 5.0).await;
    for _ in 0..3 {
        let path = format!("/customers/{id}/licenses");
        administrator
            .make(&path, &json!({ "plan_id": plan }), 200)
            .await;
    }
    let rows = administrator.list("/customers?has_licenses=true").await;
    assert_eq!(names(&rows), ["ada", "ada", "ada"]);
    assert_eq!(rows[0]["total_licenses"], 3);
    assert_eq!(rows[0]["active_subscriptions"], 3);
    let rows = administrator
        .list("/customers?has_licenses=true&limit=2")
        .await;
    assert_eq!(rows.len(), 2);
    let rows = administrator.list("/customers?has_licenses=false").await;
    assert_eq!(names(&rows), ["bob"]);
}

#[tokio::test]
async fn a_guest_is_a_user_who_cannot_log_in() {
    let (billing, administrator) = billing_and_administrator().await;
    let nobody = User::nobody(&billing);
    let body = json!({ "email": address("gus"), "full_name": "Gus" });
    let made = nobody.make("/customers/guest", &body, 200).await;
    assert!(made.get("licenses").is_none());
    assert_eq!(log_in(&billing, &address("gus"), "").await.status, 401);
    assert_eq!(names(&administrator.list("/customers").await), ["Gus"]);
}

#[tokio::test]
async fn changing_takes_any_password_and_clears_nothing() {
    let (billing, administrator, _, id) = three_parties().await;
    administrator.customer("bob").await;
    let path = format!("/customers/{id}");
    let got = administrator
        .put(&path, &json!({ "password": "x", "company_name": "Fields" }))
        .await;
    assert_eq!(got.status, 200);
    assert!(billing.password_is(&address("ada"), "x"));
    let got = administrator
        .put(&path, &json!({ "company_name": null }))
        .await;
    assert_eq!(got.body["company_name"], "Fields");
    let got = administrator
        .put(&path, &json!({ "email": address("bob") }))
        .await;
    assert_eq!(got.refusal(), (400, "Email already in use"));
    assert_eq!(
        administrator
            .put(&path, &json!({ "email": address("ada") }))
            .await
            .status,
        200
    );
    let got = administrator
        .send_body(reqwest::Method::PATCH, &path, &json!({}))
        .await;
    assert_eq!(got.refusal(), (405, "Method Not Allowed"));
    assert!(!got.headers.contains_key("allow"));
}

#[tokio::test]
async fn ids_are_compared_to_the_letter() {
    let (_billing, administrator, _, id) = three_parties().await;
    for unknown in [id.to_uppercase(), "1".to_owned()] {
        let got = administrator.get(&format!("/customers/{unknown}")).await;
        assert_eq!(got.refusal(), (404, "Customer not found"));
    }
}

#[tokio::test]
async fn a_customer_can_be_deleted_only_without_any_trace() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let plan = administrator.plan("Small", 5.0).await;
    let licenses = format!("/customers/{id}/licenses");
    let made = administrator
        .make(&licenses, &json!({ "plan_id": plan }), 200)
        .await;
    let path = format!("/customers/{id}");
    let got = administrator.delete(&path).await;
    assert_eq!(got.status, 400);
    assert!(
        got.detail()
            .starts_with("Cannot delete customer with 1 active licenses")
    );
    let license = made["license_id"].as_str().unwrap();
    administrator.delete(&format!("{licenses}/{license}")).await;
    let got = administrator.delete(&path).await;
    assert_eq!(got.status, 500);
    assert!(
        got.detail()
            .contains("NOT NULL constraint failed: licenses.user_id\n")
    );
    assert_eq!(ada.get("/auth/me").await.status, 200);

    let bob = administrator.customer("bob").await;
    let got = administrator.delete(&format!("/customers/{bob}")).await;
    assert_eq!(
        (got.status, &got.body),
        (200, &json!({ "message": "Customer deleted successfully" }))
    );
    assert_eq!(
        administrator
            .delete(&format!("/customers/{bob}"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn figures_are_integers_but_for_money() {
    let (_billing, administrator, _, _) = three_parties().await;
    let got = administrator.get("/customers/stats").await;
    assert_eq!(got.body["total_customers"], 1);
    assert!(got.body["total_revenue"].is_f64());
    assert!(got.body["average_customer_value"].is_f64());
}

#[tokio::test]
async fn a_row_without_a_name_spoils_the_whole_list() {
    let (billing, administrator) = billing_and_administrator().await;
    administrator.customer("ada").await;
    let id = billing.add_nameless_customer(&address("nemo"));
    assert_eq!(administrator.get("/customers").await.status, 500);
    assert_eq!(
        administrator.get(&format!("/customers/{id}")).await.status,
        500
    );
    assert_eq!(administrator.list("/customers?search=ada").await.len(), 1);
}
