//! The backend behind its handle: which handler takes which request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use serde_json::Value;
use wiremock::{Request, ResponseTemplate};

use super::call::{Answer, Call};
use super::elsewhere;
use super::operations::{
    ADD_CUSTOMER_LICENSE, ADD_SERVER, CREATE_CUSTOMER, CREATE_GUEST, CREATE_PLAN,
    CREATE_SUBSCRIPTION, CREATE_USER, PROVISION, REGISTER,
};
use super::state::State;
use super::upstream::Upstream;
use super::users::User;
use super::{
    AdminLogin, BillingSettings, administration, analytics, auth, customer_licenses, customers,
    hosting_accounts, invoice_actions, invoice_reports, invoice_templates, invoices, licenses,
    notifications, order_actions, orders, payments, plans, provision, servers, subscriptions,
    usage,
};
use crate::arming::Arming;
use crate::catch_all;
use crate::fastapi::{detail_reply, rate_limited_reply};
use crate::relay::Reply;
use crate::stand_in::StandIn;
use crate::{Operation, Service};

/// An operation and who handles it.
pub(super) type Route = (Operation, fn(&Backend, &Call<'_>) -> Answer);

/// All routes. Of several that match a path the first is taken, as in the real backend.
const ROUTES: [&[Route]; 20] = [
    auth::ROUTES,
    customers::ROUTES,
    customer_licenses::ROUTES,
    plans::ROUTES,
    licenses::ROUTES,
    subscriptions::ROUTES,
    orders::ROUTES,
    order_actions::ROUTES,
    invoice_reports::ROUTES,
    invoice_templates::ROUTES,
    invoices::ROUTES,
    invoice_actions::ROUTES,
    payments::ROUTES,
    administration::ROUTES,
    servers::ROUTES,
    provision::ROUTES,
    hosting_accounts::ROUTES,
    usage::ROUTES,
    analytics::ROUTES,
    notifications::ROUTES,
];

/// The backend behind its handle.
pub(super) struct Backend {
    pub(super) settings: BillingSettings,
    pub(super) admin: AdminLogin,
    pub(super) arming: Arc<Arming>,
    pub(super) upstream: Upstream,
    operations: Vec<Operation>,
    state: Mutex<State>,
}

impl Backend {
    pub(super) fn new(settings: BillingSettings) -> Self {
        let admin = AdminLogin::of(settings.name());
        let mut state = State::new(&settings);
        User::add_administrator(&mut state, &admin);
        let routes = ROUTES.iter().flat_map(|family| family.iter());
        Self {
            admin,
            arming: Arc::new(Arming::new(Service::NextPanelBilling)),
            upstream: Upstream::new(settings.panel_timeout),
            operations: routes.map(|(operation, _)| *operation).collect(),
            state: Mutex::new(state),
            settings,
        }
    }

    /// What the backend remembers. Nobody may hold on to it while a panel is called: whoever waits for it may be the
    /// one the panel runs on.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, operation: &Operation, request: &Request) -> ResponseTemplate {
        let handler = ROUTES
            .iter()
            .flat_map(|family| family.iter())
            .find(|(handled, _)| handled == operation)
            .map(|(_, handler)| handler);
        match handler {
            Some(handler) => handler(self, &Call { operation, request })
                .unwrap_or_else(|refusal| refusal.into_echoing_answer(request)),
            None => catch_all::unexpected(self.service(), request),
        }
    }
}

impl StandIn for Backend {
    fn service(&self) -> Service {
        Service::NextPanelBilling
    }

    fn operations(&self) -> &[Operation] {
        &self.operations
    }

    fn respond(&self, operation: Option<&Operation>, request: &Request) -> ResponseTemplate {
        match operation {
            Some(operation) => self.handle(operation, request),
            None => elsewhere::answer(self, request),
        }
    }

    fn natural_key(&self, operation: &Operation, body: &[u8]) -> Option<String> {
        let field = match *operation {
            PROVISION => "username",
            CREATE_CUSTOMER | CREATE_GUEST | CREATE_USER | REGISTER => "email",
            CREATE_PLAN | ADD_SERVER => "name",
            CREATE_SUBSCRIPTION | ADD_CUSTOMER_LICENSE => "plan_id",
            _ => return None,
        };
        let body: Value = serde_json::from_slice(body).ok()?;
        body.get(field)?.as_str().map(str::to_owned)
    }

    /// Not the backend's own words: it has no limits, but a proxy in front of it may.
    fn rate_limited(&self, retry_after_seconds: Option<u64>) -> Reply {
        rate_limited_reply("Too Many Requests", retry_after_seconds)
    }

    fn internal_error(&self) -> Reply {
        detail_reply(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error: (sqlite3.OperationalError) database is locked\n\
             (Background on this error at: https://sqlalche.me/e/20/e3q8)",
        )
    }
}
