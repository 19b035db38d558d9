//! Choosing servers: a ranked list, and for each refused server the failing number.
//!
//! A plan freezes the ranked list, so a run can move to the next server without asking again. The same fleet and
//! request give the same list whatever the order in which servers were configured; equal servers go by name.

mod constraint;
mod ranking;
mod request;
mod rule;

pub use constraint::{Constraint, ServerRefusal};
pub use ranking::{RankedServer, rank, rank_with_refusals, refusals};
pub use request::{DEFAULT_RANKED, PlacementRequest};
pub use rule::PlacementRule;
