#!/usr/bin/env bash
# The console as a browser shows it: a seeded sandbox, headless Chromium, the page's own DOM.
# Writes target/console.png; `console-shot.sh --keep` also renews the README's picture.
source "$(dirname "$0")/lib.sh"

KEPT=tests/sandbox/console/screenshot.png
SHOT=$TARGET/console.png

browser=
for name in chromium chromium-browser google-chrome; do
    if have "$name"; then
        browser=$name
        break
    fi
done
[ -n "$browser" ] || skip "no Chromium: the console was not looked at (apt-get install chromium)"

begin_work
start_gateway --check-contract
"$BIN/lapor-sandbox" seed --url "$GATEWAY"

# call METHOD PATH [BODY]: one of the sandbox's own calls; prints the answer.
call() {
    python3 - "$GATEWAY$2" "$1" "${3:-}" <<'PYTHON'
import sys, urllib.request
url, method, body = sys.argv[1:]
# No proxy, whatever the surroundings say: this is loopback.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
request = urllib.request.Request(url, body.encode() or None, {"Content-Type": "application/json"}, method=method)
print(opener.open(request, timeout=30).read().decode())
PYTHON
}

# Something for the journal and the list of switches: an answer lost after commit, then a portal.
lose='[{"route":"create","lose_answer":true,"times":1,"after":3},{"route":"*","portal":true,"times":1,"after":8},
       {"route":"upload_patch","cut_request_after":65536,"bandwidth":20000}]'
call PUT /sandbox/faults "$lose" >/dev/null
for expected in "a lost answer" "a portal"; do
    if "$BIN/lapor-sandbox" seed --url "$GATEWAY" >>"$WORK/second.log" 2>&1; then
        fail "$expected did not disturb anything"
    fi
done

# A new profile each time; nothing but this page over the network.
browse() {
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --disable-dev-shm-usage --disable-lcd-text --hide-scrollbars --user-data-dir="$WORK/profile-$RANDOM" \
        "$@" 2>>"$WORK/browser.log" || { tail -20 "$WORK/browser.log" >&2; fail "$browser did not come back"; }
}

checks=0
has() {
    grep -qF -- "$2" "$1" || fail "the page does not show: $2"
    checks=$((checks + 1))
}

page=$WORK/page.html
browse --dump-dom "$GATEWAY/sandbox" >"$page"
call GET /sandbox/reports >"$WORK/reports.json"
ids=$(grep -oE '"tracking_id":"[0-9]+"' "$WORK/reports.json" | grep -oE '[0-9]+')
[ "$(wc -w <<<"$ids")" -eq 4 ] || fail "four reports were seeded, these came: $ids"
for id in $ids; do
    has "$page" "#$id"
done
has "$page" "missing 2 of 2 attachments"
has "$page" "missing 1 of 1 attachments"
has "$page" "Belum Terverifikasi"
has "$page" "Terdisposisi Sedang Diproses"
has "$page" "Tim kami menambal lubang besok pagi."
has "$page" "lose_answer, connection cut"
has "$page" "portal"
has "$page" "cut_request_after 65536"
grep -q '<script' "$page" && fail "the page has a script"

# The pictures really are pictures: a page of our own asks the browser for their width.
mapfile -t pictures < <(grep -oE '<img src="/sandbox/attachments/[^"]+"' "$page" | cut -d'"' -f2)
[ ${#pictures[@]} -ge 2 ] || fail "two pictures arrived complete, the page shows ${#pictures[@]}"
{
    printf '<!DOCTYPE html><body>'
    for picture in "${pictures[@]}"; do
        printf '<img src="%s" onload="this.alt = this.naturalWidth">' "$GATEWAY$picture"
    done
} >"$WORK/pictures.html"
browse --virtual-time-budget=5000 --dump-dom "file://$WORK/pictures.html" >"$WORK/pictures.dom"
for picture in "${pictures[@]}"; do
    grep -oE "<img [^>]*$picture[^>]*>" "$WORK/pictures.dom" | grep -qE 'alt="[1-9][0-9]*"' ||
        fail "the browser cannot show $picture"
    checks=$((checks + 1))
done

call GET /sandbox/violations >"$WORK/violations.json"
has "$WORK/violations.json" '"checked":true'
has "$WORK/violations.json" '"violations":[]'

browse --screenshot="$SHOT" --window-size=1280,1560 "$GATEWAY/sandbox" >>"$WORK/browser.log"
[ -s "$SHOT" ] || fail "no screenshot was written"
[ "$(head -c 4 "$SHOT" | od -An -tx1 | tr -d ' ')" = 89504e47 ] || fail "$SHOT is no PNG"
checks=$((checks + 1))
browse --screenshot="$TARGET/console-phone.png" --window-size=500,1600 "$GATEWAY/sandbox" >>"$WORK/browser.log"
# Rewrites an RGB PNG with a palette: its most frequent colours, the others by the nearest of them.
in_256_colours() {
    python3 - "$1" <<'PYTHON'
import struct, sys, zlib
from collections import Counter

name = sys.argv[1]
content, at, packed = open(name, "rb").read(), 8, b""
while at < len(content):
    length, kind = struct.unpack(">I4s", content[at : at + 8])
    part = content[at + 8 : at + 8 + length]
    at += 12 + length
    if kind == b"IHDR":
        width, height, bits, colour = struct.unpack(">IIBB", part[:10])
        assert (bits, colour) == (8, 2), "Chromium writes 8-bit RGB"
    elif kind == b"IDAT":
        packed += part
raw, stride, above, pixels = zlib.decompress(packed), width * 3, bytes(width * 3), []
for y in range(height):
    start = y * (stride + 1)
    how, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
    for i in range(stride if how else 0):
        left, up, corner = (row[i - 3] if i > 2 else 0), above[i], (above[i - 3] if i > 2 else 0)
        guess = left + up - corner
        paeth = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
        row[i] = (row[i] + (0, left, up, (left + up) // 2, paeth)[how]) & 255
    above = bytes(row)
    pixels.append([above[i : i + 3] for i in range(0, stride, 3)])
counted = Counter(pixel for row in pixels for pixel in row)
palette = [colour for colour, _ in counted.most_common(256)]
nearest = {
    colour: min(range(len(palette)), key=lambda i: sum((a - b) ** 2 for a, b in zip(colour, palette[i])))
    for colour in counted
}
lines = b"".join(b"\0" + bytes(nearest[pixel] for pixel in row) for row in pixels)


def chunk(kind, part):
    return struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))


with open(name, "wb") as out:
    out.write(content[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)))
    out.write(chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))
PYTHON
}

if [ "${1:-}" = --keep ]; then
    cp "$SHOT" "$KEPT"
    in_256_colours "$KEPT"
    [ "$(wc -c <"$KEPT")" -lt 200000 ] || fail "$KEPT has 200 KB or more"
fi
say "console: $checks passed, 0 failed"
