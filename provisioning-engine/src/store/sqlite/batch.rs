//! Several statements in one go.

use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments as _, AssertSqlSafe, Executor as _, SqlSafeStr as _};

use super::failure;
use crate::store::StoreError;

const SAVEPOINT: &str = "SAVEPOINT batch";
const RELEASE: &str = ";RELEASE batch";
const TAKE_BACK: &str = "ROLLBACK TO batch; RELEASE batch";

/// The most values of a batch that comes again and again.
const MOST_USUAL: usize = 64;

/// Statements that change rows and whose results nobody looks at, all of them or none, in one visit to SQLite's thread:
/// the way there and back takes longer than most of them.
pub(super) struct Batch {
    sql: String,
    values: Vec<Value>,
}

/// What a statement is given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            sql: SAVEPOINT.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds a statement, `?1` being the first of `values`.
    pub(super) fn add<const N: usize>(&mut self, statement: &'static str, values: [Value; N]) {
        self.sql.push(';');
        // Numbers would be counted through all statements; question marks alone are taken one after the other.
        let mut parts = statement.split('?');
        self.sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at(digits);
            debug_assert!(
                number.parse().is_ok_and(|number| (1..=N).contains(&number)),
                "{statement} wants ?{number} and gets {N} values"
            );
            let value = number
                .parse::<usize>()
                .ok()
                .and_then(|number| values.get(number.checked_sub(1)?))
                .cloned()
                .unwrap_or(Value::Null);
            self.values.push(value);
            self.sql.push('?');
            self.sql.push_str(rest);
        }
    }

    /// Carries everything out, or nothing: then the transaction is as it was before.
    pub(super) async fn run(mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        if self.sql == SAVEPOINT {
            return Ok(());
        }
        self.sql.push_str(RELEASE);
        // What is seldom is not kept prepared: an order of hundreds of accounts makes a text of its own.
        let is_usual = self.values.len() <= MOST_USUAL;
        let mut arguments = SqliteArguments::default();
        for value in self.values {
            let added = match value {
                Value::Null => arguments.add(None::<i64>),
                Value::Integer(integer) => arguments.add(integer),
                Value::Text(text) => arguments.add(text),
            };
            added.map_err(|error| failure(&sqlx::Error::Encode(error)))?;
        }
        // Every part of it is one of the statements that stand in the code.
        let done = sqlx::query_with(AssertSqlSafe(self.sql).into_sql_str(), arguments)
            .persistent(is_usual)
            .execute(&mut *connection)
            .await;
        if done.is_err() {
            // Some errors (a full disk) have ended the whole transaction; then its commit fails, and whoever shared it is
            // told so.
            let _ = connection.execute(TAKE_BACK).await;
        }
        done.map(drop).map_err(|error| failure(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection as _, Row as _};

    async fn table() -> SqliteConnection {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        connection
            .execute("CREATE TABLE t (id INTEGER NOT NULL UNIQUE, one TEXT, other TEXT)")
            .await
            .unwrap();
        connection
    }

    async fn rows(connection: &mut SqliteConnection) -> Vec<(i64, Option<String>, Option<String>)> {
        sqlx::query("SELECT id, one, other FROM t ORDER BY id")
            .fetch_all(connection)
            .await
            .unwrap()
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect()
    }

    #[tokio::test]
    async fn values_go_where_their_numbers_say_in_every_statement() {
        let mut connection = table().await;
        let mut batch = Batch::new();
        batch.add(
            "INSERT INTO t (other, id, one) VALUES (?3, ?1, ?2)",
            [1.into(), "a;?".into(), "b".into()],
        );
        batch.add(
            "INSERT INTO t (id, one, other) VALUES (?1, ?2, ?2)",
            [2.into(), Value::Null],
        );
        batch.add(
            "UPDATE t SET one = ?2, other = ?2 WHERE id = ?1 AND ?2 <> ''",
            [2.into(), "twice".into()],
        );
        batch.run(&mut connection).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows(&mut connection).await,
            [
                (1, text("a;?"), text("b")),
                (2, text("twice"), text("twice"))
            ]
        );
    }

    #[tokio::test]
    async fn a_batch_that_fails_leaves_nothing_and_the_transaction_goes_on() {
        let mut connection = table().await;
        connection
            .execute("BEGIN; INSERT INTO t (id) VALUES (7)")
            .await
            .unwrap();
        let mut batch = Batch::new();
        for id in [1_i64, 1, 2] {
            batch.add("INSERT INTO t (id) VALUES (?1)", [id.into()]);
        }
        let failed = batch.run(&mut connection).await;
        assert!(
            matches!(failed, Err(StoreError::Unavailable { .. })),
            "{failed:?}"
        );
        assert_eq!(rows(&mut connection).await, [(7, None, None)]);
        Batch::new().run(&mut connection).await.unwrap();
        let mut again = Batch::new();
        again.add("INSERT INTO t (id) VALUES (?1)", [8.into()]);
        again.run(&mut connection).await.unwrap();
        connection.execute("COMMIT").await.unwrap();
        assert_eq!(
            rows(&mut connection).await,
            [(7, None, None), (8, None, None)]
        );
    }
}
