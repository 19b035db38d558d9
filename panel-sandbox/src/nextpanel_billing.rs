//! The NextPanel billing backend: customers, orders, and hosting accounts on the panels it knows (NextPanel contract,
//! sections 1 to 7).
//!
//! Its bearer tokens are real and expire; its panels are called over HTTP with the keys it was given, one request at a
//! time, during which it answers nobody else. Arm a fault on the [`Panel`](crate::nextpanel_panel::Panel) to have it
//! strike between the two, on the backend to have it strike between client and backend.
//!
//! ```
//! use panel_sandbox::nextpanel_billing::{BillingSettings, Resource, operations};
//! use panel_sandbox::nextpanel_panel::{KeyKind, PanelSettings};
//! use panel_sandbox::{Fault, PanelSandbox};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = PanelSandbox::builder()
//!     .nextpanel_panel(PanelSettings::new("srv1"))
//!     .nextpanel_billing(BillingSettings::new("billing"))
//!     .start()
//!     .await?;
//! let panel = sandbox.nextpanel_panel("srv1").ok_or("no such panel")?;
//! let billing = sandbox.nextpanel_billing("billing").ok_or("no such backend")?;
//! let server = billing.add_server(panel, KeyKind::SuperAdmin);
//! panel.arm(Fault::LostReply)?;
//!
//! // ... let a client log in at billing.url() as billing.admin() and provision `alice01` on that server ...
//!
//! assert_eq!(panel.times_created("alice01"), 1);
//! assert_eq!(billing.times_created(Resource::HostingAccounts, "alice01"), 0);
//! assert_eq!(billing.requests_for(&operations::PROVISION).len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! What the backend has but no client needs (domains, coupons, support, staff and so on) is not here: such requests
//! get a 500 that says so. Whatever the real backend does not have gets its own 404 and 405.

mod administration;
mod analytics;
mod auth;
mod backend;
mod billing;
mod call;
mod caller;
mod customer_licenses;
mod customers;
mod elsewhere;
mod email;
mod hosting_accounts;
mod invoice;
mod invoice_actions;
mod invoice_reports;
mod invoice_templates;
mod invoices;
mod licenses;
mod login;
mod moment;
mod notifications;
pub mod operations;
mod order_actions;
mod order_numbers;
mod orders;
mod pages;
mod payments;
mod plans;
mod provision;
mod python;
mod resource;
mod servers;
mod settings;
mod state;
mod subscriptions;
mod tokens;
mod upstream;
mod usage;
mod users;

pub use self::billing::Billing;
pub use self::login::AdminLogin;
pub use self::resource::Resource;
pub use self::settings::{BillingSettings, Database};
