"""What ``predict`` writes beside the columns of its input."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

if TYPE_CHECKING:
    from conftest import Run

HOTELS = """id,Hotel,rating,text,note
007,"Ritz, Paris",3,The room was great.,'=1+1
008,Plaza,,"Awful, dirty
room",-3
"""
OWN = ["label", "probability", "coverage"]


@pytest.fixture
def hotels(tmp_path: Path) -> Path:
    path = tmp_path / "hotels.csv"
    path.write_text(HOTELS, "utf-8")
    return path


def rows_of(out: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out, newline=""), delimiter=delimiter))


def without_answers(out: str, columns: int) -> list[list[str]]:
    return [row[:columns] for row in csv.reader(io.StringIO(out, newline=""))]


def test_csv_comes_out_as_it_went_in_with_three_columns_more(run: Run, hotels: Path) -> None:
    code, out, err = run("predict", "reviews-en", hotels, "--format", "csv")
    assert (code, err) == (0, "")
    assert without_answers(out, 5) == without_answers(HOTELS, 5)
    assert out.splitlines()[0] == "id,Hotel,rating,text,note,label,probability,coverage"
    assert [row["label"] for row in rows_of(out)] == ["positive", "negative"]
    # fields that need no quotes have none: the line begins as it did
    assert out.splitlines()[1].startswith('007,"Ritz, Paris",3,The room was great.,\'=1+1,positive')


def test_tsv_has_the_same_fields(run: Run, hotels: Path, tmp_path: Path) -> None:
    assert run("predict", "reviews-en", hotels, "-o", tmp_path / "o.tsv")[0] == 0
    out = run("predict", "reviews-en", hotels, "--format", "csv")[1]
    assert rows_of((tmp_path / "o.tsv").read_text("utf-8"), "\t") == rows_of(out)


@pytest.mark.needs_extra("excel")
def test_every_format_holds_the_same_values(run: Run, hotels: Path, tmp_path: Path) -> None:
    for suffix in ("json", "parquet", "xlsx"):
        assert run("predict", "reviews-en", hotels, "-o", tmp_path / f"o.{suffix}")[0] == 0
    rows = json.loads((tmp_path / "o.json").read_text("utf-8"))
    assert list(rows[0]) == ["id", "Hotel", "rating", "text", "note", *OWN, "probabilities"]
    assert (rows[0]["id"], rows[0]["note"], rows[1]["rating"]) == ("007", "=1+1", "")
    for row in rows:
        del row["probabilities"]
    assert pd.read_parquet(tmp_path / "o.parquet").to_dict("records") == rows
    frame = pd.read_excel(tmp_path / "o.xlsx", dtype=object, keep_default_na=False)
    assert frame.to_dict("records") == rows


def test_names_of_the_input_are_not_overwritten(run: Run, tmp_path: Path) -> None:
    path, out, again = (tmp_path / f"{name}.csv" for name in ("in", "out", "again"))
    path.write_text("text,label\ngreat,+1\nawful,=x\n", "utf-8")
    code, _, err = run("predict", "reviews-en", path, "-o", out)
    assert code == 0
    said, counts = err.splitlines()
    assert said == "the input has a column label already; the new one is named predicted_label"
    assert counts == f"{out}: 2 texts, 1 negative, 1 positive"
    assert [row["label"] for row in rows_of(out.read_text("utf-8"))] == ["+1", "=x"]
    assert [row["predicted_label"] for row in rows_of(out.read_text())] == ["positive", "negative"]
    run("predict", "reviews-en", out, "-o", again)
    names = "label,predicted_label,probability,coverage"
    new = "predicted_label_2,predicted_probability,predicted_coverage"
    assert again.read_text("utf-8").splitlines()[0] == f"text,{names},{new}"


def test_keep_narrows_and_orders_the_columns(run: Run, hotels: Path) -> None:
    command = ["predict", "reviews-en", hotels, "--format", "csv", "--keep"]
    assert run(*command, "rating, id")[1].splitlines()[1].startswith("3,007,positive,")
    assert run(*command, "none")[1].splitlines()[0] == ",".join(OWN)
    code, out, err = run(*command, "hotel")
    assert (code, out) == (2, "")
    assert "no column 'hotel' (did you mean 'Hotel'?)" in err
    assert "--keep" in err


def test_a_dropped_column_leaves_its_name_free(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\ngreat,x\n", "utf-8")
    _, out, err = run("predict", "reviews-en", path, "--format", "csv", "--keep", "text")
    assert (out.splitlines()[0], err) == (f"text,{','.join(OWN)}", "")


def test_the_probability_of_each_label_is_a_column_on_request(run: Run, hotels: Path) -> None:
    out = run("predict", "reviews-en", hotels, "--format", "csv", "--probabilities")[1]
    for row in rows_of(out):
        shares = [float(row[f"probability_{label}"]) for label in ("negative", "positive")]
        assert sum(shares) == pytest.approx(1, abs=2e-6)
        assert max(shares) == float(row["probability"]) == float(row[f"probability_{row['label']}"])


@pytest.mark.parametrize("option", [["--keep", "id"], ["--probabilities"]])
def test_a_table_has_no_columns_to_choose(run: Run, hotels: Path, option: list[str]) -> None:
    code, out, err = run("predict", "reviews-en", hotels, *option)
    assert (code, out) == (2, "")
    assert "--format" in err


def test_the_table_stays_label_probability_coverage_and_text(run: Run, hotels: Path) -> None:
    lines = run("predict", "reviews-en", hotels)[1].splitlines()
    assert lines[0].split() == [*OWN, "text"]
    assert lines[1].endswith("  The room was great.")
    assert len(lines) == 3


def test_lines_and_strings_are_a_column_text(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("great\nawful\n", "utf-8")
    from_file = run("predict", "reviews-en", path, "--format", "csv")[1]
    strings = ["--string", "great", "--string", "awful"]
    assert run("predict", "reviews-en", *strings, "--format", "csv")[1] == from_file
    assert from_file.splitlines()[0] == f"text,{','.join(OWN)}"


def test_inputs_with_different_columns_give_their_union(run: Run, tmp_path: Path) -> None:
    one, two, out = tmp_path / "a.csv", tmp_path / "b.jsonl", tmp_path / "out.csv"
    one.write_text("id,text\n1,great\n", "utf-8")
    two.write_text('{"text": "awful", "stars": 2}\n{"text": "bad", "tags": ["x"]}\n', "utf-8")
    code, _, err = run("predict", "reviews-en", one, two, "-o", out)
    assert code == 0
    assert err.startswith(
        f"the inputs have different columns; empty, since {one} lacks them: stars, tags\n"
    )
    assert without_answers(out.read_text("utf-8"), 4) == [
        ["id", "text", "stars", "tags"],
        ["1", "great", "", ""],
        ["", "awful", "2", ""],
        ["", "bad", "", '["x"]'],
    ]
    lines = run("predict", "reviews-en", one, two, "--format", "jsonl")[1].splitlines()
    assert [list(json.loads(line))[:2] for line in lines] == [
        ["id", "text"],
        ["text", "stars"],
        ["text", "tags"],
    ]


def test_skipped_rows_are_counted_and_the_order_stays(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,id\ngreat,1\nbroken\nawful,3\n\ngood,4\n", "utf-8")
    command = ["predict", "reviews-en", path, "--format", "csv"]
    assert run(*command)[0] == 3
    code, out, err = run(*command, "--skip-bad")
    assert code == 0
    assert [row["id"] for row in rows_of(out)] == ["1", "3", "4"]
    assert err.count("skipped: ") == 2
    assert err.endswith("skipped in all: 2\n")


@pytest.mark.skipif(os.name != "posix", reason="a device of POSIX")
def test_the_null_device_takes_the_output(
    run: Run, hotels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        code, out, err = run("predict", "reviews-en", hotels, "-o", "/dev/null")
        assert (code, out, err) == (0, "", "/dev/null: 2 texts, 1 negative, 1 positive\n")
    code, _, err = run("fit", hotels, "--vectors", "reviews-en", "-o", "/dev/null")
    assert (code, "/dev/null: is a folder or a device" in err) == (3, True)


def test_standard_output_may_be_binary(run: Run, hotels: Path, tmp_path: Path) -> None:
    from sentiment_transfer.cli.predict import BINARY_WRITERS

    assert set(BINARY_WRITERS) == {"parquet", "xlsx"}
    target = tmp_path / "o.bin"
    assert run("predict", "reviews-en", hotels, "--format", "parquet", "-o", target)[0] == 0
    assert pd.read_parquet(target)["id"].tolist() == ["007", "008"]


def test_json_without_a_number_and_dates_can_be_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    day = datetime(2026, 11, 29, tzinfo=UTC)
    values = {"text": ["great"], "price": [float("nan")], "day": [day], "raw": [b"\xff"]}
    pd.DataFrame(values).to_parquet(path)
    row: dict[str, Any] = json.loads(run("predict", "reviews-en", path, "--format", "jsonl")[1])
    assert (row["price"], row["raw"]) == (None, "\\xff")
    assert row["day"].startswith("2026-11-29T00:00:00")
    assert row["text"] == "great"
    out = run("predict", "reviews-en", path, "--format", "csv")[1]
    assert rows_of(out)[0]["price"] == ""


def test_a_field_with_a_carriage_return_is_quoted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'text,note\r\ngreat,"a\rb"\r\n')
    out = run("predict", "reviews-en", path, "--format", "csv")[1]
    assert '"a\rb"' in out
    assert out.count("\n") == 2


@pytest.mark.filterwarnings("default")
def test_a_text_is_found_under_the_name_of_training_and_its_column_kept(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Review\ngreat\nawful\n", "utf-8")
    code, out, err = run("predict", "reviews-en", path, "--format", "csv")
    assert (code, out.splitlines()[0]) == (0, f"Review,{','.join(OWN)}")
    assert err.count("texts are read from 'Review'") == 1


@pytest.mark.needs_extra("excel")
def test_numbers_and_days_of_a_workbook_stay_numbers_and_days(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    days = [pd.Timestamp("2026-11-29"), pd.Timestamp("2026-11-30 08:30")]
    frame = pd.DataFrame({"id": [7, 8], "text": ["great", "bad"], "day": days, "ok": [True, False]})
    frame.to_excel(path, index=False)
    assert run("predict", "reviews-en", path, "-o", out)[0] == 0
    pd.testing.assert_frame_equal(pd.read_excel(out)[list(frame)], pd.read_excel(path))
    rows = rows_of(run("predict", "reviews-en", path, "--format", "csv")[1])
    assert [row["day"] for row in rows] == ["2026-11-29", "2026-11-30T08:30:00"]
    assert [row["id"] for row in rows] == ["7", "8"]


@pytest.mark.needs_extra("excel")
def test_a_workbook_runs_nothing_and_says_what_it_cuts(run: Run, tmp_path: Path) -> None:
    import openpyxl

    path, out = tmp_path / "a.csv", tmp_path / "o.xlsx"
    path.write_text(f"text,big,odd\n=1+1,{'9' * 20},a\x01b\n{'long ' * 7000},2,c\n", "utf-8")
    code, _, err = run("predict", "reviews-en", path, "-o", out)
    assert code == 0
    assert "cut to 32,767 characters, as Excel has no longer cells: 1; CSV has them whole\n" in err
    sheet = openpyxl.load_workbook(out).worksheets[0]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert (sheet["B2"].value, sheet["C2"].value) == ("9" * 20, "a_x0001_b")
    assert len(sheet["A3"].value) == 32_767


@pytest.mark.filterwarnings("default")
def test_a_table_on_standard_input_keeps_its_columns(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b'{"id": 1, "Review": "great"}\n{"Review": "bad", "n": 2}\n'
    command = ["predict", "reviews-en", "-", "--text", "Review", "--input-format", "jsonl"]
    for form in ("csv", "jsonl"):
        stream = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", stream)
        code, out, _ = run(*command, "--format", form)
        assert code == 0
        if form == "csv":
            assert without_answers(out, 3) == [
                ["id", "Review", "n"],
                ["1", "great", ""],
                ["", "bad", "2"],
            ]
        else:
            assert [list(json.loads(line))[:2] for line in out.splitlines()] == [
                ["id", "Review"],
                ["Review", "n"],
            ]


@pytest.mark.filterwarnings("default")
def test_semicolons_and_another_encoding_come_out_as_commas_and_utf_8(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id;Ort;text\n1;Zürich, See;great\n2;Café;bad\n".encode("cp1252"))
    code, out, err = run("predict", "reviews-en", path, "--format", "csv")
    assert code == 0
    assert [row["Ort"] for row in rows_of(out)] == ["Zürich, See", "Café"]
    assert len(err.splitlines()) == len(set(err.splitlines()))  # each message once


def test_a_file_of_answers_is_counted_by_label(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("superb\nawful\nwonderful\n")
    code, out, err = run("predict", "reviews-en", tmp_path / "in.txt", "-o", tmp_path / "o.csv")
    assert (code, out) == (0, "")
    assert err == f"{tmp_path / 'o.csv'}: 3 texts, 1 negative, 2 positive\n"


@pytest.mark.parametrize(("suffix", "form"), [("csv", "parquet"), ("parquet", "csv")])
def test_a_file_is_not_named_as_another_format(
    run: Run, tmp_path: Path, suffix: str, form: str
) -> None:
    out = tmp_path / f"answers.{suffix}"
    code, _, err = run("predict", "reviews-en", "--string", "Good.", "-o", out, "--format", form)
    assert code == 2
    assert f"the file would hold {form}; end its name with .{form}" in err
    assert not out.exists()


def test_a_language_without_a_shipped_model_is_named(run: Run) -> None:
    code, _, err = run("predict", "reviews-fr", "--string", "Bon.")
    assert code == 4
    assert "no model of 'fr' ships, and `pretrain --language fr` learns one" in err
