//! The billing backend: one file per family of endpoints, and one for what they have in common.

mod administration;
mod auth;
mod customer_licenses;
mod customers;
mod faults;
mod hosting_accounts;
mod insights;
mod invoices;
mod licenses;
mod order_races;
mod orders;
mod panel_leg;
mod payments;
mod plans;
mod postgresql;
mod provision;
mod servers;
mod subscriptions;
mod user;
mod wire;
