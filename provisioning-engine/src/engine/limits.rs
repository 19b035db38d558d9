//! What one server is asked at once, how often, and when it is left alone: a dead panel holds nobody else up.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use provisioning_core::fleet::ServerName;

/// An open circuit stays open at most this long, however often the server failed.
const LONGEST_OPEN: Duration = Duration::from_secs(600);

/// What one server is asked at once and how often, and when it is left alone. Each server has its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerLimits {
    concurrency: u32,
    per_second: Option<f64>,
    failures: u32,
    open_for: Duration,
}

impl Default for ServerLimits {
    /// 16 requests at once, as many as that makes per second; after 5 failures in a row the server is left alone for
    /// 30 seconds, doubling to 10 minutes.
    fn default() -> Self {
        Self {
            concurrency: 16,
            per_second: None,
            failures: 5,
            open_for: Duration::from_secs(30),
        }
    }
}

impl ServerLimits {
    /// Sets how many calls are under way at once; at least 1. Counting a server stands beside them, one count at a time.
    #[must_use]
    pub const fn with_concurrency(mut self, concurrency: u32) -> Self {
        self.concurrency = if concurrency == 0 { 1 } else { concurrency };
        self
    }

    /// Sets how many calls are begun per second; a value that is not above 0 takes the limit away.
    #[must_use]
    pub fn with_per_second(mut self, calls: f64) -> Self {
        self.per_second = (calls > 0.0 && calls.is_finite()).then_some(calls);
        self
    }

    /// Sets after how many failures in a row a server is left alone, and for how long at first; then one call tries it.
    #[must_use]
    pub const fn with_circuit(mut self, failures: u32, open_for: Duration) -> Self {
        self.failures = if failures == 0 { 1 } else { failures };
        self.open_for = open_for;
        self
    }
}

/// The limits of all servers, shared by all runs of an engine.
#[derive(Debug)]
pub(super) struct Limits {
    limits: ServerLimits,
    servers: Mutex<HashMap<ServerName, Arc<Server>>>,
    /// Runs that wait for a server's turn: they hold no worker up.
    waiting: AtomicUsize,
    pub(super) changed: Notify,
}

#[derive(Debug)]
struct Server {
    turns: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next_begin: Instant,
    failures: u32,
    times_opened: u32,
    open_until: Option<Instant>,
    /// One call is trying a server that was left alone.
    is_tried: bool,
    /// The server asked for a pause.
    paused_until: Option<Instant>,
}

/// The right to make one call to a server. How the call went is to be told; dropped untold, it says nothing.
#[derive(Debug)]
pub(super) struct Turn {
    server: Arc<Server>,
    limits: ServerLimits,
    is_try: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A server that is left alone for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftAlone {
    pub(super) for_another: Duration,
    pub(super) why: &'static str,
    /// Whether it asked for it, and works otherwise.
    pub(super) is_pause: bool,
}

impl Limits {
    pub(super) fn new(limits: ServerLimits) -> Self {
        Self {
            limits,
            servers: Mutex::default(),
            waiting: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    /// How many runs wait for a server's turn.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// The servers that have no turn to give: whoever comes now would wait.
    pub(super) fn busy(&self) -> BTreeSet<ServerName> {
        lock(&self.servers)
            .iter()
            .filter(|(_, server)| server.turns.available_permits() == 0)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Waits for a turn, or says that the server is left alone.
    pub(super) async fn turn(&self, name: &ServerName) -> Result<Turn, LeftAlone> {
        let server = self.server(name);
        server.is_open()?;
        let permit = match Arc::clone(&server.turns).try_acquire_owned() {
            Ok(permit) => Some(permit),
            Err(_) => {
                let _waiting = Waiting::begin(self);
                Arc::clone(&server.turns).acquire_owned().await.ok()
            }
        };
        // The semaphore is never closed.
        let Some(permit) = permit else {
            return Err(LeftAlone {
                for_another: self.limits.open_for,
                why: "it is not asked any more",
                is_pause: false,
            });
        };
        let begin = server.begin(self.limits);
        if begin > Instant::now() {
            let _waiting = Waiting::begin(self);
            sleep_until(begin).await;
        }
        // It may have failed others meanwhile.
        let is_try = server.enter()?;
        Ok(Turn {
            server,
            limits: self.limits,
            is_try,
            _permit: Some(permit),
        })
    }

    /// The same for counting a server: there is one count at a time, which stands beside the calls. Planning does not wait
    /// for a slow server's calls to end.
    pub(super) fn turn_to_count(&self, name: &ServerName) -> Result<Turn, LeftAlone> {
        let server = self.server(name);
        let is_try = server.enter()?;
        Ok(Turn {
            server,
            limits: self.limits,
            is_try,
            _permit: None,
        })
    }

    fn server(&self, name: &ServerName) -> Arc<Server> {
        let mut servers = lock(&self.servers);
        if let Some(server) = servers.get(name) {
            return Arc::clone(server);
        }
        let server = Arc::new(Server {
            turns: Arc::new(Semaphore::new(self.limits.concurrency as usize)),
            state: Mutex::new(State {
                next_begin: Instant::now(),
                failures: 0,
                times_opened: 0,
                open_until: None,
                is_tried: false,
                paused_until: None,
            }),
        });
        servers.insert(name.clone(), Arc::clone(&server));
        server
    }
}

impl Server {
    /// When the next call may begin, which takes that place.
    fn begin(&self, limits: ServerLimits) -> Instant {
        let now = Instant::now();
        let Some(per_second) = limits.per_second else {
            return now;
        };
        let mut state = lock(&self.state);
        let begin = state.next_begin.max(now);
        state.next_begin = begin + Duration::from_secs_f64(1.0 / per_second);
        begin
    }

    fn is_open(&self) -> Result<(), LeftAlone> {
        lock(&self.state)
            .left_alone(Instant::now())
            .map_or(Ok(()), Err)
    }

    /// Enters, unless the server is left alone. Whether this call tries a server that was.
    fn enter(&self) -> Result<bool, LeftAlone> {
        let mut state = lock(&self.state);
        if let Some(left_alone) = state.left_alone(Instant::now()) {
            return Err(left_alone);
        }
        let is_try = state.open_until.is_some();
        state.is_tried |= is_try;
        Ok(is_try)
    }
}

impl State {
    fn left_alone(&self, now: Instant) -> Option<LeftAlone> {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Some(LeftAlone {
                for_another: until - now,
                why: "it asked for a pause",
                is_pause: true,
            });
        }
        let until = self.open_until?;
        if until > now {
            return Some(LeftAlone {
                for_another: until - now,
                why: "it did not answer several calls in a row",
                is_pause: false,
            });
        }
        self.is_tried.then_some(LeftAlone {
            for_another: Duration::from_secs(1),
            why: "it did not answer several calls in a row and is being tried again",
            is_pause: false,
        })
    }
}

impl Turn {
    /// The server answered.
    pub(super) fn answered(self) {
        let mut state = lock(&self.server.state);
        state.failures = 0;
        state.times_opened = 0;
        state.open_until = None;
        state.is_tried = false;
    }

    /// The server asked not to be called before that time is over.
    pub(super) fn asked_for_a_pause(self, pause: Duration) {
        let until = Instant::now() + pause;
        {
            let mut state = lock(&self.server.state);
            state.paused_until = state.paused_until.max(Some(until));
        }
        self.answered();
    }

    /// The server did not answer, or not like a panel.
    pub(super) fn failed(self) {
        let mut state = lock(&self.server.state);
        state.failures = state.failures.saturating_add(1);
        if self.is_try || state.failures >= self.limits.failures {
            let doubled = 1_u32.checked_shl(state.times_opened).unwrap_or(u32::MAX);
            let open_for = self.limits.open_for.saturating_mul(doubled);
            state.open_until = Some(Instant::now() + open_for.min(LONGEST_OPEN));
            state.times_opened = state.times_opened.saturating_add(1).min(16);
            state.failures = 0;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // A try that ended without a word lets the next one try.
        if self.is_try {
            lock(&self.server.state).is_tried = false;
        }
    }
}

struct Waiting<'a>(&'a Limits);

impl<'a> Waiting<'a> {
    fn begin(limits: &'a Limits) -> Self {
        limits.waiting.fetch_add(1, Ordering::Relaxed);
        limits.changed.notify_one();
        Self(limits)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is behind these locks is changed in one go, so a panic leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> ServerName {
        ServerName::new("np-1").unwrap()
    }

    const OPEN_FOR: Duration = Duration::from_secs(30);

    fn limits() -> Limits {
        Limits::new(ServerLimits::default().with_circuit(3, OPEN_FOR))
    }

    async fn fail(limits: &Limits, times: u32) {
        for _ in 0..times {
            limits.turn(&server()).await.unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_fails_in_a_row_is_left_alone_and_then_tried_by_one() {
        let limits = limits();
        fail(&limits, 3).await;
        assert_eq!(
            limits.turn(&server()).await.unwrap_err().for_another,
            OPEN_FOR
        );
        tokio::time::advance(OPEN_FOR).await;
        let first = limits.turn(&server()).await.unwrap();
        assert!(
            limits.turn(&server()).await.is_err(),
            "one tries, the others wait"
        );
        first.failed();
        assert_eq!(
            limits.turn(&server()).await.unwrap_err().for_another,
            2 * OPEN_FOR
        );
        tokio::time::advance(2 * OPEN_FOR).await;
        limits.turn(&server()).await.unwrap().answered();
        fail(&limits, 2).await;
        limits.turn(&server()).await.unwrap().answered();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_between_failures_keeps_the_circuit_closed() {
        let limits = limits();
        for _ in 0..5 {
            fail(&limits, 2).await;
            limits.turn(&server()).await.unwrap().answered();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_was_dropped_lets_the_next_one_try() {
        let limits = limits();
        fail(&limits, 3).await;
        tokio::time::advance(OPEN_FOR).await;
        drop(limits.turn(&server()).await.unwrap());
        limits.turn(&server()).await.unwrap().answered();
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_for_a_turn_do_not_ask_a_server_that_has_failed_meanwhile() {
        let limits = Arc::new(Limits::new(
            ServerLimits::default()
                .with_concurrency(1)
                .with_circuit(1, OPEN_FOR),
        ));
        let first = limits.turn(&server()).await.unwrap();
        let behind = tokio::spawn({
            let limits = Arc::clone(&limits);
            async move { limits.turn(&server()).await.is_err() }
        });
        tokio::task::yield_now().await;
        assert_eq!(limits.waiting(), 1);
        assert!(limits.busy().contains(&server()));
        first.failed();
        assert!(behind.await.unwrap());
        assert_eq!(limits.waiting(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_begin_no_more_often_than_the_rate() {
        let limits = Limits::new(ServerLimits::default().with_per_second(10.0));
        let begun = Instant::now();
        for _ in 0..11 {
            limits.turn(&server()).await.unwrap().answered();
        }
        let elapsed = begun.elapsed();
        assert!(elapsed >= Duration::from_secs(1), "{elapsed:?}");
        assert!(elapsed < Duration::from_millis(1_050), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_one_call_was_asked_for_holds_for_all() {
        let limits = limits();
        let pause = Duration::from_secs(7);
        limits
            .turn(&server())
            .await
            .unwrap()
            .asked_for_a_pause(pause);
        assert_eq!(limits.turn(&server()).await.unwrap_err().for_another, pause);
        let other = ServerName::new("np-2").unwrap();
        assert!(limits.turn(&other).await.is_ok());
        tokio::time::advance(pause).await;
        limits.turn(&server()).await.unwrap().answered();
    }
}
