"""``sentiment-transfer inspect``."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from shutil import get_terminal_size
from textwrap import TextWrapper
from typing import Annotated, Any

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import labels_of
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.model import SentimentClassifier, load, model_path
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.contradiction import contradiction_message
from sentiment_transfer.polarity.mixture import LogisticMixture
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.storage import load_file

__all__ = ["inspect"]

MIN_WIDTH = 30
"""Of the column of values, on narrow terminals."""

WRITERS: Writers = {"table": lambda card, file: file.write(_as_text(card)), "json": write_json}


def inspect(
    file: Annotated[
        Path,
        options.argument(
            "FILE", "A file of a model or of word vectors, or the name of a shipped model."
        ),
    ],
    nearest: Annotated[
        str | None, options.value("WORD", "Also list the ten words nearest to this one.")
    ] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
) -> None:
    """Describe a model file.

    Prints its language, size, settings, labels, training texts and measured accuracy.
    """
    write = writer_for(form, output, WRITERS)
    file = model_path(file)
    stored, model = load_file(file), load(file)
    card = {
        "file": str(file),
        "bytes": file.stat().st_size,
        "format": stored.format_version,
        "written by": f"sentiment_transfer {stored.package_version}",
        "kind": stored.kind,
    } | describe(model)
    if nearest is not None:
        vectors = model.vectors_ if isinstance(model, SentimentClassifier) else model
        near = vectors.nearest(nearest)
        card["nearest"] = {word: round(cosine, 3) for word, cosine in near}
    write(card)


def describe(model: SentimentClassifier | WordVectors) -> dict[str, Any]:
    """Return the properties of a model, as values for JSON."""
    if isinstance(model, WordVectors):
        return {
            "language": model.tokenizer.language,
            "words": len(model),
            "dimensions": model.vector_size,
            "tokenizer": model.tokenizer.describe(),
            "training": dict(model.metadata),
        }
    labels, counts = labels_of(model).tolist(), model.parameters().as_dict()
    return describe(model.vectors_) | {
        "labels": labels,
        "prior": dict(zip(labels, model.prior_.tolist(), strict=True)),
        "encoder": type(model.encoder_).__name__,
        "head": type(model.head_).__name__,
        "parameters trained on labels, of all": {
            name: f"{row['trained']:,} of {row['total']:,}" for name, row in counts.items()
        },
        **_knowledge(model),
    }


def _knowledge(model: SentimentClassifier) -> dict[str, Any]:
    """Return the seed words of the default stages, and the share of each member of the mixture."""
    encoder, head = model.encoder_, model.head_
    if not (isinstance(encoder, PolarityEncoder) and isinstance(head, PolarityClassifier)):
        return {}
    if encoder.polarity_ is None:
        source = "none"
    elif encoder.seeds is None:
        source = "none, polarity was learnt from the labels"
    else:
        source = "of the language" if encoder.seeds == "language" else "custom"
    facts: dict[str, Any] = {"seed words": source}
    if isinstance(head.mixture_, LogisticMixture):
        facts["share in answers"] = {m.name: m.share for m in head.mixture_.members_}
    misfit = contradiction_message(head.mixtures)
    return facts if misfit is None else facts | {"warning": in_options(misfit)}


def _as_text(card: dict[str, Any]) -> str:
    """Return a line for each value; long values are wrapped to the width of the terminal."""
    rows = [row for name, value in card.items() for row in _rows(name, value)]
    names = max(len(name) for name, _ in rows)
    width = max(MIN_WIDTH, get_terminal_size().columns - names - 2)
    wrapper = TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    lines = [
        line
        for name, value in rows
        for line in zip_longest([name], wrapper.wrap(value), fillvalue="")
    ]
    return table([], lines, align="ll")


def _rows(name: str, value: object, indent: str = "") -> Iterator[tuple[str, str]]:
    """Yield a name and its value, or the name and then, indented, each entry of a dictionary.

    A list of dictionaries is shown by their names, or else their numbers.
    """
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        named = [dict(part) for part in value]
        value = {part.pop("name", i): part for i, part in enumerate(named)}
    if isinstance(value, dict):
        yield f"{indent}{name}", ""
        for inner, part in value.items():
            yield from _rows(str(inner), part, f"{indent}  ")
    else:
        yield f"{indent}{name}", _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if type(value) is int else str(value)
