# Sourced by every script here: where things are, and how a script says what happened.
# A script ends with 0 (passed), 77 (skipped, and said why) or anything else (failed).
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
# One profile and one set of features for everything that `make test` runs: nothing compiles twice.
BIN=${LAPOR_BIN_DIR:-$TARGET/debug}
# Tools that are slow to fetch or build live where `cargo clean` does not reach.
TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/lapor-tools
SKIPPED=77

cd "$ROOT"

say() { printf '%s\n' "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# CI must not go green because something was not there.
strict() { [ "${CI:-}" = true ]; }

skip() {
    if strict; then
        fail "$* (a skip is a failure with CI=true)"
    fi
    printf 'SKIPPED: %s\n' "$*"
    exit "$SKIPPED"
}

have() { command -v "$1" >/dev/null 2>&1; }

# The port is chosen by the kernel; the gateway prints its address once it listens, and stops by
# itself when this script is gone. Sets GATEWAY (address) and GATEWAY_PID.
start_gateway() {
    [ -x "$BIN/lapor-sandbox" ] || fail "no $BIN/lapor-sandbox: run 'make build' first"
    GATEWAY_LOG=$WORK/gateway.log
    : >"$GATEWAY_LOG"
    "$BIN/lapor-sandbox" --listen 127.0.0.1:0 --db "$WORK/gateway.sqlite" \
        --parent-pid $$ --max-seconds 1800 "$@" >"$GATEWAY_LOG" 2>&1 &
    GATEWAY_PID=$!
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        GATEWAY=$(sed -nE 's|^listening (https?://[^ ]+).*|\1|p' "$GATEWAY_LOG")
        [ -n "$GATEWAY" ] && return 0
        kill -0 "$GATEWAY_PID" 2>/dev/null || break
        sleep 0.05
    done
    cat "$GATEWAY_LOG" >&2
    fail "the sandbox gateway did not start"
}

# A folder for this script, and no process left behind whatever happens.
begin_work() {
    WORK=$(mktemp -d)
    GATEWAY_PID=
    trap 'end_work' EXIT
}
end_work() {
    if [ -n "$GATEWAY_PID" ]; then
        kill "$GATEWAY_PID" 2>/dev/null || true
        wait "$GATEWAY_PID" 2>/dev/null || true
    fi
    rm -rf "$WORK"
}
