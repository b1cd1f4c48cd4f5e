"""What `size_head` found: figures of each size of the head, and the one that is taken."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import COLOURS, save_figure
from sentiment_transfer.base.tables import format_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["C", "HeadSize", "HeadSizing"]

FEWEST = 30
"""Labels below which cross-validation ranks heads by luck."""
C = 3.0
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

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = [f"a {word} film" for word in ("great", "fine", "good", "dull", "weak", "bad")]
    >>> found = size_head(load("reviews-en"), texts, ["good"] * 3 + ["bad"] * 3, sizes=[0], folds=3)
    >>> found.sizes[0].trained
    101
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

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = [f"a {word} film" for word in ("great", "fine", "good", "dull", "weak", "bad")]
    >>> found = size_head(load("reviews-en"), texts, ["good"] * 3 + ["bad"] * 3, sizes=[0], folds=3)
    >>> found.chosen.hidden_units, found.n_labels
    (0, 6)
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
        """Draw log loss by size, with standard errors, to a PNG, SVG or PDF file.

        Parameters
        ----------
        path
            Of the file, with the suffix ``.png``, ``.svg`` or ``.pdf``.

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        """
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
