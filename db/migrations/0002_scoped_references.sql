-- What a tenant's row may point at, said to PostgreSQL too: a foreign key alone looks past row-level
-- security, so that the id of another tenant's row would do.
CREATE POLICY own_references ON subscriptions AS RESTRICTIVE TO obscura_app USING (true)
    WITH CHECK (EXISTS (SELECT FROM pools p WHERE p.id = subscriptions.pool_id)  -- own or curated
                AND EXISTS (SELECT FROM exchange_connections c
                             WHERE c.id = subscriptions.connection_id
                               AND c.user_id = subscriptions.user_id));
CREATE POLICY own_references ON traders AS RESTRICTIVE TO obscura_app USING (true)
    WITH CHECK (EXISTS (SELECT FROM exchange_connections c
                         WHERE c.id = traders.connection_id AND c.user_id = traders.user_id));
CREATE POLICY own_references ON pool_traders AS RESTRICTIVE TO obscura_app USING (true)
    WITH CHECK (EXISTS (SELECT FROM pools p
                         WHERE p.id = pool_traders.pool_id AND p.tenant_id = current_tenant())
                AND EXISTS (SELECT FROM traders t WHERE t.id = pool_traders.trader_id));

-- A test key's external_trade_id must not stand for the live signal that takes the same one.
ALTER TABLE signals DROP CONSTRAINT signals_pool_id_source_id_key;
ALTER TABLE signals ADD UNIQUE (pool_id, environment, source_id);

-- What is over is forgotten as new rows come: it is found by its age.
CREATE INDEX idempotency_keys_age ON idempotency_keys (tenant_id, created_at);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id, expires_at);
