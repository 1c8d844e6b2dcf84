#!/usr/bin/env bash
# `obscura verify attestation` gives each set of genuine evidence its verdict (tests/vectors/snp).
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../tools/common.sh"
obscura=${OBSCURA_BIN:-$root/build/release/bin}/obscura
vectors=$root/tests/vectors/snp

# expect STATUS TEXT ARGUMENTS...: the exit status, and what is printed.
expect() {
    local status=$1 text=$2 output ended
    shift 2
    output=$("$obscura" verify attestation "$@" 2>&1)
    ended=$?
    if ((ended == status)) && [[ $output == *"$text"* ]]; then
        echo "ok verify attestation ${*//$vectors\//}: $text"
    else
        echo "FAIL verify attestation ${*//$vectors\//}: exit status $ended, $output"
    fi
}
at=2026-11-01T00:00:00Z
for set in tav_milan tav_genoa trustee_milan virtee_milan; do expect 0 'valid at' "$vectors/$set" --at $at; done
expect 0 'valid at' "$vectors/virtee_milan/report.hex" --at $at
expect 1 'refused: policy_debug' "$vectors/gosev_milan_debug" --at $at
expect 1 'refused: signing_key' "$vectors/trustee_milan_vlek" --at 2025-06-01T00:00:00Z
expect 0 'VLEK of CN=cc-us-east-2.amazonaws.com' "$vectors/trustee_milan_vlek" --allow-vlek --at 2025-06-01T00:00:00Z
expect 1 'refused: certificate_time' "$vectors/trustee_milan_vlek" --allow-vlek --at $at
for bad in legacy new; do
    expect 1 'refused: chain' "$vectors/trustee_milan/report.bin" --at $at \
        --certs "$vectors/trustee_milan/test-vcek-invalid-$bad.der"
done
expect 1 'refused: certificate_leaf' "$vectors/nilcc_json" --at $at
expect 1 'refused: evidence_missing' "$vectors/virtee_turin_certonly" --at $at
expect 1 'refused: product' "$vectors/tav_milan/report.bin" --certs "$vectors/tav_genoa/vcek.pem" --at $at
expect 1 'refused: vmpl' "$vectors/tav_milan" --vmpl 1 --at $at
expect 1 'refused: crl_missing' "$vectors/tav_milan" --require-crl --at $at
expect 1 'refused: minimum_tcb' "$vectors/tav_milan" --min-tcb snp=25 --at $at
expect 0 '"valid":true' "$vectors/tav_milan" --min-tcb snp=24,microcode=219 --json --at $at
expect 1 '"check":"measurement"' "$vectors/tav_milan" --measurement "$(printf '0%.0s' {1..96})" --json --at $at
expect 2 'hexadecimal' "$vectors/tav_milan" --measurement 00
expect 2 '--at' "$vectors/tav_milan" --at yesterday
expect 2 'required' --at $at
# What was to be asked and went missing on its way here is not passed over.
for option in --at --crl --certs --measurement --report-data --host-data --chip-id --min-tcb; do
    expect 2 "$option must not be empty" "$vectors/tav_milan" $option ''
done
# Where there is no verdict the status is not the one of a verdict.
expect 2 'Is a directory' "$vectors/tav_milan" --crl "$vectors" --at $at
expect 2 'Is a directory' "$vectors/tav_milan" --certs "$vectors" --at $at
expect 2 'File too large' /dev/zero
# citadel's answer at /attestation, saved.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# answer FORMAT ATTESTED [REPORT]
answer() {
    printf '{"format":"%s","attested":%s,"nonce":"%064d",%s"certificates":["%s"],"binding":{"scheme":"-","spki":"","public_key":""}}' \
        "$1" "$2" 7 "${3:+\"report\":\"$(base64 -w 0 "$3")\",}" \
        "$(grep -v -e ----- "$vectors/tav_milan/vcek.pem" | tr -d '\n')" >"$work/citadel.json"
}
answer sev-snp true "$vectors/tav_milan/report.bin"
expect 0 'valid at' "$work/citadel.json" --at $at
expect 1 'refused: report_data' "$work/citadel.json" --report-data "$(printf 'f%.0s' {1..128})" --at $at
answer sev-snp true
expect 1 'refused: format' "$work/citadel.json" --at $at
answer software false
expect 1 'refused: software' "$work/citadel.json" --at $at
