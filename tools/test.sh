#!/usr/bin/env bash
# Runs the tests in two processes side by side: one computes, the other waits for the emulated cloud most of the time.
# Takes further folders of tests for the second one, which runs them first. Fails if either does.
set -euo pipefail
cd "$(dirname "$0")/.."
# what tests make of make is not a part of the make that runs them
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS
python=.venv/bin/python
log=$(mktemp)
"$python" -m pytest "$@" tests/cloak tests/localcloud tests/cloud tests/e2e </dev/null >"$log" 2>&1 &
beside=$!
trap 'kill "$beside" 2>/dev/null || true; wait "$beside" 2>/dev/null || true; rm -f "$log"' EXIT
echo "tests against the emulated cloud run beside; what they say follows"
failed=0
"$python" -m pytest tests/architecture tests/unit || failed=1
wait "$beside" || failed=1
cat "$log"
exit "$failed"
