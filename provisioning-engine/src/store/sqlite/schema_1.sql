-- Runs, one small row each. The table is also the queue: a run with a wake_at in the past and no lease is due.
-- Instants are microseconds since 1970, ids are UUID text.
CREATE TABLE runs (
    arrival        INTEGER NOT NULL PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    order_key      TEXT    NOT NULL,
    operation      TEXT    NOT NULL,
    generation     INTEGER NOT NULL,
    -- The first run of the order: the one that was submitted.
    first          TEXT    NOT NULL,
    content        TEXT    NOT NULL,
    submitted_at   INTEGER NOT NULL,
    is_planned     INTEGER NOT NULL DEFAULT 0,
    next_entry     INTEGER NOT NULL DEFAULT 0,
    fence          INTEGER NOT NULL DEFAULT 0,
    leased_until   INTEGER,
    leased_by      TEXT,
    crashes        INTEGER NOT NULL DEFAULT 0,
    wake_at        INTEGER,
    standing       TEXT    NOT NULL,
    server         TEXT,
    problem        TEXT,
    cancel_by      TEXT,
    cancel_reason  TEXT,
    cancel_at      INTEGER,
    forgotten_at   INTEGER,
    -- The payment of the order, in its first run alone: how often there was something to decide anew, up to which of
    -- these it was acted on, and what was decided.
    payment_version INTEGER NOT NULL DEFAULT 0,
    payment_settled INTEGER NOT NULL DEFAULT 0,
    decide_at      INTEGER,
    unpaid         TEXT,
    unpaid_since   INTEGER,
    question       TEXT,
    -- The reservations and denials of the run as text, to see at once whether they change.
    reserved       TEXT    NOT NULL DEFAULT '[]',
    denied         TEXT    NOT NULL DEFAULT '[]',
    UNIQUE (order_key, operation, generation)
) STRICT;

-- With the server, so that what waits for a busy one is passed over without a look at its row.
CREATE INDEX runs_due ON runs (wake_at, arrival, server) WHERE wake_at IS NOT NULL;
CREATE INDEX runs_by_standing ON runs (standing, arrival);

-- What is large and seldom written lies apart, so that a claim writes little.
CREATE TABLE orders (
    run    TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    key_id TEXT NOT NULL,
    sealed TEXT NOT NULL
) STRICT;

CREATE INDEX orders_by_key ON orders (key_id);

CREATE TABLE plans (
    run            TEXT    NOT NULL PRIMARY KEY REFERENCES runs (id),
    journal_schema INTEGER NOT NULL,
    plan           TEXT    NOT NULL
) STRICT;

CREATE TABLE rejections (
    run       TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    rejection TEXT NOT NULL
) STRICT;

-- The journal. A sealed credential's bytes are not in it but in credentials, so that erasing is one DELETE.
CREATE TABLE entries (
    run   TEXT    NOT NULL REFERENCES runs (id),
    entry INTEGER NOT NULL,
    body  TEXT    NOT NULL,
    PRIMARY KEY (run, entry)
) STRICT, WITHOUT ROWID;

CREATE TABLE credentials (
    run        TEXT NOT NULL REFERENCES runs (id),
    credential TEXT NOT NULL,
    key_id     TEXT NOT NULL,
    sealed     TEXT NOT NULL,
    PRIMARY KEY (run, credential)
) STRICT;

CREATE INDEX credentials_by_key ON credentials (key_id);

-- Every id of an order leads to its run, test and live orders of a tenant apart.
CREATE TABLE aliases (
    tenant TEXT NOT NULL,
    mode   TEXT NOT NULL,
    alias  TEXT NOT NULL,
    run    TEXT NOT NULL REFERENCES runs (id),
    PRIMARY KEY (tenant, mode, alias)
) STRICT, WITHOUT ROWID;

-- Payment events, with the first run of their order once that is known. What happened and when is in the clear, so that
-- it can be folded; everything else is sealed.
CREATE TABLE events (
    arrival     INTEGER NOT NULL PRIMARY KEY,
    tenant      TEXT    NOT NULL,
    mode        TEXT    NOT NULL,
    event       TEXT    NOT NULL,
    run         TEXT    REFERENCES runs (id),
    kind        TEXT    NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    key_id      TEXT    NOT NULL,
    sealed      TEXT    NOT NULL,
    UNIQUE (tenant, mode, event)
) STRICT;

CREATE INDEX events_by_run ON events (run, arrival);
CREATE INDEX events_by_key ON events (key_id);

-- The ids of events whose order has not come.
CREATE TABLE early_aliases (
    tenant TEXT    NOT NULL,
    mode   TEXT    NOT NULL,
    alias  TEXT    NOT NULL,
    event  INTEGER NOT NULL REFERENCES events (arrival) ON DELETE CASCADE,
    PRIMARY KEY (tenant, mode, alias, event)
) STRICT, WITHOUT ROWID;

CREATE INDEX early_aliases_by_event ON early_aliases (event);

-- Customers of panels, found by keyed hashes.
CREATE TABLE customers (
    kept   INTEGER NOT NULL PRIMARY KEY,
    found  TEXT    NOT NULL,
    run    TEXT    NOT NULL REFERENCES runs (id),
    key_id TEXT    NOT NULL,
    sealed TEXT    NOT NULL,
    UNIQUE (found, run)
) STRICT;

CREATE INDEX customers_by_run ON customers (run);
CREATE INDEX customers_by_key ON customers (key_id);

CREATE TABLE reservations (
    run      TEXT    NOT NULL REFERENCES runs (id),
    holder   TEXT    NOT NULL,
    server   TEXT    NOT NULL,
    username TEXT    NOT NULL,
    slots    INTEGER NOT NULL,
    mark     TEXT,
    -- What is known of the account it is for: expected, established, left.
    account  TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (run, holder)
) STRICT, WITHOUT ROWID;

CREATE INDEX reservations_by_server ON reservations (server, since);
-- Accounts of one slot whose runs are over stay for counts begun before they were made, and no other count reads them.
CREATE INDEX reservations_that_hold ON reservations (run) WHERE account <> 'left' OR slots > 1;

-- What belongs to which run on the panels.
CREATE TABLE bindings (
    server    TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    run       TEXT NOT NULL REFERENCES runs (id),
    PRIMARY KEY (server, remote_id)
) STRICT, WITHOUT ROWID;

-- What calls have taught about servers.
CREATE TABLE servers (
    server      TEXT    NOT NULL PRIMARY KEY,
    shows_marks INTEGER NOT NULL,
    logins_work INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Servers that refuse our key, and the runs that wait for it to be mended.
CREATE TABLE denied_servers (
    server   TEXT    NOT NULL PRIMARY KEY,
    denial   TEXT    NOT NULL,
    next_try INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE denied_runs (
    server  TEXT    NOT NULL,
    arrival INTEGER NOT NULL REFERENCES runs (arrival),
    PRIMARY KEY (server, arrival)
) STRICT, WITHOUT ROWID;

-- One row: how often a place was taken, moved or given back.
CREATE TABLE reservation_version (
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO reservation_version (only, version) VALUES (1, 0);
