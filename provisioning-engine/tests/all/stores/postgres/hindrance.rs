//! Writes that the database refuses, and room that is made again.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

use crate::place::{Schema, dump};

/// Counts every statement that writes and every COMMIT of the store, and refuses from one of them on: what a transaction
/// that is taken back has counted stays counted.
const COUNT: &str = "
    CREATE SEQUENCE writes;
    CREATE TABLE hindrance (from_write bigint NOT NULL, code text NOT NULL);
    CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE kept hindrance;
        BEGIN
            SELECT * INTO kept FROM hindrance;
            IF FOUND AND nextval('writes') >= kept.from_write THEN
                RAISE EXCEPTION 'hindered at %', TG_TABLE_NAME USING ERRCODE = kept.code;
            END IF;
            RETURN NULL;
        END
    $$;
    DO $$
        DECLARE name text;
        BEGIN
            FOR name IN SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
                AND relkind = 'r' AND relname NOT IN ('hindrance', 'store')
            LOOP
                EXECUTE format('CREATE TRIGGER at_a_write BEFORE INSERT OR UPDATE OR DELETE ON %I \
                    FOR EACH STATEMENT EXECUTE FUNCTION hinder()', name);
            END LOOP;
        END
    $$;
    -- Every transaction of the store numbers itself, once.
    CREATE CONSTRAINT TRIGGER at_commit AFTER UPDATE ON sessions DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION hinder();";

/// A connection beside those of the store.
pub(super) struct Hindrance {
    administrator: PgConnection,
}

impl Hindrance {
    /// In a schema that has its tables. Nothing is refused yet.
    pub(super) async fn prepare(schema: &Schema) -> Self {
        let mut administrator = schema.connect().await;
        // What it writes may be lost, and is not waited for.
        let hasty = "SET synchronous_commit = off";
        administrator.execute(hasty).await.unwrap();
        administrator.execute(COUNT).await.unwrap();
        Self { administrator }
    }

    /// Refuses every write from the given one on, the next being the first, with this SQLSTATE.
    pub(super) async fn begin(&mut self, from_write: u32, code: &str) {
        let begin = format!(
            "SELECT setval('writes', 1, false); INSERT INTO hindrance VALUES ({from_write}, '{code}')"
        );
        let begin = AssertSqlSafe(begin);
        self.administrator.execute(begin).await.unwrap();
    }

    /// Everything that is stored.
    pub(super) async fn dump(&mut self) -> String {
        dump(&mut self.administrator).await
    }

    /// Refuses nothing any more. Whether something was refused.
    pub(super) async fn end(&mut self) -> bool {
        let end = sqlx::raw_sql(
            "WITH ended AS (DELETE FROM hindrance RETURNING from_write) \
             SELECT is_called AND last_value >= from_write FROM writes, ended",
        );
        let rows = end.fetch_all(&mut self.administrator).await.unwrap();
        rows[0].get(0)
    }
}
