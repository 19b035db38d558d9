use http::{HeaderMap, StatusCode};

use crate::{
    conventions::{Conventions, DefaultConventions},
    decide::GiveUp,
    delivery::Delivery,
    error::{Attempt, Error, Kind},
    operation::{Operation, Safety},
    redact::Redactor,
    retry_hint::retry_hint,
    server_error::{self, ServerError},
    transport::TransportFault,
};

/// Longest part of an error reply's body an error keeps, in bytes.
const LONGEST_BODY_TEXT: usize = 4096;

/// Longest request id an error keeps, in characters.
const LONGEST_REQUEST_ID: usize = 128;

/// Kind of an error status.
pub(crate) fn kind_of_status(
    status: StatusCode,
    safety: Safety,
    is_credential_refused: bool,
    gave_up: Option<GiveUp>,
) -> Kind {
    match status.as_u16() {
        _ if is_credential_refused => Kind::Auth,
        301 | 302 | 303 | 307 | 308 => Kind::Redirected,
        400 | 413 | 414 | 415 | 422 => Kind::Validation,
        401 => Kind::Auth,
        403 => Kind::Denied,
        404 | 410 => Kind::NotFound,
        405 | 501 => Kind::NotImplemented,
        409 => Kind::Conflict,
        429 => Kind::RateLimited,
        408 | 500..=599 if safety.is_write() => Kind::Indeterminate,
        408 | 500..=599 if gave_up.is_some() => Kind::GaveUp,
        _ => Kind::Api,
    }
}

/// Whether an attempt may have been carried out without saying so.
fn is_open(attempt: &Attempt) -> bool {
    match attempt.status() {
        Some(status) => {
            attempt.fault().is_some()
                || status == StatusCode::REQUEST_TIMEOUT
                || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED)
        }
        None => attempt.delivery() == Delivery::MaybeSent,
    }
}

/// Kind and delivery of a call, all attempts considered, from the kind its last attempt alone would have.
///
/// A write of which an earlier attempt broke off is not made "not carried out" by a later attempt that was turned away
/// at the door. Where the call ends before another attempt (`is_before_sending`), the last one is an earlier one too.
pub(crate) fn over_all(
    kind: Kind,
    safety: Safety,
    attempts: &[Attempt],
    is_before_sending: bool,
) -> (Kind, Delivery) {
    let Some((last, before_last)) = attempts.split_last() else {
        return (kind, Delivery::NotSent);
    };
    let earlier = if is_before_sending {
        attempts
    } else {
        before_last
    };
    let was_open = earlier.iter().any(is_open);
    let delivery = match last.delivery() {
        Delivery::NotSent if was_open => Delivery::MaybeSent,
        own => own,
    };
    let is_turned_away = matches!(
        kind,
        Kind::NotSent
            | Kind::Timeout
            | Kind::RateLimited
            | Kind::Auth
            | Kind::Denied
            | Kind::Redirected
            | Kind::Config
    );
    if was_open && is_turned_away && safety.is_write() {
        (Kind::Indeterminate, delivery)
    } else {
        (kind, delivery)
    }
}

/// Kind of a last attempt that got no complete reply.
pub(crate) fn kind_of_fault(
    fault: TransportFault,
    status: Option<StatusCode>,
    safety: Safety,
) -> Kind {
    match fault {
        TransportFault::Configuration => Kind::Config,
        _ if fault.delivery() == Delivery::NotSent => Kind::NotSent,
        // A reply of success that broke off: the write was carried out, its result is lost.
        _ if safety.is_write() && status.is_some() => Kind::Decode,
        _ if safety.is_write() => Kind::Indeterminate,
        TransportFault::Timeout => Kind::Timeout,
        _ => Kind::GaveUp,
    }
}

/// What an error keeps of an error reply.
pub(crate) struct ErrorReply {
    pub(crate) server: ServerError,
    pub(crate) body_text: Option<String>,
}

/// Reads an error reply. Secrets go first, from the whole text, so that no cap can cut one in two.
pub(crate) fn read_reply(body: &[u8], is_cut: bool, redactor: &Redactor) -> ErrorReply {
    let cleaned = redactor.clean_body(body, is_cut);
    let server = ServerError::read(cleaned.as_bytes()).redacted(redactor);
    let body_text = capped_text(cleaned.as_bytes(), redactor);
    ErrorReply { server, body_text }
}

/// The start of a body without secrets and echoes.
pub(crate) fn shown_text(body: &[u8], is_cut: bool, redactor: &Redactor) -> Option<String> {
    capped_text(redactor.clean_body(body, is_cut).as_bytes(), redactor)
}

fn capped_text(cleaned: &[u8], redactor: &Redactor) -> Option<String> {
    let mut text = server_error::safe_text(cleaned)?;
    if text.len() > LONGEST_BODY_TEXT {
        let end = (0..=LONGEST_BODY_TEXT)
            .rev()
            .find(|&at| text.is_char_boundary(at))
            .unwrap_or_default();
        text.truncate(end);
        text.push('\u{2026}');
    }
    Some(redactor.clean(text))
}

/// Id under which the server logged the request, from its header or its body.
pub(crate) fn request_id(headers: &HeaderMap, server: &ServerError) -> Option<String> {
    headers
        .get("x-request-id")
        .and_then(|id| id.to_str().ok())
        .or_else(|| server.request_id())
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
}

/// A request id as it is shown.
pub(crate) fn shown_request_id(id: &str, redactor: &Redactor) -> String {
    let mut id = redactor.clean_line(id.to_owned());
    if let Some((end, _)) = id.char_indices().nth(LONGEST_REQUEST_ID) {
        id.truncate(end);
    }
    id
}

/// See [`Error::from_reply`].
pub(crate) fn from_reply(
    operation: &Operation,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Error {
    let ErrorReply { server, body_text } = read_reply(body, false, &Redactor::default());
    let is_refused = DefaultConventions.refuses_credential(status, &server);
    let kind = kind_of_status(status, operation.safety, is_refused, None);
    let hint = retry_hint(
        headers,
        server.retry_after_seconds(),
        status == StatusCode::TOO_MANY_REQUESTS,
        std::time::SystemTime::now(),
    );
    let mut error = Error::new(kind, operation.name)
        .with_request(operation.method, operation.path)
        .with_safety(operation.safety)
        .with_status(status)
        .with_attempts(vec![Attempt::new(1).with_status(status)]);
    if let Some(id) = request_id(headers, &server) {
        error = error.with_request_id(shown_request_id(&id, &Redactor::default()));
    }
    if let Some(hint) = hint {
        error = error.with_retry_after(hint);
    }
    if let Some(text) = body_text {
        error = error.with_body_text(text);
    }
    error.with_server(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_kind() {
        let table = [
            (302, Kind::Redirected, Kind::Redirected),
            (304, Kind::Api, Kind::Api),
            (400, Kind::Validation, Kind::Validation),
            (401, Kind::Auth, Kind::Auth),
            (403, Kind::Denied, Kind::Denied),
            (404, Kind::NotFound, Kind::NotFound),
            (405, Kind::NotImplemented, Kind::NotImplemented),
            (408, Kind::Api, Kind::Indeterminate),
            (409, Kind::Conflict, Kind::Conflict),
            (410, Kind::NotFound, Kind::NotFound),
            (418, Kind::Api, Kind::Api),
            (422, Kind::Validation, Kind::Validation),
            (429, Kind::RateLimited, Kind::RateLimited),
            (500, Kind::Api, Kind::Indeterminate),
            (501, Kind::NotImplemented, Kind::NotImplemented),
            (503, Kind::Api, Kind::Indeterminate),
        ];
        for (status, read, write) in table {
            let status = StatusCode::from_u16(status).unwrap();
            let kind = |safety| kind_of_status(status, safety, false, None);
            assert_eq!(kind(Safety::ReadOnly), read, "{status}");
            for safety in [Safety::Idempotent, Safety::NaturalKey, Safety::Unsafe] {
                assert_eq!(kind(safety), write, "{status}");
            }
        }
    }

    #[test]
    fn a_later_refusal_at_the_door_does_not_undo_an_open_attempt() {
        let open = Attempt::new(1).with_fault(TransportFault::Broken);
        let bad_gateway = Attempt::new(1).with_status(StatusCode::BAD_GATEWAY);
        let refused = Attempt::new(2).with_fault(TransportFault::Connect);
        let limited = Attempt::new(2).with_status(StatusCode::TOO_MANY_REQUESTS);
        for first in [open, bad_gateway] {
            assert_eq!(
                over_all(
                    Kind::NotSent,
                    Safety::Idempotent,
                    &[first.clone(), refused.clone()],
                    false
                ),
                (Kind::Indeterminate, Delivery::MaybeSent)
            );
            assert_eq!(
                over_all(
                    Kind::RateLimited,
                    Safety::Idempotent,
                    &[first.clone(), limited.clone()],
                    false
                ),
                (Kind::Indeterminate, Delivery::Answered)
            );
            assert_eq!(
                over_all(
                    Kind::NotSent,
                    Safety::ReadOnly,
                    &[first, refused.clone()],
                    false
                ),
                (Kind::NotSent, Delivery::MaybeSent)
            );
        }
        assert_eq!(
            over_all(
                Kind::NotSent,
                Safety::Unsafe,
                &[refused.clone(), refused],
                false
            ),
            (Kind::NotSent, Delivery::NotSent)
        );
    }
}
