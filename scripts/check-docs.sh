#!/usr/bin/env bash
# Builds the documentation of the libraries and their targets; a broken link or a missing symbol fails.
set -euo pipefail
cd "$(dirname "$0")/.."
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

swift package --scratch-path .build dump-symbol-graph --minimum-access-level public --skip-synthesized-members \
    >"$output/log" 2>&1 || { cat "$output/log" >&2; exit 1; }
graphs=$(find .build/ -type d -name symbolgraph | head -n 1)

for target in HyperliquidWire HyperliquidEngine WebSocketTransport Hyperliquid HyperliquidFoundation HyperliquidSimulator; do
    mkdir -p "$output/$target"
    find "$graphs" -name "$target.symbols.json" -o -name "$target@*.symbols.json" | xargs -I{} cp {} "$output/$target/"
    docc convert "Sources/$target/Documentation.docc" --additional-symbol-graph-dir "$output/$target" \
        --fallback-display-name "$target" --fallback-bundle-identifier "hyperliquid.$target" \
        --warnings-as-errors --output-path "$output/$target.doccarchive"
done
echo 'documentation: builds without a broken link'
