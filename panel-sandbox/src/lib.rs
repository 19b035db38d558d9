//! Stateful stand-ins of the hosting panels, with faults by name: for examples, tests and your own CI.
//!
//! A stand-in keeps accounts the way the real service does, answers over real sockets on 127.0.0.1, and can be told
//! to misbehave: lose a reply after the account was made, deliver a request after it was given up, refuse a key. What
//! it received and what it did can be asserted afterwards.
//!
//! ```
//! use panel_sandbox::nextpanel_panel::{PanelSettings, operations};
//! use panel_sandbox::{Fault, PanelSandbox};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = PanelSandbox::builder()
//!     .nextpanel_panel(PanelSettings::new("srv1").with_capacity(50))
//!     .nextpanel_panel(PanelSettings::new("srv2"))
//!     .start()
//!     .await?;
//! let panel = sandbox.nextpanel_panel("srv1").ok_or("no such panel")?;
//! panel.arm(Fault::LostReply)?;
//!
//! // ... let a client create the account `alice01` at panel.url() ...
//!
//! assert_eq!(panel.times_struck(Fault::LostReply), 1);
//! assert_eq!(panel.times_created("alice01"), 1);
//! assert_eq!(panel.requests_for(&operations::CREATE_ACCOUNT).len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! [`mpanel`] stands in for both generations of mPanel in the same way.
//!
//! In front of each stand-in, which runs on [`wiremock`], stands a small TCP relay: it reads whole requests, and so
//! can do on the wire what an HTTP server cannot do to itself. Everything ends when the handle is dropped, and nothing
//! ever binds or calls an address outside this machine.

mod arming;
mod catch_all;
mod clock;
mod fastapi;
mod fault;
mod handle;
mod made_up;
pub mod mpanel;
pub mod nextpanel_billing;
pub mod nextpanel_panel;
mod operation;
mod recording;
mod relay;
mod sandbox;
mod service;
mod stage;
mod stand_in;
mod start_error;
mod wire_settings;

pub use arming::{ArmError, Count};
pub use fault::{ArrivalOrder, Fault, RetryHint, UnknownFault};
pub use operation::Operation;
pub use recording::RecordedRequest;
pub use sandbox::{PanelSandbox, PanelSandboxBuilder};
pub use service::Service;
pub use start_error::StartError;
pub use wire_settings::WireSettings;
