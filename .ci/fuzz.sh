#!/usr/bin/env bash
# The room that reads pictures, against bytes that a fuzzer makes up. All of it is instrumented, the C
# of the JPEG library too: AddressSanitizer watches, and clang tells the fuzzer what it has reached.
#   fuzz.sh run [TARGET...]   FUZZ_SECONDS (60) for each target; goes on from target/fuzz/corpus
#   fuzz.sh asan              bad files once through the C, then again with a fault planted in it
# Options of the compiler that only nightly has are switched on in the pinned one.
source "$(dirname "$0")/lib.sh"

ALL=(probe jpeg png exif icc cover encode scans single)
FUZZ=$TARGET/fuzz
ROOM=$ROOT/core/photo/fuzz
mode=${1:-run}
shift || true

tool=$(.ci/install.sh cargo-fuzz) || skip "cargo-fuzz cannot be built here"
bin=$(dirname "$tool")
export PATH=$bin:$PATH RUSTC_BOOTSTRAP=1
# The compiler's own proof: does it take the sanitizer at all?
printf 'fn main() {}\n' | rustc -Zsanitizer=address --crate-name proof -o "$(mktemp -d)/proof" - 2>/dev/null ||
    skip "this compiler cannot build with AddressSanitizer"
.ci/install.sh clang
flags="-g1 -fno-omit-frame-pointer -fsanitize=address"
if have clang && have clang++; then
    export CC=clang CXX=clang++
    flags+=,fuzzer-no-link
elif [ "$mode" = run ]; then
    say "no clang: the C is watched, but the fuzzer does not see what it reaches there"
fi

# build FOLDER [TARGET] [NAME=value]: a folder for each way, so that the next run builds nothing again.
build() {
    local into=$FUZZ/$1
    shift
    env CFLAGS="$flags" "${@:2}" cargo fuzz build --fuzz-dir "$ROOM" --target-dir "$into" ${1:+"$1"} >&2 ||
        fail "the fuzz targets do not build"
    host=$(rustc -vV | sed -n 's/^host: //p')
    programs=$into/$host/release
}

# Bad files of our own making, as a first harvest.
seeds() {
    [ -e "$FUZZ/seeds/complete" ] && return
    mkdir -p "$FUZZ/seeds"
    env -u CC -u CXX -u RUSTC_BOOTSTRAP LAPOR_ODD_PICTURES="$FUZZ/seeds" \
        cargo test --quiet --locked -p lapor-photo --all-features odd >&2
    touch "$FUZZ/seeds/complete"
}

# libFuzzer's own limits: a second input of 20 s or of 1 GB is a fault.
LIMITS=(-timeout=20 -rss_limit_mb=1024 -max_len=40000)

run() {
    local passed=0 failed=0 target from limits
    seeds
    build build
    for target in "${@:-${ALL[@]}}"; do
        [ -x "$programs/$target" ] || fail "no target '$target': there are ${ALL[*]}"
        from=$target
        case "$target" in probe | scans | single) from=jpeg ;; esac
        # The curves and tables of real profiles are in the seeds; a longer one only takes longer.
        limits=("${LIMITS[@]}")
        [ "$target" != icc ] || limits+=(-max_len=4096)
        mkdir -p "$FUZZ/corpus/$target" "$FUZZ/seeds/$from" "$FUZZ/artifacts"
        say "fuzz $target: ${FUZZ_SECONDS:-60} s"
        if "$programs/$target" "${limits[@]}" -max_total_time="${FUZZ_SECONDS:-60}" \
            -artifact_prefix="$FUZZ/artifacts/$target-" "$FUZZ/corpus/$target" "$FUZZ/seeds/$from" \
            >"$FUZZ/$target.log" 2>&1; then
            say "  $(grep -E 'DONE' "$FUZZ/$target.log" | tail -1)"
            passed=$((passed + 1))
        else
            grep -E 'panicked|ERROR|SUMMARY|Test unit written' -A2 "$FUZZ/$target.log" | head -20
            say "  FAILED: see $FUZZ/$target.log; the input is in $FUZZ/artifacts"
            failed=$((failed + 1))
        fi
    done
    say "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

# The own decoders leave few files to the C; what holds them against it shows it all of them.
WATCHED=(jpeg single scans)

asan() {
    local files target
    seeds
    for target in "${WATCHED[@]}"; do build build "$target"; done
    files=$(find "$FUZZ/seeds/jpeg" -type f | wc -l)
    [ "$files" -gt 500 ] || fail "only $files bad files: something is wrong with the seeds"
    for target in "${WATCHED[@]}"; do
        "$programs/$target" "${LIMITS[@]}" -runs=0 "$FUZZ/seeds/jpeg" >"$FUZZ/asan-$target.log" 2>&1 ||
            fail "AddressSanitizer found something: see $FUZZ/asan-$target.log"
    done
    # Begins with a copy: everything but the room itself is the same.
    [ -d "$FUZZ/planted" ] || cp -a "$FUZZ/build" "$FUZZ/planted"
    build planted single LAPOR_PLANTED_OVERFLOW=1
    if "$programs/single" "${LIMITS[@]}" -runs=0 -artifact_prefix="$FUZZ/planted-" "$FUZZ/seeds/jpeg" >"$FUZZ/planted.log" 2>&1; then
        fail "the planted overflow was not seen: AddressSanitizer is not looking"
    fi
    grep -q 'AddressSanitizer: heap-buffer-overflow' "$FUZZ/planted.log" &&
        grep -q 'in lapor_decoder_row' "$FUZZ/planted.log" ||
        fail "the run with a planted overflow ended for another reason: see $FUZZ/planted.log"
    say "$files bad files through the C, clean; the planted overflow was seen in lapor_decoder_row"
    say "2 passed, 0 failed"
}

case "$mode" in
run) run "$@" ;;
asan) asan ;;
*) fail "usage: fuzz.sh [run [TARGET...] | asan]" ;;
esac
