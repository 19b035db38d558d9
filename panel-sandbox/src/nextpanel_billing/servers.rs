//! Panel servers (contract, section 4.10): added by anybody, changed by nobody.

use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;

use super::Resource;
use super::backend::{Backend, Route};
use super::call::{Answer, Body, Call};
use super::operations::{ADD_SERVER, LIST_SERVERS, SERVERS_STATUS, TEST_SERVER};
use super::state::State;
use super::upstream::PanelKey;
use crate::clock::isoformat;
use crate::fastapi::{Refusal, json};

pub(super) const ROUTES: &[Route] = &[
    (TEST_SERVER, test),
    (LIST_SERVERS, list),
    (ADD_SERVER, add),
    (SERVERS_STATUS, status),
];

/// A server, serialised as the list shows it: nothing in it is ever brought up to date.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Server {
    pub(super) id: i64,
    pub(super) name: String,
    description: Option<String>,
    pub(super) base_url: String,
    is_active: bool,
    is_online: bool,
    pub(super) capacity: i64,
    current_accounts: i64,
    utilization_percent: f64,
    available_slots: i64,
    location: Option<String>,
    /// Without zone on either database.
    created_at: String,
    #[serde(skip)]
    pub(super) key: PanelKey,
}

/// What a server is made of.
pub(super) struct NewServer {
    name: String,
    description: Option<String>,
    base_url: String,
    key_id: String,
    key_secret: String,
    capacity: i64,
    location: Option<String>,
}

impl NewServer {
    fn read(body: &Body) -> Result<Self, Refusal> {
        let mut fields = body.fields()?;
        let sent = Self {
            name: fields.required_string("name"),
            description: fields.optional_string("description"),
            base_url: fields.required_string("base_url"),
            key_id: fields.required_string("api_key"),
            key_secret: fields.required_string("api_secret"),
            capacity: fields.integer_or("capacity", 100),
            location: fields.optional_string("location"),
        };
        fields.strings("tags");
        fields.finish()?;
        Ok(sent)
    }

    /// One like any other, at this URL with this key.
    pub(super) fn new(name: &str, base_url: &str, key_id: &str, key_secret: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            base_url: base_url.to_owned(),
            key_id: key_id.to_owned(),
            key_secret: key_secret.to_owned(),
            capacity: 100,
            location: None,
        }
    }

    fn url(&self) -> &str {
        self.base_url.trim_end_matches('/')
    }

    /// Adds the server, and returns its id.
    pub(super) fn insert(self, state: &mut State) -> i64 {
        let url = self.url().to_owned();
        let id = state.servers.last().map_or(1, |last| last.id + 1);
        let now = state.by_database().at();
        state.note_creation(Resource::Servers, &self.name);
        state.servers.push(Server {
            id,
            name: self.name,
            description: self.description,
            base_url: url.clone(),
            is_active: true,
            is_online: true,
            capacity: self.capacity,
            current_accounts: 0,
            utilization_percent: 0.0,
            available_slots: self.capacity,
            location: self.location,
            created_at: isoformat(now),
            key: PanelKey {
                base_url: url,
                id: self.key_id,
                secret: SecretString::from(self.key_secret),
            },
        });
        if let Some(pool) = &mut state.pool {
            pool.insert(id, 0);
        }
        id
    }
}

/// Whatever comes of it is a 200. Only the panel's health is asked for, so any key will do.
fn test(backend: &Backend, call: &Call<'_>) -> Answer {
    let sent = NewServer::read(&call.body()?)?;
    let is_up = backend.upstream.is_up(sent.url());
    let message = if is_up {
        "Connection successful! Server is online."
    } else {
        "Connection failed. Please check your credentials and URL."
    };
    Ok(json(
        200,
        &json!({ "success": is_up, "message": message, "url": sent.base_url }),
    ))
}

fn add(backend: &Backend, call: &Call<'_>) -> Answer {
    let sent = NewServer::read(&call.body()?)?;
    let url = sent.url().to_owned();
    let is_taken = |state: &State| state.servers.iter().any(|server| server.name == sent.name);
    if is_taken(&backend.state()) {
        let text = format!("Server with name '{}' already exists", sent.name);
        return Err(Refusal::new(400, text));
    }
    if !backend.upstream.is_up(&url) {
        let text = "Failed to connect to NextPanel server. Check credentials and URL.";
        return Err(Refusal::new(400, text));
    }
    let name = sent.name.clone();
    let id = sent.insert(&mut backend.state());
    Ok(json(
        201,
        &json!({
            "message": "Server added successfully",
            "server_id": id,
            "name": name,
            "url": url,
        }),
    ))
}

fn list(backend: &Backend, _: &Call<'_>) -> Answer {
    Ok(json(200, &backend.state().servers))
}

/// One server after the other is asked; and whatever was forgotten about them is known again.
fn status(backend: &Backend, _: &Call<'_>) -> Answer {
    backend.state().fill_pool();
    let servers = backend.state().servers.clone();
    let mut rows = Vec::with_capacity(servers.len());
    for server in servers {
        let is_online = backend.upstream.is_up(&server.base_url);
        let count = backend.accounts_on(&server);
        let utilization = if server.capacity > 0 {
            count as f64 / server.capacity as f64 * 100.0
        } else {
            0.0
        };
        rows.push(json!({
            "server_id": server.id.to_string(),
            "name": server.name,
            "url": server.base_url,
            "is_active": true,
            "is_online": is_online,
            "current_accounts": count,
            "capacity": server.capacity,
            "utilization": utilization,
        }));
    }
    Ok(json(200, &rows))
}

impl State {
    /// Takes the servers into memory, if they are not there: with no accounts, whatever there are.
    pub(super) fn fill_pool(&mut self) {
        let servers = &self.servers;
        self.pool
            .get_or_insert_with(|| servers.iter().map(|server| (server.id, 0)).collect());
    }
}
