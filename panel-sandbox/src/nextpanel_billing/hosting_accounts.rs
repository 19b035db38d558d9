//! Hosting accounts, once they are there (contract, section 4.10).

use serde::Serialize;
use serde_json::{Value, json};
use ureq::http::Method;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::operations::{
    COUNT_ACCOUNTS, DELETE_HOSTING, HOSTING_STATS, SUSPEND_HOSTING, UNSUSPEND_HOSTING,
};
use super::servers::Server;
use super::upstream::Said;
use crate::Fault;
use crate::fastapi::{Problem, Refusal, json};

pub(super) const ROUTES: &[Route] = &[
    (COUNT_ACCOUNTS, count),
    (SUSPEND_HOSTING, suspend),
    (UNSUSPEND_HOSTING, unsuspend),
    (DELETE_HOSTING, delete),
    (HOSTING_STATS, stats),
];

/// A hosting account, as the backend remembers it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct HostingAccount {
    pub(super) id: i64,
    pub(super) customer_id: String,
    pub(super) username: String,
    pub(super) nextpanel_user_id: Option<i64>,
    pub(super) server_id: Option<i64>,
    pub(super) status: &'static str,
}

impl Backend {
    /// How many accounts a server has, as far as memory goes.
    pub(super) fn accounts_on(&self, server: &Server) -> i64 {
        let is_full = self.arming.is_armed(Fault::ServerFull);
        let state = self.state();
        let pool = state.pool.as_ref();
        let counted = pool.and_then(|pool| pool.get(&server.id)).copied();
        let counted = counted.unwrap_or_default();
        if is_full {
            counted.max(server.capacity)
        } else {
            counted
        }
    }

    /// What the panel would say to the key that is kept for it, if a fault of that key strikes.
    pub(super) fn refused_key(&self, call: &Call<'_>) -> Option<Said> {
        let fault = self.arming.take(call.operation, Fault::concerns_key)?;
        let (status, detail) = match fault {
            Fault::RevokedKey => (401, "API key is revoked"),
            Fault::IpRefused => (403, "IP address not allowed"),
            Fault::UnderPrivilegedKey => (
                403,
                "Authentication failed (403): The user doesn't have super admin privileges",
            ),
            _ => (401, "Invalid API key"),
        };
        Some(Said {
            status,
            text: json!({ "detail": detail }).to_string(),
        })
    }

    /// Does something with the account the path names, on the server that was noted for it. Only a 200 is success.
    fn act(
        &self,
        call: &Call<'_>,
        method: Method,
        action: &str,
        body: Option<&Value>,
        failure: &str,
    ) -> Result<(i64, Said), Refusal> {
        let id = account_id(call)?;
        let failed = || Refusal::new(500, failure);
        let (account, server) = {
            let state = self.state();
            let mut all = state.accounts.iter();
            let account = all.find(|account| account.id == id).cloned();
            let account = account.ok_or_else(|| Refusal::new(404, "Account not found"))?;
            // Nothing is in memory until somebody asks for the servers or provisions.
            let is_known = |server: &&Server| {
                Some(server.id) == account.server_id
                    && state
                        .pool
                        .as_ref()
                        .is_some_and(|pool| pool.contains_key(&server.id))
            };
            let server = state.servers.iter().find(is_known).cloned();
            (account, server.ok_or_else(failed)?)
        };
        let user_id = account.nextpanel_user_id.ok_or_else(failed)?;
        let said = match self.refused_key(call) {
            Some(refusal) => refusal,
            None => self
                .upstream
                .act(&server.key, method, &format!("/{user_id}{action}"), body)
                .map_err(|_| failed())?,
        };
        if said.status == 200 {
            Ok((id, said))
        } else {
            Err(failed())
        }
    }

    fn set_account_status(&self, id: i64, status: &'static str) -> Option<i64> {
        let mut state = self.state();
        let account = state.accounts.iter_mut().find(|account| account.id == id)?;
        account.status = status;
        account.server_id
    }
}

fn account_id(call: &Call<'_>) -> Result<i64, Refusal> {
    let text = call.segment("account_id");
    let is_integer = text.strip_prefix('-').unwrap_or(text);
    let is_integer = !is_integer.is_empty() && is_integer.bytes().all(|byte| byte.is_ascii_digit());
    if !is_integer {
        return Err(Refusal::invalid(vec![Problem::new(
            "int_parsing",
            [json!("path"), json!("account_id")],
            "Input should be a valid integer, unable to parse string as an integer",
            json!(text),
        )]));
    }
    text.parse().map_err(|_| {
        Refusal::new(
            500,
            "Internal server error: Python int too large to convert to SQLite INTEGER",
        )
    })
}

/// The reason is a query parameter; a body is not looked at.
fn suspend(backend: &Backend, call: &Call<'_>) -> Answer {
    let reason = call.query("reason");
    let reason = reason.unwrap_or_else(|| "Suspended by billing system".to_owned());
    let (id, _) = backend.act(
        call,
        Method::POST,
        "/suspend",
        Some(&json!({ "reason": reason })),
        "Failed to suspend account on NextPanel",
    )?;
    backend.set_account_status(id, "suspended");
    Ok(done("Account suspended successfully"))
}

fn unsuspend(backend: &Backend, call: &Call<'_>) -> Answer {
    let failure = "Failed to unsuspend account on NextPanel";
    let (id, _) = backend.act(call, Method::POST, "/unsuspend", None, failure)?;
    backend.set_account_status(id, "active");
    Ok(done("Account unsuspended successfully"))
}

/// The row stays, as deleted.
fn delete(backend: &Backend, call: &Call<'_>) -> Answer {
    let failure = "Failed to delete account on NextPanel";
    let (id, _) = backend.act(call, Method::DELETE, "", None, failure)?;
    let server = backend.set_account_status(id, "deleted");
    let mut state = backend.state();
    let pool = state.pool.as_mut();
    if let Some(count) = server.and_then(|server| pool?.get_mut(&server)) {
        *count = (*count - 1).max(0);
    }
    Ok(done("Account deleted successfully"))
}

fn done(message: &str) -> wiremock::ResponseTemplate {
    json(200, &json!({ "message": message }))
}

/// Whatever the panel says.
fn stats(backend: &Backend, call: &Call<'_>) -> Answer {
    let failure = "Failed to get account statistics";
    let (_, said) = backend.act(call, Method::GET, "/stats", None, failure)?;
    Ok(json(200, &said.json()))
}

/// Every active account counts as a plain one: of what type it is was never noted.
fn count(backend: &Backend, _: &Call<'_>) -> Answer {
    let state = backend.state();
    let all = state.accounts.iter();
    let active = all.filter(|account| account.status == "active").count();
    Ok(json(
        200,
        &json!({
            "total_accounts": active,
            "by_role": { "panel": active, "reseller": 0, "master-reseller": 0, "unknown": 0 },
            "summary": {
                "regular_users": active,
                "reseller_users": 0,
                "master_reseller_users": 0,
                "unknown_accounts": 0,
            },
        }),
    ))
}
