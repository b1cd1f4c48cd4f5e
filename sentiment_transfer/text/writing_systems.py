"""Scripts that texts are written in, and texts without spaces between words."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import regex

from sentiment_transfer.errors import InputError
from sentiment_transfer.languages import available_languages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = [
    "UNSPACED",
    "Unspaced",
    "find_unspaced",
    "letters_by_script",
    "require_spaces",
    "segment_first",
]

MIN_SHARE = 0.8
"""Least share of letters in scripts without spaces: a corpus with some foreign texts is not one."""
MIN_RUN = 5.0
"""Least mean number of such letters in a row. Segmented Chinese has 1.6, Japanese 2, Thai 4."""
MIN_LETTERS = 20
"""Fewer letters in total are no evidence."""
MIN_KANA = 0.1
"""Least share of kana in Japanese; Chinese texts have a few as decoration."""
LONGEST = 1_000
"""Characters of a text that are looked at."""

_UNSPACED = {
    "CJK": ("Chinese", "zh"),
    "HIRAGANA": ("Japanese", "ja"),
    "KATAKANA": ("Japanese", "ja"),
    "THAI": ("Thai", "th"),
    "LAO": ("Lao", "lo"),
    "KHMER": ("Khmer", "km"),
    "MYANMAR": ("Burmese", "my"),
}
SEGMENTED_BY = {
    "ja": "fugashi",
    "th": "pythainlp",
    "lo": "laonlp",
    "km": "khmer-nltk",
    "my": "pyidaungsu",
}
"""Packages that put spaces between the words of a language."""
UNSPACED = frozenset(code for _, code in _UNSPACED.values())
"""Codes of the languages that are written without spaces between words."""

_RUN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30fc\p{M}]+"
)
_WIDTHS = {"HALFWIDTH": "KATAKANA", "FULLWIDTH": "LATIN", "KATAKANA-HIRAGANA": "KATAKANA"}


class Unspaced(NamedTuple):
    """The language that texts without spaces are in, and the share of letters in its scripts."""

    name: str
    code: str
    share: float


def letters_by_script(texts: Iterable[str]) -> Counter[str]:
    """Count the letters of texts by script, named as in Unicode: ``LATIN``, ``CJK``, ``HANGUL``.

    Of each text the first 1,000 characters are counted.

    Examples
    --------
    >>> letters_by_script(["Так и OK!", ""])
    Counter({'CYRILLIC': 4, 'LATIN': 2})
    """
    characters: Counter[str] = Counter()
    for text in texts:
        characters.update(text[:LONGEST])
    scripts: Counter[str] = Counter()
    for character, n in characters.items():
        if character.isalpha():
            script = unicodedata.name(character, "UNKNOWN").partition(" ")[0]
            scripts[_WIDTHS.get(script, script)] += n
    return scripts


def find_unspaced(texts: Sequence[str]) -> Unspaced | None:
    """Return the language of texts that have no spaces between words; None for all others.

    Texts have none if nearly all letters are in scripts that are written without spaces, in long
    runs; segmented texts, with spaces between words, have short ones.
    """
    scripts = letters_by_script(texts)
    unspaced = {script: n for script, n in scripts.items() if script in _UNSPACED}
    n_letters, total = sum(unspaced.values()), sum(scripts.values())
    if n_letters < MIN_LETTERS or n_letters < MIN_SHARE * total:
        return None
    runs = [len(run) for text in texts for run in _RUN.findall(text[:LONGEST])]
    if sum(runs) < MIN_RUN * len(runs):
        return None
    return Unspaced(*_language_of(unspaced), n_letters / total)


def _language_of(letters: Mapping[str, int]) -> tuple[str, str]:
    """Return name and code of the language that these scripts are used for."""
    kana = letters.get("HIRAGANA", 0) + letters.get("KATAKANA", 0)
    if kana >= MIN_KANA * sum(letters.values()):
        return _UNSPACED["HIRAGANA"]
    return _UNSPACED[max(letters, key=lambda script: letters[script])]


def segment_first(name: str, code: str) -> str:
    """Say what is missing for a language without spaces, and what to do."""
    return (
        f"the package has no segmenter for {name}: put spaces between the words first, with "
        f"{SEGMENTED_BY.get(code, 'a segmenter')}, and give a language file of its words"
    )


def _name_language(code: str) -> str:
    return f"pass language={code!r}"


def require_spaces(
    texts: Sequence[str], tokenizer: Tokenizer, remedy: Callable[[str], str] = _name_language
) -> None:
    """Raise ``InputError`` if texts have no spaces between words and the tokenizer needs them.

    ``texts`` may be a sample. A tokenizer with a splitter of its own needs none, and neither do
    texts of the tokenizer's language if that has a segmenter. ``remedy`` returns what to do about
    texts of another language of the package, by its code.
    """
    if tokenizer.splitter:
        return
    found, known = find_unspaced(texts), tokenizer.language_data
    if found is None or (found.code == known.code and known.segmenter):
        return
    action = segment_first(found.name, found.code)
    if found.code in available_languages():
        action = remedy(found.code)
    raise InputError(
        f"the texts are in {found.name} ({100 * found.share:.0f} % of the letters), without spaces "
        f"between words, which language={str(tokenizer.language)!r} needs; {action}"
    )
