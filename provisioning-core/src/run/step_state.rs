//! Where one step of a run stands.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::attention::Attention;
use super::facts::Facts;
use super::outcome::Because;

/// Where one step stands, folded from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepState {
    /// The phase it is in.
    pub phase: Phase,
    /// Number of its last Intent; 0 before the first.
    pub attempt: u32,
    /// Index of the candidate it is at.
    pub candidate: u32,
    /// Index of the ranked server it is at.
    pub server: usize,
    /// Failures in a row that brought no answer; a server that asks for a pause does not count.
    pub(super) failures: u32,
    /// Pauses in a row that the server asked for.
    pub(super) pauses: u32,
    /// Requests in a row that did not leave for the current server.
    pub(super) not_sent: u32,
    /// Reads of a watched thing that showed it unsettled.
    pub(super) reads: u32,
    /// Candidates with an outcome that was unknown at some time.
    pub(super) unknown_candidates: BTreeSet<u32>,
    /// Whether the panel says that this candidate's name is taken, while no call of this journal can have taken it. What
    /// carries our mark under that name was made by a journal that is lost.
    pub(super) taken: bool,
    /// Whether something of ours may exist on the current server.
    pub(super) may_exist_here: bool,
    /// When the last unknown outcome was recorded: every request it may be about had left by then.
    pub(super) unknown_at: Option<Timestamp>,
    /// The earliest instant at which the look-up that is due can begin.
    pub(super) looking_from: Option<Timestamp>,
    /// When the first of the current series of look-ups that found nothing was recorded.
    pub(super) absent_since: Option<Timestamp>,
    /// A refusal that came while an earlier request of ours may have been executed: a look-up comes first.
    pub(super) refusal: Option<(Because, String)>,
}

/// The phase a step is in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// To be called once what it needs is settled, not before the given instant.
    Ready {
        /// Not before this instant.
        not_before: Option<Timestamp>,
        /// Why it waits.
        why: Option<String>,
    },
    /// Its Intent is recorded, its Outcome is not.
    InFlight,
    /// Its outcome is unknown: to be looked up, not before the given instant.
    LookingUp {
        /// Not before this instant.
        not_before: Option<Timestamp>,
        /// What happened to the call.
        text: String,
    },
    /// It waits for a human.
    Parked(Attention),
    /// It is done.
    Done(Facts),
    /// A human does it, and has or has not said that it is done.
    Manual {
        /// Who did it.
        confirmed_by: Option<String>,
    },
    /// It was given up; the text says why and what may exist.
    GivenUp {
        /// Why.
        why: String,
    },
    /// It hands credentials over: settled by confirmations, not by a call.
    HandOver,
}

impl StepState {
    pub(super) const fn new(phase: Phase) -> Self {
        Self {
            phase,
            attempt: 0,
            candidate: 0,
            server: 0,
            failures: 0,
            pauses: 0,
            not_sent: 0,
            reads: 0,
            unknown_candidates: BTreeSet::new(),
            taken: false,
            may_exist_here: false,
            unknown_at: None,
            looking_from: None,
            absent_since: None,
            refusal: None,
        }
    }

    /// Makes a look-up due, not before the given instant.
    pub(super) fn look_up(
        &mut self,
        now: Timestamp,
        not_before: Option<Timestamp>,
        text: impl Into<String>,
    ) {
        self.looking_from = Some(not_before.map_or(now, |instant| instant.max(now)));
        self.phase = Phase::LookingUp {
            not_before,
            text: text.into(),
        };
    }

    /// Makes the next call due, not before the given instant.
    pub(super) fn ready(&mut self, not_before: Option<Timestamp>, why: Option<String>) {
        self.phase = Phase::Ready { not_before, why };
    }

    /// Takes note that nothing of ours exists here and nothing can come any more.
    pub(super) fn nothing_here(&mut self) {
        self.may_exist_here = false;
        self.unknown_candidates.remove(&self.candidate);
    }

    /// Whether a call that ended unknown may have made something on the current server that no look-up has cleared up.
    #[must_use]
    pub const fn may_exist_here(&self) -> bool {
        self.may_exist_here
    }

    /// Whether steps that need this one may go on.
    #[must_use]
    pub const fn lets_others_go_on(&self) -> bool {
        matches!(self.phase, Phase::Done(_) | Phase::Manual { .. })
    }

    /// Whether nothing more will happen to it without somebody outside.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(
            self.phase,
            Phase::Done(_) | Phase::Manual { .. } | Phase::GivenUp { .. }
        )
    }
}
