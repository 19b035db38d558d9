//! What a person says about the steps of an order: on the command line, and in words of it.

use std::str::FromStr;

use provisioning_core::plan::id::StepPath;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::{Answer, Event};

/// In whose name this program does what a person has to do.
pub(crate) const OPERATOR: &str = "operator";

/// An answer to what a step asks, as `STEP=ANSWER`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) step: StepPath,
    pub(crate) answer: Answer,
}

impl Answered {
    /// As the journal will have it.
    pub(crate) fn event(&self) -> Event {
        Event::HumanAnswered {
            step: self.step.clone(),
            answer: self.answer.clone(),
            by: OPERATOR.to_owned(),
        }
    }
}

impl FromStr for Answered {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (step, answer) = text
            .split_once('=')
            .ok_or("it is STEP=ANSWER, such as hosting/wp_growth=exists:1042")?;
        let answer = match answer.split_once(':') {
            Some(("exists", what)) if !what.trim().is_empty() => exists(what.trim()),
            None if answer == "send-again" => Answer::SendAgain,
            None if answer == "was-done" => Answer::WasDone,
            None if answer == "try-again" => Answer::TryAgain,
            None if answer == "abandon" => Answer::Abandon,
            _ => {
                return Err(format!(
                    "`{answer}` is no answer: exists:ID, send-again, was-done, try-again or abandon"
                ));
            }
        };
        Ok(Self {
            step: StepPath::from(step.trim()),
            answer,
        })
    }
}

/// `1042`, or `1042 as client` where the panel shows another username than was asked for.
fn exists(what: &str) -> Answer {
    let (remote_id, username) = match what.split_once(" as ") {
        Some((id, username)) => (id.trim(), Some(username.trim().to_owned())),
        None => (what, None),
    };
    Answer::Exists {
        remote_id: remote_id.to_owned(),
        username,
    }
}

/// What can be answered to this step, each with what to add to the same command. `changes` says that it changes something
/// that exists.
pub(crate) fn choices(step: &StepPath, why: &Attention, changes: bool) -> Vec<String> {
    let answer = |meaning: &str, answer: &str| format!("{meaning}: --answer '{step}={answer}'");
    let mut choices = Vec::new();
    if why.may_exist() {
        choices.push(answer("it exists with id X", "exists:X"));
    }
    if why.may_be_sent_again() {
        let meaning = if matches!(why, Attention::ChangeUnknown { .. }) {
            "it was not done, send again"
        } else {
            "it does not exist, send again"
        };
        choices.push(answer(meaning, "send-again"));
    }
    if changes && why.may_have_been_done() {
        choices.push(answer("it was done, by hand or by the call", "was-done"));
    }
    if why.may_be_tried_again() {
        choices.push("try again where it stood: the same command".to_owned());
    }
    choices.push(answer("abandon this step (nothing is deleted)", "abandon"));
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Answer, String> {
        let answered: Answered = text.parse()?;
        assert_eq!(answered.step.as_str(), "hosting/a.example");
        Ok(answered.answer)
    }

    #[test]
    fn each_answer_has_a_word() {
        let exists = |remote_id: &str, username: Option<&str>| {
            Ok(Answer::Exists {
                remote_id: remote_id.to_owned(),
                username: username.map(str::to_owned),
            })
        };
        assert_eq!(read("hosting/a.example=exists:12"), exists("12", None));
        assert_eq!(
            read("hosting/a.example=exists:12 as ada"),
            exists("12", Some("ada"))
        );
        assert_eq!(
            read("hosting/a.example=exists:customer:7, order:9"),
            exists("customer:7, order:9", None)
        );
        assert_eq!(read("hosting/a.example=send-again"), Ok(Answer::SendAgain));
        assert_eq!(read("hosting/a.example=was-done"), Ok(Answer::WasDone));
        assert_eq!(read("hosting/a.example=try-again"), Ok(Answer::TryAgain));
        assert_eq!(read("hosting/a.example=abandon"), Ok(Answer::Abandon));
    }

    #[test]
    fn what_is_no_answer_is_told_what_one_is() {
        for wrong in ["=yes", "=exists", "=exists: ", "=abandon:1", "="] {
            let problem = read(&format!("hosting/a.example{wrong}")).unwrap_err();
            assert!(problem.contains("send-again"), "{problem}");
        }
        let problem = "hosting/a.example".parse::<Answered>().unwrap_err();
        assert!(problem.contains("STEP=ANSWER"), "{problem}");
    }
}
