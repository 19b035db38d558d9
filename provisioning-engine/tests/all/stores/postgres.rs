//! What PostgreSQL has to withstand beyond what every store has.

mod access;
mod connections;
mod leases;
mod opening;
mod two_workers;
