//! The hosting panel: accounts, logins and keys, with an API key and secret (CONTRACT-nextpanel section 8).

mod account;
mod api_key;
mod client;
mod create;
mod delete;
mod find;
mod get;
mod health;
mod identity;
mod list;
mod login;
mod metadata;
pub(crate) mod operations;
mod probe;
mod statistics;
mod suspend;
mod test_connection;
mod unsuspend;

pub use account::{Account, AccountId};
pub use api_key::{CreateApiKey, CreatedApiKey};
pub use client::{Panel, PanelBuilder, PanelCredentials};
pub use create::CreateAccount;
pub use find::{AccountMatch, AccountSearch, SearchResult, SeenBillingId};
pub use get::GetAccount;
pub use health::{GetHealth, Health};
pub use identity::{Acted, ExpectedAccount, Proof};
pub use list::{ListAccounts, WholeList};
pub use login::LogIn;
pub use metadata::AccountMetadata;
pub use operations::OPERATIONS;
pub use probe::{CreateProbe, Leftover, ProbeVerdict};
pub use statistics::{AccountStatistics, GetAccountStatistics};
pub use test_connection::{Connection, ConnectionTest, RightsFrom, Verdict};
