"""The options that say how files are read, standard input as a table, and what is said of it."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Run

pytestmark = pytest.mark.filterwarnings("default")  # as lines on standard error

TABLE = "Review;Sentiment\nA superb, lovely room.;positive\nDirty and awful.;negative\n"


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Return a function that gives bytes to standard input."""

    def give(raw: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    return give


def labels(out: str) -> list[str]:
    return [json.loads(line)["label"] for line in out.splitlines()]


def test_a_table_on_standard_input_is_read_with_its_format(
    run: Run, piped: Callable[[bytes], None]
) -> None:
    piped(TABLE.encode())
    code, out, err = run(
        *("predict", "reviews-en", "-", "--input-format", "csv", "--format", "jsonl")
    )
    assert (code, labels(out)) == (0, ["positive", "negative"])
    assert "standard input: the separator is ';'; if that is wrong, pass --sep ..." in err
    assert "standard input has no column 'text'; texts are read from 'Review'" in err


@pytest.mark.parametrize("form", ["tsv", "json", "jsonl", "txt", "ft"])
def test_other_formats_come_from_standard_input_too(
    run: Run, piped: Callable[[bytes], None], form: str
) -> None:
    rows = [("A superb room.", "positive"), ("Awful.", "negative")]
    records = [{"text": text, "label": label} for text, label in rows]
    content = {
        "tsv": "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows),
        "json": json.dumps(records),
        "jsonl": "\n".join(map(json.dumps, records)),
        "txt": "".join(f"{text}\n" for text, _ in rows),
        "ft": "".join(f"__label__{label} {text}\n" for text, label in rows),
    }[form]
    piped(content.encode())
    code, out, err = run(
        *("predict", "reviews-en", "-", "--input-format", form, "--format", "jsonl"),
        *("--keep", "none"),
    )
    assert (code, labels(out), err) == (0, ["positive", "negative"], "")


def test_labelled_texts_come_from_standard_input(run: Run, piped: Callable[[bytes], None]) -> None:
    piped(TABLE.encode("utf-16"))
    code, out, err = run("evaluate", "reviews-en", "-", "--input-format", "csv")
    assert code == 0
    assert "accuracy" in out
    assert "standard input is read as utf-16; if that is wrong, pass --encoding ..." in err


def test_a_header_on_standard_input_is_warned_of(run: Run, piped: Callable[[bytes], None]) -> None:
    piped(TABLE.encode())
    code, out, err = run("predict", "reviews-en", "-", "--format", "jsonl")
    assert (code, len(labels(out))) == (0, 3)
    assert "warning: standard input: the first line, 'Review;Sentiment', looks like the head" in err
    assert "to read a table, pass --input-format csv" in err


def test_a_workbook_on_standard_input_is_refused(run: Run, piped: Callable[[bytes], None]) -> None:
    piped(b"PK\x03\x04")
    code, _, err = run("predict", "reviews-en", "-", "--input-format", "xlsx")
    assert (code, err) == (
        2,
        "error: --input-format xlsx cannot be read from standard input; give a file\n",
    )
    code, _, err = run("predict", "reviews-en", "-")
    assert code == 3
    assert "standard input: is an Excel workbook" in err


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--sep", ";;", "--sep ;; is not allowed; it must be one character"),
        ("--encoding", "latin-7", "--encoding latin-7 is not allowed; it must be the name"),
        ("--input-format", "doc", "'doc' is not one of 'csv', 'tsv', 'xlsx'"),
    ],
)
def test_a_wrong_option_is_a_usage_error(
    run: Run, tmp_path: Path, option: str, value: str, message: str
) -> None:
    code, _, err = run("predict", "reviews-en", tmp_path / "no.csv", option, value)
    assert code == 2
    assert message in err


def test_options_hold_for_files(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "export.dat"
    path.write_text(TABLE.replace("superb", "superbé"), "cp1252")
    options = ("--input-format", "csv", "--sep", ";", "--encoding", "cp1252", "--text", "Review")
    code, out, err = run("predict", "reviews-en", path, *options, "--format", "jsonl")
    assert (code, labels(out), err) == (0, ["positive", "negative"], "")
    assert json.loads(out.splitlines()[0])["Review"] == "A superbé, lovely room."


def test_sheets_are_named_and_chosen(run: Run, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "hotels.xlsx"
    book = openpyxl.Workbook()
    for row in (["text"], ["A superb room."]):
        book.active.append(row)
    for row in (["text"], ["Dirty and awful."]):
        (book["Old"] if "Old" in book.sheetnames else book.create_sheet("Old")).append(row)
    book.save(path)
    code, out, err = run("predict", "reviews-en", path, "--format", "jsonl")
    assert (code, labels(out)) == (0, ["positive"])
    assert "the sheet 'Sheet' is read; for another one ('Old'), pass --sheet ..." in err
    code, out, err = run("predict", "reviews-en", path, "--format", "jsonl", "--sheet", "Old")
    assert (code, labels(out), err) == (0, ["negative"], "")


def test_a_folder_of_tables_with_one_text_file_is_no_corpus(run: Run, tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / f"{number:02}.csv").write_text("text\nA superb room.\n")
    (tmp_path / "log.txt").write_text("done\n")
    output = tmp_path / "m.safetensors"
    code, _, err = run("pretrain", tmp_path, "-o", output)
    assert code == 3
    assert "the folder holds tables (00.csv, 01.csv, 02.csv and 22 more) and .txt files" in err
    assert f"such as '{tmp_path}/*.csv'" in err
    assert not output.exists()
    code, out, err = run("predict", "reviews-en", f"{tmp_path}/*.csv", "--format", "jsonl")
    assert (code, len(labels(out))) == (0, 25)
    assert f"{tmp_path}/*.csv: 25 files (00.csv, 01.csv, 02.csv and 22 more)" in err


def test_many_texts_beside_one_table_are_a_corpus(run: Run, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("A superb room.\n")
    (tmp_path / "labels.csv").write_text("a,b\n")
    code, out, err = run("predict", "reviews-en", tmp_path, "--format", "jsonl")
    assert (code, len(labels(out))) == (0, 3)
    assert "left out, since no .txt files: labels.csv (1)" in err


def test_the_texts_that_were_learnt_from_are_counted(run: Run, tmp_path: Path) -> None:
    path, output = tmp_path / "a.csv", tmp_path / "m.safetensors"
    lines = [f"a superb lovely room {n}\nan awful dirty room {n}" for n in range(60)]
    path.write_text("text,n\n" + "".join(f"{line},0\n" for line in "\n".join(lines).split("\n")))
    path.write_text(path.read_text() + ",1\n ,2\n" + "a superb lovely room 1,9\n" * 3)
    code, _, err = run("adapt", "reviews-en", path, "-o", output)
    assert code == 0
    assert "125 texts read, 2 empty, 3 repeated" in err
    code, _, err = run("fit", "--vectors", "reviews-en", "--unlabelled", path, "-o", output)
    assert code == 0
    assert "125 texts read, 2 empty, 3 repeated" in err
    code, _, err = run("adapt", "reviews-en", path, "-o", output, "-q")
    assert (code, "texts read" in err) == (0, False)
