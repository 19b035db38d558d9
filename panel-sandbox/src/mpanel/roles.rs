//! Roles and permissions of the legacy dialect, which `admin` may not even read.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::answer::{Answer, Handled, ok};
use super::exchange::Exchange;
use super::timestamps::iso;
use crate::made_up::uuid;

/// Resources and what may be done with them.
const PERMISSIONS: [(&str, &[&str]); 12] = [
    ("billing", &["create", "read", "refund", "update"]),
    ("customers", &["create", "delete", "read", "update"]),
    ("databases", &["create", "delete", "read"]),
    (
        "deployments",
        &[
            "api", "database", "delete", "form", "read", "table", "user", "website",
        ],
    ),
    ("dns", &["create", "delete", "read", "update"]),
    ("email", &["create", "delete", "read", "update"]),
    ("provisioning", &["manual", "read", "retry"]),
    (
        "roles",
        &["assign_permissions", "create", "delete", "read", "update"],
    ),
    ("servers", &["create", "delete", "deploy", "read", "update"]),
    ("support", &["create", "read", "update"]),
    (
        "users",
        &["create", "delete", "manage_roles", "read", "update"],
    ),
    ("websites", &["create", "delete", "read", "update"]),
];

/// A row of the roles' table, with what it grants.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) display_name: String,
    pub(super) description: Option<String>,
    pub(super) level: u32,
    permissions: Vec<String>,
    created_at: DateTime,
}

fn permission_names() -> impl Iterator<Item = String> {
    PERMISSIONS.into_iter().flat_map(|(resource, actions)| {
        actions
            .iter()
            .map(move |action| format!("{resource}.{action}"))
    })
}

fn permission_id(name: &str) -> String {
    uuid(&format!("permission {name}"))
}

/// Permissions as rows; only the roles' own routes show the action.
pub(super) fn permission_rows(names: &[String], with_action: bool) -> Vec<Value> {
    names
        .iter()
        .map(|name| {
            let (resource, action) = name.split_once('.').unwrap_or((name, ""));
            let mut row = json!({
                "id": permission_id(name),
                "name": name,
                "resource": resource,
                "description": format!("May {action} {resource}"),
            });
            if with_action {
                super::customer::add(&mut row, "action", json!(action));
            }
            row
        })
        .collect()
}

impl Role {
    fn new(id: String, name: &str, display_name: &str, level: u32, now: DateTime) -> Self {
        Self {
            id,
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            description: None,
            level,
            permissions: Vec::new(),
            created_at: now,
        }
    }

    /// The roles of the table. The role `customer` is not one of them.
    pub(super) fn defaults(now: DateTime) -> Vec<Self> {
        [
            ("super_admin", "Super Administrator", 0),
            ("admin", "Administrator", 1),
            ("editor", "Editor", 2),
            ("contributor", "Contributor", 3),
            ("sales", "Sales", 4),
            ("support", "Support", 5),
            ("customer_service", "Customer Service", 6),
            ("client", "Client", 10),
        ]
        .into_iter()
        .map(|(name, display_name, level)| {
            let id = uuid(&format!("role {name}"));
            let mut role = Self::new(id, name, display_name, level, now);
            role.description = Some(format!("What a {display_name} may do"));
            role.permissions = permission_names()
                .filter(|permission| match name {
                    "super_admin" => true,
                    "admin" => !permission.starts_with("roles."),
                    "client" => false,
                    _ => permission.ends_with(".read") && !permission.starts_with("roles."),
                })
                .collect();
            role
        })
        .collect()
    }

    /// The names of the permissions it grants.
    pub(super) fn granted(&self) -> Vec<String> {
        self.permissions.clone()
    }

    fn row(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "display_name": self.display_name,
            "description": self.description,
            "level": self.level,
            "is_admin": self.level < 7,
            "is_client": self.name == "client",
            "created_at": iso(self.created_at),
            "updated_at": iso(self.created_at),
        })
    }

    fn full_row(&self) -> Value {
        let mut row = self.row();
        let permissions = permission_rows(&self.permissions, true);
        super::customer::add(&mut row, "permissions", json!(permissions));
        row
    }
}

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.require_permission("roles.read")?;
    let state = &exchange.state;
    let rows: Vec<Value> = state
        .roles
        .iter()
        .map(|role| {
            let users = state.users.iter().filter(|user| user.role == role.name);
            let users = users.count();
            // A cross join counts each permission once for each user and the other way round.
            let permissions = role.permissions.len();
            let mut row = role.row();
            let inflated = permissions * users.max(1);
            super::customer::add(&mut row, "permission_count", json!(inflated.to_string()));
            let inflated = users * permissions.max(1);
            super::customer::add(&mut row, "user_count", json!(inflated.to_string()));
            row
        })
        .collect();
    ok(&rows)
}

pub(super) fn list_permissions(exchange: &mut Exchange<'_>) -> Handled {
    exchange.require_permission("roles.read")?;
    let names: Vec<String> = permission_names().collect();
    let mut grouped = serde_json::Map::new();
    for (resource, _) in PERMISSIONS {
        let prefix = format!("{resource}.");
        let mut of_resource = names.clone();
        of_resource.retain(|name| name.starts_with(&prefix));
        let rows = permission_rows(&of_resource, true);
        grouped.insert(resource.to_owned(), json!(rows));
    }
    ok(&json!({ "permissions": permission_rows(&names, true), "grouped": grouped }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.require_permission("roles.read")?;
    let position = exchange.role()?;
    let role = exchange.state.roles.get(position);
    ok(&role.map(Role::full_row))
}

pub(super) fn list_users(exchange: &mut Exchange<'_>) -> Handled {
    exchange.require_permission("roles.read")?;
    let position = exchange.role()?;
    let name = exchange
        .state
        .roles
        .get(position)
        .map(|role| role.name.clone());
    let users: Vec<Value> = exchange
        .state
        .users
        .iter()
        .filter(|user| Some(&user.role) == name.as_ref())
        .map(super::users::row)
        .collect();
    ok(&users)
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["super_admin"])?;
    let (Some(name), Some(display_name)) = (
        exchange.given_text("name"),
        exchange.given_text("display_name"),
    ) else {
        return Err(Answer::error(400, "Name and display name are required"));
    };
    if exchange.state.roles.iter().any(|role| role.name == name) {
        return Err(Answer::error(400, "Role with this name already exists"));
    }
    let level = exchange
        .field("level")
        .and_then(Value::as_u64)
        .unwrap_or(10);
    let level = u32::try_from(level).unwrap_or(10);
    let id = exchange.state.ids.next();
    let mut role = Role::new(id, &name, &display_name, level, exchange.now);
    role.description = exchange.text("description");
    let row = role.row();
    exchange.state.roles.push(role);
    Ok(Answer::json(201, &row))
}

pub(super) fn update(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["super_admin"])?;
    let position = exchange.role()?;
    let display_name = exchange.given_text("display_name");
    let description = exchange.text("description");
    let level = exchange.field("level").and_then(Value::as_u64);
    let level = level.and_then(|level| u32::try_from(level).ok());
    if let Some(role) = exchange.state.roles.get_mut(position) {
        role.display_name = display_name.unwrap_or_else(|| role.display_name.clone());
        role.description = description.or_else(|| role.description.clone());
        role.level = level.unwrap_or(role.level);
    }
    let role = exchange.state.roles.get(position);
    ok(&role.map(Role::row))
}

pub(super) fn delete(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["super_admin"])?;
    let position = exchange.role()?;
    exchange.state.roles.remove(position);
    ok(&json!({ "message": "Role deleted successfully" }))
}

pub(super) fn set_permissions(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["super_admin"])?;
    let position = exchange.role()?;
    let wanted = exchange
        .field("permission_ids")
        .and_then(Value::as_array)
        .cloned()
        .ok_or_else(|| Answer::error(400, "permission_ids must be an array"))?;
    let permissions = permission_names()
        .filter(|name| wanted.contains(&json!(permission_id(name))))
        .collect();
    if let Some(role) = exchange.state.roles.get_mut(position) {
        role.permissions = permissions;
    }
    let role = exchange.state.roles.get(position);
    ok(&role.map(Role::full_row))
}

impl Exchange<'_> {
    /// Wants a caller whose role grants a permission.
    fn require_permission(&self, permission: &str) -> Result<(), Answer> {
        let caller = self.legacy_caller()?;
        let roles = self.state.roles.iter();
        let granting: Vec<&str> = roles
            .filter(|role| role.permissions.iter().any(|name| name == permission))
            .map(|role| role.name.as_str())
            .collect();
        self.require_role(&caller, &granting, || {
            let message = format!("You don't have permission to {permission}");
            Answer::error_with(403, "Forbidden", message)
        })
    }

    /// Where the role of the path is.
    fn role(&self) -> Result<usize, Answer> {
        let is_it = |role: &Role, id: &str| role.id == id;
        self.position(&self.state.roles, is_it, "Role", "Failed to fetch role")
    }
}
