#!/usr/bin/env bash
# The photo room beside its peers, in the profile that ships: `bench NAME key=value ...`, a line each.
#   bench-photo.sh [budget] [plain] [memory]     PHOTOS=folder takes JPEG files of yours (8 or more)
# budget is time-300, time-150 and look: the times want a quiet machine, the looks a patient one.
#   bench-photo.sh dimension                     smaller pictures: where they look better, what was chosen
# BENCH_CHECK=1 fails where memory, fill or look is not what is wanted; times never make it fail.
# Without PHOTOS: scenes that the project draws, and for budget and dimension also photographs under free
# licences out of a Debian package. PHOTOGRAPHS=no leaves those out.
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
"$TARGET/release/lapor-bench-photo" "$@"

# CC0, CC BY 4.0 and CC BY-SA 4.0, as the package's own list of copyrights says; made by people with
# cameras and phones, put through their own programs (most are progressive). Nothing of it is in git.
PACKAGE=lomiri-wallpapers-16.04
VERSION=20.04.0-2
SHA256=a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab
photographs() {
    local home=$TARGET/bench/photographs-$VERSION
    if [ ! -e "$home/complete" ]; then
        have apt-get && have dpkg-deb || return 1
        rm -rf "$home"
        mkdir -p "$home/part" "$home/photographs"
        (cd "$home/part" && apt-get download -q "$PACKAGE=$VERSION") >&2 || return 1
        local package
        package=$(find "$home/part" -name '*.deb' | head -1)
        printf '%s  %s\n' "$SHA256" "$package" | sha256sum --check --quiet >&2 || return 1
        dpkg-deb -x "$package" "$home/part/tree"
        # One of them has fewer pixels than a picture may have.
        find "$home/part/tree" -name '*.jpg' ! -name 'Picture_1A*' -exec cp {} "$home/photographs" \;
        cp "$home"/part/tree/usr/share/doc/*/copyright "$home/photographs"
        rm -rf "$home/part"
        touch "$home/complete"
    fi
    FOLDER=$home/photographs
}

[ -z "${PHOTOS:-}" ] && [ "${PHOTOGRAPHS:-}" != no ] || exit 0
words=()
for word in "${@:-budget}"; do
    case "$word" in plain | memory) ;; *) words+=("$word") ;; esac
done
[ ${#words[@]} -gt 0 ] || exit 0
photographs || skip "bench-photo: the photographs of $PACKAGE $VERSION cannot be fetched (the scenes were measured)"
export PHOTOS=$FOLDER BENCH_DIR=$TARGET/bench/photographs
mkdir -p "$BENCH_DIR"
exec "$TARGET/release/lapor-bench-photo" "${words[@]}"
