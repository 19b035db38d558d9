//! `/api/security/rbac/...`: the TypeScript server's roles, kept in its memory and used for nothing (contract section 7).

use panel_http::Paging;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::{PermissionId, RoleId, SECURITY_PERMISSIONS, SECURITY_ROLES};
use crate::{endpoints::lists, row::row};

row! {
    /// A role of the mock.
    pub struct SecurityRole {
        /// Id: `role_<milliseconds>`.
        id: RoleId,
        ;
        /// Name.
        name: String,
        /// What it is for.
        description: String,
        /// Its permissions. The server sends them as a text that holds JSON.
        #[serde(deserialize_with = "names")]
        permissions: Vec<String>,
    }
    shows id, name
}

row! {
    /// A permission of the mock.
    pub struct SecurityPermission {
        /// Id: `platform.customers.read`.
        id: PermissionId,
        ;
        /// Title.
        name: String,
        /// Group.
        category: String,
    }
    shows id
}

lists! {
    /// Lists the roles of the mock.
    ListSecurityRoles -> SecurityRole = SECURITY_ROLES, Paging::Whole;

    /// Lists the permissions of the mock.
    ListSecurityPermissions -> SecurityPermission = SECURITY_PERMISSIONS, Paging::Whole;
}

fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let wrong = || D::Error::custom("expected a list of permissions, or a text that holds one");
    match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => serde_json::from_str(&text).map(Some).map_err(|_| wrong()),
        Some(list) => serde_json::from_value(list).map(Some).map_err(|_| wrong()),
    }
}
