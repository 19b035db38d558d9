//! An executor between engine and panels that loses, delays and refuses, by a seed.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use provisioning_core::fleet::{Observation, Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::{Mark, StepPath};
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::Outcome;
use provisioning_engine::clock::Clock;
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use provisioning_engine::nextpanel::NextPanelExecutor;
use secrecy::SecretString;
use tokio::task::JoinSet;

use super::panels::Panels;
use crate::shop::MovedClock;

/// A number that depends on the seed and on what it is for alone.
pub(super) fn roll(seed: u64, what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, what).hash(&mut hasher);
    hasher.finish()
}

/// What befalls a call, in per cent.
const REPLY_LOST: u64 = 20;
const NOT_EXECUTED: u64 = 10;
const TOO_MANY: u64 = 5;
const LATE: u64 = 5;

/// How many look-ups in a hundred fail.
const LOOK_UP_FAILS: u64 = 10;

/// Cheap to clone; all clones are the same panels.
#[derive(Debug, Clone)]
pub(super) struct Unruly {
    panel: Arc<NextPanelExecutor>,
    seed: u64,
    clock: MovedClock,
    panels: Arc<Panels>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Requests that are on their way until somebody has looked for what they make.
    late: HashMap<Mark, Vec<(Call, Option<SecretString>)>>,
    arriving: JoinSet<()>,
    look_ups: HashMap<Mark, u32>,
    met: BTreeMap<&'static str, u32>,
}

impl Unruly {
    pub(super) fn new(
        panel: NextPanelExecutor,
        seed: u64,
        clock: MovedClock,
        panels: Arc<Panels>,
    ) -> Self {
        Self {
            panel: Arc::new(panel),
            seed,
            clock,
            panels,
            state: Arc::default(),
        }
    }

    pub(super) fn met(&self) -> String {
        let state = self.state.lock().unwrap();
        let met: Vec<String> = state
            .met
            .iter()
            .map(|(what, n)| format!("{n} {what}"))
            .collect();
        met.join(", ")
    }

    pub(super) fn check_that_all_befell(&self) {
        let met = self.state.lock().unwrap().met.clone();
        for what in [
            "answered",
            "replies lost",
            "not executed",
            "refused for a while",
            "late",
            "look-ups",
            "look-ups failed",
        ] {
            assert!(
                met.get(what).is_some_and(|times| *times > 3),
                "{what}: {met:?}"
            );
        }
    }

    pub(super) async fn let_everything_arrive(&self) {
        let mut arriving = {
            let mut state = self.state.lock().unwrap();
            assert!(state.late.is_empty(), "whatever is unknown is looked up");
            std::mem::take(&mut state.arriving)
        };
        while let Some(arrived) = arriving.join_next().await {
            arrived.unwrap();
        }
    }

    fn meet(&self, what: &'static str) {
        *self.state.lock().unwrap().met.entry(what).or_default() += 1;
    }

    async fn carry_out(
        &self,
        call: &Call,
        password: Option<&SecretString>,
        known: Known,
    ) -> CallReport {
        let report = self.panel.call(call, password, known).await;
        self.panels.look_at_room();
        report
    }

    fn unknown(text: &str) -> CallReport {
        CallReport::without_lesson(Outcome::Unknown {
            text: text.to_owned(),
        })
    }

    /// What was late for this look-up arrives now that it is answered.
    fn let_arrive(&self, mark: Mark) {
        let mut state = self.state.lock().unwrap();
        for (call, password) in state.late.remove(&mark).unwrap_or_default() {
            let unruly = self.clone();
            state.arriving.spawn(async move {
                unruly
                    .carry_out(&call, password.as_ref(), Known::default())
                    .await;
            });
        }
    }
}

#[async_trait]
impl Executor for Unruly {
    fn capabilities(&self) -> Capabilities {
        self.panel.capabilities()
    }

    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest> {
        self.panel.preview(plan, step)
    }

    async fn call(&self, call: &Call, password: Option<&SecretString>, known: Known) -> CallReport {
        let mark = match &call.request {
            Request::CreateHostingAccount { create, .. } => Some(create.mark),
            _ => None,
        };
        let mut befalls = roll(self.seed, (call.key, call.attempt)) % 100;
        let mut is = |per_cent: u64| {
            let is = befalls < per_cent;
            befalls = befalls.wrapping_sub(per_cent);
            is
        };
        if is(REPLY_LOST) {
            self.meet("replies lost");
            self.carry_out(call, password, known).await;
            return Self::unknown("the reply was lost");
        }
        if is(NOT_EXECUTED) {
            self.meet("not executed");
            return Self::unknown("answer 500");
        }
        if is(TOO_MANY) {
            self.meet("refused for a while");
            return CallReport::without_lesson(Outcome::NotSent {
                text: "too many requests".to_owned(),
                retryable: true,
                not_before: Some(self.clock.now() + SignedDuration::from_millis(30)),
            });
        }
        if let Some(mark) = mark.filter(|_| is(LATE)) {
            self.meet("late");
            let late = (call.clone(), password.cloned());
            self.state
                .lock()
                .unwrap()
                .late
                .entry(mark)
                .or_default()
                .push(late);
            // The caller is told first, so that it has gone when the request arrives.
            tokio::time::sleep(Duration::from_millis(2)).await;
            return Self::unknown("the connection was closed");
        }
        self.meet("answered");
        self.carry_out(call, password, known).await
    }

    async fn look_up(
        &self,
        look_up: &LookUp,
        password: Option<&SecretString>,
        known: Known,
    ) -> LookUpReport {
        let number = {
            let mut state = self.state.lock().unwrap();
            let number = state.look_ups.entry(look_up.mark).or_default();
            *number += 1;
            *number
        };
        if roll(self.seed, (look_up.mark.as_uuid(), number)) % 100 < LOOK_UP_FAILS {
            self.meet("look-ups failed");
            return LookUpReport {
                finding: Finding::NotPossible {
                    text: "answer 503".to_owned(),
                    not_before: None,
                },
                learned: Known::default(),
            };
        }
        self.meet("look-ups");
        let report = self.panel.look_up(look_up, password, known).await;
        self.let_arrive(look_up.mark);
        report
    }

    async fn observe(&self, server: &ServerName, reservations: &[Reservation]) -> Observation {
        self.panel.observe(server, reservations).await
    }

    fn preview_observe(&self, server: &ServerName) -> Vec<PreviewedRequest> {
        self.panel.preview_observe(server)
    }
}
