"""Learning of the polarity of words, from seed words or from labels of any two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.estimator import in_range
from sentiment_transfer.classification.logistic import Block, fit_map
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.polarity import Polarity, seed_balance, sentence_vectors
from sentiment_transfer.polarity.strength import strength_directions
from sentiment_transfer.text.bag_of_words import (
    distinct_counts,
    mean_of_texts,
    mean_vectors,
    unit_rows,
)
from sentiment_transfer.text.vocabulary import chunks, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary

__all__ = ["polarity_from_labels", "polarity_from_seeds", "seed_ids", "two_means_cut"]

PIVOT_TEXTS = 15_000
COMMON_WORDS = 2_000
EXTREME_SHARE = 0.1
"""Share of the most frequent words that become seeds of each polarity, if labels choose them."""
NEGLIGIBLE_WEIGHT = 1e-9
"""Smaller weights are rounding errors."""
SEED_BALANCE = 0.35
"""Weight of the seed words' balance, in standard deviations of the sum over directions, with
vectors learnt from much text (`little_text.balance_weight`)."""


def seed_ids(
    vocabulary: Vocabulary, positive: Sequence[str], negative: Sequence[str]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the ids of the seed words in the vocabulary, each once.

    Raises
    ------
    SettingError
        No word of one side is in the vocabulary, or a word is on both sides.
    """
    both = sorted(set(positive) & set(negative))
    if both:
        raise SettingError(f"the seed words {both} are given as positive and as negative")
    found = []
    for side, seeds in (("positive", positive), ("negative", negative)):
        known = sorted(set(vocabulary.encode(seeds)))
        if not known:
            raise SettingError(
                f"the word vectors know none of the {side} seed words ({_first(seeds)}); check "
                "that language= is that of the texts, give seeds= that occur in them, lower the "
                "vectors' min_count, or set seeds=None"
            )
        found.append(np.array(known, dtype=np.intp))
    return found[0], found[1]


def _first(words: Sequence[str], n: int = 5) -> str:
    if not words:
        return "there are none"
    return ", ".join(map(repr, words[:n])) + (", …" if len(words) > n else "")


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
        Texts over those words; the pivot classifier is fitted on at most 15,000 of them.
    positive, negative
        Ids of the seed words (`seed_ids`), at least one a side.
    background
        Polarity over the same vectors learnt from other texts: its pivot classifier is the prior
        mean of the new one, so a few hundred texts of a new domain refine it.
    prevalence
        Share of positive texts, if known; otherwise the scores are cut by 2-means.
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
    _check_prevalence(prevalence)
    sample = _sample(unlabelled, seed)
    direction = unit_rows(vectors[positive]).mean(axis=0) - unit_rows(vectors[negative]).mean(
        axis=0
    )
    prior = None if background is None else background.pivot
    pivot, pivot_texts = _pivot_classifier(vectors, sample, positive, negative, prior)
    directions = np.array([direction] if pivot is None else [direction, pivot], dtype=np.float32)
    signs = _signs(len(vectors), positive, negative)
    balance = signs, balance_weight
    return _over_texts(vectors, unlabelled, directions, balance, prevalence, pivot_texts)


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
    _check_prevalence(prevalence)
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
    return _over_texts(vectors, unlabelled, directions, balance, prevalence, pivot_texts)


def two_means_cut(values: NDArray[np.float64]) -> float:
    """Return the midpoint of the two means of exact 2-means in one dimension.

    The best of the ``n - 1`` splits of the sorted values minimises the squared distances to the
    group means, so it maximises ``(S_k - k mean)^2 / (k (n - k))`` with ``S_k`` the sum of the
    ``k`` smallest. ``[0, 1, 8, 9]`` is cut at ``(0.5 + 8.5) / 2``; equal values at their value.
    """
    ordered = np.sort(values)
    n = len(ordered)
    if ordered[0] == ordered[-1]:
        return float(ordered[0])
    k = np.arange(1, n)
    sums = np.cumsum(ordered)[:-1]
    best = int(np.argmax((sums - k * ordered.mean()) ** 2 / (k * (n - k)))) + 1
    return float(ordered[:best].mean() + ordered[best:].mean()) / 2


def _check_prevalence(prevalence: float | None) -> None:
    if prevalence is not None and not (in_range(prevalence, 1) and prevalence > 0):
        raise SettingError(
            f"prevalence={prevalence!r} is not allowed; it must be a number between 0 and 1, or "
            "None"
        )


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
    frequency = _text_counts(texts, len(vectors))
    common = np.argsort(-frequency, kind="stable")[:COMMON_WORDS]
    common = np.sort(common[frequency[common] > 0])
    ranked = common[np.argsort(vectors[common] @ classifier, kind="stable")]
    size = max(1, int(EXTREME_SHARE * len(ranked)))
    return ranked[len(ranked) - size :], ranked[:size]


def _text_counts(texts: TokenIds, n_words: int) -> NDArray[np.int64]:
    """Return the number of texts that hold each word, ``(n_words,)``."""
    counts = np.zeros(n_words, np.int64)
    for chunk in chunks(texts):
        counts += np.bincount(distinct_counts(chunk, n_words).indices, minlength=n_words)
    return counts


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
    prevalence: float | None,
    pivot_texts: tuple[int, int],
) -> Polarity:
    """Score the words, and compute centre, scales and cut from the unlabelled texts.

    ``balance`` holds the signs of the seed words, and the weight of their balance.
    """
    signs, weight = balance
    z = _word_scores(vectors, directions)
    g = (0.3 + np.minimum(np.abs(z), 3)).astype(np.float32)
    centre = mean_of_texts(unlabelled, vectors, g)
    strengths = directions[:0]
    if signs.any():
        strengths = strength_directions(vectors, z, signs, _text_counts(unlabelled, len(vectors)))
    both = np.concatenate([directions, strengths])
    x = (sentence_vectors(chunk, vectors, g, centre) for chunk in chunks(unlabelled))
    known = np.diff(unlabelled.offsets) > 0
    along = np.concatenate([rows.astype(np.float64) @ both.T for rows in x])[known]
    along, strong = np.split(along, [len(directions)], axis=1)
    scales = _spreads(along)
    raw = (along / scales).sum(axis=1)
    seed_weight = weight * float(raw.std())
    raw += seed_weight * seed_balance(unlabelled, signs)[known]
    cut = two_means_cut(raw) if prevalence is None else float(np.quantile(raw, 1 - prevalence))
    spread = float(raw.std()) or 1.0
    known_facts = directions, z, g, centre, scales, signs, seed_weight, cut, spread, pivot_texts
    return Polarity(*known_facts, _joined(strengths, strong) if len(strengths) else None)


def _joined(directions: NDArray[np.float32], along: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the direction whose values are the standardised sum of those along all directions."""
    scales = _spreads(along)
    spread = _spreads((along / scales).sum(axis=1, keepdims=True))
    joined: NDArray[np.float32] = (directions / (scales[:, None] * spread)).sum(axis=0)
    return joined.astype(np.float32)


def _spreads(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of each column, or 1 where it is 0."""
    spreads = along.std(axis=0)
    return np.where(spreads > 0, spreads, 1.0)
