//! One server, as an operator configures it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::ServerName;
use crate::permission::RemedyContext;

/// Whether a server takes accounts.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ServerState {
    /// Takes new accounts.
    #[default]
    Open,
    /// Serves the accounts it has and takes no new ones.
    Draining,
    /// Out of use.
    Disabled,
}

impl ServerState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Draining, Self::Disabled];
}

impl fmt::Display for ServerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Draining => "draining",
            Self::Disabled => "disabled",
        })
    }
}

/// Why a server cannot be configured so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerConfigError {
    /// The address is not `http` or `https` with a host.
    #[error("the URL must start with http:// or https:// and name a host")]
    UrlScheme,
    /// The address carries a user or password, which would end up in plans and logs.
    #[error("the URL must not contain a user or password")]
    UrlCredentials,
    /// The address has a query or fragment, to which no path can be joined.
    #[error("the URL must not have a query or fragment")]
    UrlQuery,
    /// No room at all, or more than any server has.
    #[error(
        "the capacity must be between 1 and {MAX_CAPACITY}; a server out of use is configured with state \"disabled\""
    )]
    Capacity,
    /// No share at all.
    #[error(
        "the weight must be between 1 and {MAX_WEIGHT}; a server that takes no new accounts is configured with state \"draining\""
    )]
    Weight,
    /// Not the name of an environment variable.
    #[error(
        "{name:?} cannot name an environment variable: letters, digits and `_`, no digit first"
    )]
    VariableName {
        /// The name given.
        name: String,
    },
    /// The key or secret itself, where the name of a variable belongs. The value is not repeated.
    #[error(
        "this is a key or secret itself; write the name of the environment variable that holds it"
    )]
    SecretInPlaceOfName,
    /// An empty tag or location.
    #[error("a {what} must not be empty")]
    Empty {
        /// What was empty.
        what: &'static str,
    },
}

/// The most accounts a server can be configured to hold.
pub(super) const MAX_CAPACITY: u32 = 1_000_000;

/// The largest weight of a server.
pub(super) const MAX_WEIGHT: u32 = 1_000;

/// One hosting server: where it is, how many accounts it holds, and what it is for.
///
/// Carries the *names* of the environment variables with its API key and secret, never their values. Read back from what
/// it serialises to, it is checked as one that is made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct ServerConfig {
    name: ServerName,
    url: Url,
    capacity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_secret_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    tags: BTreeSet<String>,
    weight: u32,
    state: ServerState,
}

impl ServerConfig {
    /// An open server of weight 1, without location, tags and credentials. `capacity` counts accounts.
    ///
    /// # Errors
    /// An address that is not http or https with a host, or that carries credentials, a query or a fragment; a
    /// capacity outside 1 to 1,000,000.
    pub fn new(name: ServerName, url: Url, capacity: u32) -> Result<Self, ServerConfigError> {
        check_url(&url)?;
        if !(1..=MAX_CAPACITY).contains(&capacity) {
            return Err(ServerConfigError::Capacity);
        }
        Ok(Self {
            name,
            url,
            capacity,
            api_key_env: None,
            api_secret_env: None,
            location: None,
            tags: BTreeSet::new(),
            weight: 1,
            state: ServerState::Open,
        })
    }

    /// Names the environment variables that hold the API key and its secret.
    ///
    /// # Errors
    /// Names that cannot be, and keys or secrets in place of names.
    pub fn with_credentials_from(
        mut self,
        key_variable: impl Into<String>,
        secret_variable: impl Into<String>,
    ) -> Result<Self, ServerConfigError> {
        let (key, secret) = (key_variable.into(), secret_variable.into());
        check_variable(&key)?;
        check_variable(&secret)?;
        self.api_key_env = Some(key);
        self.api_secret_env = Some(secret);
        Ok(self)
    }

    /// Says where the server stands, for orders that ask for a place. Compared letter by letter.
    ///
    /// # Errors
    /// An empty text.
    pub fn with_location(mut self, location: impl Into<String>) -> Result<Self, ServerConfigError> {
        self.location = Some(not_empty("location", location.into())?);
        Ok(self)
    }

    /// Adds tags, for products that ask for them. Compared letter by letter.
    ///
    /// # Errors
    /// An empty tag.
    pub fn with_tags(
        mut self,
        tags: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, ServerConfigError> {
        for tag in tags {
            self.tags.insert(not_empty("tag", tag.into())?);
        }
        Ok(self)
    }

    /// Sets the server's share: one of weight 2 gets twice the accounts of one of weight 1.
    ///
    /// # Errors
    /// A weight outside 1 to 1,000.
    pub fn with_weight(mut self, weight: u32) -> Result<Self, ServerConfigError> {
        if !(1..=MAX_WEIGHT).contains(&weight) {
            return Err(ServerConfigError::Weight);
        }
        self.weight = weight;
        Ok(self)
    }

    /// Sets whether the server takes accounts.
    #[must_use]
    pub fn with_state(mut self, state: ServerState) -> Self {
        self.state = state;
        self
    }

    /// What remedies for this server are to name: the server, its panel, and the variables with key and secret.
    #[must_use]
    pub fn remedy_context(&self) -> RemedyContext {
        let context = RemedyContext::new()
            .with_server(self.name.as_str())
            .with_panel_url(&self.url);
        match (&self.api_key_env, &self.api_secret_env) {
            (Some(key), Some(secret)) => context.with_variables(key, secret),
            _ => context,
        }
    }

    /// The server's name.
    #[must_use]
    pub fn name(&self) -> &ServerName {
        &self.name
    }

    /// The panel's base address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Accounts it can hold.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// The environment variable with the API key.
    #[must_use]
    pub fn api_key_env(&self) -> Option<&str> {
        self.api_key_env.as_deref()
    }

    /// The environment variable with the API key's secret.
    #[must_use]
    pub fn api_secret_env(&self) -> Option<&str> {
        self.api_secret_env.as_deref()
    }

    /// Where it stands.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// What it is tagged with.
    #[must_use]
    pub fn tags(&self) -> &BTreeSet<String> {
        &self.tags
    }

    /// Its share.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight
    }

    /// Whether it takes accounts.
    #[must_use]
    pub fn state(&self) -> ServerState {
        self.state
    }
}

/// What a configuration serialises to, unchecked.
#[derive(Deserialize)]
struct Written {
    name: ServerName,
    url: Url,
    capacity: u32,
    api_key_env: Option<String>,
    api_secret_env: Option<String>,
    location: Option<String>,
    tags: BTreeSet<String>,
    weight: u32,
    state: ServerState,
}

impl TryFrom<Written> for ServerConfig {
    type Error = ServerConfigError;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let mut config = Self::new(written.name, written.url, written.capacity)?
            .with_tags(written.tags)?
            .with_weight(written.weight)?
            .with_state(written.state);
        if let (Some(key), Some(secret)) = (written.api_key_env, written.api_secret_env) {
            config = config.with_credentials_from(key, secret)?;
        }
        match written.location {
            Some(location) => config.with_location(location),
            None => Ok(config),
        }
    }
}

pub(super) fn check_url(url: &Url) -> Result<(), ServerConfigError> {
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        Err(ServerConfigError::UrlScheme)
    } else if !url.username().is_empty() || url.password().is_some() {
        Err(ServerConfigError::UrlCredentials)
    } else if url.query().is_some() || url.fragment().is_some() {
        Err(ServerConfigError::UrlQuery)
    } else {
        Ok(())
    }
}

pub(super) fn check_variable(name: &str) -> Result<(), ServerConfigError> {
    // A prefix of the panels' keys and secrets, or simply too long: never repeat what may be a secret.
    if name.starts_with("npk_") || name.starts_with("nps_") || name.len() > 128 {
        return Err(ServerConfigError::SecretInPlaceOfName);
    }
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if valid {
        Ok(())
    } else {
        Err(ServerConfigError::VariableName {
            name: name.to_owned(),
        })
    }
}

fn not_empty(what: &'static str, text: String) -> Result<String, ServerConfigError> {
    if text.trim().is_empty() {
        return Err(ServerConfigError::Empty { what });
    }
    Ok(text)
}
