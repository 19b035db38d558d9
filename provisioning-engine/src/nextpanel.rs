//! The executor for NextPanel servers.

mod create;
mod known_account;
mod login;
mod look_up;
mod observe;
mod preview;
mod reply;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use nextpanel_client::panel::Panel;
use nextpanel_client::pool::ServerPool;
use provisioning_core::fleet::{Observation, Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::Outcome;

use crate::clock::{Clock, SystemClock};
use crate::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};

/// How long a request may still arrive after it was sent, on real panels.
const LONGEST_DURATION: Duration = Duration::from_secs(60);

/// Creates, verifies, suspends, unsuspends, terminates, finds and counts accounts on a fleet of NextPanel servers.
#[derive(Debug, Clone)]
pub struct NextPanelExecutor {
    servers: Servers,
    longest_duration: Duration,
    clock: Arc<dyn Clock>,
}

/// Where the client of a server comes from.
#[derive(Debug, Clone)]
enum Servers {
    Fixed(BTreeMap<ServerName, Panel>),
    Pool(ServerPool),
}

impl NextPanelExecutor {
    /// An executor for these servers, each with a client of its own.
    #[must_use]
    pub fn new(servers: impl IntoIterator<Item = (ServerName, Panel)>) -> Self {
        Self {
            servers: Servers::Fixed(servers.into_iter().collect()),
            longest_duration: LONGEST_DURATION,
            clock: Arc::new(SystemClock),
        }
    }

    /// An executor for the servers of a pool, whatever they are at the moment: a key that is replaced there is used from
    /// the next request on, and so is a server that is added, once the engine's fleet has it.
    ///
    /// The pool's circuits are not asked: the engine leaves servers alone by itself ([`ServerLimits`](crate::ServerLimits)).
    /// So that runs go on that waited for a key, let the pool tell the engine:
    /// [`Engine::credentials_listener`](crate::Engine::credentials_listener).
    #[must_use]
    pub fn over(pool: ServerPool) -> Self {
        Self {
            servers: Servers::Pool(pool),
            longest_duration: LONGEST_DURATION,
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets how long a request may still arrive after it was sent. 60 seconds by default; a sandbox needs less.
    #[must_use]
    pub const fn longest_duration(mut self, longest_duration: Duration) -> Self {
        self.longest_duration = longest_duration;
        self
    }

    fn panel<'a>(&self, server: Option<&'a ServerName>) -> Option<(&'a ServerName, Panel)> {
        let name = server?;
        let panel = match &self.servers {
            Servers::Fixed(panels) => panels.get(name).cloned(),
            Servers::Pool(pool) => pool.panel(name),
        };
        panel.map(|panel| (name, panel))
    }
}

/// A server that the fleet names and the executor does not have: a setting that does not mend itself.
fn unconfigured(server: Option<&ServerName>) -> String {
    match server {
        Some(server) => {
            format!("server {server} is not configured here: add it with its key, then resume")
        }
        None => "the call names no server".to_owned(),
    }
}

#[async_trait]
impl Executor for NextPanelExecutor {
    fn capabilities(&self) -> Capabilities {
        Capabilities::nextpanel(self.longest_duration)
            .and(Capabilities::nextpanel_lifecycle(self.longest_duration))
    }

    fn serves(&self, server: &ServerName) -> bool {
        self.panel(Some(server)).is_some()
    }

    fn keep_time(&mut self, clock: Arc<dyn Clock>) {
        self.clock = clock;
    }

    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest> {
        preview::preview(self, plan, step)
    }

    async fn call(&self, call: &Call, password: Option<&SecretString>, known: Known) -> CallReport {
        let Some((server, panel)) = self.panel(call.server.as_ref()) else {
            let text = unconfigured(call.server.as_ref());
            return CallReport::without_lesson(Outcome::NotSent {
                text,
                retryable: false,
                not_before: None,
            });
        };
        let clock = &*self.clock;
        match &call.request {
            Request::CreateHostingAccount {
                create,
                username,
                planned_at,
            } => {
                create::create(
                    server,
                    &panel,
                    clock,
                    create,
                    username,
                    *planned_at,
                    password,
                )
                .await
            }
            Request::VerifyHostingAccount { account, mark, .. } => {
                verify::verify(&panel, clock, account, *mark, password, known).await
            }
            Request::SuspendAccount(suspend) => {
                let reason = suspend.reason.to_string();
                CallReport::without_lesson(
                    known_account::suspend(&panel, clock, &suspend.account, &reason).await,
                )
            }
            Request::UnsuspendAccount(unsuspend) => CallReport::without_lesson(
                known_account::unsuspend(&panel, clock, &unsuspend.account).await,
            ),
            Request::TerminateAccount(terminate) => CallReport::without_lesson(
                known_account::terminate(&panel, clock, &terminate.account).await,
            ),
            Request::CheckAccount(known) => {
                CallReport::without_lesson(known_account::check(&panel, clock, known).await)
            }
            _ => CallReport::without_lesson(Outcome::NotSent {
                text: "this executor does not do that".to_owned(),
                retryable: false,
                not_before: None,
            }),
        }
    }

    async fn look_up(
        &self,
        look_up: &LookUp,
        password: Option<&SecretString>,
        known: Known,
    ) -> LookUpReport {
        match self.panel(look_up.server.as_ref()) {
            Some((_, panel)) => {
                look_up::look_up(&panel, &*self.clock, look_up, password, known).await
            }
            None => LookUpReport {
                finding: Finding::NotPossible {
                    text: unconfigured(look_up.server.as_ref()),
                    not_before: None,
                },
                learned: Known::default(),
            },
        }
    }

    async fn observe(&self, server: &ServerName, reservations: &[Reservation]) -> Observation {
        match self.panel(Some(server)) {
            Some((server, panel)) => {
                observe::observe(server, &panel, &*self.clock, reservations).await
            }
            None => Observation::NotObserved,
        }
    }

    fn preview_observe(&self, server: &ServerName) -> Vec<PreviewedRequest> {
        self.panel(Some(server))
            .map(|(_, panel)| preview::observe(&panel))
            .unwrap_or_default()
    }
}
