"""The history of a run: sums over its steps."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.pretraining.engine import History, Step

if TYPE_CHECKING:
    import pytest


def step(epoch: int = 0, loss: float = 1.0, *, last: bool = False) -> Step:
    matrix = np.zeros((3, 4), np.float32)
    return Step(epoch, 0, last, 10, loss, 4, 0.02, matrix, (matrix, matrix))


def test_the_mean_loss_of_an_epoch_is_that_of_its_pairs_in_float64() -> None:
    history = History(40)
    for epoch, loss in ((0, 1.0), (0, 2.0**60), (1, 3.0), (1, 1e-9)):
        history.add(step(epoch, loss))
    losses = [entry["loss"] for entry in history.epochs]
    assert losses == [(1 + 2.0**60) / 8, (3 + 1e-9) / 8]
    assert (history.words, history.epoch_words) == (40, 20)
    assert history.progress().metrics == {"epoch": 1, "loss": losses[1], "alpha": 0.02}
    assert History(**asdict(history)) == history


def test_words_per_second_are_those_of_the_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 2.0, 4.0, 5.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(times))
    history = History(30)
    for epoch in (0, 0, 1):
        history.add(step(epoch))
    assert [entry["words_per_second"] for entry in history.epochs] == [20 / 4, 10 / 1]
    assert history.progress().rate == 30 / 5
    assert history.seconds == 5.0
