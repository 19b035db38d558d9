use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};

use crate::{
    call::Draft,
    client::Shared,
    decide::{GiveUp, Outcome},
    error::{Error, Kind},
    exchange::{Broken, Content, Ended},
    failure::{self, ErrorReply},
    redirect,
    retry_hint::retry_hint,
    trail::Trail,
};

/// What became of an attempt.
pub(crate) enum Judged<B> {
    Success {
        status: StatusCode,
        headers: HeaderMap,
        body: B,
    },
    Failure(Box<Failure>),
}

/// An attempt that did not succeed, read and classified.
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    reply: Option<ErrorReply>,
    pub(crate) status: Option<StatusCode>,
    broken: Option<Broken>,
    pub(crate) location: Option<String>,
    hint: Option<Duration>,
    pub(crate) request_id: Option<String>,
    pub(crate) is_credential_refused: bool,
}

/// Reads and classifies how an attempt ended.
pub(crate) fn judge<B>(shared: &Shared, trail: &Trail, ended: Ended<B>) -> Judged<B> {
    let mut failure = Failure {
        outcome: Outcome::Final,
        reply: None,
        status: ended.status,
        broken: None,
        location: None,
        hint: None,
        request_id: trail.request_id.clone(),
        is_credential_refused: false,
    };
    match (ended.status, ended.body) {
        (Some(status), Ok(Content::Success(body))) => {
            return Judged::Success {
                status,
                headers: ended.headers,
                body,
            };
        }
        (Some(status), Ok(Content::Error(body))) => {
            let reply = failure::read_reply(&body, ended.is_cut, &trail.redactor());
            failure.hint = retry_hint(
                &ended.headers,
                reply.server.retry_after_seconds(),
                status == StatusCode::TOO_MANY_REQUESTS,
                SystemTime::now(),
            );
            if !shared.conventions.is_final(status, &reply.server) {
                failure.outcome = Outcome::Status {
                    status,
                    hint: failure.hint,
                };
            }
            failure.request_id = failure::request_id(&ended.headers, &reply.server);
            failure.is_credential_refused =
                shared.conventions.refuses_credential(status, &reply.server);
            failure.location = ended
                .headers
                .get(header::LOCATION)
                .and_then(|target| target.to_str().ok())
                .map(str::to_owned);
            failure.reply = Some(reply);
        }
        (_, Err(broken)) => {
            if let Broken::Transport(error) = &broken {
                failure.outcome = Outcome::Fault(error.fault());
            }
            failure.broken = Some(broken);
        }
        (None, Ok(_)) => {}
    }
    Judged::Failure(Box::new(failure))
}

impl Failure {
    pub(crate) fn into_error(self, trail: &Trail, draft: &Draft, reason: Option<GiveUp>) -> Error {
        let kind = match (&self.broken, self.status) {
            (Some(Broken::TooLarge), _) => Kind::TooLarge,
            (Some(Broken::Transport(error)), status) => {
                failure::kind_of_fault(error.fault(), status, draft.safety)
            }
            (None, Some(status)) => {
                failure::kind_of_status(status, draft.safety, self.is_credential_refused, reason)
            }
            (None, None) => Kind::GaveUp,
        };
        let mut error = trail.error(kind);
        if let Some(reason) = reason {
            error = error.with_gave_up(reason);
        }
        if let Some(hint) = self.hint {
            error = error.with_retry_after(hint);
        }
        if let Some(reply) = self.reply {
            error = error.with_server(reply.server);
            if let Some(text) = reply.body_text {
                error = error.with_body_text(text);
            }
        }
        if kind == Kind::Redirected {
            let target = self.location.map(|target| {
                // Reading it as a URL changes how a secret in it is written.
                let redactor = trail.redactor();
                redactor.clean(redirect::shown(&draft.url, &redactor.clean(target)))
            });
            error = match target {
                Some(target) => error
                    .with_note(format_args!(
                        "it points to {target}; nothing was sent there"
                    ))
                    .with_location(target),
                None => error.with_note("it points nowhere"),
            };
        }
        match self.broken {
            Some(Broken::Transport(fault)) => error.with_note(fault.fault()).with_source(fault),
            Some(Broken::TooLarge) => error.with_note("the reply is larger than the client reads"),
            None => error,
        }
    }
}
