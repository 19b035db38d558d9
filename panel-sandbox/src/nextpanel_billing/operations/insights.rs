//! Usage, analytics and notifications (contract, section 4.11).

use super::user;
use crate::Operation;

/// What one's licences allow and what is used of it.
pub const GET_QUOTA: Operation = user("get-quota", "GET", "/api/v1/usage/quota");

/// Count usage of a licence.
pub const UPDATE_USAGE: Operation = user("update-usage", "POST", "/api/v1/usage/update");

/// Usage of all one's licences.
pub const USAGE_REPORT: Operation = user("usage-report", "GET", "/api/v1/usage/report");

/// Licences that are nearly used up.
pub const USAGE_ALERTS: Operation = user("usage-alerts", "GET", "/api/v1/usage/alerts");

/// Usage of a licence over time.
pub const USAGE_HISTORY: Operation =
    user("usage-history", "GET", "/api/v1/usage/history/{license_id}");

/// Revenue of some days.
pub const REVENUE_SUMMARY: Operation = user(
    "revenue-summary",
    "GET",
    "/api/v1/analytics/revenue/summary",
);

/// Revenue by month: an error on SQLite.
pub const MONTHLY_REVENUE: Operation = user(
    "monthly-revenue",
    "GET",
    "/api/v1/analytics/revenue/monthly",
);

/// Figures of the licences.
pub const LICENSE_ANALYTICS: Operation = user(
    "license-analytics",
    "GET",
    "/api/v1/analytics/licenses/stats",
);

/// Figures of the domains.
pub const DOMAIN_ANALYTICS: Operation =
    user("domain-analytics", "GET", "/api/v1/analytics/domains/stats");

/// Figures of the invoices.
pub const INVOICE_ANALYTICS: Operation = user(
    "invoice-analytics",
    "GET",
    "/api/v1/analytics/invoices/stats",
);

/// All of these figures.
pub const ANALYTICS_DASHBOARD: Operation =
    user("analytics-dashboard", "GET", "/api/v1/analytics/dashboard");

/// How the business grows.
pub const GROWTH_METRICS: Operation =
    user("growth-metrics", "GET", "/api/v1/analytics/growth-metrics");

/// Mail a test to oneself.
pub const SEND_TEST_EMAIL: Operation = user(
    "send-test-email",
    "POST",
    "/api/v1/notifications/send-test-email",
);

/// Mail the welcome to oneself again.
pub const RESEND_WELCOME_EMAIL: Operation = user(
    "resend-welcome-email",
    "POST",
    "/api/v1/notifications/resend-welcome-email",
);

/// What one wants to be told.
pub const GET_PREFERENCES: Operation = user(
    "get-preferences",
    "GET",
    "/api/v1/notifications/preferences",
);

/// Change what one wants to be told.
pub const UPDATE_PREFERENCES: Operation = user(
    "update-preferences",
    "PUT",
    "/api/v1/notifications/preferences",
);
