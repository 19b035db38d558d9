//! Contract tests of `nextpanel-client`: one module per endpoint family, fixtures in `fixtures/nextpanel/`.

mod coverage;
mod exchange;
mod panel_account_actions;
mod panel_accounts;
mod panel_connection;
mod panel_keys;
mod panel_live;
mod panel_search;
