"""Phrases that a bag of words reads the wrong way round: the grammar of a language at work.

The vector of ``not_bad`` is as bad as that of ``bad``, because they stand in the same texts. So the
patterns of the language's file (`languages.grammar`) replace tokens before a text is scored: of
``not bad at all`` one token is left, that of ``solid``; and words before a *but* get less weight.

Each piece has a symbol, which stands for the classes of words that it is in. Symbols depend on the
language alone, so a reader looks up each distinct piece once, and texts without a piece that
begins a pattern keep their tokens as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from sentiment_transfer.text.grammar_match import (
    ANY_CLASS,
    BREAK_CLASS,
    GAP,
    LONGEST,
    NO_TOKEN,
    STOP_CLASS,
    UNKNOWN,
    Patterns,
    rewrite,
)
from sentiment_transfer.text.grammar_match import mend as mend_few
from sentiment_transfer.text.scanner import prepare_signs
from sentiment_transfer.text.signs import expanded, expanded_spans
from sentiment_transfer.text.tokenizer import Role, through
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.languages.grammar import GrammarRules, Pattern
    from sentiment_transfer.text.scanner import Scan
    from sentiment_transfer.text.tokenizer import Entry, Tokenizer
    from sentiment_transfer.text.vocabulary import Vocabulary

    Ids = NDArray[np.int32]

__all__ = ["Grammar", "Known", "Mended"]

_ELONGATED = regex.compile(r"(\p{L})\1{2,}|^(\p{Han})\2+$")
_DOUBLE = regex.compile(r"(\p{L})\1")
_MOST_DOUBLES = 4
_ALWAYS = {"<break>": BREAK_CLASS, "<stop>": STOP_CLASS, "<any>": ANY_CLASS}
_SENTENCE_ENDS = frozenset(".!?。！？")


class Mended(NamedTuple):
    """The pieces of texts after the grammar.

    Attributes
    ----------
    rows
        Row of each piece's token, or one of `grammar_match`'s ``UNKNOWN`` and ``NO_TOKEN``.
    weights
        Weight of each piece's token, float32; 1 where no pattern applies.
    matches
        First piece of the match that a piece belongs to, -1 for none.
    """

    rows: Ids
    weights: NDArray[np.float32]
    matches: Ids


class Known(NamedTuple):
    """What a grammar knows of pieces.

    Attributes
    ----------
    symbols
        Symbol of each piece, int32.
    plain
        Row of the plain form of an elongated piece, -1 for others; int32.
    begins
        Whether a pattern can begin with it.
    """

    symbols: Ids
    plain: Ids
    begins: NDArray[np.bool_]


class Grammar:
    """The grammar of a tokenizer's language over a vocabulary. Immutable, so threads may share it.

    A pattern whose meaning has no word in the vocabulary is left out.
    """

    def __init__(self, rules: GrammarRules, tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
        self._tokenizer = tokenizer
        self._index = vocabulary.index
        self._classes = dict(_ALWAYS)
        self._words: dict[str, set[int]] = {}
        for name, words in rules.classes.items():
            self._add_class(f"<{name}>", words)
        self._patterns = self._compiled(rules)

    def plain_form(self, piece: str, word: str) -> str:
        """Return the known plain form of an elongated piece (``sooo``), else its word."""
        if word in self._index or word in self._words or not _ELONGATED.search(piece):
            return word
        ends = [match.end() for match in _DOUBLE.finditer(word)][-_MOST_DOUBLES:]
        shorter = [word]
        for end in reversed(ends):
            shorter += [form[: end - 1] + form[end:] for form in shorter]
        known = [form for form in shorter if form in self._index or form in self._words]
        return min(known, key=lambda form: self._index.get(form, len(self._index)), default=word)

    def symbol(self, piece: str, entry: Entry) -> int:
        """Return the symbol of a piece."""
        kind = 0
        if entry.role in (Role.BREAK, Role.CONTRAST):
            kind = 2 if piece[0] in _SENTENCE_ENDS else 1
        return self._symbols[self._words_of(self.plain_form(piece, entry.word)), kind]

    def plain_row(self, piece: str, entry: Entry) -> int:
        """Return the row of the plain form of an elongated piece; -1 for any other."""
        form = self.plain_form(piece, entry.word)
        return -1 if form == entry.word else self._index.get(form, -1)

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of one text, with emoji for emoticons and words for hashtags."""
        return self._tokenizer.pieces(prepare_signs(self._tokenizer, text))

    def read(self, text: str) -> tuple[list[Entry], Mended]:
        """Return the entries of a text's `pieces`, and their tokens after the grammar."""
        pieces = self.pieces(text)
        entries = [self._tokenizer.entry(piece) for piece in pieces]
        read = list(zip(pieces, entries, strict=True))
        tokens = list(self._tokenizer.marked(entries))
        rows = np.array([self._index.get(token or "", UNKNOWN) for token in tokens], np.int32)
        symbols, plain, _ = self.known(read)
        rows = np.where(rows == UNKNOWN, plain, rows)
        rows[[token is None for token in tokens]] = NO_TOKEN
        mended = Mended(rows, np.ones(len(rows), np.float32), np.full(len(rows), -1, np.int32))
        scratch = np.empty(LONGEST, np.int32)
        rewrite(symbols, np.array([0, len(read)]), self._patterns, *mended, scratch)
        return entries, mended

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the span of each of a text's `pieces`, as `Tokenizer.spans`.

        Neighbouring pieces of one match are shown as one: the first has the span of all.

        >>> from sentiment_transfer import load
        >>> text = "Not bad :-D"
        >>> [text[start:end] for start, end in load("reviews-en").encoder_.spans(text)]
        ['Not bad', '', ':-D']
        """
        sources = expanded_spans(text)
        spans = [through(span, sources) for span in self._tokenizer.spans(expanded(text))]
        matches = self.read(text)[1].matches.tolist()
        first = 0
        for i in range(1, len(spans)):
            if matches[i] >= 0 and matches[i] == matches[i - 1]:
                spans[first] = spans[first][0], spans[i][1]
                spans[i] = spans[i][1], spans[i][1]
            else:
                first = i
        return spans

    def mend(
        self, scan: Scan, rows: TokenIds, known: Known, *, few: bool
    ) -> tuple[TokenIds, NDArray[np.float32]]:
        """Apply the patterns to scanned texts; ``few`` texts do not wait for numba.

        ``rows`` are those of the tokens. Returns the rows of the tokens that are left, and their
        weights.
        """
        mend = mend_few
        if not few:
            from sentiment_transfer.text.grammar_numba import mend
        pieces, offsets = scan.pieces.ids, scan.pieces.offsets
        left, weights = np.empty(len(pieces), np.int32), np.empty(len(pieces), np.float32)
        kept = np.zeros(len(offsets), np.int64)
        tokens = rows.ids, rows.offsets, scan.places
        n = mend(pieces, offsets, *tokens, known, self._patterns, left, weights, kept)
        return TokenIds(left[:n], kept), weights[:n]

    def known(self, pieces: list[tuple[str, Entry]]) -> Known:
        """Look up pieces with their entries."""
        symbols = np.array([self.symbol(*piece) for piece in pieces], np.int32)
        plain = np.array([self.plain_row(*piece) for piece in pieces], np.int32)
        of_symbol = self._patterns.of_symbol
        return Known(symbols, plain, of_symbol[symbols] < of_symbol[symbols + 1])

    def tables(self) -> tuple[list[list[str]], Patterns]:
        """Return the words by group, and the patterns, as another program needs them.

        The symbol of a word of group ``g`` is ``3 g``, and ``3 g + 1`` or ``3 g + 2`` for a piece
        that ends a clause or a sentence; all words that are not listed are of group 0.
        """
        groups: list[list[str]] = [[] for _ in range(len(self._symbols) // 3)]
        for word, classes in self._words.items():
            groups[self._symbols[frozenset(classes), 0] // 3].append(word)
        return groups, self._patterns

    def _words_of(self, word: str) -> frozenset[int]:
        return frozenset(self._words.get(word, ()))

    def _add_class(self, name: str, words: Mapping[str, object] | frozenset[str]) -> int:
        if name not in self._classes:
            number = self._classes[name] = len(self._classes)
            for word in words:
                self._words.setdefault(word, set()).add(number)
        return self._classes[name]

    def _class_of(self, words: str) -> int:
        if words in self._classes:
            return self._classes[words]
        return self._add_class(words, frozenset(words.split("/")))

    def _row_of(self, rules: GrammarRules, means: str | None) -> int | None:
        """Return the row of a value; None if no word of it has a vector."""
        if means is None:
            return NO_TOKEN
        known = (self._index[word] for word in rules.values[means] if word in self._index)
        return next(known, None)

    def _compiled(self, rules: GrammarRules) -> Patterns:
        """Return the patterns as arrays, and set the symbols."""
        elements: list[tuple[int, ...]] = []
        begins, outcomes, weights, firsts = [0], [], [], []
        for pattern in rules.patterns:
            value = self._row_of(rules, pattern.means)
            if value is None:
                continue
            elements += self._elements(pattern)
            firsts.append(elements[begins[-1]][0])
            begins.append(len(elements))
            muted = -1 if pattern.mutes is None else self._classes[pattern.mutes]
            second = -1
            if pattern.elements[0].most == 1 and pattern.elements[1:] and pattern.elements[1].least:
                second = elements[begins[-2] + 1][0]
            outcomes.append((value, muted, pattern.begins_clause, second))
            weights.append(1.0 if pattern.before is None else pattern.before)
        member = self._membership()
        possible = [np.flatnonzero(member[symbol, firsts]) for symbol in range(len(member))]
        return Patterns(
            member,
            np.concatenate([np.zeros(0, np.intp), *possible]).astype(np.int32),
            np.cumsum([0, *map(len, possible)], dtype=np.int32),
            np.array(elements, np.int32).reshape(-1, 5),
            np.array(begins, np.int32),
            np.array(outcomes, np.int32).reshape(-1, 4),
            np.array(weights, np.float32),
        )

    def _elements(self, pattern: Pattern) -> list[tuple[int, ...]]:
        return [
            (
                GAP if element.words is None else self._class_of(element.words),
                element.least,
                element.most,
                element.kept,
                element.unknown,
            )
            for element in pattern.elements
        ]

    def _membership(self) -> NDArray[np.bool_]:
        """Number the symbols; return whether each is of each class."""
        groups = sorted({self._words_of(word) for word in ["", *self._words]}, key=sorted)
        kinds = ((ANY_CLASS,), (BREAK_CLASS,), (BREAK_CLASS, STOP_CLASS))
        self._symbols = {
            (group, kind): len(kinds) * i + kind
            for i, group in enumerate(groups)
            for kind in range(len(kinds))
        }
        member = np.zeros((len(self._symbols), len(self._classes)), np.bool_)
        for (group, kind), symbol in self._symbols.items():
            member[symbol, list(group)] = True
            member[symbol, list(kinds[kind])] = True
        return member
