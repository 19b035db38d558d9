//! What payment events mean for what was provisioned.
//!
//! [`PaymentState`] folds the events of an order, in whatever order and however often they arrive, into how its payment
//! stands now. [`RunPosition`] says how far its runs have come. [`react`] decides what follows: nothing, a cancellation
//! before anything exists, a suspension afterwards. Nothing is ever terminated by an event: [`TerminationGrounds`] take
//! a suspension, a grace period that is over, no payment since, and a person or an explicit policy.

mod amendment;
mod policy;
mod position;
mod react;
mod reaction;
mod state;
mod termination;

pub use amendment::{Amendment, AmendmentId};
pub use policy::{PaymentPolicy, TerminationPolicy};
pub use position::{Accounts, Provisioning, RunPosition};
pub use react::react;
pub use reaction::{BY_PAYMENT, Question, Reaction};
pub use state::{PaymentState, Standing};
pub use termination::{AllowedBy, NotTerminable, TerminationGrounds};
