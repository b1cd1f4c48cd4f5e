"""Splitters, stemmers and segmenters of other packages, by name. Nothing is downloaded."""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import regex

from sentiment_transfer.errors import MissingExtraError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["nltk_splitter", "nltk_stemmer", "segmenter"]

_NLTK_SPLITTERS = (
    "TweetTokenizer",
    "WordPunctTokenizer",
    "ToktokTokenizer",
    "TreebankWordTokenizer",
)
_NLTK_STEMMERS = ("porter", "lancaster", "snowball")
_HAN = regex.compile(r"\p{Han}+")
_ELONGATED_HAN = regex.compile(r"(\p{Han})\1{2,}")
_DIGIT_RUN = regex.compile(r"\d{30,}")


@cache
def nltk_splitter(name: str) -> Callable[[str], list[str]]:
    """Return the splitter of an NLTK tokenizer class, ``"nltk:TweetTokenizer"``.

    Runs of 30 or more digits are removed first: TweetTokenizer is quadratic in them.
    """
    class_name = _nltk_name(name, "splitter", _NLTK_SPLITTERS)
    import nltk.tokenize

    split: Callable[[str], list[str]] = getattr(nltk.tokenize, class_name)().tokenize
    return lambda text: split(_DIGIT_RUN.sub(" ", text))


@cache
def nltk_stemmer(name: str, language_name: str) -> Callable[[str], str]:
    """Return the stemming function of an NLTK stemmer, ``"nltk:snowball"``."""
    kind = _nltk_name(name, "stemmer", _NLTK_STEMMERS)
    import nltk.stem

    stemmer: Any
    if kind == "snowball":
        language = language_name.split()[0].lower()
        if language not in nltk.stem.SnowballStemmer.languages:
            raise SettingError(f"stemmer={name!r} does not support {language_name}; use None")
        stemmer = nltk.stem.SnowballStemmer(language)
    else:
        stemmer = nltk.stem.PorterStemmer() if kind == "porter" else nltk.stem.LancasterStemmer()
    stem: Callable[[str], str] = stemmer.stem
    return stem


def _nltk_name(name: str, what: str, known: tuple[str, ...]) -> str:
    package, _, rest = name.partition(":")
    if package != "nltk" or rest not in known:
        names = ", ".join(f"'nltk:{one}'" for one in known)
        raise SettingError(f"{what}={name!r} is not allowed; it must be None or one of {names}")
    return rest


@cache
def segmenter(name: str) -> Callable[[str], str]:
    """Return a function that puts spaces between the words of a normalised text."""
    if name != "jieba":
        raise SettingError(f"segmenter {name!r} is not known; the only one is 'jieba'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's sources hold escapes that newer Pythons dislike
        try:
            import jieba
        except ImportError as error:
            raise MissingExtraError("jieba", "zh", "Chinese text") from error
    jieba.setLogLevel(logging.WARNING)

    def cut(run: regex.Match[str]) -> str:
        words = jieba.lcut(_ELONGATED_HAN.sub(r"\1\1", run[0]))
        return f" {' '.join(words)} "

    return lambda text: _HAN.sub(cut, text)
