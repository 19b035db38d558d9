//! `/api/marketing/reports/...`.

use panel_http::{Answer, DecodeError, Page};
use serde_json::{Map, Value};

use super::{CUSTOMERS, REVENUE, USAGE};
use crate::endpoints::endpoints;

/// A row of a report, by the names of its columns. Counts and sums are texts.
pub type ReportRow = Map<String, Value>;

endpoints! {
    /// Reads the report on revenue.
    GetRevenueReport -> Vec<ReportRow> = REVENUE, rows;

    /// Reads the report on customers.
    GetCustomersReport -> Vec<ReportRow> = CUSTOMERS, rows;

    /// Reads the report on use.
    GetUsageReport -> Vec<ReportRow> = USAGE, rows;
}

fn rows(answer: &Answer) -> Result<Vec<ReportRow>, DecodeError> {
    Page::read(answer).map(|page| page.items)
}
