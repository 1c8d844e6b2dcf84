#!/usr/bin/env bash
# The whole stack on a private state folder: starts, plays the tour, is taken down, starts again fast
# with its data, survives the loss of each service between two tours, and tells no secret in its logs.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../tools/common.sh"

bin=${OBSCURA_BIN:-$root/build/release/bin}
work=$(mktemp -d)
chmod 755 "$work" # PostgreSQL may run under another account
state=$work/state
check() { # check NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/out" 2>&1; then echo "ok $name"; else
        echo "FAIL $name"
        tail -n 40 "$work/out"
    fi
}
end() {
    "$bin/obscura" down --state "$state" --if-running >/dev/null 2>&1
    rm -rf "$work"
}
trap end EXIT

tour() { "$bin/obscura" tour --state "$state" --json >"$work/tour.json" || { cat "$work/tour.json"; return 1; }; }
# steps_hold NAME...: each of the steps is in the report, and held.
steps_hold() {
    local name
    for name in "$@"; do
        grep -qF "{\"name\":\"$name\",\"ok\":true," "$work/tour.json" || { echo "no step: $name"; return 1; }
    done
}
tour_holds() {
    tour && grep -q '"ok":true' "$work/tour.json" && grep -q '"last_accepted":[0-9]' "$work/tour.json" &&
        steps_hold "citadel shows its evidence" "every follower holds the position" "every follower is flat" "every follower is flat again"
}
futures_hold() {
    local action
    steps_hold "the leader shorts a perpetual" "every follower is short" "the leader flips to long" \
        "every follower is long" "the leader closes" "every follower is flat on futures" || return
    for action in "leader shorts" "leader flips" "leader closes"; do
        grep -qE "\"action\":\"$action\",\"ms\":\{[^}]*\"last_accepted\":[0-9]" "$work/tour.json" ||
            { echo "no stages of: $action"; return 1; }
    done
}
# What an earlier version loaded has no futures pool.
sql() {
    local port
    port=$(grep -o '"postgres":[0-9]*' "$state/ports.json" | grep -o '[0-9]*$')
    PGPASSWORD=$(<"$state/secrets/postgres-owner") psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" \
        -U obscura_owner -d obscura -c "$1"
}
forget_futures_pool() { sql "UPDATE pools SET name = 'Another' WHERE name = 'Perpetuals'"; }
# Beside the running stack: a second master key, everything renewed under it, the first one retired.
sealed_under() { sql "SELECT count(*) FROM exchange_connections, jsonb_each_text(credentials) f WHERE f.value LIKE 'nil:v$1:%'"; }
citadel_setting() {
    local before
    echo "$1" >>"$state/config/citadel.env"
    before=$(pid_of citadel)
    kill "$before" || return 1
    for _ in $(seq 100); do
        [[ $(pid_of citadel) != "$before" ]] && "$bin/obscura" status --state "$state" >/dev/null && return 0
    done
    return 1
}
keys_rotate() {
    local fields left id owner other
    fields=$(sealed_under 1)
    ((fields > 100)) || { echo "only $fields ciphertexts to renew"; return 1; }
    citadel_setting "OBSCURA_CITADEL_MASTER_KEY_V2=$(printf '5a%.0s' {1..32})" || return 1
    # What was moved to another's row opens for nobody, and holds up no other.
    IFS='|' read -r id owner other < <(sql "SELECT c.id, c.user_id, o.user_id FROM exchange_connections c, exchange_connections o
        WHERE c.purpose = 'follow' AND o.user_id <> c.user_id ORDER BY c.id LIMIT 1")
    sql "UPDATE exchange_connections SET user_id = '$other' WHERE id = '$id'" || return 1
    "$bin/obscura" admin rotate-keys --state "$state" && { echo "a moved ciphertext was renewed"; return 1; }
    left=$(sealed_under 1)
    ((left > 0 && left < 4 && $(sealed_under 2) + left == fields)) || { echo "$left of $fields left"; return 1; }
    sql "UPDATE exchange_connections SET user_id = '$owner' WHERE id = '$id'" || return 1
    "$bin/obscura" admin rotate-keys --state "$state" || return 1
    (($(sealed_under 1) == 0)) && citadel_setting OBSCURA_CITADEL_MIN_DECRYPT_VERSION=2
}
says_no_futures() { tour_holds && grep -q 'of an earlier version' "$work/tour.json" && ! futures_hold; }
starts_again_fast() {
    local begin=$SECONDS
    "$bin/obscura" up --state "$state" --free-ports && ((SECONDS - begin < 15))
}
pid_of() { "$bin/obscura" status --state "$state" | awk -v name="$1" '$1 == name { print $NF }'; }
survives() {
    local victim=$1 before after
    before=$(pid_of "$victim")
    kill -9 "$before" || return 1
    # `up` on a running stack waits until everything answers.
    for _ in $(seq 100); do
        after=$(pid_of "$victim")
        [[ $after && $after != "$before" && $after != 0 ]] && tour_holds && return 0
        "$bin/obscura" status --state "$state" >/dev/null
    done
    return 1
}
no_secret_in_logs() {
    local secret found=0
    for secret in $(grep -rhoE '[0-9a-f]{24,}|obsc_[a-z]+_[A-Za-z0-9_]+' "$state/secrets" | sort -u); do
        if grep -rlqF "$secret" "$state/logs"; then
            echo "a secret is in: $(grep -rlF "$secret" "$state/logs")"
            found=1
        fi
    done
    return "$found"
}

# One tour after the other asks for more than the venue would take from one address.
mkdir -p "$state/config"
echo OBSCURA_PAPER_FUTURES_WEIGHT_PER_MINUTE=1000000 >"$state/config/paper.env"
echo OBSCURA_ENGINE_FUTURES_WEIGHT_PER_MINUTE=1000000 >"$state/config/conductor.env"
check "the stack starts" "$bin/obscura" up --state "$state" --free-ports
check "the tour holds" tour_holds
check "on futures, too" futures_hold
check "it is taken down" "$bin/obscura" down --state "$state"
check "it starts again in under 15 s" starts_again_fast
check "the tour holds on the data of before" tour_holds
for victim in citadel sentinel conductor gateway alchemist paper redis postgres; do
    check "the tour holds after kill -9 of $victim" survives "$victim"
done
check "master keys rotate beside the running stack" keys_rotate
check "demo data without a futures pool is found out" forget_futures_pool
check "and the rest of the tour holds on it" says_no_futures
check "no secret is in the logs" no_secret_in_logs
