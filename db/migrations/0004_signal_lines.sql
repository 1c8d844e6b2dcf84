-- Signals of one pool and symbol are planned in their order: every planning looks whether one before
-- it still waits.
CREATE INDEX signals_line ON signals (pool_id, symbol, sequence) WHERE status = 'queued';
