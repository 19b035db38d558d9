//! Everything a server remembers.

use std::collections::HashMap;
use std::time::Instant;

use jiff::civil::DateTime;

use super::api_keys::{ApiKey, Webhook};
use super::invoices::Invoice;
use super::limiter::Limiter;
use super::product::Product;
use super::queue::QueueJob;
use super::roles::Role;
use super::servers::Server;
use super::tokens::Tokens;
use super::{
    Customer, Job, MPanelSettings, Order, PublicOrder, StripeOrder, Subscription, Task, User,
    Website,
};
use crate::clock::Clock;
use crate::made_up::{characters, uuid};

/// Whoever rents the server out.
#[derive(Debug, Clone)]
pub(super) struct Tenant {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) slug: String,
}

/// Makes ids, each once.
pub(super) struct Ids {
    server: String,
    next: u64,
}

impl Ids {
    pub(super) fn next(&mut self) -> String {
        self.next += 1;
        uuid(&format!("{} {}", self.server, self.next))
    }
}

/// What the worker has seen of a piece of work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched {
    pub(super) since: Instant,
    pub(super) polls: u32,
}

pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    pub(super) tokens: Tokens,
    pub(super) limiter: Option<Limiter>,
    pub(super) provisioning_limiter: Option<Limiter>,
    pub(super) tenant: Tenant,
    pub(super) users: Vec<User>,
    pub(super) customers: Vec<Customer>,
    pub(super) domains: Vec<String>,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) websites: Vec<Website>,
    pub(super) servers: Vec<Server>,
    pub(super) products: Vec<Product>,
    pub(super) tasks: Vec<Task>,
    pub(super) queue: Vec<QueueJob>,
    pub(super) public_orders: Vec<PublicOrder>,
    pub(super) stripe_orders: Vec<StripeOrder>,
    pub(super) orders: Vec<Order>,
    pub(super) jobs: Vec<Job>,
    pub(super) invoices: Vec<Invoice>,
    pub(super) api_keys: Vec<ApiKey>,
    pub(super) webhooks: Vec<Webhook>,
    pub(super) roles: Vec<Role>,
    /// Open tasks and jobs, by id.
    pub(super) watched: HashMap<String, Watched>,
}

impl State {
    pub(super) fn new(settings: &MPanelSettings) -> Self {
        let name = settings.name();
        let mut clock = Clock::starting_at(settings.first_moment);
        let now = clock.now();
        let tenant = Tenant {
            id: uuid(&format!("{name} tenant")),
            name: "Sandbox Hosting".to_owned(),
            slug: "sandbox-hosting".to_owned(),
        };
        let mut users = settings.users.clone();
        for user in &mut users {
            user.created_at = Some(now);
            user.updated_at = Some(now);
        }
        let mut products = settings.products.clone();
        for product in &mut products {
            product.created_at = Some(now);
            product.updated_at = Some(now);
            for price in &mut product.prices {
                price.created_at = Some(now);
            }
        }
        Self {
            clock,
            ids: Ids {
                server: name.to_owned(),
                next: 0,
            },
            tokens: Tokens::new(characters(&format!("{name} signing secret"), 64)),
            limiter: settings.limit.map(Limiter::new),
            provisioning_limiter: settings.provisioning_limit.map(Limiter::new),
            servers: vec![Server::first(&tenant.id, now)],
            tenant,
            users,
            customers: Vec::new(),
            domains: Vec::new(),
            subscriptions: Vec::new(),
            websites: Vec::new(),
            products,
            tasks: Vec::new(),
            queue: Vec::new(),
            public_orders: Vec::new(),
            stripe_orders: Vec::new(),
            orders: Vec::new(),
            jobs: Vec::new(),
            invoices: Vec::new(),
            api_keys: Vec::new(),
            webhooks: Vec::new(),
            roles: Role::defaults(now),
            watched: HashMap::new(),
        }
    }

    pub(super) fn customer(&self, id: &str) -> Option<&Customer> {
        self.customers
            .iter()
            .find(|customer| customer.id == id && !customer.is_deleted)
    }

    /// The customer that has this address of its own.
    pub(super) fn customer_of_email(&mut self, email: &str) -> Option<&mut Customer> {
        self.customers
            .iter_mut()
            .find(|customer| customer.email.as_deref() == Some(email) && !customer.is_deleted)
    }

    pub(super) fn subscription_mut(&mut self, id: &str) -> Option<&mut Subscription> {
        self.subscriptions
            .iter_mut()
            .find(|subscription| subscription.id == id)
    }

    pub(super) fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.id == id)
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// Adds a task that is to be worked on.
    pub(super) fn add_task(&mut self, task: Task) {
        self.watch(&task.id);
        self.tasks.push(task);
    }

    /// Lets the worker begin to count for a task or job.
    pub(super) fn watch(&mut self, id: &str) {
        let watched = Watched {
            since: Instant::now(),
            polls: 0,
        };
        self.watched.insert(id.to_owned(), watched);
    }

    /// The server new accounts are made on.
    pub(super) fn provisioning_server(&self) -> Option<&Server> {
        self.servers.iter().find(|server| server.takes_accounts())
    }
}

/// Those of a list whose moment of creation comes last, first; of the same moment the later one.
pub(super) fn newest_first<T>(rows: &[T], created: impl Fn(&T) -> DateTime) -> Vec<&T> {
    let mut rows: Vec<&T> = rows.iter().rev().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(created(row)));
    rows
}
