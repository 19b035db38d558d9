//! The users' endpoints in the TypeScript dialect: members of the tenant.

use serde_json::{Value, json};

use super::User;
use super::answer::{Answer, Handled, data, ok};
use super::customer::add;
use super::exchange::Exchange;
use super::timestamps::iso;
use crate::made_up::characters;

const DEFAULT_PAGE_SIZE: usize = 50;
const READERS: [&str; 3] = ["OWNER", "ADMIN", "BILLING"];
const WRITERS: [&str; 2] = ["OWNER", "ADMIN"];
const ROLES: [&str; 5] = ["OWNER", "ADMIN", "BILLING", "MEMBER", "VIEWER"];

fn shown(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "name": user.display_name(),
        "status": user.status,
        "emailVerified": user.is_active(),
        "role": user.role,
        "createdAt": user.created_at.map(iso),
        "updatedAt": user.updated_at.map(iso),
        "lastLoginAt": user.last_login_at.map(iso),
        "deletedAt": null,
        "tenantRole": user.tenant_role,
        "joinedAt": user.created_at.map(iso),
    })
}

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_of(&READERS)?;
    exchange.has_prisma_columns()?;
    let page = exchange.page(DEFAULT_PAGE_SIZE)?;
    let users = exchange.state.users.iter().rev();
    let rows: Vec<Value> = users
        .filter(|user| user.tenant_role.is_some())
        .map(shown)
        .collect();
    let total = rows.len();
    let figures = page.figures(total);
    ok(&json!({ "success": true, "data": page.of(rows), "pagination": figures }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_of(&READERS)?;
    let position = exchange.user_position()?;
    let user = exchange.state.users.get(position);
    data(&user.map(shown))
}

/// Shows the hash of the invited user's password, as real servers do.
pub(super) fn invite(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_of(&WRITERS)?;
    let (Some(email), Some(role)) = (exchange.given_text("email"), exchange.given_text("role"))
    else {
        return Err(Answer::failure(400, "Email and role are required"));
    };
    let role = known_role(&role)?;
    if exchange.state.users.iter().any(|user| user.email == email) {
        return Err(Answer::failure(409, "User already exists in this tenant"));
    }
    let password = characters(&format!("invited {email}"), 24);
    let mut user = User::new(email, password)
        .with_tenant_role(Some(role))
        .with_status("INVITED");
    user.id = exchange.state.ids.next();
    user.first_name = exchange.given_text("name");
    user.created_at = Some(exchange.now);
    user.updated_at = Some(exchange.now);
    let mut body = shown(&user);
    let hash = format!("$2b$10${}", characters(&format!("hash of {}", user.id), 53));
    add(&mut body, "passwordHash", json!(hash));
    exchange.state.users.push(user);
    Ok(Answer::data(201, &body))
}

pub(super) fn set_role(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_of(&WRITERS)?;
    let role = exchange.given_text("role").unwrap_or_default();
    let role = known_role(&role)?;
    exchange.change_member(|user| user.tenant_role = Some(role.to_owned()))
}

pub(super) fn set_status(exchange: &mut Exchange<'_>, status: &str) -> Handled {
    exchange.type_script_caller_of(&WRITERS)?;
    exchange.change_member(|user| status.clone_into(&mut user.status))
}

fn known_role(role: &str) -> Result<&'static str, Answer> {
    let mut roles = ROLES.into_iter();
    roles
        .find(|known| *known == role)
        .ok_or_else(|| Answer::failure(400, "Invalid role"))
}

impl Exchange<'_> {
    fn change_member(&mut self, change: impl FnOnce(&mut User)) -> Handled {
        let position = self.user_position()?;
        let now = self.now;
        if let Some(user) = self.state.users.get_mut(position) {
            change(user);
            user.updated_at = Some(now);
        }
        let user = self.state.users.get(position);
        data(&user.map(shown))
    }
}
