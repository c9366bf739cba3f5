#!/usr/bin/env bash
# What no compiler refuses: the shape of the repository, and what must not be in it.
source "$(dirname "$0")/lib.sh"

bad=0
refuse() {
    bad=$((bad + 1))
    printf 'refused: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '%s\n' "$2" | head -20 | sed 's/^/    /' >&2
}

checks=0
# name, what was found: nothing is good
expect_none() {
    checks=$((checks + 1))
    [ -z "$2" ] || refuse "$1" "$2"
}

# Tracked, and still there: a file that is being deleted is no finding.
mapfile -d '' files < <(git ls-files -z | while IFS= read -r -d '' f; do [ ! -f "$f" ] || printf '%s\0' "$f"; done)

expect_none "files over 1 MiB: generate them instead" \
    "$(find "${files[@]}" -maxdepth 0 -size +1048576c)"

expect_none "something new at the top level" \
    "$(git ls-files | cut -d/ -f1 | sort -u | grep -vxE \
        'core|bindings|android|ios|tests|\.ci|\.config|Cargo\.(toml|lock)|Makefile|(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG)\.md|LICENSE|deny\.toml|clippy\.toml|rustfmt\.toml|rust-toolchain\.toml|\.gitignore|\.gitattributes' || true)"

# Brackets keep the patterns from finding themselves. Cargo.lock has its own check below.
search() { git grep -nIE "$1" -- ':!Cargo.lock' "${@:2}" || true; }
# The accounts of the sandbox may have a home in tests.
expect_none "a path of somebody's machine" \
    "$(search '(^|[^[:alnum:]_.])/(r[o]ot|h[o]me|w[o]rk|Us[e]rs)/' |
        grep -vE '/h[o]me/(siti|budi|ayu|made)/' || true)"
expect_none "the address of a package mirror" \
    "$(search '(ind[e]x-url|extra-ind[e]x|repl[a]ce-with|GOPR[O]XY=|registry *= *"(http|sparse))')"
# Not in Rust, where tests of what plain HTTP may reach name such addresses, and not in what portals answer.
expect_none "an address in a private network" \
    "$(search 'https?://(10\.[0-9]|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)' ':!*.rs' ':!tests/fixtures/answers')"
expect_none "a secret" \
    "$(search '(BEG[I]N [A-Z ]*PRIV[A]TE KEY|gh[p]_[A-Za-z0-9]{20}|AK[I]A[0-9A-Z]{16})')"

expect_none "a package that is not from crates.io" \
    "$(grep -nE '^source = ' Cargo.lock | grep -vF '"registry+https://github.com/rust-lang/crates.io-index"' || true)"

# cargo-deny reads this graph too; here without a file of settings that somebody could loosen.
shipped=$(cargo tree -p lapor-ffi -e normal --target all --prefix none -f '{p}: {l}' --locked) ||
    refuse "the lock file does not fit the manifests"
expect_none "a licence of the GPL family in what ships" \
    "$(grep -E '(A|L)?GPL' <<<"$shipped" | grep -v ' OR ' | sort -u || true)"

# C is called in few rooms; each says why at the allow. A test's own fault injection may too.
expect_none "unsafe outside the rooms that wrap C" \
    "$(git grep -lE 'allow\(\s*unsafe_code|^\s*unsafe_code,' -- '*.rs' |
        grep -vE '^(core/sqlite3mc|core/photo|bindings|tests)/' || true)"

expect_none "generated bindings" \
    "$(git ls-files | grep -E '\.(so|dylib|a|aar|jar|xcframework|pyc|class|o)$|uniffi/.*\.kt$|lapor_ffi\.py$' || true)"

expect_none "what would make the same seed another schedule: clocks, dice, rows and collections without an order" \
    "$(.ci/same-again.py 2>&1 || true)"

expect_none "a Rust file far beyond one subject (600 lines)" \
    "$(git ls-files '*.rs' | while read -r f; do [ -f "$f" ] && wc -l "$f"; done | awk '$1 > 600')"

say "$((checks - bad)) passed, $bad failed"
[ "$bad" -eq 0 ]
