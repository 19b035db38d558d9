//! Many runs on a small fleet: no server ever holds more accounts than it has room for, and no room is lost.

use proptest::prelude::{Strategy, any, proptest};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{Fleet, FleetConfig, Observation, Reservation, uncounted_slots};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::planner::plan;
use provisioning_core::run::Run;
use provisioning_core::run::directive::{Call, Request};

use crate::driver::Driver;
use crate::exactly_once::cases;
use crate::fate::{CreateFate, Fates, LookUpFate, Tape, VerifyFate};
use crate::model_panel::Panels;
use crate::sample::{at, fleet_of, inputs, item, order_of};

const FLEET: [(&str, u32, u32); 3] = [("np-1", 3, 0), ("np-2", 2, 0), ("np-3", 1, 0)];
const ORDERS: usize = 7;

/// What a run holds: for each account it makes or may make, the server and username it is at.
fn reservations(run: &Run, holder: &str) -> Vec<Reservation> {
    let path_of = |step: &provisioning_core::plan::step::Step| match &step.action {
        Action::CreateHostingAccount(create) => {
            let candidate = run.step(&step.path)?.candidate as usize;
            let username = create.usernames.get(candidate)?.clone();
            Some(
                Reservation::new(run.server_of(&step.path)?.clone(), username, holder)
                    .with_slots(create.weight),
            )
        }
        _ => None,
    };
    run.plan().steps.iter().filter_map(path_of).collect()
}

/// A tape that lets requests be lost, late or refused, and an engine that looks for room before each request.
struct Crowded {
    tape: Tape,
    held_by_others: Vec<Reservation>,
}

impl Fates for Crowded {
    fn create(&mut self) -> CreateFate {
        match self.tape.create() {
            // Strangers are there from the start: what they take later no reservation can know of.
            CreateFate::StrangerFirst
            | CreateFate::StrangerFirstReplyLost
            | CreateFate::ReplyOfAnother => CreateFate::ReplyLost,
            fate => fate,
        }
    }
    fn look_up(&mut self) -> LookUpFate {
        match self.tape.look_up() {
            LookUpFate::StrangerFirst => LookUpFate::Whole,
            fate => fate,
        }
    }
    fn verify(&mut self) -> VerifyFate {
        self.tape.verify()
    }
    fn has_room(&mut self, panels: &Panels, call: &Call) -> bool {
        let Request::CreateHostingAccount {
            create, username, ..
        } = &call.request
        else {
            return true;
        };
        let server = call.server.clone().unwrap();
        let names: Vec<&str> = panels.servers[&server]
            .accounts
            .iter()
            .map(|account| account.username.as_str())
            .collect();
        let own =
            Reservation::new(server.clone(), username.clone(), "own").with_slots(create.weight);
        let uncounted = uncounted_slots(
            self.held_by_others.iter().chain([&own]),
            &server,
            names.iter().copied(),
        );
        let capacity = FLEET
            .iter()
            .find(|(name, ..)| *name == server.as_str())
            .map(|(_, capacity, _)| *capacity);
        names.len() as u32 + uncounted <= capacity.unwrap_or(0)
    }
}

/// The fleet as a recount sees it now.
fn counted(config: &FleetConfig, panels: &Panels, held: &[Reservation]) -> Fleet {
    let mut fleet = Fleet::new(config.clone());
    for (name, panel) in &panels.servers {
        let names = panel
            .accounts
            .iter()
            .map(|account| account.username.as_str());
        let observation = Observation::Counted {
            accounts: panel.accounts.len() as u32,
            reserved_uncounted: uncounted_slots(held, name, names),
        };
        fleet.observe(name, observation);
    }
    fleet
}

fn within_capacity(panels: &Panels) {
    for (name, capacity, _) in FLEET {
        let there = panels.servers[&crate::sample::server(name)].accounts.len();
        assert!(
            there <= capacity as usize,
            "{name} holds {there} of {capacity}"
        );
    }
}

/// A run that was planned, until it is over and after.
struct Planned<'a> {
    number: usize,
    driver: Driver<'a, Crowded>,
    is_over: bool,
}

/// What all runs but the one at `except` hold.
fn held(runs: &[Planned<'_>], except: Option<usize>) -> Vec<Reservation> {
    runs.iter()
        .enumerate()
        .filter(|(index, planned)| Some(*index) != except && !planned.is_over)
        .flat_map(|(_, planned)| {
            reservations(&planned.driver.run, &format!("run {}", planned.number))
        })
        .collect()
}

/// Orders for the same few names, so that candidates collide; planned whenever a recount shows room. How many got a
/// plan.
fn many_runs(numbers: Vec<u16>) -> usize {
    let mut choices = Tape::new(numbers);
    let config = fleet_of(&FLEET).config().clone();
    let mut panels = Panels::new(FLEET.iter().map(|(name, ..)| *name));
    for panel in panels.servers.values_mut() {
        if choices.pick(3) == 2 {
            panel.stranger("example");
        }
    }
    let mut fates: Vec<Crowded> = (0..ORDERS)
        .map(|_| Crowded {
            tape: Tape::new((0..30).map(|_| choices.pick(65_536) as u16).collect()),
            held_by_others: Vec::new(),
        })
        .collect();
    let mut waiting: Vec<(usize, &mut Crowded)> = fates.iter_mut().enumerate().collect();
    let mut runs: Vec<Planned<'_>> = Vec::new();
    for _ in 0..2_000 {
        let open: Vec<usize> = (0..runs.len())
            .filter(|index| !runs[*index].is_over)
            .collect();
        if open.is_empty() && waiting.is_empty() {
            break;
        }
        let which = choices.pick(open.len() + usize::from(!waiting.is_empty()));
        if let Some(index) = open.get(which) {
            let others = held(&runs, Some(*index));
            let planned = &mut runs[*index];
            planned.driver.fates.held_by_others = others;
            std::mem::swap(&mut planned.driver.panels, &mut panels);
            planned.is_over = planned.driver.act().is_some();
            std::mem::swap(&mut planned.driver.panels, &mut panels);
            within_capacity(&panels);
        } else if let Some((number, crowded)) = waiting.pop() {
            let recounted = counted(&config, &panels, &held(&runs, None));
            match an_order(number, &recounted, panels.now) {
                Some(plan) => runs.push(Planned {
                    number,
                    driver: Driver::new(plan, Panels::new([]), crowded),
                    is_over: false,
                }),
                // Full for now: it comes again as long as a run may still free its room.
                None if !open.is_empty() => waiting.insert(0, (number, crowded)),
                None => {}
            }
        }
    }
    assert!(
        runs.iter().all(|planned| planned.is_over),
        "a run never ended"
    );
    let end = panels.now + 60_000;
    panels.advance_to(end);
    within_capacity(&panels);
    runs.len()
}

fn an_order(number: usize, fleet: &Fleet, now: i64) -> Option<Plan> {
    let domain = format!("example.{}", ["com", "net", "org"][number % 3]);
    let order = order_of(
        &format!("A-{number}"),
        vec![item(0, "wp_growth", Some(&domain))],
    );
    match plan(&order, &Catalog::migrahosting(), fleet, &inputs(), at(now)) {
        Ok(plan) => Some(plan),
        Err(rejection) => {
            assert!(rejection.may_pass(), "{rejection}");
            None
        }
    }
}

fn numbers() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..600)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn no_server_ever_holds_more_than_its_capacity(numbers in numbers()) {
        many_runs(numbers);
    }
}

/// In a healthy world each of the six slots is used, and the seventh order finds none.
#[test]
fn every_slot_is_used() {
    assert_eq!(many_runs(Vec::new()), 6);
}
