-- The record of Obscura: everything that must survive. Rules:
--   * every table of tenants' data has tenant_id and forced row-level security;
--   * obscura_app (gateway, alchemist) sees the tenant named by app.tenant_id and nothing else;
--   * obscura_engine (conductor, sentinel) works for all tenants, by policies of its own;
--   * the few look-ups that come before the tenant is known are functions of obscura_definer.
-- Roles are made by `obscura migrate` before the first migration (they belong to the cluster).

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;

-- Tenants, users, keys --------------------------------------------------------------------------

CREATE TABLE tenants (
    tenant_id   uuid PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    name        text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('platform', 'b2b')),
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    settings    jsonb NOT NULL DEFAULT '{}',  -- rate limits and the like
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants,
    email         text NOT NULL,            -- lower case
    password_hash text NOT NULL,            -- libsodium Argon2id string
    role          text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    created_at    timestamptz NOT NULL DEFAULT now(),
    erased_at     timestamptz,
    UNIQUE (tenant_id, email)
);

CREATE TABLE refresh_tokens (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    family_id   uuid NOT NULL,              -- all descend from one login; reuse revokes them all
    token_hash  bytea NOT NULL UNIQUE,
    issued_at   timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    revoked_at  timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    tenant_id    uuid NOT NULL REFERENCES tenants,
    public_id    text NOT NULL UNIQUE,
    mode         text NOT NULL CHECK (mode IN ('live', 'test')),
    name         text NOT NULL,
    secret_mac   bytea NOT NULL,            -- HMAC-SHA256(pepper, secret)
    scopes       text[] NOT NULL,
    ip_allow     text[] NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);

CREATE TABLE idempotency_keys (
    tenant_id   uuid NOT NULL REFERENCES tenants,
    caller      text NOT NULL,              -- user or API key id
    key         text NOT NULL,
    route       text NOT NULL,
    body_hash   bytea NOT NULL,
    status      int,                        -- null while the first request is under way
    response    text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, caller, route, key)
);

-- Connections, leaders, pools, subscriptions ----------------------------------------------------

CREATE TABLE exchange_connections (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants,
    user_id       uuid NOT NULL REFERENCES users,
    venue         text NOT NULL,
    environment   text NOT NULL CHECK (environment IN ('live', 'testnet', 'paper')),
    purpose       text NOT NULL CHECK (purpose IN ('follow', 'lead')),
    label         text NOT NULL,
    credentials   jsonb NOT NULL,           -- field -> nil:v{n}:... (ciphertext only)
    venue_account text,                     -- the venue's own account id, where known
    status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'failed', 'removed')),
    created_at    timestamptz NOT NULL DEFAULT now(),
    removed_at    timestamptz
);
CREATE INDEX exchange_connections_user ON exchange_connections (user_id);

CREATE TABLE traders (
    id            uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL REFERENCES tenants,
    user_id       uuid NOT NULL REFERENCES users,
    connection_id uuid NOT NULL REFERENCES exchange_connections,
    display_name  text NOT NULL,
    status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'dead')),
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX traders_connection ON traders (connection_id);

CREATE TABLE pools (
    id              uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL REFERENCES tenants,
    kind            text NOT NULL CHECK (kind IN ('curated', 'custom', 'partner')),
    name            text NOT NULL,
    description     text NOT NULL DEFAULT '',
    owner_user_id   uuid REFERENCES users,
    performance_fee_bps int NOT NULL DEFAULT 1000 CHECK (performance_fee_bps BETWEEN 1000 AND 2000),
    platform_fee_bps    int NOT NULL DEFAULT 300 CHECK (platform_fee_bps = 300),
    status          text NOT NULL DEFAULT 'draft'
                    CHECK (status IN ('draft', 'active', 'paused', 'archived')),
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE pool_traders (
    pool_id    uuid NOT NULL REFERENCES pools,
    trader_id  uuid NOT NULL REFERENCES traders,
    tenant_id  uuid NOT NULL REFERENCES tenants,  -- the pool's
    weight     numeric(9, 6) NOT NULL DEFAULT 1 CHECK (weight > 0 AND weight <= 1),
    PRIMARY KEY (pool_id, trader_id)
);
CREATE INDEX pool_traders_trader ON pool_traders (trader_id);

CREATE TABLE subscriptions (
    id                   uuid PRIMARY KEY,
    tenant_id            uuid NOT NULL REFERENCES tenants,  -- the follower's, not the pool's
    pool_id              uuid NOT NULL REFERENCES pools,
    user_id              uuid NOT NULL REFERENCES users,
    connection_id        uuid NOT NULL REFERENCES exchange_connections,
    mode                 text NOT NULL CHECK (mode IN ('fixed_amount', 'advanced')),
    total_investment_usd numeric NOT NULL CHECK (total_investment_usd > 0),
    max_loss_usd         numeric CHECK (max_loss_usd > 0),
    profit_target_usd    numeric CHECK (profit_target_usd > 0),
    daily_loss_limit_usd numeric CHECK (daily_loss_limit_usd > 0),
    settings             jsonb NOT NULL DEFAULT '{}',  -- the advanced mode's
    status               text NOT NULL DEFAULT 'active'
                         CHECK (status IN ('active', 'paused', 'closing', 'closed')),
    created_at           timestamptz NOT NULL DEFAULT now(),
    closed_at            timestamptz
);
CREATE UNIQUE INDEX subscriptions_one_open ON subscriptions (pool_id, connection_id)
    WHERE status <> 'closed';
CREATE INDEX subscriptions_user ON subscriptions (user_id);

-- Trades of leaders: sentinel writes, in one transaction with the chain and the outbox -------------

CREATE TABLE trades (
    id              uuid NOT NULL,
    tenant_id       uuid NOT NULL,
    connection_id   uuid NOT NULL,
    venue           text NOT NULL,
    environment     text NOT NULL,
    market          text NOT NULL,          -- spot, futures
    symbol          text NOT NULL,
    venue_trade_id  text NOT NULL,
    venue_order_id  text NOT NULL,
    side            text NOT NULL CHECK (side IN ('buy', 'sell')),
    price           numeric NOT NULL,
    quantity        numeric NOT NULL,
    fee             numeric NOT NULL,
    fee_asset       text NOT NULL,
    is_maker        boolean NOT NULL,
    executed_at     timestamptz NOT NULL,   -- the venue's
    received_at     timestamptz NOT NULL,   -- when the bytes reached us
    via             text NOT NULL CHECK (via IN ('stream', 'backfill')),
    chain_seq       bigint NOT NULL,
    chain_hash      bytea NOT NULL,
    PRIMARY KEY (id, executed_at),
    -- The venue's own key; its time belongs to it, so that a partitioned table can hold it unique.
    UNIQUE (connection_id, market, symbol, venue_trade_id, executed_at)
) PARTITION BY RANGE (executed_at);
CREATE INDEX trades_connection_time ON trades (connection_id, executed_at);
CREATE TABLE trades_default PARTITION OF trades DEFAULT;

CREATE TABLE trade_chains (
    connection_id uuid PRIMARY KEY,
    tenant_id     uuid NOT NULL,
    seq           bigint NOT NULL,
    head          bytea NOT NULL
);

-- Where the feed of an account stands: REST has confirmed everything up to here.
CREATE TABLE feed_cursors (
    connection_id  uuid NOT NULL,
    market         text NOT NULL,
    symbol         text NOT NULL,
    tenant_id      uuid NOT NULL,
    last_trade_id  bigint NOT NULL,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (connection_id, market, symbol)
);

CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   uuid NOT NULL,
    topic       text NOT NULL,              -- 'trade'
    source_id   text NOT NULL,
    payload     jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic, source_id)
);

-- Signals, copies, legs: conductor's -----------------------------------------------------------

CREATE TABLE inbox (
    source      text NOT NULL,
    source_id   text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, source_id)
);

CREATE TABLE signals (
    id                  uuid PRIMARY KEY,
    tenant_id           uuid NOT NULL REFERENCES tenants,  -- the pool's
    pool_id             uuid NOT NULL REFERENCES pools,
    sequence            bigint GENERATED ALWAYS AS IDENTITY,  -- order within a pool and symbol
    source              text NOT NULL CHECK (source IN ('trade', 'rest', 'bulk', 'stream')),
    source_id           text NOT NULL,      -- "t:" trade, "x:" external_trade_id, "r:" none given
    request_hash        bytea,              -- of the B2B body: the same again is the same signal
    leader_ref          text NOT NULL,      -- trader id or the tenant's external_trader_ref
    symbol              text NOT NULL,
    side                text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity            numeric NOT NULL CHECK (quantity > 0),
    price               numeric,            -- the leader's fill price, or the limit price
    order_type          text NOT NULL CHECK (order_type IN ('market', 'limit')),
    venue               text NOT NULL,
    market              text NOT NULL,
    environment         text NOT NULL DEFAULT 'paper',
    reduce_only         boolean NOT NULL,
    priority            int NOT NULL CHECK (priority IN (0, 10, 50, 100)),
    leader_before       numeric NOT NULL,   -- the leader's position by our count
    leader_after        numeric NOT NULL,
    body                jsonb NOT NULL DEFAULT '{}',  -- B2B fields that only travel through
    expires_at          timestamptz,
    status              text NOT NULL DEFAULT 'queued'
                        CHECK (status IN ('queued', 'processing', 'completed', 'partial', 'failed')),
    leader_executed_at  timestamptz,
    ingested_at         timestamptz,        -- sentinel had the bytes
    accepted_at         timestamptz NOT NULL DEFAULT now(),
    planned_at          timestamptz,
    first_accepted_at   timestamptz,
    completed_at        timestamptz,
    UNIQUE (pool_id, source_id)
);
CREATE INDEX signals_open ON signals (priority, sequence) WHERE status IN ('queued', 'processing');

CREATE TABLE leader_positions (
    pool_id     uuid NOT NULL REFERENCES pools,
    leader_ref  text NOT NULL,
    symbol      text NOT NULL,
    tenant_id   uuid NOT NULL,
    quantity    numeric NOT NULL,
    PRIMARY KEY (pool_id, leader_ref, symbol)
);

CREATE TABLE copies (
    id              uuid PRIMARY KEY,
    tenant_id       uuid NOT NULL REFERENCES tenants,  -- the subscription's
    signal_id       uuid NOT NULL REFERENCES signals,
    subscription_id uuid NOT NULL REFERENCES subscriptions,
    status          text NOT NULL
                    CHECK (status IN ('waiting', 'open', 'filled', 'refused', 'rejected', 'alarmed')),
    reason          text,                   -- why refused, rejected or alarmed
    limit_bound     text,                   -- the limit that cut the size, if one did
    created_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    UNIQUE (signal_id, subscription_id)
);
CREATE INDEX copies_subscription ON copies (subscription_id, created_at);
CREATE INDEX copies_open ON copies (signal_id) WHERE status IN ('waiting', 'open');
CREATE INDEX copies_waiting ON copies (subscription_id) WHERE status = 'waiting';

CREATE TABLE copy_legs (
    id               uuid PRIMARY KEY,      -- rendered as the venue's client order id
    tenant_id        uuid NOT NULL REFERENCES tenants,
    copy_id          uuid NOT NULL REFERENCES copies,
    signal_id        uuid NOT NULL REFERENCES signals,
    subscription_id  uuid NOT NULL REFERENCES subscriptions,
    connection_id    uuid NOT NULL REFERENCES exchange_connections,
    seq              int NOT NULL,
    symbol           text NOT NULL,
    base_asset       text NOT NULL,
    quote_asset      text NOT NULL,
    side             text NOT NULL CHECK (side IN ('buy', 'sell')),
    order_type       text NOT NULL CHECK (order_type IN ('market', 'limit')),
    quantity         numeric NOT NULL CHECK (quantity > 0),
    limit_price      numeric,
    reduce_only      boolean NOT NULL,
    target_after     numeric,               -- the position this leg aims at
    client_order_id  text NOT NULL,
    state            text NOT NULL
                     CHECK (state IN ('armed', 'unknown', 'working', 'filled', 'rejected', 'alarmed')),
    attempt          int NOT NULL DEFAULT 1,
    reserved_quote   numeric NOT NULL DEFAULT 0,  -- what an open may cost while it is not final
    send_not_after   timestamptz NOT NULL,  -- no byte of this attempt is valid at the venue after it
    epoch            bigint NOT NULL,       -- the conductor that armed it
    venue_order_id   text,
    executed_quantity numeric NOT NULL DEFAULT 0,
    executed_quote   numeric NOT NULL DEFAULT 0,
    evidence         text,                  -- the venue's words for a rejection
    signed_at        timestamptz,
    sent_at          timestamptz,
    accepted_at      timestamptz,
    ended_at         timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (copy_id, seq),
    UNIQUE (connection_id, client_order_id)
);
CREATE INDEX copy_legs_open ON copy_legs (signal_id) WHERE state IN ('armed', 'unknown', 'working');
CREATE INDEX copy_legs_open_subscription ON copy_legs (subscription_id)
    WHERE state IN ('armed', 'unknown', 'working');

CREATE TABLE leg_fills (
    connection_id   uuid NOT NULL,
    symbol          text NOT NULL,
    venue_trade_id  text NOT NULL,
    tenant_id       uuid NOT NULL REFERENCES tenants,
    leg_id          uuid NOT NULL REFERENCES copy_legs,
    side            text NOT NULL,
    price           numeric NOT NULL,
    quantity        numeric NOT NULL,
    fee             numeric NOT NULL,
    fee_asset       text NOT NULL,
    executed_at     timestamptz NOT NULL,
    PRIMARY KEY (connection_id, symbol, venue_trade_id)
);
CREATE INDEX leg_fills_leg ON leg_fills (leg_id);

CREATE TABLE positions (
    subscription_id  uuid NOT NULL REFERENCES subscriptions,
    symbol           text NOT NULL,
    tenant_id        uuid NOT NULL REFERENCES tenants,
    quantity         numeric NOT NULL,      -- base units held for this subscription, net of fees
    target_quantity  numeric NOT NULL,      -- before rounding: what reductions are measured from
    cost             numeric NOT NULL,      -- quote paid for what is held
    realised_pnl     numeric NOT NULL DEFAULT 0,
    fees_quote       numeric NOT NULL DEFAULT 0,
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subscription_id, symbol)
);

-- What a subscription won or lost on a UTC day: the daily loss limit is decided from it.
CREATE TABLE subscription_days (
    subscription_id  uuid NOT NULL REFERENCES subscriptions,
    day              date NOT NULL,
    tenant_id        uuid NOT NULL REFERENCES tenants,
    realised_pnl     numeric NOT NULL,
    PRIMARY KEY (subscription_id, day)
);

CREATE TABLE receipts (
    id                 uuid PRIMARY KEY,
    tenant_id          uuid NOT NULL REFERENCES tenants,
    copy_id            uuid NOT NULL UNIQUE REFERENCES copies,
    subscription_id    uuid NOT NULL REFERENCES subscriptions,
    body               jsonb NOT NULL,      -- leader and follower price and time, slippage, stages
    created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dead_letters (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES tenants,
    signal_id   uuid NOT NULL REFERENCES signals,
    copy_id     uuid REFERENCES copies,
    leg_id      uuid REFERENCES copy_legs,
    reason      text NOT NULL,
    detail      jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    redriven_at timestamptz
);

-- One owner per name; the epoch rises with every change of owner and fences the one before.
CREATE TABLE leases (
    name        text PRIMARY KEY,
    owner       text NOT NULL,
    epoch       bigint NOT NULL,
    expires_at  timestamptz NOT NULL,
    UNIQUE (name, epoch)  -- makes the epoch a key: holding it does not hold up renewals
);

CREATE TABLE audit_log (
    id          uuid NOT NULL,
    tenant_id   uuid NOT NULL,
    actor       text NOT NULL,
    action      text NOT NULL,
    subject     text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;

-- Months ahead; called by `obscura migrate` and daily by sentinel, whose role owns no table.
CREATE FUNCTION ensure_partitions(months_ahead int) RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    made int := 0;
    parent text;
    month date;
    part text;
BEGIN
    IF months_ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'months_ahead must be 0 to 24' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(7310868735423);  -- two callers would make the same table
    FOREACH parent IN ARRAY ARRAY['trades', 'audit_log'] LOOP
        FOR i IN 0..months_ahead LOOP
            month := date_trunc('month', now() + make_interval(months => i))::date;
            part := format('%s_%s', parent, to_char(month, 'YYYYMM'));
            IF to_regclass(part) IS NULL THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                               part, parent, month, (month + interval '1 month')::date);
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
SELECT ensure_partitions(3);

-- Row-level security ------------------------------------------------------------------------------

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['tenants', 'users', 'refresh_tokens', 'api_keys', 'idempotency_keys',
        'exchange_connections', 'traders', 'pools', 'pool_traders', 'subscriptions', 'trades',
        'trade_chains', 'feed_cursors', 'outbox', 'signals', 'leader_positions', 'copies', 'copy_legs',
        'leg_fills', 'positions', 'subscription_days', 'receipts', 'dead_letters', 'audit_log'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_tenant ON %I TO obscura_app '
                       'USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())', t);
        EXECUTE format('CREATE POLICY engine ON %I TO obscura_engine USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
-- Curated pools are seen by everybody; whose they are stays with the platform tenant.
CREATE POLICY curated_pools ON pools FOR SELECT TO obscura_app USING (kind = 'curated');

GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, users, refresh_tokens, api_keys, idempotency_keys,
    exchange_connections, traders, pools, pool_traders, subscriptions TO obscura_app;
GRANT SELECT ON trades, signals, leader_positions, copies, copy_legs, leg_fills, positions,
    subscription_days, receipts, dead_letters TO obscura_app;
GRANT INSERT ON audit_log TO obscura_app, obscura_engine;
GRANT SELECT ON tenants, users, exchange_connections, traders, pools, pool_traders, subscriptions
    TO obscura_engine;
GRANT UPDATE ON subscriptions, exchange_connections TO obscura_engine;
GRANT UPDATE (status) ON pools TO obscura_engine;  -- for the row lock that numbers a pool's signals
GRANT SELECT, INSERT, UPDATE, DELETE ON trades, trade_chains, feed_cursors, outbox, inbox, signals,
    leader_positions, copies, copy_legs, leg_fills, positions, subscription_days, receipts, dead_letters, leases
    TO obscura_engine;
GRANT EXECUTE ON FUNCTION current_tenant() TO obscura_app, obscura_engine;
REVOKE ALL ON FUNCTION ensure_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions(int) TO obscura_engine;

-- Look-ups before the tenant is known. They return as little as the caller needs to go on. pg_temp is
-- named last in their path: left out, a caller's temporary table would stand in for ours.
CREATE FUNCTION tenant_by_slug(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT tenant_id FROM tenants WHERE slug = wanted AND status = 'active' $$;
CREATE FUNCTION tenant_of_api_key(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT k.tenant_id FROM api_keys k JOIN tenants t USING (tenant_id)
   WHERE k.public_id = wanted AND t.status = 'active' $$;
CREATE FUNCTION tenant_of_refresh_token(wanted bytea) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT tenant_id FROM refresh_tokens WHERE token_hash = wanted $$;
-- For platform administrators; the gateway asks only in their name. Newest first.
CREATE FUNCTION list_tenants(before uuid, wanted int) RETURNS SETOF tenants
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT * FROM tenants WHERE before IS NULL OR tenant_id < before
   ORDER BY tenant_id DESC LIMIT wanted $$;
ALTER FUNCTION list_tenants(uuid, int) OWNER TO obscura_definer;
REVOKE ALL ON FUNCTION list_tenants(uuid, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_tenants(uuid, int) TO obscura_app;
ALTER FUNCTION tenant_by_slug(text) OWNER TO obscura_definer;
ALTER FUNCTION tenant_of_api_key(text) OWNER TO obscura_definer;
ALTER FUNCTION tenant_of_refresh_token(bytea) OWNER TO obscura_definer;
GRANT SELECT ON tenants, api_keys, refresh_tokens TO obscura_definer;
REVOKE ALL ON FUNCTION tenant_by_slug(text), tenant_of_api_key(text), tenant_of_refresh_token(bytea)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_by_slug(text), tenant_of_api_key(text), tenant_of_refresh_token(bytea)
    TO obscura_app;
