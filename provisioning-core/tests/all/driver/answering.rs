//! A human who looks at the panels and tells the truth.

use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::StepPath;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::{Answer, Entry, Event};

use super::Driver;
use crate::fate::Fates;
use crate::sample::at;

/// After so many answers the human has had enough and gives the step up.
const PATIENCE: u32 = 40;

impl<F: Fates> Driver<'_, F> {
    pub(super) fn answer(&mut self, asked: Vec<(StepPath, Attention)>) {
        let which = self.fates.which(asked.len());
        let (step, attention) = asked[which].clone();
        self.answers += 1;
        let mut answers = self.truthful(&step, &attention);
        answers.push(Event::HumanAnswered {
            step: step.clone(),
            answer: Answer::Abandon,
            by: "support".into(),
        });
        answers.push(Event::Resumed {
            by: "new key".into(),
        });
        let chosen = if self.answers > PATIENCE {
            answers.len() - 2
        } else {
            self.fates.answer(answers.len())
        };
        // Used-up names stay used up, whatever is tried.
        let chosen = match attention {
            Attention::CandidatesUsedUp { .. } => answers.len() - 2,
            _ => chosen,
        };
        let event = answers.swap_remove(chosen);
        if let Event::HumanAnswered { answer, .. } = &event {
            let word = format!("{answer:?}");
            let word = word.split([' ', '{']).next().unwrap_or_default().to_owned();
            self.seen(format!("answered {word}"));
        }
        let before = self.run.clone();
        let entry = Entry {
            at: at(self.panels.now),
            event: event.clone(),
        };
        match self.run.apply(entry) {
            Ok(()) => self.check_truth(),
            Err(refused) => {
                assert_eq!(self.run, before, "a refused answer changed the run");
                // Too early to tell, or no answer to this question; giving up always is one.
                assert!(
                    !matches!(
                        event,
                        Event::Resumed { .. }
                            | Event::HumanAnswered {
                                answer: Answer::Abandon,
                                ..
                            }
                    ),
                    "{refused}"
                );
            }
        }
    }

    /// What is true of the step now and answers the question, the most helpful first.
    fn truthful(&self, step: &StepPath, attention: &Attention) -> Vec<Event> {
        let mut answers = Vec::new();
        if let Some(Action::CreateHostingAccount(create)) =
            self.run.plan().step(step).map(|step| &step.action)
        {
            match self.panels.made_for(create.mark).first() {
                Some((server, account)) if attention.may_exist() => {
                    assert_eq!(Some(*server), self.run.server_of(step));
                    answers.push(Answer::Exists {
                        remote_id: account.id.to_string(),
                        username: Some(account.username.clone()),
                    });
                }
                None if attention.may_be_sent_again() => answers.push(Answer::SendAgain),
                _ => {}
            }
        }
        answers.push(Answer::TryAgain);
        answers
            .into_iter()
            .map(|answer| Event::HumanAnswered {
                step: step.clone(),
                answer,
                by: "support".into(),
            })
            .collect()
    }
}
