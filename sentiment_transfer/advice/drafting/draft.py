"""Draft a language file from unlabelled texts and a few seed words.

Texts are read twice. With a bare file, which drops and marks nothing, word vectors are learnt, and
stop words and negators are found. With these in the file, negated words are marked, vectors are
learnt again, and more seed words are found in rounds, negated ones among them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sentiment_transfer.advice.drafting.content import bare_language, drafted_language
from sentiment_transfer.advice.drafting.evidence import FirstReading, seed_proposals
from sentiment_transfer.advice.drafting.inputs import checked_seeds, sampled_texts, whole_words
from sentiment_transfer.advice.drafting.negators import find_negators
from sentiment_transfer.advice.drafting.notes import VERY_FEW_TEXTS, notes_of
from sentiment_transfer.advice.drafting.pieces import Pieces, read_pieces
from sentiment_transfer.advice.drafting.seed_words import (
    SURELY_POLAR,
    choose_polar,
    expand_seeds,
)
from sentiment_transfer.advice.drafting.stop_words import find_stop_words
from sentiment_transfer.advice.drafting.text_scores import likeness
from sentiment_transfer.base.progress_bars import shown_progress
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.languages import (
    available_languages,
    load_language,
    register_language,
)
from sentiment_transfer.model.own_vectors import quick_skipgram
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.writing_systems import SEGMENTED_BY, find_unspaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentiment_transfer.advice.drafting.evidence import Proposal
    from sentiment_transfer.advice.drafting.seed_words import Sides
    from sentiment_transfer.base.progress import Callback, OptionalCallback, Progress
    from sentiment_transfer.pretraining import WordVectors
    from sentiment_transfer.text import TokenIds

__all__ = ["PARTS", "Draft", "draft_language"]

PARTS = ("stop_words", "negators", "seeds.positive", "seeds.negative")
"""Parts of a file that are drafted."""

SEEDS, POLAR_WORDS = 60, 100
"""Seed words proposed of each side, and polar words by which negators are found."""
SEEDS_OF_FEW = 10
"""Seed words proposed of each side from few texts, which have too little evidence for more."""
EXAMINED = 1_000
"""Texts that are looked at to see whether they have spaces between words."""


@dataclass(frozen=True)
class Draft:
    """A drafted language file.

    Attributes
    ----------
    content
        Content of the file, which `check_language` accepts.
    evidence
        Why each word is in it, part by part, the surest first; and less sure seed words.
    n_texts
        How many different texts it was drafted from.
    notes
        What to look at first: few texts, seed words that they do not hold, words that were left
        out, endings and apostrophes.

    Examples
    --------
    >>> nouns, words = ("film", "cast", "plot", "held"), ("goed", "mooi", "slecht", "saai")
    >>> texts = [f"de {n} is {w}, deel {i}" for n in nouns for w in words for i in range(10)]
    >>> draft = draft_language(texts, "nl", (["goed", "mooi"], ["slecht", "saai"]), callback=None)
    >>> draft.content["language"], draft.n_texts
    ('nl', 160)
    """

    content: dict[str, Any]
    evidence: tuple[Proposal, ...]
    n_texts: int
    notes: tuple[str, ...] = ()

    def of(self, part: str) -> list[Proposal]:
        """Return the proposals of one part that are in the file: ``"negators"``.

        Parameters
        ----------
        part
            ``"stop_words"``, ``"negators"``, ``"seeds.positive"`` or ``"seeds.negative"``.

        Raises
        ------
        SettingError
            There is no such part.
        """
        if part not in PARTS:
            raise SettingError(f"part={part!r} is not allowed; it must be one of {PARTS}")
        return [one for one in self.evidence if one.part == part and one.in_file]


def draft_language(
    texts: Iterable[str],
    language: str,
    seeds: tuple[Sequence[str], Sequence[str]],
    *,
    name: str | None = None,
    segmenter: str | None = None,
    seed: int = 0,
    callback: OptionalCallback = "auto",
) -> Draft:
    """Draft the content of a language file, to be edited by hand.

    Parameters
    ----------
    texts
        Unlabelled texts, from 100 on; of more than 50,000, as many are drawn at random. Repeated
        texts count once. 2,000 are few, and 10,000 enough.
    language
        Code of the language (``"nl"``); that of a shipped language is allowed.
    seeds
        A few positive and a few negative words, five or more of each, which are frequent in such
        texts. Capitals are read as small letters, and words that the texts do not hold are left
        out, which a note says.
    name, segmenter
        Name of the language, by default its code, and of its word segmenter, if texts have no
        spaces between words.
    seed
        Seed of all random numbers.
    callback
        Called with progress; ``"auto"`` shows bars on a terminal or in a notebook, None nothing.

    Returns
    -------
    Draft
        The content of a file, with the evidence for each word.

    Raises
    ------
    InputError
        There are too few texts, one is no text, they have no spaces between words, or no seed word
        of a side occurs in them.
    SettingError
        A seed word is on both sides or is no word, or the code, the segmenter or the seed is not
        allowed.
    MissingExtraError
        The segmenter is not installed.

    Notes
    -----
    Negators are words that turn polar words beside them (`negators`); endings and prefixes that
    negate, intensifiers, words of contrast and phrases have to be added by hand.

    Examples
    --------
    >>> nouns, words = ("film", "cast", "plot", "held"), ("goed", "mooi", "slecht", "saai")
    >>> texts = [f"de {n} is {w}, deel {i}" for n in nouns for w in words for i in range(10)]
    >>> draft = draft_language(texts, "nl", (["goed", "mooi"], ["slecht", "saai"]), callback=None)
    >>> draft.n_texts, draft.content["seeds"]
    (160, {'positive': ['goed', 'mooi'], 'negative': ['slecht', 'saai']})
    """
    bare = bare_language(language, name or language, segmenter)
    given = checked_seeds(seeds)
    with shown_progress(callback) as report:
        kept = sampled_texts(texts, seed)
        return _Drafting(kept, bare, given, seed, report).draft()


class _Drafting:
    """The work on one draft."""

    def __init__(
        self,
        texts: list[str],
        bare: dict[str, Any],
        given: tuple[list[str], list[str]],
        seed: int,
        report: Callback | None,
    ) -> None:
        self._texts, self._bare, self._given = texts, bare, given
        self._seed, self._report = seed, report

    def draft(self) -> Draft:
        """Read the texts twice, and return what was found."""
        reference = register_language(self._bare)
        tokenizer = Tokenizer(reference)
        self._require_spaces()
        typed, self._given = self._given, whole_words(self._given, tokenizer)
        vectors, _ = self._pretrained(reference, "first reading")
        pieces = read_pieces(self._texts, tokenizer, vectors.vocabulary)
        self._notes = list(self._notes_on_seeds(typed, pieces))
        given = self._known(pieces)
        positive, negative = ([vectors.words[word] for word in side] for side in given)
        self._given = positive, negative
        alike = likeness(pieces, [*given[0], *given[1]])
        seeds, scores, _ = expand_seeds(vectors.matrix, pieces, alike, given, SEEDS, set())
        *polar, _ = choose_polar(scores, alike, given, POLAR_WORDS, set())
        turning, near = find_negators(scores, *polar)
        kept = {one.word for one in (*turning, *near)} | {word for side in seeds for word in side}
        dropped, frequent = find_stop_words(scores, vectors.matrix, alike, kept, self._seed)
        first = FirstReading(scores, alike, turning, dropped, near, frequent)
        return self._with_marked_words(first)

    def _with_marked_words(self, first: FirstReading) -> Draft:
        """Read the texts again with stop words and negators, and find more seed words."""
        content = self._content(first, self._given)
        vectors, ids = self._pretrained(register_language(content), "second reading")
        pieces = Pieces(vectors.vocabulary, ids, content["scope"]["marker"])
        given = self._known(pieces)
        alike = first.likeness_of(vectors.vocabulary, pieces.marker)
        negators = set(vectors.vocabulary.encode(first.negators))
        few = SEEDS_OF_FEW + max(map(len, given))
        most = SEEDS if len(self._texts) >= VERY_FEW_TEXTS else few
        seeds, scores, value = expand_seeds(
            vectors.matrix, pieces, alike, given, most, negators, SURELY_POLAR
        )
        found = [
            _new_words(side, own, vectors, pieces.marker)
            for side, own in zip(seeds, given, strict=True)
        ]
        *wider, _ = choose_polar(scores, alike, given, SEEDS, negators)
        sure = {word for side in (*seeds, *given) for word in side}
        left_out = [[word for word in side if word not in sure] for side in wider]
        words = [[vectors.words[word] for word in side] for side in found]
        content = self._content(first, self._given, words)
        more = tuple(seed_proposals(vectors, scores, value, given, found, left_out))
        notes = notes_of(first, [one for one in more if not one.in_file])
        evidence = (*first.proposals(), *more)
        return Draft(content, evidence, len(self._texts), (*self._notes, *notes))

    def _notes_on_seeds(self, typed: tuple[list[str], list[str]], pieces: Pieces) -> Iterator[str]:
        """Yield notes on seed words that were changed, or that the texts do not hold."""
        given = {word for side in self._given for word in side}
        changed = [word for side in typed for word in side if word not in given]
        if changed:
            listed = ", ".join(map(repr, changed))
            yield f"seed words are used in lower case, and without punctuation: {listed}"
        known = pieces.vocabulary
        unknown = [word for side in self._given for word in side if word not in known]
        if unknown:
            listed = ", ".join(map(repr, unknown))
            yield f"seed words left out, which too few texts hold (perhaps misspelt): {listed}"

    def _content(
        self,
        first: FirstReading,
        given: tuple[list[str], list[str]],
        found: Sequence[Sequence[str]] = ((), ()),
    ) -> dict[str, Any]:
        """Return the content of the file with the given seed words, and those that were found."""
        n = f"{len(self._texts):,} texts"
        listed = "; ".join(", ".join(side) for side in given)
        return drafted_language(
            self._bare,
            sources={
                "stop_words": f"drafted from {n}: frequent, spread evenly, without polarity",
                "negators": f"drafted from {n}: they turn polar words beside them",
                "seeds": f"drafted from {n} by word vectors, from {listed}"[:2_000],
            },
            stop_words=first.stop_words,
            negators=first.negators,
            seeds=([*given[0], *found[0]], [*given[1], *found[1]]),
        )

    def _pretrained(self, reference: str, stage: str) -> tuple[WordVectors, TokenIds]:
        def report(progress: Progress) -> None:
            if self._report is not None:
                self._report(replace(progress, stage=stage))

        skipgram = quick_skipgram(self._texts, reference, self._seed)
        skipgram.fit(self._texts, callback=report)
        return skipgram.vectors_, skipgram.corpus_

    def _require_spaces(self) -> None:
        """Raise ``InputError`` for texts without spaces between words, and no segmenter."""
        found = find_unspaced(self._texts[:EXAMINED])
        if found is None or self._bare["segmenter"] is not None:
            return
        if found.code in available_languages():
            action = f"give segmenter={load_language(found.code).segmenter!r}"
        else:
            package = SEGMENTED_BY.get(found.code, "a segmenter")
            action = (
                f"the package has no segmenter for {found.name}: put spaces between the words "
                f"first, with {package}, also in texts to predict"
            )
        raise InputError(f"the texts are in {found.name}, without spaces between words; {action}")

    def _known(self, pieces: Pieces) -> Sides:
        """Return the ids of the given seed words; raises ``InputError`` if a side has none."""
        for side, words in zip(("positive", "negative"), self._given, strict=True):
            if not any(word in pieces.vocabulary for word in words):
                listed = ", ".join(map(repr, words[:5]))
                raise InputError(
                    f"the texts hold none of the {side} seed words ({listed}) often enough; give "
                    "words that are frequent in them"
                )
        positive, negative = map(pieces.vocabulary.encode, self._given)
        return positive, negative


def _new_words(side: list[int], given: list[int], vectors: WordVectors, marker: str) -> list[int]:
    """Return the words that were not given; of a word and its negation on one side, the word."""
    listed = {vectors.words[word] for word in side}
    return [
        word
        for word in side
        if word not in given
        and not (
            vectors.words[word].startswith(marker)
            and vectors.words[word].removeprefix(marker) in listed
        )
    ]
