#!/usr/bin/env bash
# Builds the documentation of the two libraries and their rooms; a broken link or a missing symbol fails.
set -euo pipefail
cd "$(dirname "$0")/.."
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

swift package --scratch-path .build dump-symbol-graph --minimum-access-level public --skip-synthesized-members \
    >"$output/log" 2>&1 || { cat "$output/log" >&2; exit 1; }
graphs=$(find .build/ -type d -name symbolgraph | head -n 1)

for room in HyperliquidWire HyperliquidEngine WebSocketTransport Hyperliquid HyperliquidSimulator; do
    mkdir -p "$output/$room"
    find "$graphs" -name "$room.symbols.json" -o -name "$room@*.symbols.json" | xargs -I{} cp {} "$output/$room/"
    docc convert "Sources/$room/Documentation.docc" --additional-symbol-graph-dir "$output/$room" \
        --fallback-display-name "$room" --fallback-bundle-identifier "hyperliquid.$room" \
        --warnings-as-errors --output-path "$output/$room.doccarchive"
done
echo 'documentation: builds without a broken link'
