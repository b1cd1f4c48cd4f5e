"""The measurement of mixed languages counts what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from test_mixed_languages import DUTCH, ENGLISH

from scripts.accuracy import mixed_languages
from scripts.accuracy.mixed_languages import MIXED, false_alarms, found, mixture

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_mixture_has_the_share_and_no_text_twice() -> None:
    one, other = [f"a{i}" for i in range(2_000)], [f"b{i}" for i in range(1_000)]
    texts = mixture(one, other, 0.1, np.random.default_rng(0))
    assert len(set(texts)) == len(texts) == MIXED
    assert sum(text[0] == "b" for text in texts) == MIXED // 10
    assert len(mixture(one, other[:450], 0.5, np.random.default_rng(0))) == MIXED // 2


def test_false_alarms_are_counted_of_each_size() -> None:
    assert false_alarms(ENGLISH * 200, "en") == ["0", "0", "0", "0.0 %", "0.0 %"]
    assert false_alarms(ENGLISH * 100 + DUTCH * 100, "en")[:3] == ["100"] * 3


def test_the_share_that_is_given_is_compared_with_the_true_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, texts in (("imdb/train", ENGLISH), ("nl_bol/all", DUTCH)):
        path = tmp_path / f"{place}.parquet"
        path.parent.mkdir()
        pd.DataFrame({"text": texts * 400}).to_parquet(path)
    monkeypatch.setattr(mixed_languages, "corpora_folder", lambda: tmp_path)
    assert found("imdb/train", "nl_bol/all", 0.1) == ["100", "0", "10.0 %", "0.0"]
    assert found("imdb/train", "nl_bol/all", 0.02) == ["0", "0", "", ""]
