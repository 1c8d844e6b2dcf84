#!/usr/bin/env bash
# deploy/nilcc: the compose file keeps nilCC's rules and ours, has no secret in it, and starts a citadel as it says, which
# takes the word of the auditors that it was rendered with.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/support/checks.sh"
citadel=${OBSCURA_BIN:-$root/build/release/bin}/obscura-citadel
obscura=${OBSCURA_BIN:-$root/build/release/bin}/obscura
folder=$(mktemp -d)
pid=
finish() { [[ -z $pid ]] || kill "$pid" 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"; }
trap finish EXIT
render() { "$root/deploy/nilcc/render" "$@"; }
digest=$(printf x | sha256sum | cut -d ' ' -f 1)
image=registry.example/citadel@sha256:$digest
# A statement that its auditor signed, of a key that is nobody's now.
statement=$(<"$root/fuzz/corpus/sealing_statement/nilcc")
known=$(sed -n 's/.*"auditor":"\([0-9a-f]*\)".*/\1/p' <<<"$statement")
another=$(printf '%064d' 2) stranger=$(printf '%064d' 1)
render "$image" "$folder/keys" "$another" "$known" >"$folder/compose.yaml" 2>"$folder/why"

check 'it is rendered' test -s "$folder/compose.yaml"
check 'images are pinned' eval '! grep "image:" "$folder/compose.yaml" | grep -vqE "@sha256:[0-9a-f]{64}$"'
unpinned() { ! render "$1" "$folder/keys" "$known" >/dev/null 2>&1; }
check 'an image by tag is refused' unpinned registry.example/citadel:latest
check 'so is one without a digest' unpinned registry.example/citadel
check 'nothing of it is the host'\''s to set' eval '! grep -v "^ *#" "$folder/compose.yaml" | grep -q "[$]"'
# Without one of them clients refuse every key that such a citadel shows, and with a fifth it would not open.
unheard() { ! render "$image" "$folder/keys" "$@" >/dev/null 2>"$folder/why" && grep -q auditor "$folder/why"; }
check 'without an auditor it is refused' unheard
check 'so is one whose key is none' unheard "${known^^}"
check 'one that is named twice' unheard "$known" "$known"
check 'and a fifth' unheard "$known" "$another" "$stranger" "$(printf '%064d' 3)" "$(printf '%064d' 4)"
# nilcc-agent/src/compose.rs refuses these; ours are the published ports, which nothing but the front needs.
check 'nothing that nilCC refuses' eval '! grep -qE "^ *(cap_add|privileged|security_opt|devices|pid|ipc|network_mode|include|secrets|cgroup_parent|extends|ports|build):" "$folder/compose.yaml"'
no_key() {
    local file
    for file in "$folder"/keys/*; do ! grep -qF "$(<"$file")" "$folder/compose.yaml" || return 1; done
}
check 'no key is in it' no_key
check 'five callers have keys' test "$(find "$folder/keys" -type f | wc -l)" = 5
again() { render "$image" "$folder/keys" "$another" "$known" | cmp -s - "$folder/compose.yaml"; }
check 'the same keys make the same file' again
short() { echo short >"$folder/keys/gateway"; ! render "$image" "$folder/keys" "$known" >/dev/null 2>&1; }
check 'a key that could be guessed from its digest is refused' short

# The environment as the file has it, on this host: any free port, its audit folder here.
mapfile -t environment < <(sed -n 's/^ *\(OBSCURA_[A-Z_]*\): "\(.*\)"$/\1=\2/p' "$folder/compose.yaml")
start() { # start [SETTING...]: such a citadel, but for these settings
    : >"$folder/log"
    env -i PATH="$PATH" "${environment[@]}" OBSCURA_HTTP_PORT=0 OBSCURA_CITADEL_AUDIT_FOLDER="$folder/audit" "$@" \
        "$citadel" >"$folder/log" 2>&1 &
    pid=$!
}
listening() { sed -n 's/.*citadel.listening.*"port":"\{0,1\}\([0-9]*\).*/\1/p' "$folder/log" 2>/dev/null; }
health() { request GET "http://127.0.0.1:$(listening)/health" 2>/dev/null | grep -q "\"$1\""; }
becomes() { eventually 60 health "$1" || { cat "$folder/log"; false; }; }
start
check 'such a citadel starts, and waits for its keys' becomes locked
kill "$pid" && wait "$pid" 2>/dev/null
# nilCC is not here to appraise it and bring them: from a file under a passphrase, and all else as it is rendered.
printf %s "$digest" >"$folder/passphrase"
sealed() {
    chmod 600 "$folder/passphrase" &&
        "$obscura" admin keys seal --passphrase-file "$folder/passphrase" --out "$folder/master.keys" >/dev/null
}
check 'keys are made' sealed
start OBSCURA_CITADEL_KEY_SOURCE=passphrase_file OBSCURA_CITADEL_KEY_FILE="$folder/master.keys" \
    OBSCURA_CITADEL_PASSPHRASE_FILE="$folder/passphrase"
check 'once it has keys, it opens' becomes ok
says() { # says CODE STATEMENT: what citadel answers an auditor
    local answer
    answer=$(request POST "http://127.0.0.1:$(listening)/sealing-key/statements" "$2") || :
    [[ $answer == *"\"code\":\"$1\""* ]] || { echo "$answer"; false; }
}
check 'it has heard of its auditor, and asks which key is meant' says sealing_key_unknown "$statement"
check 'of the other one too' says sealing_key_unknown "${statement/$known/$another}"
check 'the word of nobody else is heard' says auditor_unknown "${statement/$known/$stranger}"
