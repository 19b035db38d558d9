//! A DNS service that does not exist: `POST /zones`, `GET /zones?domain=`. It refuses a second zone of the same domain and
//! keeps a comment, in which our mark lies.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use panel_http::{Answer, Client, EncodeError, Error, HttpMethod, RawRequest, RequestBody, Safety};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::{Action, Provide};
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::{
    Capabilities, Effect, LookUpBy, VerbDeclaration, VerbName, WhenForeign,
};
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::facts::{Facts, LoginReading, Proof, Provided};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Named, Reply};
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use provisioning_engine::reply::{ask, call_report, mark_reading, not_looked_up};
use secrecy::SecretString;
use serde::Deserialize;

use crate::cove::TOKEN;

/// Sets up DNS zones: what the catalog's kind `dns` becomes where this executor is configured.
#[derive(Debug)]
pub struct DnsExecutor {
    /// A client of the service, with its token.
    pub client: Client,
    /// After this long a request has arrived or never will.
    pub longest_duration: Duration,
}

#[derive(Deserialize)]
struct Zone {
    id: String,
    domain: String,
    comment: String,
}

/// The zone points to the server that the run has found for the account.
fn create(provide: &Provide, target: &str) -> Result<RawRequest, EncodeError> {
    let body = RequestBody::object(|body| {
        body.field("domain", &provide.domain)?;
        body.field("target", target)?;
        body.field("comment", &provide.mark)
    })?;
    let post = RawRequest::new(HttpMethod::Post, "/zones", Safety::NaturalKey);
    Ok(post.credentials(TOKEN).body(body))
}

/// The service's only 409 is a domain that has a zone.
fn named(refusal: &Error) -> Option<Named> {
    let is_taken = refusal.status().is_some_and(|status| status == 409);
    is_taken.then_some(Named::DomainTaken)
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
        let Some(Action::Provide(provide)) = plan.step(step).map(|step| &step.action) else {
            return Vec::new();
        };
        let account = provide.account.as_ref();
        let target = account.map_or("none".to_owned(), |account| format!("{{{account}.server}}"));
        let request = create(provide, &target).ok();
        let preview = request.and_then(|request| self.client.preview_raw(request).ok());
        let preview = preview.map(|preview| PreviewedRequest::of(&preview, Some(step), true));
        preview.into_iter().collect()
    }

    async fn call(&self, call: &Call, _: Option<&SecretString>, _: Known) -> CallReport {
        let done = match &call.request {
            Request::Provide { provide, account } => {
                let server = account.as_ref().map(|account| account.server.as_str());
                let request = create(provide, server.unwrap_or("none"));
                let made = ask(&self.client, request, named, Answer::json::<Zone>).await;
                made.map(|zone| {
                    Facts::Provided(Provided {
                        remote_id: zone.id,
                        proof: Proof::Created,
                    })
                })
            }
            _ => Err(Reply::Local {
                text: "this executor does not do that".to_owned(),
            }),
        };
        call_report(done, Effect::Create, Timestamp::now())
    }

    async fn look_up(&self, look_up: &LookUp, _: Option<&SecretString>, _: Known) -> LookUpReport {
        let list = RawRequest::new(HttpMethod::Get, "/zones", Safety::ReadOnly)
            .credentials(TOKEN)
            .query("domain", &look_up.username);
        let zones = ask(&self.client, Ok(list), |_| None, Answer::json::<Vec<Zone>>).await;
        let zones = match zones {
            Ok(zones) => zones,
            Err(reply) => return not_looked_up(reply, Timestamp::now()),
        };
        let matches = zones.into_iter().map(|zone| Match {
            mark: mark_reading(Some(&zone.comment), look_up.mark),
            remote_id: zone.id,
            username: zone.domain,
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
}
