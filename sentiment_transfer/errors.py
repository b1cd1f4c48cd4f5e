"""What can go wrong, as types: one root, few children, the facts attached.

A message names the value, the rule and the remedy. Errors about input start with the place, the
way a compiler prints it: ``reviews.csv:17: label is empty; ...``. `shown` and `shortened` limit
what a message holds of a value or of the input.
"""

from __future__ import annotations

import reprlib
from typing import Any, Self

__all__ = [
    "InputError",
    "MissingExtraError",
    "ModelFileError",
    "NoLabelsError",
    "NotFittedError",
    "SentimentTransferError",
    "SettingError",
    "UnknownWordError",
    "WorkerLostError",
    "shortened",
    "shown",
]

LONGEST_MESSAGE = 1000
LONGEST_PATH = 300
"""Characters, so that no message shows the whole of a large input."""
LONGEST_VALUE = 80


def shortened(text: str, most: int = 100) -> str:
    """Return a part of the input as a message shows it: a long one without its middle.

    Parameters
    ----------
    text
        Any text.
    most
        Characters of the result.

    Returns
    -------
    str
        The text itself, if it is not longer than that.

    Examples
    --------
    >>> shortened("abcdefghijklmnopqrstuvwxyz", 15)
    'abcdefg...wxyz'
    """
    return text if len(text) <= most else f"{text[: most // 2]}...{text[3 - most // 2 :]}"


def shown(value: Any) -> str:  # noqa: ANN401  (whatever the caller passed)
    """Return the ``repr`` of a value, cut to a line; of NumPy's scalars Python's.

    Parameters
    ----------
    value
        Any value.

    Returns
    -------
    str
        A line of at most some 80 characters.

    Examples
    --------
    >>> import numpy as np
    >>> shown(np.float64(0.5)), shown([1, 2])
    ('0.5', '[1, 2]')
    """
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = LONGEST_VALUE
    try:
        return short.repr(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "an integer of thousands of digits"


class SentimentTransferError(Exception):
    """Root of everything this package raises on purpose; a message is of limited length.

    Parameters
    ----------
    message
        Of a longer one than 1,000 characters the middle is left out.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> try:
    ...     load("no-such-model")
    ... except SentimentTransferError as error:
    ...     print(type(error).__name__)
    ModelFileError
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened(message, LONGEST_MESSAGE))


class InputError(SentimentTransferError, ValueError):
    """Texts, labels or a file of them cannot be used.

    ``message`` says what is wrong and what to do about it, without the place; ``path`` and ``line``
    are the place, if it is known, with lines counted from 1.

    Parameters
    ----------
    message
        What is wrong and what to do about it, without the place.
    path, line
        The place, if it is known; lines are counted from 1.

    Examples
    --------
    >>> str(InputError("label is empty; drop the row", path="reviews.csv", line=17))
    'reviews.csv:17: label is empty; drop the row'
    """

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        self.message = shortened(message, LONGEST_MESSAGE)
        self.path = path
        self.line = line
        shown = None if path is None else shortened(path, LONGEST_PATH)
        place = ":".join(str(part) for part in (shown, line) if part is not None)
        super().__init__(f"{place}: {message}" if place else message)


class SettingError(SentimentTransferError, ValueError):
    """A parameter has a value that is not allowed.

    Parameters
    ----------
    message
        The value, the rule and the remedy.

    Examples
    --------
    >>> from sentiment_transfer import SkipGram
    >>> try:
    ...     SkipGram(window=0).fit(["a fine film"])
    ... except SettingError as error:
    ...     print(error)
    window=0 is not allowed; it must be an integer of at least 1
    """


class NotFittedError(SentimentTransferError, ValueError, AttributeError):
    """Something learnt is asked for before ``fit`` (the bases are those scikit-learn's has).

    Parameters
    ----------
    message
        What has to be called first.

    Examples
    --------
    >>> from sentiment_transfer import SentimentClassifier
    >>> try:
    ...     SentimentClassifier().predict(["a fine film"])
    ... except NotFittedError as error:
    ...     print(error)
    this SentimentClassifier is not trained yet; call pretrain(unlabelled_texts), then
    fit(texts, labels)
    """


class UnknownWordError(SentimentTransferError, KeyError):
    """A word has no vector; ``near`` lists known words spelt like it.

    Parameters
    ----------
    word
        The word.
    near
        Known words spelt like it; may be none.

    Examples
    --------
    >>> str(UnknownWordError("grate", ["grates", "great"]))
    "the word 'grate' has no vector; near it are 'grates', 'great'"
    """

    def __init__(self, word: str, near: list[str]) -> None:
        self.word = word
        self.near = near
        hint = f"; near it are {shortened(', '.join(map(repr, near)), 300)}" if near else ""
        super().__init__(f"the word {shortened(repr(word))} has no vector{hint}")

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would quote it

    def __reduce__(self) -> tuple[type[Self], tuple[str, list[str]]]:
        return type(self), (self.word, self.near)  # so that worker processes can send it


class ModelFileError(SentimentTransferError):
    """A model file is broken, tampered with, too large, or from a newer format.

    ``message`` says what is wrong and what to do about it, without the path.

    Parameters
    ----------
    message
        What is wrong and what to do about it, without the path.
    path
        Of the file, if it is known.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> try:
    ...     load("no-such-file.safetensors")
    ... except ModelFileError as error:
    ...     print(error)
    no-such-file.safetensors: does not exist; give the path of a model file or the name of a
    model of the package: reviews-en, films-en, goods-en, reviews-id, reviews-ko, reviews-zh
    """

    def __init__(self, message: str, *, path: str | None = None) -> None:
        self.message = shortened(message, LONGEST_MESSAGE)
        self.path = path
        super().__init__(f"{shortened(path, LONGEST_PATH)}: {message}" if path else message)


class NoLabelsError(InputError):
    """A source has texts, but no label: no column of labels, or none that is filled in.

    Parameters
    ----------
    message, path, line
        As of `InputError`.

    Examples
    --------
    >>> import pandas as pd
    >>> from sentiment_transfer import read_labelled
    >>> try:
    ...     read_labelled(pd.DataFrame({"text": ["A fine film."]}))
    ... except NoLabelsError as error:
    ...     print(type(error).__name__)
    NoLabelsError
    """


class MissingExtraError(SentimentTransferError, ImportError):
    """An optional package, which an extra of this project installs, is needed for ``why``.

    Parameters
    ----------
    package
        Name of the package.
    extra
        Of this project, which installs it.
    why
        What needs it.

    Examples
    --------
    >>> str(MissingExtraError("jieba", "zh", "Chinese text"))
    "Chinese text needs jieba; install it with: pip install 'sentiment-transfer[zh]'"
    """

    def __init__(self, package: str, extra: str, why: str) -> None:
        self.package = package
        self.extra = extra
        self.why = why
        hint = " (README.md names the smaller build for the CPU)" if package == "torch" else ""
        super().__init__(
            f"{why} needs {package}; install it with: "
            f"pip install 'sentiment-transfer[{extra}]'{hint}"
        )

    def __reduce__(self) -> tuple[type[Self], tuple[str, str, str]]:
        return type(self), (self.package, self.extra, self.why)


class WorkerLostError(SentimentTransferError):
    """The process that worked on a part of the work died, and so did those that repeated it.

    Parameters
    ----------
    message
        What was lost, and what to do.

    Examples
    --------
    >>> issubclass(WorkerLostError, SentimentTransferError)
    True
    """
