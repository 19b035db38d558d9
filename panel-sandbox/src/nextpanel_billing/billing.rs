//! The handle of a running billing backend.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::backend::Backend;
use super::operations::{
    ADD_CUSTOMER_LICENSE, CREATE_CUSTOMER, CREATE_GUEST, CREATE_INVOICE, CREATE_ORDER, CREATE_PLAN,
    CREATE_SUBSCRIPTION, DELETE_HOSTING, HOSTING_STATS, PROVISION, REGISTER, SUSPEND_HOSTING,
    UNSUSPEND_HOSTING,
};
use super::servers::NewServer;
use super::users::NewUser;
use super::{AdminLogin, BillingSettings, Resource};
use crate::arming::Target;
use crate::made_up::characters;
use crate::nextpanel_panel::{KeyKind, Panel};
use crate::stage::Stage;
use crate::stand_in::StandIn;
use crate::{ArmError, Count, Fault, Operation, RecordedRequest, StartError};

/// What creates something that a client must not create twice.
const CREATES: &[Operation] = &[
    PROVISION,
    CREATE_CUSTOMER,
    CREATE_GUEST,
    REGISTER,
    CREATE_PLAN,
    ADD_CUSTOMER_LICENSE,
    CREATE_SUBSCRIPTION,
    CREATE_ORDER,
    CREATE_INVOICE,
];

/// What needs a key of a panel.
const WITH_PANEL_KEY: &[Operation] = &[
    PROVISION,
    SUSPEND_HOSTING,
    UNSUSPEND_HOSTING,
    DELETE_HOSTING,
    HOSTING_STATS,
];

/// A running NextPanel billing backend. Dropping it ends it, with all its connections.
pub struct Billing {
    stage: Stage,
    backend: Arc<Backend>,
}

impl Billing {
    /// Starts a backend on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// [`StartError::Bind`] if the address is taken.
    pub async fn start(settings: BillingSettings) -> Result<Self, StartError> {
        let name = settings.name().to_owned();
        let wire = settings.wire.clone();
        let backend = Arc::new(Backend::new(settings));
        let stage = Stage::start(
            &name,
            Arc::clone(&backend) as Arc<dyn StandIn>,
            Arc::clone(&backend.arming),
            wire,
        )
        .await?;
        Ok(Self { stage, backend })
    }

    /// The name from its settings.
    pub fn name(&self) -> &str {
        self.stage.name()
    }

    /// Its base URL, such as `http://127.0.0.1:40123`, without the prefix `/api/v1` and without a slash at the end.
    pub fn url(&self) -> &str {
        self.stage.url()
    }

    /// The administrator it has from the start.
    pub fn admin(&self) -> &AdminLogin {
        &self.backend.admin
    }

    /// Adds a panel as a server with room for 100 accounts, by the panel's name and with its key of this kind, without
    /// asking whether the panel is up. Returns the server's id.
    pub fn add_server(&self, panel: &Panel, key: KeyKind) -> i64 {
        let key = panel.key(key);
        let secret = key.secret().expose_secret();
        NewServer::new(panel.name(), panel.url(), key.id(), secret)
            .insert(&mut self.backend.state())
    }

    /// Restarts it: what it kept in memory about its servers is gone, so that account actions fail (500) until
    /// somebody asks for the servers' status or provisions. Its rows, tokens and connections stay.
    pub fn restart(&self) {
        self.backend.state().pool = None;
    }

    /// Lets time pass for tokens and timestamps: 15 minutes end every access token.
    pub fn let_time_pass(&self, time: Duration) {
        let mut state = self.backend.state();
        state.tokens.advance(time);
        if let Ok(time) = SignedDuration::try_from(time) {
            state.clock.advance(time);
        }
    }

    /// Adds a customer whose row has lost its name, as rows do that were not made through the API: from now on every
    /// list of customers that holds it is a 500. Returns its id.
    pub fn add_nameless_customer(&self, email: &str) -> String {
        let mut state = self.backend.state();
        let password = characters(&state.new_text("nameless password"), 32);
        let new = NewUser {
            email: email.to_owned(),
            full_name: None,
            company_name: None,
            password: SecretString::from(password),
            is_active: true,
            is_admin: false,
        };
        new.insert(&mut state).id.clone()
    }

    /// Arms a fault where it naturally belongs:
    ///
    /// - faults of the key for every operation that uses the keys it keeps for its panels, until healed: a refusal of
    ///   that key, as the backend passes it on;
    /// - [`Fault::ServerFull`] for all servers at once, until healed;
    /// - [`Fault::ExpiredToken`] and [`Fault::ForgetsTokens`] for every token issued until now, for good;
    /// - [`Fault::UsernameTakenByOther`] for the next account to provision: a stranger takes the name on the panel;
    /// - any other for the next request that creates something, whatever it is.
    ///
    /// Of several faults armed for the same request the oldest strikes.
    ///
    /// # Errors
    ///
    /// [`ArmError::OtherService`] for a fault of other services.
    pub fn arm(&self, fault: Fault) -> Result<(), ArmError> {
        let arming = &self.backend.arming;
        match fault {
            Fault::ExpiredToken | Fault::ForgetsTokens => {
                self.backend.state().tokens.end_all(fault);
                Ok(())
            }
            Fault::ServerFull => {
                arming.arm_everywhere(fault)?;
                arming.count_strike(fault);
                Ok(())
            }
            _ if fault.concerns_key() => {
                arming.arm_where(fault, Target::OneOf(WITH_PANEL_KEY), Count::UntilHealed)
            }
            _ => arming.arm_where(fault, Target::OneOf(CREATES), Count::Times(1)),
        }
    }

    /// Arms a fault for one operation and so many of its requests: `arm_for(fault, PROVISION, 2)`.
    ///
    /// [`Fault::UnderPrivilegedKey`] armed for an operation of administrators refuses the caller (403) instead of the
    /// panel's key.
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
        self.backend.arming.arm(fault, operation, count.into())
    }

    /// Lifts every fault. Tokens that have ended stay so; a request that is late stays late.
    pub fn heal(&self) {
        self.backend.arming.heal();
    }

    /// The faults that are armed and not spent, oldest first.
    pub fn armed(&self) -> Vec<Fault> {
        self.backend.arming.armed()
    }

    /// How many requests a fault has struck, healed or not.
    pub fn times_struck(&self, fault: Fault) -> u32 {
        self.backend.arming.times_struck(fault)
    }

    /// Waits until every request that was received is handled, then lets each late one arrive, in the order they were
    /// sent. Returns how many were late. What the backend holds afterwards is final.
    pub async fn settle(&self) -> usize {
        self.stage.settle().await
    }

    /// All rows there are now, oldest first: as the API shows them, and with what it hides (such as the `user_id` of
    /// an invoice, or the `server_id` of a hosting account) apart from secrets.
    pub fn rows(&self, resource: Resource) -> Vec<Value> {
        resource.rows(&self.backend.state())
    }

    /// How often something was ever created with this key, which each [`Resource`] names: customers by e-mail address,
    /// hosting accounts by username, and so on. Deleted ones count.
    ///
    /// What a panel created and the backend did not hear of does not count here; the panel's own
    /// [`times_created`](crate::nextpanel_panel::Panel::times_created) does.
    pub fn times_created(&self, resource: Resource, key: &str) -> usize {
        self.backend.state().times_created(resource, key)
    }

    /// Whether this user has this password.
    pub fn password_is(&self, email: &str, password: &str) -> bool {
        let state = self.backend.state();
        let user = state.user_by_email(email);
        user.is_some_and(|user| user.has_password(password))
    }

    /// Every request that was received, in that order; none if recording is off.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.stage.requests()
    }

    /// Those that ask for this operation.
    pub fn requests_for(&self, operation: &Operation) -> Vec<RecordedRequest> {
        self.stage.requests_for(operation)
    }

    /// Those the backend has no operation for, and redirects apart: refused as the real one would (404, 405), or by a
    /// 500 that names them where the real one has an operation that is left out here.
    pub fn unexpected_requests(&self) -> Vec<RecordedRequest> {
        self.stage.unexpected_requests()
    }

    /// Those sent by a client that followed [`Fault::RedirectElsewhere`], which no client should.
    pub fn followed_redirects(&self) -> Vec<RecordedRequest> {
        self.stage.followed_redirects()
    }
}

impl fmt::Debug for Billing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Billing")
            .field("name", &self.name())
            .field("url", &self.url())
            .field("armed", &self.armed())
            .finish_non_exhaustive()
    }
}
