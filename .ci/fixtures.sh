#!/usr/bin/env bash
# Photos as phones make them (EXIF, GPS, thumbnail) into target/fixtures: none of them is in git. The
# same seed gives the same photo everywhere. Odd and broken pictures are made inside the tests.
source "$(dirname "$0")/lib.sh"

cargo build --quiet --workspace --all-features --locked --examples
out=$TARGET/fixtures
mkdir -p "$out"
# name, width, height, seed, EXIF orientation
while read -r name width height seed orientation; do
    printf '%s ' "$name"
    "$TARGET/debug/examples/synthesise" "$out/$name.jpg" "$width" "$height" "$seed" "$orientation"
done <<'PHOTOS'
3mp-upright 2048 1536 1 1
12mp-turned 4032 3024 2 6
12mp-upside-down 4032 3024 3 3
50mp-turned 8160 6144 4 8
PHOTOS
say "fixtures: $out"
