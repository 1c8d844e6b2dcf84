#!/usr/bin/env bash
# The structure of src/: which folder may include which, and what belongs in one place only.
#
#   structure_test.sh [--quiet] [--tree DIR]
#
# Prints "ok ..." and "FAIL ..." lines; exit status 1 when anything fails. Without --tree it also
# plants violations in a copy of the tree and checks that each is found: a test that cannot fail is none.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
quiet='' planted=1
while (($#)); do
    case $1 in
        --quiet) quiet=1 ;;
        --tree) tree=$2 planted=''; shift ;;
    esac
    shift
done
cd "$tree" || exit 2
status=0

ok() { [[ -n $quiet ]] || echo "ok $*"; }
bad() { echo "FAIL $*"; status=1; }

# What each folder may include besides itself. ARCHITECTURE.md explains the table.
declare -A allowed=(
    [base]='' [crypto]='base' [attest]='crypto base' [audit]='crypto base' [custody]='attest crypto base' [model]='base' [ports]='model base' [net]='base'
    [store]='ports crypto net model base' [venue]='ports crypto net model base'
    [peers]='ports attest crypto net model base' [chain]='ports crypto net model base'
)
for service in gateway sentinel citadel conductor alchemist paper; do
    allowed[$service]='ports attest crypto net model base'
done
allowed[citadel]+=' audit custody'
allowed[peers]+=' attest custody'
allowed[app]="${!allowed[*]}"

# "count from to" for every pair of folders where the first includes the second.
edges() {
    grep -rHoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]+"' src --include='*.hpp' --include='*.cpp' |
        awk -F'["/:]' '{ from = $2; line = $0; sub(/^[^"]*"/, "", line); split(line, part, "/");
            if (line ~ /\// ) print from, part[1]; else print from, "(no folder)" }' |
        awk '$1 != $2 { n[$0]++ } END { for (e in n) print n[e], e }' | sort -k2,2 -k3,3
}

check_edges() {
    local count from to
    while read -r count from to; do
        if [[ ! -v allowed[$from] ]]; then
            bad "src/$from: not in the table of folders"
        elif [[ " ${allowed[$from]} " != *" $to "* ]]; then
            bad "edge $from -> $to ($count includes): $(grep -rlE "include[[:space:]]*\"$to/" "src/$from" | head -n 3 | paste -sd' ')"
        else
            ok "edge $from -> $to ($count)"
        fi
    done < <(edges)
}

# only_in NAME PATTERN ALLOWED...: matches of PATTERN may stand in files whose path begins with one of
# ALLOWED, and nowhere else in src.
only_in() {
    local name=$1 pattern=$2 file place found=''
    shift 2
    while read -r file; do
        for place in "$@"; do [[ $file != "$place"* ]] || continue 2; done
        found+=" $file"
    done < <(grep -rlE "$pattern" src --include='*.hpp' --include='*.cpp' | sort)
    if [[ -z $found ]]; then ok "$name"; else bad "$name:$found"; fi
}

check_words() {
    only_in 'Beast stays in net' 'boost/beast' src/net/
    only_in 'spdlog stays in base/log.cpp' 'spdlog/' src/base/log.cpp
    only_in 'toml++ stays in base/config*.cpp' 'toml\+\+/|<toml' src/base/config
    only_in 'Boost.JSON stays in base/json.cpp' 'boost/json' src/base/json.cpp
    only_in 'prometheus-cpp stays in base/metrics.cpp' 'prometheus/' src/base/metrics.cpp
    only_in 'libpq stays in store' 'libpq-fe\.h' src/store/
    # Where its constructor has seen that a server on another host is verified.
    only_in 'PostgreSQL is connected to in one place' '\bPQ(connect|setdb|reset|ping)' src/store/pg_connection.cpp
    only_in 'hiredis stays in store' 'hiredis' src/store/
    only_in 'CLI11 stays in app' 'CLI/' src/app/
    only_in 'the environment is read in base/config only' '\b(secure_)?getenv\(|\benviron\b *[;)\[]' \
        src/base/config src/base/failpoint_on.cpp src/citadel/harden.cpp
    only_in 'SQL stays in store' \
        '("\(?(SELECT|INSERT INTO|DELETE FROM|UPDATE|WITH) [a-z]|\bSELECT [a-z_*"(].* FROM [a-z]|\bINSERT INTO [a-z]|\bUPDATE [a-z_]+ SET\b|\bDELETE FROM [a-z]|\bCREATE (TABLE|ROLE|DATABASE)\b)' \
        src/store/
    only_in 'std::cout and printf stay in app' 'std::c(out|err)\b|\bstd::printf\(|\bstd::puts\(' src/app/
    local doubles
    doubles=$(grep -rnE '\b(double|float)\b' src/model --include='*.hpp' --include='*.cpp' |
        grep -vE '_lossy|^[^:]*:[0-9]*: *///?' || true)
    if [[ -z $doubles ]]; then ok 'no binary floating point in model'; else bad "binary floating point in model: $doubles"; fi
}

check_folders() {
    local folder name
    for folder in src/*/; do
        name=$(basename "$folder")
        [[ -n $(find "$folder" -type f -print -quit) ]] || continue
        if [[ -s $folder/README.md ]]; then ok "src/$name has a README.md"; else bad "src/$name has no README.md"; fi
    done
    local missing
    # A pristine Debian 12 has none of them, and a machine that one develops on often does.
    missing=$(grep -rnE '(^|[ (|!;])(curl|wget|jq) ' tests/e2e --include='*.sh' 2>/dev/null | grep -v ':#' || true)
    if [[ -z $missing ]]; then ok 'tests use what tools/install installs'; else bad "tests use what is not installed: $missing"; fi
    # What a slip of the shell leaves behind has a name that nobody would choose.
    missing=$(find . \( -name .git -o -name .obscura -o -name build -o -name node_modules \) -prune -o -type f -print |
        LC_ALL=C grep -v '^[A-Za-z0-9_./@+-]*$' | sort || true)
    if [[ -z $missing ]]; then ok 'files have plain names'; else bad "names of files: $missing"; fi
    missing=$(find src -name '*.hpp' -exec grep -L '^#pragma once' {} +)
    if [[ -z $missing ]]; then ok 'every header has #pragma once'; else bad "without #pragma once: $missing"; fi
    missing=$(grep -rlE '#[[:space:]]*include[[:space:]]*["<](\.\./)*tests/' src || true)
    if [[ -z $missing ]]; then ok 'nothing includes tests/'; else bad "includes tests/: $missing"; fi
}

# tests/failpoints.txt lists every named step, and the fault suite knows each; and every guard.
check_failpoints() {
    local wrong
    wrong=$(diff <(grep -rhoE '\bfailpoint\("[^"]+"\)' src --include='*.cpp' | cut -d'"' -f2 | sort) \
        <(sort tests/failpoints.txt) | grep '^[<>]' | paste -sd' ')
    if [[ -z $wrong ]]; then ok 'tests/failpoints.txt lists every failpoint, each passed in one place'; else bad "failpoints (<: in src, >: in tests/failpoints.txt): $wrong"; fi
    wrong=$(diff <(grep -oE '\.name = "[^"]+"' src/app/chaos_plan.cpp | cut -d'"' -f2 | sort) \
        <(sort tests/failpoints.txt) | grep '^[<>]' | paste -sd' ')
    if [[ -z $wrong ]]; then ok 'chaos knows every failpoint'; else bad "steps of chaos (<: in chaos_plan.cpp, >: in tests/failpoints.txt): $wrong"; fi
    wrong=$(diff <(grep -rhoE '\bguard\("[^"]+"\)' src --include='*.cpp' | cut -d'"' -f2 | sort -u) \
        <(sed -n '/ guards\[\] = {/,/};/p' src/app/chaos_plan.cpp | grep -oE '"[^"]+"' | tr -d '"' | sort) |
        grep '^[<>]' | paste -sd' ')
    if [[ -z $wrong ]]; then ok 'chaos knows every guard'; else bad "guards of chaos (<: in src, >: in chaos_plan.cpp): $wrong"; fi
}

# A planted violation must make this very script fail, with a line that names it. All are planted into
# one copy of the tree: their lines differ.
plants=()
plant() { plants+=("$1" "$2" "$3" "$4"); }  # NAME FILE TEXT EXPECTED_LINE
find_plants() {
    local copy answer i found
    copy=$(mktemp -d)
    cp -r src "$copy/src"
    mkdir "$copy/tests" && cp tests/failpoints.txt "$copy/tests/"
    for ((i = 0; i < ${#plants[@]}; i += 4)); do
        mkdir -p "$copy/$(dirname "${plants[i + 1]}")"
        printf '%s\n' "${plants[i + 2]}" >>"$copy/${plants[i + 1]}"
    done
    answer=$(bash "$here/structure_test.sh" --tree "$copy") && bad 'planted violations do not fail the test'
    for ((i = 0; i < ${#plants[@]}; i += 4)); do
        found=$(grep -F "FAIL ${plants[i + 3]}" <<<"$answer")
        # A word that may stand in one place only: the line must name the planted file.
        [[ $found != *:* || $found == *planted* ]] || found=''
        if [[ $found ]]; then ok "found when planted: ${plants[i]}"; else bad "a planted violation was not found: ${plants[i]}"; fi
    done
    rm -rf "$copy"
}
check_plants() {
    plant 'base includes net' src/base/planted.cpp '#include "net/http.hpp"' 'edge base -> net'
    plant 'a service includes an adapter' src/conductor/planted.cpp '#  include "store/pg.hpp"' \
        'edge conductor -> store'
    plant 'a service includes another' src/gateway/planted.hpp '#include "citadel/service.hpp"' \
        'edge gateway -> citadel'
    plant 'an adapter includes another' src/venue/planted.cpp '#include "peers/signer.hpp"' 'edge venue -> peers'
    plant 'a folder without a place' src/planted/any.cpp '#include "base/error.hpp"' 'src/planted: not in the table'
    plant 'an include through ..' src/model/planted.cpp '#include "../net/http.hpp"' 'edge model -> ..'
    plant 'Beast in a service' src/paper/planted.cpp '#include <boost/beast/http.hpp>' 'Beast stays in net'
    plant 'getenv in a service' src/citadel/planted.cpp 'auto const* x = std::getenv("X");' 'the environment'
    plant 'SQL in a service' src/gateway/planted.cpp 'auto q = "SELECT id FROM users";' 'SQL stays in store'
    plant 'a failpoint without an entry' src/store/planted.cpp 'void f() { base::failpoint("store.planted"); }' \
        'failpoints (<'
    plant 'a guard that chaos does not know' src/store/planted.cpp 'bool g() { return base::guard("planted"); }' \
        'guards of chaos (<'
    plant 'a connection to PostgreSQL beside the pool' src/store/planted.cpp 'auto* c = PQconnectdb("host=db");' \
        'PostgreSQL is connected to in one place'
    plant 'curl in a test' tests/e2e/planted.sh 'curl -s http://127.0.0.1/' 'tests use what is not installed'
    plant 'a name with spaces' 'src/model/a planted (file)' 'text' 'names of files'
    plant 'double in model' src/model/planted.cpp 'double price = 0;' 'binary floating point in model'
    find_plants
}

check_edges
check_words
check_folders
check_failpoints
[[ -z $planted ]] || check_plants
exit "$status"
