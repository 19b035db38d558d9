//! The run: a state machine over a journal that says what to do next and never guesses.
//!
//! The engine asks [`Run::next`] what to do, does it, and records what happened with [`Run::apply`]. The machine
//! has no clock and makes no calls; the engine has no opinion. Rules that never bend:
//!
//! * An `Intent` is durable before its call. An Intent without an Outcome is *unknown*, never "retry".
//! * Unknown leads to a look-up. *Ours* is proven ([`finding::judge`]), never inferred from the key alone.
//! * Nothing is sent again after an unknown outcome unless a look-up found nothing **and** either the server itself
//!   refuses a second one of the same key, or the request can no longer arrive and two look-ups say so.
//! * Another server is taken only while nothing of ours can exist on the current one.
//! * What cannot be proven asks a human. Nothing is ever deleted on a guess.

pub mod account_reading;
mod apply;
pub mod attention;
pub mod directive;
pub mod event;
pub mod facts;
pub mod finding;
pub mod journal;
mod next;
pub mod outcome;
pub mod status;
pub mod step_state;
pub mod subscription_reading;
mod timeline;
mod tree;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use thiserror::Error;

use crate::fleet::ServerName;
use crate::plan::Plan;
use crate::plan::action::Action;
use crate::plan::id::StepPath;
use crate::plan::step::{CredentialId, Step};

use attention::Attention;
use directive::Directive;
use event::{CredentialSealed, Entry, Event};
use facts::{Facts, HostingAccount};
use journal::{Journal, JournalError, not_newer};
use status::RunStatus;
use step_state::{Phase, StepState};

/// A run: a journal and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    journal: Journal,
    steps: BTreeMap<StepPath, StepState>,
    sealed: BTreeMap<CredentialId, CredentialSealed>,
    confirmed: BTreeMap<CredentialId, String>,
    erased: BTreeSet<CredentialId>,
    cancelled: Option<(String, String)>,
}

/// What a person has to do for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualWork {
    /// What it is.
    pub what: String,
    /// What to do.
    pub instructions: String,
    /// Who did it, if it is done.
    pub confirmed_by: Option<String>,
}

/// An event that the state of the run does not allow. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct NotAllowed(pub(crate) String);

impl Run {
    /// Begins a run of `plan`.
    #[must_use]
    pub fn start(plan: Plan) -> Self {
        let steps = plan
            .steps
            .iter()
            .map(|step| {
                let phase = match &step.action {
                    Action::Manual(_) => Phase::Manual { confirmed_by: None },
                    Action::HandOver(_) => Phase::HandOver,
                    _ => Phase::Ready {
                        not_before: None,
                        why: None,
                    },
                };
                (step.path.clone(), StepState::new(phase))
            })
            .collect();
        Self {
            journal: Journal::new(plan),
            steps,
            sealed: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            erased: BTreeSet::new(),
            cancelled: None,
        }
    }

    /// Takes a stored journal up again. The result equals the run that wrote it.
    ///
    /// # Errors
    /// [`JournalError::Newer`] for a schema this build does not know; [`JournalError::Impossible`] with the position
    /// of the first entry that does not follow from those before it.
    pub fn replay(journal: Journal) -> Result<Self, JournalError> {
        not_newer(journal.schema, journal.plan.schema)?;
        let mut run = Self::start(journal.plan);
        run.journal.schema = journal.schema;
        for (index, entry) in journal.entries.into_iter().enumerate() {
            run.apply(entry)
                .map_err(|NotAllowed(problem)| JournalError::Impossible { index, problem })?;
        }
        Ok(run)
    }

    /// Records what happened. A run that refuses an event has not changed.
    ///
    /// # Errors
    /// [`NotAllowed`] if the event does not follow from where the run stands.
    pub fn apply(&mut self, entry: Entry) -> Result<(), NotAllowed> {
        apply::apply(self, &entry)?;
        self.journal.entries.push(entry);
        Ok(())
    }

    /// What to do now, and what the run waits for. The answer is a function of the journal and `now` alone.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Vec<Directive> {
        next::next(self, now)
    }

    /// The events that turn every call the process died in into an unknown outcome. To be applied once, when a run
    /// is taken up by a process that has no call of it under way.
    #[must_use]
    pub fn interrupted(&self) -> Vec<Event> {
        self.journal
            .plan
            .steps
            .iter()
            .filter_map(|step| self.steps.get(&step.path).map(|state| (&step.path, state)))
            .filter(|(_, state)| state.phase == Phase::InFlight)
            .map(|(path, state)| Event::Interrupted {
                step: path.clone(),
                attempt: state.attempt,
            })
            .collect()
    }

    /// Where the run stands at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> RunStatus {
        next::status(self, now)
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.journal.plan
    }

    /// The journal.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Where a step stands.
    #[must_use]
    pub fn step(&self, path: &StepPath) -> Option<&StepState> {
        self.steps.get(path)
    }

    /// The account a step has established.
    #[must_use]
    pub fn account(&self, path: &StepPath) -> Option<&HostingAccount> {
        match self.steps.get(path).map(|state| &state.phase) {
            Some(Phase::Done(Facts::HostingAccount(account))) => Some(account),
            _ => None,
        }
    }

    /// A sealed credential that can still be shown: made, and not erased.
    #[must_use]
    pub fn sealed(&self, credential: &CredentialId) -> Option<&CredentialSealed> {
        if self.erased.contains(credential) {
            None
        } else {
            self.sealed.get(credential)
        }
    }

    /// Who confirmed that a credential is saved, if anybody has.
    #[must_use]
    pub fn confirmed_by(&self, credential: &CredentialId) -> Option<&str> {
        self.confirmed.get(credential).map(String::as_str)
    }

    /// The steps that wait for a human.
    #[must_use]
    pub fn parked(&self) -> Vec<(&StepPath, &Attention)> {
        self.journal
            .plan
            .steps
            .iter()
            .filter_map(
                |step| match self.steps.get(&step.path).map(|state| &state.phase) {
                    Some(Phase::Parked(attention)) => Some((&step.path, attention)),
                    _ => None,
                },
            )
            .collect()
    }

    /// Whether a step was carried out: by a call that is done, or by a person who said so.
    #[must_use]
    pub fn is_carried_out(&self, path: &StepPath) -> bool {
        matches!(
            self.steps.get(path).map(|state| &state.phase),
            Some(
                Phase::Done(_)
                    | Phase::Manual {
                        confirmed_by: Some(_)
                    }
            )
        )
    }

    /// Who cancelled the run and why, if it is cancelled.
    #[must_use]
    pub fn cancelled(&self) -> Option<(&str, &str)> {
        self.cancelled
            .as_ref()
            .map(|(by, reason)| (by.as_str(), reason.as_str()))
    }

    /// The server a step is at.
    #[must_use]
    pub fn server_of(&self, path: &StepPath) -> Option<&ServerName> {
        match &self.plan().step(path)?.action {
            Action::CreateHostingAccount(create) => create
                .servers
                .get(self.steps.get(path)?.server)
                .map(|server| &server.name),
            Action::VerifyHostingAccount(verify) => {
                self.account(&verify.account).map(|account| &account.server)
            }
            action => action.known_account().map(|known| &known.account.server),
        }
    }

    /// Whether everything a step needs is settled.
    #[must_use]
    pub fn is_due(&self, path: &StepPath) -> bool {
        self.plan()
            .step(path)
            .is_some_and(|step| self.needs_are_met(&step.needs))
    }

    /// What a person has to do for a manual step, with the server, username and domain the run has found filled in.
    #[must_use]
    pub fn instructions(&self, path: &StepPath) -> Option<ManualWork> {
        let Action::Manual(manual) = &self.plan().step(path)?.action else {
            return None;
        };
        let account = manual
            .account
            .as_ref()
            .and_then(|account| self.account(account));
        let fill = |text: &str| match account {
            Some(account) => text
                .replace("<username>", &account.username)
                .replace("<server>", account.server.as_str()),
            None => text.to_owned(),
        };
        let confirmed_by = match self.steps.get(path).map(|state| &state.phase) {
            Some(Phase::Manual { confirmed_by }) => confirmed_by.clone(),
            _ => None,
        };
        Some(ManualWork {
            what: fill(&manual.what),
            instructions: fill(&manual.instructions),
            confirmed_by,
        })
    }

    /// Whether a credential works, so that it can be handed over: its account exists, and of what the hand-over needs
    /// everything is settled that is not about another account. One account that fails keeps no other one's password.
    fn works(&self, hand_over: &Step, credential: &CredentialId) -> bool {
        let Some(spec) = self.plan().credential(credential) else {
            return false;
        };
        let concerns_another = |need: &&StepPath| {
            let about = match self.plan().step(need).map(|step| &step.action) {
                Some(Action::CreateHostingAccount(_)) => *need,
                Some(Action::VerifyHostingAccount(verify)) => &verify.account,
                Some(Action::Mpanel(action)) => match action.account() {
                    Some(account) => account,
                    None => return false,
                },
                _ => return false,
            };
            *about != spec.step
        };
        self.account(&spec.step).is_some()
            && hand_over
                .needs
                .iter()
                .filter(|need| !concerns_another(need))
                .all(|need| self.needs_are_met(std::slice::from_ref(need)))
    }

    fn needs_are_met(&self, needs: &[StepPath]) -> bool {
        needs.iter().all(|need| {
            self.steps
                .get(need)
                .is_some_and(StepState::lets_others_go_on)
        })
    }
}
