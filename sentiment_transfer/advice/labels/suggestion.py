"""Which texts to label next.

A model that knows polarity from seed words gains little from chosen labels, and loses from few
uncertain ones, which are not typical. So its first labels are drawn at random in strata of its
confidence, which also measures it (`advice.labels.measuring`). A model that knows nothing starts
with texts from the middle of clusters (k-means). Later labels come in diverse batches: the texts
are clustered by k-means, weighted by the uncertainty of the model, and each cluster gives one text,
after Zhdanov (2019), *Diverse mini-batch active learning*, arXiv 1901.05954.
``scripts/advice/labelling.py`` measures what this gains over random choice, by number of labels.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sentiment_transfer.advice.labels.measuring import LEAST_LABELS, N_STRATA, texts_to_measure
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.errors import InputError, SettingError, shown
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["RANDOM_LABELS", "Suggestion", "Way", "averages_of", "diverse_rows", "suggest_texts"]
__all__ += ["LEAST_WEIGHT", "MOST_CLUSTERED", "clusters_of", "way_of"]

RANDOM_LABELS = 64
"""Labels that a model with seed words has before it chooses."""
MOST_CLUSTERED = 5_000
"""Texts that are clustered, chosen at random."""
LEAST_WEIGHT = 1e-6
"""Of a text that the model is sure of; k-means takes no clusters without weight."""

Way = Literal["measure", "random", "typical", "uncertain"]
REASONS: dict[Way, str] = {
    "measure": "the first labels are drawn at random, in strata of the model's confidence: they "
    "measure it, and chosen ones gain nothing yet",
    "random": "the first labels are drawn at random: chosen ones gain nothing yet",
    "typical": "the model knows nothing yet, so the texts are those in the middle of clusters",
    "uncertain": "the model is unsure of these texts, and they differ from each other",
}


HARDER = "never measure the accuracy by these labels: they are not typical"
AFTERWARDS: dict[Way, str] = {
    "measure": "first measure the model by them (`advise budget`), then fit it to them",
    "random": "they measure a model that is not fitted to them",
    "typical": HARDER,
    "uncertain": HARDER,
}


@dataclass(frozen=True, eq=False)
class Suggestion:
    """Texts to label next.

    Attributes
    ----------
    rows
        Of the texts, the order in which to label them, intp ``(n,)``.
    way
        How they were chosen: ``"measure"``, ``"random"``, ``"typical"`` or ``"uncertain"``.
    n_labels
        Number of labels there are.
    strata, shares
        To estimate the accuracy (`estimate_accuracy`), if the way is ``"measure"``.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = ["A great film.", "A dull plot.", "So so.", "Fine.", ""]
    >>> found = suggest_texts(load("reviews-en"), texts, 2)
    >>> found.way, [texts[row] for row in found.rows]
    ('random', ['So so.', 'A great film.'])
    """

    rows: NDArray[np.intp]
    way: Way
    n_labels: int
    strata: NDArray[np.intp] | None = None
    shares: NDArray[np.float64] | None = None

    @property
    def verdict(self) -> Verdict:
        """How many texts, why these, and what to do."""
        return Verdict(
            f"{len(self.rows):,} texts to label next, after {self.n_labels:,} labels",
            REASONS[self.way],
            f"label them, the first ones first; {AFTERWARDS[self.way]}",
        )

    def __str__(self) -> str:
        return str(self.verdict)


def suggest_texts(
    model: SentimentClassifier,
    texts: Iterable[str],
    n: int,
    labelled: tuple[Sequence[str], Labels] | None = None,
    *,
    seed: int = 0,
) -> Suggestion:
    """Choose the texts to label next.

    Parameters
    ----------
    model
        A pretrained model, best adapted to texts of this kind. It is not changed: a copy is fitted
        to the labels.
    texts
        Texts without labels. Blank ones and those that repeat others, or one with a label, are not
        chosen, nor to teach those without a known word.
    n
        Number of texts to choose; fewer are chosen if there are fewer.
    labelled
        The texts that have labels, and these, ``(n_labels,)``.
    seed
        Of the choice.

    Returns
    -------
    Suggestion
        With rows of ``texts``.

    Raises
    ------
    InputError
        No text is left to choose, or the numbers of texts and labels differ.
    SettingError
        ``n`` is not an integer from 1.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = ["A great film.", "A dull plot.", "So so.", "Fine.", ""]
    >>> suggest_texts(load("reviews-en"), texts, 2).rows.tolist()
    [2, 0]
    """
    if not is_integer_from(n, 1):
        raise SettingError(f"n={shown(n)} is not allowed; it must be an integer of at least 1")
    listed, (known, labels) = as_texts(texts), _labels(labelled)
    rows, fitted = _unlabelled(listed, known), _fitted(model, known, labels)
    knows, n = model.knows_polarity, min(n, len(rows))
    way = way_of(len(labels), n, knows_polarity=knows, predicts=fitted is not None)
    if way == "random":
        chosen = np.random.default_rng(seed).permutation(rows)[:n]
        return Suggestion(chosen, way, len(labels))
    if fitted is not None and way == "measure":
        found = texts_to_measure(fitted, [listed[row] for row in rows], n, seed=seed)
        return Suggestion(rows[found.rows], way, len(labels), found.strata, found.shares)
    rows, rng = _known(model, listed, rows), np.random.default_rng(seed)
    rows = rng.permutation(rows)[: max(MOST_CLUSTERED, n)]
    texts_left, unsure = [listed[row] for row in rows], np.ones(len(rows))
    if fitted is not None:
        unsure = 1 - fitted.predict_proba(texts_left).max(axis=1)
    chosen = diverse_rows(averages_of(model, texts_left), unsure, min(n, len(rows)), rng)
    return Suggestion(rows[chosen], way, len(labels))


def way_of(n_labels: int, n: int, *, knows_polarity: bool, predicts: bool) -> Way:
    """Return how ``n`` texts are chosen after ``n_labels`` labels."""
    if knows_polarity and not n_labels and n >= N_STRATA * LEAST_LABELS:
        return "measure"
    if knows_polarity and n_labels < RANDOM_LABELS:
        return "random"
    return "uncertain" if predicts else "typical"


def diverse_rows(
    X: NDArray[np.floating], weight: NDArray[np.float64], n: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Choose a row of each of ``n`` clusters: the heaviest, or if all weigh the same, the middle.

    Parameters
    ----------
    X
        Vectors of the texts, ``(n_texts, d)``.
    weight
        How much the model would gain from each, ``(n_texts,)``, not negative.
    n
        Number of rows to choose, at most ``n_texts``.
    rng
        Of the clustering, and of rows where there are fewer clusters.

    Returns
    -------
    intp ``(n,)``, in order of weight.
    """
    weight = np.square(weight) + LEAST_WEIGHT
    cluster, distance = clusters_of(X, weight, n, rng)
    best = np.lexsort((distance, -weight, cluster))  # by cluster, the best row first
    first = np.unique(cluster[best], return_index=True)[1]
    chosen = best[first]
    rest = rng.permutation(np.setdiff1d(np.arange(len(X)), chosen))[: n - len(chosen)]
    rows = np.concatenate([chosen, rest])
    in_order: NDArray[np.intp] = rows[np.argsort(-weight[rows], kind="stable")]
    return in_order


def clusters_of(
    X: NDArray[np.floating], weight: NDArray[np.float64], n: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """Return the cluster of each row of ``X``, by weighted k-means, and the distance to its mean.

    ``weight`` is above 0, ``(n_texts,)``, and ``n`` at most ``n_texts``.
    """
    from sklearn.cluster import KMeans

    means = KMeans(n, n_init=1, max_iter=20, random_state=int(rng.integers(2**31)))
    cluster = means.fit(X, sample_weight=weight).labels_.astype(np.intp)
    return cluster, np.linalg.norm(X - means.cluster_centers_[cluster], axis=1)


def _labels(labelled: tuple[Sequence[str], Labels] | None) -> tuple[list[str], NDArray[Any]]:
    if labelled is None:
        return [], np.array([], np.str_)
    texts = as_texts(labelled[0])
    return texts, as_labels(labelled[1], len(texts))


def _unlabelled(texts: list[str], known: list[str]) -> NDArray[np.intp]:
    """Return the rows of different texts that are not blank and repeat none with a label."""
    seen = {text_key(text) for text in known}
    different: dict[bytes, int] = {}
    for row, text in enumerate(texts):
        key = text_key(text)
        if key not in seen and text.strip():
            different.setdefault(key, row)
    if not different:
        raise InputError(f"none of {len(texts):,} texts is without a label; give other texts")
    return np.array([*different.values()], np.intp)


def _known(
    model: SentimentClassifier, texts: list[str], rows: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the rows of texts with a known word: others teach nothing."""
    known = rows[model.vectors_.coverage([texts[row] for row in rows]) > 0]
    if not len(known):
        raise InputError(
            f"none of {len(rows):,} texts without a label has a known word; give other texts"
        )
    return known


def _fitted(
    model: SentimentClassifier, texts: list[str], labels: NDArray[Any]
) -> SentimentClassifier | None:
    """Return the model, fitted to the labels if they are of two classes; None if it knows none."""
    if len(np.unique(labels)) >= 2:
        encoded = model.encode(texts)
        return copy(model).fit_encoded(encoded, labels)
    return model if model.knows_polarity else None


def averages_of(model: SentimentClassifier, texts: list[str]) -> NDArray[np.floating]:
    """Return mean word vectors of unit length, ``(n, d)``."""
    X = AveragingEncoder(model.vectors_).fit(texts).transform(texts)
    length = np.linalg.norm(X, axis=1, keepdims=True)
    unit: NDArray[np.floating] = X / np.maximum(length, np.finfo(X.dtype).tiny)
    return unit
