"""What one pass over a corpus counts, in bounded memory: texts, repeats, leaks and a sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.errors import InputError
from sentiment_transfer.text.inputs import as_iterable_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MOST_KEYS", "SAMPLED_TEXTS", "Distinct", "Passed", "pass_over", "sampled_texts"]

SAMPLED_TEXTS = 50_000
"""Texts that are kept of a larger corpus."""
MOST_KEYS = 1_000_000
"""Keys of texts that are kept of a larger corpus; some 100 MB."""


class Distinct:
    """Estimates the share of distinct items of a stream from a bounded set of their keys.

    Adaptive sampling (Flajolet 1990, "On adaptive sampling", *Computing* 43): only keys below a
    limit are kept, with all their occurrences counted. The limit is halved when they are too many.
    Until then the share is exact.
    """

    def __init__(self, most: int = MOST_KEYS) -> None:
        self._most = most
        self._limit = 1 << 64
        self._counts: dict[int, int] = {}

    def add(self, key: bytes) -> None:
        """Count an item with a key of at least 8 uniformly distributed bytes."""
        number = int.from_bytes(key[:8], "big")
        if number < self._limit:
            self._counts[number] = self._counts.get(number, 0) + 1
            while len(self._counts) > self._most:
                self._limit >>= 1
                self._counts = {n: c for n, c in self._counts.items() if n < self._limit}

    @property
    def repeated(self) -> float:
        """Share of the items that repeat an earlier one; 0 without an item."""
        total = sum(self._counts.values())
        return 1 - len(self._counts) / total if total else 0.0


@dataclass(frozen=True)
class Passed:
    """What was counted.

    Attributes
    ----------
    n_texts, n_empty
        Number of texts, and of those that hold nothing but white space.
    repeated
        Share of the other texts that repeat an earlier one up to case, spaces and punctuation.
    leaks
        Number of texts that repeat a test text in this way.
    leaked
        Indices of the test texts that are repeated, ascending.
    sample
        At most 50,000 texts that are not empty, chosen at random.
    """

    n_texts: int
    n_empty: int
    repeated: float
    leaks: int = 0
    leaked: tuple[int, ...] = ()
    sample: list[str] = field(default_factory=list)


def pass_over(texts: Iterable[str], test: Iterable[str], seed: int) -> Passed:
    """Read the texts once; memory grows with the test texts, not with these.

    Raises
    ------
    InputError
        A text is not a ``str``.
    """
    test_rows: dict[bytes, list[int]] = {}
    for row, text in enumerate(test):
        if text.strip():
            test_rows.setdefault(text_key(text), []).append(row)
    n_texts = n_empty = leaks = 0
    leaked: set[int] = set()
    distinct, sampled = Distinct(), Reservoir(SAMPLED_TEXTS, seed)

    def held() -> Iterator[str]:
        nonlocal n_texts, n_empty
        for text in _checked(texts):
            n_texts += 1
            if text.strip():
                yield text
            else:
                n_empty += 1

    for text in sampled.through(held()):
        key = text_key(text)
        distinct.add(key)
        if key in test_rows:
            leaks += 1
            leaked.update(test_rows[key])
    found = tuple(sorted(leaked))
    return Passed(n_texts, n_empty, distinct.repeated, leaks, found, sampled.texts)


def sampled_texts(texts: Iterable[str], most: int, seed: int) -> list[str]:
    """Return at most this number of the texts that are not empty, chosen at random."""
    sampled = Reservoir(most, seed)
    for _ in sampled.through(text for text in _checked(texts) if text.strip()):
        pass
    return sampled.texts


def _checked(texts: Iterable[str]) -> Iterator[str]:
    for i, text in enumerate(as_iterable_of_texts(texts)):
        if not isinstance(text, str):
            raise InputError(f"text {i} is {text!r}, not a str; leave such rows out")
        yield text
