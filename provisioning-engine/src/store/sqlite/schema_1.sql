-- Runs, one row each. The table is also the queue: a run with a wake_at in the past and no lease is due.
-- Instants are microseconds since 1970, ids are UUID text.
CREATE TABLE runs (
    id              TEXT    NOT NULL PRIMARY KEY,
    arrival         INTEGER NOT NULL,
    order_key       TEXT    NOT NULL UNIQUE,
    tenant          TEXT    NOT NULL,
    content         TEXT    NOT NULL,
    order_key_id    TEXT    NOT NULL,
    order_sealed    TEXT    NOT NULL,
    submitted_at    INTEGER NOT NULL,
    journal_schema  INTEGER,
    plan            TEXT,
    rejection       TEXT,
    next_entry      INTEGER NOT NULL DEFAULT 0,
    fence           INTEGER NOT NULL DEFAULT 0,
    leased_until    INTEGER,
    crashes         INTEGER NOT NULL DEFAULT 0,
    wake_at         INTEGER,
    reserved_since  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX runs_due ON runs (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX runs_by_arrival ON runs (arrival);

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
    sealed     TEXT NOT NULL,
    PRIMARY KEY (run, credential)
) STRICT, WITHOUT ROWID;

-- Every id of an order leads to its run, test and live orders of a tenant apart.
CREATE TABLE aliases (
    tenant TEXT NOT NULL,
    mode   TEXT NOT NULL,
    alias  TEXT NOT NULL,
    run    TEXT NOT NULL REFERENCES runs (id),
    PRIMARY KEY (tenant, mode, alias)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
    run      TEXT    NOT NULL REFERENCES runs (id),
    holder   TEXT    NOT NULL,
    server   TEXT    NOT NULL,
    username TEXT    NOT NULL,
    slots    INTEGER NOT NULL,
    PRIMARY KEY (run, holder)
) STRICT, WITHOUT ROWID;

CREATE INDEX reservations_by_server ON reservations (server);

-- What belongs to which run on the panels.
CREATE TABLE bindings (
    server    TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    run       TEXT NOT NULL REFERENCES runs (id),
    PRIMARY KEY (server, remote_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE servers (
    server      TEXT    NOT NULL PRIMARY KEY,
    shows_marks INTEGER NOT NULL,
    logins_work INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: how often any reservation has changed.
CREATE TABLE reservation_version (
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO reservation_version (only, version) VALUES (1, 0);
