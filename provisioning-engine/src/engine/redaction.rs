//! Taking personal data and passwords out of what a panel says, before it gets into a journal.
//!
//! Panels echo what they were sent. The client takes out what it knows to be secret; the e-mail address, the name and
//! the rest of the customer are known here.

use secrecy::{ExposeSecret, SecretString};

use provisioning_core::plan::action::{Action, CreateHostingAccount};
use provisioning_core::plan::id::StepPath;
use provisioning_core::run::Run;
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::{Barrier, Outcome};

const TAKEN_OUT: &str = "[redacted]";

/// Shorter values are not looked for: taking them out would mangle ordinary words.
const SHORTEST: usize = 4;

/// What must not get from a panel's words into a journal.
pub(super) struct Redaction<'a> {
    needles: Vec<&'a str>,
}

impl<'a> Redaction<'a> {
    pub(super) fn of(run: &'a Run, step: &StepPath, password: Option<&'a SecretString>) -> Self {
        let mut needles: Vec<&str> = password.iter().map(|one| one.expose_secret()).collect();
        if let Some(create) = create(run, step) {
            needles.push(create.email.as_str());
            needles.extend(
                [&create.full_name, &create.phone, &create.company]
                    .into_iter()
                    .filter_map(|text| text.as_deref()),
            );
        }
        needles.retain(|needle| needle.len() >= SHORTEST);
        // Longest first, so that one that contains another goes as a whole.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        Self { needles }
    }

    /// Cleans a text. Panels lower-case addresses, so case does not matter.
    pub(super) fn clean(&self, text: &mut String) {
        for needle in &self.needles {
            // What stands for a value may hold another: a company may be called Acte.
            let mut from = 0;
            while let Some(at) = text.get(from..).and_then(|rest| find(rest, needle)) {
                let at = from + at;
                text.replace_range(at..at + needle.len(), TAKEN_OUT);
                from = at + TAKEN_OUT.len();
            }
        }
    }

    pub(super) fn outcome(&self, outcome: &mut Outcome) {
        match outcome {
            Outcome::NotSent { text, .. }
            | Outcome::Unknown { text }
            | Outcome::Rejected { text, .. } => self.clean(text),
            Outcome::Denied { barrier, text } => {
                self.clean(text);
                self.barrier(barrier);
            }
            Outcome::Ok { .. } => {}
        }
    }

    pub(super) fn finding(&self, finding: &mut Finding) {
        match finding {
            Finding::NotPossible { text, .. } => self.clean(text),
            Finding::Denied { barrier, text } => {
                self.clean(text);
                self.barrier(barrier);
            }
            Finding::Read { .. } => {}
        }
    }

    fn barrier(&self, barrier: &mut Barrier) {
        if let Barrier::Permission { denial } = barrier
            && let (Some(status), Some(said)) = (denial.status(), denial.said())
        {
            let mut said = said.to_owned();
            self.clean(&mut said);
            **denial = denial.as_ref().clone().with_answer(status, &said);
        }
    }
}

fn create<'a>(run: &'a Run, step: &StepPath) -> Option<&'a CreateHostingAccount> {
    match &run.plan().step(step)?.action {
        Action::CreateHostingAccount(create) => Some(create),
        Action::VerifyHostingAccount(verify) => create(run, &verify.account),
        _ => None,
    }
}

/// Where `needle` stands in `text`, letters of ASCII in either case.
fn find(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes()
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
        .filter(|at| text.is_char_boundary(*at) && text.is_char_boundary(at + needle.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_taken_out_goes_in_any_case_and_every_time() {
        let redaction = Redaction {
            needles: vec!["ada@example.com", "Ada Lovelace"],
        };
        let mut text = "ADA@example.com: ada lovelace <ada@Example.com> exists".to_owned();
        redaction.clean(&mut text);
        assert_eq!(text, "[redacted]: [redacted] <[redacted]> exists");
    }

    #[test]
    fn a_value_that_is_part_of_what_stands_for_it_ends_the_search() {
        let redaction = Redaction {
            needles: vec!["Redacted", "Acte"],
        };
        let mut text = "Acte is redacted".to_owned();
        redaction.clean(&mut text);
        assert!(!text.starts_with("Acte"), "{text}");
    }
}
