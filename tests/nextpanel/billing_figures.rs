//! Usage, analytics and notifications.

use nextpanel_client::billing::{
    GetDashboard, GetDomainAnalytics, GetGrowthMetrics, GetInvoiceAnalytics, GetLicenceAnalytics,
    GetMonthlyRevenue, GetNotificationPreferences, GetQuota, GetRevenueSummary, GetUsageAlerts,
    GetUsageHistory, GetUsageReport, ResendWelcomeEmail, ResourceType, SendTestEmail,
    SetNotificationPreferences, UpdateUsage,
};
use panel_http::{Error, Kind};
use serde_json::{Map, json};

use super::billing_customers::{LICENCE, moment};
use super::exchange::golden;

#[tokio::test]
async fn usage_is_read_and_counted() -> Result<(), Error> {
    let quota = golden(
        "billing.usage_quota",
        GetQuota::new().set_license_id(LICENCE),
    )
    .await?;
    assert!(quota.license_id.is_null());
    assert_eq!(*quota.emails_available, Some(4));
    let update = UpdateUsage::new(LICENCE, ResourceType::Emails, -1_i64);
    let count = golden("billing.update_usage", update).await?;
    assert_eq!(*count.current_count, Some(2));
    let report = GetUsageReport::new()
        .set_license_id(LICENCE)
        .set_start_date(moment("2026-01-01"))
        .set_end_date(moment("2026-02-01"));
    let report = golden("billing.usage_report", report).await?;
    assert_eq!(report.licenses.as_ref().unwrap().len(), 1);
    let alerts = golden("billing.usage_alerts", GetUsageAlerts::new()).await?;
    assert_eq!(alerts.get("/alerts"), Some(&json!([])));
    let history = GetUsageHistory::new(LICENCE).set_days(7_u32);
    golden("billing.usage_history", history).await?;
    Ok(())
}

#[tokio::test]
async fn analytics_are_read() -> Result<(), Error> {
    let summary = GetRevenueSummary::new().set_days(7_u32);
    let summary = golden("billing.revenue_summary", summary).await?;
    assert_eq!(summary.amount("/total").unwrap().to_string(), "19.99");
    golden("billing.licence_analytics", GetLicenceAnalytics::new()).await?;
    golden("billing.domain_analytics", GetDomainAnalytics::new()).await?;
    golden("billing.invoice_analytics", GetInvoiceAnalytics::new()).await?;
    golden("billing.dashboard", GetDashboard::new()).await?;
    golden("billing.growth_metrics", GetGrowthMetrics::new()).await?;
    Ok(())
}

#[tokio::test]
async fn what_sqlite_cannot_do_is_told_as_it_is() {
    let months = GetMonthlyRevenue::new().set_months(6_u32);
    let error = golden("billing.monthly_revenue", months).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Api | Kind::GaveUp), "{error}");
}

#[tokio::test]
async fn notifications_are_sent_and_set() -> Result<(), Error> {
    golden("billing.send_test_email", SendTestEmail::new()).await?;
    golden("billing.resend_welcome_email", ResendWelcomeEmail::new()).await?;
    golden(
        "billing.notification_preferences",
        GetNotificationPreferences::new(),
    )
    .await?;
    let preferences = Map::from_iter([("invoice".to_owned(), json!(false))]);
    let set = SetNotificationPreferences::new(preferences);
    golden("billing.set_notification_preferences", set).await?;
    Ok(())
}
