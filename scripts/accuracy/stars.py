"""Measure five stars, an order of classes: accuracy, macro-F1 and mean absolute error.

    python -m scripts.accuracy.stars           some minutes; writes results/stars.md

Reviews of clothing with 1 to 5 stars, natural draws (more than half of all have 5). The vectors are
those of `accuracy.measure`, from the cache that both use.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.accuracy.sets import SETS, make_ready
from scripts.reports import CACHE, RESULTS, markdown_table
from sentiment_transfer.experiments.arms import ARMS, Arm, ModelArm
from sentiment_transfer.experiments.draws import plan_draws
from sentiment_transfer.experiments.statistics import accuracy, macro_f1

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scripts.accuracy.sets import Measured

DRAWS = {8: 20, 100: 20, 500: 8}
NOTE = """# Stars

Written by `scripts/accuracy/stars.py`: reviews of clothing, 1 to 5 stars, natural draws, mean of
{draws} draws at {budgets} labels, {tested:,} test texts. Mean absolute error is in stars.

"""
COLUMNS = ("arm", "labels", "accuracy %", "macro-F1 %", "mean absolute error")


def arms_of(measured: Measured) -> dict[str, Arm]:
    """The model with and without the order of classes, and arms that need no vectors."""
    adapted = measured.adapted
    unordered = adapted.with_head(None).set_params(ordered=False)
    return {
        "this package, ordered": ModelArm(adapted),
        "this package, unordered": ModelArm(unordered),
        "pretrained, hidden layer": ARMS["hidden-layer"][1](adapted),
        "TF-IDF + logistic regression": ARMS["tfidf"][1](adapted),
        "majority class": ARMS["majority"][1](adapted),
    }


def figures(truth: NDArray[np.str_], predicted: NDArray[np.str_]) -> tuple[float, float, float]:
    """Accuracy and macro-F1 in %, and the mean absolute error in stars."""
    error = np.abs(truth.astype(float) - predicted.astype(float)).mean()
    return 100 * accuracy(truth, predicted), 100 * macro_f1(truth, predicted), float(error)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    measured = make_ready("clothing", SETS["clothing"].vectors, options.cache)
    labels, truth = np.array(measured.pool.labels), np.array(measured.test.labels)
    arms, rows = arms_of(measured), []
    for arm in arms.values():
        arm.prepare(measured.pool.texts, measured.test.texts, sorted(set(labels.tolist())))
    for budget, draws in DRAWS.items():
        plan = plan_draws(measured.pool.labels, [budget], draws, "natural", seed=0)
        for name, arm in arms.items():
            found = [
                figures(truth, arm.predict(drawn, labels[drawn], draw)) for _, draw, drawn in plan
            ]
            right, f1, error = np.mean(found, axis=0)
            rows.append((name, budget, f"{right:.1f}", f"{f1:.1f}", f"{error:.2f}"))
            print(*rows[-1], flush=True)
    note = NOTE.format(
        draws=", ".join(map(str, DRAWS.values())),
        budgets=", ".join(map(str, DRAWS)),
        tested=len(truth),
    )
    text = note + "\n".join(markdown_table(COLUMNS, rows)) + "\n"
    (options.out / "stars.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
