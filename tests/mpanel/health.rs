//! `/api/health` and its neighbours.

use mpanel_client::health::{GetHealth, GetLive, GetReady, GetSystemHealth};

use super::case::call;

#[tokio::test]
async fn health_is_read_without_a_login() {
    let health = call("health/health", GetHealth).await.unwrap();
    assert_eq!(health.status, "healthy");
    assert_eq!(health.version.as_deref(), Some("v1"));
    assert_eq!(health.uptime, Some(4711.0));
    assert_eq!(
        call("health/ready", GetReady).await.unwrap().status,
        "ready"
    );
    assert_eq!(call("health/live", GetLive).await.unwrap().status, "alive");
    let system = call("health/system", GetSystemHealth).await.unwrap();
    assert_eq!(system.uptime, Some(78.25));
}
