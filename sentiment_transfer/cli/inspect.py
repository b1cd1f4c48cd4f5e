"""``sentiment-transfer inspect``."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.classification import InformedClassifier, PolarityEncoder
from sentiment_transfer.classification.misfit import misfit_message
from sentiment_transfer.classification.mixture import GuardedMixture
from sentiment_transfer.cli.options import Output
from sentiment_transfer.cli.writing import aligned, format_for, opened, write_json
from sentiment_transfer.model import SentimentClassifier, load, model_path
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.storage import load_file

__all__ = ["inspect"]


class Format(StrEnum):
    """Forms of the card."""

    table = "table"
    json = "json"


def inspect(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A model or word vectors.", show_default=False),
    ],
    nearest: Annotated[
        str | None, typer.Option(metavar="WORD", help="Also list the ten words nearest to one.")
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None, typer.Option(help="By the ending of -o FILE, or else table.")
    ] = None,
    output: Output = None,
) -> None:
    """Print what a model file holds and learned from."""
    form = format_for(format, output, Format)
    file = model_path(file)
    model = load(file)
    card = _origin(file) | describe(model)
    if nearest is not None:
        vectors = model.vectors_ if isinstance(model, SentimentClassifier) else model
        near = vectors.nearest(nearest)
        card["nearest"] = {word: round(cosine, 3) for word, cosine in near}
    with opened(output) as stream:
        if form is Format.json:
            write_json(card, stream)
        else:
            stream.write(_as_text(card))


def _origin(file: Path) -> dict[str, Any]:
    stored = load_file(file)
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "format": stored.format_version,
        "written by": f"sentiment_transfer {stored.package_version}",
        "kind": stored.kind,
    }


def describe(model: SentimentClassifier | WordVectors) -> dict[str, Any]:
    """Tell what a model consists of, as values for JSON."""
    if isinstance(model, WordVectors):
        return {
            "language": model.tokenizer.language,
            "words": len(model),
            "dimensions": model.vector_size,
            "tokenizer": model.tokenizer.describe(),
            "training": dict(model.metadata),
        }
    labels = [str(label) for label in model.classes_]
    return describe(model.vectors_) | {
        "labels": labels,
        "prior": dict(zip(labels, model.prior_.tolist(), strict=True)),
        "encoder": type(model.encoder_).__name__,
        "head": type(model.head_).__name__,
        "parameters taught by labels, of all": _shares(model),
        **_knowledge(model),
    }


def _shares(model: SentimentClassifier) -> dict[str, str]:
    """Tell for each stage and all together ``3,298 of 2,621,898``; from scratch it would be all."""
    table = model.parameters().as_dict()
    return {name: f"{row['trained']:,} of {row['total']:,}" for name, row in table.items()}


def _knowledge(model: SentimentClassifier) -> dict[str, Any]:
    """Tell what the default stages rest on: seed words, their share in answers, their fit."""
    encoder, head = model.encoder_, model.head_
    if not (isinstance(encoder, PolarityEncoder) and isinstance(head, InformedClassifier)):
        return {}
    if encoder.polarity_ is None:
        source = "none"
    elif encoder.seeds is None:
        source = "none, polarity was taught by the labels"
    else:
        source = "of the language" if encoder.seeds == "language" else "of its own"
    facts: dict[str, Any] = {"seed words": source}
    if isinstance(head.mixture_, GuardedMixture):
        facts["share in answers"] = {m.name: m.share for m in head.mixture_.members_}
    misfit = misfit_message(head.mixtures)
    return facts if misfit is None else facts | {"warning": misfit}


def _as_text(card: dict[str, Any]) -> str:
    """One line for each fact, and for each part of a fact that has parts."""
    return aligned([row for name, value in card.items() for row in _rows(name, value)], left=2)


def _rows(name: str, value: object, indent: str = "") -> Iterator[list[str]]:
    """A fact and, further in, its parts; what has a name of its own stands under that."""
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        value = {str(part.get("name", i)): _without_name(part) for i, part in enumerate(value)}
    if isinstance(value, dict):
        yield [f"{indent}{name}", ""]
        for inner, part in value.items():
            yield from _rows(str(inner), part, f"{indent}  ")
    else:
        yield [f"{indent}{name}", _shown(value)]


def _without_name(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != "name"}


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if type(value) is int else str(value)
