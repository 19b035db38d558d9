//! What happened to a run, in words for people who look at it.

use super::Run;
use super::event::{Answer, Event};
use super::facts::Facts;
use super::facts::mpanel::MpanelFacts;
use super::finding::{Finding, Verdict, judge};
use super::outcome::Outcome;
use crate::plan::action::Action;
use crate::plan::id::StepPath;

impl Facts {
    /// What was established, in plain words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::HostingAccount(account) => format!(
                "account {} `{}` on {}",
                account.remote_id, account.username, account.server
            ),
            Self::Verified(verified) => verified.describe().join("; "),
            Self::AccountReading(reading) => reading.describe().join("; "),
            Self::Mpanel(MpanelFacts::Order(order)) => order.describe(),
            Self::Mpanel(MpanelFacts::Progress(progress)) => progress.describe(),
            Self::Mpanel(MpanelFacts::Record(record)) => format!("id {}", record.remote_id),
            Self::Mpanel(MpanelFacts::Subscription(state)) => state.describe(),
            Self::Provided(provided) => format!("id {}", provided.remote_id),
            Self::Nothing => "done".to_owned(),
        }
    }
}

impl Outcome {
    /// What the call came to, in plain words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::NotSent {
                text,
                not_before: Some(until),
                ..
            } => format!("not executed, wanted again after {until}: {text}"),
            Self::NotSent { text, .. } => format!("not sent: {text}"),
            Self::Ok { facts } => facts.describe(),
            Self::Unknown { text } => format!("unknown, looking instead of guessing: {text}"),
            Self::Denied { text, .. } => format!("denied: {text}"),
            Self::Rejected { text, .. } => format!("refused: {text}"),
        }
    }
}

impl Finding {
    /// What the look-up of a hosting account found, in plain words.
    #[must_use]
    pub fn describe(&self) -> String {
        match judge(self) {
            Verdict::Ours { found, proof } => format!(
                "account {} `{}`: {}",
                found.remote_id,
                found.username,
                proof.describe()
            ),
            Verdict::Foreign => "somebody else holds it".to_owned(),
            Verdict::Absent => "nothing there".to_owned(),
            Verdict::Several(matches) => format!("{} accounts that are ours", matches.len()),
            Verdict::Undecidable(_) => {
                "something is there, provable neither as ours nor as foreign".to_owned()
            }
            Verdict::NotWhole => {
                "nothing seen, but the list cannot be shown to be whole".to_owned()
            }
            Verdict::NotPossible(text, _) => format!("the look-up did not succeed: {text}"),
            Verdict::Denied(_, text) => format!("the look-up was refused: {text}"),
        }
    }

    /// The same on mPanel, where ids name more than accounts.
    #[must_use]
    pub fn describe_record(&self) -> String {
        match judge(self) {
            Verdict::Ours { found, .. } => {
                format!("id {}: what we wrote reads back", found.remote_id)
            }
            Verdict::Several(matches) => format!("{} rows that are ours", matches.len()),
            _ => self.describe(),
        }
    }
}

impl Answer {
    /// The answer in plain words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Exists {
                remote_id,
                username: Some(username),
            } => format!("it exists with id {remote_id} as `{username}`"),
            Self::Exists { remote_id, .. } => format!("it exists with id {remote_id}"),
            Self::SendAgain => "it does not exist, send again".to_owned(),
            Self::WasDone => "it was done".to_owned(),
            Self::TryAgain => "try again where it stood".to_owned(),
            Self::Abandon => "abandon this step".to_owned(),
        }
    }
}

impl Run {
    /// An entry of this run's journal in plain words, without the step it is about.
    #[must_use]
    pub fn describe(&self, event: &Event) -> String {
        match event {
            Event::CredentialSealed(sealed) => {
                format!("a password was made and sealed: {}", sealed.credential)
            }
            Event::Intent(intent) => {
                let to = match &intent.server {
                    Some(server) => format!(" to {server}"),
                    None if self.is_on_mpanel(&intent.step) => " to mPanel".to_owned(),
                    None => String::new(),
                };
                let with = self
                    .candidate(&intent.step, intent.candidate)
                    .map(|username| format!(" as `{username}`"))
                    .unwrap_or_default();
                format!("call {}{to}{with}", intent.attempt)
            }
            Event::Outcome { outcome, .. } => outcome.describe(),
            Event::Interrupted { attempt, .. } => {
                format!("the process ended during call {attempt}: what it came to is unknown")
            }
            Event::LookedUp { step, finding } if self.is_on_mpanel(step) => {
                finding.describe_record()
            }
            Event::LookedUp { finding, .. } => finding.describe(),
            Event::HumanAnswered { answer, by, .. } => format!("{by}: {}", answer.describe()),
            Event::Resumed { by } => format!("{by}: the way is open again"),
            Event::ManualConfirmed { by, .. } => format!("{by}: it was done"),
            Event::CredentialConfirmed { credential, by } => {
                format!("{by}: the password is saved: {credential}")
            }
            Event::CredentialErased { credential } => {
                format!("the sealed password was erased: {credential}")
            }
            Event::Cancelled { by, reason } => format!("{by}: cancelled, {reason}"),
            Event::Reinstated { by, reason } => format!("{by}: goes on again, {reason}"),
        }
    }

    /// Whether a step's requests go to mPanel.
    pub(super) fn is_on_mpanel(&self, step: &StepPath) -> bool {
        matches!(
            self.plan().step(step).map(|step| &step.action),
            Some(Action::Mpanel(_))
        )
    }

    fn candidate(&self, step: &StepPath, index: u32) -> Option<&str> {
        match &self.plan().step(step)?.action {
            Action::CreateHostingAccount(create) => create
                .usernames
                .get(index as usize)
                .map(crate::username::Username::as_str),
            _ => None,
        }
    }
}

impl Event {
    /// The step it is about, if it is about one.
    #[must_use]
    pub const fn step(&self) -> Option<&StepPath> {
        match self {
            Self::Intent(intent) => Some(&intent.step),
            Self::Outcome { step, .. }
            | Self::Interrupted { step, .. }
            | Self::LookedUp { step, .. }
            | Self::HumanAnswered { step, .. }
            | Self::ManualConfirmed { step, .. } => Some(step),
            Self::CredentialSealed(_)
            | Self::Resumed { .. }
            | Self::CredentialConfirmed { .. }
            | Self::CredentialErased { .. }
            | Self::Cancelled { .. }
            | Self::Reinstated { .. } => None,
        }
    }
}
