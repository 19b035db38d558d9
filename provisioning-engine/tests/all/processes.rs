//! Worker processes of their own, ended by SIGKILL at every point and at random: each thing is made exactly once, every
//! run finishes.
//!
//! The stand-ins and the assertions live in the test; what works is this very test binary, started again for
//! [`worker::a_worker_process`]. Proofs that take minutes are ignored here and run by `.ci/full kills`.
#![cfg(unix)]

mod forgetting;
mod job;
mod kill_points;
mod lifecycle;
mod payments;
mod poison;
mod random;
mod scene;
mod shutdown;
mod worker;
