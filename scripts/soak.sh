#!/usr/bin/env bash
# Runs a client with 502 subscriptions for an hour, or the given number of seconds, against the simulated exchange in
# another process, which kills connections every three seconds. Prints the client's figures (docs/soak.md).
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-3600}
port=${2:-18390}
plan=$(mktemp)
python3 - "$seconds" >"$plan" <<'PYTHON'
import json, sys

entries = []
for second in range(3, 2 * int(sys.argv[1]), 3):
    action = {"do": "expire"} if second % 9 == 0 else {
        "do": "kill", "connection": "oldest" if second % 2 == 0 else "newest"}
    entries.append({"at_ms": second * 1000, **action})
print(json.dumps(entries))
PYTHON

swift build --build-tests
"$(swift build --show-bin-path)/hyperliquid" simulate --port "$port" --faults "$plan" --seed 1 \
    --limit dialsPerMinute=1000000 --limit messagesPerMinute=1000000 >/dev/null &
exchange=$!
trap 'kill $exchange; rm -f "$plan"' EXIT
HYPERLIQUID_SOAK_SECONDS=$seconds HYPERLIQUID_SOAK_PORT=$port swift test --skip-build --filter SoakTests
