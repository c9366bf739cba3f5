#!/usr/bin/env bash
# The photo room beside its peers, in the profile that ships: `bench NAME key=value ...`, a line each.
#   bench-photo.sh [budget] [plain] [memory]     PHOTOS=folder takes JPEG files of yours (8 or more)
# budget is time-300, time-150 and look: the times want a quiet machine, the looks a patient one.
#   bench-photo.sh dimension                     the looks of smaller pictures, budget by budget
source "$(dirname "$0")/lib.sh"

have node && have npm || skip "bench-photo: no node (apt-get install nodejs npm)"
if ! have vipsthumbnail; then
    if [ "$(id -u)" -eq 0 ] && have apt-get; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libvips-tools
    fi
    have vipsthumbnail || skip "bench-photo: no libvips (apt-get install libvips-tools)"
fi
SHARP_DIR=$(.ci/install.sh npm sharp 0.35.5)
cargo build --quiet --release --locked -p lapor-cli -p lapor-bench-photo
export SHARP_DIR LAPOR=$TARGET/release/lapor BENCH_DIR=$TARGET/bench
mkdir -p "$BENCH_DIR"
exec "$TARGET/release/lapor-bench-photo" "$@"
