//! One look-up after an unknown outcome.

use provisioning_core::run::directive::LookUp;
use provisioning_core::run::event::Event;
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::Barrier;

use super::claimed::{Admitted, Claimed};
use super::drive::Acted;
use super::limits::Turn;
use super::redaction::Redaction;
use super::{Engine, EngineError};
use crate::kill;
use crate::progress::Happened;
use crate::store::Binding;

impl Claimed<'_> {
    pub(super) async fn look_up(&mut self, look_up: LookUp) -> Result<Acted, EngineError> {
        let id = self.run.plan().id;
        let executor = self.executor(&look_up.step)?;
        let password = self.password(&look_up.step)?;
        let known = self.known(look_up.server.as_ref()).await?;
        let turn = match self.admitted(look_up.server.as_ref()).await? {
            Admitted::Now(turn) => turn,
            Admitted::Stop => return Ok(Acted::Yes),
            Admitted::LeftAlone(left_alone) => {
                return Ok(Acted::NotBefore {
                    until: self.engine().after(left_alone.for_another),
                    step: look_up.step,
                    why: format!("the server is left alone: {}", left_alone.why),
                });
            }
        };
        let server = look_up.server.clone();
        let admissions = self.engine().inner.admissions.of(server.as_ref());
        self.engine().tell(
            id,
            Happened::LookingUp {
                step: look_up.step.clone(),
                server: look_up.server.clone(),
            },
        );
        let report = self
            .hold
            .alive(async {
                tokio::select! {
                    biased;
                    report = executor.look_up(&look_up, password.as_ref(), known) => report,
                    never = kill::amid("amid-look-up") => match never {},
                }
            })
            .await?;
        let mut finding = report.finding;
        self.engine().settle_look_up(turn, &finding);
        if let (Finding::Read { matches, .. }, Some(server)) = (&mut finding, &look_up.server) {
            for found in matches {
                let binding = Binding {
                    server: server.clone(),
                    remote_id: found.remote_id.clone(),
                };
                if let Some(owner) = self.engine().inner.store.bound_to(&binding).await?
                    && owner != id
                {
                    found.bound_to = Some(owner.to_string());
                }
            }
        }
        self.learn(look_up.server.as_ref(), known, report.learned)
            .await?;
        Redaction::of(&self.run, &look_up.step, password.as_ref()).finding(&mut finding);
        if let (
            Some(server),
            Finding::Denied {
                barrier: Barrier::Permission { denial },
                ..
            },
        ) = (&look_up.server, &finding)
        {
            self.engine().deny(server, denial).await?;
        }
        let words = finding.describe();
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
        self.go_on_with_a_new_key(server.as_ref(), admissions)
            .await?;
        Ok(Acted::Yes)
    }
}

impl Engine {
    /// Tells a server's limits how a look-up on it went.
    fn settle_look_up(&self, turn: Option<Turn>, finding: &Finding) {
        let Some(turn) = turn else { return };
        match finding {
            Finding::NotPossible {
                not_before: Some(until),
                ..
            } => turn.asked_for_a_pause(self.until(*until)),
            Finding::NotPossible { .. } => turn.failed(),
            Finding::Read { .. } | Finding::Denied { .. } => turn.answered(),
        }
    }
}
