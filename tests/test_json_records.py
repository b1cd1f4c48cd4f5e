from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = [{"text": "a\n[x]", "label": "p"}, {"id": [{}], "text": "第", "label": "q"}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.json"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_array_of_records_is_read_under_any_name(
    tmp_path: Path, name: str, indent: int | None, ascii_only: bool
) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(RECORDS, indent=indent, ensure_ascii=ascii_only), "utf-8-sig")
    rows = read_labelled(path)
    assert (rows.texts, rows.labels) == (["a\n[x]", "第"], ["p", "q"])


def test_a_json_file_may_have_a_record_on_each_line(path: Path) -> None:
    path.write_text("\n".join(map(json.dumps, RECORDS)))
    assert read_labelled(path).labels == ["p", "q"]


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_an_array_of_any_length_is_read_to_its_end(path: Path, size: int) -> None:
    records = [{"text": f"{n} " + "x" * size} for n in range(4)] + [{"text": "y"}] * 60_000
    path.write_text(json.dumps(records))
    texts = list(read_texts(path))
    assert len(texts) == 60_004
    assert [text[:2] for text in texts[:5]] == ["0 ", "1 ", "2 ", "3 ", "y"]


@pytest.mark.parametrize(
    "content",
    ['{"data": []}', '{\n"text": "a"\n}', '"a"', "17", "null", "{", '{"text": "a"}\n'],
)
def test_what_is_no_array_is_refused_with_the_remedy(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(InputError, match=r"not an array of records such as .*one record on each"):
        list(read_texts(path))


def test_a_bad_record_is_named_by_its_number_or_counted(path: Path) -> None:
    path.write_text(
        '[{"text": "a", "label": "x"}, 3, {"text": "b"}, {"text": "", "label": "x"},'
        ' {"text": "c", "text": "d", "label": "x"}, {"text": "e", "label": 7}]'
    )
    with pytest.raises(InputError, match=r"a\.json: record 2: a int, not a JSON object"):
        read_labelled(path)
    with pytest.raises(InputError, match=r"record 6: label 7 is an integer, but .* of record 1"):
        read_labelled(path, skip_bad=True)
    path.write_text(path.read_text().replace("7", '"y"'))
    rows = read_labelled(path, skip_bad=True)
    assert rows.texts == ["a", "e"]
    assert [message.split(": ")[1] for message in rows.skipped] == [
        *("record 2", "record 3", "record 4", "record 5"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "a"}', "the file ends after record 1"),
        ('[{"text": "a"} {"text": "b"}]', "'{' follows record 1, not a comma"),
        ('[{"text": "a"},]', "record 2: not JSON"),
        ('[{"text": "a"}, {"text: "b"}, {}]', "record 2: not JSON"),
        ('[{"text": "a"}, {"te', "record 2: not JSON"),
        ('[{"text": "a"}] more', "'m' follows the end of the array"),
        ('[{"text": ' + "[" * 100_000, "record 1: not JSON"),
        ("[", "record 1: not JSON"),
    ],
)
def test_a_damaged_array_is_refused_even_when_skipping(
    path: Path, content: str, message: str
) -> None:
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        list(read_texts(path, skip_bad=True))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_usual_names_of_fields_are_found(tmp_path: Path, name: str) -> None:
    records = [{"Review": "a", "stars": "1"}, {"Review": "b", "stars": "5"}]
    content = json.dumps(records) if name == "a.json" else "\n".join(map(json.dumps, records))
    (tmp_path / name).write_text(content)
    with pytest.warns(Notice, match=r"has no column '(text|label)'; \w+ are read from"):
        rows = read_labelled(tmp_path / name)
    assert (rows.texts, rows.labels) == (["a", "b"], ["1", "5"])


def test_an_empty_array_holds_nothing(path: Path) -> None:
    path.write_text("[ ]")
    with pytest.raises(InputError, match="no usable row"):
        list(read_texts(path))


def test_a_broken_byte_in_an_array_is_a_bad_record(path: Path) -> None:
    path.write_bytes('[{"text": "naïve é"}, {"text": "'.encode() + b'caf\xe9"}, {"text": "b"}]')
    texts = read_texts(path, skip_bad=True)
    assert list(texts) == ["naïve é", "b"]
    assert "record 2: a byte that is not of its encoding" in texts.skipped[0]
