"""One review of a hundred megabytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentiment_transfer import load, read_labelled, read_texts
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

ENORMOUS = b"good film " * 10_000_000


def test_a_line_of_100_mb_is_refused_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "reviews.txt"
    path.write_bytes(b"a good film\n" + ENORMOUS + b"\nanother\n")
    with pytest.raises(InputError, match=r"reviews\.txt:2: "):
        list(read_texts(path))


def test_it_can_be_left_out_and_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(b'text,label\na good film,yes\n"' + ENORMOUS + b'",no\na bad film,no\n')
    labelled = read_labelled(path, skip_bad=True)
    assert labelled.texts == ["a good film", "a bad film"]
    assert len(labelled.skipped) == 1


def test_a_model_refuses_to_judge_it() -> None:
    model = load("reviews-en")
    with pytest.raises(InputError, match="100,000,000 characters"):
        model.predict(["fine", ENORMOUS.decode()])  # type: ignore[union-attr]
