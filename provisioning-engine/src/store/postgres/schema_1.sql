-- Runs, one small row each. The table is also the queue: a run with a wake_at in the past and no lease is due.
-- Instants are microseconds since 1970.
CREATE TABLE runs (
    arrival        bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             uuid    NOT NULL UNIQUE,
    order_key      text    NOT NULL,
    operation      text    NOT NULL,
    generation     bigint  NOT NULL,
    -- The first run of the order: the one that was submitted.
    first          uuid    NOT NULL,
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
    cancel_at      bigint,
    forgotten_at   bigint,
    -- The payment of the order, in its first run alone: how often there was something to decide anew, up to which of
    -- these it was acted on, and what was decided.
    payment_version bigint NOT NULL DEFAULT 0,
    payment_settled bigint NOT NULL DEFAULT 0,
    decide_at      bigint,
    unpaid         text,
    unpaid_since   bigint,
    question       text,
    -- The reservations and denials of the run as text, to see at once whether they change.
    reserved       text    NOT NULL DEFAULT '[]',
    denied         text    NOT NULL DEFAULT '[]',
    UNIQUE (order_key, operation, generation)
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

-- Payment events, with the first run of their order once that is known. What happened and when is in the clear, so that
-- it can be folded; everything else is sealed.
CREATE TABLE events (
    arrival     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text   NOT NULL,
    mode        text   NOT NULL,
    event       text   NOT NULL,
    run         uuid   REFERENCES runs (id),
    kind        text   NOT NULL,
    occurred_at bigint NOT NULL,
    received_at bigint NOT NULL,
    key_id      text   NOT NULL,
    sealed      text   NOT NULL,
    UNIQUE (tenant, mode, event)
);

CREATE INDEX events_by_run ON events (run, arrival);
CREATE INDEX events_by_key ON events (key_id);
CREATE INDEX events_that_are_early ON events (arrival) WHERE run IS NULL;
CREATE INDEX events_that_are_early_by_age ON events (received_at) WHERE run IS NULL;

-- The ids of events whose order has not come.
CREATE TABLE early_aliases (
    tenant text   NOT NULL,
    mode   text   NOT NULL,
    alias  text   NOT NULL,
    event  bigint NOT NULL REFERENCES events (arrival) ON DELETE CASCADE,
    PRIMARY KEY (tenant, mode, alias, event)
);

CREATE INDEX early_aliases_by_event ON early_aliases (event);

-- Customers of panels, found by keyed hashes.
CREATE TABLE customers (
    kept   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    found  text   NOT NULL,
    run    uuid   NOT NULL REFERENCES runs (id),
    key_id text   NOT NULL,
    sealed text   NOT NULL,
    UNIQUE (found, run)
);

CREATE INDEX customers_by_run ON customers (run);
CREATE INDEX customers_by_key ON customers (key_id);

CREATE TABLE reservations (
    run      uuid   NOT NULL REFERENCES runs (id),
    holder   text   NOT NULL,
    server   text   NOT NULL,
    username text   NOT NULL,
    slots    bigint NOT NULL,
    mark     text,
    -- What is known of the account it is for: expected, established, left.
    account  text   NOT NULL,
    since    bigint NOT NULL,
    PRIMARY KEY (run, holder)
);

CREATE INDEX reservations_by_server ON reservations (server, since);
-- Accounts of one slot whose runs are over stay for counts begun before they were made, and no other count reads them.
CREATE INDEX reservations_that_hold ON reservations (run) WHERE account <> 'left' OR slots > 1;

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

-- One row: how often a place was taken, moved or given back. Whoever does so holds its lock, so this is their order.
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
