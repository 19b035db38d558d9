//! Both generations of mPanel.

mod auth;
mod caller;
mod customers;
mod jobs;
mod limiter;
mod order_entries;
mod products;
mod resources;
mod server;
mod subscriptions;
mod tasks;
mod wire_faults;
