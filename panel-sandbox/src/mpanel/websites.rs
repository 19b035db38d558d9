//! The websites' endpoints: legacy handlers on both servers.

use serde_json::{Value, json};

use super::answer::{Answer, Handled, not_found, ok};
use super::customer::add;
use super::exchange::Exchange;
use super::postgres::{self, Refused};
use super::state::{State, newest_first};
use super::{Columns, MPanelSettings, Website};

/// Those of the caller's tenant; nobody without a tenant sees any.
pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let customer = exchange.query("customerId").filter(|id| !id.is_empty());
    if let Some(customer) = &customer {
        postgres::check_uuid(customer)
            .map_err(|refused| refused.hidden("Failed to fetch websites"))?;
    }
    let state = &*exchange.state;
    let rows: Vec<Value> = newest_first(&state.websites, |website| website.created_at)
        .into_iter()
        .filter(|website| website.tenant_id.is_some() && website.tenant_id == caller.tenant_id)
        .filter(|website| customer.is_none() || website.customer_id == customer)
        .map(|website| {
            let mut row = website.row(exchange.settings);
            add_server(&mut row, website, state, customer.is_none());
            if customer.is_none() {
                add_customer(&mut row, website, state, exchange.settings);
            }
            row
        })
        .collect();
    ok(&rows)
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let website = exchange.website("Failed to fetch website")?;
    let website = exchange.state.websites.get(website);
    let website = website.ok_or_else(|| not_found("Website"))?;
    let mut row = website.row(exchange.settings);
    add_server(&mut row, website, exchange.state, true);
    ok(&row)
}

fn add_server(row: &mut Value, website: &Website, state: &State, with_hostname: bool) {
    let server = state
        .servers
        .iter()
        .find(|server| Some(server.id()) == website.server_id.as_deref());
    let column = |name: &str| server.map_or(Value::Null, |server| server.column(name));
    add(row, "server_name", column("name"));
    if with_hostname {
        add(row, "server_hostname", column("hostname"));
    }
}

/// What the list joins of the customer: name and address are those of the user it belongs to.
fn add_customer(row: &mut Value, website: &Website, state: &State, settings: &MPanelSettings) {
    let customer = website
        .customer_id
        .as_ref()
        .and_then(|id| state.customer(id))
        .map(|customer| customer.joined_row(settings.columns, &state.users));
    for (column, of_customer) in [
        ("company_name", "company_name"),
        ("first_name", "first_name"),
        ("last_name", "last_name"),
        ("customer_email", "email"),
    ] {
        let value = customer.as_ref().and_then(|row| row.get(of_customer));
        add(row, column, value.cloned().unwrap_or_default());
    }
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let failed = || Answer::error(500, "Failed to create website");
    let refused = |_: Refused| failed();
    let id = |name: &str| postgres::uuid(exchange.field(name)).map_err(refused);
    let (customer_id, server_id) = (id("customerId")?, id("serverId")?);
    let subscription_id = id("subscriptionId")?;
    let (Some(name), Some(primary_domain)) =
        (exchange.text("name"), exchange.text("primaryDomain"))
    else {
        return Err(failed());
    };
    let ssl_enabled = postgres::boolean(exchange.field("sslEnabled")).map_err(refused)?;
    let state = &*exchange.state;
    let has_customer = customer_id
        .as_ref()
        .is_none_or(|id| state.customer(id).is_some());
    let has_server = server_id
        .as_deref()
        .is_none_or(|id| state.servers.iter().any(|server| server.id() == id));
    let has_subscription = subscription_id
        .as_deref()
        .is_none_or(|id| state.subscriptions.iter().any(|found| found.id == id));
    // The insert names a column that the base schema spells otherwise.
    if !has_customer
        || !has_server
        || !has_subscription
        || exchange.settings.columns == Columns::Base
    {
        return Err(failed());
    }
    let object = |name: &str, otherwise: Value| exchange.given(name).cloned().unwrap_or(otherwise);
    let text = |name: &str, otherwise: &str| {
        let given = exchange.given_text(name);
        given.unwrap_or_else(|| otherwise.to_owned())
    };
    let website = Website {
        id: String::new(),
        tenant_id: caller.tenant_id,
        customer_id,
        server_id,
        subscription_id,
        name,
        primary_domain,
        additional_domains: object("additionalDomains", json!([])),
        document_root: exchange.text("documentRoot"),
        app_type: text("appType", "php"),
        php_version: exchange.text("phpVersion"),
        ssl_enabled: ssl_enabled.unwrap_or(false),
        ssl_provider: Some(text("sslProvider", "none")),
        ssl_expires_at: None,
        status: "active".to_owned(),
        system_user: exchange.text("systemUser"),
        metadata: object("metadata", json!({})),
        env_variables: object("envVariables", json!({})),
        last_deployed_at: None,
        created_at: exchange.now,
        updated_at: exchange.now,
    };
    let id = exchange.state.ids.next();
    let website = Website { id, ..website };
    let row = website.row(exchange.settings);
    exchange.state.websites.push(website);
    Ok(Answer::json(201, &row))
}

/// Columns as they are called in the table; any other name is an internal error.
pub(super) fn update(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let failed = "Failed to update website";
    let columns: Vec<(String, Value)> = exchange
        .body
        .as_object()
        .into_iter()
        .flatten()
        .map(|(column, value)| (column.clone(), value.clone()))
        .collect();
    if columns.is_empty() {
        return Err(Answer::error(400, "No fields to update"));
    }
    exchange.change(failed, |website| {
        for (column, value) in &columns {
            website.set_column(column, value)?;
        }
        Ok(())
    })
}

pub(super) fn update_ssl(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let failed = "Failed to update SSL";
    let refused = |refused: Refused| refused.hidden(failed);
    let enabled = postgres::boolean(exchange.field("sslEnabled")).map_err(refused)?;
    let provider = exchange.text("sslProvider");
    let expires = postgres::date(exchange.field("sslExpiresAt")).map_err(refused)?;
    exchange.change(failed, |website| {
        website.ssl_enabled = enabled.unwrap_or_default();
        website.ssl_provider = provider;
        website.ssl_expires_at = expires;
        Ok(())
    })
}

pub(super) fn deploy(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let now = exchange.now;
    let row = exchange.changed("Failed to deploy website", |website| {
        website.last_deployed_at = Some(now);
        Ok(())
    })?;
    ok(&json!({ "message": "Deployment recorded", "website": row }))
}

impl Exchange<'_> {
    /// Where the website of the path is.
    fn website(&self, failed: &str) -> Result<usize, Answer> {
        let is_it = |website: &Website, id: &str| website.id == id;
        self.position(&self.state.websites, is_it, "Website", failed)
    }

    fn change(
        &mut self,
        failed: &str,
        change: impl FnOnce(&mut Website) -> Result<(), Refused>,
    ) -> Handled {
        let row = self.changed(failed, change)?;
        ok(&row)
    }

    fn changed(
        &mut self,
        failed: &str,
        change: impl FnOnce(&mut Website) -> Result<(), Refused>,
    ) -> Result<Value, Answer> {
        let position = self.website(failed)?;
        let website = self.state.websites.get_mut(position);
        let website = website.ok_or_else(|| not_found("Website"))?;
        let mut changed = website.clone();
        change(&mut changed).map_err(|refused| refused.hidden(failed))?;
        changed.updated_at = self.now;
        *website = changed;
        Ok(website.row(self.settings))
    }
}

impl Website {
    fn set_column(&mut self, column: &str, value: &Value) -> Result<(), Refused> {
        let text = postgres::parameter(Some(value));
        let needed =
            |text: Option<String>| text.ok_or_else(|| postgres::null_violation(column, "websites"));
        match column {
            "name" => self.name = needed(text)?,
            "primary_domain" => self.primary_domain = needed(text)?,
            "additional_domains" => self.additional_domains = value.clone(),
            "document_root" => self.document_root = text,
            "app_type" => self.app_type = needed(text)?,
            "php_version" => self.php_version = text,
            "status" => self.status = needed(text)?,
            "system_user" => self.system_user = text,
            "metadata" => self.metadata = value.clone(),
            "env_variables" => self.env_variables = value.clone(),
            "server_id" => self.server_id = postgres::uuid(Some(value))?,
            "subscription_id" => self.subscription_id = postgres::uuid(Some(value))?,
            "ssl_enabled" => {
                self.ssl_enabled = postgres::boolean(Some(value))?.unwrap_or_default();
            }
            "ssl_provider" => self.ssl_provider = text,
            other => {
                return Err(Refused(format!(
                    "column \"{other}\" of relation \"websites\" does not exist"
                )));
            }
        }
        Ok(())
    }
}
