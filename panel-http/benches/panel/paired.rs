//! Ratios of pairs that ran one right after the other.

use std::time::{Duration, Instant};

use crate::Effort;

/// One round: what each side took for the same number of calls.
///
/// The sides alternate: hand-written, ours, hand-written, ours. So each run follows one of the other side, and what
/// changes meanwhile, such as the load of the machine, falls on both.
#[derive(Default)]
pub(crate) struct Round {
    pub(crate) raw: Duration,
    pub(crate) ours: Duration,
    /// The hand-written side once more.
    pub(crate) control: Duration,
    pub(crate) ours_again: Duration,
}

impl Round {
    fn ratio(&self) -> f64 {
        (self.ours + self.ours_again).as_secs_f64() / (self.raw + self.control).as_secs_f64()
    }

    /// What is between two runs of the same.
    fn control_ratio(&self) -> f64 {
        self.control.as_secs_f64() / self.raw.as_secs_f64()
    }
}

/// Rounds of calls made one after the other, `at_once` of a side in a row, which is enough for it to find its own code and
/// data in the caches.
///
/// A round counts the ordinary call of each side, the median of its calls: what the machine did meanwhile would be the
/// greater part of their sum.
pub(crate) async fn rounds(
    effort: Effort,
    (calls, at_once): (usize, usize),
    hand_written: impl AsyncFn(),
    with_ours: impl AsyncFn(),
) -> Vec<Round> {
    let mut rounds = Vec::new();
    // The first round opens connections and the like.
    for _ in 0..=effort.rounds {
        let mut times = [const { Vec::new() }; 4];
        for _ in 0..effort.calls(calls).div_ceil(at_once) {
            let [raw, ours, control, ours_again] = &mut times;
            timed(at_once, raw, &hand_written).await;
            timed(at_once, ours, &with_ours).await;
            timed(at_once, control, &hand_written).await;
            timed(at_once, ours_again, &with_ours).await;
        }
        let [raw, ours, control, ours_again] =
            times.map(|mut times| Duration::from_secs_f64(median(&mut times)));
        rounds.push(Round {
            raw,
            ours,
            control,
            ours_again,
        });
    }
    rounds.split_off(1)
}

async fn timed(calls: usize, times: &mut Vec<f64>, call: &impl AsyncFn()) {
    for _ in 0..calls {
        let started = Instant::now();
        call().await;
        times.push(started.elapsed().as_secs_f64());
    }
}

/// Prints a line: medians per call, the control, and the ratio with its interval.
pub(crate) fn report(name: &str, calls: usize, rounds: &[Round]) {
    let per_call = |pick: fn(&Round) -> Duration| {
        let mut times: Vec<f64> = rounds
            .iter()
            .map(|round| pick(round).as_secs_f64() * 1e6 / calls as f64)
            .collect();
        median(&mut times)
    };
    let mut ours: Vec<f64> = rounds.iter().map(Round::ratio).collect();
    let mut control: Vec<f64> = rounds.iter().map(Round::control_ratio).collect();
    println!(
        "{name}: ours {:.1} us, raw {:.1} us, control {:.3}, {} ratio={:.3}",
        per_call(|round| round.ours),
        per_call(|round| round.raw),
        median(&mut control),
        interval(&mut ours),
        median(&mut ours),
    );
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}

/// The order statistics between which the median lies with 95 % (binomial, by the normal approximation).
pub(crate) fn interval(values: &mut [f64]) -> String {
    values.sort_by(f64::total_cmp);
    let count = values.len() as f64;
    let reach = 0.98 * count.sqrt();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the indexes there are"
    )]
    let at = |place: f64| values[place.clamp(0.0, count - 1.0) as usize];
    format!(
        "95 % [{:.3}, {:.3}]",
        at((count / 2.0 - reach).floor()),
        at((count / 2.0 + reach).ceil())
    )
}
