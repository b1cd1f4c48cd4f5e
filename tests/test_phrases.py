"""The probes of forms are what their README says, and no sentence stands there twice."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from scripts.accuracy.phrases import HALVES, LANGUAGES, read_phrases

if TYPE_CHECKING:
    from pathlib import Path

ONE_LABEL = {"negation": "negative", "denied-fault": "positive"}
"""Forms that carry one label, each the other's counterpart."""
WITHOUT_WORDS = {"emoji", "emoticons", "hashtags"}
"""Forms that need not have a word."""


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def halves(corpora: Path, language: str) -> dict[str, pd.DataFrame]:
    return {half: read_phrases(corpora / "phrases" / f"{language}-{half}.csv") for half in HALVES}


@pytest.fixture
def phrases(halves: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(halves.values(), ignore_index=True)


def normalised(text: str) -> str:
    """Letters and digits, each run of one as a single one; all signs of an emoticon."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = re.sub(r"[\W_]+", "", folded)
    kept = letters if len(set(letters)) > 1 else re.sub(r"\s+", "", folded)
    return kept[:1] + "".join(b for a, b in pairwise(kept) if a != b)


def test_texts_that_differ_in_length_case_and_punctuation_alone_are_one() -> None:
    assert normalised("Sooo GOOD!") == normalised("so good")
    assert normalised("😍 😍") == normalised("😍") != normalised("👍")
    assert normalised(":D") == normalised(": D") != normalised("D:")


def test_rows_have_a_text_a_label_and_a_form(phrases: pd.DataFrame) -> None:
    assert list(phrases.columns) == ["text", "label", "form"]
    assert set(phrases["label"]) == {"negative", "positive"}
    assert all(text and text == text.strip() for text in phrases["text"])


def test_every_form_has_25_sentences_and_both_labels(phrases: pd.DataFrame) -> None:
    assert phrases["form"].value_counts().min() >= 25
    for form, labels in phrases.groupby("form")["label"]:
        expected = {ONE_LABEL[form]} if form in ONE_LABEL else {"negative", "positive"}
        assert set(labels) == expected, form


def test_each_form_and_label_is_halved(halves: dict[str, pd.DataFrame]) -> None:
    sizes = {half: rows.groupby(["form", "label"]).size() for half, rows in halves.items()}
    more = sizes["test"].sub(sizes["development"])
    assert set(more) <= {0, 1}  # NaN where a form or label is missing from a half


def test_no_sentence_stands_in_two_rows(phrases: pd.DataFrame) -> None:
    keys = phrases["text"].map(normalised)
    assert all(keys)
    assert phrases["text"][keys.duplicated(keep=False)].tolist() == []


def test_the_forms_and_numbers_are_those_of_the_readme(corpora: Path) -> None:
    readme = (corpora / "phrases" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|[^|]*\|([^|]*)\|([^|]*)\|[^|]*\|$", readme, re.MULTILINE)
    for language, column in (("en", 1), ("zh", 2)):
        described = {row[0]: row[column].strip() for row in rows if row[column].strip()}
        files = [corpora / "phrases" / f"{language}-{half}.csv" for half in HALVES]
        phrases = pd.concat([read_phrases(file) for file in files])
        for file in files:
            assert f"| `{file.name}` | {len(read_phrases(file))} |" in readme
        positive = phrases["label"].eq("positive").groupby(phrases["form"])
        assert described == {form: f"{len(group)}, {group.sum()}" for form, group in positive}
        assert f"{len(phrases)} {LANGUAGES[language]}" in readme


def test_every_example_of_the_readme_is_one_of_the_sentences(corpora: Path) -> None:
    readme = (corpora / "phrases" / "README.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| `[a-z-]+` \|.*\| (.*) \|$", readme, flags=re.MULTILINE)
    examples = {example.strip() for cell in cells for example in cell.split("·")}
    files = (corpora / "phrases").glob("*.csv")
    texts = {text for file in files for text in read_phrases(file)["text"]}
    assert len(examples) > 40
    assert examples - texts == set()


def test_a_text_is_in_its_language(phrases: pd.DataFrame, language: str) -> None:
    worded = phrases[~phrases["form"].isin(WITHOUT_WORDS)]
    letters = r"[\u4e00-\u9fff]" if language == "zh" else r"[A-Za-z]"
    assert worded["text"][~worded["text"].str.contains(letters)].tolist() == []
    foreign = r"[\u4e00-\u9fff]" if language == "en" else r"[A-Za-z]{4}"
    assert phrases["text"][phrases["text"].str.contains(foreign)].tolist() == []


@pytest.mark.parametrize("half", HALVES)
def test_a_file_is_plain_utf8(corpora: Path, language: str, half: str) -> None:
    content = (corpora / "phrases" / f"{language}-{half}.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    odd = {c for c in content.decode() if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn")}
    assert odd == {"\n"}
