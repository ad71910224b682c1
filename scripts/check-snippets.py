#!/usr/bin/env python3
"""Compiles every Swift block of README.md, of the articles and of the doc comments, against the package as it is built.

A block is a whole file if it declares something at its top level, a manifest if it imports PackageDescription, and
otherwise the body of an asynchronous function in which the names of PRELUDE exist. Blocks of CONTRIBUTING.md are part of
its walk-through, which `check-walkthrough.sh` follows.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / ".build/debug"
DECLARATION = re.compile(r"^(public |final |@\w+ )*(struct|class|enum|actor|extension|protocol|func) ", re.M)
IMPORT = re.compile(r"^import .*\n", re.M)

# What a reader of a block has made before.
PRELUDE = """
import Hyperliquid
import HyperliquidSimulator

func placeholder<Value>() -> Value { fatalError() }
let client: HyperliquidClient = placeholder()
let exchange: SimulatedExchange = placeholder()
let address: Address = placeholder()
let user: Address = placeholder()
let coins: [Coin] = placeholder()
let candles: Subscription<CandleFeed> = placeholder()
let best: Subscription<BestBidOfferFeed> = placeholder()
let subscription: Subscription<TradesFeed> = placeholder()
let trade: Trade = placeholder()
let liquidation: Liquidation = placeholder()

struct NewFeed: Feed {
    let coin: Coin
    var request: FeedRequest { placeholder() }
    var traits: FeedTraits { placeholder() }
    static func decode(_ reader: inout MessageReader, memory: inout NoMemory) -> Decoded<Int> { .nothing }
}
"""


def blocks():
    """Each block with its file and the number of its first line."""
    articles = [ROOT / "README.md", *sorted(ROOT.glob("Sources/*/Documentation.docc/*.md"))]
    for path in articles:
        text = path.read_text()
        for match in re.finditer(r"^```swift\n(.*?)^```", text, re.S | re.M):
            yield path, text[: match.start()].count("\n") + 2, match[1]
    for path in sorted(ROOT.glob("Sources/**/*.swift")):
        text = path.read_text()
        for match in re.finditer(r"^ */// ```swift\n(.*?)^ */// ```", text, re.S | re.M):
            lines = [re.sub(r"^ *///? ?", "", line) for line in match[1].splitlines()]
            yield path, text[: match.start()].count("\n") + 2, "\n".join(lines) + "\n"


def program(block):
    """The block as a file that can be compiled."""
    if "import PackageDescription" in block:
        return block
    imports = "".join(IMPORT.findall(block))
    body = IMPORT.sub("", block)
    if DECLARATION.search(body):
        return f"import Hyperliquid\n{imports}{body}"
    return (
        f"import Hyperliquid\nimport HyperliquidSimulator\n{imports}"
        f"func snippet() async throws {{\n{body}\n}}\n")


def check(number, path, line, block, folder, flags):
    """What the compiler says about a block; empty if it compiles."""
    here = pathlib.Path(folder, str(number))
    here.mkdir()
    (here / "Snippet.swift").write_text(program(block))
    (here / "Prelude.swift").write_text(PRELUDE)
    command = ["swiftc", "-typecheck", "-parse-as-library", "Snippet.swift"]
    if "import PackageDescription" in block:
        compiler = pathlib.Path(subprocess.run(["which", "swiftc"], capture_output=True, text=True).stdout.strip())
        command += ["-I", str(compiler.resolve().parent.parent / "lib/swift/pm/ManifestAPI"), "-package-description-version", "6.2"]
    else:
        command += ["-swift-version", "6", "Prelude.swift", *flags]
    result = subprocess.run(command, capture_output=True, text=True, cwd=here)
    errors = [text for text in result.stderr.splitlines() if ": error:" in text]
    if result.returncode == 0:
        return ""
    return f"{path.relative_to(ROOT)}:{line}: a block does not compile\n    " + "\n    ".join(errors or [result.stderr])


def main():
    maps = [*ROOT.glob(".build/checkouts/*/Sources/*/include/module.modulemap"), *BUILT.glob("*.build/module.modulemap")]
    flags = ["-I", str(BUILT / "Modules")]
    for module in maps:
        flags += ["-Xcc", f"-fmodule-map-file={module}"]
    found = list(blocks())
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        problems = list(pool.map(lambda each: check(each[0], *each[1], folder, flags), enumerate(found)))
    problems = [problem for problem in problems if problem]
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(found)} blocks of Swift compile")


main()
