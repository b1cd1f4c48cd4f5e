"""``sentiment-transfer bank``: list the members of the bank, describe one, judge them on texts."""

import math
from dataclasses import asdict
from typing import Annotated, Any, TextIO

import msgspec

from sentiment_transfer.cli import options
from sentiment_transfer.cli.choosing import choose
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import FittedStages, MemberChoice, model_path
from sentiment_transfer.model.choice import first_of
from sentiment_transfer.model.files import open_member, open_members
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.pretraining.bank import bank_names, is_shipped, language_of
from sentiment_transfer.pretraining.provenance import Provenance

__all__ = ["describe", "judge", "list_members"]


def _write_list(cards: list[dict[str, Any]], file: TextIO) -> None:
    header = ["", "kind", "texts", "labels", "words", "MB"]
    rows = [
        [
            card["name"],
            card["kind"],
            *(f"{card[key]:,}" for key in ("texts", "labels", "words")),
            f"{card['bytes'] / 1e6:.1f}",
        ]
        for card in cards
    ]
    file.write(table(header, rows, align="llrrrr"))


def _write_card(card: dict[str, Any], file: TextIO) -> None:
    shown = {
        "kind": card["kind"],
        "file": f"{card['file']}, {card['bytes'] / 1e6:.1f} MB",
        "language": card["language"],
        "texts": f"{card['texts']:,}; {card['words']:,} words have a vector",
        "labels of other texts": f"{card['labels']:,}",
    }
    lines = [[name, value] for name, value in shown.items() if value]
    file.write(table([], lines, align="ll"))
    for title, rows, align in (
        ("unlabelled texts", card["sources"], "lrl"),
        ("labels of other texts", card["teachers"], "lrrl"),
        (f"accuracy, {card['accuracy_note']}", card["accuracy"], ""),
    ):
        if rows:
            cells = [[*map(str, row.values())] for row in rows]
            file.write(f"\n{title}\n{table([*rows[0]], cells, align=align)}")
    if card["note"]:
        file.write(f"\n{card['note']}\n")


LIST: Writers = {"table": _write_list, "json": write_json}
CARD: Writers = {"table": _write_card, "json": write_json}
CHOICE: Writers = {
    "table": lambda choice, file: file.write(f"{choice}\n"),
    "json": lambda choice, file: write_json(_as_record(choice), file),
}


def list_members(
    language: Annotated[
        str | None, options.value("CODE", "Only those of this language, such as en.")
    ] = None,
    form: Annotated[str | None, options.form(LIST)] = None,
    output: options.Output = None,
) -> None:
    """List the members of the bank.

    Those that ship with the package, and model files named KIND-LANGUAGE.safetensors in the folders
    that the environment variable SENTIMENT_TRANSFER_BANK lists.
    """
    write = writer_for(form, output, LIST)
    found = open_members(language)
    if not found:
        codes = sorted({language_of(name) for name in bank_names()})
        raise SettingError(f"no member is for --language {language}; there are {', '.join(codes)}")
    write([facts_of(name, stages) for name, stages in found.items()])


def describe(
    member: Annotated[
        str, options.argument("MEMBER", "Name of a member, such as reviews-en, or a model file.")
    ],
    form: Annotated[str | None, options.form(CARD)] = None,
    output: options.Output = None,
) -> None:
    """Describe a member of the bank.

    Prints what its texts are, which labels taught it, and the measured accuracy.
    """
    write = writer_for(form, output, CARD)
    write(facts_of(member, open_member(member)))


def judge(
    texts: Annotated[list[str], options.texts("Texts to judge the members on")],
    labelled: Annotated[
        str | None,
        options.value("LABELLED", "Texts with labels, from 30 on more evidence: a file or folder."),
    ] = None,
    member: Annotated[
        list[str] | None,
        options.value(
            "FILE",
            "A model file that is a candidate as well, not one that was adapted to these texts, "
            "which would have an advantage. Can be repeated.",
        ),
    ] = None,
    language: options.TextLanguage = "en",
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    form: Annotated[str | None, options.form(CHOICE)] = None,
    output: options.Output = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Judge which member of the bank suits texts best.

    Without labels, members are compared by how well they predict the seed words of the texts, which
    are hidden from them, and by the frequencies of the words of the texts in those that they learnt
    from (bits a word, against the first). With labels, also by how well they predict left-out ones.
    The lead is that over the first, the general member, in standard errors. From 2 on, or from -0.5
    on with closer words, another member is chosen.
    """
    write = writer_for(form, output, CHOICE)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files) as read:
        rows = None if labelled is None else read.labelled(labelled)
        first, _ = first_of(read.texts(texts))
        choice = choose(language, first, rows, more=member or ())
    write(choice)
    say(f"next: sentiment-transfer adapt {choice.name} TEXTS -o adapted.safetensors")


def facts_of(name: str, stages: FittedStages) -> dict[str, Any]:
    """Return what is known of a member or model file, as values for JSON."""
    path, encoder = model_path(name), stages.encoder
    card = Provenance.of(stages.vectors)
    taught = encoder.taught_ if isinstance(encoder, PolarityEncoder) else None
    terms = {teacher.name: teacher.terms for teacher in card.teachers}
    teachers = [one._asdict() for one in taught.sources] if taught else []
    return {
        "name": name,
        "kind": card.kind,
        "language": stages.vectors.tokenizer.language,
        "shipped": is_shipped(name),
        "file": str(path),
        "bytes": path.stat().st_size,
        "texts": card.texts,
        "words": len(stages.vectors),
        "labels": sum(one["negative"] + one["positive"] for one in teachers),
        "sources": [msgspec.structs.asdict(source) for source in card.sources],
        "teachers": [one | {"terms": terms.get(one["name"], "")} for one in teachers],
        "accuracy": [_figures(name, figures) for name, figures in card.accuracy.items()],
        "accuracy_note": card.accuracy_note,
        "note": card.note,
    }


def _figures(name: str, known: dict[str, float]) -> dict[str, Any]:
    """Return the accuracy on a set under the titles of a table."""
    titles = {
        "development_texts": "texts",
        "no_label": "no label",
        "8_labels": "8 labels",
        "8_labels_sd": "sd",
        "8_labels_worst": "worst",
    }
    texts = {"development_texts": int(known.get("development_texts", 0))}
    return {"set": name} | {title: (known | texts).get(key, "") for key, title in titles.items()}


def _as_record(choice: MemberChoice) -> dict[str, Any]:
    """Return a choice as values for JSON; what is not known is null."""
    candidates = [asdict(one) | {"lead": one.lead} for one in choice.candidates]
    known = [{key: _known(value) for key, value in one.items()} for one in candidates]
    return asdict(choice) | {"candidates": known, "reason": choice.reason}


def _known(value: Any) -> Any:  # noqa: ANN401  (text or a number)
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else round(value, 4)
