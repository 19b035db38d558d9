use std::time::Duration;

/// Which time limits of the client an operation falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutClass {
    /// Ordinary calls: 30 s for an attempt, 120 s in all.
    Standard,
    /// Calls behind which a panel creates an account while the caller waits: 45 s and 120 s.
    Provision,
    /// Calls that a slow job queue answers: 180 s and 240 s.
    Queue,
}

/// Time limits of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Longest duration of one attempt, from opening the connection to the last byte of the body.
    pub attempt: Duration,
    /// Longest duration of the whole call: waiting for a permit, logging in, all attempts and the delays between.
    pub overall: Duration,
}

impl Limit {
    /// A limit per attempt and one for the whole call.
    #[must_use]
    pub const fn new(attempt: Duration, overall: Duration) -> Self {
        Self { attempt, overall }
    }
}

/// All time limits of a client. Every one of them is on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    connect: Duration,
    idle: Duration,
    standard: Limit,
    provision: Limit,
    queue: Limit,
}

impl Default for Timeouts {
    fn default() -> Self {
        let overall = Duration::from_secs(120);
        Self {
            connect: Duration::from_secs(5),
            // The billing backend's server closes idle connections after 5 s; leaving first avoids the race.
            idle: Duration::from_secs(4),
            standard: Limit::new(Duration::from_secs(30), overall),
            provision: Limit::new(Duration::from_secs(45), overall),
            queue: Limit::new(Duration::from_secs(180), Duration::from_secs(240)),
        }
    }
}

impl Timeouts {
    /// Longest duration of opening a connection, TLS included (default 5 s).
    #[must_use]
    pub const fn with_connect(mut self, connect: Duration) -> Self {
        self.connect = connect;
        self
    }

    /// How long an unused connection is kept for the next call (default 4 s).
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// The limits of one class.
    #[must_use]
    pub const fn with_limit(mut self, class: TimeoutClass, limit: Limit) -> Self {
        match class {
            TimeoutClass::Standard => self.standard = limit,
            TimeoutClass::Provision => self.provision = limit,
            TimeoutClass::Queue => self.queue = limit,
        }
        self
    }

    /// The same limits for every class, as tests and impatient hosts want them.
    #[must_use]
    pub const fn with_every_limit(mut self, limit: Limit) -> Self {
        self.standard = limit;
        self.provision = limit;
        self.queue = limit;
        self
    }

    /// Longest duration of opening a connection.
    #[must_use]
    pub const fn connect(&self) -> Duration {
        self.connect
    }

    /// How long an unused connection is kept.
    #[must_use]
    pub const fn idle(&self) -> Duration {
        self.idle
    }

    /// The limits of one class.
    #[must_use]
    pub const fn limit(&self, class: TimeoutClass) -> Limit {
        match class {
            TimeoutClass::Standard => self.standard,
            TimeoutClass::Provision => self.provision,
            TimeoutClass::Queue => self.queue,
        }
    }
}
