//! `/api/servers`, `/api/admin/servers`

use mpanel_client::servers::{
    CreateAdminServer, CreateServer, DeleteServer, GetServer, GetServerMetrics, ListAdminServers,
    ListServers, RecordMetrics, ServerId, UpdateAdminServer, UpdateServer,
};
use panel_http::Kind;
use secrecy::ExposeSecret;

use super::case::{SERVER, call, list};

fn id() -> ServerId {
    ServerId::text(SERVER)
}

#[tokio::test]
async fn servers_are_read_and_their_keys_kept_secret() {
    let rows = list("servers/list", ListServers).await.unwrap();
    assert_eq!((rows.len(), rows[0].max_accounts), (1, Some(500)));
    let row = call("servers/get", GetServer(id())).await.unwrap();
    assert_eq!(
        row.api_token.as_ref().unwrap().expose_secret(),
        "canary-token"
    );
    assert_eq!(
        row.api_password_encrypted.as_ref().unwrap().expose_secret(),
        "canary-password"
    );
    assert!(!format!("{row:?}").contains("canary"));
}

#[tokio::test]
async fn servers_are_added_changed_and_deleted() {
    let plain = || CreateServer::new("srv7.hoster.example", "198.51.100.7".parse().unwrap());
    let create = plain()
        .set_control_panel("plesk", "https://srv7.hoster.example:8443")
        .set_api("root", "canary-token".into())
        .set_max_accounts(500)
        .set_location("AT")
        .set_nameservers("ns1.hoster.example", "ns2.hoster.example");
    assert!(!format!("{create:?}").contains("canary"));
    let made = call("servers/create", create).await.unwrap();
    assert_eq!((made.id, made.tenant_id), (id(), None));
    let error = call("servers/create_again", plain()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.key()),
        (Kind::Conflict, Some("srv7.hoster.example"))
    );
    let error = call("servers/create_forbidden", plain()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let update = UpdateServer::new(id()).set_column("max_accounts", 300);
    assert_eq!(
        call("servers/update", update).await.unwrap().max_accounts,
        Some(300)
    );
    let done = call("servers/delete", DeleteServer(id())).await.unwrap();
    assert_eq!(done.message.as_deref(), Some("Server deleted successfully"));
}

#[tokio::test]
async fn metrics_are_numbers_in_either_dress() {
    let metrics = call("servers/metrics", GetServerMetrics(id()))
        .await
        .unwrap();
    assert_eq!(metrics.server_id, id());
    assert_eq!(metrics.cpu_usage, Some(12.5));
    assert_eq!(metrics.disk_total_gb, Some(100.0));
    assert_eq!(metrics.active_connections, Some(5));
    let record = RecordMetrics::new(id(), 12.5, (1000, 4000), (10.0, 100.0))
        .set_load(0.1)
        .set_connections(5)
        .set_agent_version("2.0");
    call("servers/record_metrics", record).await.unwrap();
}

#[tokio::test]
async fn the_administrators_servers_ask_for_no_login() {
    let rows = list("servers/admin_list", ListAdminServers).await.unwrap();
    assert_eq!(
        (rows[0].pending_tasks, rows[0].active_tasks),
        (Some(3), Some(1))
    );
    let plain = || CreateAdminServer::new("srv7", "srv7.hoster.example", "web");
    let create = plain()
        .set_ip_address("198.51.100.7")
        .set_location("AT")
        .set_api_base_url("https://srv7.hoster.example")
        .set_active(true);
    assert_eq!(call("servers/admin_create", create).await.unwrap().id, id());
    let error = call("servers/admin_create_again", plain())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.key()), (Kind::Conflict, Some("srv7")));
    let update = UpdateAdminServer::new(id()).set("isActive", false);
    let row = call("servers/admin_update", update).await.unwrap();
    assert_eq!(row.is_active, Some(false));
}
