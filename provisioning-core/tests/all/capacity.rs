//! Many runs on a small fleet: no server ever holds more than it has room for, and no room is lost.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any, proptest};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{
    CountedAccount, Fleet, FleetConfig, Observation, Reservation, ReservedAccount, ServerName,
    uncounted_slots,
};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::{Action, CreateHostingAccount};
use provisioning_core::plan::id::Mark;
use provisioning_core::plan::step::Step;
use provisioning_core::planner::plan;
use provisioning_core::run::Run;
use provisioning_core::run::directive::{Call, Request};

use crate::driver::Driver;
use crate::exactly_once::cases;
use crate::fate::{CreateFate, Fates, LookUpFate, Tape, VerifyFate};
use crate::model_panel::{Panel, Panels};
use crate::sample::{at, code, fleet_of, inputs, item, order_of};

const FLEET: [(&str, u32, u32); 3] = [("np-1", 4, 0), ("np-2", 3, 0), ("np-3", 2, 0)];
const ORDERS: usize = 10;

/// What is sold: an account of one slot, and one of two.
fn catalog() -> Catalog {
    let bundled = Catalog::migrahosting();
    let ordinary = bundled.find(&code("wp_growth")).unwrap().clone();
    let mut large = ordinary.clone().with_weight(2);
    large.code = code("wp_large");
    large.also.clear();
    let (currency, attach) = (bundled.currency(), bundled.attach_policy());
    Catalog::new("tests", currency, attach, vec![ordinary, large]).unwrap()
}

fn creates(plan: &Plan) -> impl Iterator<Item = (&Step, &CreateHostingAccount)> {
    plan.steps.iter().filter_map(|step| match &step.action {
        Action::CreateHostingAccount(create) => Some((step, create.as_ref())),
        _ => None,
    })
}

/// What a run holds: for each account it makes, may make or has made, the server and username it is at.
fn reservations(planned: &Planned<'_>) -> Vec<Reservation> {
    let run = &planned.driver.run;
    let place_of = |(step, create): (&Step, &CreateHostingAccount)| {
        let account = match (run.account(&step.path), planned.is_over) {
            (Some(_), true) => ReservedAccount::Left,
            (None, true) => return None,
            (Some(_), false) => ReservedAccount::Established,
            (None, false) => ReservedAccount::Expected,
        };
        let candidate = run.step(&step.path)?.candidate as usize;
        let username = create.usernames.get(candidate)?.clone();
        let holder = format!("run {}", planned.number);
        let place = Reservation::new(run.server_of(&step.path)?.clone(), username, holder)
            .with_slots(create.weight)
            .with_mark(create.mark)
            .with_account(account);
        Some(place)
    };
    creates(run.plan()).filter_map(place_of).collect()
}

/// Slots that are left on a panel beside `held`.
fn free(name: &ServerName, panel: &Panel, held: &[Reservation]) -> u32 {
    let (accounts, reserved) = count(name, panel, held);
    let capacity = FLEET.iter().find(|(server, ..)| *server == name.as_str());
    capacity
        .map_or(0, |(_, capacity, _)| *capacity)
        .saturating_sub(accounts + reserved)
}

fn count(name: &ServerName, panel: &Panel, held: &[Reservation]) -> (u32, u32) {
    let shown: Vec<Option<String>> = panel
        .accounts
        .iter()
        .map(|account| account.made_for.filter(|_| panel.shows_marks))
        .map(|mark| mark.map(|mark| mark.to_string()))
        .collect();
    let counted =
        panel.accounts.iter().zip(&shown).map(|(account, mark)| {
            CountedAccount::new(&account.username).with_mark(mark.as_deref())
        });
    let reserved = uncounted_slots(held, name, counted);
    (panel.accounts.len() as u32, reserved)
}

/// A tape that lets requests be lost, late or refused, and an engine that looks for room before a request that goes
/// elsewhere than planned.
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
    fn has_room(&mut self, run: &Run, panels: &Panels, call: &Call) -> bool {
        let Request::CreateHostingAccount { create, .. } = &call.request else {
            return true;
        };
        let server = call.server.clone().unwrap();
        let as_planned = call.candidate == 0 && create.servers[0].name == server;
        if as_planned || run.step(&call.step).unwrap().may_exist_here() {
            return true;
        }
        free(&server, &panels.servers[&server], &self.held_by_others) >= create.weight
    }
}

/// The fleet as a recount sees it now.
fn counted(config: &FleetConfig, panels: &Panels, held: &[Reservation]) -> Fleet {
    let mut fleet = Fleet::new(config.clone());
    for (name, panel) in &panels.servers {
        let (accounts, reserved_uncounted) = count(name, panel, held);
        let observation = Observation::Counted {
            accounts,
            reserved_uncounted,
        };
        fleet.observe(name, observation);
    }
    fleet
}

fn within_capacity(panels: &Panels, weights: &BTreeMap<Mark, u32>) {
    for (name, capacity, _) in FLEET {
        let panel = &panels.servers[&crate::sample::server(name)];
        let used: u32 = panel
            .accounts
            .iter()
            .map(|account| account.made_for.map_or(1, |mark| weights[&mark]))
            .sum();
        assert!(used <= capacity, "{used} of {capacity} used on {name}");
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
        .filter(|(index, _)| Some(*index) != except)
        .flat_map(|(_, planned)| reservations(planned))
        .collect()
}

/// Orders for the same few names, so that candidates collide with each other and with strangers; planned whenever a
/// recount shows room. How many got a plan.
fn many_runs(numbers: Vec<u16>) -> usize {
    let mut choices = Tape::new(numbers);
    let config = fleet_of(&FLEET).config().clone();
    let mut panels = Panels::new(FLEET.iter().map(|(name, ..)| *name));
    let weights: Vec<u32> = (0..ORDERS).map(|_| [1, 1, 2][choices.pick(3)]).collect();
    let names: Vec<String> = candidates(&weights);
    for panel in panels.servers.values_mut() {
        panel.shows_marks = choices.pick(2) == 0;
        if choices.pick(3) == 2 {
            panel.stranger(&names[choices.pick(names.len())]);
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
    let mut slots: BTreeMap<Mark, u32> = BTreeMap::new();
    for _ in 0..3_000 {
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
            within_capacity(&panels, &slots);
        } else if let Some((number, crowded)) = waiting.pop() {
            let recounted = counted(&config, &panels, &held(&runs, None));
            match an_order(number, weights[number], &recounted, panels.now) {
                Some(plan) => {
                    slots.extend(creates(&plan).map(|(_, create)| (create.mark, create.weight)));
                    runs.push(Planned {
                        number,
                        driver: Driver::new(plan, Panels::new([]), crowded),
                        is_over: false,
                    });
                }
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
    within_capacity(&panels, &slots);
    runs.len()
}

fn an_order(number: usize, weight: u32, fleet: &Fleet, now: i64) -> Option<Plan> {
    let domain = format!("example.{}", ["com", "net", "org"][number % 3]);
    let product = if weight == 1 { "wp_growth" } else { "wp_large" };
    let order = order_of(
        &format!("A-{number}"),
        vec![item(0, product, Some(&domain))],
    );
    match plan(&order, &catalog(), fleet, &inputs(), at(now)) {
        Ok(plan) => Some(plan),
        Err(rejection) => {
            assert!(rejection.may_pass(), "{rejection}");
            None
        }
    }
}

/// Every username that an order may come to try within its first two.
fn candidates(weights: &[u32]) -> Vec<String> {
    let empty = fleet_of(&[("np-1", 9, 0)]);
    let plans = weights
        .iter()
        .enumerate()
        .map(|(number, weight)| an_order(number, *weight, &empty, 0).unwrap());
    plans
        .flat_map(|plan| {
            let two = |create: &CreateHostingAccount| create.usernames[..2].to_vec();
            let names: Vec<_> = creates(&plan).flat_map(|(_, create)| two(create)).collect();
            names
        })
        .map(|username| username.to_string())
        .collect()
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

/// In a healthy world each of the nine slots is used, and the tenth order finds none.
#[test]
fn every_slot_is_used() {
    assert_eq!(many_runs(Vec::new()), 9);
}
