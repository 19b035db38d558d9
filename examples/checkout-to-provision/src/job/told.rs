//! What the command line says about steps of a run that stands still: answers, and manual work that is done.

use jiff::Timestamp;

use provisioning_core::plan::id::{Operation, PlanId, StepPath};
use provisioning_core::run::Run;
use provisioning_core::run::event::{Entry, Event};
use provisioning_engine::store::StoreError;
use provisioning_engine::{EngineError, RunView};

use super::Job;
use crate::answers::OPERATOR;
use crate::exit::Stop;
use crate::preflight::Input;

impl Job<'_> {
    /// Whether the command line says anything about steps.
    pub(super) fn is_told(&self) -> bool {
        !self.arguments.answer.is_empty() || !self.arguments.confirm_manual.is_empty()
    }

    /// An order that is new has no step to say anything about, and is not stored with a mistake in its command line.
    pub(super) async fn refuse_telling_a_new_order(&self, input: &Input) -> Result<(), Stop> {
        let run = PlanId::new(input.order.key(), Operation::Provision, 0);
        match self.engine.inspect(run).await {
            Err(EngineError::Store(StoreError::NoRun(_))) => Err(Stop::bad_input(vec![format!(
                "--answer and --confirm-manual are about an order that stands still, and the state has no run of {}",
                input.order.key()
            )])),
            known => {
                known?;
                Ok(())
            }
        }
    }

    /// Records all of it, or nothing if any does not fit.
    pub(super) async fn tell(&self, run: PlanId) -> Result<(), Stop> {
        let view = self.run_of_steps(run).await?;
        let run = view.id;
        let Some(planned) = view.run() else {
            return Err(Stop::bad_input(vec![
                "--answer and --confirm-manual: the order has no plan yet, so none of its steps asks anything".to_owned(),
            ]));
        };
        self.would_fit(planned)?;
        for answered in &self.arguments.answer {
            self.patiently(|| {
                let (step, answer) = (answered.step.clone(), answered.answer.clone());
                self.engine.answer(run, step, answer, OPERATOR)
            })
            .await?;
            self.report.say(&format!("  answered {}", answered.step));
        }
        for step in &self.arguments.confirm_manual {
            self.patiently(|| self.engine.manual_done(run, step.clone(), OPERATOR))
                .await?;
            self.report
                .say(&format!("  done     {step}: by hand, says the {OPERATOR}"));
        }
        Ok(())
    }

    /// The newest run of the order that has all steps of the command: its own, or one that a payment event led to. Else its
    /// own, which says what does not fit.
    async fn run_of_steps(&self, run: PlanId) -> Result<RunView, Stop> {
        let answered = self.arguments.answer.iter().map(|answered| &answered.step);
        let steps: Vec<&StepPath> = answered.chain(&self.arguments.confirm_manual).collect();
        let has_all = |view: &RunView| {
            let plan = view.run().map(Run::plan);
            plan.is_some_and(|plan| steps.iter().all(|step| plan.step(step).is_some()))
        };
        let views = self.engine.runs_of_order(run).await?;
        match views.into_iter().rev().find(has_all) {
            Some(view) => Ok(view),
            None => Ok(self.engine.inspect(run).await?),
        }
    }

    /// Tries everything on a copy of the run: what is wrong with one answer must not be found after another was recorded.
    fn would_fit(&self, run: &Run) -> Result<(), Stop> {
        let mut run = run.clone();
        let mut problems = Vec::new();
        let answers = self.arguments.answer.iter();
        let answers = answers.map(|answered| ("--answer", answered.event()));
        let manual = self.arguments.confirm_manual.iter();
        let manual = manual.map(|step| ("--confirm-manual", manual_confirmed(step)));
        for (option, event) in answers.chain(manual) {
            let at = Timestamp::now();
            if let Err(problem) = run.apply(Entry { at, event }) {
                problems.push(format!("{option}: {problem}"));
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        let mut stop = Stop::not_finished(
            "not_answered",
            "nothing was recorded and nothing was sent, because it does not fit how the order stands:".to_owned(),
        );
        stop.problems = problems;
        Err(stop)
    }
}

fn manual_confirmed(step: &StepPath) -> Event {
    Event::ManualConfirmed {
        step: step.clone(),
        by: OPERATOR.to_owned(),
    }
}
