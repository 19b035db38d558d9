use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep, timeout_at},
};
use url::Url;

use crate::{
    answer::Answer,
    client::{Client, Shared},
    credential::{Credential, CredentialContext},
    decide::{Decision, GiveUp, History, decide},
    error::{Attempt, Error, Kind},
    exchange::{Broken, Content, Ended, Reading, attempt},
    exchange_view::{ExchangeView, ResponseView},
    failure,
    hook::CallFacts,
    operation::{CredentialKind, HttpMethod, Safety},
    preview::Preview,
    redirect,
    request_body::RequestBody,
    timeouts::Limit,
    trail::Trail,
    verdict::{Judged, judge},
};

/// A call as data: everything but its credentials, which belong to the attempt.
pub(crate) struct Draft {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) method: HttpMethod,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: RequestBody,
    pub(crate) safety: Safety,
    pub(crate) key: Option<String>,
    pub(crate) limit: Limit,
    pub(crate) credentials: Cow<'static, [CredentialKind]>,
    pub(crate) is_credential_optional: bool,
}

impl Draft {
    fn trail(&self) -> Trail {
        Trail {
            operation: self.operation.clone(),
            method: self.method,
            path: self.url.path().to_owned(),
            safety: self.safety,
            key: self.key.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            started: Instant::now(),
            attempts: Vec::new(),
            request_id: None,
            credentials: Vec::new(),
        }
    }

    pub(crate) fn facts(&self) -> CallFacts {
        CallFacts {
            operation: self.operation.clone(),
            method: self.method,
            path: self.url.path().to_owned(),
            safety: self.safety,
        }
    }

    /// The request as it goes out.
    pub(crate) fn request(
        &self,
        shared: &Shared,
        credentials: &[Credential],
    ) -> Result<http::Request<RequestBody>, http::Error> {
        let mut request = http::Request::new(self.body.clone());
        *request.method_mut() = self.method.into();
        *request.uri_mut() = self.url.as_str().try_into()?;
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        if !headers.contains_key(header::ACCEPT) {
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        }
        if let Some(content_type) = self.body.content_type() {
            headers.insert(header::CONTENT_TYPE, content_type.clone());
        }
        // Credentials go to the panel they were given for and nowhere else, whatever made the URL.
        if shared.base.is_origin_of(&self.url) {
            for (name, value) in credentials.iter().flat_map(Credential::headers) {
                headers.insert(name.clone(), value.clone());
            }
        }
        Ok(request)
    }
}

/// A call that was answered with success.
pub(crate) struct Finished<B> {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: B,
    pub(crate) trail: Trail,
    /// Given back when the reply is read.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
}

impl Finished<Bytes> {
    pub(crate) fn into_answer(self) -> (Answer, Trail) {
        (
            Answer::new(self.status, self.headers, self.body),
            self.trail,
        )
    }
}

/// The call, from its deadline to the classified reply. The order of its layers stands at [`Client::call`].
pub(crate) async fn run<R: Reading>(
    client: &Client,
    mut draft: Draft,
    accepts: &(dyn Fn(StatusCode) -> bool + Send + Sync),
) -> Result<Finished<R::Body>, Error> {
    let shared = client.shared();
    let mut trail = draft.trail();
    let deadline = deadline(trail.started, draft.limit.overall);
    let permit = permit(client, &trail, deadline).await?;
    let mut delay = Duration::ZERO;
    let mut uncounted = 0;
    let mut has_replayed = false;
    let mut has_moved = false;
    loop {
        let credentials = credentials(client, &draft, &trail, deadline).await?;
        let earlier = trail.credentials.len();
        trail.credentials.extend(credentials);
        leave(shared, &trail, deadline).await?;
        spend(shared, &trail)?;
        let request = draft
            .request(shared, trail.used_since(earlier))
            .map_err(|error| {
                trail
                    .error_before_sending(Kind::Encode)
                    .with_note("the request is not valid HTTP")
                    .with_source(error)
            })?;
        let time_left = deadline.saturating_duration_since(Instant::now());
        if time_left.is_zero() {
            return Err(trail
                .error_before_sending(Kind::Timeout)
                .with_gave_up(GiveUp::Deadline)
                .with_note("the time for the call ran out before the request was sent"));
        }
        if let Some(hook) = &shared.attempt_hook {
            hook.attempt_started(&draft.facts(), trail.next_number());
        }
        let preview = shared.support_view.is_some().then(|| Preview::of(&request));
        let sent_at = Instant::now();
        let limit = draft.limit.attempt.min(time_left);
        let ended = attempt::<R>(shared, &draft.url, request, limit, accepts).await;
        let mut record = Attempt::new(trail.next_number())
            .with_delay(delay)
            .with_elapsed(sent_at.elapsed());
        if let Some(status) = ended.status {
            record = record.with_status(status);
        }
        if let Err(Broken::Transport(error)) = &ended.body {
            record = record.with_fault(error.fault());
        }
        if let Some(hook) = &shared.attempt_hook {
            hook.attempt_ended(&draft.facts(), &record);
        }
        if let (Some(show), Some(preview)) = (&shared.support_view, preview) {
            show(&view::<R>(client, &trail, preview, &record, &ended));
        }
        trail.attempts.push(record);
        trail.request_id = failure::request_id(&ended.headers, &Default::default());

        if let Some(limit) = &shared.rate_limit {
            limit.learn(&ended.headers, Instant::now(), SystemTime::now());
        }
        if let Some(budget) = &shared.request_budget {
            budget.learn(&ended.headers, Instant::now(), SystemTime::now());
        }
        let judged = match judge(shared, &trail, ended) {
            Judged::Success {
                status,
                headers,
                body,
            } => {
                shared.retry_budget.refund();
                return Ok(Finished {
                    status,
                    headers,
                    body,
                    trail,
                    permit,
                });
            }
            Judged::Failure(judged) => judged,
        };
        trail.request_id = judged.request_id.clone();
        if !has_moved
            && let Some(target) =
                redirect::slash_only(&draft.url, judged.status, judged.location.as_deref())
        {
            has_moved = true;
            uncounted += 1;
            draft.url = target;
            delay = Duration::ZERO;
            continue;
        }
        if judged.is_credential_refused
            && !has_replayed
            && replays(shared, &draft, trail.used_since(earlier))
        {
            has_replayed = true;
            uncounted += 1;
            delay = Duration::ZERO;
            continue;
        }
        let history = History {
            attempts: trail
                .next_number()
                .saturating_sub(1)
                .saturating_sub(uncounted),
            internal_errors: trail
                .count(|attempt| attempt.status() == Some(StatusCode::INTERNAL_SERVER_ERROR)),
            is_budget_empty: shared.retry_budget.is_empty(),
        };
        let time_left = deadline.saturating_duration_since(Instant::now());
        let decision = decide(
            &shared.retry_policy,
            draft.safety,
            judged.outcome,
            &history,
            time_left,
            (shared.jitter)(),
        );
        let reason = match decision {
            Decision::RetryAfter(wait) if shared.retry_budget.pay() => {
                tracing::debug!(
                    attempt = history.attempts,
                    delay_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                    outcome = ?judged.outcome,
                    "repeating a call",
                );
                delay = wait;
                sleep(wait).await;
                continue;
            }
            Decision::RetryAfter(_) => Some(GiveUp::BudgetEmpty),
            Decision::GiveUp(reason) => Some(reason),
            Decision::Return => None,
        };
        let error = judged.into_error(&trail, &draft, reason);
        return Err(shared.conventions.tell(error));
    }
}

/// What a support case may see of an attempt.
fn view<R: Reading>(
    client: &Client,
    trail: &Trail,
    request: Preview,
    attempt: &Attempt,
    ended: &Ended<R::Body>,
) -> ExchangeView {
    let redactor = trail.redactor();
    let body = match &ended.body {
        // A token may stand under any name in the reply that brings it.
        Ok(Content::Success(_)) if client.is_for_credential() => None,
        Ok(Content::Success(body)) => R::at_hand(body),
        Ok(Content::Error(body)) => Some(body),
        Err(_) => None,
    };
    ExchangeView {
        operation: trail.operation.to_string(),
        attempt: attempt.number(),
        request: request.redacted(&redactor),
        response: ended
            .status
            .map(|status| ResponseView::new(status, &ended.headers, body, ended.is_cut, &redactor)),
        fault: attempt.fault(),
        elapsed: attempt.elapsed(),
    }
}

/// A limit too long for the clock is a limit of a century.
fn deadline(started: Instant, overall: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    started.checked_add(overall.min(CENTURY)).unwrap_or(started)
}

async fn permit(
    client: &Client,
    trail: &Trail,
    deadline: Instant,
) -> Result<Option<OwnedSemaphorePermit>, Error> {
    let Some(permits) = &client.shared().permits else {
        return Ok(None);
    };
    if client.is_for_credential() {
        return Ok(None);
    }
    match timeout_at(deadline, permits.clone().acquire_owned()).await {
        Ok(Ok(permit)) => Ok(Some(permit)),
        Ok(Err(_)) | Err(_) => Err(trail
            .error_before_sending(Kind::Timeout)
            .with_gave_up(GiveUp::Deadline)
            .with_note("the time for the call ran out while others were under way")),
    }
}

/// Waits until the server's limit, as far as it is known, permits a request.
async fn leave(shared: &Shared, trail: &Trail, deadline: Instant) -> Result<(), Error> {
    let Some(limit) = &shared.rate_limit else {
        return Ok(());
    };
    while let Err(wait) = limit.take(Instant::now()) {
        let time_left = deadline.saturating_duration_since(Instant::now());
        let reason = if wait > shared.retry_policy.longest_hint() {
            GiveUp::HintTooLong
        } else if wait >= time_left {
            GiveUp::Deadline
        } else {
            sleep(wait).await;
            continue;
        };
        return Err(trail
            .error_before_sending(Kind::RateLimited)
            .with_gave_up(reason)
            .with_retry_after(wait)
            .with_note("the server permits no more requests for now; it was not sent"));
    }
    Ok(())
}

/// Takes one request out of the client's budget.
fn spend(shared: &Shared, trail: &Trail) -> Result<(), Error> {
    let Some(budget) = &shared.request_budget else {
        return Ok(());
    };
    budget.take(Instant::now()).map_err(|end| {
        let error = trail
            .error_before_sending(Kind::RateLimited)
            .with_gave_up(GiveUp::RequestBudget)
            .with_note(format_args!("{end}; it was not sent"));
        match end.retry_after() {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    })
}

/// The credentials of an attempt: the first kind is required, others go along where the client has them.
async fn credentials(
    client: &Client,
    draft: &Draft,
    trail: &Trail,
    deadline: Instant,
) -> Result<Vec<Credential>, Error> {
    let mut found = Vec::with_capacity(draft.credentials.len());
    for (place, kind) in draft.credentials.iter().enumerate() {
        let Some(source) = client.shared().source(*kind) else {
            if place == 0 && !draft.is_credential_optional {
                return Err(trail
                    .error_before_sending(Kind::Config)
                    .with_note(format_args!("the client was given no {kind}")));
            }
            continue;
        };
        let context = CredentialContext {
            client: &client.for_credential(),
            deadline,
        };
        let credential = match timeout_at(deadline, source.credential(context)).await {
            Ok(Ok(credential)) => credential,
            Ok(Err(error)) => {
                return Err(unobtained(trail, *kind, error));
            }
            Err(_) => {
                return Err(trail
                    .error_before_sending(Kind::Timeout)
                    .with_gave_up(GiveUp::Deadline)
                    .with_note(format_args!(
                        "the time for the call ran out while obtaining a {kind}"
                    )));
            }
        };
        found.push(credential);
    }
    Ok(found)
}

/// The error of a call whose credential could not be obtained. A fault that passes is no refusal.
fn unobtained(trail: &Trail, kind: CredentialKind, error: Error) -> Error {
    let own = match error.kind() {
        Kind::Config => Kind::Config,
        Kind::RateLimited => Kind::RateLimited,
        _ if error.is_retryable() => Kind::NotSent,
        _ => Kind::Auth,
    };
    let mut told = trail
        .error_before_sending(own)
        .with_note(format_args!("no {kind}: {error}"));
    if let Some(wait) = error.retry_after() {
        told = told.with_retry_after(wait);
    }
    told.with_source(error)
}

/// Whether a refused request is worth sending once more with what the sources now have.
fn replays(shared: &Shared, draft: &Draft, used: &[Credential]) -> bool {
    let sources = draft
        .credentials
        .iter()
        .filter_map(|kind| shared.source(*kind));
    let mut is_worth_it = false;
    for (source, credential) in sources.zip(used) {
        is_worth_it |= source.refused(credential.generation());
    }
    is_worth_it
}
