//! The customers of a made-up panel, as JSON and as types.

use std::fmt::Write;

use panel_http::{Decimal, OpaqueId, Timestamp};
use serde::Deserialize;

/// A row as a hand-written client declares it.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only reading them is measured")]
pub(crate) struct StrictCustomer {
    pub(crate) id: String,
    email: String,
    first_name: String,
    last_name: String,
    company_name: Option<String>,
    status: String,
    credit_balance: String,
    service_count: u32,
    currency: String,
    created_at: String,
    updated_at: String,
}

/// A row as the panels make it necessary.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only reading them is measured")]
pub(crate) struct TolerantCustomer {
    pub(crate) id: OpaqueId,
    email: String,
    first_name: String,
    last_name: String,
    company_name: Option<String>,
    status: String,
    credit_balance: Decimal,
    #[serde(deserialize_with = "panel_http::lenient")]
    service_count: u32,
    currency: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Deserialize)]
pub(crate) struct Wrapped<T> {
    pub(crate) data: Vec<T>,
}

#[derive(Deserialize)]
pub(crate) struct Counted<T> {
    pub(crate) items: Vec<T>,
}

pub(crate) fn array(rows: usize) -> String {
    let mut text = String::from("[");
    for row in 0..rows {
        let comma = if row == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"id\":\"7b0c2f1e-4d3a-4c1b-9e2f-{row:012x}\",\"tenant_id\":\"11111111-2222-4333-8444-555555555555\",\"email\":\"customer{row}@example.com\",\"first_name\":\"Ada\",\"last_name\":\"L\u{f6}velace\",\"company_name\":null,\"phone\":\"+1 555 0100\",\"address\":{{\"street\":\"1 Example Road\",\"city\":\"Springfield\",\"country\":\"US\"}},\"status\":\"active\",\"credit_balance\":\"0.00\",\"service_count\":3,\"currency\":\"USD\",\"created_at\":\"2026-11-20T06:49:46.245Z\",\"updated_at\":\"2026-11-20T06:49:46.245Z\"}}",
        );
    }
    text.push(']');
    text
}

/// About 1 KB.
pub(crate) fn small() -> String {
    array(2)
}
