//! The handle of a running mPanel.

use std::fmt;
use std::sync::{Arc, MutexGuard};

use secrecy::SecretString;

use super::handlers::MPanelStandIn;
use super::operations::CREATES;
use super::state::State;
use super::tokens::TokenProblem;
use super::{
    Customer, Generation, Job, MPanelSettings, Order, Product, PublicOrder, StripeOrder,
    Subscription, Task, User, UserKind, Website, worker,
};
use crate::arming::Target;
use crate::handle::methods_of_every_handle;
use crate::stage::Stage;
use crate::stand_in::StandIn;
use crate::{ArmError, Count, Fault, Operation, Service, StartError};

/// A running mPanel. Dropping it ends it, with all its connections.
pub struct MPanel {
    stage: Stage,
    stand_in: Arc<MPanelStandIn>,
}

impl MPanel {
    /// Starts an mPanel on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// [`StartError::Bind`] if the address is taken.
    pub async fn start(settings: MPanelSettings) -> Result<Self, StartError> {
        let name = settings.name().to_owned();
        let wire = settings.wire.clone();
        let stand_in = Arc::new(MPanelStandIn::new(settings));
        let stage = Stage::start(
            &name,
            Arc::clone(&stand_in) as Arc<dyn StandIn>,
            Arc::clone(&stand_in.arming),
            wire,
        )
        .await?;
        Ok(Self { stage, stand_in })
    }

    methods_of_every_handle!();

    /// Its base URL, such as `http://127.0.0.1:40123`, without `/api` and without a slash at the end.
    pub fn url(&self) -> &str {
        self.stage.url()
    }

    /// The generation from its settings.
    pub fn generation(&self) -> Generation {
        self.stand_in.settings.generation
    }

    /// What it serves, as it is set up.
    pub fn operations(&self) -> &[Operation] {
        &self.stand_in.operations
    }

    /// Its user of this kind, as there was one from the start.
    pub fn user(&self, kind: UserKind) -> User {
        let mut users = self.stand_in.settings.users.iter();
        let user = users.find(|user| user.email() == kind.email());
        // Settings only ever add users.
        user.cloned()
            .unwrap_or_else(|| User::new(kind.email(), String::new()))
    }

    /// A legacy token of this user, without logging in: also on a TypeScript server, whose legacy routers take it.
    pub fn legacy_token(&self, kind: UserKind) -> SecretString {
        let user = self.user(kind);
        let state = self.state();
        let lifetime = self.stand_in.settings.legacy_token_lifetime;
        let claims = serde_json::json!({
            "id": user.id,
            "email": user.email,
            "role": user.role,
            "tenant_id": user.has_tenant.then_some(&state.tenant.id),
        });
        SecretString::from(state.tokens.issue(claims, lifetime))
    }

    /// The value of `x-mpanel-token`, where it is configured.
    pub fn provisioning_token(&self) -> Option<&SecretString> {
        self.stand_in.settings.provisioning_token.as_ref()
    }

    /// The value of `x-internal-key`, where it is configured.
    pub fn internal_key(&self) -> Option<&SecretString> {
        self.stand_in.settings.internal_key.as_ref()
    }

    /// The key of the marketing routes, where there is one.
    pub fn marketing_key(&self) -> Option<&SecretString> {
        self.stand_in.settings.marketing_key.as_ref()
    }

    /// The id of its tenant.
    pub fn tenant_id(&self) -> String {
        self.state().tenant.id.clone()
    }

    /// The slug of its tenant, as `orders/webhook` wants it.
    pub fn tenant_slug(&self) -> String {
        self.state().tenant.slug.clone()
    }

    /// The id of the server it has from the start.
    pub fn server_id(&self) -> String {
        let state = self.state();
        let first = state.servers.first();
        first
            .map(|server| server.id().to_owned())
            .unwrap_or_default()
    }

    /// The product of this code, if there is one.
    pub fn product(&self, code: &str) -> Option<Product> {
        let state = self.state();
        let mut products = state.products.iter();
        let product = products.find(|product| !product.is_deleted && product.is_called(code));
        product.cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.stand_in.state()
    }

    /// Arms a fault where it naturally belongs: [`Fault::UnderPrivilegedKey`] and [`Fault::WrongSecret`] for every
    /// operation they can strike until healed; [`Fault::ExpiredToken`] and [`Fault::ForgetsTokens`] for the next
    /// request with a good token, which is then bad for good with all issued before it; [`Fault::WorkerDead`] and
    /// [`Fault::TaskFailed`] for the worker inside until healed; any other for the next request that creates a
    /// customer, subscription, website or order, by whichever entry.
    ///
    /// Of several faults armed for the same request the oldest strikes. A fault on the wire and one of the server
    /// itself may strike the same request.
    ///
    /// # Errors
    ///
    /// [`ArmError::OtherService`] for a fault of other services.
    pub fn arm(&self, fault: Fault) -> Result<(), ArmError> {
        let arming = &self.stand_in.arming;
        let once = Count::Times(1);
        match fault {
            Fault::ExpiredToken | Fault::ForgetsTokens => {
                arming.arm_where(fault, Target::Everything, once)
            }
            fault if fault.is_on_the_wire() => {
                arming.arm_where(fault, Target::OneOf(&CREATES), once)
            }
            fault => arming.arm_everywhere(fault),
        }
    }

    /// Arms a fault for one operation and so many of its requests: `arm_for(fault, CREATE_CUSTOMER, 2)`.
    ///
    /// # Errors
    ///
    /// Each [`ArmError`], before anything is changed.
    pub fn arm_for(
        &self,
        fault: Fault,
        operation: Operation,
        count: impl Into<Count>,
    ) -> Result<(), ArmError> {
        let service = Service::MPanel;
        if operation.service() == service && !self.operations().contains(&operation) {
            return Err(ArmError::NotServed { operation, service });
        }
        self.stand_in.arming.arm(fault, operation, count.into())
    }

    /// Lifts every fault; a request that is late stays late.
    pub fn heal(&self) {
        self.stand_in.arming.heal();
    }

    /// Lets the worker complete the oldest open task or job, whatever its pace. Returns its id, or nothing if there is
    /// none or [the worker is dead](Fault::WorkerDead).
    pub fn work_once(&self) -> Option<String> {
        let state = &mut *self.state();
        let now = state.clock.now();
        worker::work_once(state, &self.stand_in.arming, now)
    }

    /// Lets every access token issued until now expire.
    pub fn expire_tokens(&self) {
        self.state().tokens.spoil(TokenProblem::Expired);
    }

    /// Lets no token issued until now be known any more, as after a change of the signing secret.
    pub fn forget_tokens(&self) {
        self.state().tokens.spoil(TokenProblem::Invalid);
    }

    /// Lets the windows of the limiters begin anew.
    pub fn reset_limiters(&self) {
        let state = &mut *self.state();
        let limiters = [&mut state.limiter, &mut state.provisioning_limiter];
        for limiter in limiters.into_iter().flatten() {
            limiter.reset();
        }
    }

    /// Makes a customer that no client made: in the tenant, of no user, seen by whoever sees all.
    pub fn add_stranger(&self, company_name: &str, email: &str) -> Customer {
        let state = &mut *self.state();
        let now = state.clock.now();
        let mut customer = Customer::new(state.ids.next(), now);
        customer.tenant_id = Some(state.tenant.id.clone());
        customer.company_name = Some(company_name.to_owned());
        customer.email = Some(email.to_owned());
        state.customers.push(customer.clone());
        customer
    }

    /// Changes a subscription as somebody at the panel's database would: `change_subscription(&id, |row| row.status =
    /// "expired".to_owned())`. Whether there is one of this id; those of `provisioning/stripe` lie elsewhere.
    pub fn change_subscription(&self, id: &str, change: impl FnOnce(&mut Subscription)) -> bool {
        self.state().subscription_mut(id).map(change).is_some()
    }

    /// Removes a subscription as somebody at the panel's database would. Whether there was one of this id.
    pub fn remove_subscription(&self, id: &str) -> bool {
        let rows = &mut self.state().subscriptions;
        let before = rows.len();
        rows.retain(|row| row.id != id);
        rows.len() < before
    }

    /// The state after whatever the worker is due to have done by now.
    fn current(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        let MPanelStandIn {
            settings, arming, ..
        } = &*self.stand_in;
        // Looking from outside is no request: no time passes by it.
        let now = state.clock.coming();
        worker::catch_up(&mut state, settings, arming, now);
        state
    }

    /// The customers there are now, oldest first.
    pub fn customers(&self) -> Vec<Customer> {
        let mut customers = self.state().customers.clone();
        customers.retain(|customer| !customer.is_deleted);
        customers
    }

    /// The subscriptions there are now, oldest first; those of `provisioning/stripe` are with their
    /// [orders](Self::stripe_orders).
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.current().subscriptions.clone()
    }

    /// The websites there are now, oldest first.
    pub fn websites(&self) -> Vec<Website> {
        self.state().websites.clone()
    }

    /// The provisioning tasks there are now, oldest first.
    pub fn tasks(&self) -> Vec<Task> {
        self.current().tasks.clone()
    }

    /// The jobs of the TypeScript dialect there are now, oldest first.
    pub fn jobs(&self) -> Vec<Job> {
        self.current().jobs.clone()
    }

    /// The orders of the TypeScript dialect there are now, oldest first.
    pub fn orders(&self) -> Vec<Order> {
        self.state().orders.clone()
    }

    /// The orders of `provisioning/stripe`, oldest first.
    pub fn stripe_orders(&self) -> Vec<StripeOrder> {
        self.current().stripe_orders.clone()
    }

    /// What `stripe-completed` and `order-created` made, oldest first.
    pub fn public_orders(&self) -> Vec<PublicOrder> {
        self.state().public_orders.clone()
    }

    /// How often an order of this payment was taken, by whichever entry that reads it; a replay that made nothing does
    /// not count.
    pub fn times_ordered(&self, payment_intent_id: &str) -> usize {
        let state = self.state();
        let wanted = Some(payment_intent_id);
        let public = state.public_orders.iter();
        let public = public.filter(|order| order.payment_intent_id.as_deref() == wanted);
        let orders = state.orders.iter();
        let orders = orders.filter(|order| order.stripe_payment_intent_id.as_deref() == wanted);
        let stripe = state.stripe_orders.iter();
        let stripe = stripe.filter(|order| order.stripe_payment_intent_id == payment_intent_id);
        public.count() + orders.count() + stripe.count()
    }

    /// How often a customer of this company name was ever created, deleted ones included.
    pub fn times_customer_created(&self, company_name: &str) -> usize {
        let state = self.state();
        let customers = state.customers.iter();
        customers
            .filter(|customer| customer.company_name.as_deref() == Some(company_name))
            .count()
    }

    /// How often a subscription was created whose metadata has this text at this JSON pointer, such as `/reference`.
    pub fn times_subscription_created(&self, pointer: &str, value: &str) -> usize {
        let state = self.state();
        let subscriptions = state.subscriptions.iter();
        subscriptions
            .filter(|subscription| {
                let found = subscription.metadata.pointer(pointer);
                found.and_then(serde_json::Value::as_str) == Some(value)
            })
            .count()
    }

    /// How often a website of this domain was created.
    pub fn times_website_created(&self, primary_domain: &str) -> usize {
        let state = self.state();
        let websites = state.websites.iter();
        websites
            .filter(|website| website.primary_domain == primary_domain)
            .count()
    }
}

impl fmt::Debug for MPanel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MPanel")
            .field("name", &self.name())
            .field("generation", &self.generation())
            .field("url", &self.url())
            .field("armed", &self.armed())
            .finish_non_exhaustive()
    }
}
