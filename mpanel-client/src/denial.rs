//! A refusal that explains itself.

use panel_http::{Error, Kind};
use provisioning_core::permission::{Denial, Missing, Requirement, Verb, check_role};

use crate::{routes, session::Session};

/// Reads the denial out of an error of this client.
pub trait DenialExt {
    /// What is missing, on which route, and how to mend it, if this error is a refusal in words that are known. The
    /// session, if there is one, tells the role that was not enough.
    fn denial(&self, session: Option<&Session>) -> Option<Denial>;
}

impl DenialExt for Error {
    fn denial(&self, session: Option<&Session>) -> Option<Denial> {
        // A web page is a proxy's answer: whatever it says, it says nothing about the user.
        if self.is_html() || self.kind() == Kind::NotImplemented {
            return None;
        }
        if let Some(login) = failed_login(self) {
            let denial = recognised(login, Verb::MpanelLogIn)?;
            return Some(on_route(denial, login.operation()));
        }
        let denial = refusal(self, session)?;
        Some(on_route(denial, self.operation()))
    }
}

/// Names the route by its operation: the path of the request holds ids.
fn on_route(denial: Denial, operation: &str) -> Denial {
    let Some(route) = routes::route_of(operation) else {
        return denial;
    };
    denial.with_route(format!(
        "{} {}",
        route.operation.method, route.operation.path
    ))
}

fn refusal(error: &Error, session: Option<&Session>) -> Option<Denial> {
    let verb = routes::route_of(error.operation())?.verb?;
    let denial = recognised(error, verb);
    let role = session.and_then(Session::role);
    match (denial, role) {
        (Some(denial), Some(role)) => Some(with_role(denial, role)),
        (Some(denial), None) => Some(denial),
        // A 403 in unknown words, but the role alone is reason enough.
        (None, Some(role)) if error.kind() == Kind::Denied => {
            let denial = check_role(role, verb).err()?.with_assumed(true);
            let status = error.status()?.as_u16();
            Some(denial.with_answer(status, error.server_message().unwrap_or_default()))
        }
        (None, _) => None,
    }
}

/// The login behind a call that was never sent for want of a token.
fn failed_login(error: &Error) -> Option<&Error> {
    let source = std::error::Error::source(error)?.downcast_ref::<Error>()?;
    let is_login = source.operation() != error.operation();
    (error.kind() == Kind::Auth && is_login).then_some(source)
}

fn recognised(error: &Error, verb: Verb) -> Option<Denial> {
    let server = error.server();
    // The label holds what the message of some shapes leaves out: `Token expired`, `Platform access denied`.
    let text = match (server.message(), server.label()) {
        (Some(message), Some(label)) => format!("{label}: {message}"),
        (Some(message), None) => message.to_owned(),
        (None, _) => String::new(),
    };
    Denial::from_response(
        Requirement::of(verb).credential(),
        verb,
        error.status()?.as_u16(),
        &text,
    )
}

/// The same denial, naming the role that was found.
fn with_role(denial: Denial, role: &str) -> Denial {
    let Missing::Role {
        found: None,
        wanted,
    } = denial.missing()
    else {
        return denial;
    };
    let missing = Missing::Role {
        found: Some(role.to_owned()),
        wanted: wanted.clone(),
    };
    let mut named = Denial::new(missing, denial.verb(), denial.credential())
        .with_assumed(denial.is_assumed())
        .with_also_missing(denial.also_missing().iter().cloned());
    if let Some(status) = denial.status() {
        named = named.with_answer(status, denial.said().unwrap_or_default());
    }
    named
}
