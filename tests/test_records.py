"""Texts with the records that they are from, and the columns of several headers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_transfer.corpus.columns import Columns
from sentiment_transfer.corpus.formats import sources_of
from sentiment_transfer.corpus.records import LOOKED_AT, Header, Records
from sentiment_transfer.corpus.rows import Record, Source
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path


def records_of(path: Path, **options: Any) -> Records:  # noqa: ANN401
    sources = sources_of(path, Columns("text", None, keep=True), FileOptions())
    return Records(sources, **options)


def rows_of(records: Records) -> list[tuple[str, Record]]:
    return [row for batch in records.batches(2) for row in batch]


def test_a_record_of_csv_has_every_field_as_written(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text,a,a\n007,fine, 1 ,NA\n", "utf-8")
    records = records_of(path)
    assert records.headers() == {str(path): ("id", "text", "a", "a")}
    assert rows_of(records) == [
        ("fine", Record(("id", "text", "a", "a"), ["007", "fine", " 1 ", "NA"]))
    ]


def test_the_apostrophe_before_a_formula_is_taken_off_but_not_from_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,note,label\n'=1,'=SUM(A1),'=x\n'hello,'tis,y\n", "utf-8")
    rows = rows_of(records_of(path))
    assert rows[0] == ("=1", Record(("text", "note", "label"), ["=1", "=SUM(A1)", "'=x"]))
    assert rows[1] == ("'hello", Record(("text", "note", "label"), ["'hello", "'tis", "y"]))


def test_json_lines_have_the_columns_of_all_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [{"text": "a", "n": 1}, {"text": None, "tags": ["x"]}]
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    records = records_of(path)
    assert records.headers() == {str(path): ("text", "n", "tags")}
    rows = rows_of(records)
    assert [text for text, _ in rows] == ["a", ""]
    header = Header(records.headers().values())
    assert [header.fields(record) for _, record in rows] == lines
    assert [list(header.values(record)) for _, record in rows] == [
        ["a", 1, None],
        [None, None, ["x"]],
    ]


def test_parquet_keeps_numbers_dates_and_nested_values(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    day = pd.Timestamp("2026-11-29")
    frame = pd.DataFrame(
        {"id": [1, 2], "text": ["a", None], "day": [day, None], "tags": [["x", "y"], []]}
    )
    frame.to_parquet(path)
    rows = rows_of(records_of(path))
    assert [text for text, _ in rows] == ["a", ""]
    assert rows[0][1].values == (1, "a", day, ["x", "y"])
    assert rows[1][1].values == (2, None, None, [])


def test_a_column_named_like_the_start_of_another_keeps_its_own_values(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a.b": [1], "a": [2], "text": ["x"]}).to_parquet(path)
    assert rows_of(records_of(path))[0][1].values == (1, 2, "x")


def test_lines_have_a_text_and_files_of_a_folder_their_name_too(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("good\nbad\n", "utf-8")
    assert records_of(path).headers() == {str(path): ("text",)}
    assert [record for _, record in rows_of(records_of(tmp_path))] == [
        Record(("file", "text"), (str(path), "good\nbad\n"))
    ]


def test_bad_rows_are_skipped_and_the_order_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,id\na,1\nb\nc,3\n", "utf-8")
    with pytest.raises(InputError, match="1 fields where the header has 2"):
        rows_of(records_of(path))
    messages: list[str] = []
    rows = rows_of(records_of(path, skip_bad=True, on_skip=messages.append))
    assert [record.values for _, record in rows] == [["a", "1"], ["c", "3"]]
    assert len(messages) == 1


def test_a_source_that_is_read_once_loses_no_row_to_the_look_at_its_columns() -> None:
    unread = [(i, "x", Record(("text", "i"), ["x", i], True)) for i in range(LOOKED_AT + 5)]
    source = Source("pipe", iter([iter(unread)]).__next__, "row")
    records = Records([source], once=True)
    assert records.headers() == {"pipe": ("text", "i")}
    assert [record.values[1] for _, record in rows_of(records)] == list(range(LOOKED_AT + 5))


def test_columns_of_several_headers_stand_side_by_side() -> None:
    header = Header([("text", "a"), ("b", "text", "b")])
    assert header.names == ["text", "a", "b", "b"]
    assert header.different_names == ["text", "a", "b", "b_2"]
    assert list(header.values(Record(("text", "a"), [1, 2]))) == [1, 2, None, None]
    record = Record(("b", "text", "b"), [1, 2, 3])
    assert list(header.values(record)) == [2, None, 1, 3]
    assert header.fields(record) == {"text": 2, "b": 1, "b_2": 3}


def test_columns_to_keep_come_in_the_order_in_which_they_are_named() -> None:
    header = Header([("text", "a", "b")], ["b", "text", "b"])
    assert header.names == ["b", "text"]
    assert list(header.values(Record(("text", "a", "b"), [1, 2, 3]))) == [3, 1]
    assert Header([("text",)], []).names == []
    with pytest.raises(SettingError, match=r"no column 'txt' \(did you mean 'text'\?\)"):
        Header([("text", "a")], ["txt"])


def test_a_column_that_the_first_rows_lack_is_an_error_unless_others_are_kept() -> None:
    late = Record(("text", "new"), ["x", 1], True)
    assert list(Header([("text",)], ["text"]).values(late)) == ["x"]
    with pytest.raises(InputError, match="'new' is in none of the first 4,096 rows"):
        Header([("text",)]).values(late)


@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "b"]), max_size=8))
def test_different_names_are_different_and_the_first_of_each_stays(names: list[str]) -> None:
    different = Header([tuple(names)]).different_names
    assert len(set(different)) == len(names)
    assert all(different[names.index(name)] == name for name in names)
