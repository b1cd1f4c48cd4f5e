"""Blocks of code in pages, and whether they print what the page shows below them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FENCE = re.compile(
    r"(?P<why><!-- not run: (?P<reason>.*?) -->\n)?"
    r"^```(?P<kind>\S*)\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<shown>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Block:
    """A block of a page.

    Attributes
    ----------
    page, kind, code
        The file, the word behind the fence, and what is in it.
    shown
        The block of text that follows directly, which is what the code prints; or None.
    reason
        Why the block is not run, as a comment before it says; or None.
    """

    page: Path
    kind: str
    code: str
    shown: str | None
    reason: str | None


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, without those of directives."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [
        Block(page, match["kind"], match["code"], match["shown"], match["reason"])
        for match in found
        if not match["kind"].startswith("{")
    ]


def assert_prints(printed: str, shown: str) -> None:
    """Check that the words are the same; other processors round numbers differently."""
    words = [[" ".join(part.split()) for part in NUMBER.split(text)] for text in (printed, shown)]
    assert words[0] == words[1], printed
    for one, other in zip(NUMBER.findall(printed), NUMBER.findall(shown), strict=True):
        # of a count one text more or less, of a figure as much as one of 220 texts is
        slack = max(0.06, 0.01 * abs(float(other))) if "." in other else 1
        assert float(one) == pytest.approx(float(other), abs=slack), printed
