//! The engine against the NextPanel stand-in, over real sockets.

mod shop;

mod adoption;
mod handover;
mod human;
mod interruption;
mod permission;
mod placement;
mod submission;
