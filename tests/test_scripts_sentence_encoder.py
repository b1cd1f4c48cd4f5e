from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from test_sentence_encoder import LABELS, TEXTS, Endings

from scripts.accuracy import sentence_encoder as script
from scripts.accuracy.sentence_encoder import BUDGETS, Known, Task, draws, measure, page
from sentiment_transfer import SentimentClassifier
from sentiment_transfer.corpus import Labelled

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World

COLUMNS = [f"{b} {arm}" for b in BUDGETS for arm in ("model", "encoder", "both")]


def test_texts_that_are_drawn_are_not_tested() -> None:
    for rows, rest in draws(LABELS, 8):
        assert sorted([*rows, *rest]) == list(range(len(LABELS)))
        assert sorted(LABELS[i] for i in rows) == ["ed"] * 4 + ["ing"] * 4


@pytest.mark.filterwarnings("ignore")
def test_model_encoder_and_both_are_measured_on_texts_that_only_the_encoder_tells_apart(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Endings()
    monkeypatch.setitem(script.ENCODERS, "endings", encoder.encode)
    words = [f"{chr(97 + i)}{chr(107 - i % 7)}{LABELS[i]}" for i in range(len(TEXTS))]
    texts = [f"{word} good music" for word in words]  # each with a word of its own
    task = Task(Labelled(texts, LABELS), world.unlabelled)
    model = SentimentClassifier(vectors=world.vectors).pretrain(task.unlabelled)
    known = Known("endings", texts, tmp_path)
    alone, peer, both = measure(task, model, known, 16)
    assert (peer, both) == (100, 100)
    assert alone < 70
    Known("endings", texts, tmp_path).encode(texts[:3])
    assert len(encoder.seen) == len(texts)  # the second time, the file is read


def test_the_page_has_the_difference_from_the_better_one_and_the_worst_of_them() -> None:
    first = np.tile([70.0, 80.0, 79.5], len(BUDGETS))  # both: half a point below the encoder
    second = np.tile([90.0, 60.0, 91.0], len(BUDGETS))  # both: one above the model
    rows = [("minilm", "a", *first), ("minilm", "books or dvd", *second)]
    rows += [("wordllama", "a", *first)]
    text = page(pd.DataFrame(rows, columns=["encoder", "task", *COLUMNS]))
    assert "| a | 70.0 | 80.0 | 79.5 (-0.5) |" in text
    assert "| books or dvd | 90.0 | 60.0 | 91.0 (+1.0) |" in text
    assert "| mean | 80.0 | 70.0 | 85.2 (+0.2) |" in text  # of 85.25 and 0.25
    gains = " ".join(text.split())
    assert "in the mean of tasks about sentiment: +9.5 with 8, +9.5 with 32" in gains
    assert "in the mean of the others: +1.0 with 8, +1.0 with 32" in gains
    assert "nan" not in text
    assert "of the two, in the worst task: -0.5 with 8, -0.5 with 32, -0.5 with 100." in gains
