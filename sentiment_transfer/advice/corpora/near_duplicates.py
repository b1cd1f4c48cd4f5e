"""Near-duplicates: texts that share most runs of three words, such as an edited copy.

Candidates are found by MinHash and locality-sensitive hashing (Broder 1997, "On the resemblance and
containment of documents"), and the similarity of each is then computed exactly.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.text.writing_systems import UNSPACED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MIN_SIMILARITY", "near_duplicates"]

MIN_SIMILARITY = 0.7
"""Jaccard similarity of the runs of words of two near-duplicates."""
RUN = 3
LEAST_WORDS = 8
"""Words of a text that is looked at: shorter ones are alike by chance."""
MOST_WORDS = 300
"""Words from the start of a text that are compared."""
HASHES, BANDS = 128, 32
"""A pair at the least similarity is found with a probability of 0.9998: ``1 - (1 - 0.7^4)^32``."""
CANDIDATES = 20
"""Texts that one is compared with at most, as texts from a template resemble all others a bit."""

_WORD = re.compile(r"\w+")


def near_duplicates(texts: Sequence[str], language: str, seed: int = 0) -> float | None:
    """Return the share of different texts that are near-duplicates of an earlier one.

    Texts that are equal up to case, spaces and punctuation count once, and those of fewer than
    eight words never. None without the package rensa, and 0 without a text.
    """
    if find_spec("rensa") is None:
        return None
    from rensa import RMinHash, RMinHashLSH

    different = list({text_key(text): text for text in texts}.values())
    index = RMinHashLSH(threshold=MIN_SIMILARITY, num_perm=HASHES, num_bands=BANDS)
    n_near, compared = 0, list[set[str]]()
    for text in different:
        runs = _runs(text, language)
        if not runs:
            continue
        hashed = RMinHash(HASHES, seed)
        hashed.update(list(runs))
        others = index.query(hashed)[:CANDIDATES]
        n_near += any(_are_near(runs, compared[i]) for i in others)
        index.insert(len(compared), hashed)
        compared.append(runs)
    return n_near / max(1, len(different))


def _runs(text: str, language: str) -> set[str]:
    """Return the runs of three words, or of characters where words are not spaced."""
    words = _WORD.findall(text.lower())
    if language in UNSPACED:
        words = list("".join(words))
    words = words[:MOST_WORDS]
    if len(words) < LEAST_WORDS:
        return set()
    return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def _are_near(one: set[str], other: set[str]) -> bool:
    """Return whether two texts are near-duplicates, by the Jaccard similarity of their runs."""
    return len(one & other) >= MIN_SIMILARITY * len(one | other)
