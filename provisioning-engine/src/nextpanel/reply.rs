//! Translating the client's errors into the words of core's outcome table.

use nextpanel_client::DenialExt;
use panel_http::Error;
use provisioning_core::fleet::Observation;
use provisioning_core::permission::{CredentialKind, Denial, Verb};
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::outcome::{Named, Outcome, Reply, outcome};

use crate::clock::Clock;
use crate::reply;

/// The outcome of a failed call.
pub(super) fn outcome_of(error: &Error, verb: Verb, effect: Effect, clock: &dyn Clock) -> Outcome {
    outcome(reply_of(error, verb), effect, clock.now())
}

fn reply_of(error: &Error, verb: Verb) -> Reply {
    match reply::reply_of(error) {
        Reply::Answered {
            status,
            text,
            html,
            retry_after,
            ..
        } => Reply::Answered {
            status,
            text: error.server_message().map_or(text, str::to_owned),
            html,
            retry_after,
            named: named(error),
            denial: denial(error, verb),
        },
        other => other,
    }
}

/// A count that failed.
pub(super) fn not_counted(error: &Error, clock: &dyn Clock) -> Observation {
    let mut reply = reply::reply_of(error);
    if let Reply::Answered { denial: known, .. } = &mut reply {
        *known = denial(error, Verb::ListAccounts);
    }
    reply::not_counted(reply, clock.now())
}

fn denial(error: &Error, verb: Verb) -> Option<Box<Denial>> {
    let denial = error.denial(verb, CredentialKind::NextPanelApiKey);
    denial.map(Box::new)
}

/// What the panel's words are known to mean. CONTRACT-nextpanel section 8 has "400 username exists" and a sample that says
/// "Username already exists"; every wording that names the username as taken counts.
fn named(error: &Error) -> Option<Named> {
    let server = error.server();
    let taken = ["exists", "taken", "in use"]
        .iter()
        .any(|word| server.says(word));
    (server.says("username") && taken).then_some(Named::UsernameTaken)
}
