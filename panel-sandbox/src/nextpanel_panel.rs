//! The NextPanel hosting panel: accounts behind API keys (NextPanel contract, section 8).
//!
//! No real panel was seen by the contract; what it leaves open is a setting here ([`BillingIdInRows`], [`Paging`],
//! whether hosting accounts may log in), so that a client can be tried against each answer.

mod account;
mod accounts;
mod effects;
mod handlers;
mod keys;
mod logins;
mod new_account;
pub mod operations;
mod panel;
mod settings;

pub use self::account::{Account, UsernameTaken};
pub use self::keys::{ApiKey, KeyKind};
pub use self::logins::AdminLogin;
pub use self::panel::Panel;
pub use self::settings::{BillingIdInRows, Paging, PanelSettings};
