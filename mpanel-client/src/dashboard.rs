//! The dashboard: the legacy handlers, on both generations (contract section 7).

mod stats;
mod summary;

use panel_http::{Operation, Paging};
use provisioning_core::permission::Verb;
use serde_json::{Map, Value};

pub use self::{
    stats::{AdminDashboard, DashboardStats, QuickAction, Renewal},
    summary::{DashboardSummary, GetDashboardSummary},
};
use crate::{
    endpoints::{endpoints, lists, read},
    reply,
    route::Route,
};

pub(crate) const STATS: Operation = read("mpanel.get_dashboard_stats", "/api/dashboard/stats");
pub(crate) const SERVICES: Operation =
    read("mpanel.get_service_health", "/api/dashboard/service-health");
pub(crate) const RENEWALS: Operation = read("mpanel.list_renewals", "/api/dashboard/renewals");
pub(crate) const ACTIONS: Operation =
    read("mpanel.list_quick_actions", "/api/dashboard/quick-actions");
pub(crate) const ADMIN: Operation = read("mpanel.get_admin_dashboard", "/api/admin/dashboard");
pub(crate) const SUMMARY: Operation =
    read("mpanel.get_dashboard_summary", "/api/dashboard/summary");

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&STATS).asks(Verb::MpanelReadDashboard),
    Route::both(&SERVICES).asks(Verb::MpanelReadDashboard),
    Route::both(&RENEWALS).asks(Verb::MpanelReadDashboard),
    Route::both(&ACTIONS).asks(Verb::MpanelReadDashboard),
    Route::both(&ADMIN).asks(Verb::MpanelManageUsers),
    Route::documented(&SUMMARY).asks(Verb::MpanelReadDashboard),
];

endpoints! {
    /// Counts what there is. A count that failed is 0.
    GetDashboardStats -> DashboardStats = STATS, |answer| reply::row(answer, &[]);

    /// Reads which services run, as the server tells it.
    GetServiceHealth -> Map<String, Value> = SERVICES, |answer| reply::row(answer, &[]);

    /// Reads the administrator's dashboard. Its history of revenue is made up (contract section 7).
    GetAdminDashboard -> AdminDashboard = ADMIN, |answer| reply::row(answer, &[]);
}

lists! {
    /// Lists what is to be renewed soon.
    ListRenewals -> Renewal = RENEWALS, Paging::Whole;

    /// Lists the shortcuts the server offers its own front end.
    ListQuickActions -> QuickAction = ACTIONS, Paging::Whole;
}
