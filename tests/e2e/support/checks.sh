# Sourced by the shell tests: lines that ./test counts, waiting, requests. Sets `root` and `node`, as tools/common.sh
# does, and `status`: 1 once a check failed.
# shellcheck shell=bash
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../../tools/common.sh"
status=0
ok() { echo "ok $*"; }
bad() { echo "FAIL $*"; status=1; }
# check NAME COMMAND...
check() { if "${@:2}"; then ok "$1"; else bad "$1"; fi; }
# eventually SECONDS COMMAND...
eventually() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        read -rt 0.1 <> <(:) || :
    done
}
# request METHOD URL [BODY]
request() { "$node" "$root/tests/e2e/support/request.mjs" "$@"; }
