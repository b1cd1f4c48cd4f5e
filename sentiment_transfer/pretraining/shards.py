"""Training on one shard of a corpus: weights, tables of word frequencies, one call of the kernel.

The result of `train_shard` depends on its arguments alone, down to the bits on one machine.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.kernel_numba import LANE, copy_texts, id_range, train
from sentiment_transfer.text.vocabulary import lengths

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.text import TokenIds

__all__ = [
    "LossSum",
    "Tables",
    "Weights",
    "aligned_zeros",
    "build_tables",
    "copy_into",
    "keep_thresholds",
    "negative_table",
    "padded",
    "random_state",
    "shared_negatives",
    "split_long",
    "train_shard",
]

MAX_WINDOW = 2_000
"""The weights of its terms take 64 MB; they grow with the square."""

LONGEST_TEXT = 10_000
"""Longer texts are cut for training; only windows across a cut are lost, never a token."""


class Weights(NamedTuple):
    """Input and output vectors: each float32 ``(n_words, padded(vector_size))``, padded with 0."""

    input: NDArray[np.float32]
    output: NDArray[np.float32]

    @classmethod
    def initial(cls, n_words: int, vector_size: int, seed: int) -> Weights:
        """Return word2vec's start: input uniform in ``(-0.5, 0.5) / vector_size``, output 0."""
        draws = np.random.default_rng(seed).random((n_words, vector_size), dtype=np.float32)
        draws -= np.float32(0.5)  # in place: at the start of training, memory is scarcest
        draws /= np.float32(vector_size)
        return cls.from_vectors(draws)

    @classmethod
    def from_vectors(cls, input_: ArrayLike, output: ArrayLike | None = None) -> Weights:
        """Copy ``(n_words, vector_size)`` vectors into padded rows; ``output`` is 0 by default."""
        vectors = np.asarray(input_, dtype=np.float32)
        n_words, size = vectors.shape
        weights = cls(*(aligned_zeros((n_words, padded(size))) for _ in range(2)))
        weights.input[:, :size] = vectors
        if output is not None:
            weights.output[:, :size] = output
        return weights


class Tables(NamedTuple):
    """Lookup tables of training; see the functions below and `kernel_numba.train`."""

    keep: NDArray[np.uint32]
    noise: NDArray[np.int32]
    signs: NDArray[np.float32]
    weights: NDArray[np.float32]
    shared: int


class LossSum(NamedTuple):
    """Sum of the loss over pairs, number of pairs, number of tokens left after subsampling.

    ``loss / pairs`` is the mean loss of a pair and its ``negative`` noise words, in the sense of
    Mikolov et al. 2013, eq. 4; ``(1 + negative) * log 2`` at the start. A term above 15.8 counts
    as 15.8.
    """

    loss: float
    pairs: int
    words: int


def padded(dimension: int) -> int:
    """Smallest multiple of 16 that is not less than ``dimension``."""
    return -(-dimension // LANE) * LANE


def aligned_zeros(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return float32 zeros that start on a cache line; rows across lines cost 15 % of the speed."""
    size, line = 4 * math.prod(shape), 4 * LANE
    memory = np.zeros(size + line, dtype=np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + size].view(np.float32).reshape(shape)


def shared_negatives(negative: int) -> int:
    """Negatives drawn for a block of centres: 8 for the usual 5; fewer cost accuracy."""
    return max(8, math.ceil(1.6 * negative))


def keep_thresholds(counts: NDArray[np.int64], sample: float) -> NDArray[np.uint32]:
    """Return uint32 ``(n_words,)``: a token is kept if 32 random bits are not above its word's.

    A word with share f of all tokens is kept with probability ``sqrt(sample / f) + sample / f``,
    as in word2vec.c; ``sample=0`` keeps everything. (The paper has only the root, and ``1 -``.)
    """
    if not sample:
        return np.full(len(counts), 2**32 - 1, dtype=np.uint32)
    ratio = sample * counts.sum() / np.maximum(1, counts)
    kept: NDArray[np.float64] = np.sqrt(ratio) + ratio
    return np.minimum(kept * 2**32, 2**32 - 1).astype(np.uint32)


def negative_table(counts: NDArray[np.int64], seed: int) -> NDArray[np.int32]:
    """Return word ids in proportion to ``counts ** 0.75``, shuffled: a table of random draws.

    64 entries a word, at least 65,536. No words give an empty table.
    """
    if not len(counts):
        return np.zeros(0, np.int32)
    size = max(1 << 16, 64 * len(counts))
    cumulative = np.cumsum(counts.astype(np.float64) ** 0.75)
    table = np.empty(size, dtype=np.int32)
    for start in range(0, size, 1 << 16):  # what is computed on the way is six times the table
        part = table[start : start + (1 << 16)]
        centres = (np.arange(start, start + len(part)) + 0.5) * (cumulative[-1] / size)
        part[:] = np.searchsorted(cumulative, centres)
    np.random.default_rng(seed).shuffle(table)
    return table


def build_tables(
    counts: NDArray[np.int64], *, sample: float, window: int, negative: int, seed: int
) -> Tables:
    """Build all tables of a vocabulary for one setting of the objective.

    Raises ``SettingError`` for a window above `MAX_WINDOW`.
    """
    if window > MAX_WINDOW:
        raise SettingError(
            f"window={window} is not allowed for texts this long; it must be at most {MAX_WINDOW}"
        )
    shared, contexts = shared_negatives(negative), 2 * window
    signs = np.ones(padded(shared + contexts), dtype=np.float32)
    signs[:shared] = -1
    weights = aligned_zeros((contexts + 1, len(signs)))
    for m in range(contexts + 1):
        weights[m, :shared] = m * negative / shared
        weights[m, shared : shared + m] = 1
    noise = negative_table(counts, seed)
    return Tables(keep_thresholds(counts, sample), noise, signs, weights, shared)


def split_long(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut texts above `LONGEST_TEXT`: with 2, ``[0, 3, 8]`` becomes ``[0, 2, 3, 5, 7, 8]``."""
    if all(part.max() <= LONGEST_TEXT for part in lengths(offsets)):
        return offsets
    starts, text = [], 0
    for part in lengths(offsets):
        starts.append(_starts_of_pieces(offsets[text : text + len(part)], part))
        text += len(part)
    return np.concatenate([*starts, offsets[-1:]])


def _starts_of_pieces(starts: NDArray[np.int64], n_tokens: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the pieces of some texts start; an empty text is a piece."""
    pieces = np.maximum(1, -(-n_tokens // LONGEST_TEXT))
    first = np.cumsum(pieces) - pieces
    within = np.arange(pieces.sum()) - np.repeat(first, pieces)
    places: NDArray[np.int64] = np.repeat(starts, pieces) + within * LONGEST_TEXT
    return places


def copy_into(
    copied: NDArray[np.int32],
    places: NDArray[np.int64],
    corpus: TokenIds,
    texts: NDArray[np.int64],
) -> None:
    """Copy the texts ``texts[i]`` of a corpus to ``copied``, each from ``places[i]`` on."""
    copy_texts(
        _readable(corpus.ids, np.int32),
        _readable(corpus.offsets, np.int64),
        _readable(texts, np.int64),
        _readable(places, np.int64),
        copied,
    )


def random_state(seed: int, *position: int) -> np.uint64:
    """Return the random state of a shard from the seed and the shard's position; never 0."""
    state = np.random.SeedSequence((seed, *position)).generate_state(1, np.uint64)[0]
    return np.uint64(state | np.uint64(1))


def train_shard(
    weights: Weights,
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    tables: Tables,
    *,
    rates: tuple[float, float],
    state: np.uint64,
    texts: NDArray[np.int64] | None = None,
) -> LossSum:
    """Train ``weights`` in place on some texts.

    Parameters
    ----------
    ids
        int32, tokens in the order they are read; may be read-only or memory-mapped.
    offsets
        int64, the boundaries of texts in ``ids``; they need not start at 0.
    rates
        Learning rates at the first and after the last token; between them it falls linearly with
        the tokens read, and is constant within a text, as in word2vec.c. Rates of 0 measure the
        loss and leave the weights unchanged.
    state
        State of the random numbers; see `random_state`.
    texts
        int64, the texts to train on in the order they are read; all of them by default. The ids are
        not copied.

    Raises ``InputError`` if an id, an offset or a shape would make compiled code read or write
    outside its arrays.
    """
    firsts, ends = offsets[:-1], offsets[1:]
    if texts is not None:
        firsts, ends = firsts[texts], ends[texts]
    firsts, ends = _readable(firsts, np.int64), _readable(ends, np.int64)
    ids = _readable(ids, np.int32)
    longest = int((ends - firsts).max(initial=0))
    _require_safe(weights, ids, firsts, ends, tables)
    if longest == 0:
        return LossSum(0.0, 0, 0)
    terms = len(tables.signs)
    loss, pairs, words = train(
        *weights,
        ids,
        firsts,
        ends,
        *map(_readable, tables[:4], (np.uint32, np.int32, np.float32, np.float32)),
        float(rates[0]),
        float(rates[1]),
        tables.shared,
        np.uint64(state),
        np.empty(longest, np.int32),
        np.empty(terms, np.int64),
        aligned_zeros((terms,)),
        (0,) * (weights.input.shape[1] // LANE),
    )
    return LossSum(loss, pairs, words)


def _require_safe(
    weights: Weights,
    ids: NDArray[np.int32],
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
    tables: Tables,
) -> None:
    n_words, columns = len(tables.keep), weights.input.shape[1]
    for name, matrix in weights._asdict().items():
        whole = matrix.flags.c_contiguous and matrix.flags.writeable and columns % LANE == 0
        if matrix.dtype != np.float32 or matrix.shape != (n_words, columns) or not whole:
            raise InputError(
                f"the {name} vectors are {matrix.dtype} {matrix.shape}; training needs writable "
                f"float32 rows for {n_words} words, padded: use Weights.from_vectors"
            )
    within = firsts.min(initial=0) >= 0 and ends.max(initial=0) <= len(ids)
    if not within or (ends < firsts).any():
        raise InputError(f"offsets must rise within 0..{len(ids)}, the number of tokens")
    if (ends > firsts).any():
        least, greatest = id_range(ids, firsts, ends)
        if least < 0 or greatest >= n_words:
            raise InputError(f"token ids {least}..{greatest} do not fit {n_words} words")


def _readable(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """Return a read-only plain view, so that numba sees one type whatever the array came from."""
    view = np.require(array, dtype, ("C", "A", "E")).view()
    view.flags.writeable = False
    return view
