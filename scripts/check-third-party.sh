#!/bin/sh
# Points the official Python SDK at `hyperliquid simulate`: its constructor, its requests, and every feed it knows.
# Needs Python 3 with pip and a package index; installs into a folder that is removed again.
# Usage: scripts/check-third-party.sh [path of the hyperliquid executable]
set -eu

cd "$(dirname "$0")/.."
executable=${1:-.build/debug/hyperliquid}
[ -x "$executable" ] || { echo "build first: swift build" >&2; exit 1; }

scratch=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT INT TERM

if [ -n "${HYPERLIQUID_SDK:-}" ]; then
    packages=$HYPERLIQUID_SDK  # The SDK is there already: the path of the folder it was installed into.
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

# It ends by itself when it is asked to.
kill -TERM "$server"
wait "$server" || { echo "the simulated exchange ended with an error" >&2; exit 1; }
server=
echo "the official Python SDK is content"
