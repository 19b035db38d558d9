//! The rules of the machine, one sequence of events each.

mod answers;
mod calls;
mod handing_over;
mod look_ups;
mod mpanel;
mod subscriptions;

use provisioning_core::plan::Plan;
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::LookUpBy;
use provisioning_core::run::directive::{Call, Directive};
use provisioning_core::run::event::{Answer, CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Because, Outcome};
use provisioning_core::run::{NotAllowed, Run};

use crate::sample::{START, at, four_steps};

const HOSTING: &str = "hosting/wp_growth/example.com";
const VERIFY: &str = "verify/hosting/wp_growth/example.com";

/// A run and the time.
struct Story {
    run: Run,
    now: i64,
}

impl Story {
    fn of(plan: Plan) -> Self {
        Self {
            run: Run::start(plan),
            now: START,
        }
    }

    /// The plan of four steps, with the verb's look-up declared as told.
    fn with_look_up(look_up: LookUpBy) -> Self {
        let mut plan = four_steps();
        plan.steps[0].verb.as_mut().unwrap().look_up = look_up;
        Self::of(plan)
    }

    fn try_event(&mut self, event: Event) -> Result<(), NotAllowed> {
        let before = self.run.clone();
        let entry = Entry {
            at: at(self.now),
            event,
        };
        let applied = self.run.apply(entry);
        if applied.is_err() {
            assert_eq!(self.run, before);
        }
        applied
    }

    fn event(&mut self, event: Event) {
        self.try_event(event).unwrap();
    }

    fn later(&mut self, milliseconds: i64) {
        self.now += milliseconds;
    }

    fn next(&self) -> Vec<Directive> {
        self.run.next(at(self.now))
    }

    /// The call of a step that is due, if one is.
    fn due(&self, step: &str) -> Option<Call> {
        self.next()
            .into_iter()
            .find_map(|directive| match directive {
                Directive::Call(call) if call.step.as_str() == step => Some(call),
                _ => None,
            })
    }

    fn looks_up(&self) -> bool {
        matches!(self.next().as_slice(), [Directive::LookUp(_)])
    }

    /// The instant of the only wait there is.
    fn waits_until(&self) -> Option<i64> {
        match self.next().as_slice() {
            [Directive::Wait { until, .. }] => Some(until.as_millisecond() + 1),
            _ => None,
        }
    }

    /// Why the only parked step is parked.
    fn parked(&self) -> String {
        match self.run.parked().as_slice() {
            [(_, attention)] => attention.to_string(),
            other => panic!("{} steps are parked: {other:?}", other.len()),
        }
    }

    /// Seals what is to be sealed and begins the call that is due.
    fn intend(&mut self, step: &str) -> Call {
        while let Some(spec) = self
            .next()
            .into_iter()
            .find_map(|directive| match directive {
                Directive::Seal(spec) => Some(spec),
                _ => None,
            })
        {
            self.event(Event::CredentialSealed(CredentialSealed {
                credential: spec.id,
                key_id: "key-1".into(),
                sealed: "sealed bytes".into(),
            }));
        }
        let call = self.due(step).expect("a call that is due");
        self.event(Event::Intent(Intent {
            step: call.step.clone(),
            attempt: call.attempt,
            candidate: call.candidate,
            server: call.server.clone(),
            key: call.key,
        }));
        call
    }

    fn call(&mut self, step: &str, outcome: Outcome) -> Call {
        let call = self.intend(step);
        self.event(Event::Outcome {
            step: call.step.clone(),
            attempt: call.attempt,
            outcome,
        });
        call
    }

    /// The create call succeeds with what was asked for.
    fn create(&mut self, step: &str, remote_id: &str) {
        let call = self.intend(step);
        let outcome = Outcome::Ok {
            facts: Facts::HostingAccount(account(&call, remote_id)),
        };
        self.event(Event::Outcome {
            step: call.step.clone(),
            attempt: call.attempt,
            outcome,
        });
    }

    fn verify(&mut self, step: &str) {
        let hosting = StepPath::from(step.strip_prefix("verify/").unwrap());
        let account = self.run.account(&hosting).unwrap().clone();
        self.call(
            step,
            Outcome::Ok {
                facts: Facts::Verified(verified(&account)),
            },
        );
    }

    fn found(&mut self, finding: Finding) {
        self.event(Event::LookedUp {
            step: HOSTING.into(),
            finding,
        });
    }

    fn answer(&mut self, answer: Answer) -> Result<(), NotAllowed> {
        self.try_event(Event::HumanAnswered {
            step: HOSTING.into(),
            answer,
            by: "support".into(),
        })
    }
}

fn account(call: &Call, remote_id: &str) -> HostingAccount {
    use provisioning_core::run::directive::Request;
    let Request::CreateHostingAccount { username, .. } = &call.request else {
        panic!("no create call: {call:?}");
    };
    HostingAccount {
        remote_id: remote_id.into(),
        username: username.as_str().into(),
        server: call.server.clone().unwrap(),
        proof: Proof::Created,
    }
}

fn verified(account: &HostingAccount) -> Verified {
    Verified {
        remote_id: account.remote_id.clone(),
        username: account.username.clone(),
        active: true,
        mark: MarkReading::Ours,
        login: LoginReading::Proved,
        logins_work_here: false,
    }
}

fn unknown() -> Outcome {
    Outcome::Unknown {
        text: "connection reset".into(),
    }
}

fn not_sent() -> Outcome {
    Outcome::NotSent {
        text: "connection refused".into(),
        retryable: true,
        not_before: None,
    }
}

fn rejected(because: Because) -> Outcome {
    Outcome::Rejected {
        because,
        text: "refused".into(),
    }
}

fn nothing_found() -> Finding {
    Finding::Read {
        matches: Vec::new(),
        whole: true,
        shows_marks: true,
    }
}

fn found(mark: MarkReading, login: LoginReading, shows_marks: bool) -> Finding {
    Finding::Read {
        matches: vec![Match {
            remote_id: "77".into(),
            username: "example".into(),
            mark,
            login,
            bound_to: None,
        }],
        whole: true,
        shows_marks,
    }
}
