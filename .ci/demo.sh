#!/usr/bin/env bash
# The main job on an embedded default: see tests/e2e. PHOTOS=folder takes photos of yours, KEEP=1
# leaves the gateway running and prints its console's address.
source "$(dirname "$0")/lib.sh"

arguments=()
[ -z "${PHOTOS:-}" ] || arguments+=(--photos "$PHOTOS")
[ -z "${KEEP:-}" ] || arguments+=(--keep)

# `make test` has built everything; a person's first `make demo` has not.
if [ -z "${LAPOR_BIN_DIR:-}" ]; then
    have cargo || .ci/install.sh system
    if ! have cc || ! have nasm; then
        .ci/install.sh system
    fi
    # Tests ask some crates for more features. Where `make build` has made them, the same is asked for
    # again: without tests half of it would compile once more.
    targets=(--bins)
    if compgen -G "$BIN/deps/stories-*" >/dev/null; then targets=(--all-targets); fi
    cargo build --workspace "${targets[@]}" --all-features --locked
    export LAPOR_BIN_DIR=$BIN
fi
[ -x "$BIN/lapor-demo" ] || fail "no $BIN/lapor-demo"
exec "$BIN/lapor-demo" "${arguments[@]}"
