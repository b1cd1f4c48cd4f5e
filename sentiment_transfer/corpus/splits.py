"""Splits that keep a text and its repeats together.

Review corpora contain repeats (half of some), up to case, spaces and punctuation. A repeat on both
sides of a split is a test text seen in training, so texts with the same key go to the same side.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["find_overlap", "numbered", "split_by_text", "text_key"]

_NOT_ALNUM = re.compile(r"[\W_]+")  # exactly the characters of which str.isalnum is false
_ASCII_NOT_ALNUM = bytes(i for i in range(128) if not chr(i).isalnum())


def split_by_text(
    texts: Iterable[str],
    labels: Sequence[str] | None = None,
    *,
    fractions: Sequence[float] = (0.7, 0.15, 0.15),
    seed: int | np.random.Generator,
) -> list[NDArray[np.int64]]:
    """Split at random, stratified by label, with equal texts in the same part.

    Texts are equal when their letters and digits are (NFKC, lower case). Each group of equal texts
    belongs to the stratum of its first label. Within a stratum the groups, shuffled, lie end to end
    on the line from 0 to 1; all strata are cut at the positions given by the sizes
    (systematic sampling with a random start in each stratum).

    Parameters
    ----------
    texts, labels
        Texts, iterated once, and their labels; without labels there is one stratum.
    fractions
        Share of each part, summing to 1; or integers, the size of each part, summing to the number
        of texts. Sizes are exact if no text repeats.
    seed
        Seed of the shuffle.

    Returns
    -------
    list of ndarray
        Indices of each part, int64 ``(n_part,)``, ascending; every index is in one part. No texts
        give empty parts.

    Raises
    ------
    SettingError
        The fractions do not sum to 1 or to the number of texts.
    InputError
        Texts and labels differ in number.

    Examples
    --------
    >>> split_by_text(["Dull!", "fine", "dull"], fractions=(2, 1), seed=0)
    [array([0, 2]), array([1])]
    """
    group = numbered(map(text_key, texts))
    if labels is not None and len(labels) != len(group):
        raise InputError(f"{len(group)} texts but {len(labels)} labels; pass one for each text")
    ends = _ends(fractions, len(group))
    first, sizes = np.unique(group, return_index=True, return_counts=True)[1:]
    strata = numbered(None if labels is None else labels[i] for i in first)
    order = _spread(strata, sizes, np.random.default_rng(seed))
    middle = np.empty(len(sizes))
    middle[order] = np.cumsum(sizes[order]) - sizes[order] / 2
    part = np.searchsorted(ends[:-1], middle, side="right")[group]
    return [np.flatnonzero(part == i) for i in range(len(ends))]


def find_overlap(texts: Iterable[str], others: Iterable[str]) -> NDArray[np.int64]:
    """Find the texts that repeat one of ``others`` up to case, spaces and punctuation.

    Parameters
    ----------
    texts, others
        Any number of texts, iterated once.

    Returns
    -------
    ndarray
        int64, shape ``(n_repeats, 2)``: the index of each text that repeats, ascending, and the
        index of the first of ``others`` that it repeats. Memory: 16 bytes and an entry of a
        dictionary for each of ``others``, whatever their length.

    Examples
    --------
    >>> find_overlap(["A dull plot", "Fine!", "new"], ["fine", "a dull plot."])
    array([[0, 1],
           [1, 0]])
    """
    first: dict[bytes, int] = {}
    for j, other in enumerate(others):
        first.setdefault(text_key(other), j)
    pairs = [(i, first[key]) for i, key in enumerate(map(text_key, texts)) if key in first]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def text_key(text: str) -> bytes:
    """Return a digest of a text's letters and digits, or of the text if it has none, as ':-)'."""
    if text.isascii():  # 30 times as fast
        kept = text.lower().encode("ascii").translate(None, _ASCII_NOT_ALNUM)
        return blake2b(kept or text.lower().strip().encode("ascii"), digest_size=16).digest()
    normal = unicodedata.normalize("NFKC", text).lower()
    key = _NOT_ALNUM.sub("", normal) or normal.strip()
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def numbered(items: Iterable[Hashable]) -> NDArray[np.int64]:
    """Number items in the order first seen; equal items have one number."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(item, len(numbers)) for item in items], np.int64)


def _spread(
    strata: NDArray[np.int64], sizes: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Order the groups so that every stretch of the order holds each stratum by its share."""
    position = np.empty(len(sizes))
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero(strata == stratum))
        ahead = np.cumsum(sizes[members]) - sizes[members]
        position[members] = (ahead + rng.random() * sizes[members]) / sizes[members].sum()
    return np.argsort(position, kind="stable")


def _ends(fractions: Sequence[float], n: int) -> NDArray[np.float64]:
    """Return the end of each part on the line from 0 to ``n``."""
    shares = np.asarray(fractions)
    counts = shares.dtype.kind in "iu"
    whole = np.isclose(shares.sum(), n if counts else 1.0, rtol=0, atol=1e-9)
    if not shares.size or shares.min() < 0 or not whole:
        of = f"the number of texts, {n}" if counts else "1"
        raise SettingError(
            f"fractions={tuple(fractions)} is not allowed; they must be at least 0 and sum to {of}"
        )
    return np.cumsum(shares) if counts else np.round(np.cumsum(shares) * n)
