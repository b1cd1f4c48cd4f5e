"""``sentiment-transfer advise suggest``."""

from typing import Annotated, Any, TextIO

from sentiment_transfer.advice import Suggestion, suggest_texts
from sentiment_transfer.cli import options
from sentiment_transfer.cli.advise.audit import LONGEST
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import printable, say_lines
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, table, write_csv, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions

__all__ = ["suggest"]

COLUMNS = ("text", "label")
DRAWN = "drawn"
"""Column of how a text was chosen; ``advise budget`` reads it."""
OF_STRATA = ("stratum", "share")
"""Columns of texts that measure a model; ``advise budget`` reads them."""


def _write_table(rows: list[dict[str, Any]], file: TextIO) -> None:
    cells = []
    for number, row in enumerate(rows, start=1):
        text = row["text"]
        cells.append([str(number), printable(text[:LONGEST] + "…" * (len(text) > LONGEST))])
    file.write(table(("", "text"), cells, align="rl"))


WRITERS: Writers = {
    "table": _write_table,
    "csv": lambda rows, file: write_csv([*rows[0]], [row.values() for row in rows], file),
    "json": write_json,
}


def suggest(
    model: options.ModelFile,
    texts: Annotated[list[str], options.texts("Texts to choose from, without labels")],
    n: Annotated[int, options.number("Choose N texts.", "-n")] = 20,
    labelled: Annotated[
        list[str] | None,
        options.value("FILE", "Texts with a label already. Can be repeated.", "--labelled"),
    ] = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Choose the texts to label next.

    Without a label yet, texts are drawn at random in strata of the model's confidence: they measure
    it, so ask for as many as you want to label first. Write them with -o FILE.csv, fill in the
    column label, give the file to advise budget, and then to fit. With 64 labels or more, texts are
    chosen that the model is unsure of and that differ.
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model, predicts=False)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=classifier) as read:
        known: tuple[list[str], list[str]] = ([], [])
        for path in labelled or []:
            rows = read.labelled(path)
            known[0].extend(rows.texts)
            known[1].extend(rows.labels)
        listed = list(read.texts(texts))
    found = suggest_texts(classifier, listed, n, known if known[0] else None, seed=seed)
    write(_as_records(found, listed))
    say_lines(str(found))


def _as_records(found: Suggestion, texts: list[str]) -> list[dict[str, Any]]:
    """Return the texts with an empty label, and with their strata if they measure a model."""
    records: list[dict[str, Any]] = [
        {"text": texts[row], "label": "", DRAWN: found.way} for row in found.rows
    ]
    if found.strata is not None and found.shares is not None:
        for record, stratum, share in zip(records, found.strata, found.shares, strict=True):
            record |= dict(zip(OF_STRATA, (int(stratum), float(share)), strict=True))
    return records
