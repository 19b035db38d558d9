//! The legacy administration's routes, which ask nobody who they are.

use serde_json::{Value, json};

use super::answer::{Answer, Handled, not_found, ok};
use super::exchange::Exchange;
use super::servers::Server;
use super::state::newest_first;
use super::timestamps::iso;
use super::{Customer, User, postgres};

pub(super) fn list_servers(exchange: &mut Exchange<'_>) -> Handled {
    let state = &exchange.state;
    let rows: Vec<Value> = newest_first(&state.servers, |server| server.created_at)
        .into_iter()
        .map(|server| {
            let count = |status: &str| {
                let tasks = state.tasks.iter();
                let of_server = tasks.filter(|task| task.server_id.as_deref() == Some(server.id()));
                // Counts come as text.
                let count = of_server.filter(|task| task.status == status).count();
                json!(count.to_string())
            };
            let mut row = server.row.clone();
            row.insert("pending_tasks".into(), count("pending"));
            row.insert("active_tasks".into(), count("in_progress"));
            Value::Object(row)
        })
        .collect();
    ok(&json!({ "servers": rows }))
}

pub(super) fn create_server(exchange: &mut Exchange<'_>) -> Handled {
    if !exchange.are_given(&["name", "fqdn", "role"]) {
        return Err(Answer::error(400, "name, fqdn, and role are required"));
    }
    let name = exchange.text("name").unwrap_or_default();
    if exchange.has_server("name", &name) {
        let text = "Server with this name already exists";
        return Err(Answer::error(409, text));
    }
    let id = exchange.state.ids.next();
    let mut server = Server::new(id, exchange.now);
    exchange.fill_admin_columns(&mut server);
    let hostname = server.column("fqdn");
    server.row.insert("hostname".into(), hostname);
    let answer = Answer::json(201, &json!({ "server": server.row }));
    exchange.state.servers.push(server);
    Ok(answer)
}

pub(super) fn patch_server(exchange: &mut Exchange<'_>) -> Handled {
    let position = exchange.server("Internal server error")?;
    let Some(mut server) = exchange.state.servers.get(position).cloned() else {
        return Err(not_found("Server"));
    };
    exchange.fill_admin_columns(&mut server);
    let body = json!({ "server": server.row });
    if let Some(stored) = exchange.state.servers.get_mut(position) {
        *stored = server;
    }
    ok(&body)
}

pub(super) fn list_customers(exchange: &mut Exchange<'_>) -> Handled {
    let state = &exchange.state;
    let rows: Vec<Value> = newest_first(&state.customers, |customer| customer.created_at)
        .into_iter()
        .filter(|customer| !customer.is_deleted)
        .map(|customer| {
            let user = customer.user_id.as_ref().and_then(|id| state.user(id));
            let user_email = user.map(|user| &user.email);
            let user_name = user.and_then(User::display_name);
            json!({
                "id": customer.id,
                "email": user_email.or(customer.email.as_ref()),
                "full_name": user_name.or_else(|| customer.full_name.clone()),
                "company_name": customer.company_name,
                "phone": customer.phone,
                "country": customer.country,
                "created_at": iso(customer.created_at),
                "updated_at": iso(customer.updated_at),
                "subscriptions": exchange.aggregated_subscriptions(customer, false),
            })
        })
        .collect();
    ok(&json!({ "customers": rows }))
}

pub(super) fn list_subscriptions(exchange: &mut Exchange<'_>) -> Handled {
    let state = &exchange.state;
    let rows: Vec<Value> = newest_first(&state.subscriptions, |found| found.created_at)
        .into_iter()
        .map(|found| found.aggregated(&state.products, true))
        .collect();
    ok(&json!({ "subscriptions": rows }))
}

pub(super) fn get_customer(exchange: &mut Exchange<'_>) -> Handled {
    let id = exchange.parameter();
    postgres::check_uuid(&id).map_err(|refused| refused.hidden("Internal server error"))?;
    let state = &exchange.state;
    let customer = state.customer(&id).ok_or_else(|| not_found("Customer"))?;
    let mut row = customer.joined_row(exchange.settings.columns, &state.users);
    let subscriptions = exchange.aggregated_subscriptions(customer, true);
    super::customer::add(&mut row, "subscriptions", json!(subscriptions));
    ok(&json!({ "customer": row }))
}

impl Exchange<'_> {
    fn fill_admin_columns(&self, server: &mut Server) {
        for (name, column) in [
            ("name", "name"),
            ("fqdn", "fqdn"),
            ("role", "role"),
            ("ipAddress", "ip_address"),
            ("location", "location"),
            ("apiBaseUrl", "api_base_url"),
            ("isActive", "is_active"),
        ] {
            if let Some(value) = self.field(name) {
                server.set(column, value.clone(), self.now);
            }
        }
    }

    fn aggregated_subscriptions(&self, customer: &Customer, in_full: bool) -> Vec<Value> {
        let of_customer = newest_first(&self.state.subscriptions, |found| found.created_at);
        of_customer
            .into_iter()
            .filter(|found| found.customer_id.as_ref() == Some(&customer.id))
            .map(|found| found.aggregated(&self.state.products, in_full))
            .collect()
    }
}
