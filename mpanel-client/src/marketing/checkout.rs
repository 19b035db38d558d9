//! `/api/marketing/validate-coupon`, `/checkout-intent`, `/checkout-session`, `/order-status/{id}`.

use std::fmt;

use panel_http::{
    Answer, Decimal, DecodeError, EncodeError, Endpoint, Operation, Query, RequestBody,
};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{CHECKOUT_INTENT, CHECKOUT_SESSION, COUPON, ORDER_STATUS};
use crate::{
    customers::CustomerId,
    endpoints::endpoints,
    reply,
    row::row,
    subscriptions::{PlanId, SubscriptionId},
};

/// Asks what a coupon is worth. One that is unknown or over is `NotFound`, with the server's words.
#[derive(Debug, Clone)]
pub struct CheckCoupon {
    code: String,
    plan: Option<PlanId>,
}

impl CheckCoupon {
    /// Of this code.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            plan: None,
        }
    }

    /// For this plan.
    #[must_use]
    pub fn set_plan(mut self, plan: PlanId) -> Self {
        self.plan = Some(plan);
        self
    }
}

impl Endpoint for CheckCoupon {
    const OPERATION: &'static Operation = &COUPON;
    type Reply = Coupon;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("code", &self.code)?;
            body.optional("planId", self.plan.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Coupon, DecodeError> {
        reply::row(answer, &["coupon"])
    }
}

row! {
    /// A coupon that is good.
    pub struct Coupon {
        ;
        /// Its code.
        code: String,
        /// `percentage` or `fixed`.
        discount_type("discountType" | "type"): String,
        /// How much: per cent, or units of the currency.
        discount_value("discountValue" | "value" | "discount"): Decimal,
        /// Whether it is good.
        #[serde(deserialize_with = "panel_http::lenient")]
        valid: bool,
    }
    shows code, discount_type, discount_value
}

/// Begins a checkout with an account to be.
#[derive(Clone)]
pub struct CreateCheckoutIntent {
    plan: PlanId,
    billing_cycle: Option<String>,
    addons: Vec<String>,
    coupon: Option<String>,
    email: String,
    name: Option<(String, String)>,
    domain: Option<(String, String)>,
    password: SecretString,
    is_trial: bool,
}

impl CreateCheckoutIntent {
    /// Of this plan, by whoever has this e-mail address, who will log in with this password.
    #[must_use]
    pub fn new(plan: PlanId, email: impl Into<String>, password: SecretString) -> Self {
        Self {
            plan,
            billing_cycle: None,
            addons: Vec::new(),
            coupon: None,
            email: email.into(),
            name: None,
            domain: None,
            password,
            is_trial: false,
        }
    }

    /// Sets the billing cycle.
    #[must_use]
    pub fn set_billing_cycle(mut self, cycle: impl Into<String>) -> Self {
        self.billing_cycle = Some(cycle.into());
        self
    }

    /// Sets the add-ons, by id.
    #[must_use]
    pub fn set_addons(mut self, addons: Vec<String>) -> Self {
        self.addons = addons;
        self
    }

    /// Sets a coupon.
    #[must_use]
    pub fn set_coupon(mut self, code: impl Into<String>) -> Self {
        self.coupon = Some(code.into());
        self
    }

    /// Sets first and last name.
    #[must_use]
    pub fn set_name(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.name = Some((first.into(), last.into()));
        self
    }

    /// Sets the domain, and how it is had: `register`, `transfer`, `existing`.
    #[must_use]
    pub fn set_domain(mut self, mode: impl Into<String>, domain: impl Into<String>) -> Self {
        self.domain = Some((mode.into(), domain.into()));
        self
    }

    /// Begins with a trial.
    #[must_use]
    pub const fn with_trial(mut self) -> Self {
        self.is_trial = true;
        self
    }
}

impl fmt::Debug for CreateCheckoutIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateCheckoutIntent")
            .field("plan", &self.plan)
            .field("addons", &self.addons)
            .finish_non_exhaustive()
    }
}

impl Endpoint for CreateCheckoutIntent {
    const OPERATION: &'static Operation = &CHECKOUT_INTENT;
    type Reply = CheckoutIntent;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("planId", &self.plan)?;
            body.optional("billingCycle", self.billing_cycle.as_ref())?;
            body.field("trialActive", &self.is_trial)?;
            body.field("addonIds", &self.addons)?;
            body.optional("couponCode", self.coupon.as_ref())?;
            body.object("customer", |customer| {
                customer.field("email", &self.email)?;
                if let Some((first, last)) = &self.name {
                    customer.field("firstName", first)?;
                    customer.field("lastName", last)?;
                }
                Ok(())
            })?;
            if let Some((mode, value)) = &self.domain {
                body.object("domain", |domain| {
                    domain.field("mode", mode)?;
                    domain.field("value", value)
                })?;
            }
            body.object("account", |account| {
                account.secret("password", &self.password)
            })
        })
    }

    fn decode(&self, answer: &Answer) -> Result<CheckoutIntent, DecodeError> {
        reply::row(answer, &[])
    }
}

row! {
    /// A checkout that was begun.
    pub struct CheckoutIntent {
        ;
        /// Where the customer pays.
        checkout_url("checkoutUrl"): String,
        /// The subscription that waits for it.
        subscription_id("subscriptionId"): SubscriptionId,
        /// The customer.
        customer_id("customerId"): CustomerId,
        /// Its status.
        status: String,
        /// Whether anything is to be paid.
        #[serde(deserialize_with = "panel_http::lenient")]
        payment_required("paymentRequired"): bool,
        /// What is to be paid, in units of the currency.
        price: Decimal,
        /// What it would have been.
        original_price("originalPrice"): Decimal,
        /// What the coupon takes off.
        discount: Decimal,
        /// Its session at Stripe.
        session_id("sessionId"): String,
    }
    shows subscription_id, customer_id, status, payment_required, price
}

/// Reads a checkout by its session. An unknown one is `NotFound`.
#[derive(Debug, Clone)]
pub struct GetCheckoutSession(pub String);

impl Endpoint for GetCheckoutSession {
    const OPERATION: &'static Operation = &CHECKOUT_SESSION;
    type Reply = Map<String, Value>;

    fn query(&self, query: &mut Query) {
        query.set("session_id", &self.0);
    }

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        reply::row(answer, &[])
    }
}

endpoints! {
    /// Reads what became of a checkout, by its session, as the server tells it.
    GetOrderStatus(id: String) -> Map<String, Value> = ORDER_STATUS, |answer| reply::row(answer, &[]);
}
