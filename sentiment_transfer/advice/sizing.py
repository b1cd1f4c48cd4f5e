"""How large a head: the smallest hidden layer that is not clearly worse than the best.

Heads without a hidden layer and with 8, 32 and 128 units are compared by repeated cross-validation
on the model's averaged word vectors, and the smallest is taken whose log loss is within one
standard error of the lowest (the one-standard-error rule of Breiman et al. 1984, *Classification
and Regression Trees*, section 3.4.3). The standard error is that of the difference from the best
over folds, larger because folds share training texts: ``sqrt((1 / J + n_test / n_train) s^2)`` for
``J`` folds of all repeats (Nadeau & Bengio 2003, *Machine Learning* 52). ``scripts/advice/
sizing.py`` measures how far the choice is behind the best one in hindsight.
"""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.advice.left_out import Answers, Folds, ModelProbe
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import COLOURS, save_figure
from sentiment_transfer.base.tables import format_table
from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.classification.labels import as_labels, require_plausible
from sentiment_transfer.errors import InputError, SentimentTransferError, SettingError, shown
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.defaults import uses_default_stages
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Labels

__all__ = ["HeadSize", "HeadSizing", "size_head"]

SIZES = (0, 8, 32, 128)
FOLDS, REPEATS = 5, 2
FEWEST = 30
"""Labels below which cross-validation ranks heads by luck."""
C = 10.0
"""Inverse of the penalty of the head without a hidden layer, logistic regression."""


@dataclass(frozen=True)
class HeadSize:
    """A head and how well it answers left-out labels.

    Attributes
    ----------
    hidden_units
        0 for none, which is logistic regression.
    accuracy, log_loss
        Means over all left-out labels.
    behind, error
        Log loss less that of the best size, and the standard error of the difference.
    trained, total
        Number of parameters learnt from labels, and of those of the word vectors as well: training
        from scratch would learn these from the labels too.
    """

    hidden_units: int
    accuracy: float
    log_loss: float
    behind: float
    error: float
    trained: int
    total: int


@dataclass(frozen=True)
class HeadSizing:
    """All sizes, the smallest first, and the one that is taken.

    Attributes
    ----------
    sizes
        A `HeadSize` each.
    hidden_units
        Of the size that is taken.
    default_accuracy, default_log_loss
        Of the default head, a mixture that knows seed words, in the same folds; None if it cannot
        be fitted.
    n_labels, folds, repeats
        What was compared on.
    """

    sizes: tuple[HeadSize, ...]
    hidden_units: int
    default_accuracy: float | None
    default_log_loss: float | None
    n_labels: int
    folds: int
    repeats: int

    @property
    def chosen(self) -> HeadSize:
        """The size that is taken."""
        return next(one for one in self.sizes if one.hidden_units == self.hidden_units)

    @property
    def verdict(self) -> Verdict:
        """Which size, by how much, and what to do."""
        best, taken = min(self.sizes, key=lambda one: one.log_loss), self.chosen
        evidence = (
            f"log loss {taken.log_loss:.3f}, the lowest is {best.log_loss:.3f} with "
            f"{_units(best.hidden_units)}; {taken.trained:,} parameters are learnt from "
            f"{self.n_labels:,} labels, {taken.total:,} from scratch"
        )
        if self.n_labels < FEWEST:
            return Verdict(
                "can't tell yet",
                f"with {self.n_labels} labels the order of sizes is luck; {evidence}",
                f"take no hidden layer, and compare again from {FEWEST} labels on",
            )
        return Verdict(_units(self.hidden_units), evidence, self._next_step)

    @property
    def _next_step(self) -> str:
        taken, default = self.chosen, self.default_log_loss
        if default is not None and default <= taken.log_loss:
            accuracy = 100 * (self.default_accuracy or 0.0)
            return (
                f"leave head= out: the default head has a log loss of {default:.3f} and "
                f"{accuracy:.1f} % accuracy, this one {100 * taken.accuracy:.1f} %"
            )
        if taken.hidden_units:
            return f"pass head=HiddenLayerClassifier({taken.hidden_units})"
        return f"pass head=LogisticRegression(C={C:g}) of scikit-learn"

    def __str__(self) -> str:
        return str(self.verdict)

    @property
    def table(self) -> str:
        """The figures of each size, with a star at the one that is taken."""
        header = ("hidden units", "accuracy %", "log loss", "behind", "error", "trained", "scratch")
        rows = [
            [
                "* " * (one.hidden_units == self.hidden_units) + str(one.hidden_units or "none"),
                f"{100 * one.accuracy:.1f}",
                *(f"{value:.3f}" for value in (one.log_loss, one.behind, one.error)),
                f"{one.trained:,}",
                f"{one.total:,}",
            ]
            for one in self.sizes
        ]
        if self.default_accuracy is not None and self.default_log_loss is not None:
            figures = f"{100 * self.default_accuracy:.1f}", f"{self.default_log_loss:.3f}"
            rows.append(["the default head", *figures, "", "", "", ""])
        return format_table(header, rows)

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {**asdict(self), "verdict": asdict(self.verdict)}

    def plot(self, path: str | Path) -> None:
        """Draw log loss by size, with standard errors, to a PNG, SVG or PDF file."""
        require_matplotlib()
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5, 3.2), layout="constrained")
        axes = figure.add_subplot()
        places = range(len(self.sizes))
        losses = [one.log_loss for one in self.sizes]
        errors = [one.error for one in self.sizes]
        axes.errorbar(places, losses, yerr=errors, fmt="o-", color=COLOURS[0], capsize=3)
        taken = self.sizes.index(self.chosen)
        axes.plot([taken], [losses[taken]], "o", color=COLOURS[1], markersize=9, label="taken")
        if self.default_log_loss is not None:
            axes.axhline(
                self.default_log_loss, color=COLOURS[2], linestyle="--", label="default head"
            )
        axes.set_xticks(places, [str(one.hidden_units or "none") for one in self.sizes])
        axes.set_xlabel("hidden units")
        axes.set_ylabel("log loss of left-out labels")
        axes.legend(frameon=False)
        save_figure(figure, path)


def _units(n: int) -> str:
    return f"{n} hidden units" if n else "no hidden layer"


def size_head(
    model: SentimentClassifier,
    texts: Iterable[str],
    labels: Labels,
    *,
    sizes: Sequence[int] = SIZES,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    seed: int = 0,
) -> HeadSizing:
    """Choose the size of a hidden layer on the word vectors of a model.

    Parameters
    ----------
    model
        A pretrained model; its vectors are used, not its head and labels. It is not changed.
    texts, labels
        Labelled texts, best 100 or more, of two classes or more, with two texts of each.
    sizes
        Numbers of hidden units, 0 for none; those above 0 need the extra ``torch``.
    folds, repeats
        Of the cross-validation.
    seed
        Of folds and networks.

    Raises
    ------
    InputError
        There are no labels, a class has one text only, or the numbers differ.
    SettingError
        ``sizes``, ``folds`` or ``repeats`` is not allowed.
    MissingExtraError
        A size above 0 is asked for, and torch is not installed.
    """
    listed = as_texts(texts)
    truth = as_labels(labels, len(listed))
    require_plausible(truth)
    counts = np.unique(truth, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < 2:
        raise InputError(
            f"{len(truth)} labels of {len(counts)} classes cannot be left out; give at least two "
            "texts of each of two classes"
        )
    ordered = _checked(sizes, folds, repeats)
    divided = Folds.of(listed, truth, folds=folds, repeats=repeats, seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probes = probes_by_size(model, listed, ordered, seed)
        answers = {units: divided.answers(probe) for units, probe in probes.items()}
        default = _default_answers(model, listed, divided)
    found = _compared(answers, divided, model)
    taken = next(one for one in found if one.behind <= one.error)
    return HeadSizing(
        found,
        taken.hidden_units,
        None if default is None else default.accuracy,
        None if default is None else default.log_loss,
        len(truth),
        folds,
        repeats,
    )


def _checked(sizes: Sequence[int], folds: int, repeats: int) -> list[int]:
    """Return sizes in order; raises ``SettingError`` for what is not allowed."""
    if not len(sizes) or not all(is_integer_from(size, 0) for size in sizes):
        raise SettingError(
            f"sizes={shown(sizes)} is not allowed; it must be a list of integers from 0, such as "
            "[0, 8, 32]"
        )
    for name, value, least in (("folds", folds, 2), ("repeats", repeats, 1)):
        if not is_integer_from(value, least):
            raise SettingError(
                f"{name}={shown(value)} is not allowed; it must be an integer of at least {least}"
            )
    return sorted({int(size) for size in sizes})


def probes_by_size(
    model: SentimentClassifier, texts: list[str], sizes: Sequence[int], seed: int
) -> dict[int, ModelProbe]:
    """Return a head of each size over the same encoded texts."""
    heads = {units: model.with_head(_head(units, seed)) for units in sizes}
    encoded = next(iter(heads.values())).encode(texts)
    return {units: ModelProbe(head, encoded) for units, head in heads.items()}


def _head(units: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.linear_model import LogisticRegression

    if not units:
        return LogisticRegression(C=C, max_iter=1_000)
    return HiddenLayerClassifier(units, seed=seed)


def _default_answers(model: SentimentClassifier, texts: list[str], folds: Folds) -> Answers | None:
    """Return the answers of the default head on the same vectors; None if there are none."""
    if not uses_default_stages(model):
        model = SentimentClassifier(model.language, vectors=model.vectors_, seeds=model.seeds)
        try:
            model.pretrain(texts)
        except SentimentTransferError:
            return None
    return folds.answers(ModelProbe.of(model, texts))


def _compared(
    answers: dict[int, Answers], folds: Folds, model: SentimentClassifier
) -> tuple[HeadSize, ...]:
    """Return the figures of each size, in the order given."""
    best = min(answers.values(), key=lambda one: one.log_loss)
    vectors, k = model.vectors_, best.probabilities.shape[2]
    found = []
    for units, one in answers.items():
        trained = _parameters(units, vectors.vector_size, k)
        figures = one.accuracy, one.log_loss, one.log_loss - best.log_loss
        total = trained + vectors.matrix.size
        error = difference_error(one.each_loss, best.each_loss, folds)
        found.append(HeadSize(units, *figures, error, trained, total))
    return tuple(found)


def _parameters(units: int, size: int, k: int) -> int:
    """Return ``d h + h + h k + k``; without a hidden layer ``(d + 1) k``, for two classes half."""
    if units:
        return size * units + units + units * k + k
    return (size + 1) * (1 if k == 2 else k)


def difference_error(one: NDArray[np.float64], other: NDArray[np.float64], folds: Folds) -> float:
    """Return the standard error of the difference of two means, by Nadeau & Bengio (2003).

    Both are figures of each text in each repeat, ``(repeats, n)``. 0 for equal ones, and with fewer
    than two folds.
    """
    differences = one - other
    means = [differences[r, test].mean() for r, tests in enumerate(folds.tests) for test in tests]
    sizes = [len(test) for tests in folds.tests for test in tests]
    n_test = float(np.mean(sizes)) if sizes else 0.0
    return corrected_error(np.array(means), n_test, differences.shape[1])


def corrected_error(means: NDArray[np.float64], n_test: float, n: int) -> float:
    """Return ``sqrt((1 / J + n_test / (n - n_test)) s^2)`` for the means of ``J`` folds.

    ``[1, 2, 3]`` with one test text of three gives ``sqrt((1 / 3 + 1 / 2) 1) = 0.913``.
    """
    if len(means) < 2 or n <= n_test:
        return 0.0
    return float(np.sqrt((1 / len(means) + n_test / (n - n_test)) * means.var(ddof=1)))
