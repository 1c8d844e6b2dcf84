-- USD-M perpetuals beside spot. A symbol is a thing of its market: BTCUSDT has a position on spot and
-- another on futures, and each market numbers its trades for itself.

-- What leaders do. A leader in hedge mode has a long and a short position of one symbol.
ALTER TABLE trades
    ADD COLUMN position_side text NOT NULL DEFAULT 'both'
               CHECK (position_side IN ('both', 'long', 'short')),
    ADD COLUMN realised_pnl  numeric;        -- of the part that a fill of futures closed, without fees

ALTER TABLE signals
    ADD COLUMN position_side   text NOT NULL DEFAULT 'both'
               CHECK (position_side IN ('both', 'long', 'short')),
    ADD COLUMN leverage        int CHECK (leverage BETWEEN 1 AND 125),
    ADD COLUMN margin_mode     text CHECK (margin_mode IN ('isolated', 'cross')),
    ADD COLUMN stop_loss_pct   numeric,
    ADD COLUMN take_profit_pct numeric;

ALTER TABLE leader_positions
    ADD COLUMN market        text NOT NULL DEFAULT 'spot' CHECK (market IN ('spot', 'futures')),
    ADD COLUMN position_side text NOT NULL DEFAULT 'both'
               CHECK (position_side IN ('both', 'long', 'short')),
    DROP CONSTRAINT leader_positions_pkey,
    ADD PRIMARY KEY (pool_id, leader_ref, market, symbol, position_side);

-- model::PositionCount, one fill at a time: what is closed beyond what is counted was opened before we
-- watched.
CREATE FUNCTION leader_position_after(held numeric, kind text, change numeric, closes boolean)
    RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE
        WHEN kind = 'never_short' THEN greatest(held + change, 0)
        WHEN kind = 'never_long' THEN least(held + change, 0)
        WHEN closes AND sign(held) <> -sign(change) THEN held
        ELSE held + change END;
END $$;
CREATE AGGREGATE leader_position(kind text, change numeric, closes boolean)
    (SFUNC = leader_position_after, STYPE = numeric, INITCOND = '0');

-- What followers do.
ALTER TABLE copy_legs
    ADD COLUMN market        text NOT NULL DEFAULT 'spot' CHECK (market IN ('spot', 'futures')),
    ADD COLUMN position_side text NOT NULL DEFAULT 'both'
               CHECK (position_side IN ('both', 'long', 'short')),
    ADD COLUMN leverage      int NOT NULL DEFAULT 1 CHECK (leverage BETWEEN 1 AND 125),
    ADD COLUMN margin_mode   text NOT NULL DEFAULT 'isolated'
               CHECK (margin_mode IN ('isolated', 'cross')),
    -- The copy waits for it, and is then decided on anew: the first half of a flip.
    ADD COLUMN continues     boolean NOT NULL DEFAULT false;

ALTER TABLE leg_fills
    ADD COLUMN market text NOT NULL DEFAULT 'spot' CHECK (market IN ('spot', 'futures')),
    DROP CONSTRAINT leg_fills_pkey,
    ADD PRIMARY KEY (connection_id, market, symbol, venue_trade_id);

-- Of futures `quantity` is signed and `cost` is what may still be lost: the isolated margin, and once
-- more the fee of the entry.
ALTER TABLE positions
    ADD COLUMN market        text NOT NULL DEFAULT 'spot' CHECK (market IN ('spot', 'futures')),
    ADD COLUMN position_side text NOT NULL DEFAULT 'both'  -- that its orders name
               CHECK (position_side IN ('both', 'long', 'short')),
    ADD COLUMN leverage      int NOT NULL DEFAULT 1,       -- of its last open
    ADD COLUMN entry_quote   numeric NOT NULL DEFAULT 0,   -- futures: what is held, at its entry prices
    DROP CONSTRAINT positions_pkey,
    ADD PRIMARY KEY (subscription_id, market, symbol);

-- Who else has a position in an account: one subscription at a time holds a contract.
CREATE INDEX subscriptions_connection ON subscriptions (connection_id);
-- Who answers a signal is read by pool, whatever the subscription's status.
CREATE INDEX subscriptions_pool ON subscriptions (pool_id);
