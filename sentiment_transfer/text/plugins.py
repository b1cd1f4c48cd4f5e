"""Splitters, stemmers and segmenters of other packages; none downloads data."""

from __future__ import annotations

import shlex
import sys
import threading
import warnings
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import regex

from sentiment_transfer.errors import MissingExtraError, SettingError
from sentiment_transfer.languages.schema import SEGMENTERS
from sentiment_transfer.text.normalise import WORD

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["found_spans", "nltk_splitter", "nltk_stemmer", "segmented_spans", "segmenter"]

_NLTK_SPLITTERS = (
    "TweetTokenizer",
    "WordPunctTokenizer",
    "ToktokTokenizer",
    "TreebankWordTokenizer",
)
_NLTK_STEMMERS = ("porter", "lancaster", "snowball")
_CUT_AT_APOSTROPHES = ("WordPunctTokenizer", "ToktokTokenizer")
_LETTER_APOSTROPHE = "\u02bc"
_INNER_APOSTROPHE = regex.compile(rf"(?<={WORD})'{{1,2}}(?={WORD})", regex.VERSION1)
_HAN = regex.compile(r"\p{Han}+")
_ELONGATED_HAN = regex.compile(r"(\p{Han})\1{2,}")
_JAPANESE_LETTERS = r"[\p{Han}\p{Hiragana}\p{Katakana}\u30fc\u3099\u309a]"
_JAPANESE = regex.compile(f"{_JAPANESE_LETTERS}{{1,2000}}")  # MeCab's memory grows with a run
_ELONGATED_JAPANESE = regex.compile(rf"({_JAPANESE_LETTERS})\1{{2,}}")
_DIGIT_RUN = regex.compile(r"\d{30,}")


@cache
def nltk_splitter(name: str) -> Callable[[str], list[str]]:
    """Return the splitter of an NLTK tokenizer class, ``"nltk:TweetTokenizer"``.

    Runs of 30 or more digits are removed first: TweetTokenizer is quadratic in them. An apostrophe
    within a word is hidden, as a letter, from those that would cut the word there.
    """
    class_name = _nltk_name(name, "splitter", _NLTK_SPLITTERS)
    import nltk.tokenize

    split: Callable[[str], list[str]] = getattr(nltk.tokenize, class_name)().tokenize
    hidden = _LETTER_APOSTROPHE if class_name in _CUT_AT_APOSTROPHES else "'"

    def pieces(text: str) -> list[str]:
        text = _INNER_APOSTROPHE.sub(hidden, _DIGIT_RUN.sub(" ", text))
        return [piece.replace(_LETTER_APOSTROPHE, "'") for piece in split(text)]

    return pieces


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
    if name not in SEGMENTERS:
        known = " or ".join(map(repr, SEGMENTERS))
        raise SettingError(f"segmenter={name!r} is not allowed; it must be {known}")
    return _jieba() if name == "jieba" else _fugashi()


def _jieba() -> Callable[[str], str]:
    """Return the segmenter of Chinese: runs of its characters are cut."""
    jieba = _own_jieba()
    tokenizer = jieba.Tokenizer()
    dictionary = Path(jieba.__file__).with_name("dict.txt")
    tokenizer.FREQ, tokenizer.total = _frequencies(dictionary.read_text("utf-8"))
    tokenizer.initialized = True

    def cut(run: regex.Match[str]) -> str:
        words = tokenizer.lcut(_ELONGATED_HAN.sub(r"\1\1", run[0]))
        return f" {' '.join(words)} "

    return lambda text: _HAN.sub(cut, text)


def _fugashi() -> Callable[[str], str]:
    """Return the segmenter of Japanese: runs of its scripts are cut, by MeCab and UniDic.

    MeCab's taggers are not to be shared between threads, so each thread has its own. Its settings
    are those of the dictionary's folder, not those of the machine.
    """
    try:
        from fugashi import GenericTagger
        from unidic_lite import DICDIR
    except ImportError as error:
        raise MissingExtraError("fugashi and unidic-lite", "ja", "Japanese text") from error
    folder, own = Path(DICDIR), threading.local()
    arguments = ["-O", "wakati", "-r", str(folder / "mecabrc"), "-d", str(folder)]

    def cut(run: regex.Match[str]) -> str:
        if not hasattr(own, "tagger"):
            own.tagger = GenericTagger(shlex.join(arguments))
        words: str = own.tagger.parse(_ELONGATED_JAPANESE.sub(r"\1\1", run[0]))
        return f" {words.strip()} "

    return lambda text: _JAPANESE.sub(cut, text)


def _own_jieba() -> Any:  # noqa: ANN401  (a module without types)
    """Import a second copy of jieba, which no other part of the process can change.

    ``jieba.add_word`` and ``jieba.del_word`` change the dictionary and the forced splits that all
    users of the module ``jieba`` share.
    """
    installed = find_spec("jieba")
    if installed is None or installed.origin is None:
        raise MissingExtraError("jieba", "zh", "Chinese text")
    places = installed.submodule_search_locations
    spec = spec_from_file_location(
        f"{__name__}.jieba", installed.origin, submodule_search_locations=places
    )
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018  (a file of Python)
    sys.modules[spec.name] = module = module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes in jieba's sources
        spec.loader.exec_module(module)
    return module


def _frequencies(dictionary: str) -> tuple[dict[str, int], int]:
    r"""Return the count of each word of jieba's dictionary, 0 for other beginnings, and the sum.

    As quick as jieba's cache, a file in the shared folder of temporary files that any user of the
    machine may have written.

    >>> counts, total = _frequencies("好 5 a\n好看的 2 a\n")
    >>> total, sorted(counts.items())
    (7, [('好', 5), ('好看', 0), ('好看的', 2)])
    """
    words, counts, _ = (dictionary.split()[i::3] for i in range(3))
    numbers = list(map(int, counts))
    longer, beginnings = words, set[str]()
    for length in range(1, max(map(len, words))):
        longer = [word for word in longer if len(word) > length]
        beginnings.update([word[:length] for word in longer])
    return dict.fromkeys(beginnings, 0) | dict(zip(words, numbers, strict=True)), sum(numbers)


def segmented_spans(text: str, segmented: str) -> list[tuple[int, int]]:
    """Return the span in ``text`` of each character of a segmented text.

    The span of an added space is empty; that of the last character of a shortened run includes the
    rest of the run.

    >>> segmented_spans("好好好吃", " 好好 吃 ")
    [(0, 0), (0, 1), (1, 3), (2, 2), (3, 4), (4, 4)]
    >>> segmented_spans("好好好", " 好好")
    [(0, 0), (0, 1), (1, 3)]
    """
    spans: list[tuple[int, int]] = []
    at, last = 0, -1
    for character in segmented:
        if character == " " and text[at : at + 1] != " ":
            spans.append((at, at))
            continue
        while text[at] != character:
            at += 1
            spans[last] = spans[last][0], at
        last = len(spans)
        spans.append((at, at + 1))
        at += 1
    if last >= 0:
        spans[last] = spans[last][0], len(text)
    return spans


def found_spans(pieces: list[str], text: str) -> list[tuple[int, int]]:
    """Return the span of each piece of a text, in order.

    A splitter may rewrite a piece, such as Treebank's quotes. The span of such a piece is the text
    between its neighbours; of several in a row, the first has all of it.

    >>> found_spans(["a", "``", "b", "''"], 'a "b"')
    [(0, 1), (2, 3), (3, 4), (4, 5)]
    """
    spans: list[tuple[int, int]] = []
    end = 0
    for place, piece in enumerate(pieces):
        start = text.find(piece, end)
        if start < 0:
            later = (text.find(other, end) for other in islice(pieces, place + 1, None))
            between = text[end : next((at for at in later if at >= 0), len(text))]
            start, length = end + len(between) - len(between.lstrip()), len(between.strip())
        else:
            length = len(piece)
        end = start + length
        spans.append((start, end))
    return spans
