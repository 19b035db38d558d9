//! Cove, a panel that does not exist: `POST /accounts`, `GET /accounts`, `POST /sessions`. It stores a reference of ours
//! with each account and refuses a second account of the same name.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use provisioning_core::fleet::{
    CountedAccount, Observation, Reservation, ServerName, uncounted_slots,
};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::{Mark, StepPath};
use provisioning_core::plan::verb::{Capabilities, Effect};
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Named, Reply, outcome};
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sent::{send, words};

/// Cove's servers, by the names the fleet has for them.
#[derive(Debug)]
pub struct Cove {
    servers: BTreeMap<ServerName, String>,
    token: SecretString,
    http: reqwest::Client,
    longest_duration: Duration,
}

/// An account as Cove shows it.
#[derive(Deserialize)]
struct Row {
    id: u64,
    name: String,
    reference: Option<String>,
    is_on: bool,
}

impl Cove {
    /// Cove's servers with their base URLs. After `longest_duration` a request has arrived or never will.
    #[must_use]
    pub fn new(
        servers: impl IntoIterator<Item = (ServerName, String)>,
        token: SecretString,
        http: reqwest::Client,
        longest_duration: Duration,
    ) -> Self {
        Self {
            servers: servers.into_iter().collect(),
            token,
            http,
            longest_duration,
        }
    }

    fn url(&self, server: Option<&ServerName>, path: &str) -> Result<String, Reply> {
        let base = server.and_then(|server| self.servers.get(server));
        let base = base.ok_or_else(|| Reply::Local {
            text: format!("{server:?} is no server of Cove"),
        })?;
        Ok(format!("{}/{path}", base.trim_end_matches('/')))
    }

    async fn list(&self, server: Option<&ServerName>) -> Result<Vec<Row>, Reply> {
        let get = self.http.get(self.url(server, "accounts")?);
        send(get.bearer_auth(self.token.expose_secret()), |_| None).await
    }

    async fn create(&self, call: &Call, body: &Value) -> Result<Facts, Reply> {
        let server = call.server.as_ref();
        let post = self.http.post(self.url(server, "accounts")?).json(body);
        // Cove's only 409 is a name that is taken.
        let taken = |status| (status == 409).then_some(Named::UsernameTaken);
        let row: Row = send(post.bearer_auth(self.token.expose_secret()), taken).await?;
        let server = server.cloned().ok_or_else(|| Reply::Local {
            text: "no server".to_owned(),
        })?;
        Ok(Facts::HostingAccount(HostingAccount {
            remote_id: row.id.to_string(),
            username: row.name,
            server,
            proof: Proof::Created,
        }))
    }

    async fn verify(
        &self,
        account: &HostingAccount,
        mark: Mark,
        password: Option<&SecretString>,
        known: Known,
    ) -> Result<Facts, Reply> {
        let rows = self.list(Some(&account.server)).await?;
        let mut rows = rows.into_iter();
        let row = rows.find(|row| row.id.to_string() == account.remote_id);
        let row = row.ok_or_else(|| Reply::Answered {
            status: 404,
            text: format!("no account {} in the list", account.remote_id),
            html: false,
            retry_after: None,
            named: None,
            denial: None,
        })?;
        let login = self.log_in(&account.server, &row.name, password).await;
        Ok(Facts::Verified(Verified {
            remote_id: row.id.to_string(),
            mark: reading(row.reference.as_deref(), mark),
            username: row.name,
            active: row.is_on,
            login,
            logins_work_here: known.logins_work,
        }))
    }

    async fn log_in(
        &self,
        server: &ServerName,
        name: &str,
        password: Option<&SecretString>,
    ) -> LoginReading {
        let (Some(password), Ok(url)) = (password, self.url(Some(server), "sessions")) else {
            return LoginReading::NotTried;
        };
        let body = json!({ "name": name, "password": password.expose_secret() });
        match send::<Value>(self.http.post(url).json(&body), |_| None).await {
            Ok(_) => LoginReading::Proved,
            Err(Reply::Answered { status: 401, .. }) => LoginReading::Refused,
            Err(_) => LoginReading::NotOffered,
        }
    }
}

fn reading(reference: Option<&str>, mark: Mark) -> MarkReading {
    match reference {
        Some(reference) if reference == mark.to_string() => MarkReading::Ours,
        Some(_) => MarkReading::Other,
        None => MarkReading::Nothing,
    }
}

#[async_trait]
impl Executor for Cove {
    fn capabilities(&self) -> Capabilities {
        // Cove refuses a second account of the same name, shows our reference, and changes nothing when it is read:
        // what core has declared for NextPanel is true of it as well.
        Capabilities::nextpanel(self.longest_duration)
    }

    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest> {
        let Some(Action::CreateHostingAccount(create)) = plan.step(step).map(|step| &step.action)
        else {
            return Vec::new();
        };
        let (Some(server), Some(name)) = (create.servers.first(), create.usernames.first()) else {
            return Vec::new();
        };
        let password = SecretString::from("[secret]");
        let body = new_account(name.as_str(), create.email.as_str(), create.mark, &password);
        let url = self.url(Some(&server.name), "accounts").unwrap_or_default();
        vec![request("POST", url, Some(step), Some(body))]
    }

    async fn call(&self, call: &Call, password: Option<&SecretString>, known: Known) -> CallReport {
        let (done, effect) = match (&call.request, password) {
            (
                Request::CreateHostingAccount {
                    create, username, ..
                },
                Some(password),
            ) => {
                let (name, mail) = (username.as_str(), create.email.as_str());
                let body = new_account(name, mail, create.mark, password);
                (self.create(call, &body).await, Effect::Create)
            }
            (Request::VerifyHostingAccount { account, mark, .. }, password) => {
                let verified = self.verify(account, *mark, password, known).await;
                (verified, Effect::Read)
            }
            _ => (Err(not_offered()), Effect::Read),
        };
        let learned = match &done {
            Ok(Facts::Verified(verified)) => Known {
                shows_marks: verified.mark == MarkReading::Ours,
                logins_work: verified.login == LoginReading::Proved,
            },
            _ => Known::default(),
        };
        let reply = done.map_or_else(|reply| reply, Reply::Understood);
        CallReport {
            outcome: outcome(reply, effect, Timestamp::now()),
            learned,
        }
    }

    async fn look_up(
        &self,
        look_up: &LookUp,
        password: Option<&SecretString>,
        _known: Known,
    ) -> LookUpReport {
        let server = look_up.server.as_ref();
        let rows = match self.list(server).await {
            Ok(rows) => rows,
            Err(reply) => return not_possible(words(reply)),
        };
        let mut matches = Vec::new();
        for row in rows {
            let mark = reading(row.reference.as_deref(), look_up.mark);
            if row.name != look_up.username && mark != MarkReading::Ours {
                continue;
            }
            // The password decides where the mark does not, and where the run wants to know.
            let login = match server {
                Some(server) if look_up.tries_password || mark != MarkReading::Ours => {
                    self.log_in(server, &row.name, password).await
                }
                _ => LoginReading::NotTried,
            };
            matches.push(Match {
                remote_id: row.id.to_string(),
                username: row.name,
                mark,
                login,
                bound_to: None,
            });
        }
        LookUpReport {
            finding: Finding::Read {
                matches,
                whole: true,
                shows_marks: true,
            },
            learned: Known::default(),
        }
    }

    async fn observe(&self, server: &ServerName, reservations: &[Reservation]) -> Observation {
        match self.list(Some(server)).await {
            Ok(rows) => Observation::Counted {
                accounts: u32::try_from(rows.len()).unwrap_or(u32::MAX),
                reserved_uncounted: uncounted_slots(
                    reservations,
                    server,
                    rows.iter().map(|row| {
                        CountedAccount::new(&row.name).with_mark(row.reference.as_deref())
                    }),
                ),
            },
            Err(Reply::NotSent { text, .. } | Reply::NoAnswer { text }) => {
                Observation::Offline { text }
            }
            Err(reply) => Observation::CountFailed { text: words(reply) },
        }
    }

    fn preview_observe(&self, server: &ServerName) -> Vec<PreviewedRequest> {
        let url = self.url(Some(server), "accounts").unwrap_or_default();
        vec![request("GET", url, None, None)]
    }
}

fn new_account(name: &str, mail: &str, mark: Mark, password: &SecretString) -> Value {
    json!({ "name": name, "mail": mail, "reference": mark, "password": password.expose_secret() })
}

pub(crate) fn not_offered() -> Reply {
    Reply::Local {
        text: "this executor does not do that".to_owned(),
    }
}

pub(crate) fn not_possible(text: String) -> LookUpReport {
    LookUpReport {
        finding: Finding::NotPossible {
            text,
            not_before: None,
        },
        learned: Known::default(),
    }
}

pub(crate) fn request(
    method: &str,
    url: String,
    step: Option<&StepPath>,
    body: Option<Value>,
) -> PreviewedRequest {
    PreviewedRequest {
        step: step.cloned(),
        method: method.to_owned(),
        url,
        headers: vec![("authorization".to_owned(), "[secret]".to_owned())],
        writes: body.is_some(),
        body: body.map(|body| body.to_string()),
        when: None,
    }
}
