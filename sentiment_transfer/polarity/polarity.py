"""What is known of polarity before any label: seed words, carried through the word vectors.

Seed words ("great", "awful") give a direction in the space of word vectors. They also give a noisy
label to every unlabelled text that holds them. Hide them, and learn to predict that label from the
text's *other* words: a second direction, from evidence nearly independent of the first (distant
supervision; the hidden seeds are pivot features as in Blitzer et al. 2006, structural
correspondence learning). Nothing feeds back, so nothing can drift.

The two directions score words, the words' scores say which of them matter when a text's vectors
are averaged, and a text is scored by the same two directions and by the seed words in it:

- word: ``z = zscore(zscore(unit(v - mean v) . d) + zscore(unit(v - mean v) . w))``
- pooling: ``g = 0.3 + min(|z|, 3)``
- text: ``x = unit(sum g v / sum g - centre)`` over its distinct words
- balance: ``b = (p - n) / (p + n)`` of its ``p`` positive and ``n`` negative seed words, or 0
- score: ``s = (r + 0.35 sd(r) b - cut) / spread``, ``r = x . d / sd(x . d) + x . w / sd(x . w)``,
  positive above 0

with ``centre``, the standard deviations, ``cut`` and ``spread`` taken over the unlabelled texts.
The balance is what a seed word says itself: worth two points on single sentences, and more where
there is too little text for good vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.logistic import Block, fit_map
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text.bag_of_words import distinct_counts, mean_of_texts, mean_vectors
from sentiment_transfer.text.vocabulary import chunks, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary

__all__ = [
    "Polarity",
    "polarity_from_labels",
    "polarity_from_seeds",
    "seed_balance",
    "seed_ids",
    "sentence_vectors",
    "two_means_cut",
]

PIVOT_TEXTS = 15_000
COMMON_WORDS = 2_000
EXTREME_SHARE = 0.1
"""Where labels choose the seeds: of the commonest words, the share that becomes each polarity's."""
NEGLIGIBLE_WEIGHT = 1e-9
"""Weights below are rounding."""
SEED_BALANCE = 0.35
"""Weight of the seed words' balance, in standard deviations of what the vectors say."""
_TENSORS = ("directions", "word_scores", "pooling", "centre", "scales", "seed_signs")


@dataclass(frozen=True, eq=False)
class Polarity:
    """Polarity of words and texts over one matrix of word vectors ``(n_words, d)``.

    Attributes
    ----------
    directions
        float32 ``(k, d)``: the seed direction, then the pivot classifier where there is one
        (``k`` is 1 or 2); after ``polarity_from_labels`` the classifier alone.
    word_scores
        ``z``, float32 ``(n_words,)``: positive words above 0, standard deviation 1.
    pooling
        ``g``, float32 ``(n_words,)``: weight of each word in a text's average.
    centre
        Mean of the pooled vectors of the unlabelled texts, float32 ``(d,)``.
    scales
        float64 ``(k,)``: standard deviation of the texts along each direction.
    seed_signs
        int8 ``(n_words,)``: 1 for a positive seed word, -1 for a negative one; after
        ``polarity_from_labels`` all 0.
    seed_weight
        What a balance of 1 adds to the sum over directions.
    cut, spread
        What is taken from the sum over directions, and what it is then divided by.
    pivot_texts
        How many texts taught the pivot classifier: with more positive seeds, more negative ones.
    """

    directions: NDArray[np.float32]
    word_scores: NDArray[np.float32]
    pooling: NDArray[np.float32]
    centre: NDArray[np.float32]
    scales: NDArray[np.float64]
    seed_signs: NDArray[np.int8]
    seed_weight: float
    cut: float
    spread: float
    pivot_texts: tuple[int, int]

    @property
    def pivot(self) -> NDArray[np.float64] | None:
        """Weights of the pivot classifier, float64 ``(d,)``, if there is one."""
        return self.directions[1].astype(np.float64) if len(self.directions) > 1 else None

    @property
    def along(self) -> NDArray[np.float64]:
        """``s = (x . along - cut) / spread``: float64 ``(d + 1,)``, the balance's part last."""
        summed = (self.directions.astype(np.float64) / self.scales[:, None]).sum(axis=0)
        return np.append(summed, self.seed_weight)

    def encode(self, ids: TokenIds, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sentence vectors ``x`` and balance ``b``, float32 ``(n_texts, d + 1)``.

        ``x`` is of length 1; an empty text has zeros only.
        """
        x = sentence_vectors(ids, vectors, self.pooling, self.centre)
        return np.column_stack([x, seed_balance(ids, self.seed_signs)])

    def score(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores ``s`` of what `encode` gave, float64 ``(n_texts,)``; 0 for an empty text."""
        return np.where(x[:, :-1].any(axis=1), (x @ self.along - self.cut) / self.spread, 0.0)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file."""
        tensors = {name: getattr(self, name) for name in _TENSORS}
        facts = {
            "seed_weight": self.seed_weight,
            "cut": self.cut,
            "spread": self.spread,
            "pivot_texts": list(self.pivot_texts),
        }
        return facts, tensors

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what ``state`` gave."""
        first, second = facts["pivot_texts"]
        return cls(
            **{name: tensors[name] for name in _TENSORS},
            seed_weight=facts["seed_weight"],
            cut=facts["cut"],
            spread=facts["spread"],
            pivot_texts=(first, second),
        )


def seed_ids(
    vocabulary: Vocabulary, positive: Sequence[str], negative: Sequence[str]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Ids of the seed words that the vocabulary knows, each once.

    Raises
    ------
    SettingError
        None of one side is known, or a word stands on both sides.
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
    seed: int = 0,
) -> Polarity:
    """Learn polarity from seed words and unlabelled texts.

    Parameters
    ----------
    vectors
        Word vectors, ``(n_words, d)``.
    unlabelled
        Texts over those words; 15,000 of them, chosen by ``seed``, teach the pivot classifier.
    positive, negative
        Ids of the seed words (``seed_ids``), at least one a side.
    background
        Polarity over the same vectors, learnt on other texts: the pivot classifier starts from
        theirs (its prior mean), so a few hundred texts of a new domain refine it.
    prevalence
        Share of positive texts, if it is known; otherwise the scores are cut by 2-means.
    seed
        Of the choice of texts.

    Notes
    -----
    Where no text, or texts of one polarity only, hold seed words, there is no pivot classifier and
    the seed direction stands alone.

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
    return _over_texts(vectors, unlabelled, directions, signs, prevalence, pivot_texts)


def polarity_from_labels(
    vectors: NDArray[np.float32],
    unlabelled: TokenIds,
    labelled: TokenIds,
    y: ArrayLike,
    *,
    prevalence: float | None = None,
    seed: int = 0,
) -> Polarity:
    """Learn polarity for any two classes without seed words: the labels choose them.

    A logistic regression on the labelled texts ranks the 2,000 commonest words; twice, the 200 most
    positive and the 200 most negative become seeds of a pivot classifier on the unlabelled texts,
    which ranks anew. Worth having if those texts are of the task's own kind; on a foreign corpus it
    gains nothing.

    Parameters
    ----------
    vectors, unlabelled, prevalence, seed
        As for ``polarity_from_seeds``.
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
            break  # labels that contradict each other on the same texts name no words
        positive, negative = _extreme_words(vectors, sample, classifier)
        pivot, pivot_texts = _pivot_classifier(vectors, sample, positive, negative)
        if pivot is None:
            break
        classifier = pivot
    directions, signs = classifier[None].astype(np.float32), np.zeros(len(vectors), np.int8)
    return _over_texts(vectors, unlabelled, directions, signs, prevalence, pivot_texts)


def unit_rows(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide each row by its length; a row of zeros stays."""
    lengths = np.linalg.norm(X, axis=1, keepdims=True)
    return np.divide(X, np.where(lengths > 0, lengths, 1), dtype=np.float32)


def sentence_vectors(
    ids: TokenIds,
    vectors: NDArray[np.float32],
    pooling: NDArray[np.float32] | None,
    centre: NDArray[np.float32],
) -> NDArray[np.float32]:
    """``x = unit(weighted mean over distinct words - centre)``; zeros for a text without words."""
    means = mean_vectors(ids, vectors, pooling)
    return unit_rows(np.where(means.any(axis=1, keepdims=True), means - centre, 0))


def two_means_cut(values: NDArray[np.float64]) -> float:
    """Half way between the two means of the best split in two (2-means in one dimension, exact).

    Of the ``n - 1`` splits of the sorted values, the one whose squared distances to the group means
    are least, that is the largest ``(S_k - k mean)^2 / (k (n - k))`` with ``S_k`` the sum of the
    ``k`` smallest. ``[0, 1, 8, 9]`` is cut at ``(0.5 + 8.5) / 2``; equal values at themselves.
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
    if prevalence is not None and not 0 < prevalence < 1:
        raise SettingError(f"prevalence is {prevalence}; it is a share between 0 and 1, or None")


def _sample(unlabelled: TokenIds, seed: int) -> TokenIds:
    if not len(unlabelled.ids):
        raise InputError(
            "no unlabelled text holds a word that has a vector; polarity is learnt from such texts "
            "(the labelled ones will do, without their labels)"
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


def seed_balance(ids: TokenIds, signs: NDArray[np.int8]) -> NDArray[np.float32]:
    """``(p - n) / (p + n)`` of each text's distinct seed words, float32 ``(n_texts,)``; 0 of none.

    Good, great and awful give 1 / 3.
    """
    shares = mean_vectors(ids, np.stack([signs, np.abs(signs)], axis=1).astype(np.float32))
    difference, total = shares.T
    balance: NDArray[np.float32] = np.divide(
        difference, np.where(total > 0, total, 1), dtype=np.float32
    )
    return balance


def _pivot_classifier(
    vectors: NDArray[np.float32],
    texts: TokenIds,
    positive: NDArray[np.intp],
    negative: NDArray[np.intp],
    prior: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64] | None, tuple[int, int]]:
    """Predict the sign of ``c(t)`` from the words of ``t`` that are not seeds.

    Both signs weigh equally; the weights are ``N(prior, 1)``, around 0 if there is none. Where a
    sign is missing, the prior is all that is known.
    """
    hidden = np.ones(len(vectors), np.float32)
    hidden[positive] = hidden[negative] = 0
    means = mean_vectors(texts, vectors, hidden)
    balance = seed_balance(texts, _signs(len(vectors), positive, negative))
    told = (balance != 0) & means.any(axis=1)
    y = balance[told] > 0
    n_positive, n_negative = int(y.sum()), int((~y).sum())
    if not (n_positive and n_negative):
        return prior, (n_positive, n_negative)
    x = unit_rows(means[told] - mean_of_texts(texts, vectors, hidden))
    weight = len(y) / (2 * np.where(y, n_positive, n_negative))
    block = Block(x, 1.0, 0.0 if prior is None else prior)
    return fit_map([block], y, weight).weights[0], (n_positive, n_negative)


def _extreme_words(
    vectors: NDArray[np.float32], texts: TokenIds, classifier: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find the most positive and most negative tenth of the words that stand in most texts."""
    frequency = np.zeros(len(vectors), np.int64)
    for piece in chunks(texts):
        frequency += np.bincount(
            distinct_counts(piece, len(vectors)).indices, minlength=len(vectors)
        )
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
    """``z = zscore(sum over directions of zscore(unit(v - mean v) . direction))``."""
    along = unit_rows(vectors - vectors.mean(axis=0)) @ directions.T
    total = sum((_standardise(column) for column in along.T), np.zeros(len(vectors)))
    return _standardise(total).astype(np.float32)


def _over_texts(
    vectors: NDArray[np.float32],
    unlabelled: TokenIds,
    directions: NDArray[np.float32],
    signs: NDArray[np.int8],
    prevalence: float | None,
    pivot_texts: tuple[int, int],
) -> Polarity:
    """Score the words, then take centre, scales and cut from the unlabelled texts."""
    z = _word_scores(vectors, directions)
    g = (0.3 + np.minimum(np.abs(z), 3)).astype(np.float32)
    centre = mean_of_texts(unlabelled, vectors, g)
    x = (sentence_vectors(piece, vectors, g, centre) for piece in chunks(unlabelled))
    along = np.concatenate([rows.astype(np.float64) @ directions.T for rows in x])
    known = np.diff(unlabelled.offsets) > 0
    scales = np.where(along[known].std(axis=0) > 0, along[known].std(axis=0), 1.0)
    raw = (along[known] / scales).sum(axis=1)
    seed_weight = SEED_BALANCE * float(raw.std())
    raw += seed_weight * seed_balance(unlabelled, signs)[known]
    cut = two_means_cut(raw) if prevalence is None else float(np.quantile(raw, 1 - prevalence))
    spread = float(raw.std()) or 1.0
    return Polarity(directions, z, g, centre, scales, signs, seed_weight, cut, spread, pivot_texts)
