//! A DNS service that does not exist: `POST /zones`, `GET /zones?domain=`. It refuses a second zone of the same domain and
//! keeps a comment, in which our mark lies.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use provisioning_core::fleet::{Observation, Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::{Action, Provide};
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::{
    Capabilities, Effect, LookUpBy, VerbDeclaration, VerbName, WhenForeign,
};
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::facts::{Facts, LoginReading, MarkReading, Proof, Provided};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Named, Reply, outcome};
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cove::{not_offered, not_possible, request};
use crate::sent::{send, words};

/// Sets up DNS zones: what the catalog's kind `dns` becomes where this executor is configured.
#[derive(Debug)]
pub struct DnsExecutor {
    zones: String,
    token: SecretString,
    http: reqwest::Client,
    longest_duration: Duration,
}

#[derive(Deserialize)]
struct Zone {
    id: String,
    domain: String,
    comment: String,
}

impl DnsExecutor {
    /// The service at this base URL. After `longest_duration` a request has arrived or never will.
    #[must_use]
    pub fn new(
        base: &str,
        token: SecretString,
        http: reqwest::Client,
        longest_duration: Duration,
    ) -> Self {
        Self {
            zones: format!("{}/zones", base.trim_end_matches('/')),
            token,
            http,
            longest_duration,
        }
    }

    async fn provide(&self, provide: &Provide, target: &str) -> Result<Facts, Reply> {
        let post = self.http.post(&self.zones).json(&zone(provide, target));
        let taken = |status| (status == 409).then_some(Named::DomainTaken);
        let zone: Zone = send(post.bearer_auth(self.token.expose_secret()), taken).await?;
        Ok(Facts::Provided(Provided {
            remote_id: zone.id,
            proof: Proof::Created,
        }))
    }
}

/// The zone points to the server that the run has found for the account.
fn zone(provide: &Provide, target: &str) -> Value {
    json!({ "domain": provide.domain, "target": target, "comment": provide.mark })
}

#[async_trait]
impl Executor for DnsExecutor {
    fn capabilities(&self) -> Capabilities {
        let verb = VerbDeclaration {
            effect: Effect::Create,
            // Found by its domain; the service takes each domain once.
            look_up: LookUpBy::NaturalKey {
                refuses_second: true,
            },
            destroys_data: false,
            longest_duration_ms: u64::try_from(self.longest_duration.as_millis())
                .unwrap_or(u64::MAX),
            when_foreign: WhenForeign::Reject,
            needs: None,
        };
        Capabilities::none().with_verb(VerbName::PROVIDE_DNS, verb)
    }

    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest> {
        match plan.step(step).map(|step| &step.action) {
            Some(Action::Provide(provide)) => {
                let target = match &provide.account {
                    Some(account) => format!("{{{account}.server}}"),
                    None => "none".to_owned(),
                };
                let body = zone(provide, &target);
                vec![request("POST", self.zones.clone(), Some(step), Some(body))]
            }
            _ => Vec::new(),
        }
    }

    async fn call(&self, call: &Call, _: Option<&SecretString>, _: Known) -> CallReport {
        let done = match &call.request {
            Request::Provide { provide, account } => {
                let server = account.as_ref().map(|account| account.server.as_str());
                self.provide(provide, server.unwrap_or("none")).await
            }
            _ => Err(not_offered()),
        };
        let reply = done.map_or_else(|reply| reply, Reply::Understood);
        CallReport::without_lesson(outcome(reply, Effect::Create, Timestamp::now()))
    }

    async fn look_up(&self, look_up: &LookUp, _: Option<&SecretString>, _: Known) -> LookUpReport {
        let domain = [("domain", &look_up.username)];
        let url = match reqwest::Url::parse_with_params(&self.zones, domain) {
            Ok(url) => url,
            Err(error) => return not_possible(error.to_string()),
        };
        let get = self.http.get(url).bearer_auth(self.token.expose_secret());
        let zones = send::<Vec<Zone>>(get, |_| None).await;
        let zones = match zones {
            Ok(zones) => zones,
            Err(reply) => return not_possible(words(reply)),
        };
        let mark = look_up.mark.to_string();
        let matches = zones.into_iter().map(|zone| Match {
            remote_id: zone.id,
            username: zone.domain,
            mark: if zone.comment == mark {
                MarkReading::Ours
            } else {
                MarkReading::Other
            },
            login: LoginReading::NotTried,
            bound_to: None,
        });
        LookUpReport {
            finding: Finding::Read {
                matches: matches.collect(),
                whole: true,
                shows_marks: true,
            },
            learned: Known::default(),
        }
    }

    async fn observe(&self, _: &ServerName, _: &[Reservation]) -> Observation {
        // It has no accounts to count.
        Observation::NotObserved
    }

    fn preview_observe(&self, _: &ServerName) -> Vec<PreviewedRequest> {
        Vec::new()
    }
}
