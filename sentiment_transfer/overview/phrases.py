"""Words and pairs of words that speak for a side on given texts, with examples.

How far a phrase speaks for a side is measured by the texts that hold it: their mean value for the
side against that of all texts, in standard errors. It has to speak for that side by itself as well,
as the model judges the phrase alone; so the name of a film that many liked is not among them. Both
together are the rank: standard errors times what the model makes of the phrase.

Words are the tokens of the model, so a negated word is another one than the word itself, and stop
words are left out: ``waste of money`` is a pair. A phrase is shown as it stands in the texts.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.overview.phrase_counts import PhraseCounts, count_phrases
from sentiment_transfer.overview.quotes import Quote, passage
from sentiment_transfer.text.negation import NEGATORS, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.overview.judged import Judged
    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = ["Phrase", "PhraseCounter"]

LEAST, OF_ROOT = 3, 0.25
"""Texts that hold a phrase at least; this times the root of the number of texts if it is more."""
CLEAR = 1.0
"""Standard errors by which the texts of a phrase differ from all texts at least. So few, because a
phrase has to speak for the side by itself too."""
ALONE = 0.65
"""Value for the side that the model gives a phrase alone at least."""
LOOKED_AT = 8
"""Candidates that are judged alone, in multiples of the phrases wanted."""
MOST_BETWEEN = 3
"""Words left out that a pair may have between its words."""
EXAMPLES, LOOKED_THROUGH = 3, 12
"""Texts that are shown for a phrase, and that its spelling is taken from."""
FURTHER = 0.03
"""How much further from the mean a pair must be than a word of it that is listed."""
_WEAK = NEGATORS | {Role.INTENSIFIER}


@dataclass(frozen=True)
class Phrase:
    """A word or a pair of words.

    Attributes
    ----------
    text
        As it stands most often in the texts.
    n
        Number of different texts that hold it.
    share
        Mean of what these texts are for the side: of two labels, the mean probability of its label.
    examples
        Passages of some of these texts, the surest for the side first.
    """

    text: str
    n: int
    share: float
    examples: tuple[Quote, ...]


class _Listed(NamedTuple):
    """A phrase that is listed: its number of words, of texts, and its share."""

    size: int
    n: int
    share: float


class PhraseCounter:
    """Counts the words and pairs of the different texts that a model judged, and ranks them."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._rows = judged.distinct
        texts = [judged.texts[row] for row in self._rows.tolist()]
        vectors = judged.stages.vectors
        self._words, self._tokenizer = vectors.words, vectors.tokenizer
        self._ids = vectors.read_texts(texts, words=False).rows
        self._marker = self._tokenizer.language_data.marker
        self._read: dict[int, list[tuple[str, Role, int, int]]] = {}
        self._shown: set[int] = set()

    @property
    def least(self) -> int:
        """Number of texts from which a phrase counts."""
        return max(LEAST, round(OF_ROOT * math.sqrt(len(self._rows))))

    @cached_property
    def counts(self) -> PhraseCounts:
        """The frequent words and pairs, with sums of the values of each side."""
        values = np.column_stack([side.values[self._rows] for side in self._judged.sides])
        return count_phrases(self._ids, len(self._words), values, self.least)

    def phrases(self, side: int, n: int) -> list[Phrase]:
        """Return at most ``n`` phrases that speak for a side, the clearest first."""
        values = self._judged.sides[side].values[self._rows]
        numbers, counts = self.counts.numbers, self.counts.n
        sd = float(values.std())
        if not len(numbers) or sd == 0:
            return []
        shares = self.counts.sums[:, side] / counts
        leads = (shares - values.mean()) * np.sqrt(counts) / sd
        order = np.argsort(-leads, kind="stable")[: LOOKED_AT * n]
        order = order[leads[order] >= CLEAR]
        if not len(order):
            return []
        spelt = [self._spelt(number) for number in numbers[order].tolist()]
        alone = self._judged.values_of(spelt, side)
        order, alone = order[alone >= ALONE], alone[alone >= ALONE]
        ranked = order[np.argsort(-leads[order] * (alone - 0.5), kind="stable")]
        listed = [(int(numbers[i]), int(counts[i]), float(shares[i])) for i in ranked]
        return self._different(listed, values, n)

    def _tokens(self, number: int) -> list[str]:
        """Return the token of a word, or those of a pair."""
        size = len(self._words)
        rows = [number] if number < size else [number // size - 1, number % size]
        return [self._words[row] for row in rows]

    def _spelt(self, number: int) -> str:
        """Return a phrase as a text to judge: ``not_good`` is ``not good``."""
        return " ".join(token.replace("_", " ", 1) if self._is_negated(token) else token
                        for token in self._tokens(number))  # fmt: skip

    def _is_negated(self, token: str) -> bool:
        return bool(self._marker) and token.startswith(self._marker)

    def _different(
        self, ranked: list[tuple[int, int, float]], values: NDArray[np.float64], n: int
    ) -> list[Phrase]:
        """Return phrases in the order of their ranks, without those that say the same again."""
        found: list[Phrase] = []
        taken: dict[str, list[_Listed]] = {}
        for number, n_texts, share in ranked:
            tokens = self._tokens(number)
            if self._says_the_same(tokens, n_texts, share, taken):
                continue
            phrase = self._phrase(tokens, n_texts, share, values)
            if phrase is None or phrase.text in {one.text for one in found}:
                continue
            found.append(phrase)
            for token in tokens:
                taken.setdefault(token, []).append(_Listed(len(tokens), n_texts, share))
            if len(found) == n:
                break
        return found

    def _says_the_same(
        self,
        tokens: list[str],
        n: int,
        share: float,
        taken: dict[str, list[_Listed]],
    ) -> bool:
        """Whether a listed phrase makes another one needless.

        A pair is needless beside a word of it that is as clear, a word beside a pair that has half
        of its texts; so are marks, and negators and intensifiers, alone and in a pair: what is
        negated is a word already, and *very good* says no more than *good*.
        """
        roles = {self._tokenizer.entry(token).role for token in tokens}
        if roles <= _WEAK or {"!", "?"} & {*tokens}:
            return True
        weak = roles & _WEAK
        if len(tokens) == 2 and (self._is_negated(tokens[1]) or weak):
            return True
        for token in tokens:
            for size, n_other, share_other in taken.get(token, ()):
                if size < len(tokens) and share < share_other + FURTHER:
                    return True
                if size > len(tokens) and 2 * n_other >= n:
                    return True
                if size == len(tokens) and size == 2 and share < share_other + FURTHER:
                    return True
        return False

    def _phrase(
        self, tokens: list[str], n: int, share: float, values: NDArray[np.float64]
    ) -> Phrase | None:
        """Return a phrase with examples; None if its words never stand together in a sentence."""
        places = self._holding(tokens)
        places = places[np.argsort(-values[places], kind="stable")][:LOOKED_THROUGH]
        found = [(int(place), span) for place in places for span in self._spans(place, tokens)[:1]]
        if not found or 2 * len(found) < len(places):
            return None
        rows = self._rows
        spelt = Counter(
            _as_shown(self._judged.texts[rows[place]][start:end]) for place, (start, end) in found
        )
        new = [one for one in found if one[0] not in self._shown]
        chosen = [*new, *(one for one in found if one[0] in self._shown)][:EXAMPLES]
        self._shown |= {place for place, _ in chosen}
        examples = tuple(passage(self._judged, int(rows[place]), span) for place, span in chosen)
        return Phrase(spelt.most_common(1)[0][0], n, round(share, 4), examples)

    def _holding(self, tokens: Sequence[str]) -> NDArray[np.intp]:
        """Return the places of the texts that hold tokens one behind the other."""
        index = self._judged.stages.vectors.vocabulary.index
        first, *others = (index[token] for token in tokens)
        ids = self._ids.ids
        at = np.flatnonzero(ids == first)
        text = np.searchsorted(self._ids.offsets, at, side="right") - 1
        for other in others:
            at = at + 1
            inside = at < self._ids.offsets[text + 1]
            at, text = at[inside], text[inside]
            same = ids[at] == other
            at, text = at[same], text[same]
        return np.unique(text)

    def _spans(self, place: int, tokens: Sequence[str]) -> list[tuple[int, int]]:
        """Return the spans of tokens in a text that are in one sentence, negators included."""
        place = int(place)
        if place not in self._read:
            text = self._judged.texts[self._rows[place]]
            self._read[place] = [*_pieces(self._tokenizer, text)]
        pieces = self._read[place]
        kept = [i for i, (token, *_) in enumerate(pieces) if token]
        found = []
        for j in range(len(kept) - len(tokens) + 1):
            at = kept[j : j + len(tokens)]
            if [pieces[i][0] for i in at] != [*tokens] or at[-1] - at[0] > MOST_BETWEEN:
                continue
            if any(pieces[i][1] == Role.BREAK for i in range(at[0], at[-1])):
                continue
            first, last = at[0], at[-1]
            if self._is_negated(tokens[0]):
                negator = self._negator(pieces, first)
                first, last = min(first, negator), max(last, negator)
            found.append((pieces[first][2], pieces[last][3]))
        return found

    def _negator(self, pieces: Sequence[tuple[str, Role, int, int]], i: int) -> int:
        """Return the piece that negates another one: the last negator before it, or one after."""
        known, roles = self._tokenizer.language_data, [role for _, role, *_ in pieces]
        behind = range(i + 1, min(len(pieces), i + 1 + known.window_back))
        after = (j for j in behind if roles[j] == Role.NEGATOR_AFTER)
        before = (j for j in range(i - 1, -1, -1) if roles[j] in NEGATORS - {Role.NEGATOR_AFTER})
        around = (j for j in behind if roles[j] == Role.NEGATOR_AROUND)
        return next(chain(after, before, around), i)


def _as_shown(text: str) -> str:
    """Return a phrase in small letters; of a contraction that is split, ``n't``, it has *not*."""
    shown = " ".join(text.casefold().split())
    return f"not{shown[3:]}" if shown.startswith("n't ") else shown


def _pieces(tokenizer: Tokenizer, text: str) -> Iterator[tuple[str, Role, int, int]]:
    """Yield token, empty where it is dropped, role and span of each piece of a text."""
    (entries,) = tokenizer.entries([text])
    spans = tokenizer.spans(text)
    for token, entry, (start, end) in zip(tokenizer.marked(entries), entries, spans, strict=True):
        yield token or "", entry.role, start, end
