"""Texts whose words a model does not know, or that are numbers: a warning with a remedy.

`scripts/accuracy/foreign_texts.py` measures how often it is right.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.notice import level_of_caller
from sentiment_transfer.errors import shown
from sentiment_transfer.languages import available_languages
from sentiment_transfer.languages.detection import (
    LANGUAGE_NAMES,
    Guess,
    guess_language,
    language_shares,
    same_language,
)
from sentiment_transfer.model.stop_words import has_stop_words
from sentiment_transfer.pretraining.bank import bank_names, general_name, language_of
from sentiment_transfer.text.writing_systems import UNSPACED, letters_by_script, segment_first

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining import WordVectors
    from sentiment_transfer.text import Tokenizer

__all__ = [
    "CoverageWatch",
    "UnknownWordsWarning",
    "other_vectors",
    "sample_of",
    "unknown_words",
    "warn_of_other_language",
    "warn_of_unknown_words",
]

MIN_COVERAGE = 0.6
"""Share of the usual coverage below which it is low. Of 20 texts of any kind in the right language
the mean was never below 0.65 of it, in another language never above 0.52."""
MIN_TEXTS = 20
"""Fewer texts are few: some words of slang or names may lower their coverage as much."""
MIN_LETTERS, MIN_LETTERS_OF_SCRIPT = 100, 4
"""Letters that few texts have together before their language is guessed, or their script named."""
HALF = 0.5
SAMPLE_TEXTS = 200
"""Texts whose language is guessed."""
MIN_OTHER = 0.8
"""Share of texts that look like another language than the tokenizer's before that is said."""
FREQUENT_WORDS = 1_000
"""Words that show which scripts a model knows."""


class UnknownWordsWarning(UserWarning):
    """A model knows few words of texts, or they are not in the language of its tokenizer."""


def warn_of_unknown_words(
    texts: Sequence[str],
    coverage: NDArray[np.float64],
    vectors: WordVectors,
    usual: float | None,
) -> bool:
    """Warn if `unknown_words` has a message; return whether it has."""
    message = unknown_words(texts, coverage, vectors, usual)
    if message is not None:
        warnings.warn(message, UnknownWordsWarning, stacklevel=level_of_caller())
    return message is not None


def unknown_words(
    texts: Sequence[str],
    coverage: NDArray[np.float64],
    vectors: WordVectors,
    usual: float | None,
) -> str | None:
    """Say how few words of texts are known, which language they look like, and what to do.

    Of 20 texts and more, say instead that most are numbers, if they are.

    Parameters
    ----------
    texts
        Any number of texts. Those without a letter do not count.
    coverage
        Share of each text's tokens that have a vector, ``(n_texts,)``.
    vectors
        The word vectors.
    usual
        Mean coverage of the texts that they were learnt from; None if it is not known.

    Returns
    -------
    None if enough words are known, and most texts are no numbers. Of fewer than 20 texts also None
    unless they look like another language, or most letters are of a script that the model does not
    know; the same if ``usual`` is None.
    """
    if len(texts) >= MIN_TEXTS and (numbers := _numbers(sample_of(texts))):
        return numbers
    limit = MIN_COVERAGE * (1.0 if usual is None else usual)
    if not len(coverage) or coverage.mean() >= limit:
        return None
    rows = [i for i, c in enumerate(coverage.tolist()) if c > 0 or any(map(str.isalpha, texts[i]))]
    if not rows or coverage[rows].mean() >= limit:
        return None
    known, sample = float(coverage[rows].mean()), sample_of([texts[i] for i in rows])
    few = len(rows) < MIN_TEXTS
    language = _other_language(sample, vectors, few=few)
    if language is None and (few or usual is None):
        return None
    these = "this text" if len(rows) == 1 else f"{len(rows):,} texts"
    compared = "" if usual is None else f" (usually {100 * usual:.0f} %)"
    looks, remedy = language or ("", _check(vectors))
    return f"the model knows {100 * known:.0f} % of the words of {these}{compared}{looks}; {remedy}"


def warn_of_other_language(texts: Sequence[str], tokenizer: Tokenizer) -> bool:
    """Warn of texts to learn word vectors from that are not in the language of the tokenizer.

    They hold few of its stop words and look like one other language, all but some of them. Fewer
    than 20 texts are not checked. Returns whether there was a warning.
    """
    sample, own = sample_of(texts), tokenizer.language_data
    if len(sample) < MIN_TEXTS or has_stop_words(sample, tokenizer) is not False:
        return False
    guess = guess_language(sample)
    if guess is None or same_language(own.code, guess.code) or guess.share < MIN_OTHER:
        return False
    remedy = "fit labels of these texts, or pass seeds=(positive, negative) of that language"
    if guess.code in available_languages():
        remedy = f"pass language={guess.code!r}"
    warnings.warn(
        f"{_looks(guess, len(sample), few=False)}, and are read as {own.name}, with its stop "
        f"words, negators and seed words; {remedy}",
        UnknownWordsWarning,
        stacklevel=level_of_caller(),
    )
    return True


def sample_of(texts: Sequence[str]) -> list[str]:
    """Return at most 200 of the texts, always the same, in their order."""
    if len(texts) <= SAMPLE_TEXTS:
        return list(texts)
    chosen = np.random.default_rng(0).choice(len(texts), SAMPLE_TEXTS, replace=False)
    return [texts[i] for i in np.sort(chosen).tolist()]


def guessed_language(texts: Sequence[str], codes: Collection[str] | None = None) -> str:
    """Return the language that most texts are taken to be in, one of ``codes``, or else English.

    By default the codes are those with a general model in the bank.
    """
    if codes is None:
        names = bank_names()
        codes = {code for code in map(language_of, names) if general_name(code) in names}
    shares = language_shares(sample_of(texts))
    return next((code for code in shares if code in codes and shares[code] > HALF), "en")


def _other_language(
    texts: Sequence[str], vectors: WordVectors, *, few: bool
) -> tuple[str, str] | None:
    """Return what texts look like and the remedy; None if they may be in the model's language."""
    scripts = letters_by_script(texts)
    known = letters_by_script(vectors.words[:FREQUENT_WORDS])
    unknown = {s: n for s, n in scripts.items() if known[s] < 0.01 * known.total()}
    other_script = scripts.total() and 2 * sum(unknown.values()) >= scripts.total()
    enough = MIN_LETTERS_OF_SCRIPT if other_script else MIN_LETTERS
    if few and scripts.total() < enough:
        return None
    guess = guess_language([" ".join(texts)] if few else texts)
    own = vectors.tokenizer.language_data.code
    if guess is None or same_language(own, guess.code) or guess.share < HALF:
        if not other_script:
            return None
        script = max(unknown, key=lambda name: unknown[name]).capitalize()
        return f"; most letters are of the script {script}", "use a model of their language"
    return f"; {_looks(guess, len(texts), few=few)}", _remedy(guess)


def _numbers(sample: Sequence[str]) -> str | None:
    """Say that most texts of a sample have digits and no letter, as in a column of prices."""
    numbers = [t for t in sample if any(map(str.isdigit, t)) and not any(map(str.isalpha, t))]
    if 2 * len(numbers) <= len(sample):
        return None
    share = 100 * len(numbers) / len(sample)
    return (
        f"{share:.0f} % of the texts are numbers, such as {shown(numbers[0])}; check that the "
        "column of the texts is the right one"
    )


def _looks(guess: Guess, n_texts: int, *, few: bool) -> str:
    """Return the clause with the language that texts look like."""
    if few:
        return f"{'it looks' if n_texts == 1 else 'they look'} {guess.name}"
    tenths = round(10 * guess.share)
    share = "nearly all" if tenths == 10 else f"about {tenths} in 10"
    of = f"of a sample of {n_texts} texts" if n_texts == SAMPLE_TEXTS else "of them"
    return f"{share} {of} look {guess.name}"


def _check(vectors: WordVectors) -> str:
    """Return the remedy for texts that look like no other language."""
    name = vectors.tokenizer.language_data.name
    return f"check that they are {name}, or pretrain on texts of this kind"


def other_vectors(code: str) -> str:
    """Say what to do about texts in a language of the package that the vectors do not know."""
    if (shipped := general_name(code)) in bank_names():
        return f"use vectors or a model of that language, such as {shipped}"
    return f"pretrain on such texts with language={code!r}"


def _remedy(guess: Guess) -> str:
    shipped = general_name(guess.code)
    if shipped in bank_names():
        return f"use a model of that language, such as {shipped}"
    known = guess.code in available_languages()
    if guess.code in UNSPACED and not known:
        return segment_first(LANGUAGE_NAMES[guess.code], guess.code)
    own = f" with language={guess.code!r}" if known else ""
    return f"use a model of that language, or pretrain on texts like these{own}"


class CoverageWatch:
    """Warns at most once of the texts of a stream that arrives in batches.

    Small batches, such as single lines that somebody types, are looked at together.
    """

    def __init__(self, vectors: WordVectors, usual: float | None) -> None:
        self._vectors = vectors
        self._usual = usual
        self._texts: list[str] = []
        self._coverage = np.zeros(0)
        self._warned = False

    def see(self, texts: Sequence[str], coverage: NDArray[np.float64]) -> None:
        """Look at a batch and its coverage, ``(n_texts,)``."""
        if self._warned:
            return
        if len(texts) < MIN_TEXTS:
            self._texts = [*self._texts, *texts][-MIN_TEXTS:]
            self._coverage = np.concatenate([self._coverage, coverage])[-MIN_TEXTS:]
            texts, coverage = self._texts, self._coverage
        self._warned = warn_of_unknown_words(texts, coverage, self._vectors, self._usual)
