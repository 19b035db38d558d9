//! Why the engine did not do what was asked.

use thiserror::Error;

use provisioning_core::order::ProductCode;
use provisioning_core::password::PolicyError;
use provisioning_core::payment::NotTerminable;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::problem::Problems;
use provisioning_core::run::NotAllowed;

use crate::seal::SealError;
use crate::store::StoreError;

/// Why the engine did not do what was asked. What is stored is unchanged, except where a variant says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value could not be sealed or opened.
    #[error("run {run}: {problem}")]
    Seal {
        /// The run; others are not affected.
        run: PlanId,
        /// What is wrong.
        #[source]
        problem: SealError,
    },
    /// What is kept of a payment event could not be sealed or opened.
    #[error("payment event `{event}`: {problem}")]
    SealEvent {
        /// The event's id.
        event: String,
        /// What is wrong.
        #[source]
        problem: SealError,
    },
    /// What is kept of a payment event could not be read back.
    #[error("payment event `{event}`: what is kept of it is not readable: {problem}")]
    Event {
        /// The event's id.
        event: String,
        /// What is wrong.
        problem: String,
    },
    /// The stored order could not be read back.
    #[error("run {run}: the stored order is not readable: {problem}")]
    Order {
        /// The run.
        run: PlanId,
        /// What is wrong.
        problem: String,
    },
    /// A password policy that no password can satisfy.
    #[error("the password policy of the plan cannot be satisfied: {0}")]
    Policy(#[from] PolicyError),
    /// No executor offers the verb any more. The run stays where it is.
    #[error(
        "step `{step}` needs `{verb}`, and no configured executor offers it; configure it and run again"
    )]
    NoExecutor {
        /// The step.
        step: StepPath,
        /// The verb.
        verb: String,
    },
    /// What was asked does not follow from where the run stands.
    #[error("{0}")]
    NotAllowed(#[from] NotAllowed),
    /// The run has no plan yet.
    #[error("run {0} is not planned yet")]
    NotPlanned(PlanId),
    /// Everything about the order was erased.
    #[error("run {0} is over and was forgotten; nothing is known of its order any more")]
    Forgotten(PlanId),
    /// The run is not over, so it cannot be forgotten.
    #[error("run {0} is not over: cancel it or bring it to its end, then forget it")]
    NotOver(PlanId),
    /// The order has no account, or everything is terminated.
    #[error(
        "the order of run {0} has no account: nothing was provisioned, or everything is terminated"
    )]
    NoAccount(PlanId),
    /// The accounts may not be removed. Nothing was done.
    #[error("not terminated: {0}")]
    NotTerminable(#[source] NotTerminable),
    /// The catalog has no such product.
    #[error("the catalog has no product {0}")]
    UnknownProduct(ProductCode),
    /// These items make no order.
    #[error("these items make no order: {0}")]
    Items(#[source] Problems),
    /// A store that survives the process needs a key that does, too.
    #[error(
        "this store survives the process: configure a sealing key that does, else everything that is sealed is lost with the process"
    )]
    NoSealingKey,
    /// The order cannot be serialised, which is a fault of ours.
    #[error("the order cannot be stored: {0}")]
    Unstorable(String),
}

impl EngineError {
    /// Whether it concerns one run alone, so that others can go on: what is stored for it, or how it stands.
    #[must_use]
    pub const fn is_about_one_run(&self) -> bool {
        match self {
            Self::Store(error) => error.is_about_one_run(),
            Self::NoSealingKey => false,
            _ => true,
        }
    }
}
