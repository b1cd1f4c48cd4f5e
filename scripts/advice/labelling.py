"""Measure which texts are worth labelling: `suggest_texts` against random choice, and others.

    python -m scripts.advice.labelling          half an hour; writes results/advice-labelling.md

Texts are labelled in batches, from a pool without labels, and the model is fitted to all labels so
far. The other choices are those of scikit-activeml, by logistic regression on mean word vectors;
with few labels, whichever way they are chosen, the model that is fitted to them is ours.
"""

from __future__ import annotations

import argparse
import warnings
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.advice.sets import CHOOSING, REPORTING, Prepared, prepared
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer.advice.labels.suggestion import averages_of, diverse_rows, way_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sentiment_transfer import SentimentClassifier

    Choice = Callable[["State", int], NDArray[np.intp]]

BUDGETS = (16, 32, 64, 100, 200)
NOTE = """# Which texts to label

Written by `scripts/advice/labelling.py`. Accuracy in %, means of {draws} draws and {sets} sets
({names}), which chose nothing. Labels come in batches of 16 up to 64, then of 36, 50 and 50.
**Suggested** is the rule of `suggest_texts`, found on other sets ({chosen_on}) among 14 variants:
random, most uncertain, half of each, drawn in proportion to uncertainty, clusters alone, diverse
among the 3, 5 and 10 times as many most uncertain, and weighted clusters of all, with 0, 32 or 64
random labels first. The others are of scikit-activeml.

"""


class State:
    """What a choice of texts knows: the pool, its labels so far, and the model fitted to them."""

    def __init__(self, found: Prepared, seed: int, *, seeds: bool) -> None:
        self.found, self.seeds = found, seeds
        self.rng = np.random.default_rng(seed)
        self.rows = np.zeros(0, np.intp)
        self.X = averages_of(found.model, found.texts)
        self.model: SentimentClassifier | None = found.model if seeds else None

    @property
    def rest(self) -> NDArray[np.intp]:
        """Rows without a label."""
        return np.setdiff1d(np.arange(len(self.X)), self.rows)

    def add(self, rows: NDArray[np.intp]) -> None:
        """Label rows, and fit the model if there are two classes."""
        self.rows = np.concatenate([self.rows, rows])
        labels = self.found.labels[self.rows]
        if len(np.unique(labels)) > 1:
            self.model = copy(self.found.model).fit_encoded(self.found.pool[self.rows], labels)

    @property
    def accuracy(self) -> float:
        """On the test texts, in %; NaN if nothing is known yet."""
        if self.model is None:
            return float("nan")
        right = self.model.predict_encoded(self.found.test) == self.found.truth
        return 100 * float(np.mean(right))


def at_random(state: State, n: int) -> NDArray[np.intp]:
    return state.rng.choice(state.rest, n, replace=False)


def suggested(state: State, n: int) -> NDArray[np.intp]:
    """Choose as `suggest_texts`, whose measuring set is drawn at random here."""
    way = way_of(len(state.rows), n, knows_polarity=state.seeds, predicts=state.model is not None)
    if way in ("measure", "random"):
        return at_random(state, n)
    rest, unsure = state.rest, np.ones(len(state.rest))
    if state.model is not None:
        unsure = 1 - state.model.predict_proba_encoded(state.found.pool[rest]).max(axis=1)
    return rest[diverse_rows(state.X[rest], unsure, n, state.rng)]


def by_activeml(state: State, n: int, *, name: str) -> NDArray[np.intp]:
    """Choose by a strategy of scikit-activeml."""
    from skactiveml import pool
    from skactiveml.classifier import SklearnClassifier
    from sklearn.linear_model import LogisticRegression

    y = np.full(len(state.X), np.nan)
    y[state.rows] = state.found.labels[state.rows] == "positive"
    given: dict[str, Any] = {}
    settings: dict[str, Any] = {"random_state": int(state.rng.integers(2**31))}
    if name in ("UncertaintySampling", "Badge"):
        given["clf"] = SklearnClassifier(LogisticRegression(C=10), classes=[0, 1], random_state=0)
    if name == "UncertaintySampling":
        settings["method"] = "margin_sampling"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = getattr(pool, name)(**settings).query(state.X, y, batch_size=n, **given)
    rows: NDArray[np.intp] = np.asarray(chosen, np.intp)
    return rows


CHOICES: dict[str, Choice] = {
    "random": at_random,
    "suggested": suggested,
    "margin": partial(by_activeml, name="UncertaintySampling"),
    "TypiClust": partial(by_activeml, name="TypiClust"),
    "Badge": partial(by_activeml, name="Badge"),
    "CoreSet": partial(by_activeml, name="CoreSet"),
}


def measure(found: Prepared, choose: Choice, draw: int, *, seeds: bool) -> list[float]:
    """Return the accuracy at each budget."""
    state, accuracies = State(found, draw, seeds=seeds), []
    for budget in BUDGETS:
        while len(state.rows) < budget:
            batch = 16 if budget <= 64 else 50
            state.add(choose(state, min(batch, budget - len(state.rows))))
        accuracies.append(state.accuracy)
    return accuracies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--choosing", action="store_true", help="print those of the other sets")
    options = parser.parse_args()
    names = CHOOSING if options.choosing else REPORTING
    parts = [
        NOTE.format(
            draws=options.draws,
            sets=len(names),
            names=", ".join(names),
            chosen_on=", ".join(CHOOSING),
        )
    ]
    for title, seeds in (("With seed words", True), ("Without seed words", False)):
        means: dict[str, list[NDArray[np.float64]]] = {choice: [] for choice in CHOICES}
        for name in names:
            found = prepared(name, seeds=seeds)
            for choice, choose in CHOICES.items():
                runs = [measure(found, choose, d, seeds=seeds) for d in range(options.draws)]
                means[choice].append(np.nanmean(runs, axis=0))
                print(title, name, choice, means[choice][-1].round(1), flush=True)
        parts += [f"## {title}\n", *table(means), ""]
    if not options.choosing:
        (RESULTS / "advice-labelling.md").write_text("\n".join(parts), encoding="utf-8")


def table(means: dict[str, list[NDArray[np.float64]]]) -> list[str]:
    """Return lines of Markdown: means over sets, and points ahead of random choice."""
    at_random = np.mean(means["random"], axis=0)
    lines = []
    for choice, of_sets in means.items():
        mean = np.mean(of_sets, axis=0)
        cells = [f"{m:.1f} ({m - r:+.1f})" for m, r in zip(mean, at_random, strict=True)]
        lines.append([choice, *cells])
    return markdown_table(["choice", *(f"{budget} labels" for budget in BUDGETS)], lines)


if __name__ == "__main__":
    main()
