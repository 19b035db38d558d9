//! A role of the test's own that logs in by itself, as a program in production has one.

use provisioning_engine::store::PostgresOptions;
use sqlx::postgres::PgConnectOptions;

use crate::place::Schema;

pub(super) struct Role<'s> {
    schema: &'s Schema,
    name: String,
}

impl<'s> Role<'s> {
    /// With the rights that the tables of the schema need, which are there.
    pub(super) async fn new(schema: &'s Schema) -> Self {
        let name = format!("{}_program", schema.name);
        schema
            .by_hand(&format!(
                "CREATE ROLE {name} LOGIN PASSWORD 'tests'; GRANT USAGE ON SCHEMA {0} TO {name}; \
                 GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {0} TO {name}; \
                 GRANT USAGE ON ALL SEQUENCES IN SCHEMA {0} TO {name}",
                schema.name
            ))
            .await;
        Self { schema, name }
    }

    /// What new connections of it find.
    pub(super) async fn alter(&self, how: &str) {
        let alter = format!("ALTER ROLE {} {how}", self.name);
        self.schema.by_hand(&alter).await;
    }

    pub(super) fn connect(&self) -> PgConnectOptions {
        let connect: PgConnectOptions = self.schema.url.parse().unwrap();
        connect
            .username(&self.name)
            .password("tests")
            .application_name(&self.schema.name)
    }

    pub(super) fn options(&self) -> PostgresOptions {
        PostgresOptions::new(self.connect())
            .with_schema(self.schema.name.parse().unwrap())
            .allow_fsync_off()
    }

    pub(super) async fn drop(self) {
        let drop = format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name);
        self.schema.by_hand(&drop).await;
    }
}
