//! What the mPanel verbs declare (CONTRACT-mpanel sections 7, 8 and 10).

use std::time::Duration;

use super::{Capabilities, Effect, LookUpBy, VerbDeclaration, VerbName, WhenForeign};
use crate::permission;
use crate::plan::mpanel::{MpanelMode, OrderEntry};

/// A request whose reply waits for Redis may be carried out this much later (CONTRACT-mpanel section 7).
pub const REDIS_LONGEST_DURATION: Duration = Duration::from_secs(180);

impl VerbName {
    /// Hands a payment over by `provisioning/stripe`.
    pub const MPANEL_SUBMIT_STRIPE_PAYMENT: &'static str = "mpanel.submit_stripe_payment";
    /// Hands a checkout over by `stripe-completed`.
    pub const MPANEL_SUBMIT_COMPLETED_CHECKOUT: &'static str = "mpanel.submit_completed_checkout";
    /// Hands an order over by `orders/webhook`.
    pub const MPANEL_SUBMIT_ORDER: &'static str = "mpanel.submit_order";
    /// Hands an order over by `order-created`.
    pub const MPANEL_SUBMIT_ORDER_CREATED: &'static str = "mpanel.submit_order_created";
    /// Reads how far mPanel is with an order.
    pub const MPANEL_WATCH_ORDER: &'static str = "mpanel.watch_order";
    /// Creates a customer.
    pub const MPANEL_CREATE_CUSTOMER: &'static str = "mpanel.create_customer";
    /// Creates a subscription.
    pub const MPANEL_CREATE_SUBSCRIPTION: &'static str = "mpanel.create_subscription";
    /// Brings a subscription into a status.
    pub const MPANEL_SET_SUBSCRIPTION_STATUS: &'static str = "mpanel.set_subscription_status";
    /// Creates a website row.
    pub const MPANEL_CREATE_WEBSITE: &'static str = "mpanel.create_website";
    /// Suspends a subscription.
    pub const MPANEL_SUSPEND_SUBSCRIPTION: &'static str = "mpanel.suspend_subscription";
    /// Reactivates a subscription.
    pub const MPANEL_REACTIVATE_SUBSCRIPTION: &'static str = "mpanel.reactivate_subscription";
    /// Cancels a subscription, at once.
    pub const MPANEL_CANCEL_SUBSCRIPTION: &'static str = "mpanel.cancel_subscription";
}

/// How an mPanel is used, as far as its verbs depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MpanelOffer {
    mode: MpanelMode,
    longest: Duration,
    has_order_reference: bool,
}

impl MpanelOffer {
    /// An mPanel used in this mode; a request that was sent is carried out within 60 seconds or never.
    #[must_use]
    pub const fn new(mode: MpanelMode) -> Self {
        Self {
            mode,
            longest: Duration::from_secs(60),
            has_order_reference: true,
        }
    }

    /// The mode.
    #[must_use]
    pub const fn mode(&self) -> MpanelMode {
        self.mode
    }

    /// Sets how long a request may still be carried out after it was sent. Verbs of routes that wait for Redis take at
    /// least [`REDIS_LONGEST_DURATION`] where this is a minute or more; a sandbox needs less for all.
    #[must_use]
    pub const fn with_longest_duration(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// Sets whether the order's reference is written into the company name of a customer. Without it nothing of ours
    /// reads back from a customer, and a lost reply asks a person.
    #[must_use]
    pub const fn with_order_reference(mut self, writes: bool) -> Self {
        self.has_order_reference = writes;
        self
    }

    /// Orders wake the queue, so their entries may be as late as its routes.
    fn longest_of_orders(&self) -> Duration {
        if self.longest >= Duration::from_secs(60) {
            self.longest.max(REDIS_LONGEST_DURATION)
        } else {
            self.longest
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Capabilities {
    /// The mPanel verbs in one mode. Recording accounts that are made elsewhere is offered in both.
    #[must_use]
    pub fn mpanel(offer: &MpanelOffer) -> Self {
        let recording = Self::mpanel_recording(offer);
        match offer.mode {
            MpanelMode::Direct => recording,
            MpanelMode::Delegate(entry) => recording
                .with_verb(entry.verb(), submit(entry, offer))
                .with_verb(
                    VerbName::MPANEL_WATCH_ORDER,
                    VerbDeclaration {
                        effect: Effect::Read,
                        look_up: LookUpBy::Nothing,
                        destroys_data: false,
                        longest_duration_ms: milliseconds(offer.longest),
                        when_foreign: WhenForeign::AskHuman,
                        needs: Some(permission::Verb::MpanelReadTasks),
                    },
                ),
        }
    }

    fn mpanel_recording(offer: &MpanelOffer) -> Self {
        let create = |needs, look_up| VerbDeclaration {
            effect: Effect::Create,
            look_up,
            destroys_data: false,
            longest_duration_ms: milliseconds(offer.longest),
            when_foreign: WhenForeign::AskHuman,
            needs: Some(needs),
        };
        // Our mark reads back, and a server would take a second one of the same.
        let by_mark = LookUpBy::NaturalKey {
            refuses_second: false,
        };
        let by_reference = if offer.has_order_reference {
            by_mark
        } else {
            LookUpBy::Nothing
        };
        Self::none()
            .with_verb(
                VerbName::MPANEL_CREATE_CUSTOMER,
                create(permission::Verb::MpanelWriteCustomer, by_reference),
            )
            .with_verb(
                VerbName::MPANEL_CREATE_SUBSCRIPTION,
                create(permission::Verb::MpanelWriteSubscription, by_mark),
            )
            .with_verb(
                VerbName::MPANEL_CREATE_WEBSITE,
                create(permission::Verb::MpanelWriteWebsite, by_mark),
            )
            .with_verb(
                VerbName::MPANEL_SET_SUBSCRIPTION_STATUS,
                VerbDeclaration {
                    effect: Effect::Change,
                    ..create(permission::Verb::MpanelWriteSubscription, LookUpBy::Nothing)
                },
            )
    }

    /// The mPanel verbs for subscriptions that exist: suspend, reactivate, cancel. Sent twice they have the effect of
    /// sending them once. An unknown outcome is cleared up by the read with which every call begins, so there is no
    /// look-up of its own.
    #[must_use]
    pub fn mpanel_lifecycle(offer: &MpanelOffer) -> Self {
        let change = VerbDeclaration {
            effect: Effect::Change,
            look_up: LookUpBy::Nothing,
            destroys_data: false,
            longest_duration_ms: milliseconds(offer.longest),
            when_foreign: WhenForeign::AskHuman,
            needs: Some(permission::Verb::MpanelWriteSubscription),
        };
        Self::none()
            .with_verb(VerbName::MPANEL_SUSPEND_SUBSCRIPTION, change.clone())
            .with_verb(VerbName::MPANEL_REACTIVATE_SUBSCRIPTION, change.clone())
            .with_verb(VerbName::MPANEL_CANCEL_SUBSCRIPTION, change)
    }

    /// The mode in which an executor offers mPanel, if one does: an entry it can hand orders to comes before recording.
    #[must_use]
    pub fn mpanel_mode(&self) -> Option<MpanelMode> {
        OrderEntry::ALL
            .into_iter()
            .find(|entry| self.declaration(entry.verb()).is_some())
            .map(MpanelMode::Delegate)
            .or_else(|| {
                self.declaration(VerbName::MPANEL_CREATE_SUBSCRIPTION)
                    .map(|_| MpanelMode::Direct)
            })
    }
}

fn submit(entry: OrderEntry, offer: &MpanelOffer) -> VerbDeclaration {
    let (effect, look_up) = match entry {
        // Keyed for ever: however often it is sent, it is one order.
        OrderEntry::ProvisioningStripe => (Effect::Change, LookUpBy::Nothing),
        // The order keeps payment intent and metadata; a second one is a second order.
        OrderEntry::OrdersWebhook => (
            Effect::Create,
            LookUpBy::NaturalKey {
                refuses_second: false,
            },
        ),
        // Nothing of ours reads back, and a second one makes everything again.
        OrderEntry::StripeCompleted | OrderEntry::OrderCreated => {
            (Effect::Create, LookUpBy::Nothing)
        }
    };
    VerbDeclaration {
        effect,
        look_up,
        destroys_data: false,
        longest_duration_ms: milliseconds(offer.longest_of_orders()),
        when_foreign: WhenForeign::AskHuman,
        needs: Some(match entry {
            OrderEntry::ProvisioningStripe | OrderEntry::OrderCreated => {
                permission::Verb::MpanelSubmitStripePayment
            }
            OrderEntry::StripeCompleted => permission::Verb::MpanelSubmitCompletedCheckout,
            OrderEntry::OrdersWebhook => permission::Verb::MpanelSubmitOrder,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_read_back_from_the_verbs() {
        let modes = OrderEntry::ALL
            .into_iter()
            .map(MpanelMode::Delegate)
            .chain([MpanelMode::Direct]);
        for mode in modes {
            let capabilities = Capabilities::nextpanel(Duration::from_secs(1))
                .and(Capabilities::mpanel(&MpanelOffer::new(mode)));
            assert_eq!(capabilities.mpanel_mode(), Some(mode));
        }
        assert_eq!(
            Capabilities::nextpanel(Duration::from_secs(1)).mpanel_mode(),
            None
        );
    }

    #[test]
    fn orders_may_be_as_late_as_redis_and_a_sandbox_is_never_that_slow() {
        let mode = MpanelMode::Delegate(OrderEntry::StripeCompleted);
        let longest = |offer: MpanelOffer| {
            let capabilities = Capabilities::mpanel(&offer);
            let verb = VerbName::MPANEL_SUBMIT_COMPLETED_CHECKOUT;
            capabilities.declaration(verb).unwrap().longest_duration()
        };
        assert_eq!(longest(MpanelOffer::new(mode)), REDIS_LONGEST_DURATION);
        let short = Duration::from_millis(300);
        assert_eq!(
            longest(MpanelOffer::new(mode).with_longest_duration(short)),
            short
        );
    }

    #[test]
    fn without_the_reference_a_customer_cannot_be_looked_up() {
        for (writes, can) in [(true, true), (false, false)] {
            let offer = MpanelOffer::new(MpanelMode::Direct).with_order_reference(writes);
            let capabilities = Capabilities::mpanel(&offer);
            let declaration = capabilities
                .declaration(VerbName::MPANEL_CREATE_CUSTOMER)
                .unwrap();
            assert_eq!(declaration.look_up != LookUpBy::Nothing, can);
        }
    }
}
