//! A crowd on panels with exactly enough room: replies are lost, requests refused or late, look-ups fail, strangers have the
//! names, and workers die all the time. Each order gets its one account, and no panel more than it holds.
//!
//! 200 orders, or as many as `CROWD_ORDERS` says.
#![allow(
    clippy::print_stdout,
    reason = "how the crowd fared is told with --nocapture"
)]

mod panels;
mod unruly;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{Fleet, Observation, Reservation, ReservedAccount, ServerName};
use provisioning_core::order::PaidOrder;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::{
    Binding, ListedRun, MOST_CRASHES, Standing, Store, StoredState, Wanted,
};
use provisioning_engine::{Engine, ServerLimits, WorkOptions};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::place::{StoreKind, new_store, on_every_store};
use crate::shop::{LONGEST, MovedClock, builder, new_run, order, over};
use crate::stub::fleet;
use panels::Panels;
use unruly::{Unruly, roll};

const SEED: u64 = 0x5eed_c0de;
const LEASE: Duration = Duration::from_secs(30);

/// More than one order would ever take on a machine that is busy with other things.
const LONGEST_PER_ORDER: Duration = Duration::from_millis(1_500);

fn orders() -> u32 {
    std::env::var("CROWD_ORDERS").map_or(200, |orders| orders.parse().unwrap())
}

/// An order of a customer whose name others have, too.
fn order_of(number: u32) -> PaidOrder {
    let email = format!("customer{}@shop{number}.example.com", number % 40);
    order(&format!("crowd-{number}"), &email)
}

/// Its plan on a server that has room; its ids and usernames are those of any plan of it.
fn plan_of(order: &PaidOrder) -> Plan {
    let name = ServerName::new("np-1").unwrap();
    let counted = Observation::Counted {
        accounts: 0,
        reserved_uncounted: 0,
    };
    let fleet = Fleet::new(fleet(&[("np-1", 100)])).with_observation(&name, counted);
    let inputs = Inputs::new(Capabilities::nextpanel(LONGEST));
    plan(
        order,
        &Catalog::migrahosting(),
        &fleet,
        &inputs,
        Timestamp::now(),
    )
    .unwrap()
}

/// The username that is tried as the `nth`, counted from 0.
fn username(plan: &Plan, nth: usize) -> String {
    let mut names = plan.steps.iter().filter_map(|step| match &step.action {
        Action::CreateHostingAccount(create) => Some(create.usernames[nth].to_string()),
        _ => None,
    });
    names.next().unwrap()
}

/// Everything that outlives the workers.
struct Crowd {
    kind: StoreKind,
    store: Arc<dyn Store>,
    panels: Arc<Panels>,
    unruly: Unruly,
    clock: MovedClock,
}

impl Crowd {
    /// An engine as a process that was just started has it.
    fn engine(&self, worker: &str) -> Engine {
        let (_, fleet) = over(self.panels.sandbox(), &[]);
        builder(Arc::clone(&self.store), fleet, self.clock.clone())
            .executor(self.unruly.clone())
            .lease(LEASE)
            .worker(worker)
            .plan_again(Duration::from_millis(50))
            // So much goes wrong here that patience is what is left; and no server is left alone for it.
            .retry(RetryPolicy {
                initial_ms: 10,
                cap_ms: 100,
                failures: 60,
                ..RetryPolicy::default()
            })
            .limits(ServerLimits::default().with_circuit(1_000, Duration::from_millis(10)))
            .build()
            .unwrap()
    }

    fn worker(&self, name: &str) -> JoinHandle<()> {
        let engine = self.engine(name);
        let options = WorkOptions::default()
            .with_concurrency(16)
            .with_idle(Duration::from_millis(20));
        tokio::spawn(async move {
            engine.work(options, std::future::pending::<()>()).await;
        })
    }

    async fn list(&self) -> Vec<ListedRun> {
        let wanted = Wanted {
            most: u32::MAX,
            ..Wanted::default()
        };
        self.store.list(wanted).await.unwrap()
    }

    /// Two workers, one of which dies every now and then amid whatever it does. How many have died.
    async fn work(&self, orders: u32) -> u32 {
        let names = ["one", "two"];
        let mut workers = names.map(|name| self.worker(name));
        let give_up = Instant::now() + LONGEST_PER_ORDER * orders;
        // A few hundred orders in memory or in a file take a second or two; whoever works on PostgreSQL begins by connecting.
        let shortest = match self.kind {
            StoreKind::Postgres => 100,
            _ => 50,
        };
        let mut died = 0;
        loop {
            let pause = shortest + roll(SEED, ("pause", died)) % (4 * shortest);
            // How long a worker lives, by the seed.
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let which = (roll(SEED, ("which", died)) % 2) as usize;
            workers[which].abort();
            assert!((&mut workers[which]).await.unwrap_err().is_cancelled());
            self.clock.advance(LEASE + Duration::from_secs(1));
            died += 1;
            self.panels.check_room();
            let listed = self.list().await;
            let open: Vec<&ListedRun> = listed
                .iter()
                .filter(|run| run.standing != Standing::AwaitingConfirmation)
                .collect();
            if open.is_empty() {
                break;
            }
            assert!(Instant::now() < give_up, "{}", self.why(&open).await);
            for run in open {
                // A run that was in hand each time a worker died is left alone until an operator lets it in.
                if run.crashes + i64::from(run.lease.is_some()) >= MOST_CRASHES {
                    self.store.absolve(run.id).await.unwrap();
                }
            }
            workers[which] = self.worker(names[which]);
        }
        for worker in &workers {
            worker.abort();
        }
        died
    }

    /// Why runs are not done, for whoever reads the failure.
    async fn why(&self, open: &[&ListedRun]) -> String {
        let mut why = format!("{} runs are not done:", open.len());
        for run in open.iter().take(3) {
            let stored = self.store.load(run.id).await.unwrap();
            why += &format!("\n{run:?}\n{:?}", stored.state);
        }
        why
    }

    async fn run(&self, id: PlanId) -> Run {
        match self.store.load(id).await.unwrap().state {
            StoredState::Planned(journal) => Run::replay(*journal).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

async fn every_order_of_a_crowd_gets_its_one_account(kind: StoreKind) {
    let orders = orders();
    let sold: Vec<PaidOrder> = (0..orders).map(order_of).collect();
    let plans: Vec<Plan> = sold.iter().map(plan_of).collect();
    let panels = Arc::new(Panels::start(&plans).await);
    let clock = MovedClock::default();
    let (store, _folder) = new_store(kind).await;
    let (executor, _) = over(panels.sandbox(), &[]);
    let crowd = Crowd {
        kind,
        store,
        unruly: Unruly::new(executor, SEED, clock.clone(), Arc::clone(&panels)),
        panels,
        clock,
    };
    let desk = crowd.engine("desk");
    for order in &sold {
        new_run(&desk, order).await;
    }
    let began = Instant::now();
    let died = crowd.work(orders).await;
    crowd.unruly.let_everything_arrive().await;
    println!(
        "{orders} orders on {kind:?} in {:?}, {died} workers died, {}",
        began.elapsed(),
        crowd.unruly.met()
    );

    crowd.panels.check_room();
    assert_eq!(crowd.panels.created(), orders as usize, "one account each");
    assert!(died > 3, "workers died");
    crowd.unruly.check_that_all_befell();
    let mut places = Vec::new();
    for listed in crowd.list().await {
        let run = crowd.run(listed.id).await;
        let status = run.status(Timestamp::now());
        assert!(
            matches!(status, RunStatus::AwaitingConfirmation { .. }),
            "{status:?}"
        );
        assert_eq!((listed.wake_at, listed.denied_by.len()), (None, 0));
        let place = check_account(&crowd, &desk, &run).await;
        places.push(place);
    }
    let mut held = crowd.store.reservations(None).await.unwrap().reservations;
    let by_holder = |place: &Reservation| place.holder().to_owned();
    held.sort_by_key(by_holder);
    places.sort_by_key(by_holder);
    assert_eq!(held, places);
}

/// Checks the one account of a run: on one panel, with its mark and its password, bound to it. The place it holds.
async fn check_account(crowd: &Crowd, desk: &Engine, run: &Run) -> Reservation {
    let (step, create) = run
        .plan()
        .steps
        .iter()
        .find_map(|step| match &step.action {
            Action::CreateHostingAccount(create) => Some((step, create)),
            _ => None,
        })
        .unwrap();
    let account = run.account(&step.path).unwrap();
    crowd.panels.check_made_once(create.mark, account);
    let [credential] = desk
        .unconfirmed(run.plan().id)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert!(
        crowd
            .panels
            .at(&account.server)
            .password_is(&account.username, credential.expose_password()),
        "{account:?}"
    );
    let binding = Binding {
        server: account.server.clone(),
        remote_id: account.remote_id.clone(),
    };
    let owner = crowd.store.bound_to(&binding).await.unwrap();
    assert_eq!(owner, Some(run.plan().id));
    let username = account.username.parse().unwrap();
    let holder = format!("{}/{}", run.plan().id, step.path);
    Reservation::new(account.server.clone(), username, holder)
        .with_mark(create.mark)
        .with_account(ReservedAccount::Established)
}

on_every_store!(every_order_of_a_crowd_gets_its_one_account);
