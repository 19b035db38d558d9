//! `/api/dashboard`, `/api/admin/dashboard`

use mpanel_client::dashboard::{
    GetAdminDashboard, GetDashboardStats, GetDashboardSummary, GetServiceHealth, ListQuickActions,
    ListRenewals,
};

use super::case::{SUBSCRIPTION, call, list};

#[tokio::test]
async fn the_dashboard_is_read() {
    let stats = call("dashboard/stats", GetDashboardStats).await.unwrap();
    assert_eq!((stats.domains, stats.websites, stats.servers), (1, 2, 6));
    let health = call("dashboard/service_health", GetServiceHealth)
        .await
        .unwrap();
    assert_eq!(health["web"], "up");
    let renewals = list("dashboard/renewals", ListRenewals).await.unwrap();
    assert_eq!(renewals[0].id.to_string(), SUBSCRIPTION);
    assert_eq!(
        renewals[0].due_date.unwrap().to_string(),
        "2027-04-01T00:00:00Z"
    );
    let actions = list("dashboard/quick_actions", ListQuickActions)
        .await
        .unwrap();
    assert_eq!(actions[0].path.as_deref(), Some("/users"));
    let admin = call("dashboard/admin", GetAdminDashboard).await.unwrap();
    assert!(admin.0["revenue"]["history"].is_array());
}

#[tokio::test]
async fn the_documented_summary_is_read_where_a_server_has_it() {
    let summary = call("dashboard/summary_documented", GetDashboardSummary)
        .await
        .unwrap();
    assert_eq!(summary.total_revenue.unwrap().as_str(), "1234.5");
    assert_eq!(
        (summary.active_customers, summary.active_subscriptions),
        (7, 9)
    );
}
