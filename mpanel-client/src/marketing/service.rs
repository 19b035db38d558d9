//! `POST /api/marketing/services/provision`, `/services/{id}/upgrade`, `GET /customers/{id}/services`.

use std::fmt;

use panel_http::{
    Answer, Decimal, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
    Timestamp,
};
use serde_json::{Map, Value};

use super::{PROVISION, SERVICES, UPGRADE, WHOLE};
use crate::{
    customers::CustomerId, endpoints::lists, reply, row::row, subscriptions::PlanId,
    tasks::ServiceId,
};

row! {
    /// A service of a customer.
    pub struct CustomerService {
        /// Id.
        id: ServiceId,
        ;
        /// Name.
        name: String,
        /// Status.
        status: String,
        /// Price, in units of its currency.
        price: Decimal,
        /// Billing cycle.
        billing_cycle("billingCycle"): String,
        /// When it is due.
        next_due_date("nextDueDate"): Timestamp,
        /// Domain.
        domain: String,
        /// Disk in use, in MB.
        #[serde(deserialize_with = "panel_http::lenient")]
        disk_used("diskUsed"): u64,
        /// Traffic so far, in MB.
        #[serde(deserialize_with = "panel_http::lenient")]
        bandwidth_used("bandwidthUsed"): u64,
    }
    shows id, name, status, domain
}

lists! {
    /// Lists the services of a customer.
    ListCustomerServices(id: CustomerId) -> CustomerService = SERVICES, WHOLE;
}

/// Provisions a plan for a customer. Slow; after a lost reply it has very likely been done.
#[derive(Clone)]
pub struct ProvisionMarketingService {
    customer: Customer,
    plan: PlanId,
    billing_cycle: Option<String>,
    domain: Option<String>,
    auto_setup: Option<bool>,
}

#[derive(Clone)]
enum Customer {
    Id(CustomerId),
    Email(String),
}

impl ProvisionMarketingService {
    /// For a customer by id.
    #[must_use]
    pub const fn for_customer(customer: CustomerId, plan: PlanId) -> Self {
        Self::new(Customer::Id(customer), plan)
    }

    /// For a customer by e-mail address.
    #[must_use]
    pub fn for_email(email: impl Into<String>, plan: PlanId) -> Self {
        Self::new(Customer::Email(email.into()), plan)
    }

    const fn new(customer: Customer, plan: PlanId) -> Self {
        Self {
            customer,
            plan,
            billing_cycle: None,
            domain: None,
            auto_setup: None,
        }
    }

    /// Sets the billing cycle.
    #[must_use]
    pub fn set_billing_cycle(mut self, cycle: impl Into<String>) -> Self {
        self.billing_cycle = Some(cycle.into());
        self
    }

    /// Sets the domain.
    #[must_use]
    pub fn set_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets whether it is set up at once.
    #[must_use]
    pub const fn set_auto_setup(mut self, auto_setup: bool) -> Self {
        self.auto_setup = Some(auto_setup);
        self
    }
}

impl fmt::Debug for ProvisionMarketingService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvisionMarketingService")
            .field("plan", &self.plan)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

impl Endpoint for ProvisionMarketingService {
    const OPERATION: &'static Operation = &PROVISION;
    /// As the server tells it.
    type Reply = Map<String, Value>;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            match &self.customer {
                Customer::Id(id) => body.field("customerId", id)?,
                Customer::Email(email) => body.field("customerEmail", email)?,
            }
            body.field("planId", &self.plan)?;
            body.optional("billingCycle", self.billing_cycle.as_ref())?;
            body.optional("domain", self.domain.as_ref())?;
            body.optional("autoSetup", self.auto_setup.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        reply::row(answer, &[])
    }
}

/// Moves a service to another plan.
#[derive(Debug, Clone)]
pub struct UpgradeService {
    id: ServiceId,
    plan: PlanId,
}

impl UpgradeService {
    /// To this plan.
    #[must_use]
    pub const fn new(id: ServiceId, plan: PlanId) -> Self {
        Self { id, plan }
    }
}

impl Endpoint for UpgradeService {
    const OPERATION: &'static Operation = &UPGRADE;
    /// As the server tells it.
    type Reply = Map<String, Value>;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("newPlanId", &self.plan))
    }

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        reply::row(answer, &[])
    }
}
