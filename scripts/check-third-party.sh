#!/bin/sh
# Tests the simulated exchange with the official Python SDK: its constructor, its requests and all its feeds.
# Needs Python 3 with pip and a package index. Installs the SDK into a temporary folder.
# Usage: scripts/check-third-party.sh [path of the hyperliquid executable]
set -eu

cd "$(dirname "$0")/.."
executable=${1:-.build/debug/hyperliquid}
[ -x "$executable" ] || { echo "build first: swift build" >&2; exit 1; }

scratch=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT INT TERM

if [ -n "${HYPERLIQUID_SDK:-}" ]; then
    packages=$HYPERLIQUID_SDK  # The folder of an SDK that is already installed.
else
    packages=$scratch/packages
    timeout 300 python3 -m pip install --quiet --target "$packages" hyperliquid-python-sdk
fi

"$executable" simulate --port 0 > "$scratch/ready" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q '^ready ' "$scratch/ready" && break
    sleep 1
done
address=$(sed -n 's|^ready ws://\(.*\)/ws$|\1|p' "$scratch/ready")
[ -n "$address" ] || { echo "the simulated exchange did not start" >&2; exit 1; }

PYTHONPATH=$packages timeout 120 python3 scripts/check_third_party.py "http://$address"

# The exchange ends in order on SIGTERM.
kill -TERM "$server"
wait "$server" || { echo "the simulated exchange ended with an error" >&2; exit 1; }
server=
echo "the official Python SDK works with the simulated exchange"
