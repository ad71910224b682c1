#!/usr/bin/env bash
# Finds words that the glossary of docs/architecture.md has retired: as parts of identifiers, and in prose.
#
#   scripts/check-words.sh               every offence, with the word to use
#   scripts/check-words.sh --summary     how many there are in each folder
#
# Prose is comments, texts in quotes and documents; code between backticks in prose counts as identifiers.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 - "$@" <<'PYTHON'
import re
import sys
from collections import Counter
from pathlib import Path

PLACES = ["Sources", "Tests", "Examples", "Benchmarks", "Fuzz", "docs", "scripts", "README.md", "CONTRIBUTING.md",
          "CHANGELOG.md", "Package.swift"]
CODE = {".swift"}
TEXT = {".md"}
OTHER = {".sh", ".py", ".cpp"}

# The parts of identifiers that are retired, in lower case, and the word to use.
PARTS = {
    "lane": "slot", "link": "connection", "wire": "upstream", "ledger": "registry", "claim": "subscription",
    "claimed": "subscribed", "claiming": "subscribing", "claimant": "subscriber", "allowance": "rateLimiter",
    "patience": "timeout", "shadow": "replacement", "hub": "dispatcher", "sink": "dispatcher", "outlet": "subscriber",
    "pump": "dispatch", "mailbox": "eventBuffer", "rhythm": "cadence", "confusable": "ambiguous",
    "confusion": "ambiguity", "silence": "idleTimeout", "straight": "fastPath", "usual": "expected",
    "unusual": "slow", "room": "capacity, storage or target", "departure": "unsubscribeQueue",
    "voyage": "run",
}
PLURALS = {"hub": "hubs", "mailbox": "mailboxes", "patience": "patiences"}
PART = {plural: new for word, new in PARTS.items() for plural in (word, PLURALS.get(word, word + "s"))}

# Whole identifiers, where a part would say too much.
NAMES = {
    "Answers": "PendingRequests", "WakeUp": "DeadlineTimer", "Notice": "ClientEvent", "Traffic": "MessageCounters",
    "Spelling": "InternedString", "LongTexts": "InternTable", "Swar": "SWAR", "LastTrade": "TradeMemo",
    "RouteTable": "MessageRouter", "WaitingReader": "ReaderContinuation", "ConflictKey": "AmbiguityKey",
    "MovingTail": "HandoverState", "Network": "HyperliquidNetwork", "Notification": "UserNotification",
    "Brief": "TerminalFormat", "Checkup": "DoctorChecks", "Cable": "NetworkPath", "LinkPort": "ConnectionHandler",
    "Happening": "ScheduledEvent", "Chance": "SeededRandom", "giveWay": "closeSoon", "squeeze": "placeByEviction",
}

# Spellings in code that say more than a name: a pattern, and what to write.
PATTERNS = [
    (r"\.answers\b(?!\()|\b(?:let|var) answers\b", "pendingRequests"),
    (r"\b(?:let|var) places?\b|[(,] ?(?:\w+ )?place:|\bat place\b|\bplaces?\[", "index, offset or slot"),
    (r"\bknown(?:Bytes|Half|Hash|LongInteger|Pointer|ShortDecimal|ShortInteger|Side|Word|Straight)\b|\bknownAt:",
     "unchecked…"),
]

# Words of prose that are retired. What a word may be followed or preceded by stands below.
PROSE = {
    r"lanes?": "connection slot", r"hubs?": "dispatcher", r"sinks?": "dispatcher", r"outlets?": "subscriber",
    r"mailbox(?:es)?": "event buffer", r"pump(?:s|ed|ing)?": "dispatch", r"shadows?": "replacement",
    r"patience": "timeout", r"allowances?": "rate limiter", r"rhythms?": "cadence", r"confusable": "ambiguous",
    r"claim(?:s|ed|ant|ants|ing)?": "subscription", r"wires?": "upstream subscription", r"ledgers?": "registry",
    r"links?": "connection", r"straight": "fast path", r"rooms?": "capacity, storage or target",
    r"departures?": "unsubscribe", r"voyages?": "run", r"moving tail": "handover",
}

# Ordinary uses in prose: cut out before it is read.
ORDINARY = re.compile(
    r"(?:on|over|off) the wire|(?-i:\bWire\b(?! subscription))|"  # bytes that are sent; the module
    r"\bclaims? (?:about|of|that|for|to)\b|"  # an assertion
    r"rewards? (?:were |was )?claim(?:s|ed)?|rewardsClaim|"  # the venue's
    r"\b(?:\w+[ -])?ledgers?['’]? (?:updates?|rows?|deltas?|entr(?:y|ies)|changes?|fields?|movements?|kinds?)|"
    r"(?:users?|accounts?|venue|simulator)['’]s?'? ledgers?|non-funding ledgers?|\w*Ledger\w+|"
    r"(?:broken|dead|documentation|Markdown|symbolic|relative) links?|links? (?:to|between|in|of|that) (?:these |the )?"
    r"(?:document|page|article|heading|file|proposal)\w*|links? lead|each with a link|citations and links|"
    r"straight (?:from|to|line|away)|straightforward|check-rooms(?:\.sh)?|check_rooms", re.IGNORECASE)

# Identifiers that stay though a part of them is retired.
KEPT = re.compile(
    r"HyperliquidWire(?:Tests)?|\w*[gG]it[hH]ub\w*|rewardsClaim|nLink|"
    r"\w*(?:[lL]ink(?:er|ed|age|ing)|[sS]ymlink|[uU]nlink)\w*|"
    r"\w*[lL]edger(?:Update|Delta|Field|Row|Sum|Entr|Change|Kind|Movement)\w*|\w*(?:user|[nN]on|cum)\w*Ledger\w*|"
    r"(?:check|ban)_\w+|resolvingSymlinksInPath|Network\w+|\w*Placement\w*")

# Where a word is right: a path's beginning, the word as written, and why.
ALLOWED = [
    ("Sources/HyperliquidSimulator", r"ledgers?|silence", "the venue's ledger of an account; the fault that stills it"),
    ("Tests/HyperliquidSimulatorTests", r"ledgers?|silence", "as above"),
    ("Sources/HyperliquidWire", r"ledgers?", "the venue's word"),
    ("Tests/HyperliquidWireTests", r"ledgers?", "the venue's word"),
    ("Sources/HyperliquidSimulator/Market/Listing.swift", r"LINK|PUMP", "coins"),
    ("Tests/HyperliquidTests/ChaosTests.swift", r"LINK", "a coin"),
    ("Sources/HyperliquidCLI/Formatting/TerminalRows.swift", r"ledgers?", "the venue's word"),
    ("scripts/check_third_party.py", r"ledgers?", "a method of another client"),
    ("docs/protocol.md", r"ledgers?|links?|claims?|wire", "facts about the venue, in its words"),
    ("docs/architecture.md", r".*", "its glossary names the retired words"),
    ("Benchmarks/Micro/Wire.swift", r"wire", "the module that it measures"),
    ("CHANGELOG.md", r"lanes?|Network|Notification|strangeness", "its table of renamed names"),
    ("docs/decisions/README.md", r"links?|lanes?|hubs?|allowances?", "tells how older commits are read"),
    ("Tests/SimulatedWorld/JournalText.swift", r".*", "journals keep words of their own, so that renames change none"),
    ("scripts/guard.sh", r"lanes?", "maps what was recorded before a rename"),
    ("scripts/check-citations.py", r"links?", "links of documents"),
    ("scripts/check-rooms.sh", r"rooms?", "its own name"),
    ("scripts/check-words.sh", r".*", "the list itself"),
    (".ci/run", r"rooms?", "the script's name"),
]

# `silence` is a fault of the simulator's plans: `.silence(…)`, `case silence`.
FAULT = re.compile(r"(?:\.|\bcase )silence\b|\"silence\"")

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
TOKEN = re.compile(
    r'(//[^\n]*)|("""(?:.|\n)*?""")|(#*"(?:\\\((?:[^()"]|\((?:[^()]|\([^()]*\))*\)|"[^"]*")*\)|\\.|[^"\\\n])*"#*)|'
    r"(`[^`\n]+`)")
INTERPOLATION = re.compile(r"(\\#*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))")
WORDS = re.compile(r"\b(?:" + "|".join(PROSE) + r")\b", re.IGNORECASE)
PATTERN = [(re.compile(pattern), new) for pattern, new in PATTERNS]

# Nearly no text has one of these: what has none is not looked at any further.
PROSE_ROOTS = [re.match(r"[a-z ]+", word).group().rstrip("s") for word in PROSE]
CODE_ROOTS = sorted(
    {word.rstrip("s") for word in PART} | {name.lower() for name in NAMES} | {"place", "known", "answers"})


def has_any(roots, text):
    text = text.lower()
    return any(root in text for root in roots)


offences = []


def report(path, text, offset, word, new):
    for start, pattern, _ in ALLOWED:
        if str(path).startswith(start) and re.fullmatch(pattern, word, re.IGNORECASE):
            return
    offences.append((str(path), text.count("\n", 0, offset) + 1, word, new))


def code(path, text, start, end):
    part = text[start:end].replace("check-rooms", "check-xxxxx")
    if not has_any(CODE_ROOTS, part):
        return
    faults = {match.end() for match in FAULT.finditer(part)}
    for match in IDENTIFIER.finditer(part):
        name = match.group()
        if len(name) < 3 or KEPT.fullmatch(name):
            continue
        if name in NAMES:
            report(path, text, start + match.start(), name, NAMES[name])
            continue
        if match.end() in faults:
            continue
        for piece in PIECE.findall(name):
            new = PART.get(piece.lower())
            if new:
                report_part(path, text, start + match.start(), name, piece, new)
                break
    for pattern, new in PATTERN:
        for match in pattern.finditer(part):
            report(path, text, start + match.start(), match.group().strip(" ("), new)


def report_part(path, text, offset, name, piece, new):
    for begin, pattern, _ in ALLOWED:
        if str(path).startswith(begin) and re.fullmatch(pattern, piece, re.IGNORECASE):
            return
    offences.append((str(path), text.count("\n", 0, offset) + 1, name, new))


def prose(path, text, start, end):
    """Words outside of backticks, identifiers inside; targets of links and addresses are neither."""
    part = text[start:end]
    if "`" not in part:
        return words(path, text, start, re.sub(r"\]\([^)\n]*\)|https?://\S+", blank, part), 0)
    part = re.sub(r"\]\([^)\n]*\)|https?://\S+", blank, part)
    position = 0
    for match in re.finditer(r"`+[^`\n]*`+", part):
        words(path, text, start, part[position:match.start()], position)
        inside = match.group()
        code_of(path, text, start + match.start(), inside)
        position = match.end()
    words(path, text, start, part[position:], position)


def code_of(path, text, offset, inside):
    if " " in inside and not re.search(r"[(){}=:\[]", inside):
        words(path, text, offset, inside, 0)
    else:
        code(path, text, offset, offset + len(inside))


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def words(path, text, start, part, position):
    if not has_any(PROSE_ROOTS, part) or not WORDS.search(part):
        return
    for match in WORDS.finditer(ORDINARY.sub(blank, part)):
        new = next(new for word, new in PROSE.items() if re.fullmatch(word, match.group(), re.IGNORECASE))
        report(path, text, start + position + match.start(), match.group(), new)


def swift(path, text, start=0, end=None):
    position = start
    end = len(text) if end is None else end
    for match in TOKEN.finditer(text, start, end):
        code(path, text, position, match.start())
        position = match.end()
        first, last = match.span()
        if match.group(1):
            prose(path, text, first, last)
        elif match.group(4):
            code_of(path, text, first, match.group(4))
        else:
            at = first
            for inner in INTERPOLATION.finditer(text, first, last):
                words_in_text(path, text, at, inner.start())
                code(path, text, inner.start(), inner.end())
                at = inner.end()
            words_in_text(path, text, at, last)
    code(path, text, position, end)


def words_in_text(path, text, start, end):
    """A quoted text: words, or one identifier such as a key of JSON."""
    inside = text[start:end]
    if "silence" in inside.lower():
        inside = FAULT.sub(blank, inside)
    words(path, text, start, inside, 0)
    if re.fullmatch(r'#*"?[\w.-]+"?#*', inside):
        code(path, text, start, end)


def markdown(path, text):
    position = 0
    for match in re.finditer(r"(?ms)^```(\w*)\n(.*?)^```", text):
        prose(path, text, position, match.start())
        if match.group(1) == "swift":
            swift(path, text, match.start(2), match.end(2))
        else:
            words(path, text, match.start(2), match.group(2), 0)
            code(path, text, match.start(2), match.end(2))
        position = match.end()
    prose(path, text, position, len(text))


def other(path, text):
    words(path, text, 0, text, 0)
    for match in IDENTIFIER.finditer(text):
        if "_" in match.group() or re.search(r"[a-z][A-Z]", match.group()):
            code(path, text, match.start(), match.end())


def file_name(path):
    for piece in PIECE.findall(path.stem) if path.suffix in CODE else []:
        if piece.lower() in PART and not KEPT.fullmatch(path.stem.split("+")[-1]) and not KEPT.search(path.stem):
            report_part(path, "", 0, path.name, piece, PART[piece.lower()])


for place in PLACES:
    top = Path(place)
    for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
        if any(part.startswith(".build") for part in path.parts) or not path.is_file():
            continue
        if path.suffix not in CODE | TEXT | OTHER:
            continue
        text = path.read_text(encoding="utf-8")
        file_name(path)
        if not has_any(CODE_ROOTS + PROSE_ROOTS, text):
            continue
        if path.suffix in CODE:
            swift(path, text)
        elif path.suffix in TEXT:
            markdown(path, text)
        else:
            other(path, text)

offences = sorted(set(offences))
if "--summary" in sys.argv:
    folders = {}
    for path, _, word, _ in offences:
        folders.setdefault("/".join(path.split("/")[:2]), []).append(word.lower())
    for folder, found in sorted(folders.items()):
        common = Counter(found).most_common(8)
        print(f"{len(found):5} {folder}: " + ", ".join(f"{word} {number}" for word, number in common))
else:
    for path, line, word, new in offences:
        print(f"{path}:{line}: {word}: the word is {new}")
print(f"words: {len(offences)} retired ones")
sys.exit(1 if offences else 0)
PYTHON
