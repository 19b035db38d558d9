//! A database of a test's own, included by the tests of the programs beside it.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// A database of a test's own. It is dropped with this, whoever uses it.
pub(crate) struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// On the server that `TEST_DATABASE_URL` names; says that the test is skipped if it names none.
    #[allow(clippy::print_stdout)]
    pub(crate) fn new(program: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            println!("skipped: no TEST_DATABASE_URL");
            return None;
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let database = Self {
            server,
            name: format!("{program}_test_{}_{number}", std::process::id()),
        };
        database.say(&format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    /// As programs are given it.
    pub(crate) fn url(&self) -> String {
        let mut url = url::Url::parse(&self.server).unwrap();
        url.set_path(&self.name);
        url.to_string()
    }

    /// On a thread of its own, so that it can be said wherever a test ends.
    fn say(&self, statement: &str) {
        let (server, statement) = (self.server.clone(), statement.to_owned());
        let said = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(async {
                    let mut connection = PgConnection::connect(&server).await?;
                    connection.execute(AssertSqlSafe(statement)).await?;
                    connection.close().await
                })
        });
        said.join().unwrap().unwrap();
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.say(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Makes two tests of each function: with the runs in a file, and in a database of their own.
macro_rules! on_both_stores {
    ($program:literal: $($name:ident),+ $(,)?) => {
        mod in_a_file {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(None).await;
                }
            )+
        }

        mod in_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    if let Some(database) = crate::test_database::TestDatabase::new($program) {
                        super::$name(Some(database)).await;
                    }
                }
            )+
        }
    };
}
pub(crate) use on_both_stores;
