from __future__ import annotations

import datetime as dt
import io
import time
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

openpyxl: Any = pytest.importorskip("openpyxl")

ROWS = [["id", "text", "label"], [1, "It was great.", "good"], [2, "第一行\n第二行", "bad"]]


def saved(path: Path, rows: Iterable[list[Any]], **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    book.save(path)
    return path


def with_shared_strings(path: Path) -> None:
    """Write a workbook as Excel does, with its texts in a part of their own."""
    texts = ("text", "label", "It was great.", "good")
    cells = [
        f'<c r="{place}" t="s"><v>{n}</v></c>' for n, place in enumerate(["A1", "B1", "A2", "B2"])
    ]
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = (
        f'<worksheet {main}><sheetData><row r="1">{cells[0]}{cells[1]}</row>'
        f'<row r="2">{cells[2]}{cells[3]}</row></sheetData></worksheet>'
    )
    strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
    kind = (
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    saved(path, ROWS)
    types = zipfile.ZipFile(path).read("[Content_Types].xml")
    with_part(path, "[Content_Types].xml", types.replace(b"</Types>", kind.encode()))
    with_part(path, "xl/worksheets/sheet1.xml", sheet.encode())
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/sharedStrings.xml", f"<sst {main}>{strings}</sst>")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.xlsx"


def with_part(path: Path, name: str, part: bytes) -> None:
    """Replace a part of a workbook."""
    old = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, part if each == name else old.read(each))


def test_texts_and_labels_come_from_below_the_header(path: Path) -> None:
    rows = read_labelled(saved(path, ROWS))
    assert rows.texts == ["It was great.", "第一行\n第二行"]
    assert rows.labels == ["good", "bad"]
    texts = read_texts(path)
    assert list(texts) == list(texts) == rows.texts


def test_texts_in_a_part_of_their_own_are_read(path: Path) -> None:
    with_shared_strings(path)
    rows = read_labelled(path)
    assert (rows.texts, rows.labels) == (["It was great."], ["good"])


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (1, "1"),
        (1.0, "1"),
        (2.5, "2.5"),
        ("01", "01"),
        (" good ", "good"),
        ("NA", "NA"),
        (True, "True"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29, 13, 5), "2024-02-29 13:05:00"),
    ],
)
def test_a_label_is_what_csv_would_have(path: Path, value: object, label: str) -> None:
    assert read_labelled(saved(path, [["text", "label"], ["a", value]])).labels == [label]


def test_the_number_one_and_the_text_1_are_one_label(path: Path) -> None:
    rows = read_labelled(saved(path, [["text", "label"], ["a", 1], ["b", "1"]]))
    assert rows.labels == ["1", "1"]


def test_an_error_of_a_formula_is_a_bad_row_by_excels_number(path: Path) -> None:
    saved(path, [["text", "label"], ["a", "x"], [], ["#N/A", "x"], ["b", "#DIV/0!"], ["c", "y"]])
    with pytest.raises(InputError, match=r"a\.xlsx: row 4: text is the error #N/A of a formula"):
        list(read_texts(path))
    rows = read_labelled(path, skip_bad=True)
    assert rows.texts == ["a", "c"]
    assert any("row 5: label is the error #DIV/0!" in message for message in rows.skipped)
    assert any("blank lines left out: 1" in message for message in rows.skipped)


def test_an_error_in_another_column_is_none_of_our_business(path: Path) -> None:
    assert list(read_texts(saved(path, [["text", "n"], ["a", "#N/A"]]))) == ["a"]


def test_a_formula_is_its_stored_value(path: Path) -> None:
    saved(path, [["text", "label"], ["a", 12345]])
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert b"<v>12345</v>" in sheet
    formula = sheet.replace(b"<v>12345</v>", b"<f>3+4</f><v>7</v>")
    with_part(path, "xl/worksheets/sheet1.xml", formula)
    assert read_labelled(path).labels == ["7"]


def test_a_formula_that_was_never_computed_is_a_missing_value(path: Path) -> None:
    saved(path, [["text", "label"], ["=1+1", "x"], ["b", "x"]])
    assert list(read_texts(path)) == ["", "b"]
    with pytest.raises(InputError, match="row 2: text is empty or missing"):
        read_labelled(path)


def test_rows_above_the_header_and_gaps_are_passed_over(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["B3"], book.active["C3"] = "text", "label"
    book.active["B9"], book.active["C9"] = "a", "x"
    book.save(path)
    said: list[str] = []
    assert list(read_texts(path, on_skip=said.append)) == ["a"]
    assert said == [f"{path}: blank lines left out: 5"]


def test_cells_beside_the_header_are_left_out_and_counted(path: Path) -> None:
    texts = read_texts(saved(path, [["text"], ["a", None, "note"], ["b"]]))
    assert list(texts) == ["a", "b"]
    assert texts.skipped == [f"{path}: cells beside the columns of the header left out: 1 rows"]


def test_a_stray_cell_in_the_last_corner_costs_little(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.cell(1_048_576, 16_384, "stray")
    book.save(path)
    tracemalloc.start()
    began = time.process_time()
    try:
        assert len(list(read_texts(path))) == 2
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < 20  # 17,179,869,184 cells would take hours
    assert peak < 10_000_000


def test_the_first_sheet_is_read_and_the_others_are_named(path: Path) -> None:
    saved(path, ROWS, Old=[["text"], ["old"]])
    with pytest.warns(Notice, match=r"the sheet 'Sheet' is read; for another one \('Old'\), pass"):
        assert len(list(read_texts(path))) == 2
    assert list(read_texts(path, sheet="Old")) == ["old"]
    with pytest.raises(InputError, match="no sheet 'New'; the sheets are 'Sheet', 'Old'"):
        list(read_texts(path, sheet="New"))


def test_a_hidden_sheet_is_read_by_name_alone(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["text"])
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("Shown")
    shown.append(["text"])
    shown.append(["shown"])
    book.active = 1
    book.save(path)
    assert list(read_texts(path)) == ["shown"]
    assert list(read_texts(path, sheet="Sheet")) == ["hidden"]


def test_an_empty_sheet_is_named(path: Path) -> None:
    with pytest.raises(InputError, match=r"the sheet 'Sheet' is empty; name another one with sh"):
        list(read_texts(saved(path, [])))
    with pytest.raises(InputError, match="no usable row"):
        list(read_texts(saved(path, [["text", "label"]])))


def test_a_missing_column_lists_those_of_the_sheet(path: Path) -> None:
    with pytest.raises(InputError, match="no column 'body'; found: 'id', 'text', 'label'"):
        list(read_texts(saved(path, ROWS), text="body"))


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb", "a.ods"])
def test_other_workbooks_are_refused_with_the_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=r"save it as \.xlsx"):
        read_texts(tmp_path / name)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.txt", "a.jsonl"])
def test_an_encrypted_or_old_workbook_is_recognised_under_any_name(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000))
    with pytest.raises(InputError, match=r"encrypted one, not text; open it in Excel and save it"):
        list(read_texts(tmp_path / name, skip_bad=True))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.json"])
def test_a_workbook_that_is_named_like_text_is_recognised(tmp_path: Path, name: str) -> None:
    saved(tmp_path / "a.xlsx", ROWS).rename(tmp_path / name)
    with pytest.raises(InputError, match=r"is an Excel workbook .* ends in \.xlsx"):
        list(read_texts(tmp_path / name))
    if name == "a.csv":
        assert len(list(read_texts(tmp_path / name, format="xlsx"))) == 2


def test_text_that_is_named_like_a_workbook_is_recognised(path: Path) -> None:
    path.write_text("text,label\na,x\n")
    with pytest.raises(InputError, match=r"is not an Excel workbook; .* ends in \.csv"):
        list(read_texts(path))


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.99])
def test_a_workbook_that_is_cut_off_is_refused(path: Path, kept: float) -> None:
    raw = saved(path, ROWS * 100).read_bytes()
    path.write_bytes(raw[: int(kept * len(raw))])
    with pytest.raises(InputError, match=r"cannot be read as Excel: .*save it again as \.xlsx"):
        list(read_texts(path, skip_bad=True))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_workbook_with_a_damaged_part_is_refused(path: Path, part: str) -> None:
    with_part(saved(path, ROWS), part, b"<damaged")
    with pytest.raises(InputError, match="cannot be read as Excel"):
        list(read_texts(path, skip_bad=True))


def test_a_workbook_that_expands_too_far_is_refused_before_it_does(path: Path) -> None:
    with_part(saved(path, ROWS), "xl/worksheets/sheet1.xml", bytes(100_000_000))
    assert path.stat().st_size < 200_000
    for max_bytes, message in ((10**7, "more than max_bytes=10,000,000"), (10**9, "would expand")):
        tracemalloc.start()
        try:
            with pytest.raises(InputError, match=message):
                list(read_texts(path, max_bytes=max_bytes))
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()


def test_a_compressed_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx.gz").write_bytes(b"x")
    with pytest.raises(InputError, match="compressed inside"):
        list(read_texts(tmp_path / "a.xlsx.gz"))


def test_without_openpyxl_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(path, ROWS)
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"needs openpyxl.*sentiment-transfer\[excel\]"):
        list(read_texts(path))
