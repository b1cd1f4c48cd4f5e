"""Texts in several languages: a warning with the share of each, before they share word vectors.

`scripts/accuracy/mixed_languages.py` measures how often it is right.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from sentiment_transfer.base.notice import level_of_caller
from sentiment_transfer.languages.detection import (
    LANGUAGE_NAMES,
    base_code,
    guessable,
    language_shares,
)
from sentiment_transfer.model.stop_words import has_stop_words
from sentiment_transfer.text.writing_systems import letters_by_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentiment_transfer.text import Tokenizer

__all__ = ["MixedLanguagesWarning", "languages_of", "warn_of_mixed_languages"]

MIN_SHARE, MIN_TEXTS = 0.03, 20
"""Share of a sample, and texts, from which a language is named. In 16 sets of one language, at most
0.9 % of the texts look like another one."""
MIN_NAMED = 0.7
"""Share of texts that look like one of these languages: guesses of what is no language scatter."""
MIN_FOREIGN, FEWEST = 0.01, 5
"""Languages are guessed if this share of the texts, and as many texts, have few stop words."""
LONGEST = 1_000
"""Characters of a text in which letters are counted."""
_KANA = frozenset({"HIRAGANA", "KATAKANA"})
_SCRIPTS = {
    "ja": _KANA, "km": {"KHMER"}, "ko": {"HANGUL"}, "lo": {"LAO"}, "my": {"MYANMAR"},
    "th": {"THAI"}, "zh": {"CJK"},
}  # fmt: skip
"""Scripts that show a language by themselves; Chinese characters do without kana."""
MIN_LETTERS = 0.1
"""Least share of the letters of a text that are of these scripts, and most kana in Chinese."""


class MixedLanguagesWarning(UserWarning):
    """Texts to learn word vectors from are in several languages."""


def warn_of_mixed_languages(
    texts: Sequence[str], tokenizer: Tokenizer, shares: Mapping[str, float] | None = None
) -> None:
    """Warn of texts in several languages, by the result of `languages_of`, if that is known."""
    shares = languages_of(texts, tokenizer) if shares is None else shares
    if not shares:
        return
    looks = [f"{100 * x:.0f} % look {LANGUAGE_NAMES[code]} ({code})" for code, x in shares.items()]
    warnings.warn(
        f"the texts are in several languages: of a sample of {len(guessable(texts)):,} texts "
        f"{', '.join(looks[:-1])} and {looks[-1]}; all are read as {tokenizer.language_data.name}, "
        "with its word lists, and share one model. Give the texts of one language, or go on if the "
        "model is to read all of them",
        MixedLanguagesWarning,
        stacklevel=level_of_caller(),
    )


def languages_of(texts: Sequence[str], tokenizer: Tokenizer) -> dict[str, float]:
    """Return the languages of a sample of texts, if there are several, with their shares.

    Parameters
    ----------
    texts
        A sample. At most 2,000 of them are looked at; short ones are not (`guessable`).
    tokenizer
        Of the language that they should be in. Languages are guessed only if some texts lack its
        stop words or its script.

    Returns
    -------
    dict
        Share by code, the largest first, of languages with 3 % of the texts and 20 of them; empty
        if fewer than two have that, or most texts look like none of them.
    """
    sample = guessable(texts)
    if not _may_be_mixed(sample, tokenizer):
        return {}
    least = max(MIN_SHARE, MIN_TEXTS / len(sample))
    found = {
        code: round(share, 3)
        for code, share in language_shares(sample).items()
        if share >= least and code in LANGUAGE_NAMES
    }
    return found if len(found) > 1 and sum(found.values()) >= MIN_NAMED else {}


def _may_be_mixed(sample: Sequence[str], tokenizer: Tokenizer) -> bool:
    """Return whether enough texts do not show the tokenizer's language at once.

    Guessing loads 80 MB of memory in 0.7 s, and a segmenter takes longer than guessing.
    """
    code = base_code(tokenizer.language_data.code)
    if code in _SCRIPTS:
        foreign = sum(not _has_script(text, code) for text in sample)
    else:
        foreign = sum(not has_stop_words([text], tokenizer) for text in sample)
    return foreign >= max(FEWEST, MIN_FOREIGN * len(sample))


def _has_script(text: str, code: str) -> bool:
    letters = letters_by_script([text[:LONGEST]])
    least = MIN_LETTERS * letters.total()
    own, kana = (sum(letters[s] for s in scripts) for scripts in (_SCRIPTS[code], _KANA))
    return own >= least and (code != "zh" or kana < least)
