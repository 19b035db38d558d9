//! What PostgreSQL has to withstand beyond what every store has.

mod access;
mod connections;
mod disk;
mod durability;
mod hindrance;
mod leases;
mod opening;
mod role;
mod two_workers;
