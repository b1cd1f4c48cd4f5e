"""``sentiment-transfer bank``: list the members of the bank, describe one, judge them on texts."""

from dataclasses import asdict
from typing import Annotated, Any, TextIO

from sentiment_transfer.cli import options
from sentiment_transfer.cli.choosing import choose
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.model import model_path
from sentiment_transfer.model.choice import MemberChoice
from sentiment_transfer.model.files import open_member
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.pretraining.bank import bank_names, is_shipped

__all__ = ["describe", "judge", "list_members"]


def _write_list(cards: list[dict[str, Any]], file: TextIO) -> None:
    header = ["", "of", "texts", "labels", "words", "MB"]
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
        "of": card["kind"],
        "file": f"{card['file']}, {card['bytes'] / 1e6:.1f} MB",
        "language": card["language"],
        "texts": f"{card['texts']:,}, {card['words']:,} words have a vector",
        "labels that taught": f"{card['labels']:,}",
        "note": card["note"],
    }
    file.write(table([], [[name, value] for name, value in shown.items() if value], align="ll"))
    for title, rows in (
        ("texts are from", card["sources"]),
        ("labels are from", card["teachers"]),
        (f"accuracy {card['accuracy_note']}", card["accuracy"]),
    ):
        if rows:
            file.write(
                f"\n{title}\n{table([*rows[0]], [[*map(str, row.values())] for row in rows])}"
            )


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
    write([card_of(name) for name in bank_names(language)])


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
    write(card_of(member))


def judge(
    texts: Annotated[list[str], options.texts("Texts to judge the members on")],
    labelled: Annotated[
        str | None,
        options.value("LABELLED", "Texts with labels, from 30 on more evidence: a file or folder."),
    ] = None,
    member: Annotated[
        list[str] | None,
        options.value("FILE", "A model file that is a candidate as well. Can be repeated."),
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

    Without labels, each member hides the seed words of the texts and predicts them from the other
    words; with labels, each predicts a label from the others. The lead is that over the
    general member, in standard errors. From 2 on, another member is chosen.
    """
    write = writer_for(form, output, CHOICE)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files) as read:
        rows = None if labelled is None else read.labelled(labelled)
        choice, _ = choose(language, read.texts(texts), rows, more=member or ())
    write(choice)
    say(f"next: sentiment-transfer adapt {choice.name} TEXTS -o adapted.safetensors")


def card_of(name: str) -> dict[str, Any]:
    """Return what is known of a member or model file, as values for JSON."""
    path = model_path(name)
    stages = open_member(name, None)
    known, encoder = stages.vectors.metadata, stages.encoder
    taught = encoder.taught_ if isinstance(encoder, PolarityEncoder) else None
    terms = {source["name"]: source["terms"] for source in _listed(known, "teachers")}
    teachers = [] if taught is None else taught.sources
    return {
        "name": name,
        "kind": known.get("kind", ""),
        "language": stages.vectors.tokenizer.language,
        "shipped": is_shipped(name),
        "file": str(path),
        "bytes": path.stat().st_size,
        "texts": known.get("texts", 0),
        "words": len(stages.vectors),
        "labels": sum(one.negative + one.positive for one in teachers),
        "sources": _listed(known, "sources"),
        "teachers": [
            {
                "name": one.name,
                "negative": one.negative,
                "positive": one.positive,
                "terms": terms.get(one.name, ""),
            }
            for one in teachers
        ],
        "accuracy": [{"set": k, **v} for k, v in (known.get("accuracy") or {}).items()],
        "accuracy_note": known.get("accuracy_note", ""),
        "note": known.get("note", ""),
    }


def _listed(metadata: Any, name: str) -> list[dict[str, Any]]:  # noqa: ANN401  (of a file)
    found = metadata.get(name)
    return found if isinstance(found, list) and all(isinstance(x, dict) for x in found) else []


def _as_record(choice: MemberChoice) -> dict[str, Any]:
    """Return a choice as values for JSON; what is not known is null."""
    record = asdict(choice) | {"reason": choice.reason}
    for candidate, one in zip(record["candidates"], choice.candidates, strict=True):
        candidate["lead"] = one.lead
        for key, figure in candidate.items():
            if isinstance(figure, float):
                candidate[key] = None if figure != figure else round(figure, 4)
    return record
