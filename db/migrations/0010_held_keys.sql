-- Keys that citadel made, and that open nowhere but there (docs/adr/0020). They are the platform's: no
-- tenant has any.
CREATE TABLE held_keys (
    key_id     text PRIMARY KEY CHECK (key_id ~ '^key_[0-9a-f]{32}$'),
    purpose    text NOT NULL CHECK (purpose IN ('receipt', 'notary', 'chain_transaction')),
    algorithm  text NOT NULL CHECK (algorithm IN ('ed25519', 'secp256k1')),
    public_key text NOT NULL UNIQUE CHECK (public_key ~ '^([0-9a-f]{64}|04[0-9a-f]{128})$'),
    address    text,                      -- Ethereum's, of secp256k1
    sealed_key text NOT NULL CHECK (sealed_key ~ '^nil:v[1-9]:[A-Za-z0-9+/]+={0,2}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
-- One key of a purpose signs; those before it go on verifying what they signed.
CREATE UNIQUE INDEX held_keys_current ON held_keys (purpose) WHERE retired_at IS NULL;
ALTER TABLE held_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE held_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON held_keys TO obscura_engine USING (true) WITH CHECK (true);
CREATE POLICY public_part ON held_keys FOR SELECT TO obscura_app USING (true);
GRANT SELECT, INSERT, UPDATE ON held_keys TO obscura_engine;
GRANT SELECT (key_id, purpose, algorithm, public_key, address, created_at, retired_at)
    ON held_keys TO obscura_app;

-- Receipts are signed behind the orders: what is not signed yet is found by this index, which is empty
-- but for a moment's receipts.
ALTER TABLE receipts
    ADD COLUMN signature bytea CHECK (octet_length(signature) = 64),
    ADD COLUMN key_id    text REFERENCES held_keys,
    ADD CHECK ((signature IS NULL) = (key_id IS NULL));
CREATE INDEX receipts_unsigned ON receipts (id) WHERE signature IS NULL;

-- Whether it is signed is told by its signature.
UPDATE receipts SET body = body - 'signed';
UPDATE receipts
   SET body = jsonb_set(body, '{further_legs}',
                        (SELECT jsonb_object_agg(leg.key, leg.value - 'signed')
                           FROM jsonb_each(body -> 'further_legs') leg))
 WHERE body -> 'further_legs' <> '{}';
