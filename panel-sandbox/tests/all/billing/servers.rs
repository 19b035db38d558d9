//! Panel servers.

use panel_sandbox::nextpanel_billing::{Resource, operations};
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, operations as panel_operations};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::user::{User, billing};
use crate::caller::panel;

const SERVERS: &str = "/nextpanel/servers";

fn server(name: &str, panel: &Panel, kind: KeyKind) -> Value {
    let key = panel.key(kind);
    json!({
        "name": name,
        "base_url": format!("{}/", panel.url()),
        "api_key": key.id(),
        "api_secret": key.secret().expose_secret(),
    })
}

#[tokio::test]
async fn a_test_tries_only_whether_the_panel_is_up() {
    let (billing, panel) = (billing().await, panel().await);
    let nobody = User::nobody(&billing);
    let mut body = server("srv1", &panel, KeyKind::SuperAdmin);
    body["api_secret"] = json!("nonsense");
    let test = format!("{SERVERS}/test");
    let got = nobody.make(&test, &body, 200).await;
    assert_eq!(
        got,
        json!({
            "success": true,
            "message": "Connection successful! Server is online.",
            "url": format!("{}/", panel.url()),
        })
    );
    assert_eq!(panel.requests().len(), 1);
    assert_eq!(
        panel.requests()[0].operation(),
        Some(panel_operations::HEALTH)
    );
    assert_eq!(panel.requests()[0].header("x-api-key"), None);
    for dead in [
        "http://127.0.0.1:9",
        "nonsense",
        "http://panel.fields.example",
    ] {
        body["base_url"] = json!(dead);
        let got = nobody.make(&test, &body, 200).await;
        assert_eq!(
            (&got["success"], &got["url"]),
            (&json!(false), &json!(dead))
        );
        assert_eq!(
            got["message"],
            "Connection failed. Please check your credentials and URL."
        );
    }
    body.as_object_mut().unwrap().remove("name");
    let got = nobody.post(&test, &body).await;
    assert_eq!(got.status, 422);
    assert_eq!(
        got.body["body"]["api_secret"], "nonsense",
        "secrets are echoed"
    );
}

#[tokio::test]
async fn any_key_and_any_capacity_will_do_but_a_name_only_once() {
    let (billing, panel) = (billing().await, panel().await);
    let nobody = User::nobody(&billing);
    for (index, kind) in KeyKind::ALL.into_iter().enumerate() {
        let mut body = server(&format!("srv{index}"), &panel, kind);
        body["capacity"] = json!(0);
        let got = nobody.make(SERVERS, &body, 201).await;
        assert_eq!(got["message"], "Server added successfully");
        assert_eq!(got["server_id"], json!(index + 1));
        assert_eq!(got["url"], panel.url());
    }
    let body = server("srv0", &panel, KeyKind::SuperAdmin);
    let got = nobody.post(SERVERS, &body).await;
    assert_eq!(
        got.refusal(),
        (400, "Server with name 'srv0' already exists")
    );
    let mut body = server("srv9", &panel, KeyKind::SuperAdmin);
    body["base_url"] = json!("http://127.0.0.1:9");
    let got = nobody.post(SERVERS, &body).await;
    assert_eq!(
        got.refusal(),
        (
            400,
            "Failed to connect to NextPanel server. Check credentials and URL."
        )
    );
    assert_eq!(billing.times_created(Resource::Servers, "srv0"), 1);
    assert_eq!(billing.rows(Resource::Servers).len(), KeyKind::ALL.len());
}

#[tokio::test]
async fn the_list_shows_constants_and_the_status_asks_every_server() {
    let (billing, panel) = (billing().await, panel().await);
    let nobody = User::with_token(&billing, "nonsense");
    assert_eq!(
        nobody.list(&format!("{SERVERS}/status")).await,
        Vec::<Value>::new()
    );
    let mut body = server("srv1", &panel, KeyKind::SuperAdmin);
    body["capacity"] = json!(2);
    body["location"] = json!("Porto");
    body["tags"] = json!(["a"]);
    nobody.make(SERVERS, &body, 201).await;
    let wanted = json!({
        "customer_id": "c1",
        "username": "ada",
        "email": "ada@fields.example",
        "password": "Corr3ct-horse",
        "server_id": 1,
    });
    assert_eq!(
        nobody.make("/nextpanel/provision", &wanted, 200).await["success"],
        true
    );
    let row = nobody.list(SERVERS).await[0].clone();
    assert_eq!(row["location"], "Porto");
    assert_eq!(
        (&row["is_online"], &row["current_accounts"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(
        (&row["available_slots"], &row["utilization_percent"]),
        (&json!(2), &json!(0.0))
    );
    assert!(row.get("tags").is_none() && row.get("api_key").is_none());

    let status = async || nobody.list(&format!("{SERVERS}/status")).await[0].clone();
    let row = status().await;
    assert_eq!(
        (&row["server_id"], &row["is_online"]),
        (&json!("1"), &json!(true))
    );
    assert_eq!(
        (&row["current_accounts"], &row["utilization"]),
        (&json!(1), &json!(50.0))
    );
    billing.restart();
    assert_eq!(status().await["current_accounts"], 0);
    drop(panel);
    assert_eq!(status().await["is_online"], false);
    assert_eq!(nobody.list(SERVERS).await[0]["is_online"], true);
    assert_eq!(billing.requests_for(&operations::SERVERS_STATUS).len(), 4);
}
