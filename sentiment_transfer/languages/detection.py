"""Which language texts look like, guessed offline by py3langid.

py3langid is optional at run time: where it is missing, no language is named. Its model takes 0.7 s
to load, so it is imported when texts look unfamiliar, and not before.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LANGUAGE_NAMES",
    "MOST_GUESSED",
    "Guess",
    "base_code",
    "guess_language",
    "guessable",
    "language_shares",
    "same_language",
]

LONGEST = 500
"""Characters of a text that are looked at."""
LEAST_LETTERS = 20
"""Letters of a text, in bytes of UTF-8, from which its guess is reliable: 20 Latin letters or 7
Chinese ones. Of 16 sets in one language, 99 % and more of such texts are guessed right; but of
Indonesian ones 95 %, as 4 % look Malay."""
MOST_GUESSED = 2_000
"""Texts of a corpus that are guessed, which takes up to a second."""

LANGUAGE_NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic",
    "it": "Italian", "ja": "Japanese", "jv": "Javanese", "ka": "Georgian", "kk": "Kazakh",
    "km": "Khmer", "kn": "Kannada", "ko": "Korean", "lo": "Lao", "lt": "Lithuanian",
    "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
    "ms": "Malay", "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian",
    "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""English names of languages by their ISO 639-1 codes; rarer ones are never guessed."""

_SAME = {"yue": "zh", "wuu": "zh", "nn": "no", "nb": "no"}
_CLOSE = (
    {"id", "ms", "jv"}, {"nl", "af"}, {"da", "no", "sv"}, {"cs", "sk"}, {"bs", "hr", "sl", "sr"},
    {"bg", "mk"}, {"be", "ru", "uk"}, {"es", "gl", "ca"}, {"pt", "gl"}, {"hi", "mr", "ne"},
)  # fmt: skip
"""Languages that are taken for each other: of Indonesian texts, 4 % look Malay."""
LEAST_OF_CLOSE = 0.2
"""Share of the texts of a close language from which a language is one of its own, and no error."""


class Guess(NamedTuple):
    """The language that most texts look like, and the share of the texts that do."""

    code: str
    share: float

    @property
    def name(self) -> str:
        """Return the language as a message shows it: ``French (fr)``."""
        return f"{LANGUAGE_NAMES[self.code]} ({self.code})"


def base_code(code: str) -> str:
    """Return a code without its region, as guesses have it.

    >>> base_code("pt-BR"), base_code("nb"), base_code("zh-TW")
    ('pt', 'no', 'zh')
    """
    base = code.partition("-")[0]
    return _SAME.get(base, base)


def same_language(one: str, other: str) -> bool:
    """Return whether two codes are of one language, perhaps of different regions."""
    return base_code(one) == base_code(other)


def _guesses(texts: Sequence[str]) -> Counter[str]:
    """Count the texts by the language that each looks like; empty without py3langid."""
    try:
        from py3langid import classify
    except ImportError:
        return Counter()
    return Counter(base_code(classify(text[:LONGEST])[0]) for text in texts)


def guess_language(texts: Sequence[str]) -> Guess | None:
    """Guess the language of each text, and return the most frequent one.

    Of each text the first 500 characters are read: reviews of some sentences are guessed right in
    98 of 100 cases, single words often wrong. Returns None without a text, where py3langid is not
    installed, and if the most frequent guess is a language without a name here.
    """
    counts = _guesses(texts)
    if not counts:
        return None
    code, n = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return Guess(code, n / len(texts)) if code in LANGUAGE_NAMES else None


def guessable(texts: Sequence[str]) -> list[str]:
    """Return at most 2,000 of the texts of 20 letters or more, evenly spread.

    The guess of a shorter text is often wrong. Letters are counted in bytes of UTF-8: 7 Chinese
    characters are enough.
    """
    long = [text for text in texts if _n_letters(text) >= LEAST_LETTERS]
    step = max(1.0, len(long) / MOST_GUESSED)
    return [long[int(i * step)] for i in range(min(len(long), MOST_GUESSED))]


def _n_letters(text: str) -> int:
    letters = "".join(filter(str.isalpha, text[:LONGEST]))
    return len(letters.encode("utf-8", "surrogatepass"))


def language_shares(texts: Sequence[str]) -> dict[str, float]:
    """Guess the language of each text, and return the share of texts by code, largest first.

    Languages without a name in `LANGUAGE_NAMES` are counted as ``"other"``; a few texts that look
    like a close language, such as Malay among Indonesian ones, as the more frequent one. Nothing is
    returned without a text and where py3langid is not installed.
    """
    counts = Counter[str]()
    for code, n in _guesses(texts).items():
        counts[code if code in LANGUAGE_NAMES else "other"] += n
    ordered = sorted(_merged(counts).items(), key=lambda item: (-item[1], item[0]))
    return {code: n / len(texts) for code, n in ordered}


def _merged(counts: Counter[str]) -> Counter[str]:
    """Count texts of a language as those of a close one that is far more frequent.

    >>> _merged(Counter({"id": 95, "ms": 4, "jv": 1, "en": 3}))
    Counter({'id': 100, 'en': 3})
    """
    merged = Counter[str]()
    for code, n in counts.items():
        merged[_frequent(code, counts)] += n
    return merged


def _frequent(code: str, counts: Counter[str]) -> str:
    """Return the language that texts of another one count as, over several ones if need be."""
    close = {other for group in _CLOSE if code in group for other in group & counts.keys()}
    other = max(close, key=lambda each: (counts[each], each), default=code)
    return code if counts[code] >= LEAST_OF_CLOSE * counts[other] else _frequent(other, counts)
