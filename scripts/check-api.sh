#!/usr/bin/env bash
# Compares what the libraries offer to users with the committed lists, so that the public interface changes on purpose.
#
#   scripts/check-api.sh              fails when docs/api/*.txt is not what `import` offers
#   scripts/check-api.sh --update     writes docs/api/*.txt
#
# Uses the symbol graphs that scripts/check-docs.sh has written if no source is newer, and else writes them. Symbols
# whose name, or whose container's, begins with an underscore are public for the compiler only and left out.
set -euo pipefail
cd "$(dirname "$0")/.."

graphs() { find .build/ -type d -name symbolgraph -not -path '*/walkthrough/*' | head -n 1; }
folder=$(graphs)
newest=$([ -z "$folder" ] || find "$folder" -name 'Hyperliquid.symbols.json')
if [ -z "$newest" ] || [ -n "$(find Sources Package.swift -newer "$newest" \( -name '*.swift' \) -print -quit)" ]; then
    log=$(mktemp)
    swift package --scratch-path .build dump-symbol-graph --minimum-access-level public --skip-synthesized-members \
        >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    rm "$log"
    folder=$(graphs)
fi

python3 - "$folder" "${1:-}" <<'PYTHON'
import difflib
import json
import sys
from pathlib import Path

# What `import` of a library offers: its own module, and those that it exports again.
LIBRARIES = {
    "Hyperliquid": ["Hyperliquid", "HyperliquidWire"],
    "HyperliquidFoundation": ["HyperliquidFoundation"],
    "HyperliquidSimulator": ["HyperliquidSimulator"],
}
# Attributes that only help the optimiser, or are the package's default.
UNTOLD = {"@inlinable", "@frozen", "@safe", "nonisolated(nonsending)"}
graphs, update = Path(sys.argv[1]), sys.argv[2] == "--update"
if sys.argv[2] not in ("", "--update"):
    sys.exit("usage: scripts/check-api.sh [--update]")


def lines(module):
    for path in sorted(graphs.rglob("*.symbols.json")):
        if path.name.removesuffix(".symbols.json").split("@")[0] != module:
            continue
        for symbol in json.loads(path.read_text(encoding="utf-8"))["symbols"]:
            components = symbol["pathComponents"]
            if symbol["accessLevel"] not in ("public", "open") or any(name.startswith("_") for name in components):
                continue
            declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
            words = [word for word in declaration.split() if word not in UNTOLD]
            yield ".".join(components) + "  " + " ".join(words)


failed = False
for library, modules in LIBRARIES.items():
    offered = sorted({line for module in modules for line in lines(module)})
    if not offered:
        sys.exit(f"no public symbol of {library} was found below {graphs}")
    path = Path(f"docs/api/{library}.txt")
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(offered) + "\n", encoding="utf-8")
        print(f"api: {path} has {len(offered)} symbols")
        continue
    known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    changes = [line for line in difflib.ndiff(known, offered) if line[0] in "+-"]
    for line in changes:
        print(f"{path}: {line}")
    failed = failed or bool(changes)
if failed:
    sys.exit("the public interface is not the committed one; if that is meant, run scripts/check-api.sh --update")
if not update:
    print("api: the public interface is the committed one")
PYTHON
