//! Runs and plans for tests that need a store and no panel.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{
    Fleet, FleetConfig, Observation, Reservation, ServerConfig, ServerName,
};
use provisioning_core::order::PaidOrder;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::Run;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::{CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::outcome::Outcome;
use provisioning_engine::store::{
    Claim, FreeSlots, NewRun, Projection, Room, Sealed, Standing, Store, StoreError, Submitted,
};

use crate::shop::order;

pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// An instant of these tests, in seconds from their beginning.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub(super) fn server(name: &str) -> ServerName {
    ServerName::new(name).unwrap()
}

pub(super) fn an_order(id: &str) -> PaidOrder {
    order(id, &format!("{id}@example.com"))
}

pub(super) fn new_run(id: &str, submitted: Timestamp) -> NewRun {
    let order = an_order(id);
    NewRun {
        id: PlanId::new(order.key(), Operation::Provision, 0),
        key: order.key().clone(),
        aliases: order.aliases().iter().cloned().collect(),
        content: order.digest().to_string(),
        order: Sealed {
            key_id: "tests".to_owned(),
            value: format!("sealed order {id}"),
        },
        at: submitted,
    }
}

pub(super) async fn submit(store: &Arc<dyn Store>, id: &str, submitted: Timestamp) -> PlanId {
    match store.submit(new_run(id, submitted)).await.unwrap() {
        Submitted::New { run } => run,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn claim(store: &Arc<dyn Store>, run: PlanId, now: Timestamp) -> Claim {
    store.claim(run, "tests", now, now + LEASE).await.unwrap()
}

/// A plan that takes a place on np-1.
pub(super) fn a_plan(id: &str) -> Plan {
    let url = "http://127.0.0.1:9".parse().unwrap();
    let config = ServerConfig::new(server("np-1"), url, 1_000).unwrap();
    let config = FleetConfig::new([config])
        .unwrap()
        .with_preview_domain("preview.example.net")
        .unwrap();
    let counted = Observation::Counted {
        accounts: 0,
        reserved_uncounted: 0,
    };
    let fleet = Fleet::new(config).with_observation(&server("np-1"), counted);
    let inputs = Inputs::new(Capabilities::nextpanel(Duration::from_secs(60)));
    plan(
        &an_order(id),
        &Catalog::migrahosting(),
        &fleet,
        &inputs,
        at(0),
    )
    .unwrap()
}

/// The places a plan takes when it is stored.
pub(super) fn places(plan: &Plan, now: Timestamp) -> Projection {
    let reservations = plan
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::CreateHostingAccount(create) => Some(Reservation::new(
                create.servers[0].name.clone(),
                create.usernames[0].clone(),
                format!("{}/{}", plan.id, step.path),
            )),
            _ => None,
        })
        .collect();
    Projection {
        reservations,
        wake_at: Some(now),
        standing: Standing::Ready,
        server: Some(server("np-1")),
        ..Projection::default()
    }
}

pub(super) fn room(version: u64, free: u32) -> Room {
    let slots = FreeSlots {
        slots: free,
        version,
    };
    Room {
        servers: [(server("np-1"), slots)].into(),
    }
}

/// A run with a plan, claimed.
pub(super) async fn planned(store: &Arc<dyn Store>, id: &str, now: Timestamp) -> (Claim, Run) {
    let run = submit(store, id, now).await;
    let claim = claim(store, run, now).await;
    let plan = a_plan(id);
    let projection = places(&plan, now);
    store
        .planned(&claim, plan.clone(), projection, &room(u64::MAX >> 1, 1))
        .await
        .unwrap();
    (claim, Run::start(plan))
}

/// Records one event.
pub(super) async fn append(
    store: &Arc<dyn Store>,
    claim: &Claim,
    run: &mut Run,
    event: Event,
    now: Timestamp,
) -> Result<(), StoreError> {
    let entry = Entry { at: now, event };
    let projection = places(run.plan(), now);
    store
        .append(claim, std::slice::from_ref(&entry), projection, None)
        .await?;
    run.apply(entry).unwrap();
    Ok(())
}

pub(super) fn sealed(run: &Run, bytes: &str) -> Event {
    Event::CredentialSealed(CredentialSealed {
        credential: run.plan().credentials[0].id.clone(),
        key_id: "tests".to_owned(),
        sealed: bytes.to_owned(),
    })
}

/// The Intent that is due.
pub(super) fn intent(run: &Run, now: Timestamp) -> Event {
    let call = run
        .next(now)
        .into_iter()
        .find_map(|directive| match directive {
            Directive::Call(call) => Some(call),
            _ => None,
        })
        .unwrap();
    Event::Intent(Intent {
        step: call.step,
        attempt: call.attempt,
        candidate: call.candidate,
        server: call.server,
        key: call.key,
    })
}

pub(super) fn not_sent(intent: &Event) -> Event {
    let Event::Intent(intent) = intent else {
        panic!("{intent:?}")
    };
    Event::Outcome {
        step: intent.step.clone(),
        attempt: intent.attempt,
        outcome: Outcome::NotSent {
            text: "connection refused".to_owned(),
            retryable: true,
            not_before: None,
        },
    }
}
