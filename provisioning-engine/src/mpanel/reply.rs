//! Translating the client's errors into the words of core's outcome table.

use panel_http::{Delivery, Error, Kind};
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::{Barrier, Because, Named, Outcome, Reply, outcome};

use super::MpanelExecutor;
use crate::reply;

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
        _ => outcome(reply_of(error), effect, executor.clock.now()),
    }
}

fn reply_of(error: &Error) -> Reply {
    let mut reply = reply::reply_of(error);
    if let Reply::Answered { named: known, .. } = &mut reply {
        *known = named(error);
    }
    reply
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
    reply::not_found_out(outcome_of(executor, error, Effect::Read))
}
