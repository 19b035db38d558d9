//! Waiting for another process that writes.
//!
//! SQLite's own waiting looks again ever more rarely, up to every tenth of a second. Beside processes that write all the
//! time that is seldom the right moment: 50 writes among three such writers took up to 0.9 s with it. Looking again every
//! few milliseconds finds its turn as often as the others do: the same took 0.1 to 0.2 s.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use rusqlite::Connection;

/// How long a statement waits.
const LONGEST: Duration = Duration::from_secs(10);

/// How long the log is waited for when it is to be emptied and another process is reading it.
const LONGEST_FOR_THE_LOG: Duration = Duration::from_millis(200);

/// Between two looks, in microseconds. Drawn each time, so that two who wait do not keep in step.
const PAUSE: std::ops::Range<u64> = 500..3_000;

thread_local! {
    /// Since when this thread waits: each has one statement at a time.
    static SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Statements of this connection wait for others that write.
pub(super) fn wait(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(|looks| looks_again(looks, LONGEST)))
}

/// The same, less patiently.
pub(super) fn wait_for_the_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(|looks| looks_again(looks, LONGEST_FOR_THE_LOG)))
}

/// Repeats what SQLite refuses at once while another process has the file, without waiting: to turn a file to WAL.
pub(super) fn patiently<T>(
    mut attempt: impl FnMut() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let since = Instant::now();
    loop {
        let tried = attempt();
        let is_busy = matches!(&tried, Err(error) if super::kind(error) == Some(5));
        if !is_busy || since.elapsed() >= LONGEST {
            return tried;
        }
        pause();
    }
}

/// Pauses, if it has not waited for too long. `looks` counts from 0 for each statement.
fn looks_again(looks: i32, longest: Duration) -> bool {
    let since = match SINCE.get() {
        Some(since) if looks > 0 => since,
        _ => {
            let now = Instant::now();
            SINCE.set(Some(now));
            now
        }
    };
    if since.elapsed() >= longest {
        return false;
    }
    pause();
    true
}

fn pause() {
    std::thread::sleep(Duration::from_micros(rand::rng().random_range(PAUSE)));
}
