//! One call: Intent, request, Outcome.

use provisioning_core::run::directive::{Call, Request};
use provisioning_core::run::event::{Event, Intent};
use provisioning_core::run::facts::Facts;
use provisioning_core::run::outcome::Outcome;
use provisioning_core::run::step_state::StepState;

use super::EngineError;
use super::claimed::Claimed;
use super::words::describe_outcome;
use crate::executor::CallReport;
use crate::progress::Happened;
use crate::store::Binding;

impl Claimed {
    pub(super) async fn call(&mut self, call: Call) -> Result<(), EngineError> {
        let id = self.run.plan().id;
        let executor = self.executor(&call.step)?;
        let password = self.password(&call.step)?;
        let known = self.known(call.server.as_ref()).await?;
        self.record(Event::Intent(Intent {
            step: call.step.clone(),
            attempt: call.attempt,
            candidate: call.candidate,
            server: call.server.clone(),
            key: call.key,
        }))
        .await?;
        self.engine.tell(
            id,
            Happened::Calling {
                step: call.step.clone(),
                attempt: call.attempt,
                server: call.server.clone(),
            },
        );
        let report = match self.no_room(&call).await? {
            Some(full) => CallReport::without_lesson(full),
            None => executor.call(&call, password.as_ref(), known).await,
        };
        if let Some(server) = &call.server {
            self.engine
                .inner
                .store
                .learn(server, report.learned)
                .await?;
        }
        let outcome = self.not_another_runs(report.outcome).await?;
        let words = describe_outcome(&outcome);
        self.record(Event::Outcome {
            step: call.step.clone(),
            attempt: call.attempt,
            outcome,
        })
        .await?;
        let done = self.is_done(&call.step);
        self.engine.tell(
            id,
            Happened::Came {
                step: call.step,
                done,
                outcome: words,
            },
        );
        Ok(())
    }

    /// The plan counted on the room of its first server. A run that moves to another server, or to another name because
    /// somebody took the first (and with it, perhaps, the room), counts before it sends anything.
    async fn no_room(&self, call: &Call) -> Result<Option<Outcome>, EngineError> {
        let (Request::CreateHostingAccount { create, .. }, Some(server)) =
            (&call.request, &call.server)
        else {
            return Ok(None);
        };
        let is_first_choice = call.candidate == 0
            && create
                .servers
                .first()
                .is_none_or(|first| first.name == *server);
        // What may be there already must not be kept from its look-up by a server that is full because of it.
        let may_be_there = self
            .run
            .step(&call.step)
            .is_some_and(StepState::may_exist_here);
        if is_first_choice || may_be_there {
            return Ok(None);
        }
        let not_sent = |text| {
            Some(Outcome::NotSent {
                text,
                retryable: true,
                not_before: None,
            })
        };
        Ok(
            match self
                .engine
                .count_room(self.run.plan().id, &call.step, server)
                .await?
            {
                Ok(free) if free >= create.weight => None,
                Ok(free) => not_sent(format!(
                    "{server} has no room any more: {free} free, {} needed",
                    create.weight
                )),
                Err(why) => not_sent(format!("{server} cannot be counted: {why}")),
            },
        )
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
            if let Some(owner) = self.engine.inner.store.bound_to(&binding).await?
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
