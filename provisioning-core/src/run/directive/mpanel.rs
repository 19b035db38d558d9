//! What the engine is told to do on mPanel, with every earlier output filled in.

use crate::plan::action::mpanel::{
    ChangeSubscription, CreateMpanelCustomer, CreateMpanelSubscription, CreateMpanelWebsite,
    RecordedStatus, SubmitOrder,
};
use crate::plan::id::{PlanId, StepPath};
use crate::plan::mpanel::OrderEntry;
use crate::run::facts::mpanel::MpanelOrder;

/// What a call asks of mPanel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MpanelRequest {
    /// Hand this purchase over. Answered with [`MpanelFacts::Order`](crate::run::facts::mpanel::MpanelFacts::Order).
    SubmitOrder(Box<SubmitOrder>),
    /// Read how far it is. Answered with [`MpanelFacts::Progress`](crate::run::facts::mpanel::MpanelFacts::Progress).
    WatchOrder {
        /// The entry that took it.
        entry: OrderEntry,
        /// What it became.
        order: MpanelOrder,
    },
    /// Create this customer. Answered with [`MpanelFacts::Record`](crate::run::facts::mpanel::MpanelFacts::Record), as
    /// every request below.
    CreateCustomer(Box<CreateMpanelCustomer>),
    /// Create this subscription.
    CreateSubscription {
        /// The plan's inputs.
        create: Box<CreateMpanelSubscription>,
        /// The panel's customer.
        customer_id: String,
    },
    /// Bring this subscription into this status.
    SetSubscriptionStatus {
        /// The panel's subscription.
        subscription_id: String,
        /// The status.
        status: RecordedStatus,
    },
    /// Create this website row.
    CreateWebsite {
        /// The plan's inputs.
        create: Box<CreateMpanelWebsite>,
        /// The panel's customer.
        customer_id: String,
        /// The panel's subscription.
        subscription_id: String,
        /// The domain, in full.
        domain: String,
    },
    /// Change this subscription, which exists. Read it first, and do what
    /// [`ChangeSubscription::after_reading`] says. Answered with
    /// [`MpanelFacts::Subscription`](crate::run::facts::mpanel::MpanelFacts::Subscription), or with
    /// [`Because::OtherAccount`](crate::run::outcome::Because::OtherAccount) or
    /// [`Because::StandsOtherwise`](crate::run::outcome::Because::StandsOtherwise) and nothing done.
    ChangeSubscription(Box<ChangeSubscription>),
}

/// A search for the record that an unknown call on mPanel may have created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLookUp {
    /// The run, by the id of its plan.
    pub run: PlanId,
    /// The step.
    pub step: StepPath,
    /// What the call asked for.
    pub request: MpanelRequest,
}
