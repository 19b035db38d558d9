//! Asking one endpoint after the other, as far as the budget goes.

use std::{path::Path, time::Instant};

use mpanel_client::{Availability, FAMILIES, Generation, Route, route_of};
use panel_http::{CredentialKind, Delivery, Error, GiveUp, Kind, Safety, TimeoutClass};

use crate::{
    arguments::Arguments,
    exit::Stop,
    panel::Panel,
    probes::Probe,
    report::Report,
    undoable,
    verdict::{Asked, Verdict},
};

/// How asking ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Everything that can be asked was asked.
    Complete,
    /// The login was refused, or failed; what needs none was asked.
    LoginRefused,
    /// Asking stopped before the end, and why.
    Early(String),
}

/// A row was asked, or asking is over.
pub(crate) enum Step {
    Asked,
    Over(String),
}

/// A panel being asked.
pub(crate) struct Asking<'a> {
    pub(crate) panel: &'a Panel,
    pub(crate) arguments: &'a Arguments,
    pub(crate) report: &'a mut Report,
    state: Option<&'a Path>,
}

impl<'a> Asking<'a> {
    pub(crate) fn new(panel: &'a Panel, arguments: &'a Arguments, report: &'a mut Report) -> Self {
        Self {
            panel,
            arguments,
            report,
            state: arguments.state.as_deref(),
        }
    }

    /// Asks everything that was not asked yet: the slow routes last, so that the budget goes to the others first.
    pub(crate) async fn everything(&mut self) -> Result<Ended, Stop> {
        let routes = FAMILIES.iter().flat_map(|family| family.routes);
        let (slow, quick): (Vec<&Route>, Vec<&Route>) = routes.partition(|route| is_slow(route));
        let routes: Vec<&Route> = quick.into_iter().chain(slow).collect();
        if !self.has_more(&routes) {
            self.leave_out(&routes);
            self.report.is_complete = true;
            self.keep()?;
            return Ok(Ended::Complete);
        }
        // Whoever goes on logs in again, so the login is asked in every run.
        if let Some(log_in) = route_of(LOG_IN)
            && let Step::Over(why) = self.ask(log_in).await?
        {
            return self.early(&routes, why);
        }
        for route in &routes {
            let is_open = !self.report.has_asked(route.operation.name);
            if is_open && self.left_out(route).is_none() {
                if let Step::Over(why) = self.ask(route).await? {
                    return self.early(&routes, why);
                }
                self.keep()?;
            }
        }
        if self.is_logged_in()
            && let Step::Over(why) = undoable::all(self).await?
        {
            return self.early(&routes, why);
        }
        self.leave_out(&routes);
        self.report.is_complete = self.is_logged_in();
        self.keep()?;
        Ok(if self.is_logged_in() {
            Ended::Complete
        } else {
            Ended::LoginRefused
        })
    }

    /// Whether a run would send anything.
    fn has_more(&self, routes: &[&Route]) -> bool {
        let is_open = |route: &&Route| {
            !self.report.has_asked(route.operation.name) && self.left_out(route).is_none()
        };
        routes.iter().any(is_open) || undoable::has_more(self)
    }

    fn early(&mut self, routes: &[&Route], why: String) -> Result<Ended, Stop> {
        self.leave_out(routes);
        self.report.is_complete = false;
        self.keep()?;
        Ok(Ended::Early(why))
    }

    /// Says of every endpoint that was not asked why it was not.
    fn leave_out(&mut self, routes: &[&Route]) {
        for route in routes {
            let name = route.operation.name;
            if self.report.has_asked(name) {
                continue;
            }
            let why = self.left_out(route);
            if let Some(row) = self.report.row_mut(name) {
                row.leave_out(why.unwrap_or_else(|| "not asked yet".to_owned()));
            }
        }
    }

    /// Whether the login worked, or was not tried.
    fn is_logged_in(&self) -> bool {
        let row = self
            .report
            .endpoints
            .iter()
            .find(|row| row.operation == LOG_IN);
        row.is_none_or(|row| matches!(row.verdict, Verdict::Working | Verdict::NotProbed))
    }

    /// Asks one endpoint.
    async fn ask(&mut self, route: &Route) -> Result<Step, Stop> {
        let name = route.operation.name;
        if is_slow(route) {
            eprintln!("asking {name}, which may take three minutes ...");
        }
        let mut known = std::mem::take(&mut self.report.known);
        // A login that was refused is not tried again for each endpoint that would take it along.
        let client = if self.is_logged_in() || name == LOG_IN {
            &self.panel.client
        } else {
            &self.panel.anonymous
        };
        let mut probe = Probe::new(client, &mut known);
        let began = Instant::now();
        let asked = probe.ask(name).await;
        let latency = began.elapsed();
        let question = Asked {
            is_made_up: probe.is_made_up,
            may_be_absent: probe.may_be_absent,
        };
        self.report.known = known;
        if name == LOG_IN
            && let Some(session) = self.panel.client.known_session()
        {
            self.report.is_of(&session)?;
            self.report.set_session(&session);
        }
        let Some(asked) = asked else {
            return Err(Stop::fault(format!("{name} cannot be asked")));
        };
        Ok(self.record(name, asked, question, latency))
    }

    /// Keeps what one request brought, unless it says that no more can be sent.
    pub(crate) fn record(
        &mut self,
        name: &str,
        asked: Result<(), Error>,
        question: Asked,
        latency: std::time::Duration,
    ) -> Step {
        let (verdict, note) = match &asked {
            Ok(()) if question.is_made_up => {
                (Verdict::Working, "asked for one that nobody has".to_owned())
            }
            Ok(()) => (Verdict::Working, String::new()),
            Err(error) => {
                if let Some(why) = self.is_over(error) {
                    return Step::Over(why);
                }
                Verdict::of(error, question, &self.panel.client)
            }
        };
        if let Some(row) = self.report.row_mut(name) {
            let milliseconds = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
            row.set(verdict, note, milliseconds);
        }
        Step::Asked
    }

    /// Whether an error means that nothing more can be asked now.
    fn is_over(&self, error: &Error) -> Option<String> {
        if let Some(end) = self.panel.budget.ended() {
            return Some(end.to_string());
        }
        match error.kind() {
            Kind::RateLimited => {
                let wait = error.retry_after().map(|wait| wait.as_secs());
                Some(match wait {
                    Some(wait) => {
                        format!("the panel permits no more requests for {wait} s")
                    }
                    None => "the panel permits no more requests for now".to_owned(),
                })
            }
            // Nobody answers at all: asking for the rest would say the same of each.
            Kind::NotSent | Kind::Auth
                if error.delivery() == Delivery::NotSent
                    && error.gave_up() != Some(GiveUp::RequestBudget)
                    && error.status().is_none()
                    && !is_refused_login(error) =>
            {
                Some(format!("the panel cannot be reached: {error}"))
            }
            _ => None,
        }
    }

    /// Why an endpoint is not asked.
    fn left_out(&self, route: &Route) -> Option<String> {
        let operation = route.operation;
        let wants = |kind| {
            operation.credentials.first() == Some(&kind) && !operation.is_credential_optional
        };
        if operation.name == "mpanel.refresh_token" {
            return Some("the client asks it by itself when its token expires".to_owned());
        }
        if operation.safety != Safety::ReadOnly {
            let why = undoable::why_left_out(operation.name, self.arguments.write);
            return Some(why.to_owned());
        }
        if wants(CredentialKind::Header("x-api-key")) && !self.panel.has_marketing_key {
            return Some("wants a marketing key: set MPANEL_MARKETING_KEY".to_owned());
        }
        if !self.is_logged_in() && wants(CredentialKind::Bearer) {
            return Some("wants a login, and there is none".to_owned());
        }
        if self.arguments.skip_slow && is_slow(route) {
            return Some("slow, and left out with --skip-slow".to_owned());
        }
        let other = self.same_path_of_this_generation(route)?;
        Some(format!("on this server its path is that of {other}"))
    }

    /// Where a generation lacks a route, another one of its own may lie under the same path; that one has a row.
    fn same_path_of_this_generation(&self, route: &Route) -> Option<&'static str> {
        let session = self.panel.client.known_session();
        let generation = match session.and_then(|session| session.generation()) {
            Some(generation) => generation,
            None => self.report.generation()?,
        };
        let is_there = |route: &Route| match route.availability {
            Availability::Both => true,
            Availability::Legacy => generation == Generation::Legacy,
            Availability::TypeScript => generation == Generation::TypeScript,
            _ => false,
        };
        if is_there(route) {
            return None;
        }
        let routes = FAMILIES.iter().flat_map(|family| family.routes);
        routes
            .filter(|other| is_there(other))
            .map(|other| other.operation)
            .find(|other| {
                other.method == route.operation.method
                    && shape(other.path) == shape(route.operation.path)
            })
            .map(|other| other.name)
    }

    pub(crate) fn keep(&self) -> Result<(), Stop> {
        match self.state {
            Some(path) => self.report.keep(path),
            None => Ok(()),
        }
    }
}

pub(crate) const LOG_IN: &str = "mpanel.log_in";

/// Whether a call was not sent because the login before it was answered with a refusal.
fn is_refused_login(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Error>());
    source.is_some_and(|login| login.delivery() == Delivery::Answered)
}

fn is_slow(route: &Route) -> bool {
    route.operation.timeout == TimeoutClass::Queue
}

/// A path without the names of its values.
fn shape(path: &str) -> Vec<&str> {
    let segments = path.split('/');
    segments
        .map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        })
        .collect()
}
