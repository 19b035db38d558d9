//! Taking payment events in.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use provisioning_core::money::Money;
use provisioning_core::order::{
    Digest, OrderItem, OrderMode, PaymentEvent, PaymentEventKind, TenantId,
};
use provisioning_core::payment::{Amendment, PaymentState};

use super::settling::Settlement;
use super::{Engine, EngineError};
use crate::kill;
use crate::seal::SealContext;
use crate::store::{Delivered, NewEvent, Sealed, StoredEvent};

/// What became of a payment event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventTaken {
    /// Whether it is new, and whose it is.
    pub delivered: Delivered,
    /// What was decided about its order. None if nothing had to be decided, or if another worker is at the order's first
    /// run: it decides before it begins the next call.
    pub settlement: Option<Settlement>,
}

/// What is kept of a payment event beside its kind and time. What was not understood of it is not kept.
#[derive(Serialize, Deserialize)]
struct Details {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<OrderItem>,
}

impl Engine {
    /// Takes a payment event in: it is stored before anything else happens, then its order is decided about.
    ///
    /// Redeliveries are told by the event's id and change nothing. Events may come in any order and before their order:
    /// the newest that says whether the order is paid counts, *paid* on a tie. What follows is recorded before this
    /// returns, and carried out by [`Engine::work`], or by [`Engine::run`] for each of the runs that were made. Nothing is
    /// sent to any panel here. From the moment the event is stored, no run of the order begins another call before
    /// somebody has decided.
    ///
    /// # Errors
    /// [`EngineError::Store`] or [`EngineError::SealEvent`] before it is stored: have it delivered again. Any error
    /// afterwards is one of deciding; whoever takes the order up next decides again.
    pub async fn payment_event(&self, event: &PaymentEvent) -> Result<EventTaken, EngineError> {
        let details = Details {
            amount: event.amount(),
            reason: event.reason().map(str::to_owned),
            items: event.items().to_vec(),
        };
        let id = id_of(event);
        let new = NewEvent {
            tenant: event.tenant().clone(),
            mode: event.mode(),
            aliases: event.aliases().iter().cloned().collect(),
            kind: event.kind(),
            occurred_at: event.occurred_at(),
            details: self.seal_details(event.tenant(), event.mode(), &id, &details)?,
            at: self.now(),
            id,
        };
        self.keep_event(new).await
    }

    /// Stores that an order holds other items from now on.
    pub(super) async fn amended(
        &self,
        order: &provisioning_core::order::PaidOrder,
        items: Vec<OrderItem>,
    ) -> Result<EventTaken, EngineError> {
        let at = self.now();
        let id = format!("amend/{}", Amendment::new(at, items.clone()).id().digest);
        let (tenant, mode) = (order.key().tenant(), order.key().mode());
        let details = Details {
            amount: None,
            reason: None,
            items,
        };
        let id = format!("{id}/{}", at.as_microsecond());
        let new = NewEvent {
            tenant: tenant.clone(),
            mode,
            aliases: order.aliases().iter().cloned().collect(),
            kind: PaymentEventKind::Amended,
            occurred_at: at,
            details: self.seal_details(tenant, mode, &id, &details)?,
            at,
            id,
        };
        self.keep_event(new).await
    }

    async fn keep_event(&self, new: NewEvent) -> Result<EventTaken, EngineError> {
        kill::at("before-event-kept");
        let delivered = self.inner.store.keep_event(new).await?;
        kill::at("after-event-kept");
        let settlement = match &delivered {
            Delivered::New { run } | Delivered::Redelivered { run: Some(run) } => {
                self.inner.arrived.notify_one();
                self.settle_now(*run).await?
            }
            _ => None,
        };
        Ok(EventTaken {
            delivered,
            settlement,
        })
    }

    fn seal_details(
        &self,
        tenant: &TenantId,
        mode: OrderMode,
        id: &str,
        details: &Details,
    ) -> Result<Sealed, EngineError> {
        let plain = serde_json::to_vec(details)
            .map_err(|error| EngineError::Unstorable(error.to_string()))?;
        let purpose = purpose(mode, id);
        let context = SealContext {
            tenant,
            run: None,
            purpose: &purpose,
        };
        let value =
            self.inner
                .sealer
                .seal(context, &plain)
                .map_err(|problem| EngineError::SealEvent {
                    event: id.to_owned(),
                    problem,
                })?;
        Ok(Sealed {
            key_id: self.inner.sealer.key_id().to_owned(),
            value,
        })
    }

    /// Takes a stored event into account.
    pub(super) fn fold(
        &self,
        state: &mut PaymentState,
        event: &StoredEvent,
    ) -> Result<(), EngineError> {
        if event.kind != PaymentEventKind::Amended {
            state.happened(event.kind, event.occurred_at);
            return Ok(());
        }
        let purpose = purpose(event.mode, &event.id);
        let context = SealContext {
            tenant: &event.tenant,
            run: None,
            purpose: &purpose,
        };
        let Sealed { key_id, value } = &event.details;
        let plain = self
            .inner
            .sealer
            .open(context, key_id, value)
            .map_err(|problem| EngineError::SealEvent {
                event: event.id.clone(),
                problem,
            })?;
        let details: Details =
            serde_json::from_slice(&plain).map_err(|error| EngineError::Event {
                event: event.id.clone(),
                problem: error.to_string(),
            })?;
        state.amend(Amendment::new(event.occurred_at, details.items));
        Ok(())
    }

    /// Seals what is kept of an event under the newest key.
    pub(super) async fn reseal_event(&self, event: &StoredEvent) -> Result<(), EngineError> {
        let sealer = &self.inner.sealer;
        let purpose = purpose(event.mode, &event.id);
        let context = SealContext {
            tenant: &event.tenant,
            run: None,
            purpose: &purpose,
        };
        let Sealed { key_id, value } = &event.details;
        let value = sealer
            .open(context, key_id, value)
            .and_then(|plain| sealer.seal(context, &plain))
            .map_err(|problem| EngineError::SealEvent {
                event: event.id.clone(),
                problem,
            })?;
        let details = Sealed {
            key_id: sealer.key_id().to_owned(),
            value,
        };
        Ok(self.inner.store.reseal_event(event, details).await?)
    }
}

fn purpose(mode: OrderMode, id: &str) -> String {
    format!("payment-event/{mode}/{id}")
}

/// What tells a redelivery. An event without an id of its own is the same if it says the same about the same order.
fn id_of(event: &PaymentEvent) -> String {
    if let Some(id) = event.event_id() {
        return format!("{}/{id}", event.source());
    }
    let mut content = format!(
        "{}\n{}\n{}",
        event.source(),
        event.kind(),
        event.occurred_at()
    );
    for alias in event.aliases() {
        // Writing to a string does not fail.
        let _ = write!(content, "\n{alias}");
    }
    if !event.items().is_empty() {
        let digest = Amendment::new(event.occurred_at(), event.items().to_vec())
            .id()
            .digest;
        let _ = write!(content, "\n{digest}");
    }
    format!(
        "{}/sha256:{}",
        event.source(),
        Digest::of(content.as_bytes())
    )
}
