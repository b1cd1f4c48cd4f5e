"""The comparison of what a page shows with what its code prints can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from shown_blocks import assert_prints, parse, run

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
        ("0.85", "0.82"),
        ("86.8 %", "87.6 %"),
        ("0.001", "0.010"),
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
        ("[0.999 1.   ]", "[1.    0.998]"),
        ("1240.2 s", "1240.0 s"),
        ("a  b\nc 7", "a b\n c 7"),
    ],
)
def test_figures_that_another_processor_rounds_differently_pass(printed: str, shown: str) -> None:
    assert_prints(printed, shown)


def test_figures_of_a_block_that_is_marked_may_be_farther_off_but_no_counts() -> None:
    assert_prints("2 errors, 0.85, 80.0 %", "2 errors, 0.80, 79.5 %", about=True)
    for printed, shown in (("2 errors", "1 errors"), ("0.87", "0.80"), ("3.1 %", "3.7 %")):
        with pytest.raises(AssertionError):
            assert_prints(printed, shown, about=True)


PYTHON = "```python\nprint({})\n```\n\n```text\n2\n```\n"


def ran(tmp_path: Path, text: str) -> dict[str, Any]:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    return run(parse(page))


def test_a_block_that_prints_something_else_fails(tmp_path: Path) -> None:
    ran(tmp_path, PYTHON.format(2))
    with pytest.raises(AssertionError):
        ran(tmp_path, PYTHON.format(3))


def test_a_block_that_is_marked_as_about_may_print_something_close(tmp_path: Path) -> None:
    block = PYTHON.replace("2", "0.80").format(0.85)
    ran(tmp_path, f"<!-- about -->\n{block}")
    with pytest.raises(AssertionError):
        ran(tmp_path, f"<!-- about -->\n{block}\n{block}")


def test_a_value_that_is_not_that_of_the_comment_fails(tmp_path: Path) -> None:
    block = "```python\nx = [1]\nx   # [{}]\n```\n"
    assert ran(tmp_path, block.format(1))["x"] == [1]
    with pytest.raises(AssertionError):
        ran(tmp_path, block.format(2))


def test_a_command_that_prints_something_else_fails(tmp_path: Path) -> None:
    block = "```console\n$ sentiment-transfer language show --help\n{}```\n"
    with pytest.raises(AssertionError):
        ran(tmp_path, block.format("Nothing\n"))


@pytest.mark.parametrize(
    ("code", "wrong", "right"),
    [("'a' + 'b'", "'ba'", "'ab'"), ("1 > 2", "True", "False"), ("-0.5", "0.5", "-0.5")],
)
def test_values_of_all_kinds_are_compared(
    tmp_path: Path, code: str, wrong: str, right: str
) -> None:
    ran(tmp_path, f"```python\n{code}  # {right}\n```\n")
    with pytest.raises(AssertionError):
        ran(tmp_path, f"```python\n{code}  # {wrong}\n```\n")


def test_a_block_of_text_that_shows_the_output_of_nothing_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="nothing runs blocks of this kind"):
        ran(tmp_path, "```python\nprint(4)\n```\n\nIt prints:\n\n```text\n3\n```\n")


def test_a_command_of_another_program_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        ran(tmp_path, "```console\n$ sentimant-transfr --version\n```\n")


def test_a_command_that_ends_with_an_error_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"nothing\.csv"):
        ran(tmp_path, "```console\n$ sentiment-transfer predict reviews-en nothing.csv\n```\n")


@pytest.mark.parametrize("kind", ["sh", "", "toml"])
def test_a_block_that_nothing_runs_fails_unless_it_is_skipped(tmp_path: Path, kind: str) -> None:
    block = f"```{kind}\nrm -r *\n```\n"
    ran(tmp_path, f'<!-- skip: next "removes everything" -->\n{block}')
    with pytest.raises(AssertionError, match="nothing runs blocks of this kind"):
        ran(tmp_path, block)


def test_a_comment_skips_one_block(tmp_path: Path) -> None:
    skip = '<!-- skip: next "would fail" -->\n'
    ran(tmp_path, skip + PYTHON.format(3) + PYTHON.format(2))
    with pytest.raises(AssertionError):
        ran(tmp_path, skip + PYTHON.format(2) + PYTHON.format(3))
