//! mPanel in both generations, the JavaScript and the TypeScript server (mPanel contract).
//!
//! Quirks are part of it: wrong statuses, the joined e-mail address, slugs skipped in silence, the role that must be
//! exactly `admin`. What the contract leaves open, or what differs from deployment to deployment, is a setting of
//! [`MPanelSettings`].
//!
//! ```
//! use panel_sandbox::Fault;
//! use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mpanel = MPanel::start(MPanelSettings::new("main", Generation::Legacy)).await?;
//! mpanel.arm(Fault::LostReply)?;
//! let admin = mpanel.user(UserKind::Admin);
//!
//! // ... let a client log in as `admin` at mpanel.url() and send an order paid with `pi_1` ...
//!
//! assert_eq!(mpanel.times_ordered("pi_1"), 1);
//! assert!(mpanel.tasks().iter().all(|task| task.status == "success"));
//! assert!(mpanel.requests().len() <= 14);
//! # Ok(())
//! # }
//! ```

mod admin;
mod answer;
mod api_keys;
mod auth;
mod billing_subscriptions;
mod body;
mod catalog;
mod customer;
mod customers;
mod dashboard;
mod exchange;
mod gate;
mod handlers;
mod headers;
mod health;
mod invoices;
mod job;
mod jobs;
mod limiter;
mod marketing;
mod members;
pub mod operations;
mod order;
mod order_webhook;
mod orders;
mod panel;
mod platform;
mod postgres;
mod product;
mod products;
mod public_plans;
mod queue;
mod roles;
mod routes;
mod served;
mod servers;
mod settings;
mod state;
mod stripe_completed;
mod stripe_order;
mod subscription;
mod subscriptions;
mod task;
mod tasks;
mod timestamps;
mod tokens;
mod type_script_auth;
mod unknown;
mod user;
mod users;
mod website;
mod websites;
mod worker;
mod worker_route;

pub use self::customer::Customer;
pub use self::job::Job;
pub use self::order::{HostingSubscription, Order, PublicOrder, StripeOrder};
pub use self::panel::MPanel;
pub use self::product::Product;
pub use self::settings::{Columns, Generation, MPanelSettings, WorkerPace};
pub use self::subscription::Subscription;
pub use self::task::Task;
pub use self::user::{User, UserKind};
pub use self::website::Website;
