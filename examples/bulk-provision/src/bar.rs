//! The progress, drawn.

use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::board::{Board, Stand};
use crate::pace::Pace;

/// How often it is drawn at most.
const PER_SECOND: u8 = 5;

/// The bar, the counts and the pace.
pub(crate) struct Bar {
    bar: ProgressBar,
    pace: Pace,
    shortest: Duration,
}

impl Bar {
    /// `shortest` is how long the panels' limiters make all of it take at least. Without a terminal nothing is drawn.
    pub(crate) fn new(orders: u64, shortest: Duration, quiet: bool) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(PER_SECOND)
        };
        let bar = ProgressBar::with_draw_target(Some(orders), target);
        // The template is a constant; a bar without it would do.
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}\n{msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            pace: Pace::default(),
            shortest,
        }
    }

    pub(crate) fn draw(&mut self, board: &Board) {
        let settled = board.settled();
        self.pace.note(Instant::now(), settled);
        self.bar.set_position(settled);
        self.bar.set_message(self.words(board));
    }

    fn words(&self, board: &Board) -> String {
        let left = board.all().saturating_sub(board.settled());
        let rate = self
            .pace
            .per_second()
            .map(|rate| format!(", {rate:.1} orders/s"))
            .unwrap_or_default();
        let eta = match self.pace.eta(left, self.shortest_for(left, board.all())) {
            Some(eta) if left > 0 => format!(", about {} left", HumanDuration(eta)),
            _ => String::new(),
        };
        format!(
            "done {}, unconfirmed {}, under way {}, waiting {}, needs attention {}, failed {}{rate}{eta}",
            board.count(Stand::Done),
            board.count(Stand::Unconfirmed),
            board.count(Stand::Going),
            board.count(Stand::Waiting),
            board.count(Stand::NeedsAttention),
            board.count(Stand::Failed),
        )
    }

    /// What is left of the shortest time, in proportion.
    fn shortest_for(&self, left: u64, all: u64) -> Duration {
        let of = u32::try_from(all.max(1)).unwrap_or(u32::MAX);
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        (self.shortest / of).saturating_mul(left)
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
