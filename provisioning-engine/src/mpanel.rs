//! The executor for an mPanel of either generation, in both modes.

pub mod known_customers;
mod look_up;
mod preview;
mod record;
mod reply;
mod submit;
mod subscription;
mod watch;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use known_customers::{CustomerKey, KnownCustomers, MemoryCustomers};
use mpanel_client::Mpanel;
use provisioning_core::email::EmailAddress;
use provisioning_core::order::TenantId;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::plan::verb::{Capabilities, MpanelOffer};
use provisioning_core::run::directive::mpanel::{MpanelRequest, RecordLookUp};
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::facts::Facts;
use provisioning_core::run::facts::Proof;
use provisioning_core::run::facts::mpanel::{MpanelFacts, MpanelRecord};
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::Outcome;

use crate::clock::{Clock, SystemClock};
use crate::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};

/// Hands orders over to an mPanel, or records on it accounts that are made elsewhere.
///
/// One order costs at most 14 of the 100 requests that an mPanel lets through in 15 minutes: reads are few, look at the
/// newest rows alone, and their pauses double. Suspending or reactivating a subscription costs two, one where it is as it
/// should be, and the login.
#[derive(Debug, Clone)]
pub struct MpanelExecutor {
    mpanel: Mpanel,
    offer: MpanelOffer,
    tenant_slug: Option<String>,
    customers: Arc<dyn KnownCustomers>,
    has_customers_of_its_own: bool,
    clock: Arc<dyn Clock>,
}

impl MpanelExecutor {
    /// An executor over this client, in the mode of `offer`.
    #[must_use]
    pub fn new(mpanel: Mpanel, offer: MpanelOffer) -> Self {
        Self {
            mpanel,
            offer,
            tenant_slug: None,
            customers: Arc::new(MemoryCustomers::default()),
            has_customers_of_its_own: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets where it is kept which customers the panel has already: in the engine's store, by default.
    #[must_use]
    pub fn with_known_customers(mut self, customers: impl KnownCustomers + 'static) -> Self {
        self.customers = Arc::new(customers);
        self.has_customers_of_its_own = true;
        self
    }

    /// Sets the short name of the tenant, which the entry `orders-webhook` asks for.
    #[must_use]
    pub fn with_tenant_slug(mut self, slug: impl Into<String>) -> Self {
        self.tenant_slug = Some(slug.into());
        self
    }
}

#[async_trait]
impl Executor for MpanelExecutor {
    fn capabilities(&self) -> Capabilities {
        Capabilities::mpanel(&self.offer).and(Capabilities::mpanel_lifecycle(&self.offer))
    }

    fn use_known_customers(&mut self, customers: Arc<dyn KnownCustomers>) {
        if !self.has_customers_of_its_own {
            self.customers = customers;
        }
    }

    fn keep_time(&mut self, clock: Arc<dyn Clock>) {
        self.clock = clock;
    }

    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest> {
        match plan.step(step).map(|step| &step.action) {
            Some(Action::Mpanel(action)) => preview::preview(self, step, action),
            _ => Vec::new(),
        }
    }

    async fn call(
        &self,
        call: &Call,
        _password: Option<&SecretString>,
        _known: Known,
    ) -> CallReport {
        let Request::Mpanel(request) = &call.request else {
            return CallReport::without_lesson(Outcome::NotSent {
                text: "this executor does not do that".to_owned(),
                retryable: false,
                not_before: None,
            });
        };
        let outcome = match request {
            MpanelRequest::SubmitOrder(order) => submit::submit(self, order, call.run).await,
            MpanelRequest::WatchOrder { entry, order } => watch::watch(self, *entry, order).await,
            MpanelRequest::CreateCustomer(create) => record::customer(self, create, call.run).await,
            MpanelRequest::CreateSubscription {
                create,
                customer_id,
            } => record::subscription(self, create, customer_id).await,
            MpanelRequest::SetSubscriptionStatus {
                subscription_id,
                status,
            } => record::status(self, subscription_id, *status).await,
            MpanelRequest::CreateWebsite {
                create,
                customer_id,
                subscription_id,
                domain,
            } => record::website(self, create, customer_id, subscription_id, domain).await,
            MpanelRequest::ChangeSubscription(change) => subscription::change(self, change).await,
            _ => Outcome::NotSent {
                text: "this executor does not do that".to_owned(),
                retryable: false,
                not_before: None,
            },
        };
        CallReport::without_lesson(outcome)
    }

    /// mPanel has no accounts of ours to look for.
    async fn look_up(
        &self,
        _look_up: &LookUp,
        _password: Option<&SecretString>,
        _known: Known,
    ) -> LookUpReport {
        LookUpReport {
            finding: Finding::NotPossible {
                text: "mPanel has no hosting accounts to search".to_owned(),
                not_before: None,
            },
            learned: Known::default(),
        }
    }

    async fn look_up_record(&self, look_up: &RecordLookUp) -> Finding {
        look_up::look_up(self, &look_up.request, look_up.run).await
    }
}

/// A row that our own call created or changed.
fn created(remote_id: impl ToString) -> Outcome {
    recorded(remote_id, Proof::Created)
}

fn recorded(remote_id: impl ToString, proof: Proof) -> Outcome {
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Record(MpanelRecord::new(
            remote_id.to_string(),
            proof,
        ))),
    }
}

impl MpanelExecutor {
    /// Keeps the panel's id of a customer. A store that fails loses a short cut and nothing else: the panel refuses a
    /// second customer of the same address, and a person is asked.
    async fn keep_customer(
        &self,
        keys: impl IntoIterator<Item = CustomerKey>,
        id: &str,
        run: PlanId,
    ) {
        for key in keys {
            if let Err(problem) = self.customers.keep(&key, id, run).await {
                tracing::warn!(%problem, "the panel's id of a customer is not kept");
            }
        }
    }
}

/// By what a customer is known again.
fn keys(
    tenant: &TenantId,
    stripe_id: Option<&str>,
    email: &EmailAddress,
) -> impl Iterator<Item = CustomerKey> + use<> {
    let stripe = stripe_id.map(|id| CustomerKey::stripe(tenant, id));
    stripe
        .into_iter()
        .chain([CustomerKey::email(tenant, email)])
}
