//! `PATCH /api/subscriptions/{id}`.

use jiff::civil::Date;
use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};
use provisioning_core::money::Money;

use super::{Subscription, SubscriptionId, SubscriptionStatus, UPDATE};
use crate::{major_units, reply};

/// Changes some of a subscription. The server takes any text as status, so only those it knows are offered.
///
/// # Errors
/// Of the call: `Encode` where nothing is to be changed, `NotFound` for an id nobody has.
#[derive(Debug, Clone)]
pub struct UpdateSubscription {
    id: SubscriptionId,
    status: Option<SubscriptionStatus>,
    price: Option<Money>,
    billing_cycle: Option<String>,
    next_billing_date: Option<Date>,
    auto_renew: Option<bool>,
}

impl UpdateSubscription {
    /// A change of this subscription, of nothing yet.
    #[must_use]
    pub const fn new(id: SubscriptionId) -> Self {
        Self {
            id,
            status: None,
            price: None,
            billing_cycle: None,
            next_billing_date: None,
            auto_renew: None,
        }
    }

    /// Changes the status.
    #[must_use]
    pub fn set_status(mut self, status: SubscriptionStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Changes the price.
    #[must_use]
    pub const fn set_price(mut self, price: Money) -> Self {
        self.price = Some(price);
        self
    }

    /// Changes the billing cycle.
    #[must_use]
    pub fn set_billing_cycle(mut self, cycle: impl Into<String>) -> Self {
        self.billing_cycle = Some(cycle.into());
        self
    }

    /// Changes when it is billed next.
    #[must_use]
    pub const fn set_next_billing_date(mut self, date: Date) -> Self {
        self.next_billing_date = Some(date);
        self
    }

    /// Changes whether it renews by itself.
    #[must_use]
    pub const fn set_auto_renew(mut self, auto_renew: bool) -> Self {
        self.auto_renew = Some(auto_renew);
        self
    }

    const fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.price.is_none()
            && self.billing_cycle.is_none()
            && self.next_billing_date.is_none()
            && self.auto_renew.is_none()
    }
}

impl Endpoint for UpdateSubscription {
    const OPERATION: &'static Operation = &UPDATE;
    type Reply = Subscription;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.is_empty() {
            return Err(EncodeError::new("nothing is to be changed"));
        }
        RequestBody::object(|body| {
            body.optional("status", self.status.as_ref())?;
            if let Some(price) = self.price {
                body.field("price", &major_units::number(price)?)?;
            }
            body.optional("billingCycle", self.billing_cycle.as_ref())?;
            body.optional("nextBillingDate", self.next_billing_date.as_ref())?;
            body.optional("autoRenew", self.auto_renew.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Subscription, DecodeError> {
        reply::row(answer, &["subscription"])
    }
}
