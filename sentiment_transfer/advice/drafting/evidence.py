"""What a draft proposes, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.advice.drafting.negators import Turning
    from sentiment_transfer.advice.drafting.stop_words import StopWord
    from sentiment_transfer.advice.drafting.text_scores import TextScores
    from sentiment_transfer.pretraining import WordVectors
    from sentiment_transfer.text import Vocabulary

__all__ = ["FirstReading", "Proposal", "seed_proposals"]

NEAREST = 3
"""Given seed words that are named beside a proposed one."""


@dataclass(frozen=True)
class Proposal:
    """A word of a drafted language file, with the evidence for it.

    Attributes
    ----------
    part
        Part of the file: ``stop_words``, ``negators``, ``seeds.positive``, ``seeds.negative``.
    word
        The word, as the file has it.
    n_texts, share
        In how many of the texts it is, and their share.
    polarity
        Mean score of these texts by their other words, in standard deviations: above 0 positive.
    score
        What the words of a part are ordered by, the surest first; within a part only.
    evidence
        The counts or the examples it was chosen by, as text.
    in_file
        Whether the file has it. Words with less evidence are left out, for you to add.

    Examples
    --------
    >>> word = Proposal("negators", "niet", 120, 0.12, -0.4, 3.1, "turns goed (14 of 20)")
    >>> word.part, word.in_file
    ('negators', True)
    """

    part: str
    word: str
    n_texts: int
    share: float
    polarity: float
    score: float
    evidence: str
    in_file: bool = True


@dataclass(frozen=True, eq=False)
class FirstReading:
    """What texts show when nothing is dropped or marked.

    Attributes
    ----------
    scores
        Scores of the texts and their words, from the seed words.
    alike
        How much each word is used as the given seed words are (`likeness`).
    turning, dropped
        Negators and stop words, the surest first.
    near, polar
        Words that may be negators, and frequent words that are polar for stop words.
    """

    scores: TextScores
    alike: NDArray[np.float64]
    turning: list[Turning]
    dropped: list[StopWord]
    near: list[Turning]
    polar: list[StopWord]

    @property
    def _words(self) -> tuple[str, ...]:
        return self.scores.pieces.vocabulary.words

    def words_of(self, found: Sequence[Turning] | Sequence[StopWord]) -> list[str]:
        """Return the words of what was found."""
        return [self._words[one.word] for one in found]

    @property
    def stop_words(self) -> list[str]:
        """The stop words, the surest first."""
        return self.words_of(self.dropped)

    @property
    def negators(self) -> dict[str, tuple[bool, bool]]:
        """The negators, the most frequent first: whether what they turn follows, and precedes."""
        sides: dict[int, set[bool]] = {}
        for one in self.turning:
            sides.setdefault(one.word, set()).add(one.follows)
        return {
            self._words[word]: (True in sides[word], False in sides[word]) for word in sorted(sides)
        }

    def likeness_of(self, vocabulary: Vocabulary, marker: str) -> NDArray[np.float64]:
        """Return the likeness of the words of another vocabulary; of a negated word, its own."""
        index = self.scores.pieces.vocabulary.index
        places = [index.get(word.removeprefix(marker), -1) for word in vocabulary.words]
        return np.append(self.alike, 0)[places]

    def proposals(self) -> Iterator[Proposal]:
        """Yield stop words and negators with their evidence, those that were left out last."""
        for stop in (*self.dropped, *self.polar):
            about = f"unevenness {stop.unevenness:.2f}, variety of neighbours {stop.variety:.2f}"
            if stop.is_polar:
                about += "; polar for a stop word: look whether it negates or judges"
            yield self._proposal("stop_words", stop.word, stop.rank, about, not stop.is_polar)
        for one in (*self.turning, *self.near):
            about = self._about_turning(one)
            yield self._proposal("negators", one.word, one.errors[0], about, one.is_negator)

    def _about_turning(self, one: Turning) -> str:
        examples = ", ".join(self._words[word] for word in one.examples)
        place = "before" if one.follows else "after"
        return (
            f"{place} a polar word, the rest of the text agrees with it in "
            f"{one.agree[0]} of {one.n[0]} texts (positive) and {one.agree[1]} of {one.n[1]} "
            f"(negative); apart, in {one.agree_apart[0]:,} of {one.n_apart[0]:,} and "
            f"{one.agree_apart[1]:,} of {one.n_apart[1]:,}; such as {examples}"
        )

    def _proposal(self, part: str, word: int, score: float, about: str, kept: bool) -> Proposal:
        return _proposal(part, word, self.scores, score, about, in_file=kept)


def _proposal(
    part: str, word: int, scores: TextScores, score: float, about: str, *, in_file: bool = True
) -> Proposal:
    words = scores.words
    n = int(words.n_texts[word])
    share, polarity = n / len(scores.pieces.ids), float(words.effect[word])
    name = scores.pieces.vocabulary.words[word]
    figures = n, round(share, 4), round(polarity, 2), round(score, 2)
    return Proposal(part, name, *figures, about, in_file)


def seed_proposals(
    vectors: WordVectors,
    scores: TextScores,
    value: NDArray[np.float64],
    given: tuple[list[int], list[int]],
    found: Sequence[Sequence[int]],
    left_out: Sequence[Sequence[int]],
) -> Iterator[Proposal]:
    """Yield the proposed seed words of both sides with the given ones they are nearest to.

    Then those that were left out, of each side.
    """
    unit = vectors.matrix / np.maximum(np.linalg.norm(vectors.matrix, axis=1, keepdims=True), 1e-9)
    for side, words, more, own in zip(
        ("positive", "negative"), found, left_out, given, strict=True
    ):
        for word in (*words, *more):
            order = np.argsort(-(unit[own] @ unit[word]), kind="stable")[:NEAREST]
            near = ", ".join(vectors.words[own[i]] for i in order)
            about = f"along the seeds {scores.words.along[word]:+.1f}; nearest of them: {near}"
            yield _proposal(
                f"seeds.{side}", word, scores, float(value[word]), about, in_file=word in words
            )
