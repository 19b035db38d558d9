//! Accounts as the panel shows them.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Field, Timestamp};

/// The panel's id of an account: an integer (CONTRACT-nextpanel section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(i64);

impl AccountId {
    /// An id.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The id as an integer.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads an id as a run keeps it.
impl FromStr for AccountId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// An account row. Only id and username are needed to tell accounts apart; everything else may be missing, because no
/// real panel has been seen and deployments differ.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// The panel's id.
    pub id: AccountId,
    /// The username.
    pub username: String,
    /// E-mail of the account.
    #[serde(default)]
    pub email: Field<String>,
    /// The customer's name.
    #[serde(default)]
    pub full_name: Field<String>,
    /// Whether it is a reseller's account.
    #[serde(default)]
    pub is_admin: Field<bool>,
    /// Whether it is served; false while suspended.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// What the creator wrote: our mark, or the billing backend's customer id.
    #[serde(default)]
    pub billing_id: Field<String>,
    /// When it was created: without a zone means UTC (section 1).
    #[serde(default)]
    pub created_at: Field<Timestamp>,
    /// Why it is suspended.
    #[serde(default)]
    pub suspension_reason: Field<String>,
}

impl Account {
    /// An account with the two fields every row has.
    #[must_use]
    pub fn new(id: AccountId, username: impl Into<String>) -> Self {
        Self {
            id,
            username: username.into(),
            email: Field::missing(),
            full_name: Field::missing(),
            is_admin: Field::missing(),
            is_active: Field::missing(),
            billing_id: Field::missing(),
            created_at: Field::missing(),
            suspension_reason: Field::missing(),
        }
    }

    /// What stands where our mark would stand, unless it is empty.
    #[must_use]
    pub fn billing_id(&self) -> Option<&str> {
        self.billing_id
            .as_deref()
            .map(str::trim)
            .filter(|id| !id.is_empty())
    }

    /// Whether the row is this username's. Panels lower-case usernames.
    #[must_use]
    pub fn has_username(&self, username: &str) -> bool {
        self.username.eq_ignore_ascii_case(username)
    }
}

/// Names and addresses of customers are not for logs.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("is_active", &self.is_active)
            .field("billing_id", &self.billing_id)
            .finish_non_exhaustive()
    }
}
