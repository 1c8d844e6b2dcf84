-- How far citadel's audit log had come, as citadel has signed it (docs/adr/0016): kept where whoever has
-- citadel's disk cannot write, so that a log that was cut or set back does not look whole. Rows are added
-- and nothing else; two of one sequence are kept both, for they say that there were two logs.
CREATE TABLE audit_heads (
    log       uuid NOT NULL,
    sequence  bigint NOT NULL CHECK (sequence > 0),
    link      bytea NOT NULL CHECK (octet_length(link) = 32),
    at        timestamptz NOT NULL,     -- as it was signed, milliseconds
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    key       bytea NOT NULL CHECK (octet_length(key) = 32),
    seen_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (log, sequence, link)
);
CREATE INDEX audit_heads_seen ON audit_heads (seen_at);
ALTER TABLE audit_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads FORCE ROW LEVEL SECURITY;
CREATE POLICY engine_reads ON audit_heads FOR SELECT TO obscura_engine USING (true);
CREATE POLICY engine_adds ON audit_heads FOR INSERT TO obscura_engine WITH CHECK (true);
GRANT SELECT, INSERT ON audit_heads TO obscura_engine;
