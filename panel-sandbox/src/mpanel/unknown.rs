//! What is not there, which each generation says in its own way (contract, section 1).

use super::answer::{Answer, Handled};
use super::exchange::Exchange;
use super::operations::REFRESH;
use super::served::TYPE_SCRIPT;
use super::type_script_auth;
use crate::operation::Access;

/// Whole parts of the TypeScript routers that want a token before they look at the path.
const GUARDED: [&str; 3] = ["/api/provisioning/", "/api/ops/", "/api/security/"];

pub(super) fn answer(exchange: &mut Exchange<'_>) -> Handled {
    if exchange.is_legacy() {
        legacy(exchange)
    } else {
        if is_guarded(exchange) {
            exchange.type_script_caller()?;
        }
        Err(Answer::error(404, "Route not found"))
    }
}

fn legacy(exchange: &mut Exchange<'_>) -> Handled {
    let missing = || Answer::error(404, "Route not found (debug)");
    if !exchange.path().to_ascii_lowercase().starts_with("/api") {
        return Err(missing());
    }
    let method = exchange.request.method.as_str();
    let has_tail = exchange.settings.has_type_script_tail;
    let is_refresh = REFRESH.matches_loosely(method, exchange.path());
    if is_refresh && has_tail {
        return type_script_auth::refresh(exchange);
    }
    if !is_refresh {
        exchange.pass_gate()?;
    }
    if has_tail {
        if is_guarded(exchange) || is_of_the_tail(exchange) {
            exchange.type_script_caller()?;
        }
        return Err(missing());
    }
    if matches!(method, "GET" | "HEAD") {
        let message = "Neither apiKey nor config.authenticator provided";
        let error = "TypeScript routes not available";
        return Err(Answer::error_with(503, error, message));
    }
    Err(missing())
}

fn is_guarded(exchange: &Exchange<'_>) -> bool {
    let path = exchange.path().to_ascii_lowercase();
    GUARDED.iter().any(|prefix| path.starts_with(prefix))
}

/// Whether it is a TypeScript route that wants a token. No legacy token is one, so that none is ever served.
fn is_of_the_tail(exchange: &Exchange<'_>) -> bool {
    let method = exchange.request.method.as_str();
    TYPE_SCRIPT.iter().any(|operation| {
        operation.access() != Access::Public && operation.matches_loosely(method, exchange.path())
    })
}
