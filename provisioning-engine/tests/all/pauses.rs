//! A panel that asks for a pause gets it.

use std::time::Duration;

use jiff::Timestamp;
use panel_sandbox::nextpanel_panel::PanelSettings;
use panel_sandbox::nextpanel_panel::operations::{CREATE_ACCOUNT, LIST_ACCOUNTS};
use panel_sandbox::{Count, Fault, RetryHint, WireSettings};
use provisioning_core::fleet::Observation;
use provisioning_core::placement::Constraint;
use provisioning_core::planner::rejection::Reason;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::RunState;
use provisioning_engine::clock::Clock;

use crate::place::{StoreKind, on_every_store};
use crate::shop::Shop;

/// Longer than a call waits by itself.
const PAUSE: Duration = Duration::from_secs(900);
const LIMITED: Fault = Fault::RateLimited(RetryHint::Given);

async fn shop(store: StoreKind) -> Shop {
    let wire = WireSettings::new().with_retry_after_seconds(PAUSE.as_secs());
    Shop::with_one_server(store, |panel: PanelSettings| panel.with_wire(wire)).await
}

async fn a_pause_ends_by_the_clock_of_the_engine(store: StoreKind) {
    let shop = shop(store).await;
    shop.clock.jump(-30 * 24 * 60 * 60);
    let limit = Count::Times(1);
    shop.panel()
        .arm_for(LIMITED, CREATE_ACCOUNT, limit)
        .unwrap();
    let before = shop.clock.now();
    let (_, view) = shop.run_order().await;
    let after = shop.clock.now();
    let Some(RunStatus::Waiting { until, why }) = view.status(after) else {
        panic!("{:?}", view.status(after));
    };
    assert!(
        (before + PAUSE..=after + PAUSE).contains(&until),
        "{until} {why}"
    );
    assert!(until < Timestamp::now());
}

async fn a_server_that_asks_for_a_pause_while_it_is_counted_is_not_asked_meanwhile(
    store: StoreKind,
) {
    let shop = shop(store).await;
    let limit = Count::Times(1);
    shop.panel().arm_for(LIMITED, LIST_ACCOUNTS, limit).unwrap();
    let (run, view) = shop.run_order().await;
    let asked = shop.panel().requests().len();
    assert_eq!(asked, 1);
    let pause = pause_of(&view.state);
    assert_eq!(pause, PAUSE);

    let view = shop.engine.plan_run(run).await.unwrap();
    assert_eq!(shop.panel().requests().len(), asked);
    let left = pause_of(&view.state);
    assert!(
        left <= PAUSE && left > PAUSE - Duration::from_secs(60),
        "{left:?}"
    );
}

/// How long the only server of a rejection is left alone.
fn pause_of(state: &RunState) -> Duration {
    let RunState::Rejected(rejection) = state else {
        panic!("{state:?}");
    };
    let [Reason::NoServer { refusals, .. }] = &rejection.reasons[..] else {
        panic!("{rejection}");
    };
    match &refusals[0].constraint {
        Constraint::NotCounted {
            observation: Observation::LeftAlone { retry_after, .. },
        } => *retry_after,
        other => panic!("{other}"),
    }
}

on_every_store!(
    a_pause_ends_by_the_clock_of_the_engine,
    a_server_that_asks_for_a_pause_while_it_is_counted_is_not_asked_meanwhile,
);
