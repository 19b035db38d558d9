//! Translating the client's errors into the words of core's outcome table.

use nextpanel_client::DenialExt;
use panel_http::Delivery;
use panel_http::{Error, Kind};
use provisioning_core::permission::{CredentialKind, Verb};
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::outcome::{Named, Outcome, Reply, outcome};

use crate::clock::Clock;

/// The outcome of a failed call.
pub(super) fn outcome_of(error: &Error, verb: Verb, effect: Effect, clock: &dyn Clock) -> Outcome {
    outcome(reply_of(error, verb), effect, clock.now())
}

fn reply_of(error: &Error, verb: Verb) -> Reply {
    // Display is one line without bodies or secrets.
    let text = error.to_string();
    match (error.kind(), error.delivery(), error.status()) {
        (Kind::Encode, ..) => Reply::Local { text },
        // A bad certificate or setting stays bad until somebody changes it.
        (Kind::Config, ..) => Reply::NotSent {
            text,
            retryable: false,
        },
        (_, Delivery::NotSent, _) => Reply::NotSent {
            text,
            retryable: true,
        },
        (_, Delivery::Answered, Some(status)) if !status.is_success() => Reply::Answered {
            status: status.as_u16(),
            text: error.server_message().map_or(text, str::to_owned),
            html: error.is_html(),
            retry_after: error.retry_after(),
            named: named(error),
            denial: error
                .denial(verb, CredentialKind::NextPanelApiKey)
                .map(Box::new),
        },
        // A success that cannot be read, is too large, or lacks the id: it was carried out, and only a look-up can say
        // with which result.
        (_, Delivery::Answered, _) => Reply::NotUnderstood { text },
        (_, Delivery::MaybeSent, _) => Reply::NoAnswer { text },
    }
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
