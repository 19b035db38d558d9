//! Contract tests of `nextpanel-client`: one module per endpoint family, fixtures in `fixtures/nextpanel/`.

mod billing_account_actions;
mod billing_admin;
mod billing_auth;
mod billing_customers;
mod billing_figures;
mod billing_invoices;
mod billing_licences;
mod billing_login;
mod billing_orders;
mod billing_payments;
mod billing_plans;
mod billing_provision;
mod billing_rows;
mod billing_servers;
mod billing_subscriptions;
mod coverage;
mod denials;
mod exchange;
mod panel_account_actions;
mod panel_accounts;
mod panel_connection;
mod panel_keys;
mod panel_live;
mod panel_search;
