//! Settings of one billing backend.

use std::time::Duration;

use jiff::civil::DateTime;

use crate::WireSettings;

/// The database under the backend. It shows: in timestamps, and in what goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Database {
    /// The project's default: timestamps without zone, those of the database in whole seconds; offsets that are sent
    /// are dropped.
    #[default]
    Sqlite,
    /// Timestamps in UTC with a `Z`, to the microsecond; offsets that are sent are converted.
    Postgresql,
}

/// Settings of one billing backend.
#[derive(Debug, Clone)]
pub struct BillingSettings {
    name: String,
    pub(super) database: Database,
    pub(super) token_lifetime: Duration,
    pub(super) order_creation_time: Duration,
    pub(super) panel_timeout: Duration,
    pub(super) first_moment: DateTime,
    pub(super) wire: WireSettings,
}

impl BillingSettings {
    /// A backend on SQLite whose tokens last 15 minutes, with an administrator and nothing else.
    ///
    /// The name also makes its ids, keys and passwords: backends of different names have different ones.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            database: Database::default(),
            token_lifetime: Duration::from_secs(15 * 60),
            order_creation_time: Duration::from_millis(10),
            panel_timeout: Duration::from_secs(30),
            first_moment: DateTime::constant(2026, 1, 15, 9, 0, 0, 0),
            wire: WireSettings::default(),
        }
    }

    /// The backend's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The database. Default SQLite.
    pub fn with_database(mut self, database: Database) -> Self {
        self.database = database;
        self
    }

    /// How long an access token is good, in whole seconds. Default 15 minutes. Refresh tokens, which the backend takes
    /// for access tokens, always last 7 days.
    pub fn with_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How long it takes to create an order. Another one that is to be created meanwhile gets a 500, because both
    /// read the same last number. Default 10 ms; zero takes the race away.
    pub fn with_order_creation_time(mut self, time: Duration) -> Self {
        self.order_creation_time = time;
        self
    }

    /// How long the backend waits for a panel at the most. Default 30 s, to create an account; it never waits longer
    /// than 10 s for anything else, and 5 s to see whether a panel is up.
    pub fn with_panel_timeout(mut self, timeout: Duration) -> Self {
        self.panel_timeout = timeout;
        self
    }

    /// The moment of the backend's first timestamp; each next one is a good second later, whatever the real time.
    /// Default 2026-01-15 09:00:00. Tokens go by the real time.
    pub fn with_first_moment(mut self, moment: DateTime) -> Self {
        self.first_moment = moment;
        self
    }

    /// How the backend behaves on the wire.
    pub fn with_wire(mut self, wire: WireSettings) -> Self {
        self.wire = wire;
        self
    }
}
