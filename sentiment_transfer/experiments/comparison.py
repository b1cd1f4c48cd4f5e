"""With and without pretraining, side by side, on the same draws of labels."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.corpus import read_labelled
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.arms import MajorityArm, ModelArm, TfidfArm
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.experiments.statistics import accuracy, macro_f1, summarise
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.experiments.arms import Arm
    from sentiment_transfer.experiments.draws import Prevalence
    from sentiment_transfer.progress import Callback

__all__ = ["Comparison", "compare", "default_arms"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What `compare` measured.

    Attributes
    ----------
    runs
        DataFrame, one row an arm and draw: ``arm``, ``budget``, ``draw``, ``accuracy``,
        ``macro_f1``, ``seconds``.
    reference
        The arm that gains are measured from.
    n_test
        Number of test texts.
    """

    runs: DataFrame
    reference: str
    n_test: int

    @property
    def table(self) -> DataFrame:
        """One row an arm and budget; see `summarise`."""
        return summarise(self.runs, self.reference)

    def plot(self, path: str | Path) -> None:
        """Draw accuracy against labels, to PNG, SVG or PDF by the ending of the path."""
        from sentiment_transfer.experiments.plots import plot_comparison

        plot_comparison(self, path)

    def __str__(self) -> str:
        from sentiment_transfer.experiments.tables import comparison_table

        return comparison_table(self)


def default_arms(model: SentimentClassifier) -> dict[str, Arm]:
    """Return the arms: the model, the founding network with and without pretraining, peers.

    The network arms differ in the word vectors alone.
    """
    network = model.with_head(HiddenLayerClassifier())
    return {
        "pretrained, polarity prior": ModelArm(model),
        "pretrained, hidden layer": ModelArm(network),
        "random vectors, hidden layer": ModelArm(network.with_random_vectors()),
        "TF-IDF + logistic regression": TfidfArm(),
        "majority class": MajorityArm(),
    }


def compare(
    texts: Iterable[str] | SentimentClassifier,
    labelled: Any,  # noqa: ANN401  (whatever read_labelled takes)
    test: Any,  # noqa: ANN401
    *,
    budgets: Sequence[int] = (8, 20, 100),
    draws: int = 20,
    prevalence: Prevalence = "balanced",
    arms: Mapping[str, Arm] | None = None,
    language: str = "en",
    seed: int = 0,
    callback: Callback | None = None,
) -> Comparison:
    """Measure what pretraining is worth at several numbers of labels.

    Parameters
    ----------
    texts
        Unlabelled texts to pretrain on, or a `SentimentClassifier` that has its vectors.
    labelled, test
        Whatever `read_labelled` takes: a file, a DataFrame, a pair of texts and labels. Labels
        are drawn from ``labelled``; accuracy is measured on ``test``.
    budgets
        Numbers of labels.
    draws
        Draws of labels at each budget; 20 or more tell luck from gain.
    prevalence
        ``"balanced"`` or ``"natural"``; see `draw_labelled`.
    arms
        Configurations by name, the first being the reference; `default_arms` if not given.
    language, seed
        For pretraining; ``seed`` also chooses the draws.
    callback
        Is told of every fit.
    """
    pool, truth = read_labelled(labelled), read_labelled(test)
    if draws < 1 or not budgets:
        raise SettingError(f"draws={draws} and budgets={list(budgets)}: give at least one of each")
    chosen = [
        (budget, draw, draw_labelled(pool.labels, budget, prevalence, seed=seed, draw=draw))
        for budget in budgets
        for draw in range(draws)
    ]
    if arms is None:
        arms = default_arms(_pretrained(texts, language, seed, callback))
    used = np.unique(np.concatenate([rows for _, _, rows in chosen]))
    _refuse_overlap([pool.texts[i] for i in used], truth.texts)
    labels = np.asarray(pool.labels)
    answers = np.asarray(truth.labels)
    runs = []
    began = time.perf_counter()
    for name, arm in arms.items():
        arm.prepare([pool.texts[i] for i in used], truth.texts)
        for budget, draw, rows in chosen:
            run = _run(
                arm, np.searchsorted(used, rows), labels[rows], answers, draw
            )
            runs.append({"arm": name, "budget": budget, "draw": draw, **run})
            if callback is not None:
                seconds = time.perf_counter() - began
                metrics = {"accuracy": run["accuracy"]}
                total = len(arms) * len(chosen)
                callback(Progress("compare", len(runs), total, "fits", metrics, seconds))
    import pandas as pd

    return Comparison(pd.DataFrame(runs), next(iter(arms)), len(truth))


def _pretrained(
    texts: Iterable[str] | SentimentClassifier,
    language: str,
    seed: int,
    callback: Callback | None,
) -> SentimentClassifier:
    if isinstance(texts, SentimentClassifier):
        return texts
    return SentimentClassifier(language, seed=seed).pretrain(texts, callback=callback)


def _refuse_overlap(pool: Sequence[str], test: Sequence[str]) -> None:
    """Law 6: a text that is both labelled and tested would be an answer known beforehand."""
    shared = set(pool) & set(test)
    if shared:
        raise InputError(
            f"{len(shared)} texts stand both in the labelled and in the test set, "
            f"such as {min(shared)[:60]!r}; take them out of one of the two"
        )


def _run(
    arm: Arm,
    rows: NDArray[np.intp],
    labels: NDArray[np.str_],
    truth: NDArray[np.str_],
    seed: int,
) -> dict[str, float]:
    began = time.perf_counter()
    predicted = arm.predict(rows, labels, seed)
    seconds = time.perf_counter() - began
    return {
        "accuracy": accuracy(truth, predicted),
        "macro_f1": macro_f1(truth, predicted),
        "seconds": seconds,
    }
