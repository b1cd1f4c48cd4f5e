"""Tokenizer: splits texts, drops stop words, keeps negators and marks the words they negate.

This is the readable form of `scanner_numba`, which does the same to whole corpora.

``"I didn't like it, but the ending was not very good!"`` becomes
``like`` negated, ``but``, ``ending``, ``good`` negated and ``!``:
``["not", "not_like", "but", "ending", "not", "very", "not_good", "!"]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import regex

from sentiment_transfer.base.estimator import Estimator, to_json
from sentiment_transfer.errors import InputError
from sentiment_transfer.languages import (
    Language,
    language_content,
    language_reference,
    load_language,
    register_language,
)
from sentiment_transfer.text.cuts import cutter
from sentiment_transfer.text.markup import plain, plain_spans
from sentiment_transfer.text.negation import NEGATORS, Role, negated_behind
from sentiment_transfer.text.normalise import BREAK, SYMBOL, WORD, normalise, normalised_spans
from sentiment_transfer.text.plugins import (
    found_spans,
    nltk_splitter,
    nltk_stemmer,
    segmented_spans,
    segmenter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["MAX_CHARACTERS", "MAX_WORD", "SLIPS", "Entry", "Role", "Tokenizer", "through"]

MAX_CHARACTERS = 10_000_000
"""Longest text, in characters."""

MAX_WORD = 50
"""Longest run of letters that is a word; longer runs are URLs or key mashing."""

SLIPS = frozenset(";,?")
"""Pieces that stand for the apostrophe of a contraction: typed, or (?) put for a lost character."""

_PIECE = regex.compile(
    rf"<br[ /]*>|[:;=]-?[()]|{WORD}+(?:'{{1,2}}{WORD}+)*|[!?]+|{BREAK}|{SYMBOL}", regex.VERSION1
)
_WORD = regex.compile(WORD)
_SYMBOL = regex.compile(SYMBOL, regex.VERSION1)
_ELONGATED = regex.compile(r"(\p{L})\1{2,}")


class Entry(NamedTuple):
    """A piece's role, its token, and its word before stemming; those of a BREAK are empty."""

    role: Role
    token: str
    word: str


def through(
    span: tuple[int, int], sources: list[tuple[int, int]], least: int = 0
) -> tuple[int, int]:
    """Return the span of the sources of a span's characters, from ``least`` on."""
    covered = sources[slice(*span)]
    if not covered:
        return least, least
    start = max(least, covered[0][0])
    return start, max(start, covered[-1][1])


class Tokenizer(Estimator):
    """Split a text into tokens for sentiment.

    Parameters
    ----------
    language
        Code of a language (``"en"``, ``"zh"``), or the path of a language file.
    splitter
        None for the splitter of this module, or the name of an NLTK tokenizer that needs no
        downloaded data: ``"nltk:TweetTokenizer"``, ``"nltk:WordPunctTokenizer"``,
        ``"nltk:ToktokTokenizer"``, ``"nltk:TreebankWordTokenizer"``.
    stemmer
        None, or ``"nltk:porter"``, ``"nltk:lancaster"``, ``"nltk:snowball"``.
    stop_words, mark_negation
        Whether stop words are dropped, and negated words marked.

    Raises
    ------
    SettingError
        A setting is not allowed, when a text is split.
    MissingExtraError
        The word segmenter of the language is not installed, when a text is split.

    Examples
    --------
    >>> Tokenizer("en")("The film was not very good.")
    ['film', 'not', 'very', 'not_good']
    """

    _takes_texts = True

    def __init__(
        self,
        language: str = "en",
        *,
        splitter: str | None = None,
        stemmer: str | None = None,
        stop_words: bool = True,
        mark_negation: bool = True,
    ) -> None:
        self.language = language
        self.splitter = splitter
        self.stemmer = stemmer
        self.stop_words = stop_words
        self.mark_negation = mark_negation

    @property
    def language_data(self) -> Language:
        """Stop words, negators and the other word lists of the language."""
        return load_language(self.language)

    @property
    def _segment(self) -> Callable[[str], str] | None:
        return segmenter(self.language_data.segmenter) if self.language_data.segmenter else None

    @property
    def _stem(self) -> Callable[[str], str] | None:
        return nltk_stemmer(self.stemmer, self.language_data.name) if self.stemmer else None

    def prepare(self, text: str) -> str:
        """Remove markup, normalise, and put spaces between the words of scripts that have none.

        Parameters
        ----------
        text
            Any text.

        Returns
        -------
        str
            What `pieces` takes.

        Raises
        ------
        InputError
            The text has more than 10 million characters.

        Examples
        --------
        >>> Tokenizer().prepare("A <b>DULL</b> plot")
        'a dull plot'
        """
        if len(text) > MAX_CHARACTERS:
            raise InputError(
                f"a text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are allowed "
                "(split it, or leave it out)"
            )
        return self._spaced(normalise(plain(text)))

    def _spaced(self, text: str) -> str:
        """Put spaces between the words of a normalised text, and at the cuts of the language."""
        if not text.isascii() and self._segment is not None:
            text = self._segment(text)
        cuts = self.language_data.cuts
        return cutter(cuts)(text) if cuts else text

    def pieces(self, text: str) -> list[str]:
        """Split a prepared text into words, marks, emoji and breaks, in order.

        Parameters
        ----------
        text
            What `prepare` returned.

        Returns
        -------
        list of str
            In order; joined they need not be the text.

        Examples
        --------
        >>> Tokenizer().pieces("a dull, dull plot!")
        ['a', 'dull', ',', 'dull', 'plot', '!']
        """
        pieces = self._split(text)
        if self.language_data.negator_endings.isdisjoint(pieces):
            return pieces
        bounds = self._contractions(pieces)
        return [pieces[i] if i == j else pieces[i] + pieces[j] for i, j in bounds]

    def _split(self, text: str) -> list[str]:
        split = nltk_splitter(self.splitter) if self.splitter else _PIECE.findall
        return split(text)

    def _contractions(self, pieces: list[str]) -> Iterator[tuple[int, int]]:
        """Yield first and last place of each contraction (``don``, ``?``, ``t``) or other piece."""
        known = self.language_data
        padded = [*pieces, "", ""]
        first = 0
        while first < len(pieces):
            last = first + 2 if padded[first + 1] in SLIPS else first + 1
            is_ending = padded[last] in known.negator_endings
            if not is_ending or padded[first] + padded[last] not in known.negators:
                last = first
            yield first, last
            first = last + 1

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the span of each piece of a text, prepared here: ``text[start:end]`` as given.

        Spans rise and do not overlap. Of pieces that come from one character the first has it, and
        the others have what is left of their span, which may be empty.

        Parameters
        ----------
        text
            As given, not prepared.

        Returns
        -------
        list of (int, int)
            Start and end of each piece.

        Examples
        --------
        >>> text = "GREAT… café!!"
        >>> [text[start:end] for start, end in Tokenizer().spans(text)]
        ['GREAT', '…', '', '', 'café', '!!']
        """
        prepared = self.prepare(text)
        sources = plain_spans(text)
        text = plain(text)
        sources = [through(span, sources) for span in normalised_spans(text)]
        if (normalised := normalise(text)) != prepared:
            segments = segmented_spans(normalised, prepared)
            sources = [through(span, sources) for span in segments]
        pieces = self._split(prepared)
        found = found_spans(pieces, prepared)
        spans: list[tuple[int, int]] = []
        end = 0
        for first, last in self._contractions(pieces):
            start, end = through((found[first][0], found[last][1]), sources, least=end)
            spans.append((start, end))
        return spans

    def entry(self, piece: str) -> Entry:
        """Return role and token of a piece. Depends on the piece alone, so it can be cached.

        Parameters
        ----------
        piece
            One of `pieces`.
        """
        if piece[0] in ":;=" and piece[-1] in "()" and len(piece) <= 3:
            return self._entry(Role.CONTRAST, piece[0] + piece[-1])
        if piece[0] in "!?":
            return self._entry(Role.CONTRAST, "?" if "?" in piece else "!")
        if not _WORD.match(piece):
            is_symbol = _SYMBOL.fullmatch(piece)
            return self._entry(*((Role.CONTRAST, piece) if is_symbol else (Role.BREAK, "")))
        if _ELONGATED.search(piece):
            piece = _ELONGATED.sub(r"\1\1", piece)
        return self._entry(*self._word_role(piece))

    def _entry(self, role: Role, word: str) -> Entry:
        return Entry(role, self._stem(word) if self._stem and role == Role.WORD else word, word)

    def _word_role(self, word: str) -> tuple[Role, str]:
        known = self.language_data
        if "'" in word:
            word = word.replace("''", "'")
            stem, _, ending = word.rpartition("'")
            if ending in known.clitics or (
                ending in known.negator_endings and stem in known.negators
            ):
                word = stem  # of don't's and dont't
            if word not in known.negators and word.replace("'", "") in known.negators:
                word = word.replace("'", "")  # did'nt
        if word in known.negators:
            return self._negator(known.negators[word])
        if known.negator_suffix and word.endswith(known.negator_suffix):
            return self._negator("not")
        if len(word) > MAX_WORD:
            return Role.BREAK, ""
        for role, words in (
            (Role.CANCEL, known.cancels),
            (Role.INTENSIFIER, known.intensifiers),
            (Role.CONTRAST, known.contrast),
            (Role.STOP, known.stop_words),
        ):
            if word in words:
                return role, word
        token = known.negator_by_affix(word)
        return (Role.WORD, word) if token is None else self._negator(token)

    def _negator(self, token: str) -> tuple[Role, str]:
        """Return the role of a negator, by the side on which its word stands, and its token."""
        known = self.language_data
        if token in known.after:
            return Role.NEGATOR_AFTER, token
        return (Role.NEGATOR_AROUND if token in known.around else Role.NEGATOR), token

    def tokens(self, entries: Iterable[Entry]) -> list[str]:
        """Drop stop words and mark negated words.

        A negator reaches the first plain word after it, at most ``window`` words on; stop words
        and intensifiers are skipped, contrast and punctuation end its reach, and a cancelling word
        directly after it undoes it. Some negators reach back: see `negated_behind`.

        Parameters
        ----------
        entries
            The `entry` of each piece of a text.

        Returns
        -------
        list of str
            In order.
        """
        return [token for token in self.marked(entries) if token is not None]

    def entries(self, texts: Iterable[str]) -> list[list[Entry]]:
        """Return the entries of the pieces of each text.

        Parameters
        ----------
        texts
            As given, not prepared.
        """
        return [[self.entry(piece) for piece in self.pieces(self.prepare(text))] for text in texts]

    def aligned(self, text: str) -> list[tuple[str, str | None]]:
        """Return each piece of a text with its token, or None for a piece that was dropped.

        Parameters
        ----------
        text
            Any text.

        Returns
        -------
        list of (str, str or None)
            In order.

        Examples
        --------
        >>> Tokenizer().aligned("not the best")
        [('not', 'not'), ('the', None), ('best', 'not_best')]
        """
        pieces = self.pieces(self.prepare(text))
        return list(zip(pieces, self.marked(map(self.entry, pieces)), strict=True))

    def marked(self, entries: Iterable[Entry]) -> Iterator[str | None]:
        """Yield the token of each entry, or None where it is dropped.

        Parameters
        ----------
        entries
            The `entry` of each piece of a text.
        """
        known, entries = self.language_data, list(entries)
        marker, window = known.marker if self.mark_negation else "", known.window
        behind = self._negated_behind(entries) if known.after or known.around else ()
        reach = 0
        for place, (role, token, _) in enumerate(entries):
            if role == Role.BREAK or (role == Role.STOP and self.stop_words):
                yield None
            else:
                is_negated = role == Role.WORD and (reach > 0 or place in behind)
                yield marker + token if is_negated else token
            if role in NEGATORS:
                reach = 0 if role == Role.NEGATOR_AFTER else window
            else:
                reach = reach - 1 if role in (Role.STOP, Role.INTENSIFIER) else 0

    def _negated_behind(self, entries: list[Entry]) -> frozenset[int]:
        """Return the places of the words that a negator behind them negates."""
        known, n = self.language_data, len(entries)
        roles = np.array([entry.role for entry in entries], np.uint8)
        negated = np.zeros(n, np.bool_)
        negated_behind(roles, np.array([0, n]), known.window, known.window_back, negated)
        return frozenset(np.flatnonzero(negated).tolist())

    def describe(self) -> dict[str, Any]:
        """Return parameters and language version, for a model file.

        The content of a language that does not ship with the package is included.
        """
        reference = language_reference(self.language)
        description: dict[str, Any] = to_json(self.get_params()) | {"language": reference}
        description["language_version"] = load_language(reference).version
        content = language_content(reference)
        return description if content is None else description | {"language_data": content}

    def with_own_language(self) -> Tokenizer:
        """Return a tokenizer that keeps its language as it is now if the file is edited."""
        reference = language_reference(self.language)
        if reference == self.language:
            return self
        return type(self)(**(self.get_params() | {"language": reference}))

    def __getstate__(self) -> dict[str, Any]:
        """Return the parameters, and the content of a language that does not ship."""
        content = language_content(self.language)
        return self.__dict__ if content is None else self.__dict__ | {"_content": content}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Set the parameters, and make the language known to this process."""
        parameters = dict(state)
        content = parameters.pop("_content", None)
        if content is not None and language_content(parameters["language"]) is None:
            register_language(content)
        self.__dict__.update(parameters)

    def __call__(self, text: str) -> list[str]:
        """Return the tokens of one text; an empty text has none."""
        return self.tokens(*self.entries([text]))
