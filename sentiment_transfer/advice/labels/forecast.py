"""Would more labels help: a forecast of the accuracy with 2, 4 and 10 times as many.

The model is fitted to parts of the labels, from a few to 80 %, and judged on the others, in
several draws. An inverse power law ``a - b n^(-c)`` is fitted to the mean accuracy by number of
labels ``n``, by least squares weighted by ``n`` (Figueroa et al. 2012, *Predicting sample size
required for classification performance*, equation 1). The band is that of the law fitted to
bootstrap draws of the judged texts. ``scripts/advice/forecast.py`` measures how often it holds the
truth.
"""

from __future__ import annotations

import warnings
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.estimator import in_range, is_integer_from
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.encoding import EncodedTexts
    from sentiment_transfer.model import SentimentClassifier

__all__ = [
    "LARGEST",
    "N_SIZES",
    "SMALLEST",
    "Forecast",
    "LabelForecast",
    "Point",
    "fit_power_law",
    "forecast_accuracy",
]

MIN_POINTS = 5
"""Of the curve, without which nothing is forecast."""
MIN_LABELS = 30
MIN_TO_STOP = 250
"""Labels from which a flat curve is a reason to stop."""
NO_GAIN = "no gain to be seen from more labels"
UNLESS = "unless classes or kinds of text are missing among the labels"
N_SIZES, SMALLEST, LARGEST = 6, 6, 0.8
"""Sizes of the parts: their number, the least, and the largest as a share of all labels."""
EXPONENT = 0.5
"""``c`` of the law: free ones follow the noise of few points."""
EXPONENTS = (0.25, 0.5, 1.0)
"""Of the laws that the band is made from, in turn."""
BOOTSTRAP_DRAWS = 200
ENDS = (0.07, 0.93)
"""Quantiles of the bootstrap draws that are the ends of the band. They hold about 80 % of the
accuracies, as the draws vary the judged texts but not those that are learnt from."""


class Point(NamedTuple):
    """Mean accuracy on labels that a model with ``n_labels`` others was not fitted to."""

    n_labels: int
    accuracy: float


class Forecast(NamedTuple):
    """Accuracy with more labels, a band that holds 80 % of the accuracies, and the gain.

    The gain is over the labels there are, by the same law.
    """

    n_labels: int
    accuracy: float
    low: float
    high: float
    gain: float


@dataclass(frozen=True)
class LabelForecast:
    """What is expected from more labels.

    Attributes
    ----------
    n_labels
        Number of labels there are.
    points
        Measured with fewer.
    forecasts
        With more; empty if there are fewer than five points.
    threshold
        Least gain of twice the labels for which more are worth it.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> words = {"great": "good", "fine": "good", "dull": "bad", "awful": "bad"}
    >>> texts = [f"a {word} film, part {i}" for i in range(30) for word in words]
    >>> found = forecast_accuracy(load("reviews-en"), texts, [*words.values()] * 30)
    >>> found.n_labels, found.is_flat, [each.n_labels for each in found.forecasts]
    (120, True, [240, 480, 1200])
    """

    n_labels: int
    points: tuple[Point, ...]
    forecasts: tuple[Forecast, ...]
    threshold: float

    @property
    def is_flat(self) -> bool | None:
        """Whether the first forecast, of twice the labels, gains less than the threshold.

        None if that is not known.
        """
        return self.forecasts[0].gain < self.threshold if self.forecasts else None

    @property
    def says_stop(self) -> bool:
        """Whether to stop labelling: the curve is flat, with 250 labels or more.

        Fewer labels than that are worth a point or more together, though none is alone.
        """
        return bool(self.is_flat) and self.n_labels >= MIN_TO_STOP

    @property
    def verdict(self) -> Verdict:
        """Whether a gain is expected from more labels, how sure, and what to do."""
        if not self.forecasts:
            return self._unknown()
        first, last = self.forecasts[0], self.forecasts[-1]
        evidence = (
            f"expected gain with {first.n_labels:,} labels {100 * first.gain:+.1f} points, with "
            f"{last.n_labels:,} "
            f"{100 * last.gain:+.1f}; with these the accuracy is {100 * last.low:.0f} to "
            f"{100 * last.high:.0f} % in 4 of 5 such forecasts"
        )
        if self.says_stop:
            return Verdict(NO_GAIN, evidence, f"stop labelling, {UNLESS}")
        if self.is_flat:
            return Verdict(
                NO_GAIN,
                evidence,
                f"twice as many would hardly make the model better, {UNLESS}; hundreds may",
            )
        return Verdict("more labels would help", evidence, "label more; see advise suggest")

    def _unknown(self) -> Verdict:
        if self.n_labels < MIN_LABELS:
            evidence = f"{self.n_labels} labels are too few for a curve of {MIN_POINTS} points"
            next_step = f"label {MIN_LABELS - self.n_labels} texts more, of each class"
        else:
            evidence = (
                f"of {self.n_labels} labels, parts of {len(self.points)} sizes have two classes "
                f"and other texts to be judged; {MIN_POINTS} are needed"
            )
            next_step = "label texts of the rare class, and different texts"
        return Verdict("can't tell yet whether more labels help", evidence, next_step)

    def __str__(self) -> str:
        return str(self.verdict)

    def plot(self, path: str | Path) -> None:
        """Draw the measured points, the forecasts and their band to a file.

        Parameters
        ----------
        path
            Of the file, with the suffix ``.png``, ``.svg`` or ``.pdf``.

        Raises
        ------
        InputError
            There are too few labels to draw a curve.
        MissingExtraError
            matplotlib is not installed.
        """
        from sentiment_transfer.advice.labels.plot import plot_forecast

        plot_forecast(self, path)


def forecast_accuracy(
    model: SentimentClassifier,
    texts: Iterable[str],
    labels: Labels,
    *,
    times: Sequence[int] = (2, 4, 10),
    draws: int = 10,
    threshold: float = 0.01,
    seed: int = 0,
) -> LabelForecast:
    """Forecast the accuracy with more labels.

    Parameters
    ----------
    model
        A pretrained model, best adapted to texts of this kind. It is not changed; labels that it
        was fitted to do not count.
    texts, labels
        Texts drawn at random and their labels, ``(n_labels,)``.
    times
        Multiples of the number of labels, rising.
    draws
        Random divisions of the labels.
    threshold
        Least gain in accuracy, between 0 and 1, for which twice the labels are worth it.
    seed
        Of the draws.

    Returns
    -------
    LabelForecast
        Without forecasts, where the labels are too few.

    Raises
    ------
    InputError
        The numbers of texts and labels differ.
    SettingError
        ``times`` is empty, not rising or has a number of 1 or less, there are no ``draws``, or the
        threshold is not below 1.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> words = {"great": "good", "fine": "good", "dull": "bad", "awful": "bad"}
    >>> texts = [f"a {word} film, part {i}" for i in range(30) for word in words]
    >>> print(forecast_accuracy(load("reviews-en"), texts, [*words.values()] * 30).verdict.found)
    no gain to be seen from more labels
    """
    _check(times, draws, threshold)
    listed = as_texts(texts)
    truth = as_labels(labels, len(listed))
    n = len(truth)
    if n < MIN_LABELS or len(np.unique(truth)) < 2:
        return LabelForecast(n, (), (), threshold)
    rng = np.random.default_rng(seed)
    sizes, right = right_by_size(model, model.encode(listed), truth, draws, rng, listed)
    accuracy = _mean_accuracy(right, np.ones(n))
    points = tuple(
        Point(int(size), float(mean))
        for size, mean in zip(sizes, accuracy, strict=True)
        if not np.isnan(mean)
    )
    if len(points) < MIN_POINTS:
        return LabelForecast(n, points, (), threshold)
    return LabelForecast(n, points, forecasts(sizes, right, n, times, rng), threshold)


def _check(times: Sequence[float], draws: int, threshold: float) -> None:
    if not len(times) or min(times) <= 1 or sorted(set(times)) != list(times):
        raise SettingError(
            f"times={times!r} is not allowed; it must hold numbers above 1, rising, as (2, 4, 10)"
        )
    if not is_integer_from(draws, 1):
        raise SettingError(f"draws={draws!r} is not allowed; it must be an integer of at least 1")
    if not in_range(threshold, 1):
        raise SettingError(
            f"threshold={threshold!r} is not allowed; it must be a gain in accuracy from 0 to 1"
        )


def right_by_size(
    model: SentimentClassifier,
    encoded: EncodedTexts,
    labels: NDArray[np.generic],
    draws: int,
    rng: np.random.Generator,
    texts: Sequence[str] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return sizes of parts, and which texts models fitted to the parts predict right.

    Of ``texts``, those that repeat one of a part are not judged (`text_key`).

    Returns
    -------
    intp ``(n_sizes,)``, and float64 ``(draws, n_sizes, n_labels)``: 1 for a right prediction, 0 for
    a wrong one, NaN where it was not made, as the text may be in the part, or the part has only one
    class. In a draw all sizes are judged on the same texts.
    """
    n = len(labels)
    most = int(LARGEST * n)
    sizes = np.unique(np.geomspace(max(SMALLEST, n / 12), most, N_SIZES).round().astype(np.intp))
    right = np.full((draws, len(sizes), n), np.nan)
    keys = np.arange(n) if texts is None else np.array([text_key(text) for text in texts])
    for draw in range(draws):
        order = rng.permutation(n)
        held = order[most:]
        held = held[~np.isin(keys[held], keys[order[:most]])]
        for i, size in enumerate(sizes):
            part = order[:size]
            if len(held) and len(np.unique(labels[part])) > 1:
                fitted = _fitted(model, encoded[part], labels[part])
                right[draw, i, held] = fitted.predict_encoded(encoded[held]) == labels[held]
    return sizes, right


def _fitted(
    model: SentimentClassifier, encoded: EncodedTexts, labels: NDArray[np.generic]
) -> SentimentClassifier:
    with warnings.catch_warnings():  # of contradicted seed words, in some part
        warnings.simplefilter("ignore")
        return copy(model).fit_encoded(encoded, labels)


def _mean_accuracy(right: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the accuracy at each size with these weights of texts; NaN where none is judged.

    ``weight`` is ``(n_labels,)`` or ``(n_weightings, n_labels)``; returns ``(n_sizes,)`` or
    ``(n_weightings, n_sizes)``.
    """
    judged = ~np.isnan(right)
    sums = weight @ np.where(judged, right, 0).sum(axis=0).T
    counts = weight @ judged.sum(axis=0).T.astype(np.float64)
    mean = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=mean, where=counts > 0)
    return mean


def forecasts(
    sizes: NDArray[np.intp],
    right: NDArray[np.float64],
    n: int,
    times: Sequence[int],
    rng: np.random.Generator,
    shares: NDArray[np.float64] | None = None,
) -> tuple[Forecast, ...]:
    """Return the forecast for each multiple of ``n`` labels, from what `right_by_size` returned.

    ``shares`` are the shares of all texts that the judged texts stand for, ``(n_judged,)``, if they
    were drawn in strata; otherwise each stands for as many.
    """
    at = np.array([n, *(round(n * k) for k in times)])
    m = right.shape[2]
    weight = np.ones(m) if shares is None else shares
    best = fit_power_law(sizes, _mean_accuracy(right, weight), at)
    drawn = rng.multinomial(m, np.full(m, 1 / m), BOOTSTRAP_DRAWS) * weight
    accuracy = _mean_accuracy(right, drawn)
    laws = np.empty((BOOTSTRAP_DRAWS, len(at)))
    for i, exponent in enumerate(EXPONENTS):
        turn = slice(i, None, len(EXPONENTS))
        laws[turn] = fit_power_law(sizes, accuracy[turn], at, exponent)
    low, high = np.nanquantile(laws, ENDS, axis=0)
    return tuple(
        Forecast(
            int(at[i]),
            float(best[i]),
            float(low[i]),
            float(high[i]),
            float(best[i] - best[0]),
        )
        for i in range(1, len(at))
    )


def fit_power_law(
    sizes: NDArray[np.intp],
    accuracy: NDArray[np.float64],
    at: NDArray[np.intp],
    exponent: float = EXPONENT,
) -> NDArray[np.float64]:
    """Fit ``a - b n^(-c)`` with ``b >= 0`` and ``a <= 1`` to accuracies, and evaluate it.

    The fit is least squares with each point weighted by its size; both bounds are met in closed
    form, since accuracies are at most 1.

    Parameters
    ----------
    sizes
        ``n``, ``(n_points,)``.
    accuracy
        Accuracies of one curve, ``(n_points,)``, or of several, ``(n_curves, n_points)``; points of
        NaN are left out.
    at
        Where to evaluate, ``(k,)``.
    exponent
        ``c``.

    Returns
    -------
    float64 ``(k,)``, or ``(n_curves, k)``; NaN for a curve without a point.
    """
    x, known = sizes.astype(float) ** -exponent, ~np.isnan(accuracy)
    weight, y = np.where(known, sizes, 0.0), np.where(known, accuracy, 0.0)
    with np.errstate(invalid="ignore"):  # of a curve without a point
        weight /= weight.sum(axis=-1, keepdims=True)
    mean_x, mean_y = weight @ x, (weight * y).sum(axis=-1)
    off = x - mean_x[..., None]
    spread = (weight * off**2).sum(axis=-1)
    falls = -(weight * off * y).sum(axis=-1)
    b = np.divide(falls, spread, out=np.zeros_like(spread), where=spread > 0)
    b = np.where(b < 0, 0.0, b)
    a = mean_y + b * mean_x
    b = np.where(a > 1, (weight * x * (1 - y)).sum(axis=-1) / (weight @ x**2), b)
    law: NDArray[np.float64] = np.minimum(a, 1)[..., None] - b[..., None] * at ** -float(exponent)
    return law
