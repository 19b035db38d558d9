//! Whether a panel can be worked with, as far as it can be known without writing to it.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use panel_http::{CallOptions, Error, Kind};
use provisioning_core::permission::{ApiKeyProfile, CredentialKind, Denial, Missing, Verb, check};
use serde::Serialize;

use super::client::Panel;
use super::health::GetHealth;
use super::list::{ListAccounts, WholeList};
use super::operations::LIST_ACCOUNTS;
use super::probe::{CreateProbe, ProbeVerdict};
use crate::DenialExt;

/// What to test a connection with.
#[derive(Debug, Clone)]
pub struct ConnectionTest {
    timeout: Duration,
    profile: Option<ApiKeyProfile>,
    from_ip: Option<IpAddr>,
    verb: Verb,
}

impl Default for ConnectionTest {
    fn default() -> Self {
        Self::new()
    }
}

impl ConnectionTest {
    /// For creating accounts, 5 s for everything, with nothing known of the key.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            profile: None,
            from_ip: None,
            verb: Verb::CreateAccount,
        }
    }

    /// How long the whole test may take. Its requests are sent one after the other.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long the whole test may take.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What the host knows of the key: no route of the panel tells it.
    #[must_use]
    pub fn with_profile(mut self, profile: ApiKeyProfile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// The address the panel sees this machine under.
    #[must_use]
    pub const fn with_caller_ip(mut self, address: IpAddr) -> Self {
        self.from_ip = Some(address);
        self
    }

    /// What the key is wanted for.
    #[must_use]
    pub const fn with_verb(mut self, verb: Verb) -> Self {
        self.verb = verb;
        self
    }
}

/// The answer to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Proved.
    Pass,
    /// Disproved.
    Fail,
    /// Neither: nobody can tell, or it was not asked. Never to be taken for a pass.
    Unknown,
}

/// Where the verdict on a key's rights comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RightsFrom {
    /// Nowhere: they are unknown.
    Nothing,
    /// From what the host knows of the key. The panel may have changed its mind.
    Profile,
    /// From the panel's own words.
    Panel,
    /// From an account that was created and removed.
    Probe,
}

/// What is known of a connection. The panel's health is public, so it says nothing about the key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Connection {
    /// Whether the panel answers at all.
    pub reachable: Verdict,
    /// The version it names.
    pub version: Option<String>,
    /// The state of its database, in its own words.
    pub database: Option<String>,
    /// Whether it knows the key and takes it from here.
    pub authenticated: Verdict,
    /// Whether the key may do what it is wanted for.
    pub rights: Verdict,
    /// What the verdict on the rights rests on.
    pub rights_from: RightsFrom,
    /// The refusal, with its remedy, if there was one or the profile foresees one.
    pub denial: Option<Box<Denial>>,
    /// How long the health route took to answer.
    pub latency: Option<Duration>,
    /// The call that failed, if one did.
    pub failure: Option<Box<Error>>,
}

impl Connection {
    /// Everything the key is known to lack.
    pub fn missing(&self) -> impl Iterator<Item = &Missing> {
        self.denial
            .iter()
            .flat_map(|denial| std::iter::once(denial.missing()).chain(denial.also_missing()))
    }

    /// Whether everything passes, the rights included.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        [self.reachable, self.authenticated, self.rights]
            .iter()
            .all(|verdict| *verdict == Verdict::Pass)
    }

    /// Takes in what creating an account on trial has shown.
    #[must_use]
    pub fn with_probe(mut self, probe: &CreateProbe) -> Self {
        match &probe.verdict {
            ProbeVerdict::Allowed => {
                self.reachable = Verdict::Pass;
                self.authenticated = Verdict::Pass;
                self.rights = Verdict::Pass;
                self.rights_from = RightsFrom::Probe;
                self.denial = None;
            }
            ProbeVerdict::Denied(denial) => self.take_denial(denial.clone(), RightsFrom::Probe),
            ProbeVerdict::Undecided(_) => {}
        }
        self
    }

    fn take_denial(&mut self, denial: Box<Denial>, from: RightsFrom) {
        // A key that is refused for its rights was recognised first; one that is refused itself has no rights to judge.
        let (authenticated, rights) = match denial.missing() {
            Missing::SuperAdminRights | Missing::Level { .. } | Missing::Scopes { .. } => {
                (Verdict::Pass, Verdict::Fail)
            }
            _ => (Verdict::Fail, Verdict::Unknown),
        };
        self.authenticated = authenticated;
        self.rights = rights;
        self.rights_from = match rights {
            Verdict::Unknown => RightsFrom::Nothing,
            _ => from,
        };
        self.denial = Some(denial);
    }

    /// Takes in how a read with the key went.
    fn take_read(&mut self, failed: Option<Error>) {
        let Some(error) = failed else {
            self.authenticated = Verdict::Pass;
            return;
        };
        let denial = error.denial(Verb::ListAccounts, CredentialKind::NextPanelApiKey);
        if let Some(denial) = denial {
            self.take_denial(Box::new(denial), RightsFrom::Panel);
        } else if matches!(error.kind(), Kind::Auth | Kind::Denied) && !error.is_html() {
            self.authenticated = Verdict::Fail;
        }
        self.failure = Some(Box::new(error));
    }

    fn take_profile(&mut self, foreseen: Result<(), Denial>) {
        match foreseen {
            Ok(()) => {
                self.rights = Verdict::Pass;
                self.rights_from = RightsFrom::Profile;
            }
            Err(denial) => {
                self.rights = Verdict::Fail;
                self.rights_from = RightsFrom::Profile;
                self.denial = Some(Box::new(denial));
            }
        }
    }
}

impl Panel {
    /// Tests the connection: the public health route, then a read with the key. Writes nothing and never fails.
    ///
    /// No route tells what a key may do. The verdict on its rights is what its profile says; without a profile it is
    /// [`Verdict::Unknown`], unless the panel refuses even to read. [`probe_create`](Self::probe_create) finds it out.
    pub async fn test_connection(&self, test: &ConnectionTest) -> Connection {
        let deadline = Deadline::after(test.timeout);
        let mut found = self.reach(test, &deadline).await;
        if found.reachable == Verdict::Pass {
            let page = ListAccounts::new(0, 1);
            let read = self.client().call_with(&page, &deadline.limits()).await;
            found.take_read(read.err());
        }
        found
    }

    /// The same, and all accounts where the key is good.
    pub(crate) async fn test_and_list(
        &self,
        test: &ConnectionTest,
    ) -> (Connection, Option<WholeList>) {
        let deadline = Deadline::after(test.timeout);
        let mut found = self.reach(test, &deadline).await;
        if found.reachable != Verdict::Pass {
            return (found, None);
        }
        // Of a list of many pages every one may take what is left, so the whole has a limit, too.
        let limits = deadline.limits();
        let list = tokio::time::timeout(deadline.left(), self.list_all_with(&limits));
        let list = list.await.unwrap_or_else(|_| {
            Err(Error::new(Kind::Timeout, LIST_ACCOUNTS.name)
                .with_note("the time for the test ran out while accounts were being read"))
        });
        match list {
            Ok(list) => {
                found.take_read(None);
                (found, Some(list))
            }
            Err(error) => {
                found.take_read(Some(error));
                (found, None)
            }
        }
    }

    /// Asks the health route, and takes in what the profile says.
    async fn reach(&self, test: &ConnectionTest, deadline: &Deadline) -> Connection {
        let mut found = Connection {
            reachable: Verdict::Fail,
            version: None,
            database: None,
            authenticated: Verdict::Unknown,
            rights: Verdict::Unknown,
            rights_from: RightsFrom::Nothing,
            denial: None,
            latency: None,
            failure: None,
        };
        let begun = Instant::now();
        match self
            .client()
            .call_with(&GetHealth, &deadline.limits())
            .await
        {
            Ok(health) => {
                found.reachable = Verdict::Pass;
                found.latency = Some(begun.elapsed());
                found.version = health.version.into_option();
                found.database = health.database.into_option();
            }
            Err(error) => {
                // A panel that answers with an error is there; a proxy in front of it is not the panel.
                if answered_itself(&error) {
                    found.reachable = Verdict::Pass;
                    found.latency = Some(begun.elapsed());
                }
                found.failure = Some(Box::new(error));
            }
        }
        if found.reachable == Verdict::Pass
            && let Some(profile) = &test.profile
        {
            found.take_profile(check(profile, test.verb, test.from_ip, Timestamp::now()));
        }
        found
    }
}

/// When a test has to be over.
struct Deadline(Instant);

impl Deadline {
    fn after(timeout: Duration) -> Self {
        // A limit too long for the clock is none that anybody waits for.
        let now = Instant::now();
        Self(now.checked_add(timeout).unwrap_or(now))
    }

    fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    fn limits(&self) -> CallOptions {
        let left = self.left();
        CallOptions::new()
            .with_attempt_limit(left)
            .with_overall_limit(left)
    }
}

fn answered_itself(error: &Error) -> bool {
    let is_gateway = error
        .status()
        .is_some_and(|status| matches!(status.as_u16(), 502..=504));
    error.status().is_some() && !is_gateway && !error.is_html() && error.kind() != Kind::Redirected
}
