"""``sentiment-transfer report``: a page, values or a summary of what texts say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import CORPORA

from sentiment_transfer import load, read_labelled
from sentiment_transfer.overview import describe_opinions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HELD_OUT = CORPORA / "movies72" / "held_out.csv"
UNLABELLED = CORPORA / "movies72" / "unlabelled.txt"


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """A table of 60 reviews with their days and shops."""
    path = tmp_path / "reviews.csv"
    texts = read_labelled(HELD_OUT).texts[:60]
    quoted = [text.replace('"', '""') for text in texts]
    rows = [f'2024-0{1 + i % 4}-03,"{text}",shop {"AB"[i % 2]}' for i, text in enumerate(quoted)]
    path.write_text("\n".join(["day,text,shop", *rows]), encoding="utf-8")
    return path


def test_a_page_is_written_and_what_was_found_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    code, out, err = run("report", UNLABELLED, "-o", path)
    assert (code, out) == (0, "")
    assert "1 of 4: texts\n" in err
    assert "% of 62 texts are positive (95 %: " in err
    assert "open it in a browser" in err
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Opinions in unlabelled.txt" in page
    assert "The model is reviews-en, not adapted: there are fewer than 100 texts." in page


@pytest.mark.parametrize("model", ["reviews-en", "mine.safetensors"])
def test_a_model_among_the_texts_is_shown_its_option(run: Run, dated: Path, model: str) -> None:
    code, out, err = run("report", model, dated)
    assert (code, out) == (2, "")
    assert err == f"error: {model} is a model, not texts; give it as --model {model}\n"


def test_without_a_file_a_summary_is_printed(run: Run, dated: Path) -> None:
    code, out, err = run("report", dated, "--quiet")
    assert code == 0
    assert "% of 60 texts are positive" in out
    assert [line.split()[:3] for line in out.splitlines()[2:4]] == [
        ["day", "texts", "share"],
        ["2024", "Q1", "45"],
    ]
    assert "1 of 4" not in err


def test_json_holds_what_python_returns(run: Run, dated: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    code, _, _ = run("report", dated, "--model", "reviews-en", "--by", "shop", "-o", path)
    assert code == 0
    texts = read_labelled(HELD_OUT).texts[:60]
    columns = {
        "day": [f"2024-0{1 + i % 4}-03" for i in range(60)],
        "shop": [f"shop {'AB'[i % 2]}" for i in range(60)],
    }
    expected = describe_opinions(load("reviews-en"), texts, columns, "shop").as_dict()
    assert json.loads(path.read_text(encoding="utf-8")) == expected


def test_from_a_hundred_texts_on_the_model_is_adapted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    code, _, err = run("report", HELD_OUT, "-o", path)
    assert code == 0
    assert "--by COLUMN groups them by one of: label" in err
    assert "adapted to these texts without labels" in path.read_text(encoding="utf-8")
    adapted = load("reviews-en").adapt(read_labelled(HELD_OUT).texts)
    assert str(adapted.estimate_prevalence(read_labelled(HELD_OUT).texts)) in err


def test_labels_may_be_the_groups(run: Run) -> None:
    code, out, _ = run("report", HELD_OUT, "--by", "label", "--quiet")
    assert code == 0
    assert "below the rest" in out
    assert "above the rest" in out


def test_several_files_and_standard_columns_are_read_together(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.jsonl"
    one.write_text("text,shop\na good film,A\na bad film,A\n")
    two.write_text('{"text": "a dull film", "city": "B"}\n{"text": "a great cast"}\n')
    code, out, _ = run("report", one, two, "--format", "json", "--quiet")
    assert code == 0
    assert json.loads(out)["n_texts"] == 4


def test_a_missing_column_is_named_with_what_there_is(run: Run, dated: Path) -> None:
    code, out, err = run("report", dated, "--by", "shopp")
    assert (code, out) == (3, "")
    assert "no column 'shopp' (did you mean 'shop'?)" in err
    assert "--by" in err


def test_a_language_is_for_the_default_model(run: Run, dated: Path) -> None:
    code, _, err = run("report", dated, "--model", "reviews-en", "--language", "en")
    assert code == 2
    assert "leave it out with --model" in err
    code, _, err = run("report", dated, "--language", "xx")
    assert code == 2
    assert "no shipped model" in err


def test_texts_in_another_language_are_warned_of_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(f"Le film {i} est très ennuyeux, dommage." for i in range(120)))
    code, _, err = run("report", path)
    assert code == 0
    assert err.count("French") == 1


def test_nothing_to_describe_is_an_error(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text('text,day\n" ",1\n"",2\n')
    code, _, err = run("report", path)
    assert code == 3
    assert "blank" in err or "nothing is left" in err
