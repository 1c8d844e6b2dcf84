-- Access tokens are signed by a key that citadel holds (docs/adr/0020). The gateway keeps it as ciphertext, through
-- functions that know no other purpose: of other keys it sees what is public and no more.
ALTER TABLE held_keys
    DROP CONSTRAINT held_keys_purpose_check,
    ADD CONSTRAINT held_keys_purpose_check
        CHECK (purpose IN ('receipt', 'notary', 'chain_transaction', 'access_token'));

GRANT SELECT, INSERT ON held_keys TO obscura_definer;
CREATE FUNCTION token_key() RETURNS TABLE (id text, public text, sealed text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT key_id, public_key, sealed_key FROM held_keys
    WHERE purpose = 'access_token' AND retired_at IS NULL $$;
-- Unless there is one by now.
CREATE FUNCTION keep_token_key(id text, public text, sealed text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO held_keys (key_id, purpose, algorithm, public_key, sealed_key)
   VALUES (id, 'access_token', 'ed25519', public, sealed)
   ON CONFLICT (purpose) WHERE retired_at IS NULL DO NOTHING $$;
ALTER FUNCTION token_key() OWNER TO obscura_definer;
ALTER FUNCTION keep_token_key(text, text, text) OWNER TO obscura_definer;
REVOKE ALL ON FUNCTION token_key(), keep_token_key(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION token_key(), keep_token_key(text, text, text) TO obscura_app;
