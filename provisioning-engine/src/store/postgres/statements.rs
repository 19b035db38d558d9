//! Every statement of this store, in one place: a test prepares each against the schema.
//!
//! A parameter that is called *told* is an instant of the caller's clock, or null where the database's clock counts.

use crate::store::statements::statements;

statements! {
    /// Begins a transaction and numbers it, so that what became of it can be read later.
    BEGIN = "BEGIN; UPDATE sessions SET transaction = transaction + 1, seen_at = lease_clock() \
        WHERE id = current_setting('provisioning.session')::uuid RETURNING id, transaction";
    /// Waits for a transaction of that connection that is not decided yet.
    LAST_TRANSACTION = "SELECT transaction FROM sessions WHERE id = $1 FOR UPDATE";
    ADD_SESSION = "INSERT INTO sessions (id, seen_at) \
        VALUES (current_setting('provisioning.session')::uuid, lease_clock())";
    DROP_OLD_SESSIONS = "DELETE FROM sessions WHERE seen_at < lease_clock() - $1";
    /// What is committed from here on is visible at once and durable with the next [`FLUSH`].
    FLUSH_LATER = "SET LOCAL synchronous_commit = off";
    /// Ends when everything that was committed before is durable.
    FLUSH = "SELECT pg_logical_emit_message(true, 'provisioning', 'flush')::text";
    SETTINGS = "SELECT set_config('search_path', quote_ident($1), false), \
        set_config('provisioning.session', $2, false), \
        set_config('statement_timeout', $3, false), \
        set_config('idle_in_transaction_session_timeout', $3, false), \
        set_config('default_transaction_isolation', 'read committed', false), \
        set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' \
            ELSE current_setting('synchronous_commit') END, false)";
    RING = "SELECT pg_notify($1, $2)";

    /// Whoever takes in an order or an event that has one of these ids waits until whoever does so now has done it.
    LOCK_IDS = "SELECT pg_advisory_xact_lock(id) FROM (SELECT DISTINCT \
            hashtextextended(concat_ws(' ', current_schema(), $1::text, $2::text, id), 0) AS id \
        FROM unnest($3::text[]) AS id ORDER BY 1) AS ids";
    SUBMITTED_KEY = "SELECT first FROM runs WHERE order_key = $1 LIMIT 1";
    SUBMITTED_ALIASES = "SELECT run, alias FROM aliases WHERE tenant = $1 AND mode = $2 AND alias = ANY ($3) \
        ORDER BY array_position($3::text[], alias)";
    CONTENT = "SELECT content FROM runs WHERE id = $1";
    SUBMIT = "INSERT INTO runs (id, order_key, content, submitted_at, wake_at, standing, operation, generation, first) \
        VALUES ($1, $2, $3, $4, $4, $5, 'provision', 0, $1)";
    ADD_ORDER = "INSERT INTO orders (run, key_id, sealed) VALUES ($1, $2, $3)";
    ADD_ALIASES = "INSERT INTO aliases (tenant, mode, alias, run) SELECT $1, $2, alias, $4 FROM unnest($3::text[]) AS alias";

    ADD_RUN = "INSERT INTO runs (id, order_key, operation, generation, first, content, submitted_at, wake_at, standing, \
            server) \
        VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    RUNS_OF = "SELECT id FROM runs WHERE order_key = $1 ORDER BY arrival";

    /// Everything of one moment.
    LOAD = "SELECT r.order_key, o.key_id, o.sealed, r.submitted_at, p.journal_schema, p.plan, x.rejection, \
            r.forgotten_at, r.cancel_by, r.cancel_reason, r.cancel_at, r.next_entry, r.is_planned, r.operation, \
            r.generation, r.first, h.payment_version, h.payment_settled, h.decide_at, h.unpaid, h.unpaid_since, \
            h.question, e.numbers, e.bodies, c.credentials, c.key_ids, c.sealed \
        FROM runs r JOIN runs h ON h.id = r.first LEFT JOIN orders o ON o.run = r.id LEFT JOIN plans p ON p.run = r.id \
        LEFT JOIN rejections x ON x.run = r.id \
        CROSS JOIN LATERAL (SELECT coalesce(array_agg(entry ORDER BY entry), '{}') AS numbers, \
            coalesce(array_agg(body ORDER BY entry), '{}') AS bodies FROM entries WHERE run = r.id) e \
        CROSS JOIN LATERAL (SELECT coalesce(array_agg(credential ORDER BY credential), '{}') AS credentials, \
            coalesce(array_agg(key_id ORDER BY credential), '{}') AS key_ids, \
            coalesce(array_agg(sealed ORDER BY credential), '{}') AS sealed FROM credentials WHERE run = r.id) c \
        WHERE r.id = $1";
    LIST = "SELECT id, order_key, submitted_at, arrival, standing, wake_at, leased_by, leased_until, crashes, problem, \
            denied, operation, generation, payment_version, payment_settled, decide_at, unpaid, unpaid_since, question \
        FROM runs WHERE arrival > $1 ORDER BY arrival LIMIT $2";
    LIST_STANDING = "SELECT id, order_key, submitted_at, arrival, standing, wake_at, leased_by, leased_until, crashes, \
            problem, denied, operation, generation, payment_version, payment_settled, decide_at, unpaid, unpaid_since, \
            question \
        FROM runs WHERE standing = $3 AND arrival > $1 ORDER BY arrival LIMIT $2";

    CLAIM = "UPDATE runs SET fence = fence + 1, crashes = crashes + (leased_until IS NOT NULL)::int, \
            leased_until = coalesce($3, lease_clock() + $4), lease = $4, leased_by = $6 \
        WHERE id = $1 AND (leased_until IS NULL OR leased_until <= coalesce($2, lease_clock())) \
            AND crashes + (leased_until IS NOT NULL)::int < $5 RETURNING fence";
    WHY_NOT_CLAIMED = "SELECT leased_until, leased_by, crashes + (leased_until IS NOT NULL)::int, \
            coalesce(leased_until > coalesce($2, lease_clock()), false) \
        FROM runs WHERE id = $1 FOR UPDATE";
    CLAIM_DUE = "UPDATE runs SET fence = fence + 1, crashes = crashes + (leased_until IS NOT NULL)::int, \
            leased_until = coalesce($3, lease_clock() + $4), lease = $4, leased_by = $6 \
        WHERE arrival = ANY (ARRAY(SELECT arrival FROM runs WHERE wake_at IS NOT NULL AND wake_at <= $1 \
            AND (leased_until IS NULL OR leased_until <= coalesce($2, lease_clock())) \
            AND crashes + (leased_until IS NOT NULL)::int < $5 \
            AND (server IS NULL OR server <> ALL ($8)) \
            ORDER BY wake_at, arrival LIMIT $7 FOR UPDATE SKIP LOCKED)) \
        RETURNING id, fence, wake_at, arrival";
    /// -1 takes off the lease that the last worker left behind.
    ABSOLVE = "UPDATE runs SET crashes = -(leased_until IS NOT NULL)::int WHERE id = $1";
    EXTEND = "UPDATE runs SET leased_until = coalesce($3, lease_clock() + lease) \
        WHERE id = $1 AND fence = $2 AND leased_until IS NOT NULL";
    RELEASE = "UPDATE runs SET leased_until = NULL, leased_by = NULL \
        WHERE id = $1 AND fence = $2 AND leased_until IS NOT NULL";
    REST = "UPDATE runs SET wake_at = $2, problem = $3, crashes = 0 WHERE id = $1";
    /// With the first run of its order, so that no event of its payment comes between.
    FENCED = "SELECT r.is_planned, r.next_entry, r.reserved, r.denied, r.cancel_by, r.cancel_reason, r.cancel_at, \
            r.forgotten_at, r.arrival, r.standing, r.first, h.payment_version > h.payment_settled, h.payment_version, \
            r.decide_at IS NOT NULL \
        FROM runs r JOIN runs h ON h.id = r.first \
        WHERE r.id = $1 AND r.fence = $2 AND r.leased_until IS NOT NULL FOR UPDATE";

    ADD_PLAN = "INSERT INTO plans (run, journal_schema, plan) VALUES ($1, $2, $3)";
    SET_PLANNED = "UPDATE runs SET is_planned = true WHERE id = $1";
    DROP_REJECTION = "DELETE FROM rejections WHERE run = $1";
    SET_REJECTION = "INSERT INTO rejections (run, rejection) VALUES ($1, $2) \
        ON CONFLICT (run) DO UPDATE SET rejection = excluded.rejection";
    TAKEN_SINCE = "SELECT coalesce(sum(slots), 0)::bigint FROM reservations \
        WHERE server = $1 AND since > $3 AND run <> $2";
    ADD_ENTRIES = "INSERT INTO entries (run, entry, body) \
        SELECT $1, $2 + place - 1, body FROM unnest($3::text[]) WITH ORDINALITY AS new (body, place)";
    ADD_CREDENTIAL = "INSERT INTO credentials (run, credential, key_id, sealed) VALUES ($1, $2, $3, $4)";
    SET_CREDENTIAL = "UPDATE credentials SET key_id = $3, sealed = $4 WHERE run = $1 AND credential = $2";
    ERASE_CREDENTIAL = "DELETE FROM credentials WHERE run = $1 AND credential = $2";

    PROJECT = "UPDATE runs SET leased_until = coalesce($2, lease_clock() + lease), wake_at = $3, standing = $4, \
            server = $5, next_entry = $6, crashes = CASE WHEN $7 THEN 0 ELSE crashes END, problem = NULL \
        WHERE id = $1";
    BIND = "INSERT INTO bindings (server, remote_id, run) VALUES ($1, $2, $3) \
        ON CONFLICT (server, remote_id) DO UPDATE SET run = bindings.run RETURNING run";
    RELEASE_BINDING = "DELETE FROM bindings WHERE server = $1 AND remote_id = $2 \
        AND (SELECT first FROM runs WHERE runs.id = bindings.run) = $3";
    NEXT_VERSION = "UPDATE reservation_version SET version = version + 1 RETURNING version";
    SET_RESERVED = "UPDATE runs SET reserved = $2 WHERE id = $1";
    DROP_RESERVATIONS = "DELETE FROM reservations WHERE run = $1";
    ADD_RESERVATION = "INSERT INTO reservations (run, holder, server, username, slots, mark, account, since) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SET_RESERVED_ACCOUNT = "UPDATE reservations SET account = $3 WHERE run = $1 AND holder = $2";
    SET_DENIED = "UPDATE runs SET denied = $2 WHERE id = $1";
    DROP_DENIED_RUN = "DELETE FROM denied_runs WHERE server = $1 AND arrival = $2";
    ADD_DENIED_RUN = "INSERT INTO denied_runs (server, arrival) VALUES ($1, $2) ON CONFLICT DO NOTHING";

    WISH_CANCEL = "UPDATE runs SET cancel_by = $2, cancel_reason = $3, cancel_at = $4 WHERE id = $1";
    DROP_CANCEL = "UPDATE runs SET cancel_by = NULL, cancel_reason = NULL, cancel_at = NULL WHERE id = $1";
    /// A run that somebody wants to stop is due at once, so that the wish gets into its journal; without a plan there is
    /// nothing to stop, and it is over.
    STOP_SOON = "UPDATE runs SET wake_at = CASE WHEN is_planned THEN submitted_at END, \
            standing = CASE WHEN is_planned THEN standing ELSE 'over' END \
        WHERE id = $1 AND cancel_by IS NOT NULL AND forgotten_at IS NULL";

    SEALED_OTHERWISE = "SELECT run FROM orders WHERE key_id <> $1 UNION SELECT run FROM credentials WHERE key_id <> $1 \
        LIMIT 1000";
    SET_ORDER = "UPDATE orders SET key_id = $2, sealed = $3 WHERE run = $1";
    DROP_ORDER = "DELETE FROM orders WHERE run = $1";
    DROP_PLAN = "DELETE FROM plans WHERE run = $1";
    DROP_ENTRIES = "DELETE FROM entries WHERE run = $1";
    DROP_CREDENTIALS = "DELETE FROM credentials WHERE run = $1";
    SET_FORGOTTEN = "UPDATE runs SET forgotten_at = $2, is_planned = false, leased_until = NULL, leased_by = NULL, \
            cancel_by = NULL, cancel_reason = NULL, cancel_at = NULL, decide_at = NULL, unpaid = NULL, \
            unpaid_since = NULL, question = NULL, payment_settled = payment_version WHERE id = $1";

    EVENT = "SELECT run FROM events WHERE tenant = $1 AND mode = $2 AND event = $3";
    ADD_EVENT = "INSERT INTO events (tenant, mode, event, run, kind, occurred_at, received_at, key_id, sealed) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING arrival";
    ADD_EARLY_ALIASES = "INSERT INTO early_aliases (tenant, mode, alias, event) \
        SELECT $1, $2, alias, $4 FROM unnest($3::text[]) AS alias ON CONFLICT DO NOTHING";
    DROP_OLD_EVENTS = "DELETE FROM events WHERE run IS NULL AND received_at < $1";
    DROP_EVENTS_BEYOND = "DELETE FROM events WHERE arrival = ANY (ARRAY(SELECT arrival FROM events WHERE run IS NULL \
        ORDER BY arrival DESC OFFSET $1))";
    EARLY_EVENTS = "SELECT DISTINCT event FROM early_aliases WHERE tenant = $1 AND mode = $2 AND alias = ANY ($3)";
    ATTACH_EVENTS = "UPDATE events SET run = $2 WHERE arrival = ANY ($1) AND run IS NULL";
    DROP_EARLY_ALIASES = "DELETE FROM early_aliases WHERE event = ANY ($1)";
    /// Nobody forgets it before the event is kept with it.
    IS_FORGOTTEN = "SELECT forgotten_at IS NOT NULL FROM runs WHERE id = $1 FOR UPDATE";
    /// One statement, so that version and events are of one moment.
    EVENTS = "SELECT r.payment_version, e.tenant, e.mode, e.event, e.kind, e.occurred_at, e.received_at, e.key_id, \
            e.sealed \
        FROM runs r LEFT JOIN events e ON e.run = r.id WHERE r.id = $1 ORDER BY e.arrival";
    UNSETTLE = "UPDATE runs SET payment_version = payment_version + 1 WHERE id = $1 AND forgotten_at IS NULL";
    SETTLE = "UPDATE runs SET payment_settled = $2, decide_at = $3, unpaid = $4, unpaid_since = $5, question = $6 \
        WHERE id = $1";
    /// A run whose order's payment is to be decided anew is due then, whatever else it waits for.
    DECIDE_SOON = "UPDATE runs SET wake_at = CASE WHEN payment_version > payment_settled THEN submitted_at \
            ELSE least(wake_at, decide_at) END \
        WHERE id = $1 AND (payment_version > payment_settled OR decide_at IS NOT NULL) AND forgotten_at IS NULL";
    DROP_EVENTS = "DELETE FROM events WHERE run = $1";
    EVENTS_SEALED_OTHERWISE = "SELECT 0::bigint, tenant, mode, event, kind, occurred_at, received_at, key_id, sealed \
        FROM events WHERE key_id <> $1 LIMIT 1000";
    SET_EVENT = "UPDATE events SET key_id = $4, sealed = $5 WHERE tenant = $1 AND mode = $2 AND event = $3";

    CUSTOMER = "SELECT key_id, sealed FROM customers WHERE found = ANY ($1) \
        ORDER BY array_position($1::text[], found), kept LIMIT 1";
    KEEP_CUSTOMER = "INSERT INTO customers (found, run, key_id, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    CUSTOMERS_SEALED_OTHERWISE = "SELECT found, run, key_id, sealed FROM customers WHERE key_id <> $1 LIMIT 1000";
    /// What is in the way of [`SET_CUSTOMER`] says the same.
    DROP_CUSTOMER_OF_THAT_NAME = "DELETE FROM customers WHERE found = $3 AND run = $2 AND found <> $1";
    SET_CUSTOMER = "UPDATE customers SET found = $3, key_id = $4, sealed = $5 WHERE found = $1 AND run = $2";
    DROP_CUSTOMERS = "DELETE FROM customers WHERE run = $1";

    /// One statement, so that version and reservations are of one moment.
    RESERVATIONS = "SELECT v.version, r.server, r.username, r.holder, r.slots, r.mark, r.account \
        FROM reservation_version v LEFT JOIN reservations r \
            ON r.run IS DISTINCT FROM $1 AND (r.account <> 'left' OR r.slots > 1)";
    BOUND_TO = "SELECT run FROM bindings WHERE server = $1 AND remote_id = $2";
    KNOWN = "SELECT shows_marks, logins_work FROM servers WHERE server = $1";
    LEARN = "INSERT INTO servers (server, shows_marks, logins_work) VALUES ($1, $2, $3) \
        ON CONFLICT (server) DO UPDATE SET shows_marks = servers.shows_marks OR excluded.shows_marks, \
            logins_work = servers.logins_work OR excluded.logins_work";

    DENY = "INSERT INTO denied_servers (server, denial, next_try) VALUES ($1, $2, $3) \
        ON CONFLICT (server) DO UPDATE SET denial = excluded.denial";
    DENIED = "SELECT server, denial, next_try FROM denied_servers ORDER BY server COLLATE \"C\"";
    TAKE_TRY = "UPDATE denied_servers SET next_try = $3 WHERE server = $1 AND next_try <= $2";
    ADMIT = "DELETE FROM denied_servers WHERE server = $1";
    DENIED_BY = "SELECT id FROM denied_runs JOIN runs USING (arrival) WHERE denied_runs.server = $1 \
        ORDER BY arrival LIMIT $2";
    WAKE_REJECTED = "UPDATE runs SET wake_at = $1 WHERE standing = 'rejected' AND leased_until IS NULL";
}

#[cfg(test)]
#[allow(clippy::print_stdout)]
mod tests {
    use sqlx::postgres::PgConnection;
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _, SqlStr};

    use super::ALL;
    use crate::store::postgres::schema::MIGRATIONS;

    /// Everything in a transaction that is never committed, in a schema that nobody else sees.
    async fn in_a_schema_of_its_own(work: impl AsyncFnOnce(&mut PgConnection)) {
        let Ok(url) = std::env::var("TEST_DATABASE_URL") else {
            println!("skipped: no TEST_DATABASE_URL");
            return;
        };
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let schema = format!("statements_{}", uuid::Uuid::new_v4().simple());
        let make = format!("CREATE SCHEMA {schema}; SET LOCAL search_path = {schema}");
        transaction.execute(AssertSqlSafe(make)).await.unwrap();
        for statements in MIGRATIONS {
            transaction.execute(*statements).await.unwrap();
        }
        work(&mut transaction).await;
        transaction.rollback().await.unwrap();
    }

    #[tokio::test]
    async fn every_statement_prepares_against_the_schema() {
        in_a_schema_of_its_own(async |connection| {
            for (name, sql) in ALL {
                // Two statements at once are not prepared but sent as they are.
                let sql = sql.strip_prefix("BEGIN; ").unwrap_or(sql);
                let prepared = connection.prepare(SqlStr::from_static(sql)).await;
                assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
            }
        })
        .await;
    }

    /// What a role or a database gives up of durability by its settings is taken back; what it wants besides is left.
    #[tokio::test]
    async fn a_session_waits_for_its_commits_whatever_its_role_has_set() {
        in_a_schema_of_its_own(async |connection| {
            for (given, kept) in [("off", "on"), ("on", "on"), ("local", "local")] {
                let set = AssertSqlSafe(format!("SET LOCAL synchronous_commit = {given}"));
                connection.execute(set).await.unwrap();
                sqlx::query(super::SETTINGS)
                    .bind("public")
                    .bind("session")
                    .bind("1000")
                    .execute(&mut *connection)
                    .await
                    .unwrap();
                let found: String = sqlx::query_scalar("SHOW synchronous_commit")
                    .fetch_one(&mut *connection)
                    .await
                    .unwrap();
                assert_eq!(found, kept, "given {given}");
            }
        })
        .await;
    }

    /// With so many runs that an index is worth its while, whatever the parameters are, nothing reads a whole table that
    /// grows with the orders.
    #[tokio::test]
    async fn no_statement_scans_a_table_that_grows() {
        in_a_schema_of_its_own(async |connection| {
            connection.execute(MANY_RUNS).await.unwrap();
            connection
                .execute("SET LOCAL plan_cache_mode = force_generic_plan")
                .await
                .unwrap();
            for (number, (name, sql)) in ALL.iter().enumerate() {
                // These want everything, of what is not over alone or while keys are changed; or are not explained.
                let excepted = [
                    "BEGIN", "FLUSH_LATER", "DROP_OLD_SESSIONS",  "DENIED", "SEALED_OTHERWISE", "EVENTS_SEALED_OTHERWISE", "CUSTOMERS_SEALED_OTHERWISE",
                ];
                if excepted.contains(name) {
                    continue;
                }
                let prepare = format!("PREPARE s{number} AS {sql}");
                connection.execute(AssertSqlSafe(prepare)).await.unwrap();
                let parameters: i64 = sqlx::query_scalar(
                    "SELECT coalesce(array_length(parameter_types, 1), 0)::bigint FROM pg_prepared_statements \
                     WHERE name = $1",
                )
                .bind(format!("s{number}"))
                .fetch_one(&mut *connection)
                .await
                .unwrap();
                let nulls = vec!["NULL"; usize::try_from(parameters).unwrap()].join(", ");
                let list = if nulls.is_empty() { nulls } else { format!("({nulls})") };
                let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE s{number}{list}"));
                for row in sqlx::raw_sql(explain).fetch_all(&mut *connection).await.unwrap() {
                    let line: String = row.get(0);
                    let scans = GROWING
                        .iter()
                        .any(|table| line.contains(&format!("Seq Scan on {table} ")));
                    assert!(!scans, "{name}: {line}");
                }
            }
        })
        .await;
    }

    const GROWING: &[&str] = &[
        "runs",
        "orders",
        "plans",
        "rejections",
        "entries",
        "credentials",
        "aliases",
        "bindings",
        "reservations",
        "events",
        "customers",
    ];

    const MANY_RUNS: &str = "
        INSERT INTO runs (id, order_key, operation, generation, first, content, submitted_at, wake_at, standing)
            SELECT id, n::text, 'provision', 0, id, '', n, n, CASE n % 50 WHEN 0 THEN 'rejected' ELSE 'submitted' END
            FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, 20000) AS n) AS new;
        INSERT INTO orders (run, key_id, sealed) SELECT id, 'k', '' FROM runs;
        INSERT INTO plans (run, journal_schema, plan) SELECT id, 1, '{}' FROM runs;
        INSERT INTO rejections (run, rejection) SELECT id, '{}' FROM runs;
        INSERT INTO entries (run, entry, body) SELECT id, n, '{}' FROM runs, generate_series(0, 4) AS n;
        INSERT INTO credentials (run, credential, key_id, sealed) SELECT id, 'c', 'k', '' FROM runs;
        INSERT INTO aliases (tenant, mode, alias, run) SELECT 't', 'live', order_key, id FROM runs;
        INSERT INTO bindings (server, remote_id, run) SELECT 's', order_key, id FROM runs;
        INSERT INTO reservations (run, holder, server, username, slots, account, since)
            SELECT id, id::text, 's', 'u', 1, 'left', arrival FROM runs;
        INSERT INTO events (tenant, mode, event, run, kind, occurred_at, received_at, key_id, sealed)
            SELECT 't', 'live', order_key, id, 'paid', 0, 0, 'k', '' FROM runs;
        INSERT INTO customers (found, run, key_id, sealed) SELECT order_key, id, 'k', '' FROM runs;
        ANALYZE reservations, events, customers, runs, orders, plans, rejections, entries, credentials, aliases, bindings";

    #[test]
    fn no_statement_is_hidden_elsewhere() {
        for (file, source) in [
            ("read.rs", include_str!("read.rs")),
            ("read/events.rs", include_str!("read/events.rs")),
            ("write.rs", include_str!("write.rs")),
            ("write/claiming.rs", include_str!("write/claiming.rs")),
            ("write/customers.rs", include_str!("write/customers.rs")),
            ("write/events.rs", include_str!("write/events.rs")),
            ("write/forgetting.rs", include_str!("write/forgetting.rs")),
            ("write/further.rs", include_str!("write/further.rs")),
            ("write/projecting.rs", include_str!("write/projecting.rs")),
            ("write/servers.rs", include_str!("write/servers.rs")),
            ("write/submitting.rs", include_str!("write/submitting.rs")),
            ("connections.rs", include_str!("connections.rs")),
        ] {
            for verb in ["SELECT ", "INSERT ", "UPDATE ", "DELETE "] {
                assert!(!source.contains(verb), "{file} has a statement of its own");
            }
        }
        assert!(ALL.len() > 50);
    }
}
