#!/usr/bin/env python3
"""Checks what completion offers behind `client.subscribe(to: .`: every feed of the catalogue with all its parameters, and
nothing else but `feed` and `raw`. The parameters must have the names of the command line and of the feed's initialiser.

Asks sourcekit-lsp, which must find the package built (`swift build --build-tests`).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "Sources/HyperliquidCLI/Commands/DoctorCommand.swift"  # Any file whose target imports Hyperliquid.
TEXT = "import Hyperliquid\nfunc ask(client: HyperliquidClient) async throws {\n    _ = try await client.subscribe(to: .)\n}\n"
CURSOR = {"line": 2, "character": TEXT.split("\n")[2].index(".)") + 1}


class Server:
    """A running sourcekit-lsp."""

    def __init__(self, settings):
        self.process = subprocess.Popen(
            ["sourcekit-lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
            env={**os.environ, "XDG_CONFIG_HOME": settings})
        self.last_id = 0

    def send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline()).strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if not length:
            sys.exit("sourcekit-lsp has ended")
        return json.loads(self.process.stdout.read(length))

    def ask(self, method, **parameters):
        self.last_id += 1
        self.send(id=self.last_id, method=method, params=parameters)
        while True:
            answer = self.receive()
            if "method" in answer:
                if "id" in answer:
                    self.send(id=answer["id"], result=None)
            elif answer.get("id") == self.last_id:
                return answer.get("result") or {}


def offered(server):
    """The items that a new server offers at the cursor; none if it offers nothing within 30 s."""
    server.ask("initialize", processId=os.getpid(), rootUri=ROOT.as_uri(), capabilities={})
    server.send(method="initialized", params={})
    document = {"uri": FILE.as_uri(), "languageId": "swift", "version": 1, "text": TEXT}
    server.send(method="textDocument/didOpen", params={"textDocument": document})
    for _ in range(30):
        items = server.ask("textDocument/completion", textDocument={"uri": FILE.as_uri()}, position=CURSOR)
        items = items.get("items", []) if isinstance(items, dict) else items
        if items:
            break
        time.sleep(1)
    return items


def completions():
    """The labels of the completions and the feed types that they return."""
    with tempfile.TemporaryDirectory() as settings:
        folder = pathlib.Path(settings, "sourcekit-lsp")
        folder.mkdir()
        # Otherwise the server builds the whole package a second time.
        (folder / "config.json").write_text('{"backgroundIndexing": false}')
        # A server that is asked before it has loaded the package may never offer anything; a new one then does.
        for _ in range(6):
            server = Server(settings)
            items = offered(server)
            server.process.kill()
            server.process.wait()
            if items:
                break
        return [(item["label"], item.get("detail", "")) for item in items]


def main():
    listing = subprocess.run(
        [ROOT / ".build/debug/hyperliquid", "feeds", "--json"], capture_output=True, text=True, check=True).stdout
    feeds = {feed["type"]: [p["name"] for p in feed["parameters"]] for feed in json.loads(listing)
             if feed["status"] != "refused"}
    initialisers = (ROOT / "docs/api/Hyperliquid.txt").read_text()
    problems, longest = [], {}
    for label, detail in completions():
        name, _, rest = label.partition("(")
        names = re.findall(r"(\w+):", rest)
        if name not in longest or len(names) > len(longest[name][0]):
            longest[name] = (names, detail)
    if not longest:
        sys.exit("sourcekit-lsp offers nothing; is the package built?")
    for name, (names, detail) in longest.items():
        if name in ("feed", "raw"):
            continue
        if name not in feeds:
            problems.append(f"{name} is offered, but is no feed")
            continue
        if names != feeds[name]:
            problems.append(f"{name} is offered with {names}; on the command line they are {feeds[name]}")
        kind = re.fullmatch(r"FeedChoice<(\w+)>", detail)
        signature = f"{kind[1] if kind else '?'}.init({''.join(n + ':' for n in names)})"
        if names and signature not in initialisers:
            problems.append(f"{name} is offered with {names}, but there is no {signature}")
    problems += [f"{name} is not offered" for name in feeds if name not in longest]
    if problems:
        sys.exit("\n".join(problems))
    print(f"completion offers {len(feeds)} feeds with their parameters")


main()
