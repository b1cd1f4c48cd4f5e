"""Blocks of code in pages, which sybil finds and runs, and whether they print what is shown."""

from __future__ import annotations

import re
import shlex
from contextlib import redirect_stdout, suppress
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

import pytest
from sybil import Document
from sybil.evaluators.python import PythonEvaluator
from sybil.evaluators.skip import Skipper
from sybil.parsers.markdown import SkipParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer
from typer.testing import CliRunner

from sentiment_transfer.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sybil import Example, Region

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = ("_build", "gallery", "results", "api", "commands", "made")
"""Folders of ``docs`` that a build makes."""
WRITTEN = [
    page for page in sorted(DOCS.rglob("*.md")) if not {*page.relative_to(DOCS).parts} & {*MADE}
]
"""The pages that no build makes."""

SHOWN_BELOW = re.compile(r"\n\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
VALUE = re.compile(
    r"^(?P<code>\S.*?)\s+# (?P<shown>\[.*\]|\(.*\)|'.*'|True|False|None|[+-]?[\d.]+)(?:: .*)?$"
)
"""A line of Python whose comment shows its value, and may say something about it."""
ABOUT = "<!-- about -->\n"
NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")

execute = PythonEvaluator()


def run_python(example: Example) -> None:
    """Run a block of Python, and compare with the block of text below it, and with comments."""
    printed = StringIO()
    with redirect_stdout(printed):
        execute(example)
    if below := SHOWN_BELOW.match(example.document.text, example.end):
        assert_prints(printed.getvalue(), below[1], about=is_about(example))
    for line in values_of(example):
        value = eval(line["code"], example.namespace)  # noqa: S307  (our own page)
        text = repr(value) if isinstance(value, str) else " ".join(str(value).split())
        assert text.replace("[ ", "[") == line["shown"]


def run_console(example: Example) -> None:
    """Run the command that a block begins with, and compare what it prints with the rest.

    A page may leave out what is said of the work, which a terminal shows before the results.
    """
    command, _, shown = example.parsed.replace("\\\n", "").partition("\n")
    prompt, program, *arguments = shlex.split(command)
    assert (prompt, program) == ("$", "sentiment-transfer")
    ended = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    results_alone = shown.split()[:1] == ended.stdout.split()[:1]
    printed = ended.stdout if results_alone else ended.stderr + ended.stdout
    assert_prints(printed, shown, about=is_about(example))


def refuse(_: Example) -> str:
    """Fail, as sybil does when an evaluator returns words."""
    return 'nothing runs blocks of this kind; write <!-- skip: next "why" --> before it'


RUNNERS = {"python": run_python, "console": run_console}


def blocks(document: Document) -> Iterator[Region]:
    """Parse a page for sybil: yield its fenced blocks.

    Those of directives are left out, and those that show what a block of Python prints.
    """
    shown = None
    for region in FencedCodeBlockLexer(".*")(document):
        kind = region.lexemes["language"]
        below = SHOWN_BELOW.match(document.text, region.end) if kind == "python" else None
        if region.end != shown and not kind.startswith("{"):
            region.parsed = region.lexemes["source"]
            region.evaluator = RUNNERS.get(kind, refuse)
            yield region
        shown = below and below.end()


def parse(page: Path) -> Document:
    """Return the page with its blocks of code and the comments that skip some."""
    document = Document.parse(str(page), SkipParser(), blocks)
    document.namespace["__name__"] = "__main__"
    return document


def run(document: Document) -> dict[str, Any]:
    """Run all blocks of a page one after the other, with the same names; return these."""
    for example in document:
        with suppress(SkipTest):
            example.evaluate()
    return document.namespace


def is_skip(example: Example | None) -> bool:
    """Return whether an example is a comment that skips the next one."""
    return example is not None and isinstance(example.region.evaluator, Skipper)


def to_run(document: Document, kind: str) -> list[Example]:
    """Return the blocks of a kind that are not skipped."""
    return [
        example
        for before, example in pairwise([None, *document])
        if example and not is_skip(before) and example.region.evaluator is RUNNERS[kind]
    ]


def values_of(example: Example) -> list[re.Match[str]]:
    """Return the lines of a block of Python whose comments show their values."""
    return [match for line in example.parsed.splitlines() if (match := VALUE.match(line))]


def is_about(example: Example) -> bool:
    """Return whether the mark of figures that depend on the processor stands before a block."""
    return example.document.text.endswith(ABOUT, 0, example.start)


def assert_prints(printed: str, shown: str, *, about: bool = False) -> None:
    """Check that the words and the integers are the same, and that other numbers are close.

    Processors round differently: the last decimal may be 2 off. With `about`, for figures of many
    fits, numbers with one decimal, such as percentages, may be 0.5 off, and others 0.06.
    """
    words = [[" ".join(part.split()) for part in NUMBER.split(text)] for text in (printed, shown)]
    assert words[0] == words[1], printed
    for one, other in zip(NUMBER.findall(printed), NUMBER.findall(shown), strict=True):
        slack = slack_of(one, other, about=about)
        assert float(one) == pytest.approx(float(other), abs=slack + 1e-9), printed


def slack_of(one: str, other: str, *, about: bool) -> float:
    """Return how far apart two numbers may be; see `assert_prints`."""
    if "." not in one + other:
        return 0
    if one[-1] == other[-1] == ".":
        return 0  # a float of NumPy without decimals, such as an answer, or the end of a sentence
    decimals = max(len(number.partition(".")[2]) for number in (one, other))
    if not about:
        return 2 * 10.0**-decimals
    return 0.5 if decimals == 1 else 0.06
