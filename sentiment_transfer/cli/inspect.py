"""``sentiment-transfer inspect``."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from shutil import get_terminal_size
from textwrap import TextWrapper
from typing import Annotated, Any

import numpy as np

from sentiment_transfer.cli import options
from sentiment_transfer.cli.models import labels_of, open_model
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.languages.detection import LANGUAGE_NAMES
from sentiment_transfer.model import SentimentClassifier, model_path
from sentiment_transfer.model.training_summary import TrainingSummary
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.contradiction import contradiction_message
from sentiment_transfer.polarity.mixture import LogisticMixture
from sentiment_transfer.polarity.taught import MIN_TEXTS, TRUST
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.pretraining.bank import bank_names, bank_path
from sentiment_transfer.storage import load_file

__all__ = ["inspect"]

MIN_WIDTH = 30
"""Of the column of values, on narrow terminals."""

MOST_EPOCHS = 12
"""Epochs that the table shows of a long history, evenly spaced."""

WRITERS: Writers = {
    "table": lambda card, file: file.write(_as_text(_for_table(card))),
    "json": write_json,
}

TITLES = {"history": "pretraining", "training": "training of the word vectors"}

WEIGHTS = {
    "score": "the score before labels",
    "polarity": "this score and labels",
    "polarity_mean": "labels, polar words",
    "plain_mean": "labels, all words",
    "polarity_sentence": "this score, labels and sentence encoder",
    "plain_sentence": "labels, all words and sentence encoder",
    "sentence": "labels and sentence encoder",
}
"""What each member of the mixture learns from, and which words it weighs most."""
PARTS = "share of the answers by"


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

    Prints what it predicts and what it was trained on, the losses by epoch, its settings and its
    word vectors; of a shipped model also its sources and measured accuracy. json has all epochs.
    """
    write = writer_for(form, output, WRITERS)
    file = model_path(file)
    stored, model = load_file(file), open_model(file)
    card = {"file": str(file), "kind": stored.kind} | describe(model)
    card["bytes"] = file.stat().st_size
    card["format"] = stored.format_version
    card["written by"] = f"sentiment_transfer {stored.package_version}"
    if nearest is not None:
        vectors = model.vectors_ if isinstance(model, SentimentClassifier) else model
        near = vectors.nearest(nearest)
        card["nearest"] = {word: round(cosine, 3) for word, cosine in near}
    write(card)


def describe(model: SentimentClassifier | WordVectors) -> dict[str, Any]:
    """Return the properties of a model, as values for JSON."""
    if isinstance(model, WordVectors):
        history = [dict(epoch) for epoch in TrainingSummary.of_vectors(model).history]
        return {**({"history": history} if history else {}), **_of_vectors(model)}
    labels, counts = labels_of(model).tolist(), model.parameters().as_dict()
    return {
        "labels": model.stages_.order.astype(str).tolist(),
        **_training(model.training_summary_),
        **_knowledge(model),
        "prior": dict(zip(labels, model.prior_.tolist(), strict=True)),
        "encoder": type(model.encoder_).__name__,
        "head": type(model.head_).__name__,
        "parameters trained on labels, of all": {
            name: f"{row['trained']:,} of {row['total']:,}" for name, row in counts.items()
        },
        **_of_vectors(model.vectors_),
    }


def _of_vectors(vectors: WordVectors) -> dict[str, Any]:
    metadata = {name: value for name, value in vectors.metadata.items() if name != "history"}
    return {
        "language": vectors.tokenizer.language,
        "words": len(vectors),
        "dimensions": vectors.vector_size,
        "tokenizer": vectors.tokenizer.describe(),
        "training": metadata,
    }


def _training(summary: TrainingSummary) -> dict[str, Any]:
    """Return the numbers of texts and labels that are known, and the history of pretraining."""
    counts = summary.label_counts
    facts = {
        "labels": None if counts is None else {str(label): n for label, n in counts.items()} or 0,
        "unlabelled texts, in adaptation": summary.n_adaptation_texts,
        "unlabelled texts, in pretraining": summary.n_pretraining_texts,
        "languages, of a sample in pretraining": {
            LANGUAGE_NAMES[code]: share for code, share in summary.languages.items()
        }
        or None,
        "usual coverage": summary.coverage,
        "started from": summary.started_from,
        "column of texts": summary.text_column,
        "column of labels": summary.label_column,
    }
    known = {name: value for name, value in facts.items() if value is not None}
    history = [dict(epoch) for epoch in summary.history]
    return {"trained on": known} | ({"history": history} if history else {})


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
    facts: dict[str, Any] = {"seed words": source, **_taught(encoder)}
    if encoder.sentence_encoder_ is not None and head.sentence_ is not None:
        name, width = encoder.sentence_encoder_.name, len(head.sentence_.mean)
        facts["sentence encoder"] = f"{name}, {width} numbers a text"
    if isinstance(head.mixture_, LogisticMixture):
        facts[PARTS] = {WEIGHTS[m.name]: m.share for m in head.mixture_.members_}
    misfit = contradiction_message(head.mixtures)
    return facts if misfit is None else facts | {"warning": in_options(misfit)}


def _taught(encoder: PolarityEncoder) -> dict[str, Any]:
    """Return which labels of other texts taught the score, and whether they are used here."""
    taught, polarity = encoder.taught_, encoder.polarity_
    if taught is None and encoder.seeds != "language" and "bank" in encoder.vectors.metadata:
        return {"labels of other texts": "not used: they count by the seed words of the language"}
    if taught is None or polarity is None or polarity.taught_correlation is None:
        return {}
    correlation = polarity.taught_correlation
    reason = f"correlation with the seed words on the unlabelled texts {correlation:.2f}"
    if polarity.taught_weight:
        use = f"used, weight {TRUST * correlation:.2f}: {reason}"
    elif correlation:
        use = f"ignored: {reason}"
    else:
        use = f"ignored: fewer than {MIN_TEXTS} unlabelled texts, or all score the same"
    sources = {s.name: f"{s.negative:,} negative, {s.positive:,} positive" for s in taught.sources}
    return {
        "labels of other texts": sources,
        "their words and pairs": len(taught.numbers),
        "their part of the score": use,
    }


def _for_table(card: dict[str, Any]) -> dict[str, Any]:
    """Return a card with some epochs of a long history, and a shipped model's card in short."""
    training, name = card["training"], card["training"].get("bank")
    if name in bank_names() and card["file"] != str(bank_path(name)):
        training = {"started from": name, "its card": f"sentiment-transfer inspect {name}"}
    short = card | {"training": training}
    if PARTS in card:
        short[PARTS] = {name: f"{100 * share:.1f} %" for name, share in card[PARTS].items()}
    if "history" in card:
        short["history"] = {
            f"epoch {epoch['epoch'] + 1}": _losses(epoch) for epoch in _some(card["history"])
        }
    return {TITLES.get(name, name): value for name, value in short.items()}


def _some(epochs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a few epochs, evenly spaced from the first to the last."""
    wanted = np.linspace(0, len(epochs) - 1, min(len(epochs), MOST_EPOCHS)).round()
    return [epochs[int(i)] for i in wanted]


def _losses(epoch: dict[str, Any]) -> str:
    losses = {"loss": epoch["loss"], "held-out loss": epoch.get("held_out_loss")}
    return ", ".join(f"{name} {x:.4f}" for name, x in losses.items() if x is not None)


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
