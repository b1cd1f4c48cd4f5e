"""Explanations: what each piece of a text contributes to the log odds of a label."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentiment_transfer.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.text import Tokenizer

__all__ = ["Explanation", "as_given"]


@dataclass(frozen=True)
class Explanation:
    """Contributions to the log odds of a label.

    Attributes
    ----------
    label
        The label that positive contributions speak for.
    probability
        What the model gives this label.
    pieces
        The pieces of the text in order, each with its contribution; 0 for a word without weight.
        They are parts of the text as it was given.
    gaps
        What stands in the text before each piece, and after the last.
    bias
        What no word contributes: the rest of the log odds of ``probability``.
    """

    label: str
    probability: float
    pieces: tuple[tuple[str, float], ...]
    gaps: tuple[str, ...]
    bias: float

    @property
    def text(self) -> str:
        """The text as it was given."""
        pieces = [piece for piece, _ in self.pieces]
        return "".join(itertools.chain(*zip(self.gaps, [*pieces, ""], strict=True)))

    @property
    def log_odds(self) -> float:
        """Sum of the bias and all contributions: the log odds of ``probability``."""
        return self.bias + sum(contribution for _, contribution in self.pieces)

    @property
    def no_known_word(self) -> bool:
        """Whether no piece has a share: the answer is that of a text the model cannot read."""
        return not any(contribution for _, contribution in self.pieces)

    def __str__(self) -> str:
        shares = [*self.top(8), ("(no word)", self.bias)]
        listed = ", ".join(f"{piece} {share:+.2f}" for piece, share in shares)
        return f"{self.label} {100 * self.probability:.1f} %: {listed}"

    def top(self, n: int = 10) -> list[tuple[str, float]]:
        """The ``n`` pieces that weigh most, either way.

        Repeats are added up, whatever their case, and named as they are written first.
        """
        totals: dict[str, float] = {}
        names: dict[str, str] = {}
        for piece, contribution in self.pieces:
            key = normalise(piece)
            names.setdefault(key, piece)
            totals[key] = totals.get(key, 0.0) + contribution
        ranked = sorted(totals.items(), key=lambda item: -abs(item[1]))[:n]
        return [(names[key], total) for key, total in ranked]

    def to_html(self) -> str:
        """A self-contained piece of HTML: the words marked for or against, and the strongest."""
        from sentiment_transfer.model.explanation_html import explanation_html

        return explanation_html(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.to_html()


def as_given(
    text: str, tokenizer: Tokenizer, contributions: Sequence[float]
) -> tuple[tuple[tuple[str, float], ...], tuple[str, ...]]:
    """Return the pieces of a text as it was given, with their contributions, and the gaps.

    Parameters
    ----------
    text, tokenizer
        The text, and what splits it.
    contributions
        Contribution of each piece that ``tokenizer`` makes of the text, ``(n_pieces,)``. One
        character may stand for several pieces, as an ellipsis stands for three stops; it has their
        contributions added up.

    Returns
    -------
    tuple
        `Explanation.pieces` and `Explanation.gaps`.
    """
    pieces: list[tuple[str, float]] = []
    gaps: list[str] = []
    last = 0
    for (start, end), share in zip(tokenizer.spans(text), contributions, strict=True):
        if start == end and pieces:
            pieces[-1] = pieces[-1][0], pieces[-1][1] + share
            continue
        pieces.append((text[start:end], share))
        gaps.append(text[last:start])
        last = end
    return tuple(pieces), (*gaps, text[last:])
