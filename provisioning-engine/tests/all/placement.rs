//! Capacity is never exceeded, and another server is taken only while nothing of ours can be on the first.

use std::collections::BTreeSet;
use std::sync::Arc;

use panel_sandbox::PanelSandbox;
use panel_sandbox::nextpanel_panel::PanelSettings;
use provisioning_core::planner::rejection::Reason;
use provisioning_core::run::facts::Proof;
use provisioning_engine::{RunOptions, RunState};

use crate::shop::{
    MovedClock, Shop, engine_over, hosting, is_awaiting_confirmation, new_run, order, planned,
    status,
};

#[tokio::test]
async fn many_orders_at_once_fill_the_fleet_exactly_and_the_rest_are_rejected_in_numbers() {
    let shop = Arc::new(
        Shop::with_servers([
            PanelSettings::new("np-1").with_capacity(7),
            PanelSettings::new("np-2").with_capacity(5),
        ])
        .await,
    );
    let mut runs = Vec::new();
    for number in 0..20 {
        let order = order(
            &format!("rush-{number}"),
            &format!("rush{number}@example.com"),
        );
        runs.push(new_run(&shop.engine, &order).await);
    }
    let driving: Vec<_> = runs
        .into_iter()
        .map(|run| {
            let engine = shop.engine.clone();
            tokio::spawn(async move { engine.run(run, RunOptions::default()).await.unwrap() })
        })
        .collect();
    let mut made = BTreeSet::new();
    let mut rejected = 0;
    for view in driving {
        let view = view.await.unwrap();
        match &view.state {
            RunState::Planned(run) => {
                assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
                let account = run.account(&hosting()).unwrap();
                made.insert((account.server.to_string(), account.remote_id.clone()));
            }
            RunState::Rejected(rejection) => {
                assert!(rejection.may_pass(), "{rejection}");
                let Reason::NoServer { refusals, .. } = &rejection.reasons[0] else {
                    panic!("{rejection}")
                };
                assert_eq!(refusals.len(), 2, "{rejection}");
                rejected += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((made.len(), rejected), (12, 8));
    assert_eq!(
        shop.panels
            .nextpanel_panel("np-1")
            .unwrap()
            .accounts()
            .len(),
        7
    );
    assert_eq!(
        shop.panels
            .nextpanel_panel("np-2")
            .unwrap()
            .accounts()
            .len(),
        5
    );
}

#[tokio::test]
async fn a_full_fleet_takes_the_order_again_once_there_is_room() {
    let shop = Shop::with_one_server(|panel| panel.with_capacity(3)).await;
    shop.arm("server-full");
    let (run, view) = shop.run_order().await;
    assert!(matches!(view.state, RunState::Rejected(_)));
    shop.panels.heal();
    assert!(is_awaiting_confirmation(&shop.go_on(run).await));
}

#[tokio::test]
async fn a_server_that_dies_after_planning_is_left_for_the_next_one() {
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1"))
        .nextpanel_panel(PanelSettings::new("np-2"))
        .start()
        .await
        .unwrap();
    panels
        .nextpanel_panel("np-2")
        .unwrap()
        .add_stranger("neighbour")
        .unwrap();
    let engine = engine_over(&panels, &[], MovedClock::default());
    let run = new_run(&engine, &order("1", "a@example.com")).await;
    let view = engine.plan_run(run).await.unwrap();
    assert_eq!(
        planned(&view).server_of(&hosting()).unwrap().as_str(),
        "np-1"
    );

    // The same store and plan, and a client for np-1 that nobody answers.
    let first = panels.nextpanel_panel("np-1").unwrap();
    first
        .arm_for(
            "rate-limited".parse().unwrap(),
            panel_sandbox::nextpanel_panel::operations::CREATE_ACCOUNT,
            1,
        )
        .unwrap();
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    // A pause is not death: the run stays where it is.
    assert_eq!(
        planned(&view).account(&hosting()).unwrap().server.as_str(),
        "np-1"
    );
    assert_eq!(
        planned(&view).account(&hosting()).unwrap().proof,
        Proof::Created
    );
}

#[tokio::test]
async fn a_dead_server_is_not_placeable_and_costs_the_others_nothing() {
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1"))
        .start()
        .await
        .unwrap();
    // A port that was just free: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let engine = engine_over(&panels, &[("np-dead", &url)], MovedClock::default());
    let run = new_run(&engine, &order("1", "a@example.com")).await;
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    let plan = planned(&view).plan();
    assert_eq!(
        planned(&view).account(&hosting()).unwrap().server.as_str(),
        "np-1"
    );
    let refused = plan
        .refused_servers
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(refused.starts_with("np-dead: not counted: "), "{refused}");
}
