//! Ratios of pairs that ran one right after the other.

use std::time::Duration;

/// One round: what each side took.
pub(crate) struct Round {
    pub(crate) raw: Duration,
    pub(crate) ours: Duration,
    /// The hand-written side once more.
    pub(crate) control: Duration,
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
    let ratio = |pick: fn(&Round) -> Duration| {
        rounds
            .iter()
            .map(|round| pick(round).as_secs_f64() / round.raw.as_secs_f64())
            .collect::<Vec<f64>>()
    };
    let (mut ours, mut control) = (ratio(|round| round.ours), ratio(|round| round.control));
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
