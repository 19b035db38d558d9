//! One look-up on mPanel after an unknown outcome.

use provisioning_core::run::directive::mpanel::RecordLookUp;
use provisioning_core::run::event::Event;

use super::EngineError;
use super::claimed::Claimed;
use super::drive::Acted;
use crate::kill;
use crate::progress::Happened;

impl Claimed<'_> {
    pub(super) async fn look_up_record(
        &mut self,
        look_up: RecordLookUp,
    ) -> Result<Acted, EngineError> {
        let id = self.run.plan().id;
        let executor = self.executor(&look_up.step)?;
        self.engine().tell(
            id,
            Happened::LookingUp {
                step: look_up.step.clone(),
                server: None,
            },
        );
        let finding = self
            .hold
            .alive(async {
                tokio::select! {
                    biased;
                    finding = executor.look_up_record(&look_up) => finding,
                    never = kill::amid("amid-look-up") => match never {},
                }
            })
            .await?;
        let words = finding.describe_record();
        self.record(Event::LookedUp {
            step: look_up.step.clone(),
            finding,
        })
        .await?;
        let done = self.is_done(&look_up.step);
        self.engine().tell(
            id,
            Happened::LookedUp {
                step: look_up.step,
                done,
                found: words,
            },
        );
        Ok(Acted::Yes)
    }
}
