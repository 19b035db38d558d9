//! The stand-in: what happens to every request before and after its route.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::{Map, Value};
use wiremock::{Request, ResponseTemplate};

use super::answer::{Answer, Handled, JSON, TEXT};
use super::body;
use super::exchange::{Exchange, percent_decoded, thrown};
use super::headers::{Headers, REQUEST_ID};
use super::operations::{CREATE_CUSTOMER, CREATES, ORDER_WEBHOOK, STRIPE_COMPLETED, STRIPE_ORDER};
use super::served::served;
use super::state::State;
use super::{Generation, MPanelSettings, routes, stripe_order, worker};
use crate::arming::Arming;
use crate::relay::Reply;
use crate::stand_in::StandIn;
use crate::{Operation, Service};

const TOO_MANY: &str = "Too many requests from this IP, please try again later.";

/// The server behind its handle.
pub(super) struct MPanelStandIn {
    pub(super) settings: MPanelSettings,
    pub(super) operations: Vec<Operation>,
    pub(super) arming: Arc<Arming>,
    state: Mutex<State>,
}

impl MPanelStandIn {
    pub(super) fn new(settings: MPanelSettings) -> Self {
        Self {
            operations: served(&settings),
            arming: Arc::new(Arming::new(Service::MPanel)),
            state: Mutex::new(State::new(&settings)),
            settings,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a path is one the limiter counts.
    fn is_limited(path: &str) -> bool {
        path.to_ascii_lowercase().starts_with("/api")
    }

    /// What is to be done before any route is looked at. The limiters' verdict is for the headers.
    fn prepare(
        exchange: &mut Exchange<'_>,
        verdict: &mut Option<super::limiter::Verdict>,
    ) -> Result<(), Answer> {
        if Self::is_limited(exchange.path())
            && let Some(limiter) = &mut exchange.state.limiter
        {
            let counted = limiter.count(Instant::now());
            *verdict = Some(counted);
            if counted.is_refused {
                let answer = Answer::new(429, TEXT, TOO_MANY);
                return Err(answer.with_header("retry-after", counted.seconds_left()));
            }
        }
        if exchange.is_legacy() && exchange.header("origin").is_some() {
            return Err(exchange.thrown(500, "Error"));
        }
        let raw = exchange.operation.as_ref();
        let raw = raw.and_then(|operation| operation.loose_path_parameter(exchange.path()));
        if raw.is_some_and(|raw| percent_decoded(raw).is_none()) {
            return Err(exchange.thrown(400, "URIError"));
        }
        if exchange.operation == Some(STRIPE_ORDER)
            && let Some(counted) = stripe_order::count(exchange)?
        {
            *verdict = Some(counted);
        }
        Ok(())
    }
}

impl StandIn for MPanelStandIn {
    fn service(&self) -> Service {
        Service::MPanel
    }

    fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// As Express matches paths; what is there for GET is there for HEAD.
    fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.operations
            .iter()
            .find(|operation| operation.matches_loosely(method, path))
    }

    fn respond(&self, operation: Option<&Operation>, request: &Request) -> ResponseTemplate {
        let state = &mut *self.state();
        let now = state.clock.now();
        let given = request.headers.get(REQUEST_ID);
        let given = given.and_then(|id| id.to_str().ok());
        let request_id = given.map_or_else(|| state.ids.next(), str::to_owned);
        let mut headers = Headers {
            request,
            request_id: &request_id,
            generation: self.settings.generation,
            verdict: None,
            was_routed: true,
        };
        let body = match body::read(&request.headers, &request.body) {
            Ok(body) => body,
            Err(unreadable) => {
                headers.was_routed = false;
                let (status, class) = (unreadable.status, unreadable.class);
                return headers.finish(thrown(status, class, &request_id, now));
            }
        };
        let arming = &self.arming;
        worker::before_request(state, &self.settings, arming, operation, now);
        let mut exchange = Exchange {
            settings: &self.settings,
            arming,
            state,
            operation: operation.copied(),
            request,
            body,
            request_id: &request_id,
            now,
        };
        let handled: Handled = Self::prepare(&mut exchange, &mut headers.verdict)
            .and_then(|()| routes::answer(&mut exchange));
        headers.finish(handled.unwrap_or_else(|refusal| refusal))
    }

    fn natural_key(&self, operation: &Operation, body: &[u8]) -> Option<String> {
        if !CREATES.contains(operation) {
            return None;
        }
        let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let field = |name: &str| body.get(name)?.as_str().map(str::to_owned);
        let key = match *operation {
            CREATE_CUSTOMER => field("company_name"),
            STRIPE_ORDER | ORDER_WEBHOOK => field("stripePaymentIntentId"),
            STRIPE_COMPLETED => field("paymentIntentId"),
            _ => None,
        };
        // What has no key of its own is the same if it is the same altogether.
        key.or_else(|| serde_json::to_string(&body).ok())
    }

    fn rate_limited(&self, retry_after_seconds: Option<u64>) -> Reply {
        let reply = Reply::new(StatusCode::TOO_MANY_REQUESTS, TEXT, TOO_MANY);
        match retry_after_seconds {
            Some(seconds) => reply.with_header(&RETRY_AFTER, &seconds.to_string()),
            None => reply,
        }
    }

    fn internal_error(&self) -> Reply {
        let state = &mut *self.state();
        let request_id = state.ids.next();
        let class = match self.settings.generation {
            Generation::Legacy => "Error",
            Generation::TypeScript => "PrismaClientUnknownRequestError",
        };
        let answer = thrown(500, class, &request_id, state.clock.now());
        Reply::new(StatusCode::INTERNAL_SERVER_ERROR, JSON, answer.body)
    }
}
