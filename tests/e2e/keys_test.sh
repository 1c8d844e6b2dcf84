#!/usr/bin/env bash
# Where citadel's master keys come from, with the real executables: a file under a passphrase, made, rotated and
# restarted from; and a citadel that starts locked until `obscura key-holder` has appraised it (software evidence).
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/support/checks.sh"
bin=${OBSCURA_BIN:-$root/build/release/bin}
folder=$(mktemp -d)
citadel='' holder='' port=0
declare -A key=([gateway]=key-of-the-gateway [admin]=key-of-the-admin [key_holder]=key-of-the-holder)

end() { # end PID-VARIABLE [SIGNAL]
    local pid=${!1}
    [[ -z $pid ]] || { kill "${2:--TERM}" "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; }
    printf -v "$1" ''
}
finish() {
    end holder
    end citadel
    rm -rf "$folder"
}
trap finish EXIT
# config SOURCE LINES...: citadel.toml
config() {
    local line
    {
        printf '[http]\nport = %s\n[citadel]\nkey_source = "%s"\naudit_folder = "%s/audit"\n' "$port" "$1" "$folder"
        printf 'decrypt_callers = ["admin"]\n'
        for line in "${@:2}"; do printf '%s\n' "$line"; done
        printf '[callers]\n'
        for line in "${!key[@]}"; do printf '%s = "%s"\n' "$line" "${key[$line]}"; done
    } >"$folder/citadel.toml"
}
# start [REDIRECTED FILE FOR fd 3]
start() {
    : >"$folder/citadel.log"
    "$bin/obscura-citadel" --config "$folder/citadel.toml" >>"$folder/citadel.log" 2>&1 3<"${1:-/dev/null}" &
    citadel=$!
    eventually 20 listens || { cat "$folder/citadel.log"; return 1; }
}
listens() {
    port=$(sed -n 's/.*"event":"citadel.listening".*"port":\([0-9]*\).*/\1/p' "$folder/citadel.log")
    [[ $port ]] || { port=0; return 1; }
}
# refuses TEXT: citadel ends by itself with 1, and says so.
refuses() {
    "$bin/obscura-citadel" --config "$folder/citadel.toml" >"$folder/refused.log" 2>&1 3</dev/null
    (($? == 1)) && grep -qF -- "$1" "$folder/refused.log" || { cat "$folder/refused.log"; false; }
}
call() { # call CALLER PATH JSON
    INTERNAL_KEY=${key[$1]} request POST "http://127.0.0.1:$port$2" "$3" || :  # a refusal is an answer too
}
encrypt() { call gateway /encrypt "{\"plaintext\":\"$1\",\"context\":\"c\"}" | sed -n 's/.*"encrypted_data":"\([^"]*\)".*/\1/p'; }
opens() { [[ $(call admin /decrypt "{\"encrypted_data\":\"$1\",\"context\":\"c\"}") == "{\"plaintext\":\"$2\"}" ]]; }
health() { [[ $(request GET "http://127.0.0.1:$port/health" 2>/dev/null) == *"\"status\":\"$1\""* ]]; }
seal() { "$bin/obscura" admin keys seal "$@" >>"$folder/seal.log" 2>&1; }
private() { (umask 077 && printf '%s\n' "$2" >"$folder/$1"); }

private passphrase 'a passphrase of the test'
private other 'another passphrase of it'
keys=$folder/master.keys
from_file=("key_file = \"$keys\"" "passphrase_file = \"$folder/passphrase\"")

# The environment, and out of it.
export CITADEL_MASTER_KEY=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
config environment
check 'with keys in the environment citadel starts' start
check 'and warns' grep -q citadel.keys_in_environment "$folder/citadel.log"
old=$(encrypt 'from the environment')
end citadel
check 'the keys go into a file' seal --from-environment --passphrase-file "$folder/passphrase" --out "$keys"
check 'which is for its owner alone' test "$(stat -c %a "$keys")" = 600
check 'and is not written over' eval '! seal --passphrase-file "$folder/passphrase" --out "$keys"'
config passphrase_file "${from_file[@]}"
check 'with both citadel does not start' refuses 'must not be given while citadel.key_source is passphrase_file'
unset CITADEL_MASTER_KEY
check 'from the file it does' start
check 'and opens what was sealed before' opens "$old" 'from the environment'
end citadel -KILL

# Refused passphrases and files.
chmod 640 "$folder/passphrase"
check 'a passphrase that others may read is refused' refuses 'others than its owner may use it'
chmod 600 "$folder/passphrase"
config passphrase_file "key_file = \"$keys\"" "passphrase_file = \"$folder/other\""
check 'another passphrase does not open it' refuses 'does not open with this passphrase'
cp "$keys" "$folder/first.keys"
sed 's/^versions 1$/versions 2/' "$keys" >"$folder/changed.keys"
config passphrase_file "key_file = \"$folder/changed.keys\"" "passphrase_file = \"$folder/passphrase\""
check 'a changed file is found' refuses 'or it was altered'
config sealed_file "key_file = \"$keys\""
check 'on no SEV-SNP guest a sealed file is refused' refuses 'The machine gives no key'

# Another version, another passphrase, a descriptor in place of a file.
check 'a version is added' seal --from "$keys" --from-passphrase-file "$folder/passphrase" --add-version \
    --passphrase-file "$folder/other" --out "$keys"
check 'the file tells of it' eval '"$bin/obscura" admin keys show "$keys" | grep -qx "versions 1 2"'
config passphrase_file "key_file = \"$keys\"" 'passphrase_file = "fd:3"' 'min_encrypt_version = 2'
check 'from a descriptor citadel starts with it' start "$folder/other"
new=$(encrypt 'under the second')
check 'new ciphertexts are under the new version' test "${new:0:7}" = nil:v2:
check 'older ones open' opens "$old" 'from the environment'
end citadel
config passphrase_file "key_file = \"$folder/first.keys\"" "passphrase_file = \"$folder/passphrase\"" 'min_encrypt_version = 2'
check 'an older file is refused' refuses 'min_encrypt_version is 2'

# Released by a key holder.
private caller "${key[key_holder]}"
printf '[policy]\nenvironment = "development"\nformat = "software"\nallow_software = true\n' >"$folder/development.toml"
{
    printf '[policy]\nmeasurements = ["%096d"]\nvmpl = 0\nrequire_crl = false\n[minimum_tcb]\nsnp = 1\n' 0
} >"$folder/production.toml"
sed 's/development/production/' "$folder/development.toml" >"$folder/mixed.toml"
becomes_holder() { # becomes_holder POLICY OPTIONS...: in a shell of its own, so that ending it ends the holder
    exec "$bin/obscura" key-holder --keys "$keys" --passphrase-file "$folder/other" --citadel "http://127.0.0.1:$port" \
        --caller-key-file "$folder/caller" --policy "$folder/$1" "${@:2}" >>"$folder/holder.log" 2>&1
}
hold() { (becomes_holder "$@"); }
fails() { : >"$folder/holder.log"; ! hold "$1" && grep -qF -- "$2" "$folder/holder.log" || { cat "$folder/holder.log"; false; }; }
config release
check 'without keys citadel starts' start
check 'locked' health locked
check 'and says what to do' eval 'call gateway /encrypt "{\"plaintext\":\"x\"}" | grep -q "\"code\":\"locked\".*" &&
    call gateway /encrypt "{\"plaintext\":\"x\"}" | grep -q key-holder'
check 'to another host keys go over TLS alone' eval '
    "$bin/obscura" key-holder --keys "$keys" --passphrase-file "$folder/other" --citadel http://192.0.2.1:8004 \
        --caller-key-file "$folder/caller" --policy "$folder/development.toml" >"$folder/plain.log" 2>&1
    (($? == 2)) && grep -q "https, unless it is on this host" "$folder/plain.log"'
check 'software evidence convinces no policy of production' fails production.toml software_refused
check 'nor one that mixes both' fails mixed.toml 'never in production'
check 'it is locked still' health locked
check 'in development it does' hold development.toml
check 'then citadel is open' health ok
check 'and opens what was sealed before' opens "$new" 'under the second'
check 'once' fails development.toml already_open
end citadel -KILL
told() { (($(grep -c "$1" "$folder/holder.log") >= $2)); } # told REASON TIMES
sed "s|require_crl = false|crl = \"$folder/none.crl\"|" "$folder/production.toml" >"$folder/crl.toml"
: >"$folder/holder.log"
becomes_holder crl.toml --stay &
holder=$!
check 'a holder that stays tells what stops it' eventually 10 told crl_missing 1
check 'once' eval '! eventually 5 told crl_missing 2'
end holder
becomes_holder development.toml --stay &
holder=$!
check 'and that nobody answers' eventually 10 told citadel_unavailable 1
config release # on the same port
check 'restarted' start
check 'a holder that stays opens it again' eventually 30 health ok
check 'and all is as it was' opens "$old" 'from the environment'
end citadel -KILL
check 'restarted once more' start
check 'it opens again' eventually 30 health ok
check 'a release is in the audit log' eval '
    eventually 10 grep -q "\"operation\":\"release_keys\",\"done\":{\"release\":1}" "$folder/audit/audit.log"'
end holder
end citadel
check 'the log of all that is whole' eval '"$bin/obscura" verify audit "$folder/audit" >/dev/null'
secret_free() { ! grep -rqE 'a passphrase of the test|another passphrase of it|00112233445566778899|key-of-the' "$folder"/*.log "$folder/audit"; }
check 'no passphrase and no key is in any log' secret_free
