//! Typed async client for every mPanel in the wild: both server generations, every dialect.
//!
//! [`Mpanel`] is the client; each resource is a module of endpoints, called with [`Mpanel::call`] or, where many rows
//! come back, [`Mpanel::list`]. Reading takes whatever shape a server has; where writing depends on the dialect, methods
//! of [`Mpanel`] pick it. [`FAMILIES`] lists every route with the servers that have it.
//!
//! Every call returns a [`panel_http::Error`] whose kind says what an answer means on mPanel, not what its status says,
//! and whose refusals explain themselves through [`DenialExt`]. Sections named in these pages are those of the wire
//! contract of mPanel.

pub mod admin;
pub mod api_keys;
pub mod auth;
mod client;
mod columns;
mod conventions;
pub mod customers;
pub mod dashboard;
mod denial;
mod dialect;
mod documented;
mod endpoint_table;
mod endpoints;
pub mod enterprise;
pub mod health;
pub mod invoices;
pub mod jobs;
mod learned;
mod major_units;
pub mod marketing;
mod meaning;
pub mod order_entries;
pub mod orders;
mod probe;
pub mod products;
pub mod public;
mod reply;
pub mod roles;
mod route;
mod routes;
mod row;
mod secret_json;
mod served;
pub mod servers;
mod session;
mod spellings;
pub mod subscriptions;
pub mod tasks;
mod tenant;
pub mod tenant_subscriptions;
pub mod users;
pub mod websites;
pub mod worker;

pub use crate::{
    client::{Mpanel, MpanelBuilder},
    denial::DenialExt,
    dialect::{Dialect, Generation, Resource},
    endpoint_table::endpoint_table,
    reply::Done,
    route::{Availability, Family, Route},
    routes::{FAMILIES, OPERATIONS, route_of},
    served::{Served, ServedBy},
    session::Session,
    tenant::TenantId,
};

/// The examples of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
