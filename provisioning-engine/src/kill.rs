//! Named points at which a test ends the process, as a power cut would. Without the feature `kill-points` there are none.
//!
//! `PROVISIONING_KILL_AT=after-intent` ends the process when it gets to that point, `after-intent:2` when it gets there
//! the second time. The process gets SIGKILL: nothing is flushed, closed or dropped. [`POINTS`] and [`PAYMENT_POINTS`]
//! name them all, so that a test can take one after the other.

use std::convert::Infallible;

use provisioning_core::run::event::Event;

/// Every point, roughly in the order in which a run comes to them.
#[cfg(all(feature = "kill-points", unix))]
pub const POINTS: &[&str] = &[
    "before-submitted",
    "after-submitted",
    "after-claimed",
    "before-planned",
    "after-planned",
    "between-steps",
    "before-sealed",
    "after-sealed",
    "before-intent",
    "after-intent",
    "amid-call",
    "after-call",
    "before-outcome",
    "after-outcome",
    "before-interrupted",
    "after-interrupted",
    "amid-look-up",
    "before-looked-up",
    "after-looked-up",
    "before-release",
    "after-release",
    "before-confirmed",
    "after-confirmed",
    "before-erased",
    "after-erased",
    "before-event",
    "after-event",
];

/// Every point about payments, roughly in the order in which an order comes to them.
#[cfg(all(feature = "kill-points", unix))]
pub const PAYMENT_POINTS: &[&str] = &[
    "before-event-kept",
    "after-event-kept",
    "after-wished",
    "before-added",
    "after-added",
    "before-settled",
    "after-settled",
    "before-forgotten",
    "after-forgotten",
];

#[cfg(all(feature = "kill-points", unix))]
mod armed {
    use std::env;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    static ARMED: LazyLock<Option<(String, AtomicU32)>> = LazyLock::new(|| {
        let text = env::var("PROVISIONING_KILL_AT").ok()?;
        let (point, times) = text.split_once(':').unwrap_or((&text, "1"));
        Some((point.to_owned(), AtomicU32::new(times.parse().ok()?)))
    });

    /// Whether this is the point, and this the time.
    pub(crate) fn is_due(point: &str) -> bool {
        debug_assert!(
            super::POINTS.contains(&point) || super::PAYMENT_POINTS.contains(&point),
            "{point} is not listed"
        );
        match &*ARMED {
            Some((armed, times)) if armed == point => times.fetch_sub(1, Ordering::SeqCst) == 1,
            _ => false,
        }
    }

    pub(crate) fn now() {
        // It cannot fail: a process may always end itself.
        let _ = kill_process(getpid(), Signal::KILL);
        loop {
            std::thread::park();
        }
    }
}

/// Ends the process here, if a test wants it.
pub(crate) fn at(point: &str) {
    #[cfg(all(feature = "kill-points", unix))]
    if armed::is_due(point) {
        armed::now();
    }
    #[cfg(not(all(feature = "kill-points", unix)))]
    let _ = point;
}

/// Ends the process while something is under way, if a test wants it: once it has been under way for a while. Never
/// comes to an end otherwise.
pub(crate) async fn amid(point: &str) -> Infallible {
    #[cfg(all(feature = "kill-points", unix))]
    if armed::is_due(point) {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        armed::now();
    }
    #[cfg(not(all(feature = "kill-points", unix)))]
    let _ = point;
    std::future::pending().await
}

/// The point before an event becomes durable.
pub(crate) fn before(event: &Event) {
    at(names(event).0);
}

/// The point after it.
pub(crate) fn after(event: &Event) {
    at(names(event).1);
}

fn names(event: &Event) -> (&'static str, &'static str) {
    match event {
        Event::CredentialSealed(_) => ("before-sealed", "after-sealed"),
        Event::Intent(_) => ("before-intent", "after-intent"),
        Event::Outcome { .. } => ("before-outcome", "after-outcome"),
        Event::Interrupted { .. } => ("before-interrupted", "after-interrupted"),
        Event::LookedUp { .. } => ("before-looked-up", "after-looked-up"),
        Event::CredentialConfirmed { .. } => ("before-confirmed", "after-confirmed"),
        Event::CredentialErased { .. } => ("before-erased", "after-erased"),
        _ => ("before-event", "after-event"),
    }
}
