//! Building blocks of executors: what a [`panel_http::Client`] came back with, in the words of core's tables.
//!
//! None of them decides anything: whether a request may have arrived is told by the error, and what follows from that by
//! core, in the same way for every panel.

use jiff::Timestamp;
use panel_http::{Answer, Client, DecodeError, Delivery, EncodeError, Error, Kind, RawRequest};
use provisioning_core::fleet::Observation;
use provisioning_core::plan::id::Mark;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::facts::{Facts, LoginReading, MarkReading};
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::{Barrier, Named, Outcome, Reply, outcome};

use crate::executor::{CallReport, Known, LookUpReport};

const SOMETHING_ELSE: &str = "the panel answered something else than was asked";

/// Sends one request and reads its answer. `named` says what the panel's words of refusal are known to mean.
///
/// # Errors
/// The [`Reply`] of whatever happened, for [`outcome`] or one of the functions beside this one. A success that `read`
/// cannot read is [`Reply::NotUnderstood`]: it was carried out.
pub async fn ask<T>(
    client: &Client,
    request: Result<RawRequest, EncodeError>,
    named: impl FnOnce(&Error) -> Option<Named>,
    read: impl FnOnce(&Answer) -> Result<T, DecodeError>,
) -> Result<T, Reply> {
    let request = request.map_err(|error| Reply::Local {
        text: error.to_string(),
    })?;
    let answer = client.raw(request).await.map_err(|error| {
        let mut reply = reply_of(&error);
        if let Reply::Answered { named: known, .. } = &mut reply {
            *known = named(&error);
        }
        reply
    })?;
    read(&answer).map_err(|error| Reply::NotUnderstood {
        text: error.to_string(),
    })
}

/// What came back instead of an answer that was understood. What the panel's words mean, and which denial they are, is for
/// whoever knows the panel to add.
#[must_use]
pub fn reply_of(error: &Error) -> Reply {
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
            text,
            html: error.is_html(),
            retry_after: error.retry_after(),
            named: None,
            denial: None,
        },
        // A success that cannot be read, is too large, or lacks the id: it was carried out, and only a look-up can say
        // with which result.
        (_, Delivery::Answered, _) => Reply::NotUnderstood { text },
        (_, Delivery::MaybeSent, _) => Reply::NoAnswer { text },
    }
}

/// The report of a call that taught nothing about its server.
#[must_use]
pub fn call_report(done: Result<Facts, Reply>, effect: Effect, now: Timestamp) -> CallReport {
    let reply = done.map_or_else(|reply| reply, Reply::Understood);
    CallReport::without_lesson(outcome(reply, effect, now))
}

/// The report of a look-up whose reading failed.
#[must_use]
pub fn not_looked_up(reply: Reply, now: Timestamp) -> LookUpReport {
    LookUpReport {
        finding: not_found_out(outcome(reply, Effect::Read, now)),
        learned: Known::default(),
    }
}

/// What a look-up has found out whose reading came to this.
#[must_use]
pub fn not_found_out(outcome: Outcome) -> Finding {
    match outcome {
        Outcome::Denied { barrier, text } => Finding::Denied { barrier, text },
        Outcome::NotSent {
            text, not_before, ..
        } => Finding::NotPossible { text, not_before },
        Outcome::Unknown { text } | Outcome::Rejected { text, .. } => Finding::NotPossible {
            text,
            not_before: None,
        },
        Outcome::Ok { .. } => Finding::NotPossible {
            text: SOMETHING_ELSE.to_owned(),
            not_before: None,
        },
    }
}

/// A count that failed. It is never 0.
#[must_use]
pub fn not_counted(reply: Reply, now: Timestamp) -> Observation {
    let retry_after = match &reply {
        Reply::Answered { retry_after, .. } => *retry_after,
        _ => None,
    };
    match (outcome(reply, Effect::Read, now), retry_after) {
        (
            Outcome::Denied {
                barrier: Barrier::Permission { denial },
                ..
            },
            _,
        ) => Observation::KeyDenied { denial },
        (
            Outcome::Denied { text, .. }
            | Outcome::NotSent { text, .. }
            | Outcome::Rejected { text, .. }
            | Outcome::Unknown { text },
            Some(retry_after),
        ) => Observation::LeftAlone { text, retry_after },
        (
            Outcome::NotSent {
                text,
                not_before: None,
                ..
            },
            None,
        ) => Observation::Offline { text },
        (
            Outcome::Denied { text, .. }
            | Outcome::NotSent { text, .. }
            | Outcome::Rejected { text, .. }
            | Outcome::Unknown { text },
            None,
        ) => Observation::CountFailed { text },
        (Outcome::Ok { .. }, _) => Observation::CountFailed {
            text: SOMETHING_ELSE.to_owned(),
        },
    }
}

/// What stands where the mark of a step would stand.
#[must_use]
pub fn mark_reading(shown: Option<&str>, mark: Mark) -> MarkReading {
    match shown {
        Some(shown) if mark.is(shown) => MarkReading::Ours,
        Some(_) => MarkReading::Other,
        None => MarkReading::Nothing,
    }
}

/// What trying a password has shown. Only a clear answer counts; anything else is no evidence either way.
#[must_use]
pub fn login_reading<T>(tried: &Result<T, Reply>) -> LoginReading {
    match tried {
        Ok(_) => LoginReading::Proved,
        Err(Reply::Answered {
            status: 400 | 401 | 403,
            html: false,
            ..
        }) => LoginReading::Refused,
        Err(_) => LoginReading::NotOffered,
    }
}
