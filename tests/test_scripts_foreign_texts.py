from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from scripts.accuracy.foreign_texts import DRAWS, batches, measure
from sentiment_transfer import SentimentClassifier, load

if TYPE_CHECKING:
    from pathlib import Path


def test_batches_hold_different_texts_of_a_set_and_at_most_all_of_it() -> None:
    drawn = list(batches(30, 20))
    assert len(drawn) == DRAWS
    assert all(len(set(rows.tolist())) == 20 and rows.max() < 30 for rows in drawn)
    assert all(len(rows) == 30 for rows in batches(30, 100))
    assert [rows.tolist() for rows in batches(30, 20)] == [rows.tolist() for rows in drawn]


@pytest.mark.parametrize(
    ("place", "text", "told", "named", "refused"),
    [
        ("imdb/train", "It was a great film, loved it.", [0] * 5, None, 0),
        ("fr_amazon/all", "Ce produit est vraiment très mauvais.", [0, 1, 1, 1, 1], 1, 0),
        ("ja_hotel/train", "部屋がとても綺麗でした。", [1] * 5, 1, 1),
    ],
)
def test_shares_are_those_of_the_batches(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    text: str,
    told: list[float],
    named: float | None,
    refused: float,
) -> None:
    path = tmp_path / f"{place}.parquet"
    path.parent.mkdir()
    pd.DataFrame({"text": [text] * 100}).to_parquet(path)
    monkeypatch.setenv("SENTIMENT_TRANSFER_CORPORA", str(tmp_path))
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    found = measure(model, place)
    assert (found.told, found.named, found.refused) == (told, named, refused)
