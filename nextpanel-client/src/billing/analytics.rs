//! Figures over time. The contract states no shapes for them.

use super::endpoint::endpoint;
use super::report::Report;

endpoint! {
    /// Reads what was earned.
    pub struct GetRevenueSummary: REVENUE_SUMMARY -> Report {
        query {
            /// How many days; 30 unless set.
            set_days days: u32,
        }
    }
}

endpoint! {
    /// Reads what was earned by month. On SQLite the backend always answers 500 (section 4.11).
    pub struct GetMonthlyRevenue: MONTHLY_REVENUE -> Report {
        query {
            /// How many months; 12 unless set.
            set_months months: u32,
        }
    }
}

endpoint! {
    /// Reads figures of licences.
    pub struct GetLicenceAnalytics: LICENCE_ANALYTICS -> Report {}
}

endpoint! {
    /// Reads figures of domains.
    pub struct GetDomainAnalytics: DOMAIN_ANALYTICS -> Report {}
}

endpoint! {
    /// Reads figures of invoices.
    pub struct GetInvoiceAnalytics: INVOICE_ANALYTICS -> Report {}
}

endpoint! {
    /// Reads figures of everything.
    pub struct GetDashboard: DASHBOARD -> Report {}
}

endpoint! {
    /// Reads how things have grown.
    pub struct GetGrowthMetrics: GROWTH_METRICS -> Report {}
}
