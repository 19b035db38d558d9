//! A stand-in's own time, which passes only when it is looked at.

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// Not whole seconds, so that timestamps come with and without a fraction as Python writes them.
const STEP: SignedDuration = SignedDuration::from_micros(1_013_020);

#[derive(Debug)]
pub(crate) struct Clock {
    next: DateTime,
}

impl Clock {
    pub(crate) fn starting_at(moment: DateTime) -> Self {
        Self { next: moment }
    }

    /// The moment the next look will see.
    pub(crate) fn coming(&self) -> DateTime {
        self.next
    }

    /// The present moment; the next look is a step later.
    pub(crate) fn now(&mut self) -> DateTime {
        let now = self.next;
        self.next = now.saturating_add(STEP);
        now
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, by: SignedDuration) {
        self.next = self.next.saturating_add(by);
    }
}

/// As Python's `isoformat` writes a naive time: no zone, and six digits of fraction unless it is zero.
pub(crate) fn isoformat(moment: DateTime) -> String {
    let seconds = moment.strftime("%Y-%m-%dT%H:%M:%S");
    match moment.subsec_nanosecond() / 1_000 {
        0 => seconds.to_string(),
        micros => format!("{seconds}.{micros:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_naive_and_have_six_digits_of_fraction_or_none() {
        let mut clock = Clock::starting_at(DateTime::constant(2026, 3, 1, 23, 59, 59, 0));
        assert_eq!(isoformat(clock.now()), "2026-03-01T23:59:59");
        assert_eq!(isoformat(clock.now()), "2026-03-02T00:00:00.013020");
    }
}
