//! The stores themselves: what every one promises, and what a file of its own has to withstand.

mod claiming;
mod damage;
mod desk;
mod disk;
mod payments;
mod postgres;
mod rooms;
mod secrets;
mod two_processes;
mod wire;
