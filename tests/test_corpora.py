"""The example corpora are what their README says, and no text gives another's answer away."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer import read_labelled, read_texts

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ["movies72", "movies72_zh"]


def described(corpora: Path) -> dict[str, list[str]]:
    """Cells of the README's table by file."""
    text = (corpora / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", text, flags=re.MULTILINE)
    return {file: [cell.strip().strip("`") for cell in rest.split("|")] for file, rest in rows}


def texts_and_labels(path: Path) -> tuple[list[str], list[str]]:
    if path.suffix == ".txt":
        return list(read_texts(path)), []
    read = read_labelled(path)
    return list(read.texts), list(read.labels)


def normalised(text: str) -> str:
    """Letters and digits alone: a repeat that differs in case or punctuation is a repeat."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def test_the_readme_describes_every_file_and_no_other(corpora: Path) -> None:
    found = {f"{folder}/{path.name}" for folder in FOLDERS for path in (corpora / folder).iterdir()}
    assert found == described(corpora).keys()
    assert len(found) == 8


@pytest.mark.parametrize("folder", FOLDERS)
def test_rows_labels_and_sizes_are_those_of_the_readme(corpora: Path, folder: str) -> None:
    for file, (rows, positive, negative, size, _) in described(corpora).items():
        if file.startswith(f"{folder}/"):
            texts, labels = texts_and_labels(corpora / file)
            assert len(texts) == int(rows)
            expected = {"positive": positive, "negative": negative} if positive else {}
            assert Counter(labels) == {label: int(n) for label, n in expected.items()}
            number, unit = size.split()
            lengths = [len(text if unit == "characters" else text.split()) for text in texts]
            assert sum(lengths) == int(number), file


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_numbers_of_the_founding_experiment_and_their_balance(
    corpora: Path, folder: str
) -> None:
    names = ("unlabelled.txt", "labelled.csv", "test.csv", "held_out.csv")
    read = [texts_and_labels(corpora / folder / name) for name in names]
    assert [len(texts) for texts, _ in read] == [62, 8, 2, 220]
    for _, labels in read[1:]:
        assert labels.count("positive") == labels.count("negative") == len(labels) / 2


def test_every_file_has_the_checksum_of_the_readme(corpora: Path) -> None:
    for file, (*_, checksum) in described(corpora).items():
        assert hashlib.sha256((corpora / file).read_bytes()).hexdigest() == checksum, file


def test_no_text_stands_in_two_files_or_twice_in_one(corpora: Path) -> None:
    seen: dict[str, str] = {}
    for file in described(corpora):
        for text in texts_and_labels(corpora / file)[0]:
            key = normalised(text)
            assert key, f"{file}: {text!r} has no word"
            assert key not in seen, f"{file} and {seen[key]}: {text!r}"
            seen[key] = file
    assert len(seen) == 2 * (62 + 8 + 2 + 220)


def test_the_files_are_plain_utf8_without_stray_characters(corpora: Path) -> None:
    for file in described(corpora):
        content = (corpora / file).read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert content.endswith(b"\n")
        odd = {c for c in content.decode() if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn")}
        assert odd <= {"\n"}, file


@pytest.mark.parametrize(("folder", "chinese"), [("movies72", False), ("movies72_zh", True)])
def test_every_text_is_in_its_language(corpora: Path, folder: str, chinese: bool) -> None:
    for path in (corpora / folder).iterdir():
        for text in texts_and_labels(path)[0]:
            assert bool(re.search(r"[\u4e00-\u9fff]", text)) == chinese, f"{path.name}: {text!r}"
