"""What a draft was not certain of, and what to look at first."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sentiment_transfer.advice.drafting.pieces import RARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.advice.drafting.evidence import FirstReading, Proposal
    from sentiment_transfer.advice.drafting.pieces import Pieces

__all__ = ["VERY_FEW_TEXTS", "notes_of"]

FEW_TEXTS, VERY_FEW_TEXTS = 2_000, 600
"""Texts below which a draft is said to be of few, and below which few seed words are proposed.

Of five samples each, *tidak* was found in none of 500 Indonesian texts, two of 1,000, all of 2,000.
"""
SHOWN = 8
"""Words of a kind that a note names."""
RARE_SHARE = 0.3
"""Share of words too rare to be used from which endings are to blame: Dutch has 0.15 of 1,000
texts, French 0.22 of 500, Korean 0.57 of 6,000."""
HANGUL_SHARE = 0.5
"""Share of Korean words from which texts are Korean."""
LONGEST_ELISION, ELIDED_WORDS, ELIDED_SHARE = 3, 5, 0.01
"""Letters before an apostrophe, different words behind it, and least share of such words."""


def notes_of(first: FirstReading, left_out: Sequence[Proposal]) -> Iterator[str]:
    """Yield notes on a draft, the most important first; ``left_out`` are seed words."""
    pieces = first.scores.pieces
    if len(pieces.ids) < FEW_TEXTS:
        fewer = "fewer seed words are proposed, and " * (len(pieces.ids) < VERY_FEW_TEXTS)
        yield f"{len(pieces.ids):,} different texts are few: {fewer}negators may be missing"
    yield from _of_negators(first)
    yield from _of_words(pieces)
    for side in ("positive", "negative"):
        words = [one.word for one in left_out if one.part == f"seeds.{side}"]
        if words:
            yield f"left out of the {side} seeds, the surest first: {_listed(words)}"


def _of_negators(first: FirstReading) -> Iterator[str]:
    near = _listed(dict.fromkeys(first.words_of(first.near)))
    if first.negators:
        yield "look at every negator: a wrong one turns the words next to it"
    else:
        yield (
            "no negator was found; list those of the language by hand, and take them out of "
            "stop_words"
        )
    if near:
        yield f"perhaps negators, left out: {near}"
    polar = _listed(first.words_of(first.polar))
    if polar:
        yield f"polar for stop words, left out: {polar}; some may be negators"


def _of_words(pieces: Pieces) -> Iterator[str]:
    """Yield notes on words that hold several: with endings, and with an apostrophe."""
    words, rare = len(pieces.words.ids), int((pieces.ids.ids == RARE).sum())
    counts = dict(zip(pieces.vocabulary.words, pieces.vocabulary.counts.tolist(), strict=True))
    total = sum(counts.values())
    hangul = sum(n for word, n in counts.items() if "가" <= word[0] <= "힣")
    if rare > RARE_SHARE * (words + rare) or hangul > HANGUL_SHARE * total:
        yield (
            f"{100 * rare / (words + rare):.0f} % of the words are too rare to be used, as in "
            "languages with many endings; name those that negate in negator_affixes, and divide "
            "words with cuts"
        )
    elisions = _elisions(counts)
    if elisions:
        cuts = ", ".join(f'"^{elision}\'|"' for elision in elisions)
        yield f'many words begin with {elisions[0]}\'; divide them with "cuts": [{cuts}]'


def _elisions(counts: dict[str, int]) -> list[str]:
    """Return what stands before an apostrophe in many words: ``["l", "d", "qu"]``."""
    behind: defaultdict[str, list[int]] = defaultdict(list)
    for word, n in counts.items():
        before, _, rest = word.partition("'")
        if rest and before.isalpha() and len(before) <= LONGEST_ELISION:
            behind[before].append(n)
    sums = Counter({one: sum(ns) for one, ns in behind.items() if len(ns) >= ELIDED_WORDS})
    if sums.total() < ELIDED_SHARE * sum(counts.values()):
        return []
    return [elision for elision, _ in sums.most_common()]


def _listed(words: Sequence[str] | dict[str, None]) -> str:
    words = list(words)
    return ", ".join(words[:SHOWN]) + (", …" if len(words) > SHOWN else "")
