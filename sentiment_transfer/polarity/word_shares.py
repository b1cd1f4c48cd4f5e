"""Exact shares of the words of a text in the log odds of its label.

The log odds of a logistic model are a sum, so each word has an exact share in it. The sentence
vector of a text is ``x = (mean - centre) / |mean - centre|`` with ``mean = sum_j g_j v_j / G`` over
its distinct words, with ``g_j`` times the weight that the grammar gives to word ``j``, and
``G = sum_j g_j``; since the ``g_j / G`` sum to one, word ``j`` contributes
``g_j (v_j - centre) . w / (G |mean - centre|)`` to ``x . w``. The polarity score is linear in
``x`` and in the balance of seed words, to which each seed word contributes equally; the score that
labels of other texts taught (`taught`) is a sum over words and pairs. The weight of a word pair is
divided equally between its two words.

The shares are divided by what they come from: the part of the polarity score by seed
words, that by labels of other texts, and all other weights, which are learnt from the labels. What
labels change in the weight of the score changes the first two.

The words' shares sum to the mean of the members' log odds, weighted by the members' shares, without
the biases; the mixture's probability is the mean of their probabilities. The difference is part of
the bias of an explanation. A text with no known word has no shares, only a bias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.grams import Grams, find_grams, word_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.polarity.encoder import PolarityEncoder
    from sentiment_transfer.polarity.members import Member
    from sentiment_transfer.polarity.taught import TaughtPolarity
    from sentiment_transfer.text.grams import GramTfidf
    from sentiment_transfer.text.tokenizer import Entry

    Weights = NDArray[np.float64]

__all__ = ["LINEAR_PARTS", "word_shares"]

LINEAR_PARTS = frozenset({"score", "strength", "polarity_mean", "plain_mean", "words"})
"""Parts whose share in the log odds is known here and in the fast path; a member that reads another
part is explained by leaving pieces out, and predicts on the plain path."""


SEED_WORDS = "seed words"
OTHER_LABELS = "labels of other texts"
OWN_LABELS = "your labels"
"""What shares come from."""


def word_shares(
    text: str, encoder: PolarityEncoder, words: GramTfidf, members: Sequence[Member]
) -> dict[str, NDArray[np.float64]]:
    """Return each piece's share in the mean log odds of a mixture, by what it comes from.

    The shares ``(n_pieces,)`` of all origins are to be added. The pieces are those of the
    tokenizer. A text without a known word has zeros.
    """
    entries, rows, token_weights = _read(text, encoder)
    weights = _mean_weights(members)
    by_seeds, by_others, own = np.zeros((3, len(rows)))
    found = {SEED_WORDS: by_seeds, OTHER_LABELS: by_others, OWN_LABELS: own}
    if encoder.seeds is None:  # the score is learnt from labels too
        by_seeds = own
        found = {OWN_LABELS: own}
    if not (rows >= 0).any():
        return found
    pieces = [entry.word for entry in entries]
    grams = _grams(pieces)
    if "words" in weights:
        own += _gram_shares(pieces, grams, _tfidf_values(grams, weights["words"], words))
    if "plain_mean" in weights:
        equal = np.ones(len(encoder.vectors), np.float32)
        pooled = equal, encoder.mean_, token_weights
        own += _mean_shares(rows, weights["plain_mean"], pooled, encoder)
    polarity = encoder.polarity_
    if polarity is None:
        return found
    slope = weights.get("score", np.zeros(1))[0]
    pooled = polarity.pooling, polarity.centre, token_weights
    by_seeds += _mean_shares(rows, slope / polarity.spread * polarity.along, pooled, encoder)
    if "polarity_mean" in weights:
        own += _mean_shares(rows, weights["polarity_mean"], pooled, encoder)
    if encoder.taught_ is not None and polarity.taught_weight:
        values = _taught_values(grams, slope * polarity.taught_slope, encoder.taught_)
        by_others += _gram_shares(pieces, grams, values)
    return found


def _read(
    text: str, encoder: PolarityEncoder
) -> tuple[list[Entry], NDArray[np.intp], NDArray[np.float32]]:
    """Return the entry, the row (-1 for none) and the weight of each piece of a text."""
    if encoder.grammar is not None:
        entries, mended = encoder.grammar.read(text)
        return entries, np.maximum(mended.rows, -1).astype(np.intp), mended.weights
    tokenizer, index = encoder.vectors.tokenizer, encoder.vectors.vocabulary.index
    (entries,) = tokenizer.entries([text])
    rows = [index.get(token or "", -1) for token in tokenizer.marked(entries)]
    return entries, np.array(rows, np.intp), np.ones(len(rows), np.float32)


def _mean_weights(members: Sequence[Member]) -> dict[str, Weights]:
    """Return the weights of each part in the mean log odds of the members."""
    weights: dict[str, Weights] = {}
    for member in members:
        for part, own in member.weights.items():
            weights[part] = weights.get(part, np.zeros(len(own))) + member.share * own
    return weights


def _mean_shares(
    rows: NDArray[np.intp],
    direction: Weights,
    pooled: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    encoder: PolarityEncoder,
) -> NDArray[np.float64]:
    """Divide ``g_j (v_j - centre) . w / (G |mean - centre|)`` equally among a word's occurrences.

    ``pooled`` has ``g`` of each word, the centre, and the weight of each token, of which a word has
    the largest. If ``w`` is longer than the vectors, its last element is the weight of the seed
    words' balance.
    """
    pooling, centre, token_weights = pooled
    shares = np.zeros(len(rows))
    known = rows >= 0
    ids, inverse, counts = np.unique(rows[known], return_inverse=True, return_counts=True)
    largest = np.zeros(len(ids), np.float32)
    np.maximum.at(largest, inverse, token_weights[known])
    weight = pooling[ids] * largest
    weight = weight / weight.sum()
    away = encoder.vectors.matrix[ids] - centre
    length = np.linalg.norm(weight @ away)
    if length > 0:
        d = away.shape[1]
        of_words = weight * (away @ direction[:d]) / length
        if len(direction) > d and encoder.polarity_ is not None:
            signs = encoder.polarity_.seed_signs[ids].astype(np.float64) * largest
            of_words = of_words + direction[d] * signs / (np.abs(signs).sum() or 1.0)
        shares[known] = (of_words / counts)[inverse]
    return shares


def _tfidf_values(grams: Grams, weights: Weights, tfidf: GramTfidf) -> dict[int, float]:
    """Return TF-IDF times weight of each known gram of a text."""
    row = tfidf.transform(grams)
    known = tfidf.numbers_[row.indices].tolist()
    return dict(zip(known, row.data * weights[row.indices], strict=True))


def _taught_values(grams: Grams, slope: float, taught: TaughtPolarity) -> dict[int, float]:
    """Return the part of each known gram of a text in the taught score, times a slope."""
    columns, known = find_grams(grams, taught.numbers)
    columns = np.unique(columns[known])
    values = slope * taught.weights[columns].astype(np.float64) / np.sqrt(max(1, len(columns)))
    return dict(zip(taught.numbers[columns].tolist(), values.tolist(), strict=True))


def _grams(pieces: list[str]) -> Grams:
    numbers = np.array([word_number(word) for word in pieces if word], np.uint64)
    return Grams.of_words(numbers, np.array([0, len(numbers)]))


def _gram_shares(pieces: list[str], grams: Grams, values: dict[int, float]) -> NDArray[np.float64]:
    """Divide the value of each gram equally among its occurrences and their words.

    Pieces that are not words are empty.
    """
    places = np.flatnonzero([bool(word) for word in pieces])
    distinct, inverse, counts = np.unique(grams.numbers, return_inverse=True, return_counts=True)
    each = np.array([values.get(number, 0.0) for number in distinct.tolist()]) / counts
    of_words, of_pairs = each[inverse[0::2]], each[inverse[1::2]] / 2
    shares = np.zeros(len(pieces))
    shares[places] = of_words
    shares[places[:-1]] += of_pairs
    shares[places[1:]] += of_pairs
    return shares
