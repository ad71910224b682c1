#!/bin/sh
# Builds the client and the peers, runs them in turns against the same feed server, and prints the tables.
# Options are passed to compare.py: --rounds N, --mixes l2Book,bbo, --scale 0.1 for a short run, --latency.
set -e
cd "$(dirname "$0")"
swift build -c release --product throughput
[ -x Peers/.build/beast-client ] && [ -x Peers/.build/python/bin/python ] || Peers/install.sh
exec Peers/.build/python/bin/python compare.py "$@"
