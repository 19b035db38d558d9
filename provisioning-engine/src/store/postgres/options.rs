//! Where the database is, and how it is used.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use thiserror::Error;

use crate::store::StoreError;

/// Which clock says whether a lease has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LeaseClock {
    /// The database's: the same for all workers, so that one whose own clock is wrong neither takes over runs that others
    /// work on nor loses its own. A lease lasts from the present moment of the database for as long as it was claimed for.
    #[default]
    Database,
    /// The instants that callers pass, as the other stores do: for tests that move the engine's clock and want leases to
    /// move with it.
    Caller,
}

/// The name of a schema: a lower-case letter or `_`, then up to 62 more of those and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaName(String);

impl SchemaName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SchemaName {
    /// `provisioning`.
    fn default() -> Self {
        Self("provisioning".to_owned())
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no name of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no name for a schema: it begins with a lower-case letter or `_`, goes on with those and digits, and has at \
     most 63 characters; names that begin with `pg_` are PostgreSQL's own"
)]
pub struct InvalidSchemaName(String);

impl FromStr for SchemaName {
    type Err = InvalidSchemaName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter == b'_';
        let mut bytes = text.bytes();
        let is_name = bytes.next().is_some_and(is_letter)
            && bytes.all(|byte| is_letter(byte) || byte.is_ascii_digit())
            && text.len() <= 63
            && !text.starts_with("pg_");
        if is_name {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSchemaName(text.to_owned()))
        }
    }
}

/// Where the database is, and how it is used.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use provisioning_engine::store::PostgresOptions;
///
/// let options = PostgresOptions::from_url("postgres://shop@db.example/shop?sslmode=verify-full")?
///     .with_schema("provisioning".parse()?)
///     .with_connections(16);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresOptions {
    pub(super) connect: PgConnectOptions,
    pub(super) schema: SchemaName,
    pub(super) connections: u32,
    pub(super) patience: Duration,
    pub(super) clock: LeaseClock,
    pub(super) may_lose_commits: bool,
}

impl PostgresOptions {
    /// With a database that is known otherwise.
    #[must_use]
    pub fn new(connect: PgConnectOptions) -> Self {
        Self {
            connect,
            schema: SchemaName::default(),
            connections: 16,
            patience: Duration::from_secs(10),
            clock: LeaseClock::default(),
            may_lose_commits: false,
        }
    }

    /// With a URL such as `postgres://user:password@host:5432/database?sslmode=verify-full`. What it leaves out is taken
    /// from `PGHOST`, `PGUSER` and the like, the password from `PGPASSWORD` or the password file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it cannot be read; the error does not repeat it, for it may hold a password.
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        let connect: PgConnectOptions = url.parse().map_err(|_| StoreError::Unavailable {
            problem: "the database's URL is not of the form \
                      postgres://user:password@host:5432/database?sslmode=verify-full"
                .to_owned(),
        })?;
        Ok(Self::new(connect))
    }

    /// The schema that holds everything; `provisioning` by default. It is made if it is not there. Runs of different
    /// schemas know nothing of each other.
    #[must_use]
    pub fn with_schema(mut self, schema: SchemaName) -> Self {
        self.schema = schema;
        self
    }

    /// The most connections that work at once, at least 1; 16 by default. Two more listen and announce.
    #[must_use]
    pub const fn with_connections(mut self, most: u32) -> Self {
        self.connections = if most == 0 { 1 } else { most };
        self
    }

    /// How long an answer is waited for, and how long the server keeps a transaction open whose worker says nothing; 10
    /// seconds by default. To be shorter than the engine's lease.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Which clock says whether a lease has ended.
    #[must_use]
    pub const fn with_lease_clock(mut self, clock: LeaseClock) -> Self {
        self.clock = clock;
        self
    }

    /// Takes a server that runs with `fsync = off` as well. What it confirmed may be gone after a power cut, and a paid
    /// order with it: for databases that may be lost.
    #[must_use]
    pub const fn allow_fsync_off(mut self) -> Self {
        self.may_lose_commits = true;
        self
    }

    /// Where it is, for people.
    pub(super) fn place(&self) -> String {
        format!(
            "schema {} of PostgreSQL database {} on {}:{}",
            self.schema,
            self.connect
                .get_database()
                .unwrap_or_else(|| self.connect.get_username()),
            self.connect.get_host(),
            self.connect.get_port(),
        )
    }
}

impl fmt::Debug for PostgresOptions {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("place", &self.place())
            .field("connections", &self.connections)
            .field("patience", &self.patience)
            .field("clock", &self.clock)
            .field("may_lose_commits", &self.may_lose_commits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_a_plain_name() {
        for name in ["provisioning", "_p", "shop_2"] {
            assert_eq!(name.parse::<SchemaName>().unwrap().as_str(), name);
        }
        let long = "a".repeat(64);
        for text in [
            "", "2shop", "Shop", "a b", "a\"b", "a;b", "pg_shop", "ä", &long,
        ] {
            let error = text.parse::<SchemaName>().unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("`{text}` is no name"))
            );
        }
    }

    #[test]
    fn a_password_is_printed_by_nothing() {
        let url = "postgres://shop:canary-password@db.example:5433/orders";
        let options = PostgresOptions::from_url(url).unwrap();
        assert_eq!(
            options.place(),
            "schema provisioning of PostgreSQL database orders on db.example:5433"
        );
        assert!(!format!("{options:?}").contains("canary"));
        let error = PostgresOptions::from_url("postgres://shop:canary@db:port/x").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}
