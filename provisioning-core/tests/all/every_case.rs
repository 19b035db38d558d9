//! The plan of four steps (create, verify, attach by hand, hand over): every outcome of every call, every place to die.

use std::collections::VecDeque;

use crate::driver::{Driver, name};
use crate::fate::{CreateFate, Fates, LookUpFate, Point, VerifyFate};
use crate::model_panel::Panels;
use crate::sample::four_steps;

/// How often each point is passed at most in a case with one fault: the death is tried at each of these times.
const TIMES: u32 = 4;

/// What befalls, one after the other; afterwards the world is healthy.
#[derive(Debug, Clone, Default)]
struct Script {
    creates: VecDeque<CreateFate>,
    look_ups: VecDeque<LookUpFate>,
    verifies: VecDeque<VerifyFate>,
    /// Where the process dies, and the how manieth time that place is passed.
    death: Option<(Point, u32)>,
    passed: u32,
}

impl Fates for Script {
    fn create(&mut self) -> CreateFate {
        self.creates.pop_front().unwrap_or(CreateFate::Executed)
    }
    fn look_up(&mut self) -> LookUpFate {
        self.look_ups.pop_front().unwrap_or(LookUpFate::Whole)
    }
    fn verify(&mut self) -> VerifyFate {
        self.verifies.pop_front().unwrap_or(VerifyFate::Read)
    }
    fn dies(&mut self, at: Point) -> bool {
        let Some((point, time)) = self.death else {
            return false;
        };
        if point == at {
            self.passed += 1;
        }
        point == at && self.passed == time
    }
}

fn deaths() -> Vec<Option<(Point, u32)>> {
    let each = Point::ALL
        .iter()
        .flat_map(|point| (1..=TIMES).map(move |time| Some((*point, time))));
    std::iter::once(None).chain(each).collect()
}

/// Whether the panels show marks and let hosting accounts log in.
const SHOWING: [(bool, bool); 4] = [(true, true), (false, false), (true, false), (false, true)];

/// Runs one case. However it goes, a truthful human brings it to its end: exactly one account, handed over.
fn run(script: &Script, (shows_marks, lets_log_in): (bool, bool)) {
    let mut panels = Panels::new(["np-1", "np-2", "np-3"]);
    for panel in panels.servers.values_mut() {
        panel.shows_marks = shows_marks;
        panel.lets_log_in = lets_log_in;
    }
    let mut fates = script.clone();
    let mut driver = Driver::new(four_steps(), panels, &mut fates);
    let conclusion = driver.finish();
    assert_eq!(
        name(&conclusion),
        "done except manual",
        "{script:?}\n{}",
        driver.journal()
    );
}

#[test]
fn every_outcome_of_create_and_look_up_at_every_place_to_die() {
    let mut cases = 0;
    for create in CreateFate::ALL {
        for look_up in LookUpFate::ALL {
            for death in deaths() {
                for showing in SHOWING {
                    let script = Script {
                        creates: [create].into(),
                        look_ups: [look_up].into(),
                        death,
                        ..Script::default()
                    };
                    run(&script, showing);
                    cases += 1;
                }
            }
        }
    }
    println!("create x look-up x death x showing: {cases} cases");
    assert_eq!(cases, 25 * 8 * 21 * 4);
}

#[test]
fn every_two_outcomes_of_create_with_every_look_up_between() {
    let mut cases = 0;
    for first in CreateFate::ALL {
        for second in CreateFate::ALL {
            for look_up in LookUpFate::ALL {
                for showing in [SHOWING[0], SHOWING[1]] {
                    let script = Script {
                        creates: [first, second].into(),
                        look_ups: [look_up].into(),
                        ..Script::default()
                    };
                    run(&script, showing);
                    cases += 1;
                }
            }
        }
    }
    println!("create x create x look-up x showing: {cases} cases");
    assert_eq!(cases, 25 * 25 * 8 * 2);
}

#[test]
fn every_two_outcomes_of_the_look_up_after_every_create() {
    let mut cases = 0;
    for create in CreateFate::ALL {
        for first in LookUpFate::ALL {
            for second in LookUpFate::ALL {
                for showing in SHOWING {
                    let script = Script {
                        creates: [create].into(),
                        look_ups: [first, second].into(),
                        ..Script::default()
                    };
                    run(&script, showing);
                    cases += 1;
                }
            }
        }
    }
    println!("create x look-up x look-up x showing: {cases} cases");
    assert_eq!(cases, 25 * 8 * 8 * 4);
}

#[test]
fn every_two_outcomes_of_verify_at_every_place_to_die() {
    let mut cases = 0;
    for first in VerifyFate::ALL {
        for second in VerifyFate::ALL {
            for death in deaths() {
                let script = Script {
                    verifies: [first, second].into(),
                    death,
                    ..Script::default()
                };
                run(&script, SHOWING[0]);
                cases += 1;
            }
        }
    }
    println!("verify x verify x death: {cases} cases");
    assert_eq!(cases, 10 * 10 * 21);
}
