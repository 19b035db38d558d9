//! What an answer means where its status says something else (contract sections 1 and 3).

use http::StatusCode;
use panel_http::{Attempt, Delivery, Error, Kind};

use crate::{
    conventions::{is_typescript_missing, is_typescript_refusal},
    dialect::Generation,
    route::Availability,
    routes,
    worker::{CLAIM, LOST_CLAIM},
};

/// The same error with the kind its text is known to mean, and a note that says how that is known.
pub(crate) fn truthful(error: Error, generation: Option<Generation>) -> Error {
    if error.operation() == CLAIM.name && matches!(error.kind(), Kind::Indeterminate | Kind::Decode)
    {
        return retold(&error, error.kind(), LOST_CLAIM);
    }
    if error.is_html() || !stands_alone(&error) {
        return error;
    }
    match meaning(&error, generation) {
        Some((kind, note)) => retold(&error, kind, note),
        None => error,
    }
}

/// Whether the last answer speaks for the whole call: no earlier attempt may have done what this one says was not done.
fn stands_alone(error: &Error) -> bool {
    let is_open = |attempt: &Attempt| match attempt.status() {
        Some(status) => status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT,
        None => attempt.delivery() != Delivery::NotSent,
    };
    let earlier = error.attempts().split_last().map(|(_, earlier)| earlier);
    error.delivery() == Delivery::Answered && !earlier.is_some_and(|all| all.iter().any(is_open))
}

fn meaning(error: &Error, generation: Option<Generation>) -> Option<(Kind, String)> {
    let server = error.server();
    let told = |kind, note: &str| Some((kind, note.to_owned()));
    let availability = routes::route_of(error.operation()).map(|route| route.availability);
    let may_be_absent = matches!(
        availability,
        Some(Availability::Documented | Availability::TypeScript)
    );
    let is_tail = may_be_absent && generation == Some(Generation::Legacy);
    match error.status()?.as_u16() {
        404 if server.says("route not found") => {
            told(Kind::NotImplemented, "this server has no such route")
        }
        503 if is_typescript_missing(server) => told(
            Kind::NotImplemented,
            "this legacy server has no such route and runs without the TypeScript ones; nothing was carried out",
        ),
        401 if is_tail && is_typescript_refusal(server) => told(
            Kind::NotImplemented,
            "this legacy server has the route at most as TypeScript tail, which takes no legacy login",
        ),
        500 if server.says("authentication check failed") && is_tail => told(
            Kind::NotImplemented,
            "this legacy server hands the route to its TypeScript tail, whose login check is broken; nothing was carried out",
        ),
        500 if server.says("authentication check failed") => told(
            Kind::Api,
            "the server's login check is broken; nothing was carried out, and logging in again does not help",
        ),
        500 => internal(error),
        400 if server.fact("currentStatus").is_some() => {
            let status = server.fact("currentStatus").unwrap_or_default();
            Some((Kind::Conflict, format!("its status is {status}")))
        }
        400 if server.says("already exists") || server.says("already paid") => told(
            Kind::Conflict,
            "the server's text says what is there already",
        ),
        _ => None,
    }
}

/// A 500 that is the caller's doing.
fn internal(error: &Error) -> Option<(Kind, String)> {
    let server = error.server();
    let message = server.message().unwrap_or_default();
    if let Some(constraint) = between(message, "violates unique constraint \"", '"') {
        let what = if constraint.contains("email") {
            "a row with this e-mail address exists; its id is not told"
        } else {
            "such a row exists; its id is not told"
        };
        return Some((
            Kind::Conflict,
            format!("PostgreSQL's text names the unique constraint {constraint}: {what}"),
        ));
    }
    if let Some(constraint) = between(message, "violates foreign key constraint \"", '"') {
        return Some((
            Kind::Validation,
            format!(
                "PostgreSQL's text names the foreign key {constraint}: what the request refers to does not exist"
            ),
        ));
    }
    if let Some(column) = between(message, "null value in column \"", '"') {
        return Some((
            Kind::Validation,
            format!("PostgreSQL's text says that {column} is missing"),
        ));
    }
    if let Some(kind) = between(message, "invalid input syntax for type ", ':') {
        return Some((
            Kind::Validation,
            format!("PostgreSQL's text says that a value is no {kind}"),
        ));
    }
    if server.says("job not found") {
        return Some((Kind::NotFound, "the server's text says so".to_owned()));
    }
    let id = ids_of(error).into_iter().find(|id| !is_uuid(id))?;
    let is_vague = server.says("failed to ") || server.says("prismaclientknownrequesterror");
    is_vague.then(|| {
        (
            Kind::Validation,
            format!("{id:?} is no UUID, and this server answers every such id with 500"),
        )
    })
}

/// The values at the places of an operation's path that hold ids.
fn ids_of(error: &Error) -> Vec<&str> {
    let (Some(route), Some(path)) = (routes::route_of(error.operation()), error.path()) else {
        return Vec::new();
    };
    let template: Vec<&str> = route.operation.path.split('/').rev().collect();
    // From the right, because the base URL may carry a prefix of its own.
    path.split('/')
        .rev()
        .zip(template)
        .filter_map(|(value, place)| place.ends_with("id}").then_some(value))
        .collect()
}

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

fn between<'a>(text: &'a str, before: &str, after: char) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// The same error as another kind. An error is told once, so the note is ours.
pub(crate) fn retold(error: &Error, kind: Kind, note: impl std::fmt::Display) -> Error {
    let mut told = Error::new(kind, error.operation().to_owned())
        .with_server(error.server().clone())
        .with_attempts(error.attempts().to_vec())
        .with_elapsed(error.elapsed())
        .with_note(note)
        .with_source(error.clone());
    if let (Some(method), Some(path)) = (error.method(), error.path()) {
        told = told.with_request(method, path);
    }
    if let Some(safety) = error.safety() {
        told = told.with_safety(safety);
    }
    if let Some(key) = error.key() {
        told = told.with_key(key);
    }
    if let Some(status) = error.status() {
        told = told.with_status(status);
    }
    if let Some(id) = error.request_id() {
        told = told.with_request_id(id);
    }
    if let Some(wait) = error.retry_after() {
        told = told.with_retry_after(wait);
    }
    if let Some(text) = error.body_text() {
        told = told.with_body_text(text);
    }
    told.with_delivery(error.delivery())
}
