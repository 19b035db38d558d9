//! `POST /api/marketing/accounts/create`.

use std::fmt;

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::CREATE_ACCOUNT;
use crate::{customers::CustomerId, reply, row::row, subscriptions::PlanId, tasks::ServiceId};

/// Creates a customer with a service, and sends a welcome mail.
///
/// # Errors
/// Of the call: `Conflict` where the e-mail address has an account, with its id as the fact `customerId`.
#[derive(Clone)]
pub struct CreateMarketingAccount {
    email: String,
    first_name: String,
    last_name: String,
    plan: Option<PlanId>,
    billing_cycle: Option<String>,
    promo_code: Option<String>,
    source: Option<String>,
    utm: Map<String, Value>,
}

impl CreateMarketingAccount {
    /// Of a person. The server demands all three.
    #[must_use]
    pub fn new(
        email: impl Into<String>,
        first_name: impl Into<String>,
        last_name: impl Into<String>,
    ) -> Self {
        Self {
            email: email.into(),
            first_name: first_name.into(),
            last_name: last_name.into(),
            plan: None,
            billing_cycle: None,
            promo_code: None,
            source: None,
            utm: Map::new(),
        }
    }

    /// Sets the plan and its billing cycle.
    #[must_use]
    pub fn set_plan(mut self, plan: PlanId, billing_cycle: impl Into<String>) -> Self {
        self.plan = Some(plan);
        self.billing_cycle = Some(billing_cycle.into());
        self
    }

    /// Sets a coupon.
    #[must_use]
    pub fn set_promo_code(mut self, code: impl Into<String>) -> Self {
        self.promo_code = Some(code.into());
        self
    }

    /// Sets where the customer came from.
    #[must_use]
    pub fn set_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets one UTM parameter.
    #[must_use]
    pub fn set_utm(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.utm.insert(name.into(), value.into().into());
        self
    }
}

impl fmt::Debug for CreateMarketingAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateMarketingAccount")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl Endpoint for CreateMarketingAccount {
    const OPERATION: &'static Operation = &CREATE_ACCOUNT;
    type Reply = MarketingAccount;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("email", &self.email)?;
            body.field("firstName", &self.first_name)?;
            body.field("lastName", &self.last_name)?;
            body.optional("planId", self.plan.as_ref())?;
            body.optional("billingCycle", self.billing_cycle.as_ref())?;
            body.optional("promoCode", self.promo_code.as_ref())?;
            body.optional("marketingSource", self.source.as_ref())?;
            if self.utm.is_empty() {
                return Ok(());
            }
            body.field("utmParams", &self.utm)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<MarketingAccount, DecodeError> {
        reply::row(answer, &[])
    }
}

row! {
    /// An account that was made.
    pub struct MarketingAccount {
        /// The customer.
        #[serde(rename = "customerId", alias = "customer_id")]
        customer_id: CustomerId,
        ;
        /// The service.
        service_id("serviceId"): ServiceId,
        /// Status.
        status: String,
        /// With which the customer sets a password.
        reset_token("resetToken"): SecretString,
    }
    shows customer_id, service_id, status
}
