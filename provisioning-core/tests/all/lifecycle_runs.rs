//! Runs over accounts that exist: what is sent again, what is looked up, and what asks a human.

use provisioning_core::payment::BY_PAYMENT;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::VerbDeclaration;
use provisioning_core::planner::lifecycle::{suspend, terminate};
use provisioning_core::run::Run;
use provisioning_core::run::account_reading::{AccountReading, PresentAccount};
use provisioning_core::run::attention::Attention;
use provisioning_core::run::directive::{Directive, LookUp, Request};
use provisioning_core::run::event::{Answer, Entry, Event};
use provisioning_core::run::facts::{Facts, LoginReading, MarkReading};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Barrier, Because, Outcome};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_core::run::step_state::Phase;

use crate::hosted::{
    DAY, LONGEST, at, begin, came, carried_out, carry_out, due, inputs, inputs_by_hand, record,
};
use crate::lifecycle_plans::{accounts, grounds, refund, things};

fn suspension() -> Plan {
    let key = "migrahosting/shop/live/A-1001".parse().unwrap();
    suspend(&key, &things(), &refund(), &inputs(), at(DAY)).unwrap()
}

fn termination() -> Plan {
    let key = "migrahosting/shop/live/A-1001".parse().unwrap();
    terminate(&key, &things(), &grounds(), &inputs(), at(40 * DAY)).unwrap()
}

fn removal_step() -> StepPath {
    StepPath::from("terminate/hosting/starter/shop.example")
}

fn unknown() -> Outcome {
    Outcome::Unknown {
        text: "connection reset".into(),
    }
}

/// A run of the termination whose only call has just ended so, after `second` seconds.
fn terminating(second: i64, outcome: Outcome) -> Run {
    let mut run = Run::start(termination());
    let call = due(&run, second);
    begin(&mut run, second, &call);
    came(&mut run, second, &call, outcome);
    run
}

fn look_up(run: &Run, second: i64) -> LookUp {
    match run.next(at(second)).as_slice() {
        [Directive::LookUp(look_up)] => look_up.clone(),
        other => panic!("no look-up is due: {other:?}"),
    }
}

fn found(run: &mut Run, second: i64, finding: Finding) {
    let step = look_up(run, second).step;
    record(run, second, Event::LookedUp { step, finding });
}

fn shows(matches: Vec<Match>) -> Finding {
    Finding::Read {
        matches,
        whole: true,
        shows_marks: true,
    }
}

fn row(id: &str, username: &str, mark: MarkReading) -> Match {
    Match {
        remote_id: id.into(),
        username: username.into(),
        mark,
        login: LoginReading::NotTried,
        // The run that created it has it.
        bound_to: Some("the provisioning run".into()),
    }
}

fn phase<'a>(run: &'a Run, path: &StepPath) -> &'a Phase {
    &run.step(path).unwrap().phase
}

#[test]
fn a_suspension_names_the_account_it_means() {
    let run = Run::start(suspension());
    let call = due(&run, DAY);
    assert_eq!(call.server.unwrap().as_str(), "np-1");
    let Request::SuspendAccount(suspend) = call.request else {
        panic!("{:?}", call.request);
    };
    let known = &accounts()[0];
    assert_eq!(suspend.account.account.remote_id, "41");
    assert_eq!(suspend.account.account.username, known.account.username);
    assert_eq!(suspend.account.mark, known.mark);
    assert_eq!(suspend.reason.to_string(), "the payment was refunded");
}

#[test]
fn a_plan_is_carried_out_and_verified() {
    for plan in [suspension(), termination()] {
        let run = carried_out(plan);
        assert_eq!(run.status(at(41 * DAY)), RunStatus::Over(Conclusion::Done));
    }
}

#[test]
fn an_unknown_suspension_is_sent_again_because_it_changes_nothing_more() {
    let mut run = Run::start(suspension());
    let call = due(&run, 0);
    begin(&mut run, 0, &call);
    came(&mut run, 0, &call, unknown());
    assert!(matches!(
        run.next(at(0)).as_slice(),
        [Directive::Wait { .. }]
    ));
    let again = due(&run, 10);
    assert_eq!((again.attempt, again.key), (2, call.key));
    assert_eq!(again.request, call.request);
}

#[test]
fn an_unknown_termination_is_looked_up_by_id_and_never_resent_on_a_guess() {
    let run = terminating(0, unknown());
    let look_up = look_up(&run, 0);
    assert_eq!(look_up.remote_id.as_deref(), Some("41"));
    assert_eq!(look_up.username, accounts()[0].account.username);
    assert_eq!(look_up.mark, accounts()[0].mark);
    assert_eq!(look_up.credential, None);
}

#[test]
fn an_account_that_is_gone_counts_as_terminated() {
    let mut run = terminating(0, unknown());
    found(&mut run, 1, shows(vec![]));
    assert_eq!(phase(&run, &removal_step()), &Phase::Done(Facts::Nothing));
    carry_out(&mut run, 2);
    assert_eq!(run.status(at(2)), RunStatus::Over(Conclusion::Done));
}

#[test]
fn not_found_is_believed_only_after_the_account_was_looked_for() {
    let not_found = Outcome::Rejected {
        because: Because::NotFound,
        text: "User not found".into(),
    };
    let mut run = terminating(0, not_found);
    assert!(matches!(
        phase(&run, &removal_step()),
        Phase::LookingUp { .. }
    ));
    found(&mut run, 1, shows(vec![]));
    assert_eq!(phase(&run, &removal_step()), &Phase::Done(Facts::Nothing));
}

#[test]
fn a_panel_that_does_not_find_what_it_shows_ends_with_a_human() {
    let not_found = || Outcome::Rejected {
        because: Because::NotFound,
        text: "Not Found".into(),
    };
    let ours = accounts()[0].account.username.clone();
    let mut run = Run::start(termination());
    let mut second = 0;
    let mut calls = 0;
    for _ in 0..100 {
        match run.next(at(second)).into_iter().next() {
            Some(Directive::Call(call)) => {
                calls += 1;
                begin(&mut run, second, &call);
                came(&mut run, second, &call, not_found());
            }
            Some(Directive::LookUp(_)) => {
                let row = row("41", &ours, MarkReading::Ours);
                found(&mut run, second, shows(vec![row]));
            }
            Some(Directive::Wait { until, .. }) => {
                second = until.as_second() - at(0).as_second() + 1;
            }
            _ => break,
        }
    }
    assert!(
        matches!(
            phase(&run, &removal_step()),
            Phase::Parked(Attention::Unreachable { .. })
        ),
        "{:?}",
        run.step(&removal_step())
    );
    assert!((2..=8).contains(&calls), "{calls} requests");
}

#[test]
fn an_account_that_is_still_there_is_terminated_again_when_the_first_request_cannot_arrive_any_more()
 {
    let username = accounts()[0].account.username.to_uppercase();
    let still_there = || shows(vec![row("41", &username, MarkReading::Ours)]);
    let mut run = terminating(0, unknown());
    found(&mut run, 1, still_there());
    assert!(
        matches!(run.next(at(2)).as_slice(), [Directive::Wait { until, .. }] if *until == at(1 + LONGEST)),
        "a second request while the first may arrive could reach an account that has got the id since"
    );
    found(&mut run, 1 + LONGEST, still_there());
    let again = due(&run, 1 + LONGEST + 10);
    assert_eq!(again.attempt, 2);
}

#[test]
fn an_id_that_leads_to_another_account_asks_a_human() {
    let ours = accounts()[0].account.username.clone();
    for row in [
        row("41", "bob", MarkReading::Ours),
        row("41", &ours, MarkReading::Other),
    ] {
        let mut run = terminating(0, unknown());
        found(&mut run, 1, shows(vec![row]));
        assert!(matches!(
            run.next(at(2)).as_slice(),
            [Directive::AskHuman {
                attention: Attention::Foreign,
                ..
            }]
        ));
    }
}

#[test]
fn a_row_of_another_id_says_nothing_about_the_account() {
    let ours = accounts()[0].account.username.clone();
    let mut run = terminating(0, unknown());
    found(
        &mut run,
        1,
        shows(vec![row("99", &ours, MarkReading::Nothing)]),
    );
    assert_eq!(phase(&run, &removal_step()), &Phase::Done(Facts::Nothing));
}

#[test]
fn a_list_that_may_lack_rows_is_no_proof_that_the_account_is_gone() {
    let mut run = terminating(0, unknown());
    let partial = Finding::Read {
        matches: vec![],
        whole: false,
        shows_marks: true,
    };
    let mut second = 1;
    while let Phase::LookingUp { .. } = phase(&run, &removal_step()) {
        second += 600;
        found(&mut run, second, partial.clone());
    }
    let attention = Attention::ChangeUnknown {
        text: "the list the panel sent cannot be shown to be whole".into(),
    };
    assert_eq!(
        phase(&run, &removal_step()),
        &Phase::Parked(attention.clone())
    );
    assert_eq!(
        attention.choices(),
        [
            "it was done",
            "it was not done, send again",
            "try again where it stood",
            "abandon this step (nothing is deleted)"
        ]
    );
    // Trying again looks; it never sends.
    let answered = |answer| Event::HumanAnswered {
        step: removal_step(),
        answer,
        by: "ines".into(),
    };
    let mut looked = run.clone();
    record(&mut looked, second, answered(Answer::TryAgain));
    assert_eq!(look_up(&looked, second).remote_id.as_deref(), Some("41"));
    let mut done = run.clone();
    record(&mut done, second, answered(Answer::WasDone));
    assert_eq!(phase(&done, &removal_step()), &Phase::Done(Facts::Nothing));
    // Whoever says so may be wrong: the account is read back all the same.
    assert!(matches!(
        due(&done, second).request,
        Request::CheckAccount(_)
    ));
    record(&mut run, second, answered(Answer::SendAgain));
    assert_eq!(due(&run, second).attempt, 2);
}

/// A verb of a host's own that nothing is known of: it can neither be sent twice nor looked up.
#[test]
fn an_undeclared_change_of_unknown_outcome_is_settled_by_whoever_looks() {
    let mut plan = suspension();
    for step in &mut plan.steps {
        if matches!(step.action, Action::SuspendAccount(_)) {
            step.verb = Some(VerbDeclaration::undeclared());
        }
    }
    let mut run = Run::start(plan);
    let call = due(&run, 0);
    begin(&mut run, 0, &call);
    came(&mut run, 0, &call, unknown());
    let (step, attention) = run.parked()[0];
    assert!(
        matches!(attention, Attention::ChangeUnknown { .. }),
        "{attention}"
    );
    let answered = |answer| Event::HumanAnswered {
        step: step.clone(),
        answer,
        by: "ines".into(),
    };
    let (was_done, exists) = (
        answered(Answer::WasDone),
        answered(Answer::Exists {
            remote_id: "41".into(),
            username: None,
        }),
    );
    let entry = |event| Entry { at: at(1), event };
    assert!(run.clone().apply(entry(exists)).is_err());
    let kept = serde_json::to_string(&was_done).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&kept).unwrap(), was_done);
    record(&mut run, 1, was_done);
    carry_out(&mut run, 2);
    assert_eq!(run.status(at(2)), RunStatus::Over(Conclusion::Done));
}

#[test]
fn what_a_person_has_done_for_a_refused_key_is_done() {
    let mut run = Run::start(suspension());
    let call = due(&run, 0);
    begin(&mut run, 0, &call);
    let refused = Outcome::Denied {
        barrier: Barrier::Unrecognised { status: 403 },
        text: "not today".into(),
    };
    came(&mut run, 0, &call, refused);
    let was_done = Event::HumanAnswered {
        step: call.step,
        answer: Answer::WasDone,
        by: "ines".into(),
    };
    record(&mut run, 1, was_done);
    carry_out(&mut run, 2);
    assert_eq!(run.status(at(2)), RunStatus::Over(Conclusion::Done));
}

#[test]
fn a_look_up_that_is_refused_or_paused_sends_nothing() {
    let mut run = terminating(0, unknown());
    let pause = Finding::NotPossible {
        text: "429".into(),
        not_before: Some(at(30)),
    };
    found(&mut run, 1, pause);
    assert!(
        matches!(run.next(at(2)).as_slice(), [Directive::Wait { until, .. }] if *until == at(30))
    );
    let denied = Finding::Denied {
        barrier: provisioning_core::run::outcome::Barrier::Unrecognised { status: 403 },
        text: "no".into(),
    };
    found(&mut run, 30, denied);
    assert!(matches!(
        run.next(at(31)).as_slice(),
        [Directive::AskHuman {
            attention: Attention::Denied {
                looking_up: true,
                ..
            },
            ..
        }]
    ));
    record(
        &mut run,
        40,
        Event::Resumed {
            by: "new key".into(),
        },
    );
    assert_eq!(look_up(&run, 40).step, removal_step());
}

#[test]
fn a_call_that_found_another_account_asks_a_human() {
    let other = Outcome::Rejected {
        because: Because::OtherAccount,
        text: "41 is `bob`".into(),
    };
    let run = terminating(0, other);
    let Phase::Parked(attention) = phase(&run, &removal_step()) else {
        panic!("{:?}", run.step(&removal_step()));
    };
    assert_eq!(
        attention.to_string(),
        "the id leads to another account, to which nothing was done: 41 is `bob`"
    );
    assert!(!attention.may_exist() && !attention.may_be_sent_again());
}

#[test]
fn an_answer_about_something_else_is_no_answer() {
    let odd = Facts::AccountReading(AccountReading::Gone);
    let run = terminating(0, Outcome::Ok { facts: odd });
    assert!(matches!(
        phase(&run, &removal_step()),
        Phase::LookingUp { .. }
    ));
}

#[test]
fn what_is_read_back_is_held_against_what_was_wanted() {
    let mut run = Run::start(suspension());
    let call = due(&run, 0);
    begin(&mut run, 0, &call);
    came(
        &mut run,
        0,
        &call,
        Outcome::Ok {
            facts: Facts::Nothing,
        },
    );
    let check = due(&run, 1);
    begin(&mut run, 1, &check);
    let active = Facts::AccountReading(AccountReading::Present(PresentAccount {
        remote_id: "41".into(),
        username: accounts()[0].account.username.clone(),
        mark: MarkReading::Ours,
        active: Some(true),
        package_id: None,
    }));
    came(&mut run, 1, &check, Outcome::Ok { facts: active });
    assert!(
        matches!(phase(&run, &check.step), Phase::Parked(Attention::VerificationFailed { failures }) if failures == &["account 41 is still active"])
    );
}

#[test]
fn a_404_shows_a_removal_and_fails_a_suspension() {
    let not_found = || Outcome::Rejected {
        because: Because::NotFound,
        text: "User not found".into(),
    };
    let mut run = terminating(
        0,
        Outcome::Ok {
            facts: Facts::Nothing,
        },
    );
    let check = due(&run, 1);
    begin(&mut run, 1, &check);
    came(&mut run, 1, &check, not_found());
    assert_eq!(run.status(at(2)), RunStatus::Over(Conclusion::Done));

    let mut run = Run::start(suspension());
    let call = due(&run, 0);
    begin(&mut run, 0, &call);
    came(&mut run, 0, &call, not_found());
    assert!(matches!(
        phase(&run, &call.step),
        Phase::Parked(Attention::Refused {
            because: Because::NotFound,
            ..
        })
    ));
}

#[test]
fn what_no_executor_does_waits_for_a_person_who_says_that_it_is_done() {
    let key = "migrahosting/shop/live/A-1001".parse().unwrap();
    let plan = suspend(&key, &things(), &refund(), &inputs_by_hand(), at(DAY)).unwrap();
    let mut run = Run::start(plan);
    let path = StepPath::from("suspend/hosting/starter/shop.example");
    assert!(
        matches!(run.status(at(DAY)), RunStatus::Over(Conclusion::DoneExceptManual { steps }) if steps == [path.clone()])
    );
    assert!(!run.is_carried_out(&path));
    let work = run.instructions(&path).unwrap();
    let username = &accounts()[0].account.username;
    assert!(
        work.instructions.contains(username) && work.instructions.contains("np-1"),
        "{}",
        work.instructions
    );
    let by = "ines".to_owned();
    record(
        &mut run,
        DAY,
        Event::ManualConfirmed {
            step: path.clone(),
            by,
        },
    );
    assert!(run.is_carried_out(&path));
    assert_eq!(run.status(at(DAY)), RunStatus::Over(Conclusion::Done));
}

#[test]
fn a_cancelled_termination_sends_nothing_and_a_reinstated_one_goes_on() {
    let mut run = Run::start(termination());
    let reinstated = Event::Reinstated {
        by: BY_PAYMENT.into(),
        reason: "the order was paid".into(),
    };
    let refused = run.apply(provisioning_core::run::event::Entry {
        at: at(0),
        event: reinstated.clone(),
    });
    assert_eq!(refused.unwrap_err().to_string(), "the run is not cancelled");
    let cancelled = Event::Cancelled {
        by: BY_PAYMENT.into(),
        reason: "the order was paid".into(),
    };
    record(&mut run, 0, cancelled);
    assert_eq!(run.cancelled().unwrap().0, BY_PAYMENT);
    assert!(matches!(
        run.next(at(1)).as_slice(),
        [Directive::Done(Conclusion::Cancelled { .. })]
    ));
    record(&mut run, 2, reinstated);
    assert_eq!(due(&run, 3).attempt, 1);
}
