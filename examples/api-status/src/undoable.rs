//! Endpoints that write, where what is made can be removed again: asked with `--write` only.
//!
//! Each life is one thing made, perhaps changed, and removed. It begins only if the budget covers all of it. A reply
//! that was lost is looked up by the thing's name, which nobody else uses; what cannot be removed is told.

use std::time::Instant;

use futures_util::TryStreamExt;
use mpanel_client::{
    api_keys::{
        CreateApiKey, CreateWebhook, DeleteWebhook, ListApiKeys, ListWebhooks, RevokeApiKey,
        UpdateWebhook,
    },
    customers::{CreateCustomer, DeleteCustomer, UpdateCustomer},
    roles::{CreateRole, DeleteRole, ListRoles, UpdateRole},
};
use panel_http::{Endpoint, Error, Kind, ListEndpoint};
use url::Url;
use uuid::Uuid;

use crate::{
    exit::Stop,
    run::{Asking, Step},
    verdict::{Asked, words},
};

/// A request to make it, one to look it up if the reply is lost, one to change it, and two tries to remove it.
const REQUESTS: u64 = 5;

/// What is made, by the operations of its life, of which the first makes it and the last removes it.
const LIVES: [(Life, &[&str]); 4] = [
    (
        Life::Customer,
        &[
            "mpanel.create_customer",
            "mpanel.update_customer",
            "mpanel.delete_customer",
        ],
    ),
    (
        Life::Role,
        &[
            "mpanel.create_role",
            "mpanel.update_role",
            "mpanel.delete_role",
        ],
    ),
    (
        Life::ApiKey,
        &["mpanel.create_api_key", "mpanel.revoke_api_key"],
    ),
    (
        Life::Webhook,
        &[
            "mpanel.create_webhook",
            "mpanel.update_webhook",
            "mpanel.delete_webhook",
        ],
    ),
];

#[derive(Debug, Clone, Copy)]
enum Life {
    Customer,
    Role,
    ApiKey,
    Webhook,
}

/// Why an operation that writes was not asked.
pub(crate) fn why_left_out(operation: &str, with_writes: bool) -> &'static str {
    let can_be_undone = LIVES.iter().any(|(_, steps)| steps.contains(&operation));
    match (can_be_undone, with_writes) {
        (false, _) => "writes, and what it does cannot be undone",
        (true, false) => "writes; asked with --write",
        (true, true) => "not asked: what it works on could not be made",
    }
}

/// Whether there is a life that was not lived yet.
pub(crate) fn has_more(asking: &Asking<'_>) -> bool {
    asking.arguments.write && LIVES.iter().any(|(_, steps)| !is_lived(asking, steps))
}

/// A life whose first request was answered is not begun a second time.
fn is_lived(asking: &Asking<'_>, steps: &[&str]) -> bool {
    steps
        .first()
        .is_some_and(|makes| asking.report.has_asked(makes))
}

/// Lives every life that was not lived yet.
pub(crate) async fn all(asking: &mut Asking<'_>) -> Result<Step, Stop> {
    if !asking.arguments.write {
        return Ok(Step::Asked);
    }
    for (life, steps) in LIVES {
        if is_lived(asking, steps) {
            continue;
        }
        if let Some(why) = not_covered(asking) {
            return Ok(Step::Over(why));
        }
        let name = format!("api-status-{}", Uuid::new_v4().simple());
        match life {
            Life::Customer => customer(asking, &name).await,
            Life::Role => role(asking, &name).await,
            Life::ApiKey => api_key(asking, &name).await,
            Life::Webhook => webhook(asking, &name).await,
        };
        asking.keep()?;
    }
    Ok(Step::Asked)
}

/// Why a whole life is more than the budget covers.
fn not_covered(asking: &Asking<'_>) -> Option<String> {
    let budget = &asking.panel.budget;
    let above_floor = budget
        .remaining()
        .map_or(u64::MAX, |left| left.saturating_sub(asking.arguments.floor));
    let left = budget.left().min(above_floor);
    (left < REQUESTS).then(|| {
        format!("what is made has to be removed again, which may take {REQUESTS} requests, and {left} are left")
    })
}

async fn customer(asking: &mut Asking<'_>, name: &str) {
    let new = CreateCustomer::new(name, format!("{name}@status.invalid"));
    let panel = &asking.panel.client;
    let made = timed(asking, new.clone()).await;
    let lost = made.is_lost();
    let mut id = asking.told("mpanel.create_customer", made, |row| row.id);
    if lost && let Ok(found) = panel.find_created_customer(&new).await {
        id = found.customers.into_iter().next().map(|row| row.id);
    }
    let Some(id) = id else {
        asking.unmade(lost, &format!("customer {name}"));
        return;
    };
    let update = UpdateCustomer::new(id.clone(), new.set_city(Some("Nowhere".to_owned())));
    let changed = timed(asking, update).await;
    asking.told("mpanel.update_customer", changed, drop);
    let what = format!("customer {id} ({name})");
    remove(asking, "mpanel.delete_customer", DeleteCustomer(id), &what).await;
}

async fn role(asking: &mut Asking<'_>, name: &str) {
    let new = CreateRole::new(name, "Made and removed by api-status").set_level(99);
    let made = timed(asking, new).await;
    let lost = made.is_lost();
    let mut id = asking.told("mpanel.create_role", made, |row| row.id);
    if lost {
        let found = find(asking, ListRoles, |row| row.name.as_deref() == Some(name)).await;
        id = found.map(|row| row.id);
    }
    let Some(id) = id else {
        asking.unmade(lost, &format!("role {name}"));
        return;
    };
    let update = UpdateRole::new(id.clone()).set_display_name("Changed and removed by api-status");
    let changed = timed(asking, update).await;
    asking.told("mpanel.update_role", changed, drop);
    let what = format!("role {id} ({name})");
    remove(asking, "mpanel.delete_role", DeleteRole(id), &what).await;
}

async fn api_key(asking: &mut Asking<'_>, name: &str) {
    let made = timed(asking, CreateApiKey::new(name)).await;
    let lost = made.is_lost();
    let mut id = asking.told("mpanel.create_api_key", made, |row| row.id);
    if lost {
        let found = find(asking, ListApiKeys, |row| row.name.as_deref() == Some(name)).await;
        id = found.map(|row| row.id);
    }
    let Some(id) = id else {
        asking.unmade(lost, &format!("API key {name}"));
        return;
    };
    let what = format!("API key {id} ({name})");
    remove(asking, "mpanel.revoke_api_key", RevokeApiKey(id), &what).await;
}

async fn webhook(asking: &mut Asking<'_>, name: &str) {
    // Nobody is told anything: the name is reserved, and the event is nobody's.
    let Ok(url) = Url::parse(&format!("https://status.invalid/{name}")) else {
        return;
    };
    let events = vec!["api-status.never".to_owned()];
    let made = timed(asking, CreateWebhook::new(url.clone(), events)).await;
    let lost = made.is_lost();
    let mut id = asking.told("mpanel.create_webhook", made, |row| row.id);
    if lost {
        let wanted = Some(url.as_str());
        let found = find(asking, ListWebhooks, |row| row.url.as_deref() == wanted).await;
        id = found.map(|row| row.id);
    }
    let Some(id) = id else {
        asking.unmade(lost, &format!("webhook {url}"));
        return;
    };
    let changed = timed(asking, UpdateWebhook::new(id.clone()).set_enabled(false)).await;
    asking.told("mpanel.update_webhook", changed, drop);
    let what = format!("webhook {id} ({url})");
    remove(asking, "mpanel.delete_webhook", DeleteWebhook(id), &what).await;
}

/// One request and how long it took.
struct Timed<T> {
    reply: Result<T, Error>,
    latency: std::time::Duration,
}

impl<T> Timed<T> {
    /// Whether it may have been carried out.
    fn is_lost(&self) -> bool {
        self.reply
            .as_ref()
            .is_err_and(|error| matches!(error.kind(), Kind::Indeterminate | Kind::Decode))
    }
}

async fn timed<E: Endpoint>(asking: &Asking<'_>, endpoint: E) -> Timed<E::Reply> {
    let began = Instant::now();
    let reply = asking.panel.client.call(endpoint).await;
    Timed {
        reply,
        latency: began.elapsed(),
    }
}

/// Removes what was made. A removal may be repeated; one that is not confirmed leaves something to tell.
async fn remove<E: Endpoint + Clone>(
    asking: &mut Asking<'_>,
    operation: &str,
    endpoint: E,
    what: &str,
) {
    let mut removed = timed(asking, endpoint.clone()).await;
    if removed.reply.is_err() {
        removed = timed(asking, endpoint).await;
    }
    if let Err(error) = &removed.reply {
        asking
            .report
            .leftovers
            .push(format!("{what}: {}", words(error)));
    }
    asking.told(operation, removed, drop);
}

/// The first row that is meant. What cannot be read is not found.
async fn find<E: ListEndpoint>(
    asking: &Asking<'_>,
    list: E,
    is_it: impl Fn(&E::Item) -> bool,
) -> Option<E::Item> {
    let mut rows = asking.panel.client.list(list).items();
    while let Ok(Some(row)) = rows.try_next().await {
        if is_it(&row) {
            return Some(row);
        }
    }
    None
}

impl Asking<'_> {
    /// Records what came of a request, and keeps what is wanted of its reply.
    fn told<T, U>(
        &mut self,
        operation: &str,
        timed: Timed<T>,
        wanted: impl FnOnce(T) -> U,
    ) -> Option<U> {
        let (asked, value) = match timed.reply {
            Ok(reply) => (Ok(()), Some(wanted(reply))),
            Err(error) => (Err(error), None),
        };
        self.record(operation, asked, Asked::default(), timed.latency);
        value
    }

    /// Tells of what may have been made and was not found.
    fn unmade(&mut self, is_lost: bool, what: &str) {
        if is_lost {
            self.report.leftovers.push(format!(
                "{what}: no reply came, and it was not found; look for it"
            ));
        }
    }
}
