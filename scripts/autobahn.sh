#!/bin/bash
# Puts the transport's two sides through Autobahn's test suite and prints every case that is not passed.
#
# The suite is for Python 2: PYTHON2 names it, python2 by default; its packages come once, with
#   python2 -m pip install autobahntestsuite==0.8.2
# Usage: scripts/autobahn.sh [client|server]   (both by default)
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON2:-python2}
sides=${1:-client server}
port=${AUTOBAHN_PORT:-9471}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT
suite=("$python" -c 'from autobahntestsuite.wstest import run; run()')
# 12 and 13 are compression, which is not offered.
cases='"cases": ["*"], "exclude-cases": ["12.*", "13.*"], "exclude-agent-cases": {}'

await_port() {
    for _ in $(seq 300); do
        if (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then return; fi
        sleep 0.1
    done
    echo "nobody listens on port $port" >&2
    return 1
}

report() { # SIDE
    "$python" - "$folder/$1/index.json" "$1" <<'EOF'
import json, sys
cases = list(json.load(open(sys.argv[1])).values())[0]
passed = ("OK", "NON-STRICT", "INFORMATIONAL")
key = lambda name: [int(part) for part in name.split(".")]
bad = [n for n in sorted(cases, key=key)
       if cases[n]["behavior"] not in passed or cases[n]["behaviorClose"] not in passed]
counts = {}
for case in cases.values():
    counts[case["behavior"]] = counts.get(case["behavior"], 0) + 1
sys.stdout.write("%s: %d cases, %s\n" % (sys.argv[2], len(cases), json.dumps(counts, sort_keys=True)))
for name in bad:
    sys.stdout.write("  %s %s, close %s\n" % (name, cases[name]["behavior"], cases[name]["behaviorClose"]))
sys.exit(1 if bad else 0)
EOF
}

swift build --product WebSocketConformance
conformance=$(swift build --show-bin-path)/WebSocketConformance
status=0
for side in $sides; do
    if [ "$side" = client ]; then
        echo "{\"url\": \"ws://127.0.0.1:$port\", \"outdir\": \"$folder/client\", $cases}" > "$folder/server.json"
        "${suite[@]}" -m fuzzingserver -w "ws://127.0.0.1:$port" -u 0 -s "$folder/server.json" > "$folder/server.log" 2>&1 &
        peer=$!
        await_port
        "$conformance" client --agent ours "ws://127.0.0.1:$port" || status=1
    else
        "$conformance" server "$port" &
        peer=$!
        await_port
        servers="[{\"agent\": \"ours\", \"url\": \"ws://127.0.0.1:$port\", \"options\": {\"version\": 18}}]"
        echo "{\"servers\": $servers, \"outdir\": \"$folder/server\", $cases}" > "$folder/client.json"
        "${suite[@]}" -m fuzzingclient -s "$folder/client.json" > "$folder/fuzzing.log" 2>&1
    fi
    kill "$peer"
    wait "$peer" 2> /dev/null || true
    report "$side" || status=1
done
exit $status
