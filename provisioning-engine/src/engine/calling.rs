//! One call: Intent, request, Outcome.

use jiff::{SignedDuration, Timestamp};

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::id::StepPath;
use provisioning_core::run::directive::{Call, Request};
use provisioning_core::run::event::{Event, Intent};
use provisioning_core::run::facts::Facts;
use provisioning_core::run::outcome::{Barrier, Outcome};
use provisioning_core::run::step_state::StepState;

use super::claimed::{Admitted, Claimed};
use super::drive::Acted;
use super::limits::{LeftAlone, Turn};
use super::projection::{held_throughout, holder, project};
use super::redaction::Redaction;
use super::{Engine, EngineError};
use crate::kill;
use crate::progress::Happened;
use crate::store::{Binding, FreeSlots, Room, StoreError};

/// How often a server is counted anew because others take places there meanwhile.
const COUNTING_TRIES: u32 = 16;

/// Whether a call has begun.
enum Begun {
    Yes,
    /// Somebody wants the run to stop.
    Stopped,
    /// There is no place for it, and this is why.
    NoRoom(String),
}

/// Whether there is room for what a call makes.
enum RoomFor {
    /// It has its place, or needs none.
    Held,
    /// There was when it was counted.
    Counted(Room),
    /// There is not, and this is why.
    None(String),
}

fn intent(call: &Call) -> Event {
    Event::Intent(Intent {
        step: call.step.clone(),
        attempt: call.attempt,
        candidate: call.candidate,
        server: call.server.clone(),
        key: call.key,
    })
}

fn came_to(call: &Call, outcome: Outcome) -> Event {
    Event::Outcome {
        step: call.step.clone(),
        attempt: call.attempt,
        outcome,
    }
}

impl Claimed<'_> {
    pub(super) async fn call(&mut self, call: Call) -> Result<Acted, EngineError> {
        let id = self.run.plan().id;
        let executor = self.executor(&call.step)?;
        let password = self.password(&call.step)?;
        let known = self.known(call.server.as_ref()).await?;
        let turn = match self.admitted(call.server.as_ref()).await? {
            Admitted::Now(turn) => turn,
            Admitted::LeftAlone(left_alone) => return self.left_alone(call, &left_alone).await,
            Admitted::Stop => return Ok(Acted::Yes),
        };
        match self.begin(&call).await? {
            Begun::Yes => {}
            Begun::Stopped => return Ok(Acted::Yes),
            Begun::NoRoom(not_sent) => return self.not_sent(call, not_sent).await,
        }
        let admissions = self.engine().inner.admissions.of(call.server.as_ref());
        self.engine().tell(
            id,
            Happened::Calling {
                step: call.step.clone(),
                attempt: call.attempt,
                server: call.server.clone(),
            },
        );
        let report = self
            .hold
            .alive(async {
                tokio::select! {
                    biased;
                    report = executor.call(&call, password.as_ref(), known) => report,
                    never = kill::amid("amid-call") => match never {},
                }
            })
            .await?;
        kill::at("after-call");
        self.engine().settle(turn, &report.outcome);
        self.learn(call.server.as_ref(), known, report.learned)
            .await?;
        let mut outcome = report.outcome;
        Redaction::of(&self.run, &call.step, password.as_ref()).outcome(&mut outcome);
        if let Some(server) = &call.server {
            self.engine().remember_denial(server, &outcome).await?;
        }
        let outcome = self.not_another_runs(outcome).await?;
        let server = call.server.clone();
        self.come_to(call, outcome).await?;
        self.go_on_with_a_new_key(server.as_ref(), admissions)
            .await?;
        Ok(Acted::Yes)
    }

    /// Records the Intent, in the transaction that takes the place for it where the run has none yet. Counted before: a
    /// process that dies amid counting has sent nothing, and nothing is unknown.
    async fn begin(&mut self, call: &Call) -> Result<Begun, EngineError> {
        for _ in 0..COUNTING_TRIES {
            let room = match self.room_for(call).await? {
                RoomFor::Held => None,
                RoomFor::Counted(room) => Some(room),
                RoomFor::None(why) => return Ok(Begun::NoRoom(why)),
            };
            return match self.record_intent([intent(call)], room.as_ref()).await {
                Ok(true) => Ok(Begun::Yes),
                Ok(false) => Ok(Begun::Stopped),
                // Somebody else took the place that was counted on; what is left is counted anew.
                Err(EngineError::Store(StoreError::RoomTaken(_))) => continue,
                Err(error) => Err(error),
            };
        }
        let server = call.server.as_ref().map_or("", ServerName::as_str);
        Ok(Begun::NoRoom(format!(
            "{server} fills up faster than it is counted"
        )))
    }

    /// Keeps that a call was not sent: its Intent and its Outcome at once, so that it holds no place between them.
    async fn not_sent(&mut self, call: Call, text: String) -> Result<Acted, EngineError> {
        let outcome = Outcome::NotSent {
            text,
            retryable: true,
            not_before: None,
        };
        let words = outcome.describe();
        let events = [intent(&call), came_to(&call, outcome)];
        if self.record_intent(events, None).await? {
            self.tell_what_came(call.step, words);
        }
        Ok(Acted::Yes)
    }

    async fn come_to(&mut self, call: Call, outcome: Outcome) -> Result<(), EngineError> {
        let words = outcome.describe();
        self.record(came_to(&call, outcome)).await?;
        self.tell_what_came(call.step, words);
        Ok(())
    }

    fn tell_what_came(&self, step: StepPath, outcome: String) {
        let done = self.is_done(&step);
        let came = Happened::Came {
            step,
            done,
            outcome,
        };
        self.engine().tell(self.run.plan().id, came);
    }

    /// The server is left alone for now. Where it fails and another one is ranked after it, that is as good as a request that
    /// did not leave, and the run takes the next by its own rules. Else it waits, which costs no attempt and no journal
    /// entry: a server that asks for a pause works, and the run's place on it is not given up for that.
    async fn left_alone(&mut self, call: Call, why: &LeftAlone) -> Result<Acted, EngineError> {
        let is_last = match &call.request {
            Request::CreateHostingAccount { create, .. } => {
                create.servers.last().map(|last| &last.name) == call.server.as_ref()
            }
            _ => true,
        };
        let text = match &call.server {
            Some(server) => format!("{server} is left alone: {}", why.why),
            None => why.why.to_owned(),
        };
        if is_last || why.is_pause || self.may_have_created(&call) {
            return Ok(Acted::NotBefore {
                until: self.engine().after(why.for_another),
                step: call.step,
                why: text,
            });
        }
        self.not_sent(call, text).await
    }

    /// Whether a call of this step may have made something that no look-up has cleared up: then the run does not go
    /// elsewhere.
    fn may_have_created(&self, call: &Call) -> bool {
        self.run
            .step(&call.step)
            .is_some_and(StepState::may_exist_here)
    }

    /// The plan counted on the room of its first server, and it is held from then on. A run that moves to another server, or
    /// to another name because somebody took the first (and with it, perhaps, the room), counts before it sends anything;
    /// so does one that was cancelled and goes on, because a cancelled run holds nothing.
    async fn room_for(&self, call: &Call) -> Result<RoomFor, EngineError> {
        let (Request::CreateHostingAccount { create, .. }, Some(server)) =
            (&call.request, &call.server)
        else {
            return Ok(RoomFor::Held);
        };
        let is_first_choice = call.candidate == 0
            && create
                .servers
                .first()
                .is_none_or(|first| first.name == *server);
        // A call that may have been carried out here was sent after a count that found room. What may be there already must
        // not be kept from its look-up by a server that is full because of it.
        if held_throughout(&self.run) && (is_first_choice || self.may_have_created(call)) {
            return Ok(RoomFor::Held);
        }
        let run = self.run.plan().id;
        let counting = self.engine().count_room(run, &call.step, server);
        let FreeSlots { slots, version } = match self.hold.alive(counting).await?? {
            Ok(free) => free,
            Err(why) => return Ok(RoomFor::None(format!("{server} cannot be counted: {why}"))),
        };
        if slots < create.weight {
            return Ok(RoomFor::None(format!(
                "{server} has no room any more: {slots} free, {} needed",
                create.weight
            )));
        }
        // What the order's other items hold there was counted as taken, and is the run's own.
        let slots = slots.saturating_add(self.other_slots_on(server, &call.step));
        let free = FreeSlots { slots, version };
        let servers = [(server.clone(), free)].into();
        Ok(RoomFor::Counted(Room { servers }))
    }

    /// Slots that other steps of the run hold on a server.
    fn other_slots_on(&self, server: &ServerName, step: &StepPath) -> u32 {
        let own = holder(self.run.plan().id, step);
        project(&self.run, self.engine().now())
            .reservations
            .iter()
            .filter(|place| place.server() == server && place.holder() != own)
            .fold(0, |sum, place| sum.saturating_add(place.slots()))
    }

    /// An answer that names an account of another run is not believed: it is looked up like any unknown outcome.
    async fn not_another_runs(&self, outcome: Outcome) -> Result<Outcome, EngineError> {
        if let Outcome::Ok {
            facts: Facts::HostingAccount(account),
        } = &outcome
        {
            let binding = Binding {
                server: account.server.clone(),
                remote_id: account.remote_id.clone(),
            };
            if let Some(owner) = self.engine().inner.store.bound_to(&binding).await?
                && owner != self.run.plan().id
            {
                let text = format!(
                    "the panel answered with account {}, which belongs to run {owner}",
                    account.remote_id
                );
                return Ok(Outcome::Unknown { text });
            }
        }
        Ok(outcome)
    }
}

impl Engine {
    /// Tells a server's limits how a call to it went.
    fn settle(&self, turn: Option<Turn>, outcome: &Outcome) {
        let Some(turn) = turn else { return };
        match outcome {
            Outcome::NotSent {
                not_before: Some(until),
                ..
            } => turn.asked_for_a_pause(self.until(*until)),
            Outcome::NotSent { .. } | Outcome::Unknown { .. } => turn.failed(),
            Outcome::Ok { .. } | Outcome::Denied { .. } | Outcome::Rejected { .. } => {
                turn.answered()
            }
        }
    }

    /// Keeps that a server refuses our key, so that new orders go elsewhere.
    async fn remember_denial(
        &self,
        server: &ServerName,
        outcome: &Outcome,
    ) -> Result<(), EngineError> {
        if let Outcome::Denied {
            barrier: Barrier::Permission { denial },
            ..
        } = outcome
        {
            self.deny(server, denial).await?;
        }
        Ok(())
    }

    pub(super) fn after(&self, pause: std::time::Duration) -> Timestamp {
        SignedDuration::try_from(pause)
            .ok()
            .and_then(|pause| self.now().checked_add(pause).ok())
            .unwrap_or(Timestamp::MAX)
    }

    pub(super) fn until(&self, instant: Timestamp) -> std::time::Duration {
        instant
            .duration_since(self.now())
            .max(SignedDuration::ZERO)
            .unsigned_abs()
    }
}
