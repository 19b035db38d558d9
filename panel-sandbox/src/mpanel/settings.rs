//! Settings of one mPanel.

use std::time::Duration;

use jiff::civil::DateTime;
use secrecy::SecretString;

use super::{Product, User};
use crate::WireSettings;
use crate::made_up::characters;

/// Which generation of the server it is (contract, section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Generation {
    /// The JavaScript server: everything behind one gate, legacy routers, perhaps a TypeScript tail.
    Legacy,
    /// The TypeScript server: TypeScript routers first, then the legacy routers without the gate.
    TypeScript,
}

/// Which columns the tables have: deployments differ (contract, head).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Columns {
    /// Every column any code asks for.
    #[default]
    Superset,
    /// Those of the base schema: rows are shorter, creating a website is a 500, and so is every TypeScript route that
    /// reads orders, products, users or jobs.
    Base,
}

/// When the worker inside the stand-in claims and completes tasks and jobs.
///
/// It needs no time of its own: it catches up whenever a request or a test looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkerPace {
    /// Only when told: by [`MPanel::work_once`](super::MPanel::work_once) or over the worker's routes.
    ByHand,
    /// Each task is seen unfinished this many times, then it is completed. From the second time it is seen as claimed.
    AfterPolls(u32),
    /// Each task is completed this long after it was created.
    After(Duration),
}

/// How many requests are let through, per window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Limit {
    pub(super) requests: u32,
    pub(super) window: Duration,
}

const MINUTE: Duration = Duration::from_secs(60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Settings of one mPanel.
#[derive(Debug, Clone)]
pub struct MPanelSettings {
    name: String,
    pub(super) generation: Generation,
    pub(super) has_type_script_tail: bool,
    pub(super) has_broken_type_script_auth: bool,
    pub(super) columns: Columns,
    pub(super) has_unique_customer_email: bool,
    pub(super) reads_type_script_user_ids: bool,
    pub(super) serves_order_created: bool,
    pub(super) stripe_orders_make_tasks: bool,
    pub(super) worker_pace: WorkerPace,
    pub(super) limit: Option<Limit>,
    pub(super) provisioning_limit: Option<Limit>,
    pub(super) redis_latency: Duration,
    pub(super) legacy_token_lifetime: Duration,
    pub(super) access_token_lifetime: Duration,
    pub(super) refresh_token_lifetime: Duration,
    pub(super) provisioning_token: Option<SecretString>,
    pub(super) internal_key: Option<SecretString>,
    pub(super) marketing_key: Option<SecretString>,
    pub(super) platform_owner_email: Option<String>,
    pub(super) users: Vec<User>,
    pub(super) products: Vec<Product>,
    pub(super) hours_behind_utc: u8,
    pub(super) first_moment: DateTime,
    pub(super) wire: WireSettings,
}

impl MPanelSettings {
    /// An mPanel of this generation with everything in order: all columns, the limiter on, a worker that lets each
    /// task be seen unfinished once, one tenant with [its users](super::UserKind) and [products](Product::defaults),
    /// and one server `srv1`.
    ///
    /// The name also makes its secrets: servers of different names have different ones.
    pub fn new(name: impl Into<String>, generation: Generation) -> Self {
        let name = name.into();
        let secret = |what: &str| {
            Some(SecretString::from(characters(
                &format!("{name} {what}"),
                40,
            )))
        };
        Self {
            generation,
            has_type_script_tail: true,
            has_broken_type_script_auth: false,
            columns: Columns::default(),
            has_unique_customer_email: true,
            reads_type_script_user_ids: true,
            serves_order_created: false,
            stripe_orders_make_tasks: false,
            worker_pace: WorkerPace::AfterPolls(1),
            limit: Some(Limit {
                requests: 100,
                window: MINUTE * 15,
            }),
            provisioning_limit: Some(Limit {
                requests: 10,
                window: MINUTE,
            }),
            redis_latency: Duration::ZERO,
            legacy_token_lifetime: WEEK,
            access_token_lifetime: MINUTE * 15,
            refresh_token_lifetime: WEEK,
            provisioning_token: secret("provisioning token"),
            internal_key: secret("internal key"),
            marketing_key: Some(SecretString::from(format!(
                "mk_{}",
                characters(&format!("{name} marketing key"), 64)
            ))),
            platform_owner_email: None,
            users: User::defaults(&name),
            products: Product::defaults(),
            hours_behind_utc: 0,
            first_moment: DateTime::constant(2026, 2, 3, 8, 30, 0, 125_000_000),
            wire: WireSettings::default(),
            name,
        }
    }

    /// The server's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The generation it was made with.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether a legacy server has loaded the TypeScript routers as a tail. Default yes. Without them every unknown GET
    /// is 503, and `orders/webhook` is not there.
    pub fn with_type_script_tail(mut self, has: bool) -> Self {
        self.has_type_script_tail = has;
        self
    }

    /// Whether the TypeScript routers fail to check tokens, as they do when built as checked in: 500 "Authentication
    /// check failed" for any token, and for each login with the right password. Default no.
    pub fn with_broken_type_script_auth(mut self, broken: bool) -> Self {
        self.has_broken_type_script_auth = broken;
        self
    }

    /// Which columns the tables have. Default all.
    pub fn with_columns(mut self, columns: Columns) -> Self {
        self.columns = columns;
        self
    }

    /// Whether `customers.email` is unique. Default yes. Where it is not, as in the Prisma schema, a second customer of
    /// the same address is created, and `stripe-completed` is always 500.
    pub fn with_unique_customer_email(mut self, unique: bool) -> Self {
        self.has_unique_customer_email = unique;
        self
    }

    /// Whether the legacy routers of a TypeScript server find the user in a TypeScript token, which calls it `userId`
    /// and not `id`. Default yes. Where they do not, a customer created with such a token belongs to nobody and is on
    /// no list of its creator's. Which of the two a deployment does is not documented.
    pub fn with_type_script_user_ids_read(mut self, read: bool) -> Self {
        self.reads_type_script_user_ids = read;
        self
    }

    /// Whether it serves `POST /api/provisioning/webhooks/order-created`, which only documents know. Default no.
    ///
    /// Documents give only the body. Here it wants `x-mpanel-token`, works as `stripe-completed` does, and answers 201
    /// with `customerId`, `subscriptionIds` and `taskIds`.
    pub fn with_order_created(mut self, serves: bool) -> Self {
        self.serves_order_created = serves;
        self
    }

    /// Whether `provisioning/stripe` makes a provisioning task of each item. Default no: as observed, its
    /// subscriptions lie in a table of their own that no route shows and no worker works on.
    pub fn with_tasks_of_stripe_orders(mut self, makes: bool) -> Self {
        self.stripe_orders_make_tasks = makes;
        self
    }

    /// When the worker works. Default [`WorkerPace::AfterPolls(1)`](WorkerPace::AfterPolls).
    pub fn with_worker_pace(mut self, pace: WorkerPace) -> Self {
        self.worker_pace = pace;
        self
    }

    /// How many requests the limiter lets through per window. Default 100 in 15 minutes. Every caller is on this
    /// machine, so all count together.
    pub fn with_limiter(mut self, requests: u32, window: Duration) -> Self {
        self.limit = Some(Limit { requests, window });
        self
    }

    /// Switches the limiter off, for load runs; its headers are then missing too.
    pub fn without_limiter(mut self) -> Self {
        self.limit = None;
        self
    }

    /// How many requests to `provisioning/stripe` are let through per window. Default 10 a minute.
    pub fn with_provisioning_limiter(mut self, requests: u32, window: Duration) -> Self {
        self.provisioning_limit = Some(Limit { requests, window });
        self
    }

    /// Switches the limiter of `provisioning/stripe` off.
    pub fn without_provisioning_limiter(mut self) -> Self {
        self.provisioning_limit = None;
        self
    }

    /// How late the reply of a Redis-backed route comes: provisioning stats, failed jobs, retry, provision, and tasks
    /// that are queue jobs. The work is done at once. Default none; real ones take 25 to 50 s, stats 140 s.
    pub fn with_redis_latency(mut self, latency: Duration) -> Self {
        self.redis_latency = latency;
        self
    }

    /// How long a legacy token lasts, in whole seconds. Default 7 days. With zero each token has expired when it is
    /// issued.
    pub fn with_legacy_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.legacy_token_lifetime = lifetime;
        self
    }

    /// How long a TypeScript access token lasts, in whole seconds. Default 900 s.
    pub fn with_access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.access_token_lifetime = lifetime;
        self
    }

    /// How long a TypeScript refresh token lasts, in whole seconds. Default 7 days.
    pub fn with_refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.refresh_token_lifetime = lifetime;
        self
    }

    /// The value of `x-mpanel-token`; `None` is a server where it is not configured, which refuses each. Default made
    /// from the name.
    pub fn with_provisioning_token(mut self, token: Option<SecretString>) -> Self {
        self.provisioning_token = token;
        self
    }

    /// The value of `x-internal-key`; `None` is a server where it is not configured, which refuses each. Default made
    /// from the name.
    pub fn with_internal_key(mut self, key: Option<SecretString>) -> Self {
        self.internal_key = key;
        self
    }

    /// The key of the marketing routes; `None` is a server that has none, which refuses each. Default made from the
    /// name.
    pub fn with_marketing_key(mut self, key: Option<SecretString>) -> Self {
        self.marketing_key = key;
        self
    }

    /// The address of the user who may see jobs whatever the role. Default nobody's.
    pub fn with_platform_owner_email(mut self, email: impl Into<String>) -> Self {
        self.platform_owner_email = Some(email.into());
        self
    }

    /// Adds a user.
    pub fn with_user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// The products there are from the start. Default [`Product::defaults`].
    pub fn with_products(mut self, products: impl IntoIterator<Item = Product>) -> Self {
        self.products = products.into_iter().collect();
        self
    }

    /// How many hours the server's zone is behind UTC. Default 0. Dates come as that zone's midnight in UTC.
    pub fn with_hours_behind_utc(mut self, hours: u8) -> Self {
        self.hours_behind_utc = hours.min(12);
        self
    }

    /// The moment of the server's first timestamp; each next request is a good second later, whatever the real time.
    /// Default 2026-02-03 08:30:00.125 UTC. Tokens are issued in real time.
    pub fn with_first_moment(mut self, moment: DateTime) -> Self {
        self.first_moment = moment;
        self
    }

    /// How the server behaves on the wire.
    pub fn with_wire(mut self, wire: WireSettings) -> Self {
        self.wire = wire;
        self
    }
}
