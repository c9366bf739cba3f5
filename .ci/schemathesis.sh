#!/usr/bin/env bash
# Generated requests, valid and broken, at the sandbox: it must keep its own contract.
# EXAMPLES, a number an operation, can be raised for a longer look.
source "$(dirname "$0")/lib.sh"

have python3 || skip "schemathesis: no python3"
home=$(.ci/install.sh venv schemathesis .ci/schemathesis.txt)
begin_work
start_gateway

# Signs in with nothing but Python: the client of this project is not what is tested here.
token() {
    python3 - "$GATEWAY" "$1" <<'PYTHON'
import json
import sys
import urllib.request

address, user = sys.argv[1:]
body = json.dumps({"user": user, "password": "rahasia123"}).encode()
headers = {"Content-Type": "application/json", "Lapor-Contract": "1", "Lapor-Request": "sign-in"}
request = urllib.request.Request(f"{address}/v1/session", body, headers, method="POST")
with urllib.request.urlopen(request, timeout=10) as answer:
    print(json.load(answer)["access_token"])
PYTHON
}

status=0
# A name for the report, then which operations. Signing out is tried last and with a token of its
# own: it would end the session of every other request.
look() {
    local name=$1 bearer
    bearer=$(token "$2")
    shift 2
    # In the working folder: it writes a cache where it runs.
    (cd "$WORK" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$ROOT/.ci "$home/bin/schemathesis" \
        --config-file "$ROOT/.ci/schemathesis.toml" run "$ROOT/core/contract/openapi.yaml" \
        --url "$GATEWAY" --header "Authorization: Bearer $bearer" --seed 17 \
        --max-examples "${EXAMPLES:-40}" --request-timeout 10 --workers 1 --no-color \
        --report junit --report-junit-path "$WORK/$name.xml" "$@") || status=1
}
look session siti --include-operation-id signOut
look all budi --exclude-operation-id signOut

# One closing line for both: an operation that kept its contract has passed.
python3 - "$WORK"/*.xml <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

cases = [case for path in sys.argv[1:] for case in tree.parse(path).iter("testcase")]
failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
skipped = sum(1 for case in cases if case.find("skipped") is not None)
print(f"{len(cases) - failed - skipped} passed, {failed} failed, {skipped} skipped")
sys.exit(0 if cases else "FAILED: no operation was tried")
PYTHON
[ "$status" -eq 0 ] || fail "the sandbox breaks its contract"
