#!/usr/bin/env bash
# deploy/nilcc: the compose file keeps nilCC's rules and ours, has no secret in it, and starts a citadel as it says.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/support/checks.sh"
citadel=${OBSCURA_BIN:-$root/build/release/bin}/obscura-citadel
folder=$(mktemp -d)
pid=
finish() { [[ -z $pid ]] || kill "$pid" 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"; }
trap finish EXIT
render() { "$root/deploy/nilcc/render" "$@"; }
digest=$(printf x | sha256sum | cut -d ' ' -f 1)
render "registry.example/citadel@sha256:$digest" "$folder/keys" >"$folder/compose.yaml" 2>"$folder/why"

check 'it is rendered' test -s "$folder/compose.yaml"
check 'images are pinned' eval '! grep "image:" "$folder/compose.yaml" | grep -vqE "@sha256:[0-9a-f]{64}$"'
unpinned() { ! render "$1" "$folder/keys" >/dev/null 2>&1; }
check 'an image by tag is refused' unpinned registry.example/citadel:latest
check 'so is one without a digest' unpinned registry.example/citadel
check 'nothing of it is the host'\''s to set' eval '! grep -v "^ *#" "$folder/compose.yaml" | grep -q "[$]"'
# nilcc-agent/src/compose.rs refuses these; ours are the published ports, which nothing but the front needs.
check 'nothing that nilCC refuses' eval '! grep -qE "^ *(cap_add|privileged|security_opt|devices|pid|ipc|network_mode|include|secrets|cgroup_parent|extends|ports|build):" "$folder/compose.yaml"'
no_key() {
    local file
    for file in "$folder"/keys/*; do ! grep -qF "$(<"$file")" "$folder/compose.yaml" || return 1; done
}
check 'no key is in it' no_key
check 'five callers have keys' test "$(find "$folder/keys" -type f | wc -l)" = 5
again() { render "registry.example/citadel@sha256:$digest" "$folder/keys" | cmp -s - "$folder/compose.yaml"; }
check 'the same keys make the same file' again
short() { echo short >"$folder/keys/gateway"; ! render "registry.example/citadel@sha256:$digest" "$folder/keys" >/dev/null 2>&1; }
check 'a key that could be guessed from its digest is refused' short

# The environment as the file has it, on this host: any free port, its audit folder here.
mapfile -t environment < <(sed -n 's/^ *\(OBSCURA_[A-Z_]*\): "\(.*\)"$/\1=\2/p' "$folder/compose.yaml")
env -i PATH="$PATH" "${environment[@]}" OBSCURA_HTTP_PORT=0 OBSCURA_CITADEL_AUDIT_FOLDER="$folder/audit" \
    "$citadel" >"$folder/log" 2>&1 &
pid=$!
listening() { sed -n 's/.*citadel.listening.*"port":"\{0,1\}\([0-9]*\).*/\1/p' "$folder/log" 2>/dev/null; }
health() { request GET "http://127.0.0.1:$(listening)/health" 2>/dev/null | grep -q '"locked"'; }
locked() { eventually 20 health || { cat "$folder/log"; false; }; }
check 'such a citadel starts, and waits for its keys' locked
