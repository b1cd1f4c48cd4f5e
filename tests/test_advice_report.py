"""The report: what the data allow is answered, what not is said, and the page needs nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from conftest import CORPORA

from sentiment_transfer import read_labelled, read_texts
from sentiment_transfer.advice.report import QUESTIONS, ReportData, report_page
from sentiment_transfer.advice.report_html import Section, Table, report_html
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HELD_OUT = CORPORA / "movies72" / "held_out.csv"
LABELLED = CORPORA / "movies72" / "labelled.csv"
UNLABELLED = CORPORA / "movies72" / "unlabelled.txt"


@pytest.fixture(scope="module")
def page() -> str:
    rows = read_labelled(HELD_OUT)
    data = ReportData(
        "films.csv",
        list(read_texts(UNLABELLED)),
        rows.texts[:60],
        rows.labels[:60],
        [f"line {i + 2}" for i in range(60)],
    )
    return report_page(data)


def answers(page: str) -> dict[str, str]:
    """Each question with what the page says of it."""
    return dict(re.findall(r"<section.*?<h2>(.*?)</h2>(.*?)</section>", page, re.DOTALL))


def test_texts_labelled_in_part_get_all_answers(page: str) -> None:
    found = answers(page)
    assert [*found] == [*QUESTIONS]
    assert all('<p class="found">' in each for each in found.values())
    assert "60 labels" in found["How good is the model without labels?"]
    assert "expected gain with 120 labels" in found["Would more labels help?"]
    assert "reviews-en" in found["Which word vectors?"]


def test_suspect_labels_are_listed_with_their_places(page: str) -> None:
    listed = answers(page)["Which labels are wrong?"]
    assert re.search(r"<td>line \d+</td><td class=left>(posi|nega)tive</td>", listed)


def test_the_page_is_whole_and_needs_no_network(page: str) -> None:
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")
    assert "width=device-width" in page
    loaded = re.findall(r"(?:src|href)=[\"']?([^\"'> ]+)", page)
    assert all(each.startswith("#") for each in loaded), loaded
    assert not re.search(r"<script|@import|url\((?!#)", page)


def test_the_picture_of_the_labels_is_part_of_the_page(page: str) -> None:
    drawn = answers(page)["Would more labels help?"]
    assert "<svg" in drawn
    assert "accuracy in %" in drawn


def test_texts_alone_are_answered_as_far_as_they_allow() -> None:
    found = answers(report_page(ReportData("texts", list(read_texts(UNLABELLED)))))
    assert "Not answered: 0 labels are too few" in found["Would more labels help?"]
    assert '<p class="found">' in found["Is there enough text, and is it clean?"]
    assert '<p class="found">' in found["Which texts to label next?"]


def test_the_page_of_the_command_names_the_option_that_renames_labels(
    run: Run, tmp_path: Path
) -> None:
    rows = read_labelled(HELD_OUT)
    named = {"negative": "no", "positive": "yes"}
    known = zip(rows.texts[:12], rows.labels, strict=False)
    lines = [{"text": text, "label": named[label]} for text, label in known]
    path, page = tmp_path / "few.jsonl", tmp_path / "advice.html"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert run("advise", "report", path, "--quiet", "-o", page)[0] == 0
    found = answers(page.read_text(encoding="utf-8"))["How good is the model without labels?"]
    assert "as in --map-labels no=negative,yes=positive" in found


def test_labels_of_one_class_are_said_to_be_too_little() -> None:
    texts = list(read_texts(UNLABELLED))
    data = ReportData("one", texts[20:], texts[:20], ["positive"] * 20)
    found = answers(report_page(data))
    assert "Not answered" in found["Which labels are wrong?"]
    assert "Not answered" in found["Does some part fail?"]


def test_texts_of_another_language_are_only_described() -> None:
    french = [f"Le film numéro {i} est très ennuyeux, quel dommage pour tous." for i in range(40)]
    page = report_page(ReportData("films", french, french[:20], ["positive", "negative"] * 10))
    found = answers(page)
    assert "not clean" in found["Is there enough text, and is it clean?"]
    others = [each for question, each in found.items() if "clean" not in question]
    assert all("Not answered: the texts seem to be of another language (fr)" in o for o in others)


def test_no_text_is_an_error() -> None:
    with pytest.raises(InputError, match="no text to advise on"):
        report_page(ReportData("nothing", []))


def test_what_data_hold_is_escaped() -> None:
    section = Section(
        "Is <this> safe?",
        Verdict("<b>found</b>", "see `advise audit`", "<script>"),
        table=Table(["text"], [["<img src=x>"]], texts=(0,)),
    )
    page = report_html("<title>", "&", [section, Section("Why?", missing="<none>")])
    assert "<b>" not in page
    assert "<img" not in page
    assert "<script>" not in page
    assert "<code>advise audit</code>" in page


# ---- the command


def test_the_command_says_what_it_looks_into_and_writes_the_page(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    code, out, err = run("advise", "report", LABELLED, "--unlabelled", UNLABELLED, "-o", path)
    assert (code, out) == (0, "")
    assert "1 of 9: Is there enough text, and is it clean?" in err
    assert "open it in a browser" in err
    assert "70 texts, 8 with a label" in path.read_text(encoding="utf-8")


def test_a_file_without_labels_is_read_as_texts_which_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    code, _, err = run("advise", "report", UNLABELLED, "-o", path, "--quiet")
    assert code == 0
    assert "no labels are read" in err
    assert "62 texts, 0 with a label" in path.read_text(encoding="utf-8")


def test_the_page_is_never_written_over_the_data(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_bytes(LABELLED.read_bytes())
    code, _, err = run("advise", "report", path, "-o", path)
    assert code in (2, 3)
    assert "labelled.csv" in err
    assert path.read_bytes() == LABELLED.read_bytes()


def test_labels_of_a_named_column_must_be_there(run: Run, tmp_path: Path) -> None:
    code, _, err = run(
        "advise", "report", LABELLED, "--label", "sentimnt", "-o", tmp_path / "report.html"
    )
    assert code == 3
    assert "sentimnt" in err


def test_chinese_texts_are_recognised(run: Run, tmp_path: Path) -> None:
    path, page = tmp_path / "texts.csv", tmp_path / "report.html"
    rows = [f"酒店房间很干净，早餐不错，下次还会再来住第{i}次,好评" for i in range(12)]
    rows += [f"服务态度非常差，房间又脏又吵，再也不会来第{i}次了,差评" for i in range(12)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, _, err = run("advise", "report", path, "-o", page)
    assert code == 0
    assert "the texts are taken to be in Chinese; --language names another" in err
    assert "reviews-zh" in page.read_text(encoding="utf-8")


def test_a_file_that_does_not_exist_is_an_error(run: Run, tmp_path: Path) -> None:
    code, _, err = run("advise", "report", tmp_path / "none.csv", "-o", tmp_path / "report.html")
    assert code == 3
    assert "none.csv" in err
    assert not (tmp_path / "report.html").exists()
