"""The comparison of what a page shows with what its code prints, which has to be able to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shown_blocks import assert_prints, blocks_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("[0. 0. 1.]", "[1. 1. 0.]"),
        ("[0, 1, 0]", "[1, 0, 1]"),
        ("2 errors", "1 errors"),
        ("of 221 texts.", "of 220 texts."),
        ("of 221.", "of 220."),
        ("0.85", "0.80"),
        ("0.3", "-0.3"),
        ("52.3", "51.0"),
        ("0.80 of 12", "0.80 of 13"),
        ("positive", "negative"),
        ("1 2", "1"),
    ],
)
def test_other_answers_counts_and_figures_fail(printed: str, shown: str) -> None:
    with pytest.raises(AssertionError):
        assert_prints(printed, shown)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("0.81", "0.80"),
        ("[0.996 1.   ]", "[1.    0.997]"),
        ("1240.2 s", "1238.9 s"),
        ("a  b\nc 7", "a b\n c 7"),
    ],
)
def test_figures_that_another_processor_rounds_differently_pass(printed: str, shown: str) -> None:
    assert_prints(printed, shown)


def test_counts_of_a_block_that_is_marked_may_be_one_off() -> None:
    assert_prints("2 errors, 0.85", "1 errors, 0.80", about=True)
    with pytest.raises(AssertionError):
        assert_prints("3 errors", "1 errors", about=True)
    with pytest.raises(AssertionError):
        assert_prints("0.87", "0.80", about=True)


def test_the_mark_is_read_from_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    block = "```python\nprint(2)\n```\n\n```text\n2\n```\n"
    page.write_text(f"<!-- about -->\n{block}\n{block}", encoding="utf-8")
    assert [(b.about, b.shown) for b in blocks_of(page)] == [(True, "2\n"), (False, "2\n")]
