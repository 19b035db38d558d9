//! Places that were promised: a paid order that was given one finds it there, whoever holds its name meanwhile.

use std::collections::BTreeMap;

use proptest::prelude::*;
use provisioning_core::fleet::{
    CountedAccount, Reservation, ReservedAccount, ServerName, uncounted_slots,
};
use provisioning_core::plan::id::{Mark, PlanId, StepPath};
use provisioning_core::username::Username;
use uuid::Uuid;

use crate::exactly_once::cases;
use crate::fate::Tape;
use crate::sample::server;

fn username(text: &str) -> Username {
    Username::new(text).unwrap()
}

fn mark(number: usize) -> Mark {
    PlanId::from(Uuid::from_u128(number as u128)).mark(&StepPath::from("hosting"))
}

fn on_np_1(name: &str, account: ReservedAccount) -> Reservation {
    Reservation::new(server("np-1"), username(name), format!("run of {name}")).with_account(account)
}

fn uncounted(held: &[Reservation], usernames: &[&str]) -> u32 {
    let counted = usernames.iter().map(|name| CountedAccount::new(name));
    uncounted_slots(held, &server("np-1"), counted)
}

#[test]
fn a_stranger_with_the_username_of_an_account_to_come_takes_nothing_of_its_place() {
    let held = [on_np_1("shop", ReservedAccount::Expected)];
    assert_eq!(uncounted(&held, &["shop"]), 1);
    let established = [on_np_1("shop", ReservedAccount::Established)];
    assert_eq!(uncounted(&established, &["shop"]), 0);
    assert_eq!(uncounted(&established, &["other"]), 1);
}

#[test]
fn a_mark_tells_an_account_to_come_from_a_strangers() {
    let held = [on_np_1("shop", ReservedAccount::Expected).with_mark(mark(1))];
    let seen = |shown: &str| {
        let counted = [CountedAccount::new("shop").with_mark(Some(shown))];
        uncounted_slots(&held, &server("np-1"), counted)
    };
    assert_eq!(seen(&mark(1).to_string()), 0);
    assert_eq!(seen(&mark(1).to_string().to_uppercase()), 0);
    assert_eq!(seen(&mark(2).to_string()), 1);
    assert_eq!(seen("B-1001"), 1);
    assert_eq!(seen(""), 1);
}

#[test]
fn one_account_is_one_reservations_of_its_name() {
    let held = [
        on_np_1("shop", ReservedAccount::Established),
        on_np_1("shop", ReservedAccount::Established).with_slots(3),
        on_np_1("shop", ReservedAccount::Expected),
        on_np_1("other", ReservedAccount::Established),
        Reservation::new(server("np-2"), username("third"), "run 4"),
    ];
    assert_eq!(uncounted(&held, &[]), 6);
    // Whichever of the two the account is, the other's slots stay held.
    assert_eq!(uncounted(&held, &["shop", "stranger", "shop"]), 5);
    let counted = [CountedAccount::new("third")];
    assert_eq!(uncounted_slots(&held, &server("np-2"), counted), 1);
}

#[test]
fn an_account_of_three_slots_keeps_the_two_that_no_count_sees() {
    for (account, there, gone) in [
        (ReservedAccount::Expected, 3, 3),
        (ReservedAccount::Established, 2, 3),
        (ReservedAccount::Left, 2, 0),
    ] {
        let held = [on_np_1("shop", account).with_slots(3)];
        assert_eq!(uncounted(&held, &["shop"]), there, "{account}");
        assert_eq!(uncounted(&held, &["other"]), gone, "{account}");
    }
    // A name that was given back and taken again belongs to whoever has it now.
    let held = [
        on_np_1("shop", ReservedAccount::Left).with_slots(9),
        on_np_1("shop", ReservedAccount::Established).with_slots(3),
    ];
    assert_eq!(uncounted(&held, &["shop"]), 2);
    let marked = [
        on_np_1("shop", ReservedAccount::Left).with_slots(9),
        on_np_1("shop", ReservedAccount::Expected)
            .with_slots(3)
            .with_mark(mark(1)),
    ];
    let shown = mark(1).to_string();
    let counted = [CountedAccount::new("shop").with_mark(Some(&shown))];
    assert_eq!(uncounted_slots(&marked, &server("np-1"), counted), 2);
}

#[test]
fn what_becomes_known_of_an_account_leaves_its_place_where_it_is() {
    let place = on_np_1("shop", ReservedAccount::Expected).with_mark(mark(1));
    for account in ReservedAccount::ALL {
        assert!(place.clone().with_account(account).is_same_place(&place));
        assert_eq!(account.as_str().parse(), Ok(account));
    }
    assert!(!place.clone().with_slots(2).is_same_place(&place));
    assert!(!on_np_1("other", ReservedAccount::Expected).is_same_place(&place));
    assert!("counted".parse::<ReservedAccount>().is_err());
}

/// An account on a panel, or one that was there.
#[derive(Debug, Clone)]
struct Account {
    username: String,
    /// The run it was made for; none for a stranger's.
    made_for: Option<usize>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its next request is to be sent.
    Ready,
    /// Its account was made, and the answer is on its way or lost.
    Made,
    /// It knows its account.
    Established,
    /// It is over.
    Over,
}

#[derive(Debug, Clone)]
struct ModelRun {
    number: usize,
    candidates: Vec<Username>,
    candidate: usize,
    slots: u32,
    stage: Stage,
    /// The version at which its place was last changed.
    since: u64,
}

impl ModelRun {
    fn reservation(&self) -> Reservation {
        let account = match self.stage {
            Stage::Ready | Stage::Made => ReservedAccount::Expected,
            Stage::Established => ReservedAccount::Established,
            Stage::Over => ReservedAccount::Left,
        };
        let username = self.candidates[self.candidate].clone();
        Reservation::new(server("np-1"), username, format!("run {}", self.number))
            .with_slots(self.slots)
            .with_mark(mark(self.number))
            .with_account(account)
    }
}

/// A count that was begun, and what it has read if it is through.
#[derive(Debug, Clone)]
struct Count {
    held: Vec<Reservation>,
    version: u64,
    accounts: Option<Vec<Account>>,
}

/// One server that many runs share, as engine and store treat it.
#[derive(Debug)]
struct Model {
    name: ServerName,
    capacity: u32,
    shows_marks: bool,
    accounts: Vec<Account>,
    runs: Vec<ModelRun>,
    version: u64,
    count: Option<Count>,
}

impl Model {
    fn held(&self, except: Option<usize>) -> Vec<Reservation> {
        self.runs
            .iter()
            .filter(|run| Some(run.number) != except)
            .map(ModelRun::reservation)
            .filter(Reservation::holds_beyond_a_count)
            .collect()
    }

    fn free(&self, held: &[Reservation], accounts: &[Account]) -> u32 {
        let marks: BTreeMap<usize, String> = self
            .runs
            .iter()
            .map(|run| (run.number, mark(run.number).to_string()))
            .collect();
        let counted = accounts.iter().map(|account| {
            let mark = account
                .made_for
                .filter(|_| self.shows_marks)
                .map(|run| marks[&run].as_str());
            CountedAccount::new(&account.username).with_mark(mark)
        });
        let uncounted = uncounted_slots(held, &self.name, counted);
        self.capacity
            .saturating_sub(accounts.len() as u32)
            .saturating_sub(uncounted)
    }

    /// Gives a new run a place if the last count and what was taken since leave one.
    fn place(&mut self, candidates: Vec<Username>, slots: u32) {
        let Some(Count {
            held,
            version,
            accounts: Some(accounts),
        }) = &self.count
        else {
            return;
        };
        let taken_since: u32 = self
            .runs
            .iter()
            .filter(|run| run.since > *version)
            .map(|run| run.slots)
            .sum();
        if self.free(held, accounts) >= taken_since + slots {
            self.version += 1;
            self.runs.push(ModelRun {
                number: self.runs.len(),
                candidates,
                candidate: 0,
                slots,
                stage: Stage::Ready,
                since: self.version,
            });
        }
    }

    /// A run's request arrives. Under a name that is not its first it looks for room before it sends anything.
    fn send(&mut self, index: usize) {
        let run = &self.runs[index];
        if run.stage != Stage::Ready {
            return;
        }
        if run.candidate > 0 {
            let free = self.free(&self.held(Some(run.number)), &self.accounts);
            let has_room = free >= run.slots;
            // Where marks are shown nothing is held twice, so the place that was promised is found.
            assert!(has_room || !self.shows_marks, "its place was given away");
            if !has_room {
                return;
            }
        }
        let username = run.candidates[run.candidate].to_string();
        let is_taken = self.accounts.iter().any(|a| a.username == username);
        let run = &mut self.runs[index];
        if !is_taken {
            run.stage = Stage::Made;
            self.accounts.push(Account {
                username,
                made_for: Some(run.number),
            });
        } else if run.candidate + 1 < run.candidates.len() {
            run.candidate += 1;
            self.version += 1;
            run.since = self.version;
        }
    }

    fn settle(&mut self, index: usize) {
        let run = &mut self.runs[index];
        if run.stage == Stage::Made {
            run.stage = Stage::Established;
        }
    }

    fn end(&mut self, index: usize) {
        let run = &mut self.runs[index];
        if run.stage == Stage::Established {
            run.stage = Stage::Over;
        }
    }

    /// An account whose run is over is removed by whoever terminates it.
    fn terminate(&mut self, index: usize) {
        let run = &self.runs[index];
        if run.stage == Stage::Over {
            let number = run.number;
            self.accounts
                .retain(|account| account.made_for != Some(number));
        }
    }

    /// What is there and what was promised.
    fn spoken_for(&self) -> u32 {
        let there: u32 = self
            .accounts
            .iter()
            .map(|account| account.made_for.map_or(1, |run| self.runs[run].slots))
            .sum();
        let to_come: u32 = self
            .runs
            .iter()
            .filter(|run| run.stage == Stage::Ready)
            .map(|run| run.slots)
            .sum();
        there + to_come
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// Names are few, so that strangers and other runs hold what a run is about to try; counts are begun, read and used at
    /// different times.
    #[test]
    fn no_place_is_promised_twice_whatever_strangers_are_called(
        capacity in 3u32..9,
        shows_marks in any::<bool>(),
        strangers in proptest::collection::btree_set(0usize..6, 0..3),
        numbers in proptest::collection::vec(any::<u16>(), 0..160),
    ) {
        let name = |number: usize| username(&format!("shop{number}"));
        let mut model = Model {
            name: server("np-1"),
            capacity,
            shows_marks,
            accounts: strangers
                .into_iter()
                .map(|number| Account { username: name(number).to_string(), made_for: None })
                .collect(),
            runs: Vec::new(),
            version: 0,
            count: None,
        };
        let most = numbers.len();
        let mut tape = Tape::new(numbers);
        for _ in 0..most / 2 {
            let action = tape.pick(8);
            let index = tape.pick(model.runs.len().max(1));
            match action {
                0 => model.count = Some(Count {
                    held: model.held(None),
                    version: model.version,
                    accounts: None,
                }),
                1 => {
                    let accounts = model.accounts.clone();
                    if let Some(count) = &mut model.count {
                        count.accounts = Some(accounts);
                    }
                }
                2 => {
                    let first = tape.pick(6);
                    let candidates = (0..6).map(|more| name((first + more) % 6)).collect();
                    let slots = [1, 1, 2, 3][tape.pick(4)];
                    model.place(candidates, slots);
                }
                3 | 4 if !model.runs.is_empty() => model.send(index),
                5 if !model.runs.is_empty() => model.settle(index),
                6 if !model.runs.is_empty() => model.end(index),
                7 if !model.runs.is_empty() => model.terminate(index),
                _ => {}
            }
            prop_assert!(model.spoken_for() <= capacity, "{} of {capacity}: {model:#?}", model.spoken_for());
        }
    }
}
