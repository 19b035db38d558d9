//! One look-up after an unknown outcome.

use provisioning_core::run::directive::LookUp;
use provisioning_core::run::event::Event;
use provisioning_core::run::finding::Finding;

use super::EngineError;
use super::claimed::Claimed;
use super::words::describe_finding;
use crate::progress::Happened;
use crate::store::Binding;

impl Claimed {
    pub(super) async fn look_up(&mut self, look_up: LookUp) -> Result<(), EngineError> {
        let id = self.run.plan().id;
        let executor = self.executor(&look_up.step)?;
        let password = self.password(&look_up.step)?;
        let known = self.known(look_up.server.as_ref()).await?;
        self.engine.tell(
            id,
            Happened::LookingUp {
                step: look_up.step.clone(),
                server: look_up.server.clone(),
            },
        );
        let report = executor.look_up(&look_up, password.as_ref(), known).await;
        let mut finding = report.finding;
        if let (Finding::Read { matches, .. }, Some(server)) = (&mut finding, &look_up.server) {
            for found in matches {
                let binding = Binding {
                    server: server.clone(),
                    remote_id: found.remote_id.clone(),
                };
                if let Some(owner) = self.engine.inner.store.bound_to(&binding).await?
                    && owner != id
                {
                    found.bound_to = Some(owner.to_string());
                }
            }
            self.engine
                .inner
                .store
                .learn(server, report.learned)
                .await?;
        }
        let words = describe_finding(&finding);
        self.record(Event::LookedUp {
            step: look_up.step.clone(),
            finding,
        })
        .await?;
        let done = self.is_done(&look_up.step);
        self.engine.tell(
            id,
            Happened::LookedUp {
                step: look_up.step,
                done,
                found: words,
            },
        );
        Ok(())
    }
}
