-- What the public door must remember: who runs a request, who logged in from where, who did what.

-- When the run that holds the key began. `created_at` stays the key's own age, which ids are made
-- from; whether a runner is dead is told by this, so that of many retries one takes over.
ALTER TABLE idempotency_keys ADD COLUMN started_at timestamptz;
UPDATE idempotency_keys SET started_at = created_at;
ALTER TABLE idempotency_keys ALTER COLUMN started_at SET NOT NULL;

-- Sessions that are over are forgotten as new ones come: they are found by their age.
CREATE INDEX refresh_tokens_age ON refresh_tokens (tenant_id, expires_at);

-- Networks that a user logged in from: tries from there are not held up by a stranger's. The network
-- is recognised by its MAC and cannot be read.
CREATE TABLE login_origins (
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    origin_mac    bytea NOT NULL,
    tenant_id     uuid NOT NULL REFERENCES tenants,
    last_login_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, origin_mac)
);
ALTER TABLE login_origins ENABLE ROW LEVEL SECURITY;
ALTER TABLE login_origins FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON login_origins TO obscura_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON login_origins TO obscura_app;

-- The audit log. Services add to it and never change or read it but through these functions; none
-- of them can take a row away.
GRANT SELECT, INSERT ON audit_log TO obscura_definer;
GRANT UPDATE (detail) ON audit_log TO obscura_definer;

-- For platform administrators; the gateway asks only in their name. Newest first.
CREATE FUNCTION list_audit(before uuid, wanted int, of_tenant uuid, of_actor text, of_action text)
    RETURNS SETOF audit_log
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT * FROM audit_log
    WHERE (before IS NULL OR id < before) AND (of_tenant IS NULL OR tenant_id = of_tenant)
      AND (of_actor IS NULL OR actor = of_actor) AND (of_action IS NULL OR action = of_action)
    ORDER BY id DESC LIMIT wanted $$;

-- Failed logins, one row for a subject and a quarter of an hour: guessing must not fill the log. The
-- row's id is made of both, with the time in front as in every id.
CREATE FUNCTION audit_failed_login(failed_subject text, network text, seen_at timestamptz)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO audit_log AS known (id, tenant_id, actor, action, subject, detail, created_at)
   SELECT (lpad(to_hex((extract(epoch FROM quarter) * 1000)::bigint), 12, '0') || '7'
           || substr(name, 1, 3) || '8' || substr(name, 4, 15))::uuid,
          current_tenant(), 'anonymous', 'login.failed', failed_subject,
          jsonb_build_object('count', 1, 'last_at', seen_at, 'last_network', network), quarter
     FROM (SELECT date_bin('15 minutes', seen_at, 'epoch') AS quarter) times,
          LATERAL (SELECT md5(concat_ws('|', current_tenant(), failed_subject, quarter)) AS name) made
   ON CONFLICT (id, created_at) DO UPDATE
      SET detail = jsonb_build_object('count', (known.detail ->> 'count')::bigint + 1,
                                      'last_at', seen_at, 'last_network', network)
    WHERE known.action = 'login.failed' $$;

ALTER FUNCTION list_audit(uuid, int, uuid, text, text) OWNER TO obscura_definer;
ALTER FUNCTION audit_failed_login(text, text, timestamptz) OWNER TO obscura_definer;
REVOKE ALL ON FUNCTION list_audit(uuid, int, uuid, text, text),
    audit_failed_login(text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_audit(uuid, int, uuid, text, text),
    audit_failed_login(text, text, timestamptz) TO obscura_app;
