#!/usr/bin/env bash
# Runs every suite, also after one has failed, and ends with one line for each.
#   test.sh             all of them
#   test.sh SUITE...    only these
source "$(dirname "$0")/lib.sh"

LOGS=$TARGET/test
rm -rf "$LOGS"
mkdir -p "$LOGS"
export LAPOR_BIN_DIR=$BIN
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}

# Worlds of the simulator: fresh ones in every run. The first seed is printed, and with a violation the command that
# replays it. About 300 s on two quiet cores, 800 s on a machine less than half as fast; fewer fail with CI=true.
SIM_WORLDS="--seeds 20000 --seconds 1200"

# Stories over real processes wait for lines and probes: two at once on two cores computed a third of the time.
STORIES_AT_ONCE=$((3 * $(nproc)))

# Suites that wait most of their time, each with the one beside which it runs: told in its own place.
declare -A BESIDE=([sim]=demo)

# Suite, seconds it may take at most, command. The order: cheap refusals first.
# `build` makes every artefact that later suites use; with the same flags, `rust` compiles nothing.
SUITES=(
    "tools|900|.ci/install.sh system"
    "tree|120|.ci/tree.sh"
    "format|120|cargo fmt --all --check"
    "deny|900|.ci/deny.sh"
    "notices|120|.ci/notices.py"
    "lint|1800|cargo clippy --workspace --all-targets --all-features --locked -- -D warnings"
    "build|2400|cargo build --workspace --all-targets --all-features --locked"
    "rust|1800|RUST_TEST_THREADS=$STORIES_AT_ONCE cargo test --workspace --all-features --locked --no-fail-fast"
    "odd-pictures|240|.ci/odd-pictures.sh"
    "asan|1800|.ci/fuzz.sh asan"
    "sim-build|1800|cargo build --profile sim -p lapor-sim -p lapor-sim-nth -p lapor-mutants --locked"
    "sim|1260|MIMALLOC_PURGE_DELAY=-1 $TARGET/sim/lapor-sim $SIM_WORLDS"
    "mutants|120|MIMALLOC_PURGE_DELAY=-1 $TARGET/sim/sim-mutants --seconds 50"
    "nth|120|$TARGET/sim/lapor-sim-nth --one-in 16 --deep-one-in 2000"
    "lab|240|.ci/lab.sh quick"
    "fleet|60|$BIN/lapor-fleet --phones 10000 --plots $TARGET/fleet"
    "kill-test|120|$BIN/lapor-kill-test --kills 1500 --seconds 25"
    "python|600|bindings/python/run_story.sh"
    "console|300|.ci/console-shot.sh"
    "schemathesis|900|.ci/schemathesis.sh"
    "demo|600|.ci/demo.sh"
)

lines=()
failed=0
total_passed=0
total_failed=0
total_skipped=0

# Suites that failed: what their logs end with is printed last, where no reader has to look for it.
whys=()

line() { lines+=("$(printf 'suite %-14s %-44s %5s s' "$1" "$2" "$3")"); }

# Names of the test programs of the package with the stories over real processes.
e2e_programs() {
    cargo metadata --no-deps --format-version 1 | python3 -c '
import json, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == "lapor-e2e":
        print(" ".join({target["name"].replace("-", "_") for target in package["targets"]}))'
}

# Counts cargo's own closing lines in two groups, the stories over real processes (e2e) and the rest
# (unit). Prints "group passed failed ignored seconds".
count_cargo() {
    awk -v programs="$(e2e_programs)" '
        BEGIN { n = split(programs, names, " "); for (i = 1; i <= n; i++) e2e[names[i]] = 1 }
        /^ +Doc-tests / { group = "unit" }
        /^ +Running .*\/deps\// {
            program = $0
            sub(/^.*\/deps\//, "", program)
            sub(/-[0-9a-f]+\)?$/, "", program)
            group = (program in e2e) ? "e2e" : "unit"
        }
        /^test result:/ {
            seen[group] = 1
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^passed/) passed[group] += $(i - 1)
                if ($i ~ /^failed/) failures[group] += $(i - 1)
                if ($i ~ /^ignored/) ignored[group] += $(i - 1)
                if ($i == "in") { s = $(i + 1); sub(/s$/, "", s); seconds[group] += s }
            }
        }
        END {
            for (g in seen)
                printf "%s %d %d %d %.0f\n", g, passed[g], failures[g], ignored[g], seconds[g]
        }
    ' "$1" | sort -r
}

# "N passed, N failed[, N skipped]" of the project's own runners.
count_plain() {
    grep -oE '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?' "$1" | tail -1 |
        awk '{ print $1, $3, ($5 == "" ? 0 : $5) }'
}

add() {
    total_passed=$((total_passed + $1))
    total_failed=$((total_failed + $2))
    total_skipped=$((total_skipped + $3))
}

is_wanted() { [ "$wanted" = "" ] || [[ " $wanted " == *" $1 "* ]]; }

declare -A begun
trap 'jobs -p | xargs -r kill 2>/dev/null || true' EXIT
begin() {
    local name=$1 limit=$2 command=$3
    timeout --kill-after=20 "$limit" bash -c "$command" </dev/null >"$LOGS/$name.log" 2>&1 &
    begun[$name]=$!
}

run() {
    local name=$1 limit=$2 command=$3 status=0 began=$SECONDS log=$LOGS/$1.log
    printf '\n==== %s: %s\n' "$name" "$command"
    # Not in this shell: a suite must not change it. The pipe keeps a log beside what is printed.
    if [ -n "${begun[$name]:-}" ]; then
        wait "${begun[$name]}" || status=$?
        cat "$log"
    else
        timeout --kill-after=20 "$limit" bash -c "$command" </dev/null 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
    fi
    local took=$((SECONDS - began))
    if [ "$status" -eq "$SKIPPED" ]; then
        line "$name" "SKIPPED: $(grep -m1 '^SKIPPED' "$log" | cut -c10-43)" "$took"
        return
    fi
    if [ "$status" -ne 0 ]; then
        failed=1
        whys+=("$name")
    fi

    local groups passed failures skipped
    if [ "$name" = rust ]; then
        groups=$(count_cargo "$log")
        while read -r group passed failures skipped took; do
            [ -n "$group" ] || continue
            line "$group" "$passed passed, $failures failed, $skipped skipped" "$took"
            add "$passed" "$failures" "$skipped"
            # A suite that ran nothing is no success.
            [ $((passed + failures)) -gt 0 ] || failed=1
        done <<<"$groups"
        if [ "$status" -ne 0 ] || [ -z "$groups" ]; then
            failed=1
            line rust "FAILED ($status): see ${log#"$ROOT"/}" "$((SECONDS - began))"
        fi
        return
    fi
    read -r passed failures skipped <<<"$(count_plain "$log")" || true
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        line "$name" "FAILED: not done after $limit s" "$took"
    elif [ "$status" -ne 0 ]; then
        line "$name" "FAILED ($status): see ${log#"$ROOT"/}" "$took"
    elif [ -n "${passed:-}" ]; then
        line "$name" "$passed passed, $failures failed, $skipped skipped" "$took"
    else
        line "$name" "ok" "$took"
    fi
    if [ -n "${passed:-}" ]; then
        add "$passed" "$failures" "$skipped"
    fi
}

wanted=$*
for suite in "${SUITES[@]}"; do
    IFS='|' read -r name limit command <<<"$suite"
    is_wanted "$name" || continue
    for other in "${SUITES[@]}"; do
        IFS='|' read -r its_name its_limit its_command <<<"$other"
        if [ "$its_name" = "${BESIDE[$name]:-}" ] && is_wanted "$its_name"; then
            begin "$its_name" "$its_limit" "$its_command"
        fi
    done
    run "$name" "$limit" "$command"
done

printf '\n'
printf '%s\n' "${lines[@]}"
printf 'total: %d passed, %d failed, %d skipped\n' "$total_passed" "$total_failed" "$total_skipped"
for name in "${whys[@]}"; do
    printf '\n%s ended with:\n' "$name"
    tail -n 12 "$LOGS/$name.log" | cut -c1-2000
done
if [ "$failed" -ne 0 ]; then
    fail "make test, after $SECONDS s"
fi
printf 'make test: ok, %d s\n' "$SECONDS"
