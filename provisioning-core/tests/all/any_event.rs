//! Whatever is applied to whatever state: it follows and is recorded, or it is refused and changes nothing.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use provisioning_core::run::Run;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::{Answer, CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::journal::Journal;
use provisioning_core::run::outcome::{Barrier, Because, Outcome};
use provisioning_core::run::status::RunStatus;

use crate::exactly_once::cases;
use crate::fate::Tape;
use crate::sample::{START, at, eight_steps, server};

const STEPS: [&str; 6] = [
    "hosting/wp_growth/example.com",
    "hosting/wp_growth/example.net",
    "verify/hosting/wp_growth/example.com",
    "attach/hosting/wp_growth/example.com",
    "hand-over",
    "no/such/step",
];

fn a_match(tape: &mut Tape) -> Match {
    use LoginReading::{NotOffered, NotTried, Proved, Refused};
    use MarkReading::{Nothing, Other, Ours};
    Match {
        remote_id: ["7", ""][tape.pick(2)].into(),
        username: ["example", "stranger"][tape.pick(2)].into(),
        mark: [Ours, Other, Nothing][tape.pick(3)],
        login: [NotTried, Proved, Refused, NotOffered][tape.pick(4)],
        bound_to: (tape.pick(4) == 3).then(|| "another run".into()),
    }
}

fn a_finding(tape: &mut Tape, now: i64) -> Finding {
    match tape.pick(6) {
        0 => Finding::NotPossible {
            text: "reset".into(),
            not_before: (tape.pick(2) == 1).then(|| at(now + tape.pick(9_000) as i64)),
        },
        1 => Finding::Denied {
            barrier: Barrier::Unrecognised { status: 403 },
            text: "no".into(),
        },
        _ => Finding::Read {
            matches: (0..tape.pick(3)).map(|_| a_match(tape)).collect(),
            whole: tape.pick(3) > 0,
            shows_marks: tape.pick(2) == 1,
        },
    }
}

fn facts(tape: &mut Tape) -> Facts {
    let username = ["example", "EXAMPLE", "stranger"][tape.pick(3)];
    match tape.pick(5) {
        0 => Facts::Nothing,
        1 | 2 => Facts::Verified(Verified {
            remote_id: ["7", "8"][tape.pick(2)].into(),
            username: username.into(),
            active: tape.pick(4) > 0,
            mark: [MarkReading::Ours, MarkReading::Other][tape.pick(2)],
            login: [LoginReading::Proved, LoginReading::Refused][tape.pick(2)],
            logins_work_here: tape.pick(2) == 1,
        }),
        _ => Facts::HostingAccount(HostingAccount {
            remote_id: ["7", ""][tape.pick(2)].into(),
            username: username.into(),
            server: server(["np-1", "np-2"][tape.pick(2)]),
            proof: Proof::Created,
        }),
    }
}

fn an_outcome(tape: &mut Tape, now: i64) -> Outcome {
    let text = "words".to_owned();
    match tape.pick(6) {
        0 => Outcome::NotSent {
            text,
            retryable: tape.pick(4) > 0,
            not_before: (tape.pick(3) == 2).then(|| at(now + tape.pick(9_000) as i64)),
        },
        1 | 2 => Outcome::Ok { facts: facts(tape) },
        3 => Outcome::Unknown { text },
        4 => Outcome::Denied {
            barrier: Barrier::Unrecognised { status: 401 },
            text,
        },
        _ => Outcome::Rejected {
            because: [
                Because::UsernameTaken,
                Because::DomainTaken,
                Because::ExistsIdUnknown,
                Because::NotFound,
                Because::Invalid,
            ][tape.pick(5)],
            text,
        },
    }
}

/// Any event at all, most often about something that is there.
fn any_event(tape: &mut Tape, run: &Run, now: i64) -> Event {
    let step = STEPS[tape.pick(STEPS.len())].into();
    let attempt = match run.step(&step) {
        Some(state) if tape.pick(5) > 0 => state.attempt,
        _ => tape.pick(4) as u32,
    };
    let by = "somebody".to_owned();
    match tape.pick(14) {
        0 => Event::CredentialSealed(CredentialSealed {
            credential: STEPS[tape.pick(STEPS.len())].into(),
            key_id: "key-1".into(),
            sealed: "bytes".into(),
        }),
        1 => Event::Intent(Intent {
            key: run.plan().id.idempotency_key(&step, tape.pick(2) as u32),
            step,
            attempt: attempt.wrapping_add(1),
            candidate: tape.pick(2) as u32,
            server: [None, Some(server("np-1"))][tape.pick(2)].clone(),
        }),
        2..=4 => Event::Outcome {
            step,
            attempt,
            outcome: an_outcome(tape, now),
        },
        5 => Event::Interrupted { step, attempt },
        6 | 7 => Event::LookedUp {
            step,
            finding: a_finding(tape, now),
        },
        8 => Event::HumanAnswered {
            step,
            answer: match tape.pick(5) {
                0 => Answer::Exists {
                    remote_id: ["7", ""][tape.pick(2)].into(),
                    username: [None, Some("example".to_owned())][tape.pick(2)].clone(),
                },
                1 => Answer::SendAgain,
                2 => Answer::TryAgain,
                3 => Answer::WasDone,
                _ => Answer::Abandon,
            },
            by,
        },
        9 => Event::Resumed { by },
        10 => Event::ManualConfirmed { step, by },
        11 => Event::CredentialConfirmed {
            credential: STEPS[tape.pick(STEPS.len())].into(),
            by,
        },
        12 => Event::CredentialErased {
            credential: STEPS[tape.pick(STEPS.len())].into(),
        },
        // A cancelled run does little more, so it is rare.
        _ if tape.pick(6) == 5 => Event::Cancelled {
            by,
            reason: "refund".into(),
        },
        _ => Event::Resumed { by },
    }
}

/// The event with which an engine follows a directive.
fn following(directive: &Directive) -> Option<Event> {
    match directive {
        Directive::Seal(spec) => Some(Event::CredentialSealed(CredentialSealed {
            credential: spec.id.clone(),
            key_id: "key-1".into(),
            sealed: "bytes".into(),
        })),
        Directive::Call(call) => Some(Event::Intent(Intent {
            step: call.step.clone(),
            attempt: call.attempt,
            candidate: call.candidate,
            server: call.server.clone(),
            key: call.key,
        })),
        Directive::LookUp(look_up) => Some(Event::LookedUp {
            step: look_up.step.clone(),
            finding: Finding::Read {
                matches: Vec::new(),
                whole: true,
                shows_marks: true,
            },
        }),
        Directive::AskHuman { step, .. } => Some(Event::HumanAnswered {
            step: step.clone(),
            answer: Answer::Abandon,
            by: "support".into(),
        }),
        Directive::Confirm(credential) => Some(Event::CredentialConfirmed {
            credential: credential.clone(),
            by: "client".into(),
        }),
        Directive::Erase(credential) => Some(Event::CredentialErased {
            credential: credential.clone(),
        }),
        _ => None,
    }
}

fn numbers() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..400)
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn every_event_follows_or_is_refused_without_a_trace(numbers in numbers()) {
        let mut tape = Tape::new(numbers);
        let mut run = Run::start(eight_steps());
        let mut now = START;
        for _ in 0..60 {
            // Clocks of engines differ, and go backwards.
            now += tape.pick(12_000) as i64 - 2_000;
            let directives = run.next(at(now));
            let under_way = !run.interrupted().is_empty();
            prop_assert!(!directives.is_empty() || under_way, "nothing to do, and not over");
            let over = matches!(directives.as_slice(), [Directive::Done(_)]);
            prop_assert_eq!(over, matches!(run.status(at(now)), RunStatus::Over(_)));
            for directive in &directives {
                // No directive is issued that the journal does not allow.
                if let Some(event) = following(directive) {
                    let refused = run.clone().apply(Entry { at: at(now), event });
                    prop_assert!(refused.is_ok(), "{directive:?}: {refused:?}");
                }
                if let Directive::Wait { until, .. } = directive {
                    prop_assert!(*until > at(now));
                }
            }
            let event = match directives.get(tape.pick(directives.len() + 1)).and_then(following) {
                Some(event) if tape.pick(3) > 0 => event,
                _ => any_event(&mut tape, &run, now),
            };
            let before = run.clone();
            match run.apply(Entry { at: at(now), event: event.clone() }) {
                Ok(()) => prop_assert_eq!(run.journal().entries.len(), before.journal().entries.len() + 1),
                Err(refused) => {
                    prop_assert_eq!(&run, &before, "{:?} was refused ({}) and left a trace", event, refused);
                    prop_assert!(!refused.to_string().is_empty());
                }
            }
        }
        let text = serde_json::to_string(run.journal()).unwrap();
        let replayed = Run::replay(Journal::from_json(&text).unwrap());
        prop_assert_eq!(replayed, Ok(run));
    }
}
