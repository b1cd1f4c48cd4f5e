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
    r"(?P<about><!-- about -->\n)?"
    r"^```(?P<kind>\S*)\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<shown>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")


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
    about
        Whether its counts depend on the processor: ``<!-- about -->`` stands before the block.
    """

    page: Path
    kind: str
    code: str
    shown: str | None
    reason: str | None
    about: bool = False


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, without those of directives."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [
        Block(
            page,
            match["kind"],
            match["code"],
            match["shown"],
            match["reason"],
            bool(match["about"]),
        )
        for match in found
        if not match["kind"].startswith("{")
    ]


def assert_prints(printed: str, shown: str, *, about: bool = False) -> None:
    """Check that the words and the integers are the same, and that other numbers are close.

    Processors round differently: decimals below 1 may be 0.01 off, larger ones 1 %. With `about`,
    for answers that are close to a limit, counts may be 1 off and decimals 0.06.
    """
    words = [[" ".join(part.split()) for part in NUMBER.split(text)] for text in (printed, shown)]
    assert words[0] == words[1], printed
    for one, other in zip(NUMBER.findall(printed), NUMBER.findall(shown), strict=True):
        slack = slack_of(one, other, about=about)
        assert float(one) == pytest.approx(float(other), abs=slack + 1e-9), printed


def slack_of(one: str, other: str, *, about: bool) -> float:
    """Return how far apart two numbers may be; see `assert_prints`."""
    if "." not in one + other:
        return 1 if about else 0
    if one[-1] == other[-1] == ".":
        return 0  # a float of NumPy without decimals, such as an answer, or the end of a sentence
    slack = 0.01 * max(1, abs(float(other)))
    return max(0.06, slack) if about else slack
