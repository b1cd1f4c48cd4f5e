"""Which words of a text speak for its label.

The log odds of a logistic model are a sum, so each word has an exact share in it. The sentence
vector of a text is ``x = (mean - centre) / |mean - centre|`` with ``mean = sum_j g_j v_j / G`` over
its distinct words, ``G = sum_j g_j``; since the ``g_j / G`` sum to one, word ``j`` contributes
``g_j (v_j - centre) . w / (G |mean - centre|)`` to ``x . w``. The polarity score is linear in
``x`` and in the balance of seed words, to which each of them adds the same. A word pair's weight
goes to its two words in halves.

Of the mixture's models it is the mean of their log odds, weighted by their shares, that words
contribute to; its probability is the mean of their probabilities. The log odds of that lie close
by, and what they differ by is part of the bias, as is all that no word contributes.

A text with no known word is answered by the share of each label in training. Then that is the
bias, and no piece has a part in it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.grams import gram_number, grams_of_texts
from sentiment_transfer.text.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.polarity.encoder import PolarityEncoder
    from sentiment_transfer.polarity.mixture import LogisticMixture
    from sentiment_transfer.text import Tokenizer
    from sentiment_transfer.text.grams import GramTfidf

__all__ = ["Explanation", "as_given", "word_shares"]


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


def word_shares(
    text: str, encoder: PolarityEncoder, words: GramTfidf, mixture: LogisticMixture
) -> NDArray[np.float64]:
    """Contribution of each piece to the mean log odds of a mixture, ``(n_pieces,)``.

    The pieces are those of the tokenizer. A text without a known word has zeros.
    """
    aligned = encoder.vectors.tokenizer.aligned(text)
    tokens = [token for _, token in aligned]
    shares = np.zeros(len(aligned))
    known = any(token in encoder.vectors.vocabulary.index for token in tokens)
    for member in mixture.members_ if known else ():
        for part, weights in member.weights.items():
            if part == "words":
                of_part = _gram_shares(text, weights, encoder.gram_tokenizer, words)
            else:
                direction = _direction(part, weights, encoder)
                of_part = _word_shares(tokens, direction, *_pooling(part, encoder), encoder)
            shares += member.share * of_part
    return shares


def _direction(
    part: str, weights: NDArray[np.float64], encoder: PolarityEncoder
) -> NDArray[np.float64]:
    """``w`` such that this part of the log odds is ``x . w``, but for what is of no word."""
    polarity = encoder.polarity_
    if part != "score" or polarity is None:
        return weights
    return float(weights[0]) / polarity.spread * polarity.along


def _pooling(
    part: str, encoder: PolarityEncoder
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """``g`` and the centre that the part's sentence vectors are made with."""
    polarity = encoder.polarity_
    if part == "plain_mean" or polarity is None:
        return np.ones(len(encoder.vectors), np.float32), encoder.mean_
    return polarity.pooling, polarity.centre


def _word_shares(
    tokens: list[str | None],
    direction: NDArray[np.float64],
    pooling: NDArray[np.float32],
    centre: NDArray[np.float32],
    encoder: PolarityEncoder,
) -> NDArray[np.float64]:
    """``g_j (v_j - centre) . w / (G |mean - centre|)``, in equal parts to a word's occurrences."""
    index = encoder.vectors.vocabulary.index
    shares = np.zeros(len(tokens))
    places = [i for i, token in enumerate(tokens) if token in index]
    if not places:
        return shares
    ids, inverse, counts = np.unique(
        [index[str(tokens[i])] for i in places], return_inverse=True, return_counts=True
    )
    weight = pooling[ids] / pooling[ids].sum()
    away = encoder.vectors.matrix[ids] - centre
    length = np.linalg.norm(weight @ away)
    if length > 0:
        of_words = weight * (away @ direction[: away.shape[1]]) / length
        of_words += _seed_shares(ids, direction[away.shape[1] :], encoder)
        shares[places] = (of_words / counts)[inverse]
    return shares


def _seed_shares(
    ids: NDArray[np.int64], weight: NDArray[np.float64], encoder: PolarityEncoder
) -> NDArray[np.float64]:
    """``weight / (p + n)`` of a positive seed word and minus that of a negative one."""
    if not len(weight) or encoder.polarity_ is None:
        return np.zeros(len(ids))
    signs = encoder.polarity_.seed_signs[ids].astype(np.float64)
    shares: NDArray[np.float64] = weight[0] * signs / max(1.0, np.abs(signs).sum())
    return shares


def _gram_shares(
    text: str, weights: NDArray[np.float64], tokenizer: Tokenizer, words: GramTfidf
) -> NDArray[np.float64]:
    """TF-IDF times weight of each gram, in equal parts to its occurrences and their words."""
    tokens = [token for _, token in tokenizer.aligned(text)]
    places = [i for i, token in enumerate(tokens) if token is not None]
    row = words.transform(grams_of_texts([text], tokenizer))
    known = words.numbers_[row.indices].tolist()
    value = dict(zip(known, row.data * weights[row.indices], strict=True))
    runs = [(i,) for i in places] + list(itertools.pairwise(places))
    numbers = [gram_number(*(str(tokens[i]) for i in run)) for run in runs]
    occurrences = Counter(numbers)
    shares = np.zeros(len(tokens))
    for run, number in zip(runs, numbers, strict=True):
        shares[list(run)] += value.get(number, 0.0) / occurrences[number] / len(run)
    return shares
