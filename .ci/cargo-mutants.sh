#!/usr/bin/env bash
# Changes made by a program in the rules: which ones does no test notice? One package at a time,
# with its own tests only. Not part of `make test`.
#   cargo-mutants.sh                      the engine, then the core's store
#   cargo-mutants.sh lapor-engine         one package
#   cargo-mutants.sh lapor-engine FILE    only the changes whose names stand in FILE
# cargo-mutants says what it would change. All of that is woven into one build, each change behind
# a number that the tests are started with; only what cannot stand behind a switch, a constant above
# all, is built by itself (`tests/changes`). Ends well when every change that survives is explained
# in core/engine/MUTANTS.md by its name. JOBS=2: two test processes at a time.
source "$(dirname "$0")/lib.sh"

tool=$(.ci/install.sh cargo-mutants)
place=$TARGET/cargo-mutants
explained=core/engine/MUTANTS.md
# Left to the whole suite: what takes seconds and holds no rule of these rooms.
declare -A skips=(
    [lapor-engine]=""
    [lapor-core]="--skip while_another_process --skip whichever_page --skip the_wal_stays"
)

# A copy of the tree that may be spoilt. Only what differs is copied, so that the builds stay fresh.
refresh() {
    git ls-files -z | while IFS= read -r -d '' file; do
        [ -f "$file" ] || continue
        cmp -s "$file" "$1/$file" || { mkdir -p "$1/$(dirname "$file")" && cp "$file" "$1/$file"; }
    done
}

# A row of the table explains one survivor: | `file` | `change` | why |
unexplained() {
    local name file change row
    local -A seen=()
    while IFS= read -r name; do
        file=${name%%:*}
        change=${name#*: }
        row="| \`${file##*/src/}\` | \`${change//|/\\|}\` |"
        seen[$row]=$((${seen[$row]:-0} + 1))
        [ "$(grep -cF "$row" "$explained")" -ge "${seen[$row]}" ] || printf '%s\n' "$name"
    done
}

count() { wc -l <"$1"; }

hunt() {
    local package=$1 only=${2:-} out=$place/$1 tree=$place/$1/tree
    local found=$out/found
    mkdir -p "$tree" "$found"
    refresh "$tree"
    local -x CARGO_TARGET_DIR=$out/build
    local cargo_mutants=("$tool" mutants --config "$ROOT/.config/mutants.toml"
        --dir "$tree" --package "$package" --colors never)
    "${cargo_mutants[@]}" --list --json >"$out/list.json"
    # Most of a test's time here is the disk's sync, which no change is found by.
    local -x TMPDIR=$WORK
    # A changed rule may ask for endless memory, or write endlessly: neither is the machine's trouble.
    # shellcheck disable=SC2086
    (ulimit -v 12000000 && nice "$changes" "$package" --tree "$tree" --list "$out/list.json" --out "$found" \
        --jobs "${JOBS:-1}" ${only:+--only "$only"} -- ${skips[$package]})
    unexplained <"$found/survived.txt" >"$out/unexplained.txt"
    say "$package: $(asked "$out/list.json" "$only") changes:" \
        "caught $(count "$found/caught.txt")," \
        "hung $(count "$found/hung.txt")," \
        "compile nowhere $(count "$found/unviable.txt")," \
        "survived and explained $(($(count "$found/survived.txt") - $(count "$out/unexplained.txt")))," \
        "survived $(count "$out/unexplained.txt")"
    cat "$out/unexplained.txt"
    [ ! -s "$out/unexplained.txt" ] || bad=1
}

# How many changes were asked for.
asked() {
    if [ -n "$2" ]; then wc -l <"$2"; else python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))))' "$1"; fi
}

begin_work
if [ -w /dev/shm ]; then
    rm -rf "$WORK"
    WORK=$(mktemp -d -p /dev/shm)
fi
chmod 755 "$WORK"
cargo build -q -p lapor-changes --locked
changes=$BIN/changes
bad=0
if [ $# -gt 0 ]; then
    hunt "$@"
else
    hunt lapor-engine
    hunt lapor-core
fi
[ $bad -eq 0 ] || fail "changes that no test notices and nobody explains"
