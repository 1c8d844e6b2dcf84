#!/usr/bin/env bash
# docs/configuration.md is what the services print of themselves.
set -uo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../tools/common.sh"
if "$root/tools/config_reference" --check "${OBSCURA_BIN:-$root/build/release/bin}"; then
    echo "ok docs/configuration.md is what the services print"
else
    echo "FAIL docs/configuration.md is what the services print"
fi
