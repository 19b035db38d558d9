//! Websites, servers, invoices, users, dashboard, API keys, roles.

use panel_sandbox::mpanel::{Columns, Generation, MPanelSettings, UserKind};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::caller::{BOTH, Caller, admin_of, legacy, start, type_script, with_admin};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_website_is_created_joined_changed_and_deployed() {
    for generation in BOTH {
        let (mpanel, caller) = with_admin(generation).await;
        let customer = caller.customer("Webco").await;
        let body = json!({
            "customerId": customer, "serverId": mpanel.server_id(), "name": "web", "primaryDomain": "web.example",
            "additionalDomains": ["www.web.example"], "phpVersion": "8.3", "metadata": { "reference": "w-1" },
        });
        let got = caller.post("/api/websites", &body).await;
        assert_eq!(
            (got.status, &got.body["app_type"], &got.body["status"]),
            (201, &json!("php"), &json!("active"))
        );
        let path = format!("/api/websites/{}", got.uuid("/id"));
        let row = caller.get(&path).await.body;
        assert_eq!(
            (&row["server_name"], &row["server_hostname"]),
            (&json!("srv1"), &json!("srv1.hosting.example"))
        );
        let list = caller.get("/api/websites").await.body;
        assert_eq!(
            (&list[0]["company_name"], &list[0]["customer_email"]),
            (&json!("Webco"), &json!("admin@hosting.example"))
        );
        let list = caller
            .get(&format!("/api/websites?customerId={customer}"))
            .await
            .body;
        assert_eq!(
            (&list[0]["server_name"], list[0].get("company_name")),
            (&json!("srv1"), None)
        );

        let got = caller.put(&path, &json!({ "php_version": "8.4" })).await;
        assert_eq!((got.status, &got.body["php_version"]), (200, &json!("8.4")));
        let got = caller.put(&path, &json!({ "phpVersion": "8.5" })).await;
        assert_eq!((got.status, got.error()), (500, "Failed to update website"));
        let ssl = json!({ "sslEnabled": true, "sslProvider": "letsencrypt", "sslExpiresAt": "2026-06-01" });
        let got = caller.put(&format!("{path}/ssl"), &ssl).await;
        assert_eq!(got.body["ssl_expires_at"], "2026-06-01T00:00:00.000Z");
        let got = caller.post(&format!("{path}/deploy"), &json!({})).await;
        assert_eq!(got.body["message"], "Deployment recorded");
        assert!(got.body["website"]["last_deployed_at"].is_string());
        assert_eq!(mpanel.times_website_created("web.example"), 1);
        assert_eq!(mpanel.websites()[0].metadata["reference"], "w-1");
    }
}

#[tokio::test]
async fn websites_fail_in_the_databases_way() {
    let mpanel = legacy().await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    for body in [
        json!({ "primaryDomain": "a.example", "planCode": "starter" }),
        json!({ "name": "a", "primaryDomain": "a.example", "customerId": NOBODY }),
        json!({ "name": "a", "primaryDomain": "a.example", "serverId": "1" }),
    ] {
        let got = caller.post("/api/websites", &body).await;
        assert_eq!(
            (got.status, got.error()),
            (500, "Failed to create website"),
            "{body}"
        );
    }
    let got = caller.get("/api/websites/1").await;
    assert_eq!((got.status, got.error()), (500, "Failed to fetch website"));
    let got = caller
        .put(&format!("/api/websites/{NOBODY}"), &json!({ "name": "b" }))
        .await;
    assert_eq!((got.status, got.error()), (404, "Website not found"));
    let good = json!({ "name": "a", "primaryDomain": "a.example" });
    assert_eq!(caller.post("/api/websites", &good).await.status, 201);
    let root = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    assert_eq!(root.get("/api/websites").await.body, json!([]));

    let settings = MPanelSettings::new("main", Generation::Legacy).with_columns(Columns::Base);
    let mpanel = start(settings).await;
    assert_eq!(
        admin_of(&mpanel).post("/api/websites", &good).await.status,
        500
    );
}

#[tokio::test]
async fn servers_are_created_for_nobody_and_seen_by_those_without_a_tenant() {
    let mpanel = legacy().await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let body = json!({ "hostname": "srv9.hosting.example", "ipAddress": "192.0.2.9", "control_panel": "plesk" });
    let got = caller.post("/api/servers", &body).await;
    assert_eq!(
        (got.status, &got.body["tenant_id"], &got.body["name"]),
        (201, &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&got.body["ip_address"], &got.body["max_accounts"]),
        (&json!("192.0.2.9"), &json!(500))
    );
    let got = caller.post("/api/servers", &body).await;
    assert_eq!(
        (got.status, got.error()),
        (400, "Server with this hostname already exists")
    );
    let count = async |caller: &Caller| {
        let got = caller.get("/api/servers").await;
        assert_eq!(got.body["servers"], got.body["data"]);
        got.body["data"].as_array().unwrap().len()
    };
    let root = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    assert_eq!((count(&caller).await, count(&root).await), (1, 2));
    assert_eq!(root.post("/api/servers", &body).await.status, 403);

    let path = format!("/api/servers/{}", mpanel.server_id());
    assert_eq!(caller.get(&path).await.body["name"], "srv1");
    let got = caller.put(&path, &json!({ "max_accounts": 10 })).await;
    assert_eq!((got.status, &got.body["max_accounts"]), (200, &json!(10)));
    assert_eq!(
        caller
            .put(&path, &json!({ "maxAccounts": 10 }))
            .await
            .status,
        500
    );
    let metrics = format!("{path}/metrics");
    assert_eq!(caller.get(&metrics).await.status, 404);
    caller
        .post(&metrics, &json!({ "cpuUsage": 12.5, "memoryUsageMb": 100 }))
        .await;
    let got = caller.get(&metrics).await.body;
    assert_eq!(
        (&got["cpu_usage"], &got["memory_usage_mb"]),
        (&json!("12.50"), &json!(100))
    );
    assert_eq!(caller.delete(&path).await.status, 200);
    assert_eq!(count(&caller).await, 0);
    assert_eq!(caller.get(&path).await.body["status"], "deleted");
}

#[tokio::test]
async fn the_administrations_servers_ask_nobody() {
    for generation in BOTH {
        let (mpanel, _) = with_admin(generation).await;
        let stranger = Caller::stranger(&mpanel);
        let got = stranger
            .post("/api/admin/servers", &json!({ "name": "srv8" }))
            .await;
        assert_eq!(
            (got.status, got.error()),
            (400, "name, fqdn, and role are required")
        );
        let body = json!({ "name": "srv8", "fqdn": "srv8.hosting.example", "role": "web" });
        let got = stranger.post("/api/admin/servers", &body).await;
        assert_eq!(got.status, 201);
        let path = format!("/api/admin/servers/{}", got.uuid("/server/id"));
        assert_eq!(stranger.post("/api/admin/servers", &body).await.status, 409);
        let got = stranger.patch(&path, &json!({ "isActive": false })).await;
        assert_eq!(got.body["server"]["is_active"], false);
        let list = stranger.get("/api/admin/servers").await.body;
        assert_eq!(list["servers"][0]["pending_tasks"], "0");
    }
}

#[tokio::test]
async fn invoices_add_up_numbers_and_show_a_line_of_nothing() {
    let (_mpanel, caller) = with_admin(Generation::Legacy).await;
    let customer = caller.customer("Invco").await;
    let invoice = |number: &str, items: Value| {
        json!({
            "customerId": customer, "invoiceNumber": number, "items": items, "taxRate": 0.2,
            "dueDate": "2026-03-01",
        })
    };
    let items = json!([{ "description": "Growth", "quantity": 1, "unitPrice": 49.99, "amount": 49.99, "taxable": true }]);
    let got = caller
        .post("/api/invoices", &invoice("INV-1", items.clone()))
        .await;
    assert_eq!(got.status, 201);
    assert_eq!(
        (&got.body["total"], &got.body["tax_rate"]),
        (&json!("59.99"), &json!("0.2000"))
    );
    let path = format!("/api/invoices/{}", got.uuid("/id"));
    assert_eq!(
        caller.get(&path).await.body["items"][0]["unit_price"],
        49.99
    );
    let texts = json!([{ "amount": "49.99" }]);
    for body in [
        invoice("INV-1", items),
        invoice("INV-2", texts),
        invoice("INV-3", Value::Null),
    ] {
        assert_eq!(caller.post("/api/invoices", &body).await.status, 500);
    }
    let got = caller
        .post("/api/invoices", &invoice("INV-4", json!([])))
        .await;
    let empty = caller
        .get(&format!("/api/invoices/{}", got.uuid("/id")))
        .await
        .body;
    assert_eq!(empty["items"].as_array().unwrap().len(), 1);
    assert_eq!(empty["items"][0]["id"], Value::Null);

    assert_eq!(caller.get("/api/invoices").await.body, json!([]));
    let one = caller
        .get(&format!(
            "/api/invoices?customerId={customer}&limit=1&offset=1"
        ))
        .await
        .body;
    assert_eq!(one[0]["invoice_number"], "INV-1");
    assert_eq!(
        caller.get("/api/invoices/recent").await.error(),
        "Failed to fetch invoice"
    );
    let got = caller
        .post(&format!("{path}/pay"), &json!({ "paymentMethod": "card" }))
        .await;
    assert_eq!(
        (
            &got.body["invoice"]["status"],
            &got.body["payment"]["amount"]
        ),
        (&json!("draft"), &json!("59.99"))
    );
    let got = caller.post(&format!("{path}/pay"), &json!({})).await;
    assert_eq!((got.status, got.error()), (400, "Invoice already paid"));
    assert_eq!(caller.get("/api/invoices/due").await.body, json!([]));
    assert_eq!(
        caller
            .post(&format!("{path}/mark-paid"), &json!({}))
            .await
            .status,
        500
    );
}

#[tokio::test]
async fn legacy_users_are_kept_by_administrators() {
    let mpanel = legacy().await;
    let caller = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    let got = caller.get("/api/users").await.body;
    assert_eq!(got["users"], got["data"]);
    assert_eq!(got["users"].as_array().unwrap().len(), UserKind::ALL.len());
    assert!(!got.to_string().contains("password"));
    let body = json!({ "email": "staff@hosting.example", "password": "Staff-password-1", "role": "admin" });
    let got = caller.post("/api/users", &body).await;
    assert_eq!(
        (got.status, &got.body["user"]["role"]),
        (201, &json!("admin"))
    );
    assert_eq!(caller.post("/api/users", &body).await.status, 409);
    let login = json!({ "email": body["email"], "password": body["password"] });
    let stranger = Caller::stranger(&mpanel);
    assert_eq!(stranger.post("/api/auth/login", &login).await.status, 200);
    let path = format!("/api/users/{}", got.uuid("/user/id"));
    let got = caller.put(&path, &json!({ "first_name": "Stef" })).await;
    assert_eq!(got.body["user"]["first_name"], "Stef");
    let status = format!("{path}/status");
    assert_eq!(
        caller
            .patch(&status, &json!({ "status": "ACTIVE" }))
            .await
            .status,
        400
    );
    assert_eq!(
        caller
            .patch(&status, &json!({ "status": "suspended" }))
            .await
            .status,
        200
    );
    assert_eq!(stranger.post("/api/auth/login", &login).await.status, 401);
    assert_eq!(caller.delete(&path).await.status, 200);
    assert_eq!(caller.get(&path).await.status, 404);
    let own = format!("/api/users/{}", mpanel.user(UserKind::SuperAdmin).id());
    assert_eq!(caller.delete(&own).await.status, 400);
    let manager = Caller::logged_in(&mpanel, UserKind::Manager).await;
    assert_eq!(
        manager.get("/api/users").await.error(),
        "Access denied. Admin only."
    );
}

#[tokio::test]
async fn type_script_users_are_members_of_the_tenant() {
    let mpanel = type_script().await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = owner.get("/api/users?pageSize=2").await.body;
    assert_eq!(
        got["pagination"],
        json!({ "page": 1, "pageSize": 2, "total": 6, "totalPages": 3 })
    );
    let got = owner.post("/api/users/invite", &json!({})).await;
    assert_eq!(
        (got.status, got.error()),
        (400, "Email and role are required")
    );
    let invitation = json!({ "email": "new@hosting.example", "role": "BILLING" });
    let got = owner.post("/api/users/invite", &invitation).await;
    assert_eq!(got.status, 201);
    assert!(
        got.body["data"]["passwordHash"]
            .as_str()
            .unwrap()
            .starts_with("$2b$")
    );
    let path = format!("/api/users/{}", got.uuid("/data/id"));
    let got = owner
        .patch(&format!("{path}/role"), &json!({ "role": "ADMIN" }))
        .await;
    assert_eq!(got.body["data"]["tenantRole"], "ADMIN");
    for (verb, status) in [("suspend", "suspended"), ("reactivate", "active")] {
        let got = owner.post(&format!("{path}/{verb}"), &json!({})).await;
        assert_eq!(got.body["data"]["status"], status);
    }
    assert_eq!(owner.get(&path).await.body["data"]["status"], "active");
    let viewer = Caller::logged_in(&mpanel, UserKind::Customer).await;
    let got = viewer.get("/api/users").await;
    assert_eq!((got.status, got.error()), (403, "Insufficient permissions"));
    assert_eq!(
        got.message(),
        "This action requires one of the following roles: OWNER, ADMIN, BILLING"
    );
}

#[tokio::test]
async fn the_dashboard_counts_and_the_documented_summary_is_not_there() {
    for generation in BOTH {
        let (_mpanel, caller) = with_admin(generation).await;
        caller.customer("Dashco").await;
        let got = caller.get("/api/dashboard/stats").await.body;
        assert_eq!(
            got["data"],
            json!({ "domains": 0, "websites": 0, "databases": 0, "mailboxes": 0, "customers": 1, "servers": 1 })
        );
        assert_eq!(
            caller.get("/api/dashboard/renewals").await.body,
            json!({ "renewals": [] })
        );
        for path in ["service-health", "quick-actions"] {
            assert_eq!(
                caller.get(&format!("/api/dashboard/{path}")).await.status,
                200
            );
        }
        assert_eq!(caller.get("/api/dashboard/summary").await.status, 404);
    }
}

#[tokio::test]
async fn platform_administrators_see_the_tenants_where_a_legacy_server_shows_customers() {
    let mpanel = type_script().await;
    let platform = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    let got = platform.get("/api/admin/customers?pageSize=1").await.body;
    assert_eq!(got["data"][0]["tenantId"], json!(mpanel.tenant_id()));
    assert_eq!(got["pagination"]["total"], 1);
    let none = platform
        .get("/api/admin/customers?search=nobody")
        .await
        .body;
    assert_eq!(none["data"], json!([]));
    assert_eq!(
        Caller::stranger(&mpanel)
            .get("/api/admin/customers")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn api_keys_are_shown_once_and_webhooks_have_numbers() {
    for generation in BOTH {
        let (_mpanel, caller) = with_admin(generation).await;
        let body = json!({ "name": "ci", "permissions": ["read"], "expires_at": "2027-01-01" });
        let got = caller.post("/api/api-keys/keys", &body).await;
        assert_eq!(got.status, 201);
        let key = got.body["api_key"].as_str().unwrap().to_owned();
        assert!(key.starts_with("mpanel_") && key.len() == 71, "{key}");
        let list = caller.get("/api/api-keys/keys").await.body;
        assert_eq!(list["keys"][0]["expires_at"], "2027-01-01T00:00:00.000Z");
        assert!(!list.to_string().contains(&key));
        let path = format!("/api/api-keys/keys/{}", got.uuid("/id"));
        assert_eq!(caller.delete(&path).await.status, 200);
        assert_eq!(caller.delete(&path).await.status, 404);
        assert_eq!(caller.get("/api/api-keys").await.status, 404);

        let hook = json!({ "url": "https://a.example/h", "events": ["server.created"] });
        let got = caller.post("/api/api-keys/webhooks", &hook).await;
        assert_eq!((got.status, &got.body["id"]), (201, &json!(1)));
        let list = caller.get("/api/api-keys/webhooks").await.body;
        assert_eq!(list["webhooks"][0]["secret"], got.body["secret"]);
        assert_eq!(caller.delete("/api/api-keys/webhooks/1").await.status, 200);
        assert_eq!(
            caller
                .post("/api/api-keys/webhooks", &json!({}))
                .await
                .status,
            400
        );
    }
}

#[tokio::test]
async fn roles_are_read_by_super_admin_alone() {
    let mpanel = legacy().await;
    let admin = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = admin.get("/api/roles").await;
    assert_eq!(
        (got.status, got.message()),
        (403, "You don't have permission to roles.read")
    );
    let root = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    let rows = root.get("/api/roles").await.body;
    assert_eq!(rows.as_array().unwrap().len(), 8);
    assert!(rows[0]["permission_count"].is_string());
    let all = root.get("/api/roles/permissions/all").await.body;
    assert_eq!(all["grouped"]["roles"].as_array().unwrap().len(), 5);

    let body = json!({ "name": "auditor", "display_name": "Auditor", "level": 8 });
    let got = root.post("/api/roles", &body).await;
    assert_eq!(got.status, 201);
    assert_eq!(root.post("/api/roles", &body).await.status, 400);
    let path = format!("/api/roles/{}", got.uuid("/id"));
    let permission = all["permissions"][0]["id"].clone();
    let wanted = json!({ "permission_ids": [permission] });
    let got = root.put(&format!("{path}/permissions"), &wanted).await;
    assert_eq!(got.body["permissions"][0]["id"], permission);
    assert_eq!(root.get(&format!("{path}/users")).await.body, json!([]));
    assert_eq!(root.get(&path).await.body["level"], 8);
    assert_eq!(root.delete(&path).await.status, 200);
    assert_eq!(root.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_password_that_was_set_is_the_one_to_log_in_with() {
    let mpanel = legacy().await;
    let user = mpanel.user(UserKind::Customer);
    let caller = Caller::logged_in(&mpanel, UserKind::Customer).await;
    let old = user.password().expose_secret();
    let body = json!({ "email": user.email(), "tempPassword": old, "newPassword": "short" });
    assert_eq!(
        caller.post("/api/auth/set-password", &body).await.status,
        400
    );
    let body = json!({ "email": user.email(), "tempPassword": old, "newPassword": "long enough" });
    assert_eq!(
        caller.post("/api/auth/set-password", &body).await.status,
        200
    );
    assert_eq!(caller.login(&mpanel, UserKind::Customer).await.status, 401);
}
