//! Every statement of this store, in one place: a test prepares each against the schema.

use crate::store::statements::statements;

statements! {
    SUBMITTED_KEY = "SELECT first FROM runs WHERE order_key = ?1 LIMIT 1";
    SUBMITTED_ALIAS = "SELECT run FROM aliases WHERE tenant = ?1 AND mode = ?2 AND alias = ?3";
    CONTENT = "SELECT content FROM runs WHERE id = ?1";
    SUBMIT = "INSERT INTO runs (id, order_key, content, submitted_at, wake_at, standing, operation, generation, first) \
        VALUES (?1, ?2, ?3, ?4, ?4, ?5, 'provision', 0, ?1)";
    ADD_RUN = "INSERT INTO runs (id, order_key, operation, generation, first, content, submitted_at, wake_at, standing, \
            server) \
        VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    RUNS_OF = "SELECT id FROM runs WHERE order_key = ?1 ORDER BY arrival";
    ADD_ORDER = "INSERT INTO orders (run, key_id, sealed) VALUES (?1, ?2, ?3)";
    ADD_ALIAS = "INSERT INTO aliases (tenant, mode, alias, run) VALUES (?1, ?2, ?3, ?4)";

    /// Everything at once: one statement reads one moment.
    LOAD = "SELECT r.order_key, o.key_id, o.sealed, r.submitted_at, p.journal_schema, p.plan, x.rejection, \
            r.forgotten_at, r.cancel_by, r.cancel_reason, r.cancel_at, r.next_entry, r.is_planned, r.operation, \
            r.generation, r.first, h.payment_version, h.payment_settled, h.decide_at, h.unpaid, h.unpaid_since, h.question, \
            (SELECT json_group_array(json_array(entry, iif(typeof(body) = 'text', body, NULL))) FROM entries WHERE run = r.id), \
            (SELECT json_group_array(json_array(iif(typeof(credential) = 'text', credential, NULL), \
                iif(typeof(key_id) = 'text', key_id, NULL), iif(typeof(sealed) = 'text', sealed, NULL))) \
                FROM credentials WHERE run = r.id) \
        FROM runs r JOIN runs h ON h.id = r.first LEFT JOIN orders o ON o.run = r.id LEFT JOIN plans p ON p.run = r.id \
        LEFT JOIN rejections x ON x.run = r.id WHERE r.id = ?1";
    LIST = "SELECT id, order_key, submitted_at, arrival, standing, wake_at, leased_by, leased_until, crashes, problem, \
            denied, operation, generation, payment_version, payment_settled, decide_at, unpaid, unpaid_since, question \
        FROM runs WHERE arrival > ?1 ORDER BY arrival LIMIT ?2";
    LIST_STANDING = "SELECT id, order_key, submitted_at, arrival, standing, wake_at, leased_by, leased_until, crashes, \
            problem, denied, operation, generation, payment_version, payment_settled, decide_at, unpaid, unpaid_since, \
            question \
        FROM runs WHERE standing = ?3 AND arrival > ?1 ORDER BY arrival LIMIT ?2";

    CLAIM = "UPDATE runs SET fence = fence + 1, crashes = crashes + (leased_until IS NOT NULL), leased_until = ?3, \
            leased_by = ?5 \
        WHERE id = ?1 AND (leased_until IS NULL OR leased_until <= ?2) \
            AND crashes + (leased_until IS NOT NULL) < ?4 RETURNING fence";
    WHY_NOT_CLAIMED = "SELECT leased_until, leased_by, crashes + (leased_until IS NOT NULL) FROM runs WHERE id = ?1";
    CLAIM_DUE = "UPDATE runs SET fence = fence + 1, crashes = crashes + (leased_until IS NOT NULL), leased_until = ?2, \
            leased_by = ?4 \
        WHERE arrival IN (SELECT arrival FROM runs WHERE wake_at IS NOT NULL AND wake_at <= ?1 \
            AND (leased_until IS NULL OR leased_until <= ?1) AND crashes + (leased_until IS NOT NULL) < ?3 \
            AND (server IS NULL OR server NOT IN (SELECT value FROM json_each(?6))) \
            ORDER BY wake_at, arrival LIMIT ?5) \
        RETURNING id, fence, wake_at, arrival";
    /// -1 takes off the lease that the last worker left behind.
    ABSOLVE = "UPDATE runs SET crashes = -(leased_until IS NOT NULL) WHERE id = ?1";
    EXTEND = "UPDATE runs SET leased_until = ?3 WHERE id = ?1 AND fence = ?2 AND leased_until IS NOT NULL";
    RELEASE = "UPDATE runs SET leased_until = NULL, leased_by = NULL \
        WHERE id = ?1 AND fence = ?2 AND leased_until IS NOT NULL";
    REST = "UPDATE runs SET wake_at = ?2, problem = ?3, crashes = 0 WHERE id = ?1";
    FENCED = "SELECT r.is_planned, r.next_entry, r.reserved, r.denied, r.cancel_by, r.cancel_reason, r.cancel_at, \
            r.forgotten_at, r.arrival, r.standing, r.first, h.payment_version > h.payment_settled, h.payment_version, \
            r.decide_at IS NOT NULL \
        FROM runs r JOIN runs h ON h.id = r.first WHERE r.id = ?1 AND r.fence = ?2 AND r.leased_until IS NOT NULL";

    ADD_PLAN = "INSERT INTO plans (run, journal_schema, plan) VALUES (?1, ?2, ?3)";
    SET_PLANNED = "UPDATE runs SET is_planned = 1 WHERE id = ?1";
    DROP_REJECTION = "DELETE FROM rejections WHERE run = ?1";
    SET_REJECTION = "INSERT INTO rejections (run, rejection) VALUES (?1, ?2) \
        ON CONFLICT (run) DO UPDATE SET rejection = excluded.rejection";
    TAKEN_SINCE = "SELECT coalesce(sum(slots), 0) FROM reservations WHERE server = ?1 AND since > ?3 AND run <> ?2";
    ADD_ENTRY = "INSERT INTO entries (run, entry, body) VALUES (?1, ?2, ?3)";
    ADD_CREDENTIAL = "INSERT INTO credentials (run, credential, key_id, sealed) VALUES (?1, ?2, ?3, ?4)";
    SET_CREDENTIAL = "UPDATE credentials SET key_id = ?3, sealed = ?4 WHERE run = ?1 AND credential = ?2";
    ERASE_CREDENTIAL = "DELETE FROM credentials WHERE run = ?1 AND credential = ?2";
    RESET_CRASHES = "UPDATE runs SET crashes = 0 WHERE id = ?1";

    PROJECT = "UPDATE runs SET leased_until = ?2, wake_at = ?3, standing = ?4, server = ?5, next_entry = ?6, \
            problem = NULL WHERE id = ?1";
    BIND = "INSERT INTO bindings (server, remote_id, run) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    RELEASE_BINDING = "DELETE FROM bindings WHERE server = ?1 AND remote_id = ?2 \
        AND (SELECT first FROM runs WHERE runs.id = bindings.run) = ?3";
    SET_VERSION = "UPDATE reservation_version SET version = ?1";
    SET_RESERVED = "UPDATE runs SET reserved = ?2 WHERE id = ?1";
    DROP_RESERVATIONS = "DELETE FROM reservations WHERE run = ?1";
    ADD_RESERVATION = "INSERT INTO reservations (run, holder, server, username, slots, mark, account, since) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    SET_RESERVED_ACCOUNT = "UPDATE reservations SET account = ?3 WHERE run = ?1 AND holder = ?2";
    SET_DENIED = "UPDATE runs SET denied = ?2 WHERE id = ?1";
    DROP_DENIED_RUN = "DELETE FROM denied_runs WHERE server = ?1 AND arrival = ?2";
    ADD_DENIED_RUN = "INSERT INTO denied_runs (server, arrival) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

    WISH_CANCEL = "UPDATE runs SET cancel_by = ?2, cancel_reason = ?3, cancel_at = ?4 WHERE id = ?1";
    DROP_CANCEL = "UPDATE runs SET cancel_by = NULL, cancel_reason = NULL, cancel_at = NULL WHERE id = ?1";
    /// A run that somebody wants to stop is due at once, so that the wish gets into its journal; without a plan there is
    /// nothing to stop, and it is over.
    STOP_SOON = "UPDATE runs SET wake_at = iif(is_planned, submitted_at, NULL), \
            standing = iif(is_planned, standing, 'over') \
        WHERE id = ?1 AND cancel_by IS NOT NULL AND forgotten_at IS NULL";

    SEALED_OTHERWISE = "SELECT run FROM orders WHERE key_id <> ?1 UNION SELECT run FROM credentials WHERE key_id <> ?1 \
        LIMIT 1000";
    SET_ORDER = "UPDATE orders SET key_id = ?2, sealed = ?3 WHERE run = ?1";
    DROP_ORDER = "DELETE FROM orders WHERE run = ?1";
    DROP_PLAN = "DELETE FROM plans WHERE run = ?1";
    DROP_ENTRIES = "DELETE FROM entries WHERE run = ?1";
    DROP_CREDENTIALS = "DELETE FROM credentials WHERE run = ?1";
    SET_FORGOTTEN = "UPDATE runs SET forgotten_at = ?2, is_planned = 0, leased_until = NULL, leased_by = NULL, \
            cancel_by = NULL, cancel_reason = NULL, cancel_at = NULL, decide_at = NULL, unpaid = NULL, \
            unpaid_since = NULL, question = NULL, payment_settled = payment_version WHERE id = ?1";

    EVENT = "SELECT run FROM events WHERE tenant = ?1 AND mode = ?2 AND event = ?3";
    ADD_EVENT = "INSERT INTO events (tenant, mode, event, run, kind, occurred_at, received_at, key_id, sealed) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING arrival";
    ADD_EARLY_ALIAS = "INSERT INTO early_aliases (tenant, mode, alias, event) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT DO NOTHING";
    DROP_OLD_EVENTS = "DELETE FROM events WHERE run IS NULL AND received_at < ?1";
    DROP_EVENTS_BEYOND = "DELETE FROM events WHERE arrival IN (SELECT arrival FROM events WHERE run IS NULL \
        ORDER BY arrival DESC LIMIT -1 OFFSET ?1)";
    EARLY_EVENTS = "SELECT event FROM early_aliases WHERE tenant = ?1 AND mode = ?2 AND alias = ?3";
    ATTACH_EVENT = "UPDATE events SET run = ?2 WHERE arrival = ?1 AND run IS NULL";
    DROP_EARLY_ALIASES = "DELETE FROM early_aliases WHERE event = ?1";
    IS_FORGOTTEN = "SELECT forgotten_at IS NOT NULL FROM runs WHERE id = ?1";
    EVENTS = "SELECT tenant, mode, event, kind, occurred_at, received_at, key_id, sealed FROM events WHERE run = ?1 \
        ORDER BY arrival";
    PAYMENT_VERSION = "SELECT payment_version FROM runs WHERE id = ?1";
    UNSETTLE = "UPDATE runs SET payment_version = payment_version + 1 WHERE id = ?1 AND forgotten_at IS NULL";
    SETTLE = "UPDATE runs SET payment_settled = ?2, decide_at = ?3, unpaid = ?4, unpaid_since = ?5, question = ?6 \
        WHERE id = ?1";
    /// A run whose order's payment is to be decided anew is due then, whatever else it waits for.
    DECIDE_SOON = "UPDATE runs SET wake_at = iif(payment_version > payment_settled, submitted_at, \
            min(ifnull(wake_at, decide_at), decide_at)) \
        WHERE id = ?1 AND (payment_version > payment_settled OR decide_at IS NOT NULL) AND forgotten_at IS NULL";
    DROP_EVENTS = "DELETE FROM events WHERE run = ?1";
    EVENTS_SEALED_OTHERWISE = "SELECT tenant, mode, event, kind, occurred_at, received_at, key_id, sealed FROM events \
        WHERE key_id <> ?1 LIMIT 1000";
    SET_EVENT = "UPDATE events SET key_id = ?4, sealed = ?5 WHERE tenant = ?1 AND mode = ?2 AND event = ?3";

    CUSTOMER = "SELECT key_id, sealed FROM customers WHERE found = ?1 ORDER BY kept LIMIT 1";
    KEEP_CUSTOMER = "INSERT INTO customers (found, run, key_id, sealed) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    CUSTOMERS_SEALED_OTHERWISE = "SELECT found, run, key_id, sealed FROM customers WHERE key_id <> ?1 LIMIT 1000";
    SET_CUSTOMER = "UPDATE OR REPLACE customers SET found = ?3, key_id = ?4, sealed = ?5 WHERE found = ?1 AND run = ?2";
    DROP_CUSTOMERS = "DELETE FROM customers WHERE run = ?1";

    VERSION = "SELECT version FROM reservation_version";
    /// All places in one row, and so of the same moment as the version.
    RESERVATIONS = "SELECT version, (SELECT json_group_array(json_array(server, username, holder, slots, mark, account)) \
            FROM reservations WHERE run <> ?1 AND (account <> 'left' OR slots > 1)) \
        FROM reservation_version";
    BOUND_TO = "SELECT run FROM bindings WHERE server = ?1 AND remote_id = ?2";
    KNOWN = "SELECT shows_marks, logins_work FROM servers WHERE server = ?1";
    LEARN = "INSERT INTO servers (server, shows_marks, logins_work) VALUES (?1, ?2, ?3) \
        ON CONFLICT (server) DO UPDATE SET shows_marks = max(shows_marks, excluded.shows_marks), \
            logins_work = max(logins_work, excluded.logins_work)";

    DENY = "INSERT INTO denied_servers (server, denial, next_try) VALUES (?1, ?2, ?3) \
        ON CONFLICT (server) DO UPDATE SET denial = excluded.denial";
    DENIED = "SELECT server, denial, next_try FROM denied_servers ORDER BY server";
    TAKE_TRY = "UPDATE denied_servers SET next_try = ?3 WHERE server = ?1 AND next_try <= ?2";
    ADMIT = "DELETE FROM denied_servers WHERE server = ?1";
    DENIED_BY = "SELECT id FROM denied_runs JOIN runs USING (arrival) WHERE denied_runs.server = ?1 \
        ORDER BY arrival LIMIT ?2";
    WAKE_REJECTED = "UPDATE runs SET wake_at = ?1 WHERE standing = 'rejected' AND leased_until IS NULL";

    /// The right to write is taken at once: whoever reads first and writes then may find that another has written.
    BEGIN = "BEGIN IMMEDIATE";
    COMMIT = "COMMIT";
    ROLLBACK = "ROLLBACK";
    SAVEPOINT = "SAVEPOINT work";
    ROLLBACK_TO = "ROLLBACK TO work";
    RELEASE_SAVEPOINT = "RELEASE work";
    CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)";
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::ALL;
    use crate::store::sqlite::schema::RUNS;

    #[test]
    fn every_statement_prepares_against_the_schema() {
        let connection = newest();
        assert!(ALL.len() > 50);
        for (name, sql) in ALL {
            let prepared = connection.prepare(sql);
            assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
        }
    }

    #[test]
    fn no_statement_is_hidden_elsewhere() {
        for (file, source) in [
            ("read.rs", include_str!("read.rs")),
            ("write.rs", include_str!("write.rs")),
        ] {
            for verb in ["SELECT ", "INSERT ", "UPDATE ", "DELETE "] {
                assert!(!source.contains(verb), "{file} has a statement of its own");
            }
        }
    }

    /// The queue is read by its index, and nothing reads a whole table that grows with the orders.
    #[test]
    fn no_statement_scans_a_table_that_grows() {
        let connection = newest();
        for (name, sql) in ALL {
            // These want everything, of what is not over alone or while keys are changed.
            if [
                "RESERVATIONS",
                "DENIED",
                "VERSION",
                "SET_VERSION",
                "SEALED_OTHERWISE",
                "EVENTS_SEALED_OTHERWISE",
                "CUSTOMERS_SEALED_OTHERWISE",
                "CHECKPOINT",
                "BEGIN",
                "COMMIT",
                "ROLLBACK",
                "SAVEPOINT",
                "ROLLBACK_TO",
                "RELEASE_SAVEPOINT",
            ]
            .contains(name)
            {
                continue;
            }
            for detail in steps(&connection, sql) {
                let scans = detail.starts_with("SCAN ") && !detail.contains("json_each");
                assert!(!scans, "{name}: {detail}");
            }
        }
    }

    /// What every run asks for many times: by which index it is found, so that its cost does not grow with the orders.
    #[test]
    fn every_hot_statement_uses_its_index_and_sorts_nothing() {
        let by_id = "USING INDEX sqlite_autoindex_runs_1 (id=?)";
        let hot = [
            ("CLAIM", by_id),
            ("FENCED", by_id),
            ("EXTEND", by_id),
            ("RELEASE", by_id),
            ("REST", by_id),
            ("PROJECT", by_id),
            ("STOP_SOON", by_id),
            ("RESET_CRASHES", by_id),
            (
                "CLAIM_DUE",
                "runs USING INDEX runs_due (wake_at>? AND wake_at<?)",
            ),
            (
                "LIST_STANDING",
                "runs USING INDEX runs_by_standing (standing=? AND arrival>?)",
            ),
            ("LIST", "runs USING INTEGER PRIMARY KEY (rowid>?)"),
            (
                "SUBMITTED_KEY",
                "runs USING INDEX sqlite_autoindex_runs_2 (order_key=?)",
            ),
            (
                "SUBMITTED_ALIAS",
                "aliases USING PRIMARY KEY (tenant=? AND mode=? AND alias=?)",
            ),
            ("LOAD", by_id),
            ("LOAD", "entries USING PRIMARY KEY (run=?)"),
            (
                "LOAD",
                "credentials USING INDEX sqlite_autoindex_credentials_1 (run=?)",
            ),
            (
                "TAKEN_SINCE",
                "reservations USING INDEX reservations_by_server (server=? AND since>?)",
            ),
            (
                "BOUND_TO",
                "bindings USING PRIMARY KEY (server=? AND remote_id=?)",
            ),
            ("DENIED_BY", "denied_runs USING PRIMARY KEY (server=?)"),
        ];
        let connection = newest();
        for (name, wanted) in hot {
            let (_, sql) = ALL.iter().find(|(known, _)| *known == name).unwrap();
            let details = steps(&connection, sql);
            assert!(
                details.iter().any(|detail| detail.contains(wanted)),
                "{name}: {details:?}"
            );
            let sorts = details.iter().any(|detail| detail.contains("TEMP B-TREE"));
            assert!(!sorts, "{name}: {details:?}");
        }
    }

    /// How SQLite carries a statement out.
    fn steps(connection: &Connection, sql: &str) -> Vec<String> {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let mut explain = connection.prepare(&explain).unwrap();
        let steps = explain.raw_query().mapped(|row| row.get("detail"));
        steps.map(Result::unwrap).collect()
    }

    fn newest() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for statements in RUNS.steps {
            connection.execute_batch(statements).unwrap();
        }
        connection
    }
}
