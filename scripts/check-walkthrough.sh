#!/usr/bin/env bash
# Follows CONTRIBUTING.md's "Add a feed in ten minutes" in a copy of the sources, so that it stays exact.
#
#   scripts/check-walkthrough.sh [DOCUMENT]     CONTRIBUTING.md by default
#
# A comment before a code block says what to do with it:
#   <!-- walkthrough: FILE -->                       the block is the whole new file
#   <!-- walkthrough-line: FILE after "TEXT" -->     the block goes below the one line of FILE that contains TEXT
#   <!-- walkthrough-run -->                         the block's commands are run in the copy, in order
#
# The copy has HyperliquidWire and its tests only: they need no dependency, so nothing is resolved and little is built.
# It is kept in .build/walkthrough and built incrementally.
set -euo pipefail
cd "$(dirname "$0")/.."
document=${1:-CONTRIBUTING.md}
copy=.build/walkthrough
targets=(HyperliquidWire HyperliquidWireTests)

mkdir -p "$copy"
rm -rf "$copy/Sources" "$copy/Tests" "$copy/Package.swift"

# A manifest with the package's own settings and only these targets, with whatever targets they depend on.
swift package dump-package | python3 -c '
import json, shutil, sys
copy, wanted = sys.argv[1], sys.argv[2:]
targets = {target["name"]: target for target in json.load(sys.stdin)["targets"]}
lines, done = [], []
while wanted:
    target = targets[wanted.pop(0)]
    if target["name"] in done:
        continue
    done.append(target["name"])
    needs = [(d.get("byName") or d.get("target"))[0] for d in target["dependencies"]]
    wanted += needs
    kind = "testTarget" if target["type"] == "test" else "target"
    folder = target.get("path") or ("Tests/" if kind == "testTarget" else "Sources/") + target["name"]
    shutil.copytree(folder, copy + "/" + folder)
    arguments = [("name", target["name"]), ("dependencies", needs), ("path", folder), ("exclude", target["exclude"])]
    lines.append("        ." + kind + "(" + ", ".join(f"{k}: {json.dumps(v)}" for k, v in arguments) + "),")
head = open("Package.swift").read().split("let package = Package(")[0]
name = "    name: \"swift-hyperliquid\", platforms: [.macOS(.v15)], targets: [\n"
tail = "    ]\n)\nfor target in package.targets { target.swiftSettings = settings }\n"
open(copy + "/Package.swift", "w").write(head + "let package = Package(\n" + name + "\n".join(lines) + "\n" + tail)
' "$copy" "${targets[@]}"

# Applies the blocks; the commands go to a file.
python3 - "$document" "$copy" <<'PYTHON'
import pathlib, re, sys

document, copy = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
marked = re.compile(r"<!-- walkthrough(?P<kind>-line|-run|): ?(?P<what>.*?)-->\n+```\w*\n(?P<block>.*?)```", re.S)
text = document.read_text().replace("<!-- walkthrough-run -->", "<!-- walkthrough-run: -->")
found = list(marked.finditer(text))
if len(found) != text.count("<!-- walkthrough"):
    sys.exit(f"{document}: a walkthrough comment is not followed by a code block")
commands = []
for match in found:
    kind, what, block = match["kind"], match["what"].strip(), match["block"]
    if kind == "-run":
        commands.append(block)
    elif kind == "":
        path = copy / what
        if not path.parent.is_dir():
            sys.exit(f"{document}: the folder of {what} does not exist; name the one where such files are")
        if path.exists():
            sys.exit(f"{document}: {what} exists already; choose an invented feed")
        path.write_text(block)
    else:
        name, after = re.fullmatch(r'(\S+) after "(.*)"', what).groups()
        path = copy / name
        if not path.is_file():
            sys.exit(f"{document}: {name} does not exist; name the file as it is called now")
        lines = path.read_text().splitlines(keepends=True)
        places = [index for index, line in enumerate(lines) if after in line]
        if len(places) != 1:
            sys.exit(f'{document}: {name} has {len(places)} lines with "{after}"; one is needed')
        lines.insert(places[0] + 1, block)
        path.write_text("".join(lines))
if not commands:
    sys.exit(f"{document}: nothing to run")
(copy / "commands.sh").write_text("set -euo pipefail\n" + "".join(commands))
PYTHON

# The walk-through's own code must be formatted like the rest.
while IFS= read -r file; do swift format lint --strict --configuration .swift-format "$copy/$file"; done \
    < <(sed -nE 's/^<!-- walkthrough(-line)?: ([^ ]+\.swift).*/\2/p' "$document")

(cd "$copy" && bash commands.sh) >"$copy/log" 2>&1 || { tail -n 60 "$copy/log"; exit 1; }
grep -E 'Test run with [1-9]' "$copy/log" >"$copy/runs" || { cat "$copy/log"; echo 'no test was run' >&2; exit 1; }
tail -n 1 "$copy/runs"
echo 'walk-through: the feed of CONTRIBUTING.md works'
