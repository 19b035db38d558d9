//! Capacity is never exceeded, and another server is taken only while nothing of ours can be on the first.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use panel_sandbox::PanelSandbox;
use panel_sandbox::nextpanel_panel::PanelSettings;
use provisioning_core::fleet::{Observation, Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::rejection::Reason;
use provisioning_core::run::directive::{Call, LookUp};
use provisioning_core::run::outcome::Outcome;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::{Engine, RunOptions, RunState};
use secrecy::SecretString;

use crate::place::{StoreKind, on_every_store};
use crate::shop::{
    MovedClock, Running, Shop, engine_over, engine_with, hosting, is_awaiting_confirmation,
    new_run, order, order_of, planned, status,
};

async fn many_orders_at_once_fill_the_fleet_exactly_and_the_rest_are_rejected_in_numbers(
    store: StoreKind,
) {
    let shop = Arc::new(
        Shop::with_servers(
            store,
            [
                PanelSettings::new("np-1").with_capacity(7),
                PanelSettings::new("np-2").with_capacity(5),
            ],
        )
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
            let engine = Engine::clone(&shop.engine);
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

async fn a_full_fleet_takes_the_order_again_once_there_is_room(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel.with_capacity(3)).await;
    shop.arm("server-full");
    let (run, view) = shop.run_order().await;
    assert!(matches!(view.state, RunState::Rejected(_)));
    shop.panels.heal();
    assert!(is_awaiting_confirmation(&shop.go_on(run).await));
}

/// Calls to one server never leave; everything else goes through.
#[derive(Debug)]
struct CutOff {
    inner: NextPanelExecutor,
    server: &'static str,
}

#[async_trait]
impl Executor for CutOff {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn preview(&self, plan: &Plan, step: &StepPath) -> Vec<PreviewedRequest> {
        self.inner.preview(plan, step)
    }

    async fn call(&self, call: &Call, password: Option<&SecretString>, known: Known) -> CallReport {
        if call
            .server
            .as_ref()
            .is_some_and(|server| server.as_str() == self.server)
        {
            let text = "connection refused".to_owned();
            return CallReport::without_lesson(Outcome::NotSent {
                text,
                retryable: true,
                not_before: None,
            });
        }
        self.inner.call(call, password, known).await
    }

    async fn look_up(
        &self,
        look_up: &LookUp,
        password: Option<&SecretString>,
        known: Known,
    ) -> LookUpReport {
        self.inner.look_up(look_up, password, known).await
    }

    async fn observe(&self, server: &ServerName, reservations: &[Reservation]) -> Observation {
        self.inner.observe(server, reservations).await
    }

    fn preview_observe(&self, server: &ServerName) -> Vec<PreviewedRequest> {
        self.inner.preview_observe(server)
    }
}

async fn two_servers_of_which_the_better_dies_after_planning(
    store: StoreKind,
    room_on_second: usize,
) -> (PanelSandbox, Running, PlanId) {
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1").with_capacity(50))
        .nextpanel_panel(PanelSettings::new("np-2").with_capacity(10))
        .start()
        .await
        .unwrap();
    let second = panels.nextpanel_panel("np-2").unwrap();
    second.add_stranger("neighbour").unwrap();
    let engine = engine_with(store, &panels, &[], MovedClock::default(), |inner| CutOff {
        inner,
        server: "np-1",
    })
    .await;
    let run = new_run(&engine, &order("1", "a@example.com")).await;
    let view = engine.plan_run(run).await.unwrap();
    assert_eq!(
        planned(&view).server_of(&hosting()).unwrap().as_str(),
        "np-1"
    );
    for number in 0..9 - room_on_second {
        second.add_stranger(&format!("later{number}")).unwrap();
    }
    (panels, engine, run)
}

async fn a_server_that_dies_after_planning_is_left_for_the_next_ranked_one(store: StoreKind) {
    let (panels, engine, run) = two_servers_of_which_the_better_dies_after_planning(store, 1).await;
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(
        planned(&view).account(&hosting()).unwrap().server.as_str(),
        "np-2"
    );
    assert_eq!(
        panels.nextpanel_panel("np-1").unwrap().created_by_clients(),
        0
    );
}

async fn the_next_ranked_server_is_counted_again_before_anything_is_sent_to_it(store: StoreKind) {
    let (panels, engine, run) = two_servers_of_which_the_better_dies_after_planning(store, 0).await;
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert!(
        steps[0]
            .1
            .to_string()
            .contains("np-2 has no room any more: 0 free, 1 needed"),
        "{}",
        steps[0].1
    );
    assert_eq!(
        panels.nextpanel_panel("np-2").unwrap().created_by_clients(),
        0
    );
}

async fn a_dead_server_is_not_placeable_and_costs_the_others_nothing(store: StoreKind) {
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1"))
        .start()
        .await
        .unwrap();
    // A port that was just free: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let engine = engine_over(store, &panels, &[("np-dead", &url)], MovedClock::default()).await;
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

async fn a_stranger_who_takes_the_name_and_the_last_place_leaves_no_room_for_the_next_name(
    store: StoreKind,
) {
    let shop = Shop::with_one_server(store, |panel| panel.with_capacity(1)).await;
    shop.arm("username-taken-by-other");
    let (_, view) = shop.run_order().await;
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert!(
        steps[0].1.to_string().contains("no room any more"),
        "{}",
        steps[0].1
    );
    assert_eq!(shop.panel().accounts().len(), 1);
    assert_eq!(shop.customers_accounts(), 0);
}

async fn an_item_that_moves_does_not_take_the_place_of_another_item_of_its_order(store: StoreKind) {
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1").with_capacity(1))
        .nextpanel_panel(PanelSettings::new("np-2").with_capacity(1))
        .start()
        .await
        .unwrap();
    let engine = engine_with(store, &panels, &[], MovedClock::default(), |inner| CutOff {
        inner,
        server: "np-1",
    })
    .await;
    let items =
        r#"{"code":"wp_growth","domain":"a.example"},{"code":"wp_growth","domain":"b.example"}"#;
    let run = new_run(&engine, &order_of("2", "a@example.com", items)).await;
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    assert_eq!(panels.nextpanel_panel("np-2").unwrap().accounts().len(), 1);
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert!(
        steps[0].1.to_string().contains("no room any more"),
        "{}",
        steps[0].1
    );
}

on_every_store!(
    an_item_that_moves_does_not_take_the_place_of_another_item_of_its_order,
    a_stranger_who_takes_the_name_and_the_last_place_leaves_no_room_for_the_next_name,
    many_orders_at_once_fill_the_fleet_exactly_and_the_rest_are_rejected_in_numbers,
    a_full_fleet_takes_the_order_again_once_there_is_room,
    a_server_that_dies_after_planning_is_left_for_the_next_ranked_one,
    the_next_ranked_server_is_counted_again_before_anything_is_sent_to_it,
    a_dead_server_is_not_placeable_and_costs_the_others_nothing,
);
