#!/usr/bin/env python3
"""Checks that citations of the documents below docs/ resolve, and the links between these documents.

A citation is `docs/NAME.md, "HEADING"`, or several headings joined by a comma, "and" or "to". A heading that starts with
a number such as R7 is cited by the number alone. `Source:` in a documentation comment must be a citation or an RFC.
Rule numbers in the names and comments of tests must be headings of docs/protocol.md.

Usage: scripts/check-citations.py [ROOT]"""

import difflib
import re
import sys
from pathlib import Path

PLACES = ["Sources", "Tests", "Examples", "Benchmarks", "Fuzz", "README.md", "CONTRIBUTING.md"]
NUMBER = re.compile(r"[RLQ]\d+[a-z]?")
HEADINGS = r'"[^"]{1,120}"(?:(?:,|,?\s+and|\s+to)\s+"[^"]{1,120}")*'
CITATION = re.compile(rf"(docs/[\w./-]+\.md)(?:,\s+({HEADINGS}))?")
SOURCE_FORM = re.compile(r'\s+(?:docs/[\w./-]+\.md,\s+"|RFC \d+)')
OLD_SPELLING = re.compile(r"\b(?:PROTOCOL|DESIGN|STYLE)\b")
TEST_NAMES = re.compile(r'@(?:Test|Suite)\s*\(\s*("(?:[^"\\\n]|\\.)*")|func (`[^`\n]+`)|(?:^|\s)(//.*)', re.MULTILINE)
LINK = re.compile(r"\]\(([^()\s]+)\)")


class Document:
    """A Markdown file: its headings, their anchors on GitHub, and its text without code."""

    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        self.text = re.sub(r"(?ms)^```.*?^```|`[^`\n]+`", lambda match: re.sub(r"[^\n]", "x", match.group()), text)
        starts = [match.start() for match in re.finditer(r"(?m)^#{1,6} ", self.text)]
        lines = [text[start:].split("\n", 1)[0] for start in starts]
        self.headings = [re.sub(r"`|\[([^]]*)\]\([^)]*\)", r"\1", line.lstrip("#")).strip() for line in lines]
        self.anchors = set()
        for heading in self.headings:
            anchor = base = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            count = 0
            while anchor in self.anchors:
                count += 1
                anchor = f"{base}-{count}"
            self.anchors.add(anchor)

    def resolves(self, name):
        if NUMBER.fullmatch(name):
            return any(re.match(rf"{name}\b", heading) for heading in self.headings)
        return name.replace("`", "") in self.headings


class Checker:
    def __init__(self, root):
        self.root = root
        self.documents = {}
        self.errors = []
        self.count = 0

    def document(self, path):
        """The Markdown file at a path below the root, `None` if there is none."""
        if path not in self.documents:
            self.documents[path] = Document(path) if path.is_file() else None
        return self.documents[path]

    def report(self, path, text, offset, problem):
        line = text.count("\n", 0, offset) + 1
        error = f"{path.relative_to(self.root)}:{line}: {problem}"
        if error not in self.errors:
            self.errors.append(error)

    def check_heading(self, path, text, offset, name, target):
        self.count += 1
        document = self.document(self.root / target)
        if document is None or document.resolves(name):
            return  # A missing file is reported by the caller.
        near = difflib.get_close_matches(name, document.headings, n=1)
        remedy = f'did you mean "{near[0]}"?' if near else "cite one of its headings or add this one"
        self.report(path, text, offset, f'{target} has no heading "{name}"; {remedy}')

    def check_citations(self, path, text):
        """Citations, sources and old spellings of a source file or document."""
        # Comment marks become spaces, so that a citation may continue on the next line of a comment.
        plain = re.sub(r"(\n[ \t]*)(///?)", lambda match: match.group(1) + " " * len(match.group(2)), text)
        for match in CITATION.finditer(plain):
            if self.document(self.root / match.group(1)) is None:
                self.report(path, text, match.start(), f"{match.group(1)} does not exist; cite an existing document")
            for name in re.findall(r'"([^"]+)"', match.group(2) or ""):
                self.check_heading(path, text, match.start(), " ".join(name.split()), match.group(1))
        for match in re.finditer(r"(?m)^[ \t]*///.*\bSource:", text):
            if not SOURCE_FORM.match(plain, match.end()):
                self.report(path, text, match.end(), 'a source is not cited; write: Source: docs/NAME.md, "HEADING"')
        for match in OLD_SPELLING.finditer(text):
            remedy = 'write docs/NAME.md, "HEADING"'
            self.report(path, text, match.start(), f"{match.group()} is no document of this project; {remedy}")

    def check_rules(self, path, text):
        """Rule numbers in the names and comments of tests."""
        for match in TEST_NAMES.finditer(text):
            for rule in re.finditer(r"\bR\d+[a-z]?\b", match.group()):
                self.check_heading(path, text, match.start() + rule.start(), rule.group(), "docs/protocol.md")

    def check_links(self, path):
        document = self.document(path)
        for match in LINK.finditer(document.text):
            if re.match(r"[a-z]+:", match.group(1)):
                continue
            self.count += 1
            name, _, anchor = match.group(1).partition("#")
            target = (path.parent / name).resolve() if name else path
            if not target.exists():
                self.report(path, document.text, match.start(), f"{name} does not exist; correct the link")
            elif anchor and target.suffix == ".md" and anchor not in self.document(target).anchors:
                self.report(path, document.text, match.start(), f"#{anchor} is no heading there; correct the link")

    def run(self):
        for place in PLACES:
            top = self.root / place
            for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                hidden = any(part.startswith(".build") for part in path.relative_to(self.root).parts)
                if hidden or path.suffix not in (".swift", ".md", ".py", ".sh") or not path.is_file():
                    continue
                text = path.read_text(encoding="utf-8")
                self.check_citations(path, text)
                if place == "Tests":
                    self.check_rules(path, text)
        documents = sorted((self.root / "docs").rglob("*.md"))
        for path in documents:
            for match in OLD_SPELLING.finditer(path.read_text(encoding="utf-8")):
                remedy = "name the document below docs/"
                self.report(path, self.document(path).text, match.start(), f"{match.group()} is no document; {remedy}")
        for path in documents + [self.root / "README.md", self.root / "CONTRIBUTING.md"]:
            if path.is_file():
                self.check_links(path)


if __name__ == "__main__":
    checker = Checker(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve())
    checker.run()
    for error in checker.errors:
        print(error)
    print(f"citations: {checker.count} citations and links, {len(checker.errors)} wrong")
    sys.exit(1 if checker.errors else 0)
