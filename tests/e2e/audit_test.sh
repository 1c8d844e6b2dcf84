#!/usr/bin/env bash
# citadel's audit log on a running stack: it holds after orders were signed and after citadel was killed; what is
# changed, taken out, moved or cut off is found; no key of the stack is in it.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/support/checks.sh"
obscura=${OBSCURA_BIN:-$root/build/release/bin}/obscura
folder=$(mktemp -d)
state=$folder/state
log=$state/audit/audit.log

finish() {
    "$obscura" down --state "$state" --if-running >/dev/null
    # As root PostgreSQL may have had to put its data where its account can reach them.
    [[ ! -f $state/postgres.location ]] || rm -rf "$(cat "$state/postgres.location")"
    rm -rf "$folder"
}
trap finish EXIT
field() { # field PROCESS KEY: of status --json, whose objects are flat and on one line
    "$obscura" status --state "$state" --json | tr '{}' '\n\n' | grep "\"name\":\"$1\"" |
        sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"]*\).*/\1/p"
}
# verdict STATUS TEXT ARGUMENTS...
verdict() {
    local status=$1 text=$2 output ended
    shift 2
    output=$("$obscura" verify audit "$@" 2>&1)
    ended=$?
    ((ended == status)) && [[ $output == *"$text"* ]] || { echo "   exit status $ended: $output"; false; }
}
operator_posts() { # operator_posts PATH BODY: with the operator's certificate
    local url
    url=$(field citadel url)
    request POST "https${url#http}$1" "$2" "$state/tls" operator
}
head_file() { request GET "$(field citadel url)/audit-head" >"$1" && [[ -s $1 ]]; }

mkdir -p "$state/config"
echo OBSCURA_SENTINEL_AUDIT_HEAD_EVERY=200ms >"$state/config/sentinel.env"
check 'the stack starts' eval '"$obscura" up --state "$state" --free-ports --until-pid $$ >"$folder/up.log" 2>&1'
signed() { grep -q '"operation":"sign","done":{' "$log"; }
check 'what citadel signs is in its log' eventually 30 signed
check 'so is what it was sealed' grep -q '"operation":"open_sealed","done":{"seal":1}' "$log"
check 'subjects are named' grep -qE '"subjects":\["[0-9a-f-]{36}/[0-9a-f-]{36}"' "$log"
check 'it gives its head' head_file "$folder/head.json"
check 'nobody is let in, and that is logged' eval '
    operator_posts /decrypt "{}" | grep -q unauthenticated
    eventually 30 grep -q "\"caller\":\"nobody\",\"operation\":\"decrypt\",\"refused\":{\"unauthenticated\":1}" "$log"'

# What sentinel has kept of it in PostgreSQL, as the engine's role reads it.
database() {
    local url
    url=$(field postgres url)
    echo "postgresql://obscura_engine:$(tr -d '\n' <"$state/secrets/postgres-engine")@${url#*://}"
}
held_to_heads() { [[ $(DATABASE_URL=$(database) "$obscura" verify audit "$1" --database -) =~ \ ([0-9]+)\ heads\ that\ were\ kept && ${BASH_REMATCH[1]} -ge $2 ]]; }
check 'sentinel keeps its heads' eventually 30 held_to_heads "$log" 3
head -n 5 "$log" >"$folder/cut.log"
check 'they find a log that was set back' eval 'DATABASE_URL=$(database) verdict 1 truncated "$folder/cut.log" --database -'

pid=$(field citadel pid)
kill -9 "$pid"
again() { local now; now=$(field citadel pid); [[ $now =~ ^[0-9]+$ && $now != "$pid" ]] && grep -q '"kind":"start"' "$log"; }
check 'killed, it goes on with its log' eventually 30 again
check 'nothing was put aside' eval '! ls "$log".broken-* 2>/dev/null'
check 'and it goes on from the head given before' verdict 0 valid "$state/audit" --head "$folder/head.json"
check 'the newest head' eventually 10 head_file "$folder/last.json"
check 'a stack that was stopped' eval '"$obscura" down --state "$state" >/dev/null'
check 'leaves a whole log' verdict 0 'valid' "$state/audit" --head "$folder/last.json" --key "$folder/head.json"

# The copies that somebody with the disk may make of it.
changed=$folder/changed.log
changed() { "${@:2}" "$log" >"$changed" && verdict 1 "$1" "$changed"; }
check 'an edited entry is found' changed 'entry 3: edited' sed '3s/"kind"/"kinD"/'
check 'a deleted one' changed 'entry 3: deleted' sed 3d
check 'two that changed places' changed 'entry 3: reordered' sed '3{h;d};4{G}'
check 'a log rolled back' eval 'head -n 5 "$log" >"$changed" && verdict 1 truncated "$changed" --head "$folder/last.json"'
check 'the same without a head is told to look whole' verdict 0 'looks whole' "$changed"
check 'a torn line is told' eval 'head -c -9 "$log" >"$changed" && verdict 0 "the last line has no end" "$changed"'
check 'wrong usage' verdict 2 -- "$log" --key nonsense

secret_free() {
    local file
    for file in "$state"/secrets/*; do
        ! grep -rqF -e "$(tr -d '\n' <"$file")" "$state/audit" || { echo "   $file"; return 1; }
    done
    ! grep -qE '"(plaintext|encrypted_data|credentials)"|nil:v' "$log"
}
check 'no secret of the stack is in it' secret_free

# Files of a few kilobytes, of a stack that is not to wait for 64 MB.
finished() { ls "$state"/audit/audit-*.log 2>/dev/null; }
# A stack with nothing to do logs little: somebody is refused, which is told by the second.
filled() {
    operator_posts /decrypt '{}' >/dev/null
    (($(finished | wc -l) >= $1))
}
end_of() { "$obscura" verify audit "$1" | sed -n 's/.*the last \([0-9]*:[0-9a-f]*\)$/\1/p'; }
echo OBSCURA_CITADEL_AUDIT_FILE_BYTES=4096 >>"$state/config/citadel.env"
check 'the stack starts again' eval '"$obscura" up --state "$state" --free-ports --until-pid $$ >"$folder/up.log" 2>&1'
check 'a full file is followed by the next' eventually 180 filled 3
check 'and the stack ends' eval '"$obscura" down --state "$state" >/dev/null'
check 'all files of the log hold together' verdict 0 valid "$state/audit" --head "$folder/last.json"
first=$(finished | head -n 1)
second=$(finished | sed -n 2p)
end=$(end_of "$first")
mv "$first" "$folder/moved.log"
check 'a file that is gone is found' verdict 1 deleted "$state/audit"
check 'unless its end is known' verdict 0 valid "$state/audit" --after "$end"
mv "$second" "$folder/second.log"
check 'one more that is gone is found' verdict 1 "entry $((${end%%:*} + 1)): deleted" "$state/audit" --after "$end"
