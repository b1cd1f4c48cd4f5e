"""Which language texts look like, guessed offline by py3langid.

py3langid is optional at run time: where it is missing, no language is named. Its model takes 0.7 s
to load, so it is imported when texts look unfamiliar, and not before.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LANGUAGE_NAMES", "Guess", "guess_language", "language_shares"]

LONGEST = 500
"""Characters of a text that are looked at."""

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


class Guess(NamedTuple):
    """The language that most texts look like, and the share of the texts that do."""

    code: str
    share: float

    @property
    def name(self) -> str:
        """Return the language as a message shows it: ``French (fr)``."""
        return f"{LANGUAGE_NAMES[self.code]} ({self.code})"


def guess_language(texts: Sequence[str]) -> Guess | None:
    """Guess the language of each text, and return the most frequent one.

    Of each text the first 500 characters are read: reviews of some sentences are guessed right in
    98 of 100 cases, single words often wrong. Returns None without a text, where py3langid is not
    installed, and if the most frequent guess is a language without a name here.
    """
    try:
        from py3langid import classify
    except ImportError:
        return None
    guesses = (classify(text[:LONGEST])[0] for text in texts)
    counts = Counter(_SAME.get(code, code) for code in guesses)
    if not counts:
        return None
    code, n = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return Guess(code, n / len(texts)) if code in LANGUAGE_NAMES else None


def language_shares(texts: Sequence[str]) -> dict[str, float]:
    """Guess the language of each text, and return the share of texts by code, largest first.

    Languages without a name in `LANGUAGE_NAMES` are counted as ``"other"``. Nothing is returned
    without a text and where py3langid is not installed.
    """
    try:
        from py3langid import classify
    except ImportError:
        return {}
    guesses = (classify(text[:LONGEST])[0] for text in texts)
    named = (_SAME.get(code, code) for code in guesses)
    counts = Counter(code if code in LANGUAGE_NAMES else "other" for code in named)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {code: n / len(texts) for code, n in ordered}
