#!/usr/bin/env bash
# Licences, duplicate versions, bans and sources: of the whole workspace, then of what ships.
# With --advisories also the RustSec database, which must come over the network.
source "$(dirname "$0")/lib.sh"

deny=$(.ci/install.sh cargo-deny)
checks=(bans licenses sources)
if [ "${1:-}" = --advisories ]; then
    "$deny" --workspace check advisories
    exit
fi

say "the workspace, tests and tools included:"
"$deny" --locked --workspace check "${checks[@]}"
say "what ships in an app:"
"$deny" --locked --manifest-path bindings/Cargo.toml \
    --config .ci/deny-product.toml check "${checks[@]}"
say "advisories are not looked up here (they need the network): make advisories"
