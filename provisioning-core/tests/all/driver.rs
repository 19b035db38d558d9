//! A small engine without a clock: it carries out what the run directs against the model, dies where it is told to, and
//! checks every rule on the way.

mod answering;
mod calling;
mod rules;

use std::collections::BTreeSet;

use provisioning_core::plan::Plan;
use provisioning_core::run::Run;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::{CredentialSealed, Entry, Event};
use provisioning_core::run::journal::Journal;
use provisioning_core::run::outcome::Outcome;
use provisioning_core::run::status::Conclusion;

use crate::fate::{Fates, Point};
use crate::model_panel::Panels;
use crate::sample::{LONGEST, at};
use rules::Rules;

/// No schedule takes more acts than this to come to an end; one that does is stuck or spins.
const MOST_ACTS: usize = 3_000;

/// How often a run may act without time passing: candidates, servers and failures are all few.
const MOST_ACTS_AT_ONCE: u32 = 80;

/// A call that was carried out and whose outcome is not recorded yet.
#[derive(Debug, Clone)]
struct Carried {
    event: Event,
}

/// Whether each change is also checked against a replay of the journal's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replays {
    /// Only where the process dies.
    WhenItDies,
    /// After every single event.
    AfterEveryEvent,
}

pub(crate) struct Driver<'a, F> {
    pub(crate) run: Run,
    pub(crate) panels: Panels,
    pub(crate) fates: &'a mut F,
    /// Everything of interest that happened, for coverage.
    pub(crate) seen: BTreeSet<String>,
    carried: Vec<Carried>,
    rules: Rules,
    replays: Replays,
    /// The last instant at which something was done, and how often by now.
    acted_at: i64,
    acts_at_once: u32,
    answers: u32,
}

impl<'a, F: Fates> Driver<'a, F> {
    pub(crate) fn new(plan: Plan, panels: Panels, fates: &'a mut F) -> Self {
        Self {
            run: Run::start(plan),
            panels,
            fates,
            seen: BTreeSet::new(),
            carried: Vec::new(),
            rules: Rules::default(),
            replays: Replays::WhenItDies,
            acted_at: 0,
            acts_at_once: 0,
            answers: 0,
        }
    }

    pub(crate) fn replaying(mut self, replays: Replays) -> Self {
        self.replays = replays;
        self
    }

    /// Acts until the run is over, then lets everything that is on its way arrive.
    pub(crate) fn finish(&mut self) -> Conclusion {
        for _ in 0..MOST_ACTS {
            if let Some(conclusion) = self.act() {
                self.seen(format!("ended {}", name(&conclusion)));
                let last = self.panels.now + 2 * LONGEST as i64;
                self.panels.advance_to(last);
                self.check_truth();
                self.check_end(&conclusion);
                return conclusion;
            }
        }
        panic!(
            "stuck: {:?}\n{}",
            self.run.status(at(self.panels.now)),
            self.journal()
        );
    }

    /// One act. The conclusion, once there is one.
    pub(crate) fn act(&mut self) -> Option<Conclusion> {
        let directives = self.run.next(at(self.panels.now));
        if let [Directive::Done(conclusion)] = directives.as_slice() {
            assert!(self.carried.is_empty(), "over with a call under way");
            return Some(conclusion.clone());
        }
        let mut waits: Vec<i64> = Vec::new();
        let mut asked = Vec::new();
        let mut doable = Vec::new();
        for directive in directives {
            match directive {
                Directive::Wait { until, .. } => {
                    assert!(until > at(self.panels.now), "a wait that is over");
                    // Instants between two milliseconds are waited for to the end of the millisecond.
                    waits.push(until.as_millisecond() + 1);
                }
                Directive::AskHuman { step, attention } => asked.push((step, attention)),
                Directive::Done(_) => panic!("done, and more to do"),
                other => doable.push(other),
            }
        }
        let choices = doable.len() + self.carried.len();
        if choices > 0 {
            if self.acted_at != self.panels.now {
                self.acted_at = self.panels.now;
                self.acts_at_once = 0;
            }
            self.acts_at_once += 1;
            assert!(
                self.acts_at_once < MOST_ACTS_AT_ONCE,
                "spins without time passing\n{}",
                self.journal()
            );
            let which = self.fates.which(choices);
            if which < self.carried.len() {
                self.settle(which);
            } else {
                self.carry_out(doable.swap_remove(which - self.carried.len()));
            }
        } else if let Some(until) = waits.into_iter().min() {
            self.pass(until);
        } else {
            assert!(
                !asked.is_empty(),
                "nothing to do, nothing under way, not over\n{}",
                self.journal()
            );
            self.pass(self.panels.now + 60_000);
            self.answer(asked);
        }
        None
    }

    /// Lets time pass until `instant`.
    fn pass(&mut self, instant: i64) {
        self.panels.advance_to(instant);
        self.check_truth();
    }

    fn carry_out(&mut self, directive: Directive) {
        match directive {
            Directive::Seal(spec) => {
                if self.dies(Point::BeforeCredentialIsRecorded) {
                    return;
                }
                self.record(Event::CredentialSealed(CredentialSealed {
                    credential: spec.id.clone(),
                    key_id: "key-1".into(),
                    sealed: format!("sealed:{}", spec.id),
                }));
            }
            Directive::Call(call) => self.call(&call),
            Directive::LookUp(look_up) => self.look_up(&look_up),
            Directive::Confirm(credential) => {
                assert!(
                    self.run.sealed(&credential).is_some(),
                    "shown, but not there"
                );
                self.record(Event::CredentialConfirmed {
                    credential,
                    by: "client".into(),
                });
            }
            Directive::Erase(credential) => {
                self.record(Event::CredentialErased { credential });
            }
            other => panic!("no act: {other:?}"),
        }
    }

    /// Records what a call came to.
    fn settle(&mut self, which: usize) {
        let carried = self.carried.swap_remove(which);
        if let Event::Outcome { outcome, .. } = &carried.event {
            self.seen(format!("outcome {}", outcome_name(outcome)));
        }
        self.record(carried.event.clone());
        self.must_be_refused(carried.event);
    }

    /// Records an event that the run must accept, and checks every rule after it.
    fn record(&mut self, event: Event) {
        let entry = Entry {
            at: at(self.panels.now),
            event,
        };
        if let Err(refused) = self.run.apply(entry.clone()) {
            panic!(
                "the run refuses what it directed: {refused}\n{entry:?}\n{}",
                self.journal()
            );
        }
        for (step, attention) in self.run.parked() {
            let cause = format!("{attention:?}");
            let cause = cause.split([' ', '{']).next().unwrap_or_default();
            self.seen.insert(format!("parked {cause}"));
            assert!(!step.as_str().is_empty());
        }
        self.check_truth();
        if self.replays == Replays::AfterEveryEvent {
            self.check_replay();
        }
    }

    /// Records an event that cannot happen now, such as the second delivery of one that has.
    fn must_be_refused(&mut self, event: Event) {
        let before = (self.replays == Replays::AfterEveryEvent).then(|| self.run.clone());
        let entry = Entry {
            at: at(self.panels.now),
            event,
        };
        if self.run.apply(entry.clone()).is_ok() {
            panic!("accepted twice: {entry:?}\n{}", self.journal());
        }
        if let Some(before) = before {
            assert_eq!(self.run, before, "a refused event changed the run");
        }
    }

    /// Whether the process dies here; if it does, the next one has taken over when this returns.
    fn dies(&mut self, point: Point) -> bool {
        if !self.fates.dies(point) {
            return false;
        }
        self.seen(format!("died {point:?}"));
        self.check_replay();
        let lost = std::mem::take(&mut self.carried);
        for event in self.run.interrupted() {
            self.record(event);
        }
        assert!(self.run.interrupted().is_empty());
        // The dead process's outcomes come too late.
        for carried in lost {
            self.must_be_refused(carried.event);
        }
        true
    }

    /// The run equals what a full replay of its journal's JSON gives.
    fn check_replay(&self) {
        let journal = Journal::from_json(&self.journal()).expect("a journal that was written");
        let replayed = Run::replay(journal).expect("a journal that was recorded");
        assert_eq!(replayed, self.run, "the replay differs");
    }

    pub(crate) fn journal(&self) -> String {
        serde_json::to_string(self.run.journal()).expect("a journal is JSON")
    }

    fn seen(&mut self, what: impl Into<String>) {
        self.seen.insert(what.into());
    }
}

pub(crate) fn name(conclusion: &Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Done => "done",
        Conclusion::DoneExceptManual { .. } => "done except manual",
        Conclusion::Cancelled { .. } => "cancelled",
        Conclusion::Abandoned { .. } => "abandoned",
        _ => "other",
    }
}

fn outcome_name(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotSent {
            not_before: Some(_),
            ..
        } => "pause".into(),
        Outcome::NotSent { retryable, .. } => format!("not sent, retryable {retryable}"),
        Outcome::Ok { .. } => "ok".into(),
        Outcome::Unknown { .. } => "unknown".into(),
        Outcome::Denied { .. } => "denied".into(),
        Outcome::Rejected { because, .. } => format!("rejected {because:?}"),
    }
}
