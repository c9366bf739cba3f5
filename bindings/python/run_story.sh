#!/usr/bin/env bash
# The bindings' stories and contract suite from Python, over the real core and the real sandbox.
# Builds what is missing, generates into target/python, runs; needs nothing but Python 3.9.
source "$(dirname "$0")/../../.ci/lib.sh"

have python3 || skip "no python3: install it to run the bindings' story"
if [ -z "${LAPOR_BIN_DIR:-}" ]; then
    # The flags of every other suite: nothing compiles twice.
    cargo build --workspace --all-features --locked --quiet
fi
for program in lapor-bindgen lapor-sandbox; do
    [ -x "$BIN/$program" ] || fail "no $BIN/$program: run 'make build' first"
done

OUT=$TARGET/python
"$BIN/lapor-bindgen" python --out "$OUT" >/dev/null
# Nobody compiles these here; that they can be made is what is shown.
"$BIN/lapor-bindgen" kotlin --out "$TARGET/bindings/kotlin" >/dev/null
"$BIN/lapor-bindgen" swift --out "$TARGET/bindings/swift" >/dev/null
LAPOR_SANDBOX=$BIN/lapor-sandbox PYTHONPATH=$OUT:bindings/python PYTHONDONTWRITEBYTECODE=1 \
    exec python3 bindings/python/run.py "$@"
