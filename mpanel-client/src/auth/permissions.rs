//! `GET /api/auth/permissions`.

use panel_http::{Answer, DecodeError};
use serde::Deserialize;

use super::PERMISSIONS;
use crate::{
    endpoints::endpoints,
    roles::{Permission, RoleId},
    row::row,
};

/// What the user who is logged in may do, as the legacy role tables say it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Permissions {
    /// The role. None for a role that is in no table, such as `customer`.
    pub role: Option<OwnRole>,
    /// Its permissions.
    #[serde(default)]
    pub permissions: Vec<Permission>,
}

impl Permissions {
    /// Whether a permission such as `roles.read` is among them.
    #[must_use]
    pub fn allows(&self, name: &str) -> bool {
        self.permissions
            .iter()
            .any(|permission| permission.name == name)
    }
}

row! {
    /// The role of the user who is logged in.
    pub struct OwnRole {
        /// Its name.
        name: String,
        ;
        /// Its id, where it is in the table.
        id: RoleId,
        /// Its rank; 0 is the highest.
        #[serde(deserialize_with = "panel_http::lenient")]
        level: i64,
        /// Its title.
        display_name("displayName"): String,
        /// What it is for.
        description: String,
    }
    shows name, level
}

endpoints! {
    /// Reads what the user may do. On the TypeScript server its own tokens are answered `NotFound`; any fault of the
    /// database is answered as an expired token (contract 2.3).
    GetPermissions -> Permissions = PERMISSIONS, read;
}

fn read(answer: &Answer) -> Result<Permissions, DecodeError> {
    answer.json()
}
