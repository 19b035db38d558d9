//! Runs that leave a dead server at the same time for the same last places elsewhere: the places are taken in the
//! transaction that begins the call, so the first gets one and nobody stands in another's way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use panel_sandbox::PanelSandbox;
use panel_sandbox::nextpanel_panel::PanelSettings;
use provisioning_core::fleet::{Observation, Reservation, ServerName};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::directive::{Call, LookUp};
use provisioning_core::run::outcome::Outcome;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::executor::{CallReport, Executor, Known, LookUpReport, PreviewedRequest};
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::{Engine, RunOptions, RunView};
use secrecy::SecretString;
use tokio::sync::Barrier;

use crate::place::{StoreKind, on_every_store};
use crate::shop::{
    MovedClock, Running, engine_with, hosting, is_awaiting_confirmation, new_run, order, planned,
    status,
};

/// How the other servers are counted.
#[derive(Debug)]
struct Counting {
    /// So many counts fail first.
    failing: AtomicUsize,
    /// So many counts then have come to an end before any of them is told.
    together: AtomicUsize,
    barrier: Barrier,
}

impl Counting {
    fn new(failing: usize, together: usize) -> Self {
        Self {
            failing: AtomicUsize::new(failing),
            together: AtomicUsize::new(together),
            barrier: Barrier::new(together.max(1)),
        }
    }
}

fn one_less(count: &AtomicUsize) -> bool {
    let less = |count: usize| count.checked_sub(1);
    count
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
        .is_ok()
}

/// np-1 is counted and takes no call. The others take calls, and once np-1 is left are counted as the test wants it.
#[derive(Debug)]
struct FirstIsDead {
    inner: NextPanelExecutor,
    calls: AtomicUsize,
    counting: Arc<Counting>,
}

#[async_trait]
impl Executor for FirstIsDead {
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
            .is_some_and(|server| server.as_str() == "np-1")
        {
            self.calls.fetch_add(1, Ordering::SeqCst);
            return CallReport::without_lesson(Outcome::NotSent {
                text: "connection refused".to_owned(),
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
        let has_moved = self.calls.load(Ordering::SeqCst) > 0 && server.as_str() != "np-1";
        if has_moved && one_less(&self.counting.failing) {
            let text = "not now".to_owned();
            return Observation::CountFailed { text };
        }
        let observed = self.inner.observe(server, reservations).await;
        if has_moved && one_less(&self.counting.together) {
            self.counting.barrier.wait().await;
        }
        observed
    }

    fn preview_observe(&self, server: &ServerName) -> Vec<PreviewedRequest> {
        self.inner.preview_observe(server)
    }
}

/// Two runs planned on np-1, which dies then; every other server has one place.
async fn two_runs(
    store: StoreKind,
    others: &[&str],
    counting: Counting,
) -> (PanelSandbox, Running, [PlanId; 2]) {
    let mut panels =
        PanelSandbox::builder().nextpanel_panel(PanelSettings::new("np-1").with_capacity(50));
    for name in others {
        panels = panels.nextpanel_panel(PanelSettings::new(*name).with_capacity(2));
    }
    let panels = panels.start().await.unwrap();
    for name in others {
        let panel = panels.nextpanel_panel(name).unwrap();
        panel.add_stranger("neighbour").unwrap();
    }
    let counting = Arc::new(counting);
    let engine = engine_with(store, &panels, &[], MovedClock::default(), |inner| {
        FirstIsDead {
            inner,
            calls: AtomicUsize::new(0),
            counting,
        }
    })
    .await;
    let mut runs = Vec::new();
    for number in 0..2 {
        let order = order(
            &format!("move-{number}"),
            &format!("move{number}@example.com"),
        );
        let run = new_run(&engine, &order).await;
        let view = engine.plan_run(run).await.unwrap();
        let server = planned(&view).server_of(&hosting()).unwrap();
        assert_eq!(server.as_str(), "np-1");
        runs.push(run);
    }
    (panels, engine, runs.try_into().unwrap())
}

/// The server a run has its account on; nothing if it found no room anywhere.
fn server_of(view: &RunView) -> Option<String> {
    if is_awaiting_confirmation(view) {
        let account = planned(view).account(&hosting()).unwrap();
        return Some(account.server.to_string());
    }
    let RunStatus::NeedsAttention { steps } = status(view) else {
        panic!("{:?}", status(view))
    };
    let why = steps[0].1.to_string();
    assert!(why.contains("no room any more: 0 free, 1 needed"), "{why}");
    None
}

async fn both(engine: &Engine, runs: [PlanId; 2]) -> Vec<Option<String>> {
    let options = RunOptions {
        longest_wait: Duration::from_secs(5),
    };
    let [one, other] = runs;
    let (one, other) = tokio::join!(engine.run(one, options), engine.run(other, options));
    let mut servers = vec![server_of(&one.unwrap()), server_of(&other.unwrap())];
    servers.sort_unstable();
    servers
}

fn made_on(panels: &PanelSandbox, server: &str) -> usize {
    panels.nextpanel_panel(server).unwrap().created_by_clients()
}

/// Neither has sent anything to the second server when the other comes to it.
async fn of_two_that_have_moved_to_the_same_last_place_the_first_takes_it(store: StoreKind) {
    // One count for each of them fails, so that both have left np-1 and wait for another count of np-2.
    let (panels, engine, runs) = two_runs(store, &["np-2"], Counting::new(2, 0)).await;
    let not_waiting = RunOptions {
        longest_wait: Duration::ZERO,
    };
    for run in runs {
        let moved = async {
            loop {
                let view = engine.run(run, not_waiting).await.unwrap();
                let server = planned(&view).server_of(&hosting()).unwrap().clone();
                if server.as_str() == "np-2" {
                    return;
                }
                // The pause of its retry policy, which is less.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), moved)
            .await
            .unwrap();
    }
    assert_eq!(both(&engine, runs).await, [None, Some("np-2".to_owned())]);
    assert_eq!((made_on(&panels, "np-1"), made_on(&panels, "np-2")), (0, 1));
}

/// Both have counted the last place before either has taken it.
async fn of_two_that_have_counted_the_same_last_place_the_first_takes_it(store: StoreKind) {
    let (panels, engine, runs) = two_runs(store, &["np-2"], Counting::new(0, 2)).await;
    assert_eq!(both(&engine, runs).await, [None, Some("np-2".to_owned())]);
    assert_eq!((made_on(&panels, "np-1"), made_on(&panels, "np-2")), (0, 1));
}

/// Whoever comes too late for the second server goes on to the third.
async fn of_two_that_move_the_second_goes_on_to_the_next_server(store: StoreKind) {
    let others = ["np-2", "np-3"];
    let (panels, engine, runs) = two_runs(store, &others, Counting::new(0, 2)).await;
    let servers = others.map(|name| Some(name.to_owned()));
    assert_eq!(both(&engine, runs).await, servers);
    for server in others {
        assert_eq!(made_on(&panels, server), 1, "{server}");
        let panel = panels.nextpanel_panel(server).unwrap();
        assert_eq!(panel.accounts().len(), panel.capacity(), "{server}");
    }
}

on_every_store!(
    of_two_that_have_moved_to_the_same_last_place_the_first_takes_it,
    of_two_that_have_counted_the_same_last_place_the_first_takes_it,
    of_two_that_move_the_second_goes_on_to_the_next_server,
);
