"""Tables line up in terminal cells, not in characters."""

from __future__ import annotations

import unicodedata

import pytest

from sentiment_transfer.base.tables import format_table


def cells(text: str) -> int:
    """Width by Unicode's own East Asian width property: wide and full-width take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_columns_line_up_with_chinese_and_emoji() -> None:
    rows = [["好评", "12"], ["bad", "1,234"], ["😀 glad", "7"], ["ｆｕｌｌ", "88"]]
    table = format_table(["label", "texts"], rows)
    lines = table.splitlines()
    assert {cells(line) for line in lines} == {len("ｆｕｌｌ") * 2 + 2 + len("1,234")}
    assert [line.split() for line in lines[1:3]] == [["好评", "12"], ["bad", "1,234"]]


def test_columns_are_aligned_as_their_letters_say() -> None:
    table = format_table(["a", "b", "c"], [["1", "22", "333"], ["4444", "5", "6"]], align="rlc")
    assert table == "   a  b    c\n   1  22  333\n4444  5    6\n"


def test_the_first_column_is_left_and_the_others_right_by_default() -> None:
    assert format_table([], [["good", "1"], ["a", "10"]]) == "good   1\na     10\n"


def test_a_table_of_no_lines_is_empty() -> None:
    assert format_table([], []) == ""
    assert format_table(["label", "texts"], []) == "label  texts\n"


def test_cells_are_kept_as_they_are_markup_and_emoji_codes_included() -> None:
    assert format_table([], [["[bold]x[/bold] :smile:", "1"]]) == "[bold]x[/bold] :smile:  1\n"


def test_a_row_with_another_number_of_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        format_table(["a", "b"], [["only one"]])
