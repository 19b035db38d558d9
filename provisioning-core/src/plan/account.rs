//! Accounts that exist already, as lifecycle steps name them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::Mark;
use crate::catalog::{Product, Takes};
use crate::order::ProductCode;
use crate::run::facts::HostingAccount;

/// An account that an earlier run has established, with everything that tells it from any other one.
///
/// Whoever acts on it reads it first and holds id, username and mark against this. Ids come from lists that may be old;
/// username and mark do not change hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAccount {
    /// Server, id and username, and how we know that it is ours.
    #[serde(flatten)]
    pub account: HostingAccount,
    /// The mark that was written when it was created; compared wherever the panel shows one.
    pub mark: Mark,
}

impl KnownAccount {
    /// Whether `username` is this account's. Panels lower-case usernames; a difference in case is the same account.
    #[must_use]
    pub fn has_username(&self, username: &str) -> bool {
        self.account.username.eq_ignore_ascii_case(username.trim())
    }
}

impl fmt::Display for KnownAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "account {} (`{}`) on {}",
            self.account.remote_id, self.account.username, self.account.server
        )
    }
}

/// What an account is sold as, and the panel's package for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// The product, in the catalog's spelling.
    pub product: ProductCode,
    /// NextPanel's `package_id`, if the catalog names one.
    pub package_id: Option<i64>,
}

impl Package {
    /// The package of a catalog's product.
    #[must_use]
    pub fn of(product: &Product) -> Self {
        Self {
            product: product.code.clone(),
            package_id: match &product.takes {
                Takes::NextPanelHosting { package, .. } => *package,
                _ => None,
            },
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.package_id {
            Some(id) => write!(f, "{} (package {id})", self.product),
            None => write!(f, "{} (the panel's default package)", self.product),
        }
    }
}

/// The state an operation brings an account to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccountState {
    /// It is there and serves.
    Serving,
    /// It is there and does not serve; its data is kept.
    Suspended,
    /// It is there, on this package.
    OnPackage {
        /// The package.
        package: Package,
    },
    /// It is not there, nor is its data.
    Gone,
}

impl fmt::Display for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serving => f.write_str("there and active"),
            Self::Suspended => f.write_str("there and not active"),
            Self::OnPackage { package } => write!(f, "there, on {package}"),
            Self::Gone => f.write_str("gone"),
        }
    }
}
