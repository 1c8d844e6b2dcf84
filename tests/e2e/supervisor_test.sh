#!/usr/bin/env bash
# `obscura up`, `status` and `down`: every process killed is there again; the supervisor killed leaves
# nothing behind; a folder has one supervisor; a second start is quick; the stack ends with its owner.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/support/checks.sh"
obscura=${OBSCURA_BIN:-$root/build/release/bin}/obscura
folder=$(mktemp -d)
chmod 711 "$folder" # for accounts that are not ours
state=$folder/state

finish() {
    "$obscura" down --state "$state" --if-running >/dev/null
    # As root PostgreSQL may have had to put its data where its account can reach them.
    [[ ! -f $state/postgres.location ]] || rm -rf "$(cat "$state/postgres.location")"
    rm -rf "$(dirname "$state")"
}
trap finish EXIT

up() { "$obscura" up --state "$state" --bare --free-ports --until-pid $$ "$@" >"$state.log" 2>&1; }
field() { # field PROCESS KEY: of status --json, whose objects are flat and on one line
    "$obscura" status --state "$state" --json | tr '{}' '\n\n' | grep "\"name\":\"$1\"" |
        sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"]*\).*/\1/p"
}
well() { "$obscura" status --state "$state" >/dev/null 2>&1; }
gone() { [[ ! -e /proc/$1 ]]; }

check 'without a stack, status says 3' eval '"$obscura" status --state "$state" >/dev/null 2>&1; [[ $? == 3 ]]'
check 'the stack starts' up
check 'every process answers' well
uid_of() { sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$(field "$1" pid)/status"; }
if [[ $(id -u) == 0 ]]; then
    check 'started by root, citadel runs under an account of its own' eval '[[ $(uid_of citadel) == 10001 ]]'
    check 'which owns its log, settings and key' eval '[[ -z $(find "$state/audit" "$state/config/citadel.toml" "$state"/tls/citadel.* ! -user 10001) ]]'
    check 'and of others'"'"' nothing' eval '[[ -z $(find "$state" -user 10001 ! -path "*/audit*" ! -path "*/citadel.*") ]]'
else
    check 'citadel runs as we do' eval '[[ $(uid_of citadel) == $(id -u) ]]'
fi
processes=(postgres redis citadel paper sentinel conductor alchemist gateway)

for name in "${processes[@]}"; do
    pid=$(field "$name" pid)
    kill -9 "$pid"
    again() { local now; now=$(field "$name" pid); [[ $now =~ ^[0-9]+$ && $now != "$pid" ]] && well; }
    check "$name comes back when it is killed" eventually 30 again
done
check 'each was started again' eval '[[ $(field conductor restarts) -ge 1 && $(field postgres restarts) -ge 1 ]]'

gateway=$(field gateway url)
check 'a second supervisor finds the folder taken' eval 'up && grep -q "runs in" "$state.log"'
check 'and changes nothing' eval '[[ $(field gateway url) == "$gateway" ]]'

mapfile -t pids < <(for name in "${processes[@]}"; do field "$name" pid; done)
supervisor=$("$obscura" status --state "$state" --pid)
kill -9 "$supervisor"
all_gone() { local pid; for pid in "${pids[@]}"; do gone "$pid" || return 1; done; }
check 'nothing outlives a supervisor that was killed' eventually 20 all_gone

begin=$(date +%s%N)
check 'it starts again' up
took=$((($(date +%s%N) - begin) / 1000000))
check "in less than 15 s (it took $took ms)" test "$took" -lt 15000
check 'where it was' eval '[[ $(field gateway url) == "$gateway" ]]'

mapfile -t pids < <(for name in "${processes[@]}"; do field "$name" pid; done)
check 'it stops' "$obscura" down --state "$state"
check 'and leaves nothing' all_gone

# An owner that ends takes the stack with it.
mkfifo "$state.end"
cat "$state.end" >/dev/null &
owner=$!
"$obscura" up --state "$state" --bare --free-ports --until-pid "$owner" >"$state.log" 2>&1
pids=("$("$obscura" status --state "$state" --pid)")
: >"$state.end"
check 'the stack ends with its owner' eventually 30 all_gone

# awk 1: the files end without a newline.
awk 1 "$state"/secrets/* | grep -E '^[0-9a-f]{24,}$' >"$state/needles"
check 'there are secrets to look for' eval '[[ $(wc -l <"$state/needles") -ge 12 ]]'
check 'no secret is in a log' eval '! grep -rqFf "$state/needles" "$state/logs"'
check 'only their owner reads secrets and configuration' eval \
    '[[ -z $(find "$state/secrets" "$state/config" "$state/logs" ! -path "$state/config" -perm /077 2>/dev/null) ]]'
# citadel's account passes through its folder.
check 'whose folder nobody else looks into' eval '[[ -z $(find "$state/config" -maxdepth 0 -perm /067) ]]'
exit "$status"
