//! What the engine asks of a panel: the verbs, the look-up, the count, and the exact requests beforehand.

use std::sync::Arc;

use async_trait::async_trait;
use panel_http::Preview;
use secrecy::SecretString;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use provisioning_core::fleet::{Observation, Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::directive::mpanel::RecordLookUp;
use provisioning_core::run::directive::{Call, LookUp};
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::Outcome;

use crate::clock::Clock;
use crate::mpanel::known_customers::KnownCustomers;

/// Something that can do the verbs it declares. Implemented for NextPanel; hosts implement it for other panels.
///
/// An executor decides nothing: it sends one request for one call, and says truthfully what came back. Retrying,
/// looking up and choosing another candidate are the run's business.
#[async_trait]
pub trait Executor: Send + Sync + std::fmt::Debug {
    /// The verbs it does, with what it declares about each.
    fn capabilities(&self) -> Capabilities;

    /// Whether a server of the fleet is one of its own: of several executors that offer a verb, the first that has the
    /// server does it. One whose verbs go to no server need not implement this.
    fn serves(&self, _server: &ServerName) -> bool {
        true
    }

    /// Takes where the engine keeps which customers a panel has already. For executors that create customers; the others
    /// need not implement it.
    fn use_known_customers(&mut self, _customers: Arc<dyn KnownCustomers>) {}

    /// Told of the engine's clock when the engine is built, for executors that make a time of "wait so long". One that
    /// wraps another passes it on; one without need of it need not implement this.
    fn keep_time(&mut self, clock: Arc<dyn Clock>) {
        let _ = clock;
    }

    /// The exact requests a step would send, with unknown outputs as `{step.output}` and secrets as `[secret]`.
    /// Nothing is sent.
    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest>;

    /// Makes one call. `password` is the step's credential, where it has one.
    async fn call(&self, call: &Call, password: Option<&SecretString>, known: Known) -> CallReport;

    /// Searches one server for what an unknown call may have created.
    async fn look_up(
        &self,
        look_up: &LookUp,
        password: Option<&SecretString>,
        known: Known,
    ) -> LookUpReport;

    /// Searches mPanel for the record that an unknown call may have created. For executors that declare mPanel's verbs;
    /// the others need not implement it.
    async fn look_up_record(&self, _look_up: &RecordLookUp) -> Finding {
        Finding::NotPossible {
            text: "this executor creates no records on mPanel".to_owned(),
            not_before: None,
        }
    }

    /// Counts the accounts on a server. What `reservations` hold beyond them is told by
    /// [`uncounted_slots`](provisioning_core::fleet::uncounted_slots), from the usernames and marks that the list shows.
    /// An executor without accounts need not implement it.
    async fn observe(&self, _server: &ServerName, _reservations: &[Reservation]) -> Observation {
        Observation::NotObserved
    }

    /// The read requests that [`Executor::observe`] sends for a server, for dry runs that list their reads.
    fn preview_observe(&self, _server: &ServerName) -> Vec<PreviewedRequest> {
        Vec::new()
    }
}

/// What the engine has learned about a server from earlier calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// The server has shown a mark of ours.
    pub shows_marks: bool,
    /// An account of ours has logged in there.
    pub logins_work: bool,
}

impl Known {
    /// Everything that either has learned. What was learned once stays learned.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            shows_marks: self.shows_marks || other.shows_marks,
            logins_work: self.logins_work || other.logins_work,
        }
    }
}

/// What a call came to, and what it taught about the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReport {
    /// What it came to.
    pub outcome: Outcome,
    /// What it taught.
    pub learned: Known,
}

/// What a look-up found, and what it taught about the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookUpReport {
    /// What it found.
    pub finding: Finding,
    /// What it taught.
    pub learned: Known,
}

/// A request as it would be sent, with secrets and unknown outputs replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewedRequest {
    /// The step it belongs to; none for reads made while planning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepPath>,
    /// HTTP method.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Headers that matter, in order; secrets as `[secret]`.
    pub headers: Vec<(String, String)>,
    /// The body letter by letter, if the request has one; secrets as `[secret]`. A JSON body serialises as JSON.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_json")]
    pub body: Option<String>,
    /// Whether it changes anything on the panel.
    pub writes: bool,
    /// When it is sent, if that is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

impl PreviewedRequest {
    /// What a client of [`panel_http`] would send, for a step or, without one, while planning.
    #[must_use]
    pub fn of(preview: &Preview, step: Option<&StepPath>, writes: bool) -> Self {
        Self {
            step: step.cloned(),
            method: preview.method().to_owned(),
            url: preview.url().to_owned(),
            headers: preview.headers().to_vec(),
            body: preview.body().map(str::to_owned),
            writes,
            when: None,
        }
    }
}

impl CallReport {
    /// A report of a call that taught nothing about its server.
    #[must_use]
    pub const fn without_lesson(outcome: Outcome) -> Self {
        Self {
            outcome,
            learned: Known {
                shows_marks: false,
                logins_work: false,
            },
        }
    }
}

/// A body that is JSON is shown as it is, in its own order of fields; any other as text.
fn as_json<S: Serializer>(body: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match body
        .as_deref()
        .map(|body| (body, serde_json::from_str::<&RawValue>(body)))
    {
        Some((_, Ok(json))) => json.serialize(serializer),
        Some((text, Err(_))) => serializer.serialize_str(text),
        None => serializer.serialize_none(),
    }
}
