#!/usr/bin/env bash
# Photos as cameras make them and pictures as trouble makes them, into target/fixtures: none of them
# is in git. The program is deterministic: the same photos everywhere.
source "$(dirname "$0")/lib.sh"
exec cargo run --quiet --locked -p lapor-e2e --bin lapor-fixtures -- "$TARGET/fixtures"
