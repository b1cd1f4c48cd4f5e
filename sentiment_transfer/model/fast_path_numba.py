"""Token ids and words of texts to sentence vectors and log odds, compiled by numba.

For each text, known tokens and known grams are counted; for each pooling, the sentence vector
``x`` is computed and multiplied by a small matrix. No feature matrix is stored.

The float32 sums are those of the plain path in the same order, so that a text whose mean is the
centre gives exactly 0 on both; products with weights are float64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.base.compiled import compiled, inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Ids = NDArray[np.int32]
    Numbers = NDArray[np.uint64]
    Offsets = NDArray[np.int64]

__all__ = ["GramTable", "Pooling", "Words", "enter_grams", "find_grams", "predict"]

_NONE = -1
GRAM_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""As in ``grams.py``: the number of a pair ``a b`` is ``number(a) * GRAM_MULTIPLIER + b``."""


class Words(NamedTuple):
    """Words of texts, stop words included.

    Attributes
    ----------
    ids, offsets
        Ids of the words, int32, and offsets of the texts, int64, as in `TokenIds`.
    numbers, columns
        Gram number of each distinct word, uint64, and its column among the known grams or -1,
        int32; both ``(n_words,)``.
    """

    ids: Ids
    offsets: Offsets
    numbers: Numbers
    columns: Ids


class Pooling(NamedTuple):
    """A sentence vector, ``x = unit(sum g v / sum g - centre)``, and its projections.

    Attributes
    ----------
    vectors, weights, centre
        ``v``, float32 ``(n_words, d)``; ``g``, float32 ``(n_words,)``; float32 ``(d,)``.
    signs
        int8 ``(n_words,)``, 1 or -1 for seed words, whose balance follows ``x``; or empty.
    distinct, normalize, empty_if_zero
        Whether a word counts once per text; whether ``x`` gets unit length; whether a mean of 0
        stays 0, as for a text without words, or is centred.
    projections, shifts, columns
        ``projections[k] . x + shifts[k]`` is added to column ``columns[k]`` of the log odds,
        unless ``x`` is 0; float64 ``(k, d)``, or ``(k, d + 1)`` with a balance; float64 ``(k,)``;
        int64 ``(k,)``.
    """

    vectors: Floats
    weights: Floats
    centre: Floats
    signs: NDArray[np.int8]
    distinct: bool
    normalize: bool
    empty_if_zero: bool
    projections: Doubles
    shifts: Doubles
    columns: Offsets


class GramTable(NamedTuple):
    """The known grams in an open hash table, and their weights.

    Grams that labels of other texts taught are first, and those with an idf last; some are both.

    Attributes
    ----------
    slots
        Column of the gram in each slot, -1 for a free one; int32, a power of two long.
    numbers
        uint64 ``(m,)``.
    marks
        Bits, uint64, of which that of each gram is set: few of those that are not known have a set
        one, so most are known to be none by a small array.
    weights
        float64 ``(m - first, 1 + n_columns)``: the gram's idf, then its weights in the log odds.
    first
        Column of the first gram with an idf.
    taught
        Weights in the taught score, float32 ``(n_taught,)``.
    slopes
        Weights of the taught score in the log odds, float64 ``(n_columns,)``.
    """

    slots: Ids
    numbers: Numbers
    marks: Numbers
    weights: Doubles
    first: int
    taught: Floats
    slopes: Doubles


@inlined
def _slot(number: np.uint64, slots: Ids, numbers: Numbers) -> np.uint64:
    """Return the slot of a gram, or the free one for it."""
    last = np.uint64(len(slots) - 1)
    slot = (number ^ number >> np.uint64(32)) & last
    while True:
        column = slots[slot]
        if column == _NONE or numbers[column] == number:
            return slot
        slot = (slot + np.uint64(1)) & last


@compiled
def enter_grams(numbers: Numbers, slots: Ids, marks: Numbers) -> None:
    """Enter distinct grams into an empty table, and set their bits."""
    for column in range(len(numbers)):
        slots[_slot(numbers[column], slots, numbers)] = column
        place, bit = _mark(numbers[column], marks)
        marks[place] |= bit


@inlined
def _mark(number: np.uint64, marks: Numbers) -> tuple[np.uint64, np.uint64]:
    """Return the place and the bit of a gram: bits of its number that its slot does not use."""
    high = number >> np.uint64(40)
    place = (high >> np.uint64(6)) & np.uint64(len(marks) - 1)
    return place, np.uint64(1) << (high & np.uint64(63))


@compiled
def _count_tokens(
    tokens: Ids, weights: Floats, counts: Floats, largest: Floats, found: Ids
) -> tuple[int, int]:
    """Count the known tokens of a text in ``counts``; list the distinct ones in ``found``.

    The largest weight of each is written to ``largest``. Returns the number of distinct known
    tokens, and of known tokens.
    """
    n, n_known = 0, 0
    for i in range(len(tokens)):
        row = tokens[i]
        if row != _NONE:
            if counts[row] == 0:
                found[n] = row
                largest[row] = weights[i]
                n += 1
            elif weights[i] > largest[row]:
                largest[row] = weights[i]
            counts[row] += 1
            n_known += 1
    return n, n_known


@compiled
def _sort(rows: Ids) -> None:
    """Sort in place; for few words, as in most texts, insertion sort is three times as fast."""
    if len(rows) > 32:
        rows.sort()
        return
    for i in range(1, len(rows)):
        row = rows[i]
        j = i
        while j > 0 and rows[j - 1] > row:
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row


@compiled
def _sentence_vector(
    rows: Ids, counts: Floats, largest: Floats, pooling: Pooling, x: Floats
) -> bool:
    """Compute the sentence vector ``x`` of distinct words; return whether it is not 0."""
    vectors, weights, centre, _, distinct, normalize, empty_if_zero, _, _, _ = pooling
    x[:] = 0
    total = 0.0
    for row in rows:
        weight = weights[row] * (largest[row] if distinct else counts[row])
        total += np.float64(weight)
        vector = vectors[row]
        for j in range(len(x)):
            x[j] += weight * vector[j]
    x /= np.float32(total if total > 0 else 1.0)
    if len(rows) == 0 or (empty_if_zero and not x.any()):
        return False
    square = 0.0
    for j in range(len(x)):
        x[j] -= centre[j]
        square += np.float64(x[j]) * np.float64(x[j])
    if square == 0:
        return False
    if normalize:
        x /= np.float32(np.sqrt(square))
    return True


@compiled
def _balance(rows: Ids, largest: Floats, signs: NDArray[np.int8]) -> float:
    """Return ``(p - n) / (p + n)`` of the weights of the seed words among distinct words, or 0."""
    difference, total = 0.0, 0.0
    for row in rows:
        difference += np.float64(signs[row]) * np.float64(largest[row])
        total += np.float64(abs(signs[row])) * np.float64(largest[row])
    return difference / total if total > 0 else 0.0


def _dot(x: Floats, weights: Doubles) -> float:
    total = 0.0
    for j in range(len(x)):
        total += np.float64(x[j]) * weights[j]
    return total


# sums may be reordered, which lets them use vector registers
_dot = compiled(_dot, fastmath={"reassoc", "contract", "nsz"})


@compiled
def _project(x: Floats, balance: float, pooling: Pooling, log_odds: Doubles) -> None:
    """Add the projections of a sentence vector and its balance to the log odds."""
    _, _, _, _, _, _, _, projections, shifts, columns = pooling
    for k in range(len(columns)):
        log_odds[columns[k]] += _dot(x, projections[k]) + shifts[k]
        if balance != 0:
            log_odds[columns[k]] += balance * projections[k, len(x)]


@compiled
def find_grams(numbers: Numbers, table: GramTable, columns: Ids) -> None:
    """Write the column of each gram, -1 for one that is not known."""
    for i in range(len(numbers)):
        columns[i] = table.slots[_slot(numbers[i], table.slots, table.numbers)]


@inlined
def _count(column: int, counts: Ids, found: Ids, n: int) -> int:
    """Count a gram; return the number of distinct ones so far."""
    if counts[column] == 0:
        found[n] = column
        n += 1
    counts[column] += 1
    return n


@inlined
def _damped(count: int) -> float:
    """Return ``1 + log(count)``; most counts are 1."""
    return 1.0 if count == 1 else 1.0 + np.log(count)


@compiled
def _add_grams(
    text: int,
    words: Words,
    table: GramTable,
    counts: Ids,
    found: Ids,
    seen: Ids,
    log_odds: Doubles,
) -> None:
    """Add the weighted TF-IDF of the words and pairs of a text, as in ``GramTfidf``.

    What labels of other texts taught is added as in ``TaughtPolarity``. A pair is looked up only if
    both words are known, since it is in no more texts than they are; and it counts only among grams
    that its words are of as well.
    """
    ids, offsets, numbers, columns = words
    slots, known, marks, weights, first, taught, slopes = table
    n, n_seen, total = 0, 0, 0.0
    before, own_before, taught_before = _NONE, False, False
    for word in ids[offsets[text] : offsets[text + 1]]:
        column = columns[word]
        own, is_taught = False, False
        if column != _NONE:
            own, is_taught = column >= first, column < len(taught)
            if own:
                n = _count(column - first, counts, found, n)
            if is_taught and seen[column] != text:
                seen[column] = text
                total += np.float64(taught[column])
                n_seen += 1
        if (own and own_before) or (is_taught and taught_before):
            pair = numbers[before] * GRAM_MULTIPLIER + numbers[word]
            place, bit = _mark(pair, marks)
            if marks[place] & bit:
                column = slots[_slot(pair, slots, known)]
                if own and own_before and column >= first:
                    n = _count(column - first, counts, found, n)
                known_pair = column != _NONE and column < len(taught)
                if is_taught and taught_before and known_pair and seen[column] != text:
                    seen[column] = text
                    total += np.float64(taught[column])
                    n_seen += 1
        before, own_before, taught_before = word, own, is_taught
    if n_seen > 0:
        total /= np.sqrt(np.float64(n_seen))
        for k in range(len(log_odds)):
            log_odds[k] += slopes[k] * total
    square = 0.0
    for column in found[:n]:
        square += (_damped(counts[column]) * weights[column, 0]) ** 2
    length = np.sqrt(square)
    for column in found[:n]:
        share = _damped(counts[column]) * weights[column, 0] / length
        for k in range(len(log_odds)):
            log_odds[k] += share * weights[column, 1 + k]
        counts[column] = 0


@compiled
def predict(
    tokens: Ids,
    offsets: Offsets,
    token_weights: Floats,
    words: Words,
    pooled: Pooling,
    plain: Pooling,
    table: GramTable,
    log_odds: Doubles,
    coverage: Doubles,
    x: Floats,
) -> None:
    """Add the weighted features of each text to ``log_odds``, ``(n_texts, n_columns)``.

    ``tokens`` are rows of the word vectors, -1 for an unknown one, and have weights. Also written
    are ``coverage``, ``(n_texts,)``, the share of a text's tokens that are known, 0 without a
    token; and ``x``, the plain sentence vectors ``(n_texts, d)``, unless it has no rows.
    """
    longest, most_words = 0, 0
    for text in range(len(coverage)):
        longest = max(longest, offsets[text + 1] - offsets[text])
        most_words = max(most_words, words.offsets[text + 1] - words.offsets[text])
    counts = np.zeros(len(plain.vectors), np.float32)
    largest = np.empty(len(plain.vectors), np.float32)
    found = np.empty(longest, np.int32)
    gram_counts = np.zeros(len(table.weights), np.int32)
    grams_found = np.empty(2 * most_words, np.int32)
    grams_seen = np.full(len(table.taught), _NONE, np.int32)
    vector = np.empty(plain.vectors.shape[1], np.float32)
    for text in range(len(coverage)):
        mine = tokens[offsets[text] : offsets[text + 1]]
        own = token_weights[offsets[text] : offsets[text + 1]]
        n, n_known = _count_tokens(mine, own, counts, largest, found)
        rows = found[:n]
        _sort(rows)
        coverage[text] = n_known / max(1, len(mine))
        if len(pooled.columns) and _sentence_vector(rows, counts, largest, pooled, vector):
            _project(vector, _balance(rows, largest, pooled.signs), pooled, log_odds[text])
        if len(plain.columns) or len(x):
            if _sentence_vector(rows, counts, largest, plain, vector):
                _project(vector, 0.0, plain, log_odds[text])
            if len(x):
                x[text] = vector
        for row in rows:
            counts[row] = 0
        if len(table.numbers):
            state = gram_counts, grams_found, grams_seen
            _add_grams(text, words, table, *state, log_odds[text])
