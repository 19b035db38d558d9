//! What people tell a run.

use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::run::event::Answer;
use provisioning_engine::Engine;

use crate::Problem;
use crate::arguments::{AnswerArguments, Told};

pub(crate) async fn tell(engine: &Engine, run: PlanId, told: &Told) -> Result<(), Problem> {
    match told {
        Told::Answer { step, answer, .. } => {
            let step = known_step(engine, run, step).await?;
            let (answer, by) = answer_of(answer);
            engine.answer(run, step, answer, by).await?;
        }
        Told::ManualDone { step, who, .. } => {
            let step = known_step(engine, run, step).await?;
            engine.manual_done(run, step, &who.by).await?;
        }
        Told::Resume { who, .. } => {
            engine.resume(run, &who.by).await?;
        }
        Told::Cancel { reason, who, .. } => {
            engine.cancel(run, &who.by, reason).await?;
        }
        Told::Forget { .. } => engine.forget(run).await?,
    }
    Ok(())
}

fn answer_of(answer: &AnswerArguments) -> (Answer, &str) {
    match answer {
        AnswerArguments::Exists { id, username, who } => (
            Answer::Exists {
                remote_id: id.clone(),
                username: username.clone(),
            },
            &who.by,
        ),
        AnswerArguments::SendAgain { who } => (Answer::SendAgain, &who.by),
        AnswerArguments::WasDone { who } => (Answer::WasDone, &who.by),
        AnswerArguments::TryAgain { who } => (Answer::TryAgain, &who.by),
        AnswerArguments::Abandon { who } => (Answer::Abandon, &who.by),
    }
}

/// A step of the run; a misspelt one is answered with the names there are.
async fn known_step(engine: &Engine, run: PlanId, step: &str) -> Result<StepPath, Problem> {
    let view = engine.inspect(run).await?;
    let Some(planned) = view.run() else {
        return Err(provisioning_engine::EngineError::NotPlanned(run).into());
    };
    let path = StepPath::from(step);
    if planned.plan().step(&path).is_some() {
        return Ok(path);
    }
    let steps: Vec<&str> = planned
        .plan()
        .steps
        .iter()
        .map(|step| step.path.as_str())
        .collect();
    Err(Problem::bad_input(format!(
        "the run has no step `{step}`; its steps are: {}",
        steps.join(", ")
    )))
}
