#!/usr/bin/env bash
# The figures of the core, in the profile that ships: `bench NAME key=value ...`, a line each.
source "$(dirname "$0")/lib.sh"

have strace || skip "bench-core: no strace (apt-get install strace)"
cargo build --release --locked -p lapor-cli -p lapor-sandbox -p lapor-bench --features lapor-cli/qa
LAPOR_BIN_DIR=$TARGET/release exec "$TARGET/release/lapor-bench" "$@"
