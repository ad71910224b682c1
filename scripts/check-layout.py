#!/usr/bin/env python3
"""Checks that the sources stay easy to find one's way in: sizes of folders, files and functions.

The limits are at the top. An exception is named there with its reason; one that is no longer needed is an error too.

Usage: scripts/check-layout.py [ROOT]"""

import re
import sys
from pathlib import Path

MOST_FILES = 270  # below Sources
MOST_LINES = 400  # per source file
FEWEST_LINES = 40  # per source file
MOST_FILES_IN_FOLDER = 15  # Swift files, subfolders not counted
MOST_FUNCTION_LINES = 70

# Files longer than MOST_LINES, by path below Sources: tables only.
LONG = {}

# Files shorter than FEWEST_LINES, by path below Sources, with the reason why they do not belong to another file.
SHORT = {
    "Hyperliquid/Exports.swift": "what an import of the library offers",
    "HyperliquidCLI/HyperliquidCommand.swift": "the entry point",
    "HyperliquidCLI/System/Signals.swift": "signals, a subject of the platform",
    "Hyperliquid/HyperliquidClient+Service.swift": "a conformance that a trait turns on",
    "Hyperliquid/Runtime/ConnectionTable.swift": "one small state with its own verbs",
    "HyperliquidEngine/Connections/CloseReason.swift": "an enumeration that many parts share",
    "HyperliquidEngine/InPlaceChanges.swift": "changes of collections that all parts share",
    "HyperliquidSimulator/SimulatorError.swift": "the error of a library",
    "HyperliquidWire/Feed/FeedChoice.swift": "what calls that subscribe take, extended by every feed",
    "HyperliquidWire/Feed/PlacementPolicy.swift": "an enumeration that client and engine share",
    "HyperliquidWire/Feeds/User/UserFeed.swift": "the protocol of all feeds of users",
    "HyperliquidWire/Feeds/User/Rows/HistoricalOrdersFeed.swift": "a feed, one per file",
    "HyperliquidWire/Feeds/User/Rows/TwapHistoryFeed.swift": "a feed, one per file",
    "HyperliquidWire/Feeds/User/Rows/TwapSliceFillsFeed.swift": "a feed, one per file",
    "HyperliquidWire/Feeds/User/Rows/UserFundingsFeed.swift": "a feed, one per file",
    "HyperliquidWire/Identifiers/SubscriptionID.swift": "an id that users spell",
    "HyperliquidWire/Numbers/FNV1a.swift": "one algorithm",
    "HyperliquidWire/Numbers/SplitMix64.swift": "one algorithm",
    "HyperliquidWire/Payloads/OpenEnumeration.swift": "a protocol that many payloads conform to",
    "WebSocketTransport/SystemClock.swift": "the clocks of the platform",
}

FUNCTION = re.compile(r"^(\s*)(?:@\w+(?:\([^)]*\))?\s+)*(?:[\w()]+\s+)*(?:func\s|init[?<(]|subscript[<(])")


def functions(lines):
    """The name and length of each function: swift-format indents the closing brace like the declaration."""
    for start, line in enumerate(lines):
        match = FUNCTION.match(line)
        if not match or line.lstrip().startswith("//"):
            continue
        indent = match.group(1)
        # A requirement without a body ends before a line that opens one.
        for end in range(start, min(start + 12, len(lines))):
            if lines[end].rstrip().endswith("{") or lines[end].rstrip().endswith("}"):
                break
            if end > start and len(lines[end]) - len(lines[end].lstrip()) <= len(indent) and lines[end].strip() != ")":
                end = None
                break
        else:
            end = None
        if end is None or lines[end].rstrip().endswith("}"):
            continue
        for last in range(end + 1, len(lines)):
            if lines[last].startswith(indent + "}"):
                yield line.strip()[:60], start + 1, last - start + 1
                break


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    sources = root / "Sources"
    files = sorted(sources.rglob("*.swift"))
    errors = []
    if len(files) > MOST_FILES:
        errors.append(f"Sources has {len(files)} Swift files, {MOST_FILES} at most; merge what only one type uses")
    seen = set()
    for path in files:
        name = path.relative_to(sources).as_posix()
        lines = path.read_text(encoding="utf-8").splitlines()
        seen.add(name)
        if len(lines) > MOST_LINES and name not in LONG:
            errors.append(f"{name} has {len(lines)} lines, {MOST_LINES} at most; give one of its subjects a file")
        if len(lines) < FEWEST_LINES and name not in SHORT:
            errors.append(f"{name} has {len(lines)} lines; merge it with its only user, or name its reason here")
        if len(lines) <= MOST_LINES and name in LONG or len(lines) >= FEWEST_LINES and name in SHORT:
            errors.append(f"{name} needs no exception any more; take it out of this script")
        for function, line, count in functions(lines):
            if count > MOST_FUNCTION_LINES:
                errors.append(f"{name}:{line}: {count} lines, {MOST_FUNCTION_LINES} at most: {function}")
    errors += [f"{name} does not exist; take it out of this script" for name in sorted({*LONG, *SHORT} - seen)]
    for folder in sorted({path.parent for path in files}):
        count = sum(1 for path in files if path.parent == folder)
        if count > MOST_FILES_IN_FOLDER:
            errors.append(
                f"{folder.relative_to(root)} has {count} Swift files, {MOST_FILES_IN_FOLDER} at most; "
                "make folders by topic")
    for error in errors:
        print(error)
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    print(
        f"layout: {len(files)} files, median {lengths[len(lengths) // 2]} lines, longest {lengths[-1]}; "
        f"{len(errors)} offences")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
