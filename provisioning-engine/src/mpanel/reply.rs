//! Translating the client's errors into the words of core's outcome table.

use panel_http::{Delivery, Error, Kind};
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::{Barrier, Because, Named, Outcome, Reply, outcome};

use super::MpanelExecutor;

/// The outcome of a failed call.
pub(super) fn outcome_of(executor: &MpanelExecutor, error: &Error, effect: Effect) -> Outcome {
    // Display is one line without bodies or secrets.
    let text = error.to_string();
    // A refused login is a denial even though the call itself never left.
    if let Some(denial) = executor.mpanel.denial(error) {
        return Outcome::Denied {
            barrier: Barrier::Permission {
                denial: Box::new(denial),
            },
            text,
        };
    }
    let status = error.status().map(|status| status.as_u16());
    match (error.kind(), status) {
        // What such an answer means is known, whatever its status says (CONTRACT-mpanel section 3).
        (Kind::NotImplemented, status) if error.delivery() == Delivery::Answered => {
            Outcome::Denied {
                barrier: Barrier::RouteMissing {
                    status: status.unwrap_or(404),
                },
                text,
            }
        }
        (Kind::Validation, Some(_)) => Outcome::Rejected {
            because: Because::Invalid,
            text,
        },
        _ => outcome(reply_of(error, text), effect, executor.clock.now()),
    }
}

fn reply_of(error: &Error, text: String) -> Reply {
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
            text,
            html: error.is_html(),
            retry_after: error.retry_after(),
            named: named(error),
            denial: None,
        },
        // A success that cannot be read, is too large, or lacks the id: it was carried out, and only a look-up can say
        // with which result.
        (_, Delivery::Answered, _) => Reply::NotUnderstood { text },
        (_, Delivery::MaybeSent, _) => Reply::NoAnswer { text },
    }
}

/// What the panel's words are known to mean (CONTRACT-mpanel sections 2.2 and 3).
fn named(error: &Error) -> Option<Named> {
    if error.server().says("authentication check failed") {
        return Some(Named::NotExecuted);
    }
    (error.kind() == Kind::Conflict).then_some(Named::Exists)
}

/// A search that failed.
pub(super) fn not_found_out(executor: &MpanelExecutor, error: &Error) -> Finding {
    match outcome_of(executor, error, Effect::Read) {
        Outcome::Denied { barrier, text } => Finding::Denied { barrier, text },
        Outcome::NotSent {
            text, not_before, ..
        } => Finding::NotPossible { text, not_before },
        Outcome::Unknown { text } | Outcome::Rejected { text, .. } => Finding::NotPossible {
            text,
            not_before: None,
        },
        Outcome::Ok { .. } => Finding::NotPossible {
            text: error.to_string(),
            not_before: None,
        },
    }
}
