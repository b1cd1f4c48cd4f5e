"""Vocabulary and token ids of a corpus: one flat array of ids with offsets.

``[["dull", "plot"], [], ["plot"]]`` with ids ``plot=0, dull=1`` becomes
``ids = [1, 0, 0]`` and ``offsets = [0, 2, 2, 3]``; text ``i`` is
``ids[offsets[i]:offsets[i + 1]]``. Pretraining, averaging and the baselines all read this one form.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "TokenIds",
    "Vocabulary",
    "chunks",
    "chunks_of",
    "lengths",
    "places_of",
    "sample_texts",
    "sampled_texts",
    "select",
]

CHUNK_TOKENS = 1 << 20
"""Tokens in a chunk of a corpus."""

LENGTHS = 1 << 20
"""Texts whose lengths are computed at a time."""

MANY_TEXTS, MANY_TOKENS = 200_000, 1 << 24
"""Size of a corpus beyond which a sample is enough."""

SAMPLED_TEXTS, SAMPLED_TOKENS = 100_000, 1 << 23
"""Largest sample of such a corpus; its ids take 32 MiB."""


@dataclass(frozen=True, eq=False)
class TokenIds:
    """Token ids of a whole corpus.

    Attributes
    ----------
    ids
        int32, shape ``(n_tokens,)``; may be memory-mapped.
    offsets
        int64, shape ``(n_texts + 1,)``, from 0 to ``n_tokens``, never falling.

    Examples
    --------
    >>> ids = TokenIds.from_lists([[4, 0], [], [2]])
    >>> ids.ids, ids.offsets, len(ids)
    (array([4, 0, 2], dtype=int32), array([0, 2, 2, 3]), 3)
    >>> ids[0].tolist(), ids.longest
    ([4, 0], 2)
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @classmethod
    def from_lists(cls, lists: Iterable[Sequence[int]]) -> TokenIds:
        """Build from one sequence of ids per text.

        Parameters
        ----------
        lists
            The ids of each text, none for an empty one.

        Returns
        -------
        TokenIds
            Of ``len(lists)`` texts.
        """
        arrays = [np.asarray(ids, dtype=np.int32) for ids in lists]
        offsets = np.cumsum([0, *map(len, arrays)], dtype=np.int64)
        return cls(np.concatenate([np.zeros(0, np.int32), *arrays]), offsets)

    @classmethod
    def concatenate(cls, parts: Sequence[TokenIds]) -> TokenIds:
        """Join batches in order; no parts give an empty corpus.

        Parameters
        ----------
        parts
            Any number of them.

        Returns
        -------
        TokenIds
            Of all texts.
        """
        lengths = [np.diff(part.offsets) for part in parts]
        offsets = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
        ids = np.concatenate([np.zeros(0, np.int32), *(part.ids for part in parts)])
        return cls(ids, offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, text: int) -> NDArray[np.int32]:
        """Return the ids of one text."""
        if not -len(self) <= text < len(self):
            raise IndexError(f"text {text} of a corpus of {len(self)}")
        text %= len(self)
        return self.ids[self.offsets[text] : self.offsets[text + 1]]

    def where(self, kept: NDArray[np.bool_]) -> TokenIds:
        """Keep some of the tokens, ``(n_tokens,)``; every text stays, perhaps with none.

        Parameters
        ----------
        kept
            Whether each token is kept, ``(n_tokens,)``.

        Returns
        -------
        TokenIds
            Of as many texts.
        """
        kept_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
        return TokenIds(self.ids[kept], kept_before[self.offsets])

    @property
    def longest(self) -> int:
        """Number of tokens of the longest text, 0 without texts."""
        return max((int(part.max()) for part in lengths(self.offsets)), default=0)

    @property
    def text_index(self) -> NDArray[np.int64]:
        """Index of the text of each token, int64, shape ``(n_tokens,)``."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))


def chunks(ids: TokenIds) -> Iterator[TokenIds]:
    """Cut a corpus into runs of whole texts of about a million tokens, or one longer text."""
    for first, last in chunks_of(ids.offsets):
        offsets = ids.offsets[first : last + 1]
        yield TokenIds(ids.ids[offsets[0] : offsets[-1]], offsets - offsets[0])


def chunks_of(offsets: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the first text of each of the `chunks`, and the one after its last."""
    first = 0
    while first < len(offsets) - 1:
        limit = offsets[first] + CHUNK_TOKENS
        last = max(first + 1, int(np.searchsorted(offsets, limit, side="right")) - 1)
        yield first, last
        first = last


def lengths(offsets: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the numbers of tokens of the texts, at most a million texts at a time.

    The lengths of all texts would take 8 bytes a text, where ``offsets`` may be memory-mapped.
    """
    for first in range(0, len(offsets) - 1, LENGTHS):
        yield np.diff(offsets[first : first + LENGTHS + 1])


def sample_texts(ids: TokenIds, seed: int) -> TokenIds:
    """Return at most 100,000 texts and about 8 million tokens of a large corpus.

    A corpus of at most 200,000 texts and 16 million tokens is returned as it is.
    """
    chosen = sampled_texts(len(ids), len(ids.ids), seed)
    if chosen is None:
        return ids
    parts = np.array_split(chosen, -(-len(chosen) // 4096))  # the places take twice the ids
    return TokenIds.concatenate([select(ids, part) for part in parts])


def sampled_texts(n_texts: int, n_tokens: int, seed: int) -> NDArray[np.int64] | None:
    """Return the texts of `sample_texts` for a corpus of this size, rising; None for all of them.

    One text is drawn from each of equal runs of texts, so that every part has its share.
    """
    if n_texts <= MANY_TEXTS and n_tokens <= MANY_TOKENS:
        return None
    n = max(1, min(n_texts, SAMPLED_TEXTS, SAMPLED_TOKENS * n_texts // max(1, n_tokens)))
    runs = np.linspace(0, n_texts, n + 1).astype(np.int64)
    chosen: NDArray[np.int64] = np.random.default_rng(seed).integers(runs[:-1], runs[1:])
    return chosen


def select(ids: TokenIds, texts: NDArray[np.integer]) -> TokenIds:
    """Return the chosen texts, in the order given."""
    places, offsets = places_of(ids.offsets, texts)
    return TokenIds(ids.ids[places], offsets)


def places_of(
    offsets: NDArray[np.int64], texts: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the items of chosen texts, and the offsets of these texts."""
    first = offsets[:-1][texts]
    lengths = offsets[1:][texts] - first
    chosen = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    places = np.repeat(first - chosen[:-1], lengths)
    places += np.arange(chosen[-1])
    return places, chosen


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words with ids and counts, the most frequent first.

    Attributes
    ----------
    words
        The word of each id.
    counts
        int64, shape ``(n_words,)``: occurrences in the texts it was counted on.

    Raises
    ------
    InputError
        A word is there twice, or the numbers of words and counts differ.

    Examples
    --------
    >>> vocabulary = Vocabulary.from_counts({"film": 3, "dull": 2, "odd": 1}, min_count=2)
    >>> vocabulary.words, vocabulary.counts
    (('film', 'dull'), array([3, 2]))
    >>> vocabulary.encode(["dull", "odd", "film"])
    [1, 0]
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        if len(self.words) != len(self.counts):
            raise InputError(f"{len(self.words)} words but {len(self.counts)} counts")
        if len(self.index) != len(self.words):
            word = Counter(self.words).most_common(1)[0][0]
            raise InputError(f"the word {word!r} is twice in the vocabulary")

    @cached_property
    def index(self) -> dict[str, int]:
        """Id of each word."""
        return {word: i for i, word in enumerate(self.words)}

    @classmethod
    def from_counts(
        cls, counts: Mapping[str, int], min_count: int | Callable[[int], int] = 1
    ) -> Vocabulary:
        """Keep words seen at least ``min_count`` times; ties in the order they were first seen.

        Parameters
        ----------
        counts
            Occurrences of each word.
        min_count
            Least number of occurrences, or a function of the number of tokens.

        Returns
        -------
        Vocabulary
            Perhaps without a word.
        """
        least = min_count(sum(counts.values())) if callable(min_count) else min_count
        seen = (word for word, count in counts.items() if count >= least)
        kept = sorted(seen, key=lambda word: -counts[word])
        return cls(tuple(kept), np.array([counts[word] for word in kept], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Return the ids of the known tokens; unknown ones are left out.

        Parameters
        ----------
        tokens
            Of one text.
        """
        index = self.index
        return [index[token] for token in tokens if token in index]
