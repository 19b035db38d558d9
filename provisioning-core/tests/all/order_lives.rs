//! Orders from their payment to their end: what payment events do to runs, carried out.

use provisioning_core::order::PaymentEventKind::{Disputed, Paid, Refunded};
use provisioning_core::payment::{
    Accounts, AllowedBy, BY_PAYMENT, PaymentPolicy, PaymentState, Provisioning, Question, Reaction,
    RunPosition, TerminationGrounds, react,
};
use provisioning_core::plan::action::SuspensionReason;
use provisioning_core::plan::id::Operation;
use provisioning_core::planner::lifecycle::{
    Observed, next_generation, suspend, terminate, unsuspend,
};
use provisioning_core::run::Run;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::{CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::facts::{Facts, HostingAccount, Proof};
use provisioning_core::run::outcome::Outcome;

use crate::hosted::{
    DAY, at, begin, came, carried_out, carry_out, due, inputs, inputs_by_hand, item, planned,
    record, starter_with_backups,
};
use crate::payment_reactions::{days, position, state, suspended};

/// Everything that a host would do with the reactions, until nothing more follows.
struct Host {
    runs: Vec<Run>,
    reactions: Vec<Reaction>,
}

impl Host {
    fn position(&self, second: i64) -> RunPosition {
        let runs: Vec<&Run> = self.runs.iter().collect();
        RunPosition::of(&runs, at(second))
    }

    fn observed(&self) -> Observed {
        Observed::of(&self.runs)
    }

    /// Reacts once; `false` when nothing follows.
    fn react(&mut self, state: &PaymentState, second: i64) -> bool {
        let policy = PaymentPolicy::default();
        let reaction = react(state, &self.position(second), &policy, at(second));
        let key = self.runs[0].plan().order.clone();
        let things = self.observed();
        let generation =
            |operation| inputs().with_generation(next_generation(&self.runs, operation));
        match &reaction {
            Reaction::Nothing | Reaction::Wait { .. } | Reaction::AskHuman(_) => return false,
            Reaction::Suspend { event } => {
                let reason = SuspensionReason::Payment { event: *event };
                let inputs = generation(Operation::Suspend);
                let plan = suspend(&key, &things, &reason, &inputs, at(second)).unwrap();
                self.runs.push(Run::start(plan));
            }
            Reaction::Unsuspend => {
                let inputs = generation(Operation::Unsuspend);
                let plan = unsuspend(&key, &things, &inputs, at(second)).unwrap();
                self.runs.push(Run::start(plan));
            }
            Reaction::Resubmit => {
                let mut plan = self.runs[0].plan().clone();
                plan.generation = next_generation(&self.runs, Operation::Provision);
                plan.planned_at = at(second);
                self.runs.push(Run::start(plan));
            }
            other => {
                let event = other.journal_event().unwrap();
                record(self.runs.last_mut().unwrap(), second, event);
            }
        }
        self.reactions.push(reaction);
        true
    }
}

/// Makes the password that the first call needs.
fn seal(run: &mut Run) {
    let Some(Directive::Seal(spec)) = run.next(at(0)).into_iter().next() else {
        panic!("no password is due");
    };
    let sealed = Event::CredentialSealed(CredentialSealed {
        credential: spec.id,
        key_id: "key-1".into(),
        sealed: "AAAA".into(),
    });
    record(run, 0, sealed);
}

#[test]
fn a_refund_before_the_hosting_intent_sends_nothing() {
    let mut run = Run::start(planned(vec![item("items[0]", "starter", "shop.example")]));
    assert_eq!(
        RunPosition::of(&[&run], at(0)).provisioning,
        Provisioning::NotBegun
    );
    // Even with the password made already.
    seal(&mut run);
    let call = due(&run, 1);
    let mut host = Host {
        runs: vec![run],
        reactions: Vec::new(),
    };
    let refunded = PaymentState::default()
        .with(Paid, at(0))
        .with(Refunded, at(1));
    while host.react(&refunded, 2) {}
    assert_eq!(
        host.reactions,
        [Reaction::CancelBeforeHosting { event: Refunded }]
    );
    let run = &mut host.runs[0];
    for second in [2, DAY, 400 * DAY] {
        let calls = run
            .next(at(second))
            .into_iter()
            .filter(|directive| matches!(directive, Directive::Call(_) | Directive::LookUp(_)))
            .count();
        assert_eq!(calls, 0);
    }
    // A worker that was told to call before the refund came cannot record its Intent any more.
    let intent = Event::Intent(Intent {
        step: call.step.clone(),
        attempt: call.attempt,
        candidate: call.candidate,
        server: call.server.clone(),
        key: call.key,
    });
    let refused = run.apply(Entry {
        at: at(2),
        event: intent,
    });
    assert_eq!(refused.unwrap_err().to_string(), "the run is cancelled");
    // Paid after all: a new generation, because nothing exists.
    let paid = refunded.with(Paid, at(DAY));
    assert!(host.react(&paid, DAY));
    assert_eq!(host.reactions[1], Reaction::Resubmit);
    assert!(!host.react(&paid, DAY));
}

#[test]
fn a_refund_while_hosting_is_under_way_suspends_what_turns_out_to_exist() {
    let mut run = Run::start(planned(vec![item("items[0]", "starter", "shop.example")]));
    seal(&mut run);
    let call = due(&run, 0);
    begin(&mut run, 0, &call);
    let refunded = PaymentState::default()
        .with(Paid, at(0))
        .with(Refunded, at(1));
    let mut host = Host {
        runs: vec![run],
        reactions: Vec::new(),
    };
    assert!(host.react(&refunded, 2));
    assert_eq!(
        host.reactions,
        [Reaction::CancelUnderWay { event: Refunded }]
    );
    // The call is still out: nothing more until it is settled.
    assert!(!host.react(&refunded, 3));
    let facts = Facts::HostingAccount(HostingAccount {
        remote_id: "41".into(),
        username: "shop".into(),
        server: call.server.clone().unwrap(),
        proof: Proof::Created,
    });
    came(&mut host.runs[0], 4, &call, Outcome::Ok { facts });
    while host.react(&refunded, 5) {}
    assert_eq!(host.reactions[1..], [Reaction::Suspend { event: Refunded }]);
    carry_out(host.runs.last_mut().unwrap(), 6);
    assert!(matches!(
        host.position(7).accounts,
        Accounts::Suspended {
            carried_out: true,
            for_payment: true,
            ..
        }
    ));
    // Paid again: served again, and the run goes on to verify and hand over.
    let paid = refunded.with(Paid, at(DAY));
    assert!(host.react(&paid, DAY));
    carry_out(host.runs.last_mut().unwrap(), DAY);
    assert_eq!(host.reactions[2], Reaction::Unsuspend);
    let runs: Vec<&Run> = host.runs.iter().collect();
    let next = react(
        &paid,
        &RunPosition::of(&runs, at(DAY + 1)),
        &PaymentPolicy::default(),
        at(DAY + 1),
    );
    assert_eq!(next, Reaction::Reinstate);
    record(&mut host.runs[0], DAY + 1, next.journal_event().unwrap());
    carry_out(&mut host.runs[0], DAY + 2);
    assert!(!host.react(&paid, DAY + 3));
    assert_eq!(host.position(DAY + 3).provisioning, Provisioning::Settled);
}

#[test]
fn a_termination_that_a_person_was_told_to_do_is_not_called_back_by_a_payment() {
    let provisioned = starter_with_backups();
    let refunded = state(&[(Refunded, 2)]);
    let ripe = position(Provisioning::Settled, suspended(2, true));
    let by = AllowedBy::Human {
        name: "ines".into(),
    };
    let grounds =
        TerminationGrounds::establish(&refunded, &ripe, days(30), by, at(40 * DAY)).unwrap();
    let things = Observed::of([&provisioned]);
    let key = &provisioned.plan().order;
    let plan = terminate(key, &things, &grounds, &inputs_by_hand(), at(40 * DAY)).unwrap();
    let told = Run::start(plan);
    let position = RunPosition::of(&[&provisioned, &told], at(40 * DAY));
    assert_eq!(position.accounts, Accounts::Terminating { begun: true });
    let paid = refunded.with(Paid, at(41 * DAY));
    let reaction = react(&paid, &position, &PaymentPolicy::default(), at(41 * DAY));
    let paid_at = at(41 * DAY);
    assert_eq!(
        reaction,
        Reaction::AskHuman(Question::PaidDuringTermination { paid_at })
    );
}

#[test]
fn the_whole_life_of_an_order() {
    let mut host = Host {
        runs: vec![starter_with_backups()],
        reactions: Vec::new(),
    };
    let settled = RunPosition {
        provisioning: Provisioning::Settled,
        accounts: Accounts::Serving,
        amendment: None,
    };
    assert_eq!(host.position(60), settled);
    let mut payment = PaymentState::default().with(Paid, at(0));
    assert!(!host.react(&payment, 60));
    payment.happened(Disputed, at(DAY));
    assert!(host.react(&payment, DAY));
    // Decided, and not carried out yet: nothing twice.
    assert!(!host.react(&payment, DAY));
    carry_out(host.runs.last_mut().unwrap(), DAY);
    payment.happened(Paid, at(2 * DAY));
    assert!(host.react(&payment, 2 * DAY));
    assert!(!host.react(&payment, 2 * DAY));
    carry_out(host.runs.last_mut().unwrap(), 2 * DAY);
    payment.happened(Refunded, at(3 * DAY));
    assert!(host.react(&payment, 3 * DAY));
    carry_out(host.runs.last_mut().unwrap(), 3 * DAY);
    assert_eq!(
        host.reactions,
        [
            Reaction::Suspend { event: Disputed },
            Reaction::Unsuspend,
            Reaction::Suspend { event: Refunded },
        ]
    );
    assert_eq!(host.runs.last().unwrap().plan().generation, 1);
    assert!(!host.react(&payment, 40 * DAY), "a person is asked");

    let by = AllowedBy::Human {
        name: "ines".into(),
    };
    let position = host.position(40 * DAY);
    let grounds =
        TerminationGrounds::establish(&payment, &position, days(30), by, at(40 * DAY)).unwrap();
    let key = host.runs[0].plan().order.clone();
    let things = host.observed();
    let plan = terminate(&key, &things, &grounds, &inputs(), at(40 * DAY)).unwrap();
    host.runs.push(Run::start(plan.clone()));
    assert_eq!(
        host.position(40 * DAY).accounts,
        Accounts::Terminating { begun: false }
    );

    // A payment that comes before the request has left stops it.
    let in_time = payment.clone().with(Paid, at(40 * DAY));
    assert!(host.react(&in_time, 40 * DAY));
    assert_eq!(host.reactions[3], Reaction::CancelTermination);
    assert_eq!(host.runs.last().unwrap().cancelled().unwrap().0, BY_PAYMENT);
    assert!(host.react(&in_time, 40 * DAY));
    assert_eq!(host.reactions[4], Reaction::Unsuspend);

    // One that comes afterwards is for a person.
    host.runs.truncate(host.runs.len() - 2);
    host.runs.push(carried_out(plan));
    assert_eq!(
        host.position(41 * DAY).accounts,
        Accounts::Gone { at: at(40 * DAY) }
    );
    assert_eq!(host.observed().accounts, []);
    let late = payment.with(Paid, at(41 * DAY));
    let reaction = react(
        &late,
        &host.position(41 * DAY),
        &PaymentPolicy::default(),
        at(41 * DAY),
    );
    let paid_at = at(41 * DAY);
    assert_eq!(
        reaction,
        Reaction::AskHuman(Question::PaidAfterTermination { paid_at })
    );
}
