"""Whether a corpus is big, clean and close enough to pretrain on.

Texts, repeats and leaks are counted in one pass. Words, near-duplicates and languages are those of
a sample. The limits of the verdict are conventions, but for those of the divergence, which are from
``scripts/advice/corpora.py``; it also measures what is found of planted faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.corpora.closeness import Closeness, closeness
from sentiment_transfer.advice.corpora.near_duplicates import near_duplicates
from sentiment_transfer.advice.corpora.passing import pass_over, sampled_texts
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.errors import InputError
from sentiment_transfer.languages.detection import MOST_GUESSED, guessable, language_shares
from sentiment_transfer.model.inputs import as_texts
from sentiment_transfer.pretraining.bank import bank_names, general_name
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentiment_transfer.advice.corpora.passing import Passed

__all__ = ["CorpusReport", "describe_corpus"]

LENGTH_TEXTS = 5_000
"""Texts whose words are counted, from which those of all are estimated."""
COMPARED_TEXTS = 20_000
"""Texts of either kind whose words are compared; among them near-duplicates are looked for."""
LITTLE, ENOUGH = 1_000, 10_000
"""Numbers of different texts from which a corpus is small, and big."""
MOST_REPEATED, MOST_FOREIGN = 0.1, 0.1
"""Shares of repeated texts and of texts in other languages above which a corpus is not clean."""
WITHOUT_REPEATS = "list(dict.fromkeys(texts)) in Python, drop_duplicates of a pandas table"
"""How repeats are left out in Python; those in case or punctuation alone stay."""
CLOSE, FAR = 0.1, 0.2
"""Divergence in bits beyond that of two parts of the corpus: reviews and sentences about films have
up to 0.11 among themselves, films and books 0.12 to 0.18, films and goods 0.2 to 0.5."""


@dataclass(frozen=True)
class CorpusReport:
    """What a corpus of unlabelled texts is like.

    Attributes
    ----------
    n_texts, n_empty
        Number of texts, and of those that hold nothing but white space.
    n_words
        Number of words without stop words, estimated from at most 5,000 texts.
    median_words
        Words without stop words of the median text.
    repeated
        Share of texts that repeat an earlier one up to case, spaces and punctuation. Of more than a
        million different texts it is estimated.
    near_duplicates
        Share of the other texts that share most runs of three words with an earlier one, in a
        sample of at most 20,000; in all texts there are more. None without the package rensa.
    languages
        Share of texts by guessed language, of a sample of at most 2,000, the largest first.
    language
        The one that the texts were taken to be in.
    closeness
        How well the corpus knows the words of the texts to be judged, if these were given.
    n_test, leaks, leaked
        Number of test texts; of texts of the corpus that repeat one of them; and the indices of the
        test texts that are repeated.

    Examples
    --------
    >>> report = describe_corpus(["a great film", "A great film!", "", "a dull plot"])
    >>> report.n_texts, report.n_empty, round(report.repeated, 2)
    (4, 1, 0.33)
    """

    n_texts: int
    n_empty: int
    n_words: int
    median_words: int
    repeated: float
    near_duplicates: float | None
    languages: dict[str, float]
    language: str
    closeness: Closeness | None = None
    n_test: int = 0
    leaks: int = 0
    leaked: tuple[int, ...] = ()

    @property
    def n_different(self) -> int:
        """Number of different texts that are not empty."""
        return round((self.n_texts - self.n_empty) * (1 - self.repeated))

    @property
    def foreign(self) -> float:
        """Share of texts that look like another language."""
        return 1 - self.languages.get(self.language, 0.0) if self.languages else 0.0

    @property
    def size(self) -> str:
        """``"too small"``, ``"small"`` or ``"big enough"``."""
        n = self.n_different
        return "too small" if n < LITTLE else "small" if n < ENOUGH else "big enough"

    @property
    def faults(self) -> list[str]:
        """What is not clean about it, in words."""
        near = self.near_duplicates or 0.0
        found = [
            (self.leaks > 0, f"{self.leaks:,} texts repeat a test text"),
            (self.repeated > MOST_REPEATED, f"{_percent(self.repeated)} of the texts are repeats"),
            (near > MOST_REPEATED, f"at least {_percent(near)} are near-duplicates"),
            (self.foreign > MOST_FOREIGN, f"{_percent(self.foreign)} look like another language"),
            (2 * self.n_empty > self.n_texts, "most texts are empty"),
        ]
        return [fault for is_so, fault in found if is_so]

    @property
    def distance(self) -> str | None:
        """``"close"``, ``"related"`` or ``"foreign"`` to the texts to be judged, if known."""
        excess = None if self.closeness is None else self.closeness.excess
        if excess is None:
            return None
        return "close" if excess <= CLOSE else "related" if excess <= FAR else "foreign"

    @property
    def verdict(self) -> Verdict:
        """Whether the corpus is big, clean and close enough, by what, and what to do."""
        if not self.n_different:
            return Verdict("there is no text", f"{self.n_texts:,} texts", "give texts")
        found = [self.size, "not clean" if self.faults else "clean"]
        if self.distance is not None:
            found.append(f"{self.distance} to the texts to be judged")
        return Verdict(", ".join(found), "; ".join(self._evidence()), self._next_step())

    def _evidence(self) -> list[str]:
        parts = [f"{self.n_different:,} different texts of about {self.n_words:,} words"]
        parts += self.faults
        if self.near_duplicates is None:
            parts.append("near-duplicates are not counted: install sentiment-transfer[advice]")
        close = self.closeness
        if close is not None and close.excess is None:
            parts.append("there are too few words to compare with the texts to be judged")
        elif close is not None:
            parts.append(
                f"the words diverge by {close.divergence:.2f} bits from those to be judged, and by "
                f"{close.own_divergence:.2f} within the corpus; of a text to be judged "
                f"{_percent(close.coverage)} of the words are known"
            )
        return parts

    def _next_step(self) -> str:
        if self.leaks:
            return "leave the texts out that repeat a test text, or accuracy is overestimated"
        if self.foreign > MOST_FOREIGN:
            return "leave the texts in other languages out, or name the right language"
        if self.distance == "foreign":
            return "look for a corpus of the kind to be judged, and compare their label-free scores"
        if self.size == "too small":
            return self._instead()
        if self.repeated > MOST_REPEATED:
            return f"leave repeats out: they count as evidence, and are none ({WITHOUT_REPEATS})"
        if (self.near_duplicates or 0.0) > MOST_REPEATED:
            return "leave near-duplicates out: they count as evidence, and are none"
        if self.faults:
            return "look for the missing texts: another column may hold them"
        if self.size == "small":
            return "measure whether more text would help"
        if self.distance is None and self.closeness is None:
            return "give texts of the kind to be judged, to learn whether the corpus is close"
        return "pretrain on it"

    def _instead(self) -> str:
        name = general_name(self.language)
        if name not in bank_names():
            return f"collect {LITTLE:,} texts or more"
        return f"start from the shipped model {name}, adapted to these texts, or collect more"

    def __str__(self) -> str:
        return str(self.verdict)


def describe_corpus(
    texts: Iterable[str],
    *,
    judged: Iterable[str] | None = None,
    test: Iterable[str] | None = None,
    language: str = "en",
    seed: int = 0,
) -> CorpusReport:
    """Describe a corpus of unlabelled texts: size, repeats, languages, closeness, leaks.

    Parameters
    ----------
    texts
        The corpus, iterated once. In memory are kept at most 50,000 texts, a million keys, and
        the keys of the test texts.
    judged
        Unlabelled texts of the kind to be judged; at most 20,000 are looked at.
    test
        Test texts, which must not be in the corpus.
    language
        Of the texts, with its seed words: the code of a language or a language file.
    seed
        Of the choice of the sample.

    Returns
    -------
    CorpusReport
        Of an empty corpus as well, with zeros.

    Raises
    ------
    InputError
        A text is not a ``str``, or ``judged`` holds no text.
    SettingError
        There is no such language.

    Examples
    --------
    >>> texts = ["a great film", "a dull plot", "A dull plot!"]
    >>> report = describe_corpus(texts, test=["a great film"])
    >>> report.n_texts, round(report.repeated, 2), report.leaks
    (3, 0.33, 1)
    """
    tokenizer = Tokenizer(language)
    tested = [] if test is None else as_texts(test)
    passed = pass_over(texts, tested, seed)
    lengths = [len(tokenizer(text)) for text in _some(passed.sample, LENGTH_TEXTS)]
    compared = _some(passed.sample, COMPARED_TEXTS)
    n_full = passed.n_texts - passed.n_empty
    return CorpusReport(
        passed.n_texts,
        passed.n_empty,
        round(n_full * float(np.mean(lengths))) if lengths else 0,
        round(median(lengths)) if lengths else 0,
        passed.repeated,
        near_duplicates(compared, language, seed),
        language_shares(guessable(passed.sample) or _some(passed.sample, MOST_GUESSED)),
        tokenizer.language_data.code,
        None if judged is None else _closeness(passed, judged, tokenizer, seed),
        len(tested),
        passed.leaks,
        passed.leaked,
    )


def _closeness(
    passed: Passed, judged: Iterable[str], tokenizer: Tokenizer, seed: int
) -> Closeness | None:
    others = sampled_texts(judged, COMPARED_TEXTS, seed)
    if not others:
        raise InputError("there is no text to be judged; give some, or leave judged out")
    if not passed.sample:
        return None
    return closeness(_some(passed.sample, COMPARED_TEXTS), others, tokenizer, seed)


def _some(texts: Sequence[str], n: int) -> Sequence[str]:
    """Return at most ``n`` of the texts, evenly spread."""
    if len(texts) <= n:
        return texts
    return [texts[i] for i in np.linspace(0, len(texts) - 1, n).astype(int)]


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
