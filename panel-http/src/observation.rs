use std::{future::Future, pin::Pin, time::Duration};

use http::StatusCode;
use tracing::{Instrument, Span, field};

use crate::{
    call::Draft,
    client::Shared,
    error::Error,
    hook::{CallEnd, CallFacts},
    trail::Trail,
};

/// A call as others see it: its span and its hook.
pub(crate) struct Observation<'a> {
    shared: &'a Shared,
    span: Span,
    /// Only where somebody wants them.
    facts: Option<CallFacts>,
}

impl<'a> Observation<'a> {
    pub(crate) fn start(shared: &'a Shared, draft: &Draft) -> Self {
        let span = tracing::info_span!(
            "panel call",
            operation = &*draft.operation,
            status = field::Empty,
            attempts = field::Empty,
            elapsed_ms = field::Empty,
            request_id = field::Empty,
            error = field::Empty,
        );
        let facts = shared.call_hook.is_some().then(|| draft.facts());
        if let (Some(hook), Some(facts)) = (&shared.call_hook, &facts) {
            hook.call_started(facts);
        }
        Self {
            shared,
            span,
            facts,
        }
    }

    /// Runs the call within its span and tells how it ended. The call stays where it is: it is large, and moving it
    /// costs more than the span.
    pub(crate) async fn of<T>(
        self,
        work: Pin<&mut impl Future<Output = Result<(T, Trail), Error>>>,
    ) -> Result<T, Error> {
        let result = if self.span.is_none() {
            work.await
        } else {
            work.instrument(self.span.clone()).await
        };
        if self.span.is_disabled() && self.facts.is_none() {
            return result.map(|(value, _)| value);
        }
        match result {
            Ok((value, trail)) => {
                self.end(&CallEnd {
                    attempts: &trail.attempts,
                    request_id: trail.shown_request_id().as_deref(),
                    elapsed: trail.elapsed(),
                    error: None,
                });
                Ok(value)
            }
            Err(error) => {
                self.end(&CallEnd {
                    attempts: error.attempts(),
                    request_id: error.request_id(),
                    elapsed: error.elapsed(),
                    error: Some(&error),
                });
                Err(error)
            }
        }
    }

    fn end(&self, end: &CallEnd<'_>) {
        record(
            &self.span,
            end.status(),
            end.attempts.len(),
            end.elapsed,
            end.request_id,
        );
        if let Some(error) = end.error {
            self.span.record("error", field::debug(error.kind()));
        }
        if let (Some(hook), Some(facts)) = (&self.shared.call_hook, &self.facts) {
            hook.call_ended(facts, end);
        }
    }
}

fn record(
    span: &Span,
    status: Option<StatusCode>,
    attempts: usize,
    elapsed: Duration,
    request_id: Option<&str>,
) {
    if span.is_disabled() {
        return;
    }
    if let Some(status) = status {
        span.record("status", status.as_u16());
    }
    span.record("attempts", attempts);
    span.record(
        "elapsed_ms",
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    );
    if let Some(id) = request_id {
        span.record("request_id", id);
    }
}
