-- Runs, one small row each. The table is also the queue: a run with a wake_at in the past and no lease is due.
-- Instants are microseconds since 1970.
CREATE TABLE runs (
    arrival        bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             uuid    NOT NULL UNIQUE,
    order_key      text    NOT NULL UNIQUE,
    content        text    NOT NULL,
    submitted_at   bigint  NOT NULL,
    is_planned     boolean NOT NULL DEFAULT false,
    next_entry     bigint  NOT NULL DEFAULT 0,
    fence          bigint  NOT NULL DEFAULT 0,
    leased_until   bigint,
    leased_by      text,
    -- How long the lease is: every write moves its end to so long after the present moment of the database.
    lease          bigint  NOT NULL DEFAULT 0,
    crashes        bigint  NOT NULL DEFAULT 0,
    wake_at        bigint,
    standing       text    NOT NULL,
    server         text,
    problem        text,
    cancel_by      text,
    cancel_reason  text,
    forgotten_at   bigint,
    -- The reservations and denials of the run as text, to see at once whether they change.
    reserved       text    NOT NULL DEFAULT '[]',
    denied         text    NOT NULL DEFAULT '[]'
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX runs_due ON runs (wake_at, arrival) WHERE wake_at IS NOT NULL;
CREATE INDEX runs_by_standing ON runs (standing, arrival);

-- What is large and seldom written lies apart, so that a claim writes little.
CREATE TABLE orders (
    run    uuid NOT NULL PRIMARY KEY REFERENCES runs (id),
    key_id text NOT NULL,
    sealed text NOT NULL
);

CREATE INDEX orders_by_key ON orders (key_id);

CREATE TABLE plans (
    run            uuid   NOT NULL PRIMARY KEY REFERENCES runs (id),
    journal_schema bigint NOT NULL,
    plan           text   NOT NULL
);

CREATE TABLE rejections (
    run       uuid NOT NULL PRIMARY KEY REFERENCES runs (id),
    rejection text NOT NULL
);

-- The journal. A sealed credential's bytes are not in it but in credentials, so that erasing is one DELETE.
CREATE TABLE entries (
    run   uuid   NOT NULL REFERENCES runs (id),
    entry bigint NOT NULL,
    body  text   NOT NULL,
    PRIMARY KEY (run, entry)
);

CREATE TABLE credentials (
    run        uuid NOT NULL REFERENCES runs (id),
    credential text NOT NULL,
    key_id     text NOT NULL,
    sealed     text NOT NULL,
    PRIMARY KEY (run, credential)
);

CREATE INDEX credentials_by_key ON credentials (key_id);

-- Every id of an order leads to its run, test and live orders of a tenant apart.
CREATE TABLE aliases (
    tenant text NOT NULL,
    mode   text NOT NULL,
    alias  text NOT NULL,
    run    uuid NOT NULL REFERENCES runs (id),
    PRIMARY KEY (tenant, mode, alias)
);

CREATE TABLE reservations (
    run      uuid   NOT NULL REFERENCES runs (id),
    holder   text   NOT NULL,
    server   text   NOT NULL,
    username text   NOT NULL,
    slots    bigint NOT NULL,
    since    bigint NOT NULL,
    PRIMARY KEY (run, holder)
);

CREATE INDEX reservations_by_server ON reservations (server, since);

-- What belongs to which run on the panels.
CREATE TABLE bindings (
    server    text NOT NULL,
    remote_id text NOT NULL,
    run       uuid NOT NULL REFERENCES runs (id),
    PRIMARY KEY (server, remote_id)
);

-- What calls have taught about servers.
CREATE TABLE servers (
    server      text    NOT NULL PRIMARY KEY,
    shows_marks boolean NOT NULL,
    logins_work boolean NOT NULL
);

-- Servers that refuse our key, and the runs that wait for it to be mended.
CREATE TABLE denied_servers (
    server   text   NOT NULL PRIMARY KEY,
    denial   text   NOT NULL,
    next_try bigint NOT NULL
);

CREATE TABLE denied_runs (
    server  text   NOT NULL,
    arrival bigint NOT NULL REFERENCES runs (arrival),
    PRIMARY KEY (server, arrival)
);

-- One row: how often places were taken. Whoever takes places holds its lock, so this also is their order.
CREATE TABLE reservation_version (
    is_only boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (is_only),
    version bigint  NOT NULL
) WITH (fillfactor = 10);

INSERT INTO reservation_version (version) VALUES (0);

-- One row per connection that writes: the number of its last transaction that was committed. Whoever lost the reply to
-- a COMMIT reads here what became of it.
CREATE TABLE sessions (
    id          uuid   NOT NULL PRIMARY KEY,
    transaction bigint NOT NULL DEFAULT 0,
    seen_at     bigint NOT NULL
) WITH (fillfactor = 10);

-- The clock that leases are judged by: the same for all workers, whatever their own clocks say.
CREATE FUNCTION lease_clock() RETURNS bigint LANGUAGE sql VOLATILE AS
    $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;
