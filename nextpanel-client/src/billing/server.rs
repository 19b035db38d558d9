//! NextPanel servers the billing backend knows. Their routes ask for no login at all (section 4.10).

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use secrecy::SecretString;
use serde::Deserialize;

use super::endpoint::endpoint;
use super::id::ServerId;
use crate::{Field, Timestamp};

/// A server as it is stored. Online is always true and the number of accounts always 0 in here; ask
/// [`GetServersStatus`], or the panel itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Server {
    /// Its id.
    pub id: ServerId,
    /// Its name.
    pub name: String,
    /// Description.
    #[serde(default)]
    pub description: Field<String>,
    /// Where its panel is.
    #[serde(default)]
    pub base_url: Field<String>,
    /// Whether it is used.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// How many accounts it may have.
    #[serde(default)]
    pub capacity: Field<i64>,
    /// Where it stands.
    #[serde(default)]
    pub location: Field<String>,
    /// When it was added.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

endpoint! {
    /// Lists the servers.
    pub struct ListServers: LIST_SERVERS -> Vec<Server> {}
}

/// A server as it answers now.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ServerState {
    /// Its id, which this route writes as text.
    pub server_id: String,
    /// Its name.
    #[serde(default)]
    pub name: Field<String>,
    /// Where its panel is.
    #[serde(default)]
    pub url: Field<String>,
    /// Whether it is used.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// Whether its public health route has just answered. It says nothing about the key.
    #[serde(default)]
    pub is_online: Field<bool>,
    /// Accounts created since the backend was started: 0 after a restart.
    #[serde(default)]
    pub current_accounts: Field<i64>,
    /// How many accounts it may have.
    #[serde(default)]
    pub capacity: Field<i64>,
}

impl ServerState {
    /// Its id as the other routes write it.
    #[must_use]
    pub fn id(&self) -> Option<ServerId> {
        self.server_id.trim().parse().ok().map(ServerId::new)
    }
}

endpoint! {
    /// Asks every server whether it answers, one after the other, 5 s for each that does not. It also makes the backend
    /// remember its servers after a restart.
    pub struct GetServersStatus: SERVERS_STATUS -> Vec<ServerState> {}
}

macro_rules! server_writes {
    ($($(#[$doc:meta])+ $name:ident: $operation:ident -> $reply:ty, key $($key:ident)?;)+) => {$(
        endpoint! {
            $(#[$doc])+
            pub struct $name: $operation -> $reply {
                required { name: String, base_url: String }
                secret { api_key: SecretString, api_secret: SecretString }
                optional {
                    /// Description.
                    set_description description: String,
                    /// How many accounts it may have; 100 unless set. The backend also takes 0, and then uses the server
                    /// for nothing.
                    set_capacity capacity: NonZeroU32,
                    /// Where it stands.
                    set_location location: String,
                    /// Tags. The backend stores them and shows them nowhere.
                    set_tags tags: Vec<String>,
                }
                $(key $key)?
            }
        }
    )+};
}

server_writes! {
    /// Has the backend ask a panel's health route. That route is public: **wrong keys pass**. What a key may do is found
    /// out by [`Panel::test_connection`](crate::panel::Panel::test_connection).
    TestServer: TEST_SERVER -> ServerTest, key;
    /// Adds a server. Nothing about it can be changed or taken back later: to replace its key, add it under a new name.
    ///
    /// # Errors
    /// Of the call: [`panel_http::Kind::Validation`] if there is a server of this name, or the panel does not answer.
    AddServer: ADD_SERVER -> AddedServer, key name;
}

/// What the backend found. The status of the reply is always 200.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ServerTest {
    /// Whether the panel's public health route answered.
    pub success: bool,
    /// In words.
    #[serde(default)]
    pub message: Field<String>,
}

/// A server that was added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AddedServer {
    /// Its id.
    pub server_id: ServerId,
    /// Its name.
    #[serde(default)]
    pub name: Field<String>,
    /// Where its panel is, without slash at the end.
    #[serde(default)]
    pub url: Field<String>,
}

/// How many accounts there are by kind. The kind is never stored, so all are counted as `panel`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AccountCounts {
    /// All that are active.
    #[serde(default)]
    pub total_accounts: Field<u64>,
    /// By kind: `panel`, `reseller`, `master-reseller`, `unknown`.
    #[serde(default)]
    pub by_role: Field<BTreeMap<String, u64>>,
}

endpoint! {
    /// Counts the accounts the backend knows.
    pub struct CountAccountsByRole: COUNT_BY_ROLE -> AccountCounts {}
}
