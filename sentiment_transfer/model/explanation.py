"""Explanations: the contribution of each piece of a text to the log odds of a label."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sentiment_transfer.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentiment_transfer.classification.labels import Label

__all__ = ["Explanation", "cut"]

NO_WORD = "(no word)"
SENTENCE = "(sentence encoder)"


@dataclass(frozen=True)
class Explanation:
    """Contributions to the log odds of a label.

    Attributes
    ----------
    label
        The label; positive contributions are evidence for it.
    probability
        Its probability.
    pieces
        The pieces of the text as given, in order, each with its contribution.
    gaps
        The text before each piece, and after the last.
    bias
        The part of the log odds that no word contributes.
    sentence
        The part of a sentence encoder of another package, which reads the text as a whole. It is 0
        without one, and for more than two classes, where it is in the contributions.
    origins
        The sum of all contributions by what it comes from: ``"seed words"``, ``"labels of other
        texts"`` that a shipped model learnt from, and ``"your labels"``; empty for other stages
        than the default ones, and for more than two classes.
    """

    label: Label
    probability: float
    pieces: tuple[tuple[str, float], ...]
    gaps: tuple[str, ...]
    bias: float
    sentence: float = 0.0
    origins: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text as it was given."""
        pieces = [piece for piece, _ in self.pieces]
        return "".join(itertools.chain(*zip(self.gaps, [*pieces, ""], strict=True)))

    @property
    def log_odds(self) -> float:
        """Log odds of ``probability``: the sum of all contributions, ``sentence`` and ``bias``."""
        return self.bias + self.sentence + sum(contribution for _, contribution in self.pieces)

    @property
    def no_known_word(self) -> bool:
        """Whether no piece contributes: ``probability`` is that of a text with no known word."""
        return not any(contribution for _, contribution in self.pieces)

    def __str__(self) -> str:
        shares = [*self.top(8), *self.rest]
        listed = ", ".join(f"{piece} {share:+.2f}" for piece, share in shares)
        return f"{self.label} {100 * self.probability:.1f} %: {listed}"

    @property
    def rest(self) -> list[tuple[str, float]]:
        """The parts that no word contributes, each with its name for a reader."""
        rest = [(NO_WORD, self.bias)]
        return [(SENTENCE, self.sentence), *rest] if self.sentence else rest

    def top(self, n: int = 10) -> list[tuple[str, float]]:
        """Return the ``n`` pieces with the largest contributions, of either sign.

        Repeated pieces are added up, regardless of case, under their first spelling.
        """
        totals: dict[str, tuple[str, float]] = {}
        for piece, contribution in self.pieces:
            first, total = totals.get(normalise(piece), (piece, 0.0))
            totals[normalise(piece)] = first, total + contribution
        return sorted(totals.values(), key=lambda total: -abs(total[1]))[:n]

    def to_html(self) -> str:
        """Return a self-contained ``<div>``: the marked text, and its strongest words."""
        from sentiment_transfer.model.explanation_html import explanation_html

        return explanation_html(self)

    _repr_html_ = to_html  # for notebooks


def cut(
    text: str, spans: Sequence[tuple[int, int]], shares: Sequence[float]
) -> tuple[tuple[tuple[str, float], ...], tuple[str, ...]]:
    """Cut a text at spans; return `Explanation.pieces` with their shares, and `Explanation.gaps`.

    A piece with an empty span, such as the second of the three stops of an ellipsis, adds its
    share to the piece before.
    """
    pieces: list[tuple[str, float]] = []
    gaps: list[str] = []
    last = 0
    for (start, end), share in zip(spans, shares, strict=True):
        if start == end and pieces:
            pieces[-1] = pieces[-1][0], pieces[-1][1] + share
            continue
        pieces.append((text[start:end], share))
        gaps.append(text[last:start])
        last = end
    return tuple(pieces), (*gaps, text[last:])
