"""Read the texts, labelled texts and models that arguments name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.corpus import Texts, read_labelled, read_texts
from sentiment_transfer.corpus.lines import decoded_lines
from sentiment_transfer.corpus.rows import Source
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.model import SentimentClassifier, load
from sentiment_transfer.pretraining.bank import bank_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.pretraining import WordVectors

__all__ = [
    "labelled_of",
    "open_classifier",
    "start_classifier",
    "texts_of",
    "vectors_of",
]

STANDARD_INPUT = "standard input"


def source_of(argument: str) -> str | Path:
    """Return an argument as a URL or a path; it is never taken as a text."""
    return argument if "://" in argument else Path(argument)


def texts_of(
    arguments: Sequence[str],
    *,
    text: str,
    skip_bad: bool = False,
    on_skip: Callable[[str], None] | None = None,
) -> Texts:
    """Return files, folders and URLs, or standard input for ``-``, as one stream of texts."""
    if "-" in arguments:
        if len(arguments) > 1:
            raise SettingError("- (standard input) cannot be combined with other TEXTS")
        source = Source(STANDARD_INPUT, _standard_input, "line")
        return Texts([source], skip_bad=skip_bad, on_skip=on_skip)
    listed = [source_of(argument) for argument in arguments]
    sources = listed[0] if len(listed) == 1 else listed
    return read_texts(sources, text=text, skip_bad=skip_bad, on_skip=on_skip)


def _standard_input() -> Iterator[Item]:
    """Yield one text per line; blank lines are skipped, as in a file."""
    stream: Any = sys.stdin.buffer
    for number, line in enumerate(decoded_lines(stream, STANDARD_INPUT), 1):
        if not isinstance(line, str):
            yield line
        elif line.isspace():
            yield None
        else:
            yield number, line.removesuffix("\n").removesuffix("\r"), None


def labelled_of(
    argument: str,
    *,
    text: str,
    label: str,
    skip_bad: bool = False,
    on_skip: Callable[[str], None] | None = None,
) -> Labelled:
    """Read a file, folder or URL of texts with labels."""
    source = source_of(argument)
    return read_labelled(source, text=text, label=label, skip_bad=skip_bad, on_skip=on_skip)


def open_classifier(path: Path) -> SentimentClassifier:
    """Load a model that can predict."""
    model = load(path)
    if isinstance(model, SentimentClassifier):
        return model
    raise ModelFileError(
        "is a file of word vectors, not a classifier; train one with: "
        f"sentiment-transfer fit LABELLED --vectors {path} -o model.safetensors",
        path=str(path),
    )


def start_classifier(
    vectors: Path | None,
    language: str | None,
    **parameters: Any,  # noqa: ANN401  (of SentimentClassifier)
) -> SentimentClassifier:
    """Return an unfitted classifier: with the vectors of a file, or still to be pretrained."""
    if vectors is None:
        return SentimentClassifier(language or "en", **parameters)
    if str(vectors) in bank_names() and not vectors.exists():
        code = vectors_of(vectors).tokenizer.language
        return SentimentClassifier(language or code, vectors=str(vectors), **parameters)
    words = vectors_of(vectors)
    trained = words.tokenizer.language
    if language not in (None, trained):
        raise SettingError(
            f"--language {language} is not allowed; {vectors} was trained on {trained!r} "
            "(leave out --language)"
        )
    return SentimentClassifier(trained, vectors=words, **parameters)


def vectors_of(path: Path) -> WordVectors:
    """Load word vectors, from a file of them or from a classifier."""
    model = load(path)
    return model.vectors_ if isinstance(model, SentimentClassifier) else model
