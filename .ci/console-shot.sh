#!/usr/bin/env bash
# The sandbox's console as a person sees it: three reports arrive, headless Chromium shows them.
# Checks the page's text, then takes target/console.png.
source "$(dirname "$0")/lib.sh"

browser=
for name in chromium chromium-browser google-chrome; do
    if have "$name"; then
        browser=$name
        break
    fi
done
[ -n "$browser" ] || skip "console: no Chromium (apt-get install chromium)"

begin_work
start_gateway --store "$WORK/gateway.sqlite"
page=$GATEWAY/console

passed=0
failed=0
check() {
    if eval "$2"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'console: not true: %s\n' "$1" >&2
    fi
}

# Nothing of it goes to the network: no updates, no look-ups, a profile of its own.
look() {
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-dev-shm-usage --disable-background-networking --disable-component-update \
        --disable-sync --hide-scrollbars --user-data-dir="$WORK/profile" \
        --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' "$@" 2>"$WORK/chromium.log" ||
        { cat "$WORK/chromium.log" >&2; fail "Chromium did not show the page"; }
}

seeded=$(python3 .ci/gateway.py "$GATEWAY" seed)
look --dump-dom "$page" >"$WORK/console.html"

while IFS=$'\t' read -r number title; do
    check "the page names #$number" "grep -qF '$number' '$WORK/console.html'"
    check "the page shows '$title'" "grep -qF '$title' '$WORK/console.html'"
done <<<"$seeded"
check "the page has a picture" "grep -q '<img' '$WORK/console.html'"
check "the page runs no script of anybody else" "! grep -qE '(src|href)=.https?://' '$WORK/console.html'"

shot=$TARGET/console.png
rm -f "$shot"
look --window-size=1280,1600 --screenshot="$shot" "$page" >/dev/null
check "the screenshot is a PNG of more than 20 kB" \
    "[ \"\$(head -c 4 '$shot' | tail -c 3)\" = PNG ] && [ \"\$(stat -c %s '$shot')\" -gt 20000 ]"

say "console: $shot"
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
