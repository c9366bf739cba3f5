#!/usr/bin/env bash
# Lines of all kinds in network namespaces of this run's own; needs root, /dev/net/tun, ip, tc and nft.
#   lab.sh quick            N0, N2, certificates, a series of cuts: about a minute
#   lab.sh [OPTION...]      everything, about 15 minutes (--only N0,N4  --long  --strict  --seed X)
# Programs are those in LAPOR_BIN_DIR (target/debug).
source "$(dirname "$0")/lib.sh"

TUS_VERSION=4.3.1

[ "$(uname -s)" = Linux ] || skip "network namespaces are Linux's"
[ "$(id -u)" -eq 0 ] || skip "network namespaces need root"
[ -c /dev/net/tun ] || skip "no /dev/net/tun in this machine"
.ci/install.sh lab || skip "ip, tc, ss, nft or curl is missing and cannot be installed"
for tool in ip tc ss nft curl nsenter unshare setpriv; do
    have "$tool" || skip "no $tool"
done
unshare --net --mount true 2>/dev/null || skip "this machine allows no network namespaces"
unshare --net nft list ruleset >/dev/null 2>&1 || skip "this kernel has no nftables"
[ -x "$BIN/lapor-lab" ] || fail "no $BIN/lapor-lab: run 'make build' first"

export LAPOR_BIN_DIR=$BIN
if [ "${1:-}" = quick ]; then
    shift
    exec "$BIN/lapor-lab" --quick "$@"
fi
# A peer that cannot be had costs its column, not the rest.
tus=()
if have node && have npm && modules=$(.ci/install.sh npm tus-js-client "$TUS_VERSION"); then
    tus=(--tus "$modules")
else
    strict && fail "no tus-js-client: it needs node and npm"
    say "SKIPPED: tus-js-client, which needs node and npm"
fi
exec "$BIN/lapor-lab" "${tus[@]}" "$@"
