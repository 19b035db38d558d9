//! For any schedule of faults, deaths, interleavings, strangers and answers: exactly once, or parked.

use std::collections::BTreeSet;

use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use provisioning_core::plan::Plan;
use provisioning_core::plan::verb::LookUpBy;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::driver::{Driver, Replays};
use crate::fate::Tape;
use crate::model_panel::Panels;
use crate::sample::{eight_steps, four_steps};

/// So many cases, or as many as `PROPTEST_CASES` says.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    // 256 is what proptest says where nobody has said anything.
    if config.cases == 256 {
        config.cases = count;
    }
    config
}

fn tape(most: usize) -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..most)
}

/// What a tape's first numbers make of the world: whose names are taken, what the panels show, what the verb declares.
fn world(tape: &mut Tape, mut plan: Plan) -> (Plan, Panels) {
    let names = ["np-1", "np-2", "np-3"];
    let mut panels = Panels::new(names);
    let look_up = match tape.pick(4) {
        0 | 1 => LookUpBy::NaturalKey {
            refuses_second: true,
        },
        2 => LookUpBy::NaturalKey {
            refuses_second: false,
        },
        _ => LookUpBy::Nothing,
    };
    let refuses_second = look_up
        == LookUpBy::NaturalKey {
            refuses_second: true,
        };
    for panel in panels.servers.values_mut() {
        let combination = tape.pick(4);
        panel.shows_marks = combination & 1 == 0;
        panel.lets_log_in = combination & 2 == 0;
        panel.refuses_second = refuses_second;
        if tape.pick(3) == 2 {
            panel.stranger("example");
        }
    }
    for step in &mut plan.steps {
        if let Some(verb) = &mut step.verb
            && step.path.as_str().starts_with("hosting/")
        {
            verb.look_up = look_up;
        }
    }
    (plan, panels)
}

fn drive(numbers: Vec<u16>, plan: Plan, replays: Replays) -> BTreeSet<String> {
    let mut tape = Tape::new(numbers);
    let (plan, panels) = world(&mut tape, plan);
    let mut driver = Driver::new(plan, panels, &mut tape).replaying(replays);
    driver.finish();
    std::mem::take(&mut driver.seen)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn each_effect_happens_once_or_the_run_parks(numbers in tape(120)) {
        drive(numbers, four_steps(), Replays::WhenItDies);
    }

    #[test]
    fn several_accounts_of_one_order_each_happen_once(numbers in tape(160)) {
        drive(numbers, eight_steps(), Replays::WhenItDies);
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn next_and_apply_equal_a_full_replay_at_every_step(numbers in tape(80)) {
        drive(numbers, eight_steps(), Replays::AfterEveryEvent);
    }
}

/// The schedules above are worth what they reach. These fixed ones reach every outcome, phase, answer, place to die,
/// move and end.
#[test]
fn the_schedules_reach_everything() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut seen = BTreeSet::new();
    for _ in 0..400 {
        let length = random.next_u32() % 120;
        let numbers = (0..length).map(|_| random.next_u32() as u16).collect();
        seen.extend(drive(numbers, four_steps(), Replays::WhenItDies));
    }
    let missing: Vec<&str> = EVERYTHING
        .iter()
        .copied()
        .filter(|what| !seen.iter().any(|seen| seen.starts_with(what)))
        .collect();
    assert!(missing.is_empty(), "never seen: {missing:?} of {seen:#?}");
}

const EVERYTHING: [&str; 44] = [
    "outcome ok",
    "outcome unknown",
    "outcome denied",
    "outcome pause",
    "outcome not sent, retryable true",
    "outcome not sent, retryable false",
    "outcome rejected UsernameTaken",
    "outcome rejected Invalid",
    "outcome rejected NotFound",
    "look-up Whole",
    "look-up Slow",
    "look-up Incomplete",
    "look-up Failed",
    "look-up TooMany",
    "look-up RightMissing",
    "look-up StrangerFirst",
    "create Late",
    "create StrangerFirstReplyLost",
    "create ReplyOfAnother",
    "verify ReplyLost",
    "verify Inactive",
    "verify OtherMark",
    "died BeforeIntent",
    "died BetweenIntentAndCall",
    "died BetweenCallAndOutcome",
    "died BeforeFindingIsRecorded",
    "died BeforeCredentialIsRecorded",
    "parked Denied",
    "parked Refused",
    "parked NotProvable",
    "parked NoLookUp",
    "parked LookUpImpossible",
    "parked Unreachable",
    "parked VerificationFailed",
    "parked Foreign",
    "answered Exists",
    "answered SendAgain",
    "answered TryAgain",
    "answered Abandon",
    "moved server",
    "moved candidate",
    "sent again",
    "ended done except manual",
    "ended abandoned",
];
