"""Measure the intervals of `estimate_accuracy`, and what strata save.

    python -m scripts.advice.measuring          some minutes; writes results/advice-measuring.md

Texts of a set are predicted by a model without labels, by one with 100, and by one with 100 that
has no seed words. Labels to measure by are drawn again and again, at random and in strata.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scripts.advice.sets import CHOOSING, REPORTING, prepared
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer.advice.labels.measuring import allocation, equal_strata, estimate_accuracy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

MODELS = {
    "no label": (0, True),
    "100 labels": (100, True),
    "100 labels, no seed words": (100, False),
}
N_LABELS = (25, 50, 100)
DRAWS = 2_000
NOTE = f"""# The accuracy from a few labels

Written by `scripts/advice/measuring.py`. **Coverage**: how often the 95 % interval of
`estimate_accuracy`, from labels in strata of the model's confidence, holds the accuracy on all
texts of the set, in % of {DRAWS:,} draws (with replacement, as from many such texts).
**Variance**: that of the estimate, as a share of the variance of as many labels drawn at random.
Each line is a set and the mean of three models: without labels, with 100, and with 100 but no seed
words. Five strata of the same size, and the constants, were chosen on other sets
({", ".join(CHOOSING)}), among
3 to 12 strata of equal size or of equal expected deviation, and shrinkage by 1, 2 or 4 labels: all
within 0.02 of the variance.

"""


@dataclass(frozen=True)
class Trial:
    """Coverage and variance of one model, number of labels and set."""

    n: int
    coverage: float
    variance: float
    bias: float


def measure(name: str) -> Iterator[Trial]:
    """Yield a trial for each model and number of labels."""
    for labels, seeds in MODELS.values():
        confidence, right = predicted(name, labels, seeds=seeds)
        for n in N_LABELS:
            yield _trial(confidence, right, n)


def predicted(
    name: str, labels: int, *, seeds: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how sure a model is of the test texts of a set, and whether it is right."""
    found = prepared(name, seeds=seeds)
    model = found.model
    if labels:
        rows = np.random.default_rng(0).permutation(len(found.labels))[:labels]
        model = copy(model).fit_encoded(found.pool[rows], found.labels[rows])
    p = model.predict_proba_encoded(found.test)
    return p.max(axis=1), model.classes_[p.argmax(axis=1)] == found.truth


def _trial(confidence: NDArray[np.float64], right: NDArray[np.bool_], n: int) -> Trial:
    rng = np.random.default_rng(n)
    strata = equal_strata(confidence)
    sizes, labels = np.bincount(strata), allocation(confidence, strata, n)
    members = [np.flatnonzero(strata == stratum) for stratum in range(len(sizes))]
    estimates, covered = np.zeros(DRAWS), 0
    for i in range(DRAWS):
        drawn = [rng.choice(of, k) for of, k in zip(members, labels, strict=True)]
        rows = np.concatenate(drawn)
        found = estimate_accuracy(right[rows], strata[rows], (sizes / len(right))[strata[rows]])
        estimates[i] = found.accuracy
        covered += found.low <= right.mean() <= found.high
    at_random = [right[rng.choice(len(right), n)].mean() for _ in range(DRAWS)]
    variance = float(estimates.var() / np.var(at_random))
    return Trial(n, 100 * covered / DRAWS, variance, 100 * float(estimates.mean() - right.mean()))


def table(rows: dict[str, Sequence[Trial]]) -> list[str]:
    """Return lines of Markdown, a set each, and the means."""
    lines = []
    for name, trials in (*rows.items(), ("mean", [t for of in rows.values() for t in of])):
        cells: list[str] = [name]
        for n in N_LABELS:
            of = [trial for trial in trials if trial.n == n]
            cells.append(f"{np.mean([trial.coverage for trial in of]):.1f}")
            cells.append(f"{np.mean([trial.variance for trial in of]):.2f}")
        lines.append(cells)
    header = ["set", *(f"{what}, {n}" for n in N_LABELS for what in ("coverage", "variance"))]
    return markdown_table(header, lines)


def main() -> None:
    rows = {}
    for name in REPORTING:
        rows[name] = list(measure(name))
        print(name, rows[name], flush=True)
    all_trials = [trial for of in rows.values() for trial in of]
    lowest = min(trial.coverage for trial in all_trials)
    bias = max(abs(trial.bias) for trial in all_trials)
    last = (
        f"The lowest coverage of a model, number of labels and set is {lowest:.1f} %. The mean "
        f"estimate is within {bias:.2f} points of the accuracy everywhere."
    )
    page = NOTE + "\n".join([*table(rows), "", last, ""])
    (RESULTS / "advice-measuring.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
