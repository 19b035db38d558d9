//! Many orders, several worker processes that are killed again and again, and a network that loses, refuses and delays.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use panel_sandbox::nextpanel_panel::PanelSettings;
use panel_sandbox::nextpanel_panel::operations::CREATE_ACCOUNT;
use panel_sandbox::{ArrivalOrder, Count, Fault, PanelSandbox, RetryHint};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::Engine;
use provisioning_engine::store::{ListedRun, Standing, Wanted};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::io::AsyncReadExt as _;
use tokio::process::Child;

use super::job::{Job, panels_of};
use super::scene::lease;
use super::worker::{Ended, start};
use crate::place::{StoreKind, new_place, on_every_lasting_store};
use crate::shop::{hosting, new_run, order, planned, status};

const WORKERS: usize = 3;

/// Of every 100 requests that create: so many meet this.
const FAULTS: [(u32, Fault); 4] = [
    (20, Fault::LostReply),
    (10, Fault::Error500Once),
    (5, Fault::RateLimited(RetryHint::Missing)),
    (3, Fault::LateArrival(ArrivalOrder::BeforeResend)),
];

struct Crowd {
    panels: PanelSandbox,
    strangers: BTreeSet<String>,
    dice: StdRng,
    /// Requests that create, as far as the dice were thrown for them.
    thrown: Vec<usize>,
}

impl Crowd {
    /// Three servers with little more room than is needed, and strangers under names that customers would get.
    async fn start(orders: usize) -> Self {
        let room = orders / 3 + orders / 20 + 4;
        let mut builder = PanelSandbox::builder();
        for name in ["np-1", "np-2", "np-3"] {
            builder = builder.nextpanel_panel(PanelSettings::new(name).with_capacity(room));
        }
        let panels = builder.start().await.unwrap();
        let mut strangers = BTreeSet::new();
        for (number, panel) in panels.nextpanel_panels().iter().enumerate() {
            let name = format!("buyer{number}");
            panel.add_stranger(&name).unwrap();
            strangers.insert(name);
        }
        Self {
            thrown: vec![0; panels.nextpanel_panels().len()],
            panels,
            strangers,
            dice: StdRng::seed_from_u64(20_261_120),
        }
    }

    /// Arms as many faults as there were requests since the last time times how often they are to happen.
    fn throw_dice(&mut self) {
        for (panel, thrown) in self.panels.nextpanel_panels().iter().zip(&mut self.thrown) {
            let requests = panel.requests_for(&CREATE_ACCOUNT).len();
            for _ in *thrown..requests {
                let mut drawn = self.dice.random_range(0..100);
                for (of_hundred, fault) in FAULTS {
                    if drawn < of_hundred {
                        panel
                            .arm_for(fault, CREATE_ACCOUNT, Count::Times(1))
                            .unwrap();
                        break;
                    }
                    drawn -= of_hundred;
                }
            }
            *thrown = requests;
        }
    }

    fn is_within_capacity(&self) {
        for panel in self.panels.nextpanel_panels() {
            assert!(
                panel.accounts().len() <= panel.capacity(),
                "{}",
                panel.name()
            );
        }
    }

    fn times_struck(&self, fault: Fault) -> u32 {
        let panels = self.panels.nextpanel_panels().iter();
        panels.map(|panel| panel.times_struck(fault)).sum()
    }
}

async fn with(engine: &Engine, standing: Standing) -> Vec<ListedRun> {
    let wanted = Wanted {
        standing: Some(standing),
        most: 10_000,
        ..Wanted::default()
    };
    engine.list(wanted).await.unwrap()
}

async fn orders_survive_workers_that_are_killed(kind: StoreKind, orders: usize, longest: Duration) {
    let mut crowd = Crowd::start(orders).await;
    let (place, _guard) = new_place(kind).await;
    let folder = tempfile::tempdir().unwrap();
    let job = |number: usize| Job {
        kind,
        place: place.clone(),
        worker: format!("worker-{number}"),
        lease: lease(kind),
        concurrency: 8,
        panels: panels_of(&crowd.panels),
        mpanel: None,
        orders: Vec::new(),
        longest,
        events: Vec::new(),
        asked: Vec::new(),
        grace: None,
        inbox: folder.path().join("inbox"),
    };
    let jobs: Vec<Job> = (1..=WORKERS).map(job).collect();
    let engine = jobs[0].engine(None).await;
    for number in 0..orders {
        let order = order(
            &format!("R-{number}"),
            &format!("buyer{number}@example.com"),
        );
        new_run(&engine, &order).await;
    }

    let mut workers = Vec::new();
    for job in &jobs {
        workers.push(start(job, None).await);
    }
    let begun = Instant::now();
    // Few orders are done soon: what kills their workers has to be quick as well.
    let slowest = 100 + 6 * u64::try_from(orders).unwrap() / 10;
    let mut next_kill = begun + Duration::from_millis(slowest / 2);
    let (mut kills, mut looked_at) = (0, 0);
    while with(&engine, Standing::Over).await.len() < orders {
        assert!(begun.elapsed() < longest, "not over after {kills} kills");
        crowd.throw_dice();
        crowd.is_within_capacity();
        if Instant::now() >= next_kill {
            let victim = crowd.dice.random_range(0..WORKERS);
            workers[victim].kill().await.unwrap();
            kills += 1;
            workers[victim] = start(&jobs[victim], None).await;
            let pause = crowd.dice.random_range(50..slowest);
            next_kill = Instant::now() + Duration::from_millis(pause);
        }
        // A run that three workers in a row died with is left alone; somebody looks, sees that it was not its fault.
        let now = jiff::Timestamp::now();
        for standing in [
            Standing::Submitted,
            Standing::Ready,
            Standing::Waiting,
            Standing::AwaitingConfirmation,
        ] {
            for run in with(&engine, standing).await {
                if run.is_poisoned(now) {
                    looked_at += usize::from(engine.resume(run.id, "jo").await.is_ok());
                }
            }
        }
        for worker in &mut workers {
            if let Some(status) = worker.try_wait().unwrap()
                && !status.success()
            {
                panic!("a worker ended by itself: {status}: {}", said(worker).await);
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for worker in workers {
        let ended = super::worker::ended(worker).await;
        assert_eq!(ended, Ended::Done);
    }
    crowd.panels.settle().await;
    crowd.is_within_capacity();
    assert!(kills >= 3, "{kills}");
    assert!(crowd.times_struck(Fault::LostReply) > 0);
    assert!(
        looked_at <= orders / 5 + 2,
        "{looked_at} of {orders} were poisoned"
    );
    all_have_their_account(&engine, &crowd, &job_inbox(&jobs), orders).await;
    engine.close().await;
}

/// What a worker that has ended said.
async fn said(worker: &mut Child) -> String {
    let mut said = String::new();
    let errors = worker.stderr.as_mut().unwrap();
    errors.read_to_string(&mut said).await.unwrap();
    said
}

fn job_inbox(jobs: &[Job]) -> BTreeMap<String, BTreeSet<String>> {
    let inbox = std::fs::read_to_string(&jobs[0].inbox).unwrap();
    let mut passwords: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in inbox.lines() {
        let (username, password) = line.split_once('\t').unwrap();
        let of_user = passwords.entry(username.to_owned()).or_default();
        of_user.insert(password.to_owned());
    }
    passwords
}

/// As many accounts as orders, none of them a stranger's, each with one owner who has its password.
async fn all_have_their_account(
    engine: &Engine,
    crowd: &Crowd,
    inbox: &BTreeMap<String, BTreeSet<String>>,
    orders: usize,
) {
    let panels = crowd.panels.nextpanel_panels();
    let made: usize = panels.iter().map(|panel| panel.created_by_clients()).sum();
    assert_eq!(made, orders);
    let mut owned = BTreeSet::new();
    for listed in with(engine, Standing::Over).await {
        let view = engine.inspect(listed.id).await.unwrap();
        assert!(
            matches!(
                status(&view),
                RunStatus::Over(Conclusion::Done | Conclusion::DoneExceptManual { .. })
            ),
            "{:?}",
            status(&view)
        );
        let account = planned(&view).account(&hosting()).unwrap();
        let (server, id) = (account.server.to_string(), account.remote_id.clone());
        assert!(
            owned.insert((server.clone(), id)),
            "two owners: {account:?}"
        );
        let panel = crowd.panels.nextpanel_panel(&server).unwrap();
        let there = panel.account(&account.username).unwrap();
        assert!(!there.is_stranger, "{account:?}");
        assert_eq!(there.id.to_string(), account.remote_id);
        assert_eq!(
            panel.times_created_for(there.billing_id.as_deref().unwrap()),
            1
        );
        // Usernames repeat over servers; one of the passwords under this name opens this account.
        assert!(
            inbox[&account.username]
                .iter()
                .any(|password| panel.password_is(&account.username, password)),
            "{account:?}"
        );
    }
    assert_eq!(owned.len(), orders);
    let strangers: BTreeSet<String> = panels
        .iter()
        .flat_map(|panel| panel.strangers())
        .map(|stranger| stranger.username)
        .collect();
    assert_eq!(strangers, crowd.strangers);
}

async fn sixty_orders_survive_workers_that_are_killed(kind: StoreKind) {
    orders_survive_workers_that_are_killed(kind, 60, Duration::from_secs(240)).await;
}

on_every_lasting_store!(sixty_orders_survive_workers_that_are_killed,);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: .ci/full kills"]
async fn a_thousand_orders_survive_workers_that_are_killed() {
    let longest = Duration::from_secs(1_800);
    orders_survive_workers_that_are_killed(StoreKind::Sqlite, 1_000, longest).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: .ci/full postgres"]
async fn a_thousand_orders_survive_workers_that_are_killed_on_postgres() {
    if StoreKind::Postgres.is_here() {
        let longest = Duration::from_secs(1_800);
        orders_survive_workers_that_are_killed(StoreKind::Postgres, 1_000, longest).await;
    }
}
