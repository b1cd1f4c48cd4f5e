"""Sentence vectors that the scripts compute once for each text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.accuracy import text_vectors
from scripts.accuracy.text_vectors import TextVectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class Counting:
    """Length and number of words of a text; keeps what it was asked for, and can fail."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.asked: list[str] = []
        self.fails_after = fails_after

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        if self.fails_after is not None and len(self.asked) >= self.fails_after:
            raise KeyboardInterrupt
        self.asked += texts
        return np.array([[len(text), len(text.split())] for text in texts])


def test_rows_are_in_the_order_of_the_texts(tmp_path: Path) -> None:
    vectors = TextVectors(tmp_path / "v.sqlite", Counting())
    found = vectors.encode(["a long one", "short", "", "a long one"])
    assert found.dtype == np.float32
    assert found.tolist() == [[10, 3], [5, 1], [0, 0], [10, 3]]


def test_no_text_is_no_row(tmp_path: Path) -> None:
    assert TextVectors(tmp_path / "v.sqlite", Counting()).encode([]).shape == (0, 0)


def test_a_text_is_encoded_once_within_a_call_and_by_later_calls_and_objects(
    tmp_path: Path,
) -> None:
    embed = Counting()
    TextVectors(tmp_path / "new" / "v.sqlite", embed).encode(["one", "two", "one"])
    found = TextVectors(tmp_path / "new" / "v.sqlite", embed).encode(["two", "three", "one"])
    assert sorted(embed.asked) == ["one", "three", "two"]
    assert found[:, 0].tolist() == [3, 5, 3]


def test_an_interrupted_run_continues_after_the_last_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_vectors, "BATCH", 2)
    texts = ["a", "bb", "ccc", "dddd", "eeeee"]
    killed, again = Counting(fails_after=4), Counting()
    with pytest.raises(KeyboardInterrupt):
        TextVectors(tmp_path / "v.sqlite", killed).encode(texts)
    assert len(killed.asked) == 4
    found = TextVectors(tmp_path / "v.sqlite", again).encode(texts)
    assert again.asked == [text for text in texts if text not in killed.asked]
    assert found[:, 0].tolist() == [1, 2, 3, 4, 5]


def test_texts_of_like_length_are_encoded_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_vectors, "BATCH", 2)
    embed = Counting()
    TextVectors(tmp_path / "v.sqlite", embed).encode(["dddd", "a", "ccc", "bb"])
    assert embed.asked == ["a", "bb", "ccc", "dddd"]


def test_a_lone_surrogate_is_a_text_like_others(tmp_path: Path) -> None:
    vectors = TextVectors(tmp_path / "v.sqlite", Counting())
    assert vectors.encode(["\ud800", "?"])[:, 0].tolist() == [1, 1]
