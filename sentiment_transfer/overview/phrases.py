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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.overview.quotes import Quote, passage
from sentiment_transfer.text.bag_of_words import distinct_counts
from sentiment_transfer.text.tokenizer import Role
from sentiment_transfer.text.vocabulary import TokenIds, chunks

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
ALONE = 0.55
"""Value for the side that the model gives a phrase alone at least."""
LOOKED_AT = 8
"""Candidates that are judged alone, in multiples of the phrases wanted."""
MOST_BETWEEN = 3
"""Words left out that a pair may have between its words."""
EXAMPLES, LOOKED_THROUGH = 3, 12
"""Texts that are shown for a phrase, and that its spelling is taken from."""
FURTHER = 0.03
"""How much further from the mean a pair must be than a word of it that is listed."""


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


class _Counts(NamedTuple):
    """Phrases by number, ``(m,)``, with how many texts hold each, and the sum of their values."""

    numbers: NDArray[np.int64]
    n: NDArray[np.int64]
    sums: NDArray[np.float64]


class PhraseCounter:
    """Counts the words and pairs of the different texts that a model judged, and ranks them.

    The number of a word is its row in the vocabulary, that of a pair ``a b`` is
    ``(a + 1) * n_words + b``.
    """

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

    def count(self, values: NDArray[np.float64]) -> _Counts:
        """Count frequent words and pairs, and add up the values of their texts, ``(n_texts,)``."""
        n_words = len(self._words)
        n, sums = np.zeros(n_words, np.int64), np.zeros(n_words)
        read = 0
        for chunk in chunks(self._ids):
            own = values[read : read + len(chunk)]
            read += len(chunk)
            counts = distinct_counts(chunk.where(chunk.ids >= 0), n_words)
            n += np.bincount(counts.indices, minlength=n_words)
            of_text = np.repeat(own, np.diff(counts.indptr))
            sums += np.bincount(counts.indices, of_text, n_words)
        frequent = np.flatnonzero(n >= self.least)
        pairs = self._pairs(values, n >= self.least)
        return _Counts(
            np.concatenate([frequent, pairs.numbers]),
            np.concatenate([n[frequent], pairs.n]),
            np.concatenate([sums[frequent], pairs.sums]),
        )

    def _pairs(self, values: NDArray[np.float64], frequent: NDArray[np.bool_]) -> _Counts:
        """Count the pairs of frequent words that stand next to each other."""
        none = np.zeros(0, np.int64)
        total = _Counts(none, none, np.zeros(0))
        read = 0
        for chunk in chunks(self._ids):
            own = values[read : read + len(chunk)]
            read += len(chunk)
            texts, numbers = self._pairs_of(chunk, frequent)
            total = _added(total, numbers, own[texts])
        kept = total.n >= self.least
        return _Counts(total.numbers[kept], total.n[kept], total.sums[kept])

    def _pairs_of(
        self, ids: TokenIds, frequent: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the text and the number of each different pair of each text."""
        size = len(self._words)
        text, a, b = ids.text_index, ids.ids[:-1].astype(np.int64), ids.ids[1:]
        kept = (text[:-1] == text[1:]) & (a >= 0) & (b >= 0) & (a != b)
        kept[kept] = frequent[a[kept]] & frequent[b[kept]]
        numbers = (a[kept] + 1) * size + b[kept]
        key = np.unique(text[:-1][kept] * (size + 1) * size + numbers)
        return np.divmod(key, (size + 1) * size)

    def phrases(self, side: int, n: int) -> list[Phrase]:
        """Return at most ``n`` phrases that speak for a side, the clearest first."""
        values = self._judged.sides[side].values[self._rows]
        counts = self.count(values)
        mean, sd = float(values.mean()), float(values.std())
        if not len(counts.numbers) or sd == 0:
            return []
        leads = (counts.sums / counts.n - mean) * np.sqrt(counts.n) / sd
        order = np.argsort(-leads, kind="stable")[: LOOKED_AT * n]
        order = order[leads[order] >= CLEAR]
        if not len(order):
            return []
        alone = self._judged.values_of([self._spelt(i) for i in counts.numbers[order]], side)
        order, alone = order[alone >= ALONE], alone[alone >= ALONE]
        ranked = order[np.argsort(-leads[order] * (alone - 0.5), kind="stable")]
        return self._different(counts, ranked.tolist(), values, n)

    def _tokens(self, number: int) -> list[str]:
        """Return the token of a word, or those of a pair."""
        size = len(self._words)
        rows = [number] if number < size else [number // size - 1, number % size]
        return [self._words[row] for row in rows]

    def _spelt(self, number: int) -> str:
        """Return a phrase as a text to judge: ``not_good`` is ``not good``."""
        return " ".join(token.replace(self._marker, "not ", 1) if self._is_negated(token)
                        else token for token in self._tokens(number))  # fmt: skip

    def _is_negated(self, token: str) -> bool:
        return bool(self._marker) and token.startswith(self._marker)

    def _different(
        self, counts: _Counts, ranked: list[int], values: NDArray[np.float64], n: int
    ) -> list[Phrase]:
        """Return phrases in the order of their ranks, without those that say the same again."""
        found: list[Phrase] = []
        taken: dict[str, list[_Listed]] = {}
        for i in ranked:
            number, n_texts = int(counts.numbers[i]), int(counts.n[i])
            share, tokens = float(counts.sums[i]) / n_texts, self._tokens(number)
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
        of its texts; so are marks, negators and intensifiers alone, and a pair of a negator with
        what it negates, which is a word already.
        """
        roles = {self._tokenizer.entry(token).role for token in tokens}
        if roles <= {Role.NEGATOR, Role.INTENSIFIER} or {"!", "?"} & {*tokens}:
            return True
        if len(tokens) == 2 and (self._is_negated(tokens[1]) or roles & {Role.NEGATOR}):
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
            " ".join(self._judged.texts[rows[place]][start:end].casefold().split())
            for place, (start, end) in found
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
            first = self._negator(pieces, at[0]) if self._is_negated(tokens[0]) else at[0]
            found.append((pieces[first][2], pieces[at[-1]][3]))
        return found

    def _negator(self, pieces: Sequence[tuple[str, Role, int, int]], i: int) -> int:
        """Return the piece that negates another one: the last negator before it."""
        return next((j for j in range(i - 1, -1, -1) if pieces[j][1] == Role.NEGATOR), i)


def _pieces(tokenizer: Tokenizer, text: str) -> Iterator[tuple[str, Role, int, int]]:
    """Yield token, empty where it is dropped, role and span of each piece of a text."""
    (entries,) = tokenizer.entries([text])
    spans = tokenizer.spans(text)
    for token, entry, (start, end) in zip(tokenizer.marked(entries), entries, spans, strict=True):
        yield token or "", entry.role, start, end


def _added(total: _Counts, numbers: NDArray[np.int64], values: NDArray[np.float64]) -> _Counts:
    """Add a chunk of pairs, each with the value of its text, to counts."""
    both, places = np.unique(np.concatenate([total.numbers, numbers]), return_inverse=True)
    n = np.bincount(places, np.concatenate([total.n, np.ones(len(numbers))]), len(both))
    sums: NDArray[np.float64] = np.bincount(
        places, np.concatenate([total.sums, values]).astype(np.float64), len(both)
    ).astype(np.float64)
    return _Counts(both, n.astype(np.int64), sums)
