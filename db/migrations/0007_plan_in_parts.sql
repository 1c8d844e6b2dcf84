-- A signal is planned in parts, each a transaction of its own (docs/adr/0011): the subscription up to
-- which it is planned, while there are more.
ALTER TABLE signals ADD COLUMN plan_cursor uuid;

DROP INDEX subscriptions_pool;
CREATE INDEX subscriptions_pool ON subscriptions (pool_id, id);

-- What stands before a signal in its line is what nobody has planned, or not all of it.
DROP INDEX signals_line;
CREATE INDEX signals_line ON signals (pool_id, symbol, sequence)
    WHERE status = 'queued' OR plan_cursor IS NOT NULL;
