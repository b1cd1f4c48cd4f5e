"""Evidence of which member of the bank suits texts: leads over the first one, in standard errors.

Words: whether those of the texts are as frequent as in the texts that a member learnt from. Seed
words: each member predicts the hidden seed words of the texts from their other words
(`polarity.masked`). Labels: each member, adapted to the texts, predicts each label from the others.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.masked import (
    AreasUnderCurve,
    areas_under_curve,
    masked_scores,
)
from sentiment_transfer.text.indexing import ranks
from sentiment_transfer.text.reading import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Encoders: TypeAlias = Mapping[str, PolarityEncoder]
    Figures: TypeAlias = dict[str, "Figure"]

__all__ = ["CLEAR", "MIN_LABELS", "MIN_SEED_TEXTS", "MIN_TO_ADAPT", "UNKNOWN", "Figure"]
__all__ += ["adapted", "hidden_seed_areas", "in_errors", "left_out_labels", "likeness_of_words"]
__all__ += ["predicted_seed_words", "usable_labels"]

CLEAR = 2.0
"""Standard errors by which one is clearly better than another."""
MIN_SEED_TEXTS = 20
"""Texts of either polarity of seed words from which they are evidence."""
MIN_TO_ADAPT = 100
"""Texts from which members are adapted before they predict labels."""
MIN_LABELS, MOST_LABELS = 30, 1_000
"""Labels from which they are evidence, and most labels that are looked at."""
MIN_SHARED = 0.7
"""Share of the texts' words that a member must know for their frequencies to be compared."""


class Figure(NamedTuple):
    """A figure of a member, and how far it is better than that of the first, in standard errors."""

    value: float
    lead: float


UNKNOWN = Figure(float("nan"), float("nan"))


def likeness_of_words(encoders: Encoders, texts: Sequence[str]) -> Figures:
    """Return the gain in log likelihood of a word of the texts, in bits, over the first member.

    Words count that both members know, with their frequencies among these in the texts that each
    learnt from. The gain is a ratio of sums over texts, with the standard error of a ratio. It is
    left out for a member that knows too few of the words, and without a known word.
    """
    first = next(iter(encoders.values())).vectors
    ids = first.encode(texts)
    of_text = np.repeat(np.arange(len(ids)), np.diff(ids.offsets))
    figures = {}
    for name, encoder in encoders.items():
        rows = ranks(list(first.words), encoder.vectors.vocabulary)
        shared = (rows >= 0) & (encoder.vectors.counts[rows] > 0) & (first.counts > 0)
        gains = np.zeros(len(rows))
        gains[shared] = _log_shares(encoder.vectors.counts[rows[shared]])
        gains[shared] -= _log_shares(first.counts[shared])
        used = shared[ids.ids]
        if not used.any() or used.mean() < MIN_SHARED:
            continue
        sums = np.bincount(of_text[used], gains[ids.ids[used]], len(ids))
        lengths = np.bincount(of_text[used], minlength=len(ids))
        gain = float(sums.sum() / lengths.sum())
        residuals = sums - gain * lengths
        error = float(np.sqrt((residuals**2).sum()) / lengths.sum())
        figures[name] = Figure(gain, in_errors(gain, error))
    return figures


def predicted_seed_words(encoders: Encoders, texts: Sequence[str]) -> tuple[Figures, int]:
    """Return the area under the curve of each member, and the number of texts with seed words.

    Both are nothing if fewer than 20 texts have seed words of either polarity.
    """
    curves = hidden_seed_areas([*encoders.values()], texts)
    if curves is None:
        return {}, 0
    figures = {
        name: Figure(float(area), in_errors(*curves.lead(i, 0)))
        for i, (name, area) in enumerate(zip(encoders, curves.areas, strict=True))
    }
    return figures, curves.n_positive + curves.n_negative


def hidden_seed_areas(
    encoders: Sequence[PolarityEncoder], texts: Sequence[str]
) -> AreasUnderCurve | None:
    """Return the areas under the curve of predicting hidden seed words, in the order given.

    The seed words are those that the first encoder knows. None if fewer than 20 texts have more of
    either polarity.
    """
    found = [masked_scores(encoder, texts) for encoder in encoders]
    balance = found[0][1]
    used = balance != 0
    positive = balance[used] > 0
    if min(positive.sum(), (~positive).sum()) < MIN_SEED_TEXTS:
        return None
    return areas_under_curve(positive, np.array([scores[used] for scores, _ in found]))


def usable_labels(
    texts: Sequence[str], labels: NDArray[np.generic], seed: int
) -> tuple[list[str], NDArray[np.generic]]:
    """Return at most 1,000 texts and labels, of classes with two of them; none if too few are left.

    At least 30 labels and two classes are needed.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(labels))[:MOST_LABELS])
    _, classes, counts = np.unique(labels[rows], return_inverse=True, return_counts=True)
    rows = rows[counts[classes] >= 2]
    if len(rows) < MIN_LABELS or len(np.unique(labels[rows])) < 2:
        rows = rows[:0]
    return [texts[i] for i in rows], labels[rows]


def left_out_labels(
    encoders: Encoders,
    unlabelled: Sequence[str],
    texts: Sequence[str],
    labels: NDArray[np.generic],
) -> Figures:
    """Return the mean log loss of labels from heads fitted without them, lower for better members.

    Members are adapted to the unlabelled texts, if these are 100 or more.
    """
    losses = {
        name: _left_out_losses(adapted(encoder, unlabelled), texts, labels)
        for name, encoder in encoders.items()
    }
    first = next(iter(losses.values()))
    figures = {}
    for name, loss in losses.items():
        gain = first - loss
        error = float(gain.std(ddof=1)) / len(gain) ** 0.5
        figures[name] = Figure(float(loss.mean()), in_errors(float(gain.mean()), error))
    return figures


def adapted(encoder: PolarityEncoder, texts: Sequence[str]) -> PolarityEncoder:
    """Return the encoder of a member, adapted to the texts if they are enough."""
    if len(texts) < MIN_TO_ADAPT:
        return encoder
    read = read_texts(texts, encoder.vectors.tokenizer, encoder.vectors.vocabulary, words=False)
    if not len(read.ids.ids):
        return encoder
    other = PolarityEncoder(encoder.vectors, seeds=encoder.seeds, seed=encoder.seed)
    return other.fit_unlabelled(PretrainingTexts(read.ids, list(texts)), before=encoder)


def _left_out_losses(
    encoder: PolarityEncoder, texts: Sequence[str], labels: NDArray[np.generic]
) -> NDArray[np.float64]:
    """Return the log loss of each label from heads fitted without it, ``(n,)``.

    Of more than two classes, it is the sum over the binary problems that they are divided into.
    """
    head = PolarityClassifier(language=encoder.vectors.tokenizer.language)
    with warnings.catch_warnings():  # what is wrong with the labels is said when a model is fitted
        warnings.simplefilter("ignore")
        head.fit(encoder.transform(texts), labels)
    losses = [mixture.left_out_log_loss_ for mixture in head.mixtures]
    total: NDArray[np.float64] = np.sum([loss for loss in losses if loss is not None], axis=0)
    return total


def _log_shares(counts: NDArray[np.generic]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.log2(counts / counts.sum())
    return shares


def in_errors(lead: float, error: float) -> float:
    """Return a lead in standard errors; 0 if there is no error, as between equal members."""
    return lead / error if error > 0 else 0.0
