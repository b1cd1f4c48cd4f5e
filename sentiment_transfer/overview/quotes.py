"""Texts to show: the surest and the most doubtful, cut to a passage, with their words weighed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.polarity import PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label
    from sentiment_transfer.overview.judged import Judged, Side

__all__ = ["Part", "Quote", "doubtful", "passage", "surest"]

LONGEST, LONGEST_EXAMPLE = 320, 160
"""Characters of a text that are shown, and of an example of a phrase."""
EXPLAINED, EXPLAINED_SLOWLY = 4_000, 400
"""Characters of a text that are explained; fewer where each word is left out in turn."""
MIN_COVERAGE = 0.5
"""Share of known words from which a text is among the surest."""
MIN_CHARACTERS = 30
"""Longer texts are shown first: *Great.* is sure, but shows nothing."""
UNSURE = 0.15
"""A text of which the most probable label leads by less may be called doubtful."""
SURE = 0.6
"""Value for a side from which a text may be called sure."""

Part = tuple[str, float]
"""A piece of a text, and how far it speaks for the side, from -1 to 1; 0 for what is between."""


@dataclass(frozen=True)
class Quote:
    """A passage of a text.

    Attributes
    ----------
    row
        Row of the text.
    label, probability
        Its most probable label, and the probability of that.
    coverage
        Share of its words that the model knows.
    parts
        The passage in pieces, each with its weight, for the most positive label (for the predicted
        one where labels have no order); 1 marks a phrase that is looked for.
    cut
        Whether text was left out before and behind.
    """

    row: int
    label: Label
    probability: float
    coverage: float
    parts: tuple[Part, ...]
    cut: tuple[bool, bool] = (False, False)


def surest(judged: Judged, side: Side, n: int) -> list[Quote]:
    """Return the ``n`` different texts that speak most for a side; longer ones come first.

    One with few known words is not among them.
    """
    rows = judged.distinct
    rows = rows[(judged.coverage[rows] >= MIN_COVERAGE) & (side.values[rows] >= SURE)]
    order = np.argsort(-side.values[rows], kind="stable")
    return [tinted(judged, row) for row in _longer_first(judged, rows[order], n)]


def doubtful(judged: Judged, n: int) -> list[Quote]:
    """Return the ``n`` different texts whose two most probable labels are closest."""
    rows = judged.distinct
    two = np.sort(judged.probabilities[rows], axis=1)[:, -2:]
    lead = two[:, 1] - two[:, 0]
    order = np.argsort(lead, kind="stable")
    chosen = rows[order][lead[order] < UNSURE]
    return [tinted(judged, row) for row in _longer_first(judged, chosen, n)]


def _longer_first(judged: Judged, rows: NDArray[np.intp], n: int) -> list[int]:
    """Return the first ``n`` rows of texts that are long enough, filled up with others."""
    found: list[int] = []
    short: list[int] = []
    for row in rows.tolist():
        (found if len(judged.texts[row]) >= MIN_CHARACTERS else short).append(row)
        if len(found) == n:
            break
    return [*found, *short][:n]


def tinted(judged: Judged, row: int) -> Quote:
    """Return the passage of a text around its strongest word, all words weighed."""
    stages, text = judged.stages, judged.texts[row]
    exact = isinstance(stages.encoder, PolarityEncoder) and len(judged.labels) == 2
    given = text[: EXPLAINED if exact else EXPLAINED_SLOWLY]
    best = int(judged.predicted[row])
    ordered = stages.known_order is not None
    explained = stages.explain(given, judged.labels[-1 if ordered else best])
    strongest = max((abs(share) for _, share in explained.pieces), default=0.0) or 1.0
    parts: list[Part] = []
    for gap, (piece, share) in zip(explained.gaps, explained.pieces, strict=False):
        parts += [(gap, 0.0), (piece, round(share / strongest, 3))]
    parts.append((explained.gaps[-1] + text[len(given) :], 0.0))
    return _quote(judged, row, parts)


def passage(judged: Judged, row: int, span: tuple[int, int]) -> Quote:
    """Return the passage of a text around a span, which has weight 1."""
    text, (start, end) = judged.texts[row], span
    return _quote(
        judged, row, [(text[:start], 0.0), (text[start:end], 1.0), (text[end:], 0.0)], 160
    )


def _quote(judged: Judged, row: int, parts: list[Part], longest: int = LONGEST) -> Quote:
    shown, cut = _around_strongest([(_plain(text), weight) for text, weight in parts], longest)
    best = int(judged.predicted[row])
    return Quote(
        row,
        judged.labels[best],
        round(float(judged.probabilities[row, best]), 4),
        round(float(judged.coverage[row]), 3),
        tuple(shown),
        cut,
    )


def _plain(text: str) -> str:
    """Return a part of a text with single spaces, also for tags of line breaks."""
    return re.sub(r"(?:<br[ /]*>|\s)+", " ", text)


def _around_strongest(parts: Sequence[Part], longest: int) -> tuple[list[Part], tuple[bool, bool]]:
    """Cut parts to a passage with the part of the largest weight in its first third.

    Returns the passage, and whether something was left out before and behind.
    """
    lengths = np.array([len(text) for text, _ in parts])
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    if total <= longest:
        return _merged(parts), (False, False)
    strongest = int(np.argmax([abs(weight) for _, weight in parts]))
    centre = int(ends[strongest] - lengths[strongest])
    first = max(0, min(centre - longest // 3, total - longest))
    whole = "".join(text for text, _ in parts)
    first = _start(whole, first, centre) if first else 0
    last = max(first + longest, int(ends[strongest]))
    space = whole.rfind(" ", int(ends[strongest]), last + 1)
    last = space if last < total and space >= 0 else last
    cut = []
    for (text, weight), end, length in zip(parts, ends.tolist(), lengths.tolist(), strict=True):
        start = end - length
        kept = text[max(0, first - start) : max(0, last - start)]
        if kept:
            cut.append((kept, weight))
    return _merged(cut), (first > 0, last < total)


def _start(text: str, first: int, centre: int) -> int:
    """Return where a sentence, or else a word, begins between two places."""
    sentence = re.search(r"[.!?。！？] ?(?=\S)", text[first:centre])
    if sentence is not None:
        return first + sentence.end()
    space = text.find(" ", first, centre)
    return space + 1 if space >= 0 else first


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Join neighbouring parts of little weight, and drop empty ones."""
    merged: list[Part] = []
    for text, given in parts:
        weight = given if abs(given) >= 0.05 else 0.0
        if merged and not merged[-1][1] and not weight:
            merged[-1] = merged[-1][0] + text, 0.0
        elif text:
            merged.append((text, weight))
    return merged
