#!/usr/bin/env bash
# Processes die at named steps and the venue misbehaves; invariant 1 holds all the same, judged from
# the venue's ledger. And where a safeguard is switched off, the suite finds the harm.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
obscura=${OBSCURA_CHAOS:-$root/build/release/test-bin/obscura}
product=$root/build/release/bin/obscura
seeds=20
[[ -z ${OBSCURA_TEST_FULL-} ]] || seeds=168  # every step with every victim
status=0
ok() { echo "ok $*"; }
bad() { echo "FAIL $*"; status=1; }

if "$product" chaos --seeds 1 2>/dev/null; then bad 'the product runs the fault suite'; else
    if [[ $? == 2 ]]; then ok 'the product has no failpoints and says so'; else bad 'the product fails otherwise'; fi
fi
if "$obscura" chaos --seeds 1 --fault nonsense 2>/dev/null; then bad 'an unknown fault is taken'; else
    if [[ $? == 2 ]]; then ok 'an unknown fault is refused'; else bad 'an unknown fault fails otherwise'; fi
fi
if "$obscura" chaos --seeds "$seeds"; then ok "$seeds seeds hold"; else bad "$seeds seeds"; fi
for guard in absence_proof recovery_query backfill; do
    report=$("$obscura" chaos --seeds 2 --guard-off "$guard" --json 2>/dev/null)
    case $? in
        1) if grep -qE '"kind":"(lost|doubled)"' <<<"$report"; then ok "missed when off: $guard"; else bad "with $guard off: $report"; fi ;;
        *) bad "nothing is found with $guard off: $report" ;;
    esac
done
exit "$status"
