//! A panel in memory: what it takes to answer is up to the benchmark.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use provisioning_core::fleet::{Observation, Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::Outcome;
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use secrecy::SecretString;

#[derive(Debug, Clone, Default)]
pub(crate) struct Panel {
    latency: Duration,
    accounts: Arc<Mutex<HashMap<ServerName, u64>>>,
    verified: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
}

impl Panel {
    pub(crate) fn with_latency(latency: Duration) -> Self {
        Self {
            latency,
            ..Self::default()
        }
    }

    /// Runs whose last call is done.
    pub(crate) fn verified(&self) -> usize {
        self.verified.load(Ordering::Relaxed)
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Executor for Panel {
    fn capabilities(&self) -> Capabilities {
        Capabilities::nextpanel(Duration::from_secs(60))
    }

    fn preview(&self, _: &Plan, _: &StepPath) -> Vec<PreviewedRequest> {
        Vec::new()
    }

    async fn call(&self, call: &Call, _: Option<&SecretString>, _: Known) -> CallReport {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let facts = match &call.request {
            Request::CreateHostingAccount { username, .. } => {
                let server = call.server.clone().unwrap();
                let mut accounts = self.accounts.lock().unwrap();
                let id = accounts.entry(server.clone()).or_default();
                *id += 1;
                Facts::HostingAccount(HostingAccount {
                    remote_id: id.to_string(),
                    username: username.as_str().to_owned(),
                    server,
                    proof: Proof::Created,
                })
            }
            Request::VerifyHostingAccount { account, .. } => {
                self.verified.fetch_add(1, Ordering::Relaxed);
                Facts::Verified(Verified {
                    remote_id: account.remote_id.clone(),
                    username: account.username.clone(),
                    active: true,
                    mark: MarkReading::Ours,
                    login: LoginReading::NotOffered,
                    logins_work_here: false,
                })
            }
            other => panic!("{other:?}"),
        };
        self.calls.fetch_add(1, Ordering::Relaxed);
        CallReport::without_lesson(Outcome::Ok { facts })
    }

    async fn look_up(&self, _: &LookUp, _: Option<&SecretString>, _: Known) -> LookUpReport {
        LookUpReport {
            finding: Finding::NotPossible {
                text: "nothing is ever unknown here".to_owned(),
                not_before: None,
            },
            learned: Known::default(),
        }
    }

    async fn observe(&self, server: &ServerName, _: &[Reservation]) -> Observation {
        let accounts = self.accounts.lock().unwrap();
        let accounts = accounts.get(server).copied().unwrap_or(0);
        Observation::Counted {
            accounts: u32::try_from(accounts).unwrap(),
            reserved_uncounted: 0,
        }
    }

    fn preview_observe(&self, _: &ServerName) -> Vec<PreviewedRequest> {
        Vec::new()
    }
}
