//! The hosting panel: accounts and logins, with an API key and secret (CONTRACT-nextpanel section 8).

mod account;
mod client;
mod create;
mod find;
mod get;
mod health;
mod list;
mod login;
mod metadata;
mod operations;

pub use account::{Account, AccountId};
pub use client::{Panel, PanelBuilder, PanelCredentials};
pub use create::CreateAccount;
pub use find::{Found, FoundBy};
pub use get::GetAccount;
pub use health::{GetHealth, Health};
pub use list::{ListAccounts, WholeList};
pub use login::LogIn;
pub use metadata::AccountMetadata;
pub use operations::OPERATIONS;
