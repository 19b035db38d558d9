//! Exact money: minor units of an ISO 4217 currency.
