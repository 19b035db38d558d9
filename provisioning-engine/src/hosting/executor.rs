//! An executor for any [`HostingPanel`].

use std::sync::Arc;

use async_trait::async_trait;
use panel_http::{Client, EncodeError, RawRequest};
use provisioning_core::fleet::{
    CountedAccount, Observation, Reservation, ServerName, uncounted_slots,
};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::{Action, CreateHostingAccount};
use provisioning_core::plan::id::{Mark, StepPath};
use provisioning_core::plan::verb::{Capabilities, Effect};
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::Reply;
use secrecy::SecretString;

use super::{AccountRow, HostingPanel};
use crate::clock::{Clock, SystemClock};
use crate::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use crate::reply::{ask, call_report, login_reading, mark_reading, not_counted, not_looked_up};

/// Creates, finds, verifies and counts the accounts of a [`HostingPanel`].
#[derive(Debug)]
pub struct HostingExecutor<P> {
    panel: P,
    clock: Arc<dyn Clock>,
}

impl<P: HostingPanel> HostingExecutor<P> {
    /// An executor for this panel.
    #[must_use]
    pub fn new(panel: P) -> Self {
        Self {
            panel,
            clock: Arc::new(SystemClock),
        }
    }

    /// A server's client; a server that the fleet names and the panel has not does not mend itself.
    fn client(&self, server: Option<&ServerName>) -> Result<&Client, Reply> {
        let client = server.and_then(|server| self.panel.client(server));
        client.ok_or_else(|| Reply::NotSent {
            text: match server {
                Some(server) => {
                    format!("server {server} is not configured here: add it, then resume")
                }
                None => "the call names no server".to_owned(),
            },
            retryable: false,
        })
    }

    async fn create(
        &self,
        server: Option<&ServerName>,
        new: &CreateHostingAccount,
        username: &str,
        password: Option<&SecretString>,
    ) -> Result<Facts, Reply> {
        let client = self.client(server)?;
        let (Some(server), Some(password)) = (server, password) else {
            return Err(Reply::Local {
                text: "the account has no password to be created with".to_owned(),
            });
        };
        let request = self.panel.create(new, username, password);
        let named = |refusal: &panel_http::Error| self.panel.named(refusal);
        let row = ask(client, request, named, |answer| self.panel.created(answer)).await?;
        Ok(Facts::HostingAccount(HostingAccount {
            remote_id: row.remote_id,
            username: row.username,
            server: server.clone(),
            proof: Proof::Created,
        }))
    }

    async fn verify(
        &self,
        account: &HostingAccount,
        mark: Mark,
        password: Option<&SecretString>,
        known: Known,
    ) -> Result<Verified, Reply> {
        let client = self.client(Some(&account.server))?;
        let rows = self.list(client).await?;
        let found = rows
            .into_iter()
            .find(|row| row.remote_id == account.remote_id);
        let row = found.ok_or_else(|| Reply::Answered {
            status: 404,
            text: format!("no account {} in the list", account.remote_id),
            html: false,
            retry_after: None,
            named: None,
            denial: None,
        })?;
        let login = self.log_in(client, &row.username, password).await;
        Ok(Verified {
            remote_id: row.remote_id,
            mark: mark_reading(row.mark.as_deref(), mark),
            username: row.username,
            active: row.active,
            login,
            logins_work_here: known.logins_work,
        })
    }

    async fn list(&self, client: &Client) -> Result<Vec<AccountRow>, Reply> {
        let read = |answer: &panel_http::Answer| self.panel.listed(answer);
        ask(client, Ok(self.panel.list()), |_| None, read).await
    }

    /// Tries a password once.
    async fn log_in(
        &self,
        client: &Client,
        username: &str,
        password: Option<&SecretString>,
    ) -> LoginReading {
        let Some(password) = password else {
            return LoginReading::NotTried;
        };
        let Some(request) = self.panel.log_in(username, password).transpose() else {
            return LoginReading::NotOffered;
        };
        login_reading(&ask(client, request, |_| None, |_| Ok(())).await)
    }

    async fn find(
        &self,
        look_up: &LookUp,
        password: Option<&SecretString>,
    ) -> Result<(Vec<Match>, Known), Reply> {
        let client = self.client(look_up.server.as_ref())?;
        let mut learned = Known::default();
        let mut matches = Vec::new();
        for row in self.list(client).await? {
            let mark = mark_reading(row.mark.as_deref(), look_up.mark);
            let is_meant = match &look_up.remote_id {
                Some(id) => row.remote_id == *id,
                None => row.username == look_up.username || mark == MarkReading::Ours,
            };
            if !is_meant {
                continue;
            }
            // A password is tried only where the mark does not decide whose it is, or not whose password it has.
            let login = match mark {
                MarkReading::Ours if !look_up.tries_password => LoginReading::NotTried,
                MarkReading::Other => LoginReading::NotTried,
                _ => self.log_in(client, &row.username, password).await,
            };
            learned.shows_marks |= mark == MarkReading::Ours;
            learned.logins_work |= login == LoginReading::Proved;
            matches.push(Match {
                remote_id: row.remote_id,
                username: row.username,
                mark,
                login,
                bound_to: None,
            });
        }
        Ok((matches, learned))
    }

    fn preview_one(
        &self,
        server: &ServerName,
        request: Result<RawRequest, EncodeError>,
        step: Option<&StepPath>,
        writes: bool,
    ) -> Option<PreviewedRequest> {
        let preview = self.panel.client(server)?.preview_raw(request.ok()?).ok()?;
        Some(PreviewedRequest::of(&preview, step, writes))
    }
}

#[async_trait]
impl<P: HostingPanel> Executor for HostingExecutor<P> {
    fn capabilities(&self) -> Capabilities {
        self.panel.capabilities()
    }

    fn serves(&self, server: &ServerName) -> bool {
        self.panel.client(server).is_some()
    }

    fn keep_time(&mut self, clock: Arc<dyn Clock>) {
        self.clock = clock;
    }

    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest> {
        let action = |path: &StepPath| plan.step(path).map(|step| &step.action);
        let (create, verifies) = match action(step) {
            Some(Action::CreateHostingAccount(create)) => (create, false),
            Some(Action::VerifyHostingAccount(verify)) => match action(&verify.account) {
                Some(Action::CreateHostingAccount(create)) => (create, true),
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let (Some(server), Some(username)) = (create.servers.first(), create.usernames.first())
        else {
            return Vec::new();
        };
        // The password does not exist yet; the preview masks its place in any case.
        let password = SecretString::from("not made yet");
        let one = |request, writes| self.preview_one(&server.name, request, Some(step), writes);
        if !verifies {
            let request = self.panel.create(create, username.as_str(), &password);
            return one(request, true).into_iter().collect();
        }
        let log_in = self.panel.log_in(username.as_str(), &password).transpose();
        let log_in = log_in.and_then(|request| one(request, false));
        let list = one(Ok(self.panel.list()), false);
        list.into_iter().chain(log_in).collect()
    }

    async fn call(&self, call: &Call, password: Option<&SecretString>, known: Known) -> CallReport {
        let now = || self.clock.now();
        match &call.request {
            Request::CreateHostingAccount {
                create, username, ..
            } => {
                let server = call.server.as_ref();
                let made = self
                    .create(server, create, username.as_str(), password)
                    .await;
                call_report(made, Effect::Create, now())
            }
            Request::VerifyHostingAccount { account, mark, .. } => {
                let verified = self.verify(account, *mark, password, known).await;
                let learned = verified
                    .as_ref()
                    .map_or(Known::default(), |verified| Known {
                        shows_marks: verified.mark == MarkReading::Ours,
                        logins_work: verified.login == LoginReading::Proved,
                    });
                let report = call_report(verified.map(Facts::Verified), Effect::Read, now());
                CallReport { learned, ..report }
            }
            _ => {
                let not_offered = Reply::NotSent {
                    text: "this executor does not do that".to_owned(),
                    retryable: false,
                };
                call_report(Err(not_offered), Effect::Read, now())
            }
        }
    }

    async fn look_up(
        &self,
        look_up: &LookUp,
        password: Option<&SecretString>,
        known: Known,
    ) -> LookUpReport {
        match self.find(look_up, password).await {
            Ok((matches, learned)) => LookUpReport {
                finding: Finding::Read {
                    matches,
                    whole: true,
                    shows_marks: self.panel.shows_marks() || known.shows_marks,
                },
                learned,
            },
            Err(reply) => not_looked_up(reply, self.clock.now()),
        }
    }

    async fn observe(&self, server: &ServerName, reservations: &[Reservation]) -> Observation {
        let Some(client) = self.panel.client(server) else {
            return Observation::NotObserved;
        };
        match self.list(client).await {
            Ok(rows) => Observation::Counted {
                accounts: u32::try_from(rows.len()).unwrap_or(u32::MAX),
                reserved_uncounted: uncounted_slots(
                    reservations,
                    server,
                    rows.iter().map(|row| {
                        CountedAccount::new(&row.username).with_mark(row.mark.as_deref())
                    }),
                ),
            },
            Err(reply) => not_counted(reply, self.clock.now()),
        }
    }

    fn preview_observe(&self, server: &ServerName) -> Vec<PreviewedRequest> {
        let list = self.preview_one(server, Ok(self.panel.list()), None, false);
        list.into_iter().collect()
    }
}
