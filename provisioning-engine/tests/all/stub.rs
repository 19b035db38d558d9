//! An executor without a network: how long its calls take and what comes of them is up to the test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use provisioning_core::fleet::{
    CountedAccount, FleetConfig, Observation, Reservation, ServerConfig, ServerName,
    uncounted_slots,
};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::{Mark, StepPath};
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Because, Outcome};
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use secrecy::{ExposeSecret, SecretString};

/// What a call meets on its way, by its server and its number on it, counted from 1.
pub(crate) type Fate = dyn Fn(&str, u32) -> What + Send + Sync;

/// What a call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// An answer, after that long.
    Answer(Duration),
    /// Nothing: no connection, after that long.
    Dead(Duration),
    /// A wish for a pause of that long: nothing is done.
    Pause(Duration),
    /// An account is made, and the answer is lost.
    LostReply,
    /// The panic of a poison step.
    Panic,
    /// A refusal that echoes everything it was sent.
    Echo,
}

/// Panels in a map.
#[derive(Clone)]
pub(crate) struct Stub {
    panels: Arc<Mutex<Panels>>,
    fate: Arc<Fate>,
}

#[derive(Default)]
struct Panels {
    accounts: BTreeMap<String, Vec<Account>>,
    calls: BTreeMap<String, u32>,
    under_way: BTreeSet<String>,
    most_under_way: BTreeMap<String, usize>,
    twice_at_once: Vec<String>,
}

#[derive(Clone)]
struct Account {
    id: u64,
    username: String,
    mark: Mark,
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stub")
    }
}

impl Stub {
    pub(crate) fn new(fate: impl Fn(&str, u32) -> What + Send + Sync + 'static) -> Self {
        Self {
            panels: Arc::default(),
            fate: Arc::new(fate),
        }
    }

    /// Whose every call takes that long.
    pub(crate) fn with_latency(latency: Duration) -> Self {
        Self::new(move |_, _| What::Answer(latency))
    }

    pub(crate) fn accounts_on(&self, server: &str) -> usize {
        self.panels
            .lock()
            .unwrap()
            .accounts
            .get(server)
            .map_or(0, Vec::len)
    }

    /// Calls that were begun on a server.
    pub(crate) fn calls_to(&self, server: &str) -> u32 {
        let panels = self.panels.lock().unwrap();
        panels.calls.get(server).copied().unwrap_or(0)
    }

    /// The most calls that were under way on a server at once.
    pub(crate) fn most_at_once_on(&self, server: &str) -> usize {
        let panels = self.panels.lock().unwrap();
        panels.most_under_way.get(server).copied().unwrap_or(0)
    }

    /// Steps that were called while a call of theirs was under way.
    pub(crate) fn twice_at_once(&self) -> Vec<String> {
        self.panels.lock().unwrap().twice_at_once.clone()
    }

    fn begin(&self, server: &ServerName, key: &str) -> (UnderWay, What) {
        let mut panels = self.panels.lock().unwrap();
        let calls = panels.calls.entry(server.to_string()).or_default();
        *calls += 1;
        let number = *calls;
        let key = format!("{server} {key}");
        if !panels.under_way.insert(key.clone()) {
            panels.twice_at_once.push(key.clone());
        }
        let now = panels
            .under_way
            .iter()
            .filter(|other| other.starts_with(server.as_str()))
            .count();
        let most = panels.most_under_way.entry(server.to_string()).or_default();
        *most = (*most).max(now);
        drop(panels);
        let under_way = UnderWay {
            panels: Arc::clone(&self.panels),
            key,
        };
        (under_way, (self.fate)(server.as_str(), number))
    }

    /// Counting stands beside the calls.
    fn count(&self, server: &ServerName) -> What {
        let mut panels = self.panels.lock().unwrap();
        let calls = panels.calls.entry(server.to_string()).or_default();
        *calls += 1;
        let number = *calls;
        drop(panels);
        (self.fate)(server.as_str(), number)
    }

    fn create(&self, server: &ServerName, username: &str, mark: Mark) -> Outcome {
        let mut panels = self.panels.lock().unwrap();
        let accounts = panels.accounts.entry(server.to_string()).or_default();
        if accounts.iter().any(|account| account.username == username) {
            return Outcome::Rejected {
                because: Because::UsernameTaken,
                text: "Username already exists".to_owned(),
            };
        }
        let id = accounts.len() as u64 + 1;
        accounts.push(Account {
            id,
            username: username.to_owned(),
            mark,
        });
        Outcome::Ok {
            facts: Facts::HostingAccount(HostingAccount {
                remote_id: id.to_string(),
                username: username.to_owned(),
                server: server.clone(),
                proof: Proof::Created,
            }),
        }
    }
}

/// A call that is under way; no longer, once it is dropped.
struct UnderWay {
    panels: Arc<Mutex<Panels>>,
    key: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.panels.lock().unwrap().under_way.remove(&self.key);
    }
}

/// A fleet of servers that nobody connects to.
pub(crate) fn fleet(servers: &[(&str, u32)]) -> FleetConfig {
    let servers = servers.iter().map(|(name, capacity)| {
        let url = format!("http://127.0.0.1:9/{name}").parse().unwrap();
        ServerConfig::new(ServerName::new(*name).unwrap(), url, *capacity).unwrap()
    });
    FleetConfig::new(servers)
        .unwrap()
        .with_preview_domain("preview.example.net")
        .unwrap()
}

/// What a panel says that repeats what it does not like.
fn echo(call: &Call, password: Option<&SecretString>) -> String {
    let Request::CreateHostingAccount { create, .. } = &call.request else {
        panic!("{call:?}")
    };
    format!(
        "invalid input: email {}, name {:?}, password {:?}",
        create.email.as_str().to_uppercase(),
        create.full_name,
        password.map(ExposeSecret::expose_secret),
    )
}

fn dead() -> Outcome {
    Outcome::NotSent {
        text: "connection refused".to_owned(),
        retryable: true,
        not_before: None,
    }
}

#[async_trait]
impl Executor for Stub {
    fn capabilities(&self) -> Capabilities {
        Capabilities::nextpanel(Duration::from_millis(300))
    }

    fn preview(&self, _: &Plan, _: &StepPath) -> Vec<PreviewedRequest> {
        Vec::new()
    }

    async fn call(&self, call: &Call, password: Option<&SecretString>, _: Known) -> CallReport {
        let server = call.server.as_ref().unwrap();
        let (_under_way, what) = self.begin(server, &format!("{} {}", call.step, call.key));
        let outcome = match what {
            What::Dead(after) => {
                tokio::time::sleep(after).await;
                dead()
            }
            What::Pause(pause) => Outcome::NotSent {
                text: "too many requests".to_owned(),
                retryable: true,
                not_before: Some(Timestamp::now() + SignedDuration::try_from(pause).unwrap()),
            },
            What::Panic => panic!("a poison step"),
            What::Echo => Outcome::Rejected {
                because: Because::Invalid,
                text: echo(call, password),
            },
            What::Answer(_) | What::LostReply => {
                if let What::Answer(after) = what {
                    tokio::time::sleep(after).await;
                }
                let outcome = match &call.request {
                    Request::CreateHostingAccount {
                        create, username, ..
                    } => self.create(server, username.as_str(), create.mark),
                    Request::VerifyHostingAccount { account, .. } => Outcome::Ok {
                        facts: Facts::Verified(Verified {
                            remote_id: account.remote_id.clone(),
                            username: account.username.clone(),
                            active: true,
                            mark: MarkReading::Ours,
                            login: LoginReading::NotOffered,
                            logins_work_here: false,
                        }),
                    },
                    other => panic!("{other:?}"),
                };
                if what == What::LostReply {
                    Outcome::Unknown {
                        text: "the reply was lost".to_owned(),
                    }
                } else {
                    outcome
                }
            }
        };
        CallReport::without_lesson(outcome)
    }

    async fn look_up(&self, look_up: &LookUp, _: Option<&SecretString>, _: Known) -> LookUpReport {
        let server = look_up.server.as_ref().unwrap();
        let panels = self.panels.lock().unwrap();
        let accounts = panels.accounts.get(server.as_str()).into_iter().flatten();
        let matches = accounts
            .filter(|account| {
                account.username == look_up.username.as_str() || account.mark == look_up.mark
            })
            .map(|account| Match {
                remote_id: account.id.to_string(),
                username: account.username.clone(),
                mark: if account.mark == look_up.mark {
                    MarkReading::Ours
                } else {
                    MarkReading::Other
                },
                login: LoginReading::NotTried,
                bound_to: None,
            })
            .collect();
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
        let what = self.count(server);
        if let What::Dead(after) = what {
            tokio::time::sleep(after).await;
            return Observation::Offline {
                text: "connection refused".to_owned(),
            };
        }
        if let What::Answer(after) = what {
            tokio::time::sleep(after).await;
        }
        let panels = self.panels.lock().unwrap();
        let accounts = panels.accounts.get(server.as_str()).cloned();
        let accounts = accounts.unwrap_or_default();
        let marks: Vec<String> = accounts
            .iter()
            .map(|account| account.mark.to_string())
            .collect();
        let counted = accounts
            .iter()
            .zip(&marks)
            .map(|(account, mark)| CountedAccount::new(&account.username).with_mark(Some(mark)));
        Observation::Counted {
            accounts: accounts.len() as u32,
            reserved_uncounted: uncounted_slots(reservations, server, counted),
        }
    }

    fn preview_observe(&self, _: &ServerName) -> Vec<PreviewedRequest> {
        Vec::new()
    }
}
