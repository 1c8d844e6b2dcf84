#!/usr/bin/env bash
# PostgreSQL and Redis on other hosts, with the real executables: whoever would connect to them without TLS that
# verifies them does not start, says what to set, and tells no password.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/support/checks.sh"
obscura=${OBSCURA_BIN:-$root/build/release/bin}/obscura
folder=$(mktemp -d)
pid=
end() { [[ -z $pid ]] || { kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; pid=; }; }
finish() { end; rm -rf "$folder"; }
trap finish EXIT

zeros=$(printf '0%.0s' {1..64})
settings=(OBSCURA_HTTP_PORT=0 OBSCURA_CITADEL_KEY=key OBSCURA_CITADEL_EVIDENCE=software OBSCURA_CONDUCTOR_KEY=key
    OBSCURA_INTERNAL_GATEWAY_KEY=key OBSCURA_AUTH_PEPPER="$zeros")
here=postgresql://obscura_app:hunter2@127.0.0.1:1/obscura
there=postgresql://obscura_app:hunter2@db.example/obscura
with() { env -i PATH="$PATH" "${settings[@]}" "$@"; } # with VARIABLE=VALUE... COMMAND
# refuses TEXT VARIABLE=VALUE... COMMAND: ends by itself with 1, says TEXT, and not the password.
refuses() {
    with "${@:2}" >"$folder/log" 2>&1 </dev/null
    (($? == 1)) && grep -qF -- "$1" "$folder/log" && ! grep -q hunter2 "$folder/log" || { cat "$folder/log"; false; }
}
# starts VARIABLE=VALUE... COMMAND
starts() {
    end
    : >"$folder/log"
    # Not `with`: a function would be a shell of its own, and $! that shell.
    env -i PATH="$PATH" "${settings[@]}" "$@" >>"$folder/log" 2>&1 </dev/null &
    pid=$!
    eventually 20 grep -q service.started "$folder/log" || { cat "$folder/log"; end; return 1; }
    end
}

redis=REDIS_URL=redis://:hunter2@127.0.0.1:1
for service in alchemist sentinel conductor gateway; do
    check "$service does not start for a PostgreSQL that it would not verify" \
        refuses 'database.authority' DATABASE_URL=$there $redis timeout 20 "$obscura" $service
    [[ $service == alchemist ]] || check "$service does not start for a Redis that it would not verify" \
        refuses 'rediss://' DATABASE_URL=$here REDIS_URL=redis://:hunter2@cache.example timeout 20 "$obscura" $service
done
database() { check "$1" refuses "${@:2}" timeout 20 "$obscura" alchemist; }
database 'a mode that encrypts and does not verify is none' 'sslmode=verify-full' DATABASE_URL="$there?sslmode=require"
database 'nor is one of the environment' 'sslmode=verify-full' DATABASE_URL=$there PGSSLMODE=require
database 'every host of a list counts' db.example "DATABASE_URL=${here/:1/:1,db.example:5432}"
database 'so does an address in the environment' 'on another host' DATABASE_URL=$here PGHOSTADDR=10.0.0.1
database 'a service file is refused' database.url DATABASE_URL=$here PGSERVICE=main
database 'a URL that is none is not quoted' database.url DATABASE_URL='postgresql://u:hunter2@[::1/db'
check 'obscura migrate refuses likewise' refuses 'sslmode=verify-full&sslrootcert=FILE' \
    timeout 20 "$obscura" migrate --database-url "$there"
database 'an authority that is not there is told at once' "$folder/none.pem" DATABASE_URL=$there \
    OBSCURA_DATABASE_AUTHORITY="$folder/none.pem"
check 'an authority of Redis without rediss:// is refused' refuses 'rediss://' DATABASE_URL=$here $redis \
    OBSCURA_REDIS_AUTHORITY=/etc/ca.pem timeout 20 "$obscura" sentinel

touch "$folder/ca.pem"
check 'on this host PostgreSQL needs no TLS' starts DATABASE_URL=$here "$obscura" alchemist
check 'elsewhere it is enough to say who vouches for it' starts DATABASE_URL=$there \
    OBSCURA_DATABASE_AUTHORITY="$folder/ca.pem" "$obscura" alchemist
check 'in the URL too' starts DATABASE_URL="$there?sslmode=verify-full&sslrootcert=$folder/ca.pem" "$obscura" alchemist
