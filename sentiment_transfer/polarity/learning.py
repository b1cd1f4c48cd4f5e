"""Learning of the polarity of words, from seed words or from labels of any two classes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.classification.logistic import Block, fit_map
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.cut import check_prevalence, choose_cut
from sentiment_transfer.polarity.polarity import Polarity, seed_balance, sentence_vectors
from sentiment_transfer.polarity.prevalence import share_by_counting
from sentiment_transfer.polarity.strength import joined_direction, strength_directions
from sentiment_transfer.text.bag_of_words import (
    mean_of_texts,
    mean_vectors,
    text_counts,
    unit_rows,
)
from sentiment_transfer.text.vocabulary import chunks, sample_texts, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.text.vocabulary import TokenIds

__all__ = ["polarity_from_labels", "polarity_from_seeds"]

PIVOT_TEXTS = 15_000
COMMON_WORDS = 2_000
EXTREME_SHARE = 0.1
"""Share of the most frequent words that become seeds of each polarity, if labels choose them."""
NEGLIGIBLE_WEIGHT = 1e-9
"""Smaller weights are rounding errors."""
SEED_BALANCE = 0.35
"""Weight of the seed words' balance, in standard deviations of the sum over directions, with
vectors learnt from much text (`little_text.balance_weight`)."""


def polarity_from_seeds(
    vectors: NDArray[np.float32],
    unlabelled: TokenIds,
    positive: NDArray[np.intp],
    negative: NDArray[np.intp],
    *,
    background: Polarity | None = None,
    prevalence: float | None = None,
    balance_weight: float = SEED_BALANCE,
    seed: int = 0,
) -> Polarity:
    """Learn polarity from seed words and unlabelled texts.

    Parameters
    ----------
    vectors
        Word vectors, ``(n_words, d)``.
    unlabelled
        Texts over those words, of a large corpus a sample (`sample_texts`); the pivot classifier is
        fitted on at most 15,000 of them.
    positive, negative
        Ids of the seed words (`seed_ids`), at least one a side.
    background
        Polarity over the same vectors learnt from other texts: its pivot classifier is the prior
        mean of the new one, so a few hundred texts of a new domain refine it. Its answers to
        these texts are an estimate of the share of positive ones.
    prevalence
        Share of positive texts, if known; otherwise it is estimated (`choose_cut`).
    balance_weight
        Weight of the seed words' balance, in standard deviations of the sum over directions.
    seed
        Seed of the choice of texts.

    Notes
    -----
    If no text has seed words, or only texts of one polarity do, there is no pivot classifier, and
    the seed direction is used alone.

    Raises
    ------
    InputError
        No unlabelled text has a known word.
    SettingError
        A side has no seed word, or ``prevalence`` is not between 0 and 1.
    """
    if not (len(positive) and len(negative)):
        raise SettingError("each polarity needs at least one seed word that has a vector")
    check_prevalence(prevalence)
    unlabelled = sample_texts(unlabelled, seed)
    sample = _sample(unlabelled, seed)
    direction = unit_rows(vectors[positive]).mean(axis=0) - unit_rows(vectors[negative]).mean(
        axis=0
    )
    prior = None if background is None else background.pivot
    pivot, pivot_texts = _pivot_classifier(vectors, sample, positive, negative, prior)
    directions = np.array([direction] if pivot is None else [direction, pivot], dtype=np.float32)
    signs = _signs(len(vectors), positive, negative)
    balance = signs, balance_weight
    earlier = None
    if background is not None and prevalence is None:
        answers = background.score(background.encode(sample, vectors)) > 0
        earlier = share_by_counting(answers[np.diff(sample.offsets) > 0])

    cut = partial(choose_cut, prevalence=prevalence, earlier=earlier)
    return _over_texts(vectors, unlabelled, directions, balance, cut, pivot_texts)


def polarity_from_labels(
    vectors: NDArray[np.float32],
    unlabelled: TokenIds,
    labelled: TokenIds,
    y: ArrayLike,
    *,
    prevalence: float | None = None,
    seed: int = 0,
) -> Polarity:
    """Learn polarity for any two classes from labels, which choose the seed words.

    A logistic regression on the labelled texts ranks the 2,000 most frequent words; twice, the 200
    most positive and the 200 most negative become the seeds of a pivot classifier on the unlabelled
    texts, which ranks the words again. This gains accuracy if the unlabelled texts are of the same
    kind as the labelled ones, and nothing otherwise.

    Parameters
    ----------
    vectors, unlabelled, prevalence, seed
        As for `polarity_from_seeds`.
    labelled, y
        Labelled texts and their classes, 0 or 1.

    Raises
    ------
    InputError
        No unlabelled text has a known word, or the labels are of one class only.
    """
    labels = np.asarray(y)
    if len(np.unique(labels)) < 2:
        raise InputError("the labels are of one class only; polarity needs examples of both")
    check_prevalence(prevalence)
    unlabelled = sample_texts(unlabelled, seed)
    sample = _sample(unlabelled, seed)
    x = sentence_vectors(labelled, vectors, None, mean_of_texts(sample, vectors, None))
    classifier = fit_map([Block(x, 1.0)], labels).weights[0]
    pivot_texts = (0, 0)
    for _ in range(2):
        if np.abs(classifier).max() < NEGLIGIBLE_WEIGHT:
            break  # labels that contradict each other on the same texts rank no words
        positive, negative = _extreme_words(vectors, sample, classifier)
        pivot, pivot_texts = _pivot_classifier(vectors, sample, positive, negative)
        if pivot is None:
            break
        classifier = pivot
    directions, no_seeds = classifier[None].astype(np.float32), np.zeros(len(vectors), np.int8)
    balance = no_seeds, SEED_BALANCE
    cut = partial(choose_cut, prevalence=prevalence)
    return _over_texts(vectors, unlabelled, directions, balance, cut, pivot_texts)


def _sample(unlabelled: TokenIds, seed: int) -> TokenIds:
    if not len(unlabelled.ids):
        raise InputError(
            "no unlabelled text holds a word that has a vector; give texts of the vectors' "
            "language (the labelled ones can be used)"
        )
    n = len(unlabelled)
    if n <= PIVOT_TEXTS:
        return unlabelled
    chosen = np.random.default_rng(seed).choice(n, PIVOT_TEXTS, replace=False)
    return select(unlabelled, np.sort(chosen))


def _signs(
    n_words: int, positive: NDArray[np.intp], negative: NDArray[np.intp]
) -> NDArray[np.int8]:
    signs = np.zeros(n_words, np.int8)
    signs[positive], signs[negative] = 1, -1
    return signs


def _pivot_classifier(
    vectors: NDArray[np.float32],
    texts: TokenIds,
    positive: NDArray[np.intp],
    negative: NDArray[np.intp],
    prior: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64] | None, tuple[int, int]]:
    """Fit a classifier of the sign of a text's balance on its words that are not seeds.

    Both signs have equal weight; the prior of the weights is ``N(prior, 1)``, with mean 0 by
    default. If a sign is missing, the prior is returned.
    """
    hidden = np.ones(len(vectors), np.float32)
    hidden[positive] = hidden[negative] = 0
    means = mean_vectors(texts, vectors, hidden)
    balance = seed_balance(texts, _signs(len(vectors), positive, negative))
    chosen = (balance != 0) & means.any(axis=1)
    y = balance[chosen] > 0
    n_positive, n_negative = int(y.sum()), int((~y).sum())
    if not (n_positive and n_negative):
        return prior, (n_positive, n_negative)
    x = unit_rows(means[chosen] - mean_of_texts(texts, vectors, hidden))
    weight = len(y) / (2 * np.where(y, n_positive, n_negative))
    block = Block(x, 1.0, 0.0 if prior is None else prior)
    return fit_map([block], y, weight).weights[0], (n_positive, n_negative)


def _extreme_words(
    vectors: NDArray[np.float32], texts: TokenIds, classifier: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the most positive and most negative tenth of the words with most texts."""
    frequency = text_counts(texts, len(vectors))
    common = np.argsort(-frequency, kind="stable")[:COMMON_WORDS]
    common = np.sort(common[frequency[common] > 0])
    ranked = common[np.argsort(vectors[common] @ classifier, kind="stable")]
    size = max(1, int(EXTREME_SHARE * len(ranked)))
    return ranked[len(ranked) - size :], ranked[:size]


def _standardise(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Subtract the mean and divide by the standard deviation; zeros if all are equal."""
    centred: NDArray[np.float64] = values - values.mean(dtype=np.float64)
    return centred / (float(centred.std()) or 1.0)


def _word_scores(
    vectors: NDArray[np.float32], directions: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Compute ``z = zscore(sum over directions of zscore(unit(v - mean v) . direction))``."""
    along = unit_rows(vectors - vectors.mean(axis=0)) @ directions.T
    total = sum((_standardise(column) for column in along.T), np.zeros(len(vectors)))
    return _standardise(total).astype(np.float32)


def _over_texts(
    vectors: NDArray[np.float32],
    unlabelled: TokenIds,
    directions: NDArray[np.float32],
    balance: tuple[NDArray[np.int8], float],
    cut: Callable[[NDArray[np.float64], NDArray[np.float32]], float],
    pivot_texts: tuple[int, int],
) -> Polarity:
    """Score the words, and compute centre, scales and cut from the unlabelled texts.

    ``balance`` holds the signs of the seed words, and the weight of their balance; ``cut`` returns
    the cut of scores and balances.
    """
    signs, weight = balance
    z = _word_scores(vectors, directions)
    g = (0.3 + np.minimum(np.abs(z), 3)).astype(np.float32)
    centre = mean_of_texts(unlabelled, vectors, g)
    strengths = directions[:0]
    if signs.any():
        strengths = strength_directions(vectors, z, signs, text_counts(unlabelled, len(vectors)))
    both = np.concatenate([directions, strengths])
    x = (sentence_vectors(chunk, vectors, g, centre) for chunk in chunks(unlabelled))
    known = np.diff(unlabelled.offsets) > 0
    along = np.concatenate([rows.astype(np.float64) @ both.T for rows in x])[known]
    along, strong = np.split(along, [len(directions)], axis=1)
    scales = np.where(along.std(axis=0) > 0, along.std(axis=0), 1.0)
    raw = (along / scales).sum(axis=1)
    seed_weight = weight * float(raw.std())
    balances = seed_balance(unlabelled, signs)[known]
    raw += seed_weight * balances
    at, spread = cut(raw, balances), float(raw.std()) or 1.0
    strength = joined_direction(strengths, strong) if len(strengths) else None
    scaled = scales, signs, seed_weight, at, spread
    return Polarity(directions, z, g, centre, *scaled, pivot_texts, strength)
