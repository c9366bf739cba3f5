#!/usr/bin/env bash
# The odd JPEG and PNG files that Pillow keeps for its own tests, by the whole way of a picture: each
# ends soon in a picture or a typed error, none in a panic. Its source package is fetched from PyPI
# into target/ and is not in git. Bad files of our own making are part of the Rust tests.
source "$(dirname "$0")/lib.sh"

PILLOW=11.3.0
home=$TARGET/odd-pictures/pillow-$PILLOW
if [ ! -e "$home/complete" ]; then
    rm -rf "$home"
    mkdir -p "$home/images" "$home/part"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary Pillow \
        --dest "$home/part" "Pillow==$PILLOW" >"$home/log" 2>&1 || true
    archive=$(find "$home/part" -name '*.tar.gz' | head -1)
    [ -n "$archive" ] || skip "Pillow's source package cannot be fetched: $(tail -1 "$home/log" | cut -c1-120)"
    tar -xzf "$archive" -C "$home/part"
    find "$home/part" -path '*/Tests/images/*' -type f \
        \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' -o -iname '*.jpe' \) -print0 |
        while IFS= read -r -d '' file; do
            cp "$file" "$home/images/$(sed 's|.*/Tests/images/||; s|/|-|g' <<<"$file")"
        done
    rm -rf "$home/part"
    touch "$home/complete"
fi
[ -x "$TARGET/debug/examples/odd_pictures" ] || cargo build --quiet --locked -p lapor-photo --all-features --examples
"$TARGET/debug/examples/odd_pictures" "$home/images"
