#!/usr/bin/env bash
# Changes made by a program in the rules: which ones does no test notice? One package at a time,
# with its own tests only. Takes an hour and more; not part of `make test`.
#   cargo-mutants.sh                       the engine, then the core's store
#   cargo-mutants.sh lapor-engine [..]     one package; further arguments go to cargo-mutants
source "$(dirname "$0")/lib.sh"

tool=$(.ci/install.sh cargo-mutants)
hunt() {
    local package=$1
    shift
    # In a copy of the tree, so that an interrupted run leaves nothing behind. 2: some survived.
    "$tool" mutants --config .config/mutants.toml --package "$package" --test-package "$package" \
        --jobs 1 --no-shuffle --colors never --output "$TARGET/cargo-mutants/$package" "$@" || [ $? -eq 2 ]
    say "$package: caught $(wc -l <"$TARGET/cargo-mutants/$package/mutants.out/caught.txt")," \
        "unviable $(wc -l <"$TARGET/cargo-mutants/$package/mutants.out/unviable.txt")," \
        "timeouts $(wc -l <"$TARGET/cargo-mutants/$package/mutants.out/timeout.txt")," \
        "survived $(wc -l <"$TARGET/cargo-mutants/$package/mutants.out/missed.txt")"
}

mkdir -p "$TARGET/cargo-mutants"
if [ $# -gt 0 ]; then
    mkdir -p "$TARGET/cargo-mutants/$1"
    hunt "$@"
else
    for package in lapor-engine lapor-core; do
        mkdir -p "$TARGET/cargo-mutants/$package"
        hunt "$package"
    done
fi
