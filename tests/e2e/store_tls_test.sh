#!/usr/bin/env bash
# A whole stack whose services reach PostgreSQL and Redis over TLS alone: trades are copied, and the servers say that
# every connection is what it should be.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/support/checks.sh"
obscura=${OBSCURA_BIN:-$root/build/release/bin}/obscura
folder=$(mktemp -d)
chmod 755 "$folder" # PostgreSQL may run under another account
state=$folder/state
finish() {
    "$obscura" down --state "$state" --if-running >/dev/null 2>&1
    rm -rf "$folder"
}
trap finish EXIT

port_of() { grep -o "\"$1\":[0-9]*" "$state/ports.json" | grep -o '[0-9]*$'; }
secret() { cat "$state/secrets/$1"; }
sql() {
    PGPASSWORD=$(secret postgres-owner) psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(port_of postgres)" \
        -U obscura_owner -d obscura -c "$1"
}
redis() { REDISCLI_AUTH=$(secret redis) redis-cli -h 127.0.0.1 -p "$(port_of redis)" "$@"; }
field() { # field PROCESS KEY: of status --json, whose objects are flat and on one line
    "$obscura" status --state "$state" --json | tr '{}' '\n\n' | grep "\"name\":\"$1\"" |
        sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"]*\).*/\1/p"
}
up() { "$obscura" up --state "$state" --free-ports --until-pid $$ >"$folder/log" 2>&1 || { cat "$folder/log"; false; }; }
check 'the stack starts' up

# With the certificate that the gateway has among the services, for localhost and 127.0.0.1.
postgres_takes_tls_alone() {
    local data name
    data=$(sql 'SHOW data_directory') || return
    for name in pem key; do
        cp "$state/tls/gateway.$name" "$data/server.$name" && chmod 600 "$data/server.$name" &&
            chown --reference="$data" "$data/server.$name" || return
    done
    sql "ALTER SYSTEM SET ssl_cert_file = 'server.pem'" && sql "ALTER SYSTEM SET ssl_key_file = 'server.key'" &&
        sql 'ALTER SYSTEM SET ssl = on' || return
    sed -i 's/^host /hostssl /' "$data/pg_hba.conf" && sql 'SELECT pg_reload_conf()' >/dev/null
}
plain_is_refused() { ! PGSSLMODE=disable sql 'SELECT 1' >/dev/null 2>&1; }
redis_takes_tls() {
    tls_port=$("$node" -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
        console.log(s.address().port); s.close() })')
    [[ $(redis CONFIG SET tls-cert-file "$state/tls/gateway.pem" tls-key-file "$state/tls/gateway.key" \
        tls-ca-cert-file "$state/tls/ca.pem" tls-auth-clients no tls-port "$tls_port") == OK ]]
}
check 'PostgreSQL speaks TLS' postgres_takes_tls_alone
check 'and nothing else' eventually 20 plain_is_refused
check 'Redis speaks TLS' redis_takes_tls

restarted() { local now; now=$(field "$1" pid); [[ $now =~ ^[0-9]+$ && $now != "$2" ]] && "$obscura" status --state "$state" >/dev/null 2>&1; }
over_tls() { # over_tls SERVICE: from its next start on
    local pid
    pid=$(field "$1" pid)
    {
        echo "OBSCURA_DATABASE_AUTHORITY=$state/tls/ca.pem"
        echo "OBSCURA_REDIS_URL=rediss://:$(secret redis)@127.0.0.1:$tls_port"
        echo "OBSCURA_REDIS_AUTHORITY=$state/tls/ca.pem"
    } >>"$state/config/$1.env"
    kill -9 "$pid" && eventually 60 restarted "$1" "$pid" || { tail -n 20 "$state/logs/$1.log"; false; }
}
for service in sentinel conductor alchemist gateway; do check "$service is well over TLS" over_tls $service; done

tour() { "$obscura" tour --state "$state" --json >"$folder/tour.json" || { cat "$folder/tour.json"; false; }; }
check 'the tour plays' tour
sessions() {
    [[ $(sql "SELECT string_agg(DISTINCT usename || ' ' || coalesce(version, 'plain'), ', ' ORDER BY usename || ' ' ||
        coalesce(version, 'plain')) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename LIKE 'obscura_%' AND
        application_name = 'obscura'") == 'obscura_app TLSv1.3, obscura_engine TLSv1.3' ]]
}
check 'every session at PostgreSQL is TLS 1.3' sessions
# The supervisor's own look at Redis is plain; the gateway's, sentinel's and conductor's connections are not.
connections() { (($(redis CLIENT LIST | grep -c "laddr=127.0.0.1:$tls_port ") == 3)); }
check 'three services are at Redis over TLS' connections

migrate() {
    "$obscura" migrate --database-url "postgresql://obscura_owner:$(secret postgres-owner)@127.0.0.1:$(port_of \
        postgres)/obscura?sslmode=verify-full&sslrootcert=$1" 2>&1
}
check 'obscura migrate goes over TLS' eval '[[ $(migrate "$state/tls/ca.pem") == "nothing to apply" ]]'
# Of the same authority, and not it.
stranger() { ! migrate "$state/tls/conductor.pem" >"$folder/log" && grep -q 'certificate verify failed' "$folder/log" || { cat "$folder/log"; false; }; }
check 'and not to a server for which its authority does not vouch' stranger
