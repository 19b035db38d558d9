//! Everything the backend remembers.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use jiff::civil::DateTime;
use serde_json::Value;

use super::hosting_accounts::HostingAccount;
use super::invoice::{Invoice, PartialPayment};
use super::invoice_templates::InvoiceTemplate;
use super::licenses::License;
use super::moment::Moment;
use super::orders::Order;
use super::payments::Payment;
use super::plans::Plan;
use super::servers::Server;
use super::subscriptions::Subscription;
use super::tokens::Tokens;
use super::users::User;
use super::{BillingSettings, Database, Resource};
use crate::clock::Clock;
use crate::made_up;

pub(super) struct State {
    name: String,
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) tokens: Tokens,
    pub(super) users: Vec<User>,
    pub(super) plans: Vec<Plan>,
    pub(super) licenses: Vec<License>,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) orders: Vec<Order>,
    pub(super) invoices: Vec<Invoice>,
    pub(super) templates: Vec<InvoiceTemplate>,
    pub(super) partial_payments: Vec<PartialPayment>,
    pub(super) payments: Vec<Payment>,
    pub(super) servers: Vec<Server>,
    pub(super) accounts: Vec<HostingAccount>,
    pub(super) preferences: HashMap<String, Value>,
    /// Accounts counted in memory by server id; nothing until somebody needs it, and again after a restart.
    pub(super) pool: Option<BTreeMap<i64, i64>>,
    /// Until when an order is being created.
    pub(super) order_under_way: Option<Instant>,
    creations: Vec<(Resource, String)>,
    ids: u64,
}

impl State {
    pub(super) fn new(settings: &BillingSettings) -> Self {
        let name = settings.name().to_owned();
        let secret = made_up::characters(&format!("{name} signing secret"), 64);
        Self {
            name,
            database: settings.database,
            clock: Clock::starting_at(settings.first_moment),
            tokens: Tokens::new(secret, settings.token_lifetime),
            users: Vec::new(),
            plans: Vec::new(),
            licenses: Vec::new(),
            subscriptions: Vec::new(),
            orders: Vec::new(),
            invoices: Vec::new(),
            templates: Vec::new(),
            partial_payments: Vec::new(),
            payments: Vec::new(),
            servers: Vec::new(),
            accounts: Vec::new(),
            preferences: HashMap::new(),
            pool: None,
            order_under_way: None,
            creations: Vec::new(),
            ids: 0,
        }
    }

    /// A new id, in the shape of a random UUID.
    pub(super) fn new_id(&mut self) -> String {
        made_up::uuid(&self.new_text("id"))
    }

    /// A text nobody had before, to make something up from.
    pub(super) fn new_text(&mut self, what: &str) -> String {
        self.ids += 1;
        format!("{} {what} {}", self.name, self.ids)
    }

    /// A number that is another one each time.
    pub(super) fn turn(&mut self) -> usize {
        self.ids += 1;
        usize::try_from(self.ids).unwrap_or_default()
    }

    /// The present, as a naive time.
    pub(super) fn now(&mut self) -> DateTime {
        self.clock.now()
    }

    /// The present, written by the program.
    pub(super) fn by_program(&mut self) -> Moment {
        let now = self.now();
        self.database.by_program(now)
    }

    /// The present, written by the database.
    pub(super) fn by_database(&mut self) -> Moment {
        let now = self.now();
        self.database.by_itself(now)
    }

    pub(super) fn note_creation(&mut self, resource: Resource, key: &str) {
        self.creations.push((resource, key.to_owned()));
    }

    pub(super) fn times_created(&self, resource: Resource, key: &str) -> usize {
        self.creations
            .iter()
            .filter(|(created, by)| *created == resource && by == key)
            .count()
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.iter().find(|user| user.email == email)
    }

    pub(super) fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }
}
