//! Whether the billing backend answers.

use serde::Deserialize;

use super::endpoint::endpoint;
use crate::{Field, Timestamp};

/// What the backend says of itself. "connected" is a fixed text, not a look at the database (section 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct BillingHealth {
    /// "healthy".
    #[serde(default)]
    pub status: Field<String>,
    /// Version.
    #[serde(default)]
    pub version: Field<String>,
    /// Always "connected".
    #[serde(default)]
    pub database: Field<String>,
    /// The backend's clock.
    #[serde(default)]
    pub timestamp: Field<Timestamp>,
}

/// The greeting at the root.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct Greeting {
    /// A text.
    #[serde(default)]
    pub message: Field<String>,
    /// Version.
    #[serde(default)]
    pub version: Field<String>,
    /// Where the documents are.
    #[serde(default)]
    pub docs: Field<String>,
    /// Where the health route is.
    #[serde(default)]
    pub health: Field<String>,
}

endpoint! {
    /// Asks whether the backend answers. It is public: it says nothing about the login.
    pub struct GetBillingHealth: HEALTH -> BillingHealth {}
}

endpoint! {
    /// Reads the greeting at the root, outside `/api/v1`.
    pub struct GetGreeting: ROOT -> Greeting {}
}
