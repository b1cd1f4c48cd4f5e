from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


@pytest.mark.parametrize(("mark", "named"), [(";", "';'"), ("\t", "a tab"), ("|", r"'\|'")])
@pytest.mark.parametrize("n_rows", [1, 3, 30])
def test_another_separator_is_recognised_and_named(
    path: Path, mark: str, named: str, n_rows: int
) -> None:
    row = mark.join(["1,5", '"good, ""so"" to say"', "x"])
    path.write_text(f"price{mark}text{mark}label\n" + f"{row}\n" * n_rows)
    with pytest.warns(Notice, match=f"the separator is {named}; if that is wrong, pass sep="):
        rows = read_labelled(path)
    assert rows.texts == ['good, "so" to say'] * n_rows
    assert read_labelled(path, sep=mark).labels == ["x"] * n_rows  # and without a notice


@pytest.mark.parametrize(
    "content",
    [
        "text,label\na;b;c,x\nd;e;f,x\n",
        "text;note,text,label\na;b,good,x\n",
        '"text","label"\n"a|b","x"\n',
        "text\na;b\nc;d\n",
    ],
)
def test_commas_stay_where_they_give_the_columns(path: Path, content: str) -> None:
    path.write_text(content)
    assert list(read_texts(path))


def test_a_usual_name_of_a_column_is_enough(path: Path) -> None:
    path.write_text("Review;Sentiment\nfine;good\n")
    with pytest.warns(Notice, match=r"separator|no column"):
        rows = read_labelled(path)
    assert (rows.texts, rows.labels) == (["fine"], ["good"])


def test_a_missing_column_is_told_with_those_that_the_separator_gives(path: Path) -> None:
    path.write_text("opinion;mark\nfine;5\nbad;1\n")
    with (
        pytest.warns(Notice, match="separator"),
        pytest.raises(InputError, match="found: 'opinion', 'mark'"),
    ):
        list(read_texts(path))


def test_lines_of_uneven_fields_are_no_table(path: Path) -> None:
    path.write_text("a fine; room\nbad\nso; so; so\n")
    with pytest.raises(InputError, match="no column 'text'"):
        list(read_texts(path))


def test_excels_first_line_names_the_separator(path: Path) -> None:
    path.write_text("sep=;\r\ntext;label\r\na,b;x\r\n;x\r\n")
    assert read_labelled(path, skip_bad=True).texts == ["a,b"]
    with pytest.raises(InputError, match=r"a\.csv:4: text is empty"):
        read_labelled(path)


def test_a_tsv_keeps_its_tabs_and_takes_another_separator(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("text;label\na;x\n")
    with pytest.raises(InputError, match="separated by ';'; pass sep=';'"):
        read_labelled(path)
    assert read_labelled(path, sep=";").labels == ["x"]


@pytest.mark.parametrize("sep", ["", ";;", '"', "\n", "a", "comma"])
def test_a_separator_is_one_mark(sep: str) -> None:
    with pytest.raises(SettingError, match=r"sep=.* must be one character between fields"):
        read_texts(["a"], sep=sep)


def test_tab_may_be_spelt_out(path: Path) -> None:
    path.write_text("text\tlabel\na\tx\n")
    for sep in ("tab", "\\t", "\t"):
        assert read_labelled(path, sep=sep).labels == ["x"]


def test_a_file_without_a_header_shows_no_whole_review(path: Path) -> None:
    path.write_text(("The room was so nice, " * 50) + "\n")
    with pytest.raises(InputError, match="seems to be a row; put a line with the names") as caught:
        list(read_texts(path))
    assert len(caught.value.message) < 700


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_lines_that_begin_like_a_table_are_warned_of(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"id{mark}Review\n7{mark}fine\n")
    with pytest.warns(UserWarning, match=r"looks like the header of a table.* format='[ct]sv'"):
        assert len(list(read_texts(path))) == 2
    with pytest.warns(UserWarning, match="no column 'text'"):
        texts = list(read_texts(path, format="csv", sep=mark))
    assert texts == ["fine"]
    assert len(list(read_texts(path, format="txt"))) == 2  # as asked for, so without a warning
    path.write_text("a fine room, a great review\n")
    assert len(list(read_texts(path))) == 1
