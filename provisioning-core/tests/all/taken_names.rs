//! "Username exists" about a name that no call of this journal can have taken: a stranger's, or of a journal that is lost.

use std::time::Duration;

use jiff::Timestamp;
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{Fleet, FleetConfig, Observation, ServerConfig, ServerName};
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::Run;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::directive::{Directive, LookUp, Request};
use provisioning_core::run::event::{CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::facts::{LoginReading, MarkReading, Proof};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Because, Outcome};

const ORDER: &str = r#"{"source": "shop.example", "customerEmail": "ada@example.com",
    "items": [{"code": "wp_growth", "domain": "ada-shop.example"}]}"#;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn hosting() -> StepPath {
    StepPath::from("hosting/wp_growth/ada-shop.example")
}

/// A run and the time of its next event.
struct Story {
    run: Run,
    seconds: i64,
}

impl Story {
    /// A run whose first name the panel has refused as taken.
    fn refused_as_taken() -> Self {
        let name = ServerName::new("np-1").unwrap();
        let config = ServerConfig::new(name.clone(), "http://127.0.0.1:9".parse().unwrap(), 50);
        let counted = Observation::Counted {
            accounts: 0,
            reserved_uncounted: 0,
        };
        let fleet = Fleet::new(FleetConfig::new([config.unwrap()]).unwrap())
            .with_observation(&name, counted);
        let intake = Intake::new(TenantId::new("shop").unwrap())
            .with_order_id("1")
            .with_evidence(PaymentEvidence::Operator {
                name: "tests".to_owned(),
            });
        let order = read_order(ORDER.as_bytes(), &intake).unwrap();
        let inputs = Inputs::new(Capabilities::nextpanel(Duration::from_secs(60)));
        let plan = plan(&order, &Catalog::migrahosting(), &fleet, &inputs, at(0)).unwrap();
        let mut story = Self {
            run: Run::start(plan),
            seconds: 0,
        };
        let credential = story.run.plan().credentials[0].id.clone();
        story.record(Event::CredentialSealed(CredentialSealed {
            credential,
            key_id: "key".to_owned(),
            sealed: "sealed".to_owned(),
        }));
        story.call();
        story.record(Event::Outcome {
            step: hosting(),
            attempt: 1,
            outcome: Outcome::Rejected {
                because: Because::UsernameTaken,
                text: "Username already exists".to_owned(),
            },
        });
        story
    }

    fn record(&mut self, event: Event) {
        self.seconds += 1;
        let at = at(self.seconds);
        self.run.apply(Entry { at, event }).unwrap();
    }

    fn next(&self) -> Directive {
        self.run.next(at(self.seconds + 1)).remove(0)
    }

    fn intent(&self) -> (Event, String) {
        let Directive::Call(call) = self.next() else {
            panic!("{:?}", self.next())
        };
        let Request::CreateHostingAccount { username, .. } = &call.request else {
            panic!("{call:?}")
        };
        let username = username.to_string();
        let intent = Event::Intent(Intent {
            step: call.step,
            attempt: call.attempt,
            candidate: call.candidate,
            server: call.server,
            key: call.key,
        });
        (intent, username)
    }

    /// Records the Intent that is due. The username it is for.
    fn call(&mut self) -> String {
        let (intent, username) = self.intent();
        self.record(intent);
        username
    }

    fn look_up(&self) -> LookUp {
        let Directive::LookUp(look_up) = self.next() else {
            panic!("{:?}", self.next())
        };
        look_up
    }

    fn found(&mut self, finding: Finding) {
        self.record(Event::LookedUp {
            step: hosting(),
            finding,
        });
    }

    fn takes_the_next_name(mut self) {
        assert_eq!(self.call(), self.run.plan_username(1));
    }
}

trait Usernames {
    fn plan_username(&self, number: usize) -> String;
}

impl Usernames for Run {
    fn plan_username(&self, number: usize) -> String {
        let step = self.plan().step(&hosting()).unwrap();
        let provisioning_core::plan::action::Action::CreateHostingAccount(create) = &step.action
        else {
            panic!("{step:?}")
        };
        create.usernames[number].to_string()
    }
}

fn read(matches: Vec<Match>, whole: bool, shows_marks: bool) -> Finding {
    Finding::Read {
        matches,
        whole,
        shows_marks,
    }
}

fn there(mark: MarkReading, login: LoginReading) -> Match {
    Match {
        remote_id: "7".to_owned(),
        username: "adashop".to_owned(),
        mark,
        login,
        bound_to: None,
    }
}

#[test]
fn who_holds_the_name_is_looked_up_before_another_name_is_taken() {
    let story = Story::refused_as_taken();
    let look_up = story.look_up();
    assert_eq!(look_up.username.as_str(), story.run.plan_username(0));
    assert!(
        look_up.tries_password,
        "our mark alone would not make it ours to hand over"
    );
}

#[test]
fn an_account_of_a_lost_journal_is_parked_and_gets_no_sibling() {
    for login in [
        LoginReading::Refused,
        LoginReading::NotOffered,
        LoginReading::NotTried,
    ] {
        let mut story = Story::refused_as_taken();
        story.found(read(vec![there(MarkReading::Ours, login)], true, true));
        let Directive::AskHuman { attention, .. } = story.next() else {
            panic!("{:?}", story.next())
        };
        assert_eq!(
            attention,
            Attention::PasswordUnknown {
                remote_id: "7".to_owned()
            }
        );
        assert!(attention.to_string().contains("set a new one in the panel"));
        // Resuming looks again, and comes to the same: the account is not adopted with a password it does not have.
        story.record(Event::Resumed {
            by: "jo".to_owned(),
        });
        assert!(story.look_up().tries_password);
        story.found(read(vec![there(MarkReading::Ours, login)], true, true));
        assert!(matches!(story.next(), Directive::AskHuman { .. }));
    }
}

#[test]
fn an_account_that_the_sealed_password_opens_is_adopted() {
    for (mark, proof) in [
        (MarkReading::Ours, Proof::MarkReadsBack),
        (MarkReading::Nothing, Proof::PasswordLogsIn),
    ] {
        let mut story = Story::refused_as_taken();
        story.found(read(vec![there(mark, LoginReading::Proved)], true, true));
        assert_eq!(story.run.account(&hosting()).unwrap().proof, proof);
    }
}

#[test]
fn a_name_that_is_foreign_undecidable_or_not_seen_leads_to_the_next_one() {
    for finding in [
        read(
            vec![there(MarkReading::Other, LoginReading::Refused)],
            true,
            true,
        ),
        read(
            vec![there(MarkReading::Nothing, LoginReading::Refused)],
            true,
            true,
        ),
        read(
            vec![there(MarkReading::Nothing, LoginReading::Refused)],
            true,
            false,
        ),
        read(vec![], true, true),
        read(vec![], false, false),
    ] {
        let mut story = Story::refused_as_taken();
        story.found(finding);
        story.takes_the_next_name();
    }
}

#[test]
fn a_look_up_that_fails_is_repeated_and_takes_no_other_name() {
    let mut story = Story::refused_as_taken();
    story.found(Finding::NotPossible {
        text: "connection refused".to_owned(),
        not_before: None,
    });
    assert!(matches!(
        story.next(),
        Directive::Wait { .. } | Directive::LookUp(_)
    ));
    story.seconds += 600;
    assert!(story.look_up().tries_password);
    story.found(read(vec![], true, true));
    story.takes_the_next_name();
}

#[test]
fn a_journal_of_a_build_that_took_the_next_name_at_once_reads_back() {
    // What such a build recorded: the Intent of the second name right after the refusal.
    let mut story = Story::refused_as_taken();
    let with_look_up = {
        let mut other = Story::refused_as_taken();
        other.found(read(vec![], true, true));
        other.intent().0
    };
    story.record(with_look_up);
    let Event::Intent(recorded) = &story.run.journal().entries.last().unwrap().event else {
        panic!()
    };
    assert_eq!((recorded.attempt, recorded.candidate), (2, 1));
    let replayed = Run::replay(story.run.journal().clone()).unwrap();
    assert_eq!(replayed, story.run);
}
