//! Creating hosting accounts (contract, section 4.10).

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::backend::{Backend, Route};
use super::call::{Answer, Body, Call};
use super::hosting_accounts::HostingAccount;
use super::operations::PROVISION;
use super::servers::Server;
use super::upstream::Said;
use super::{Resource, python};
use crate::Fault;
use crate::clock::isoformat;
use crate::fastapi::{Refusal, json};
use crate::made_up::{characters, uuid};

pub(super) const ROUTES: &[Route] = &[(PROVISION, provision)];

struct Wanted {
    customer_id: String,
    username: String,
    email: String,
    password: SecretString,
    full_name: Option<String>,
    phone: Option<String>,
    company: Option<String>,
    package_id: Option<i64>,
    server_id: Option<i64>,
    is_admin: bool,
    account_type: Option<String>,
}

impl Wanted {
    fn read(body: &Body) -> Result<Self, Refusal> {
        let mut fields = body.fields()?;
        let mut wanted = Self {
            customer_id: fields.required_string("customer_id"),
            username: fields.required_string("username"),
            email: fields.required_string("email"),
            password: SecretString::from(fields.required_string("password")),
            full_name: fields.optional_string("full_name"),
            phone: fields.optional_string("phone"),
            company: fields.optional_string("company"),
            package_id: fields.optional_integer("package_id"),
            server_id: fields.optional_integer("server_id"),
            is_admin: fields.boolean("is_admin"),
            account_type: fields.optional_string("account_type"),
        };
        fields.optional_integer("order_id");
        fields.finish()?;
        wanted.is_admin = match wanted.account_type.as_deref() {
            Some("reseller" | "master-reseller") => true,
            Some("panel") => false,
            _ => wanted.is_admin,
        };
        Ok(wanted)
    }

    /// What goes to the panel.
    fn to_body(&self, now: &str) -> Value {
        let implied = if self.is_admin { "reseller" } else { "panel" };
        json!({
            "username": self.username,
            "email": self.email,
            "password": self.password.expose_secret(),
            "full_name": self.full_name,
            "phone": self.phone,
            "company": self.company,
            "package_id": self.package_id,
            "is_admin": self.is_admin,
            "billing_id": self.customer_id,
            "metadata": {
                "created_from": "billing_system",
                "billing_customer_id": self.customer_id,
                "account_type": self.account_type.as_deref().unwrap_or(implied),
                "is_admin": self.is_admin,
                "account_level": self.account_type,
                "created_at": now,
            },
        })
    }
}

/// Whatever comes of it is a 200.
fn provision(backend: &Backend, call: &Call<'_>) -> Answer {
    let wanted = Wanted::read(&call.body()?)?;
    let outcome = place(backend, &wanted)
        .and_then(|server| create(backend, call, &wanted, &server).map(|made| (server, made)));
    let body = match outcome {
        Ok((server, (account_id, user_id))) => json!({
            "success": true,
            "account_id": account_id,
            "server_name": server.name,
            "server_url": server.base_url,
            "nextpanel_user_id": user_id,
            "username": wanted.username,
            "error": null,
        }),
        Err(error) => json!({
            "success": false,
            "account_id": null,
            "server_name": null,
            "server_url": null,
            "nextpanel_user_id": null,
            "username": null,
            "error": error,
        }),
    };
    Ok(json(200, &body))
}

/// The server that was asked for, or the one with the fewest accounts in memory, whether or not it is up.
fn place(backend: &Backend, wanted: &Wanted) -> Result<Server, String> {
    backend.state().fill_pool();
    let servers = backend.state().servers.clone();
    let with_room = servers
        .into_iter()
        .map(|server| (backend.accounts_on(&server), server))
        .filter(|(count, server)| *count < server.capacity);
    match wanted.server_id {
        Some(id) => with_room
            .map(|(_, server)| server)
            .find(|server| server.id == id)
            .ok_or_else(|| format!("Server {id} not available")),
        None => with_room
            .min_by_key(|(count, _)| *count)
            .map(|(_, server)| server)
            .ok_or_else(|| "No available servers".to_owned()),
    }
}

/// Creates the account on the panel and notes it. What fails after the panel has answered leaves it there.
fn create(
    backend: &Backend,
    call: &Call<'_>,
    wanted: &Wanted,
    server: &Server,
) -> Result<(i64, i64), String> {
    let is_theft = |fault| fault == Fault::UsernameTakenByOther;
    if backend.arming.take(call.operation, is_theft).is_some() {
        take_username(backend, wanted, server);
    }
    let now = isoformat(backend.state().now());
    let said = match backend.refused_key(call) {
        Some(refusal) => refusal,
        None => backend
            .upstream
            .create(&server.key, &wanted.to_body(&now))?,
    };
    if said.status != 201 {
        return Err(format!("Failed to create account: {}", said.detail()));
    }
    let user_id = said_id(&said)?;
    let mut state = backend.state();
    if let Some(count) = state
        .pool
        .as_mut()
        .and_then(|pool| pool.get_mut(&server.id))
    {
        *count += 1;
    }
    state.note_creation(Resource::HostingAccounts, &wanted.username);
    let id = state.accounts.last().map_or(1, |last| last.id + 1);
    let number = as_integer(&user_id);
    state.accounts.push(HostingAccount {
        id,
        customer_id: wanted.customer_id.clone(),
        username: wanted.username.clone(),
        nextpanel_user_id: number,
        // Where the server was not chosen by the caller, the id of the panel's user is noted as the server's.
        server_id: wanted.server_id.or(number),
        status: "active",
    });
    match number {
        Some(number) => Ok((id, number)),
        None => Err(format!(
            "1 validation error for AccountProvisionResponse\nnextpanel_user_id\n  Input should be \
             a valid integer, unable to parse string as an integer [type=int_parsing, \
             input_value={}, input_type=str]\n    For further information visit \
             https://errors.pydantic.dev/2.6/v/int_parsing",
            python::repr(&user_id)
        )),
    }
}

/// The id in a reply, whatever it is.
fn said_id(said: &Said) -> Result<Value, String> {
    let body = said
        .json()
        .ok_or("Expecting value: line 1 column 1 (char 0)")?;
    let id = body.get("id").cloned();
    id.ok_or_else(|| "'id'".to_owned())
}

fn as_integer(id: &Value) -> Option<i64> {
    match id {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64(),
    }
}

/// Makes a stranger's account of the wanted name on the panel.
fn take_username(backend: &Backend, wanted: &Wanted, server: &Server) {
    let made_up = |what: &str| format!("{} {what}", wanted.username);
    let body = json!({
        "username": wanted.username,
        "email": "stranger@elsewhere.example",
        "password": characters(&made_up("stranger's password"), 32),
        "full_name": "Stranger",
        "billing_id": uuid(&made_up("stranger's mark")),
    });
    // If that fails, so does what comes next.
    let _ = backend.upstream.create(&server.key, &body);
}
