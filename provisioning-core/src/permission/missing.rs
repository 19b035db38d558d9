//! What a refused credential lacks.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PermissionLevel, Scope};

/// The one thing that was missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Missing {
    /// The key is good, but not for this: it needs super admin rights.
    SuperAdminRights,
    /// The key's permission level is too low, or unknown.
    Level {
        /// The level it has.
        found: PermissionLevel,
        /// The least it needs.
        wanted: PermissionLevel,
    },
    /// The key lacks scopes.
    Scopes {
        /// Those it lacks.
        wanted: BTreeSet<Scope>,
    },
    /// The key is locked to other addresses.
    IpNotAllowed {
        /// The address the call came from, where known.
        address: Option<IpAddr>,
    },
    /// The key was revoked, for good.
    Revoked,
    /// The key is switched off.
    Inactive,
    /// The key has expired.
    KeyExpired {
        /// When it expired, where known.
        at: Option<Timestamp>,
    },
    /// The panel does not know this key, or the secret does not belong to it; it does not say which.
    WrongKeyOrSecret,
    /// A secret shared with the server was missing or wrong, or the server has none configured; it does not say which.
    WrongSharedToken,
    /// No credential arrived.
    MissingToken,
    /// The login has expired, or the server does not tell an expired one from a wrong one.
    ExpiredToken,
    /// The login's token is not one of this server's: wrong signature, or the other generation's dialect.
    InvalidToken,
    /// Username or password are wrong, or the user may not log in; the server does not say which.
    WrongPassword,
    /// The user is switched off.
    UserInactive,
    /// The user belongs to no tenant.
    NoTenant,
    /// The user has the wrong role.
    Role {
        /// The role the user has, where known.
        found: Option<String>,
        /// The roles that will do, letter by letter.
        wanted: Vec<String>,
    },
    /// The user's role lacks a permission.
    Permission {
        /// Its name, such as `roles.read`.
        name: String,
    },
    /// The user is not an administrator of the billing backend.
    AdminRights,
    /// What was touched belongs to somebody else.
    NotOwner,
}
