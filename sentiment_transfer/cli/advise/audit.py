"""``sentiment-transfer advise audit``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TextIO

from sentiment_transfer.advice import LabelAudit, audit_labels
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import printable, say, say_lines
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, table, write_csv, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.model.evidence import MIN_TO_ADAPT
from sentiment_transfer.pretraining.bank import general_name

__all__ = ["audit"]

GENERAL = Path(general_name("en"))
COLUMNS = ("place", "label", "expected", "probability", "text")
LONGEST = 60
"""Characters of a text that the table shows."""


def _write_table(rows: list[dict[str, Any]], file: TextIO) -> None:
    cells = [
        [
            *(str(row[name]) for name in ("place", "label", "expected")),
            f"{row['probability']:.2f}",
            printable(row["text"] if len(row["text"]) <= LONGEST else row["text"][:LONGEST] + "…"),
        ]
        for row in rows
    ]
    file.write(table(COLUMNS, cells, align="lllrl") if cells else "")


WRITERS: Writers = {
    "table": _write_table,
    "csv": lambda rows, file: write_csv(COLUMNS, [row.values() for row in rows], file),
    "json": write_json,
}


def audit(
    labelled: Annotated[
        str,
        options.argument("LABELLED", "Texts with labels: a file, folder or URL, or - for input."),
    ],
    model: Annotated[
        Path,
        options.value(
            "MODEL", "A model, best adapted to texts of this kind, or the name of a shipped one."
        ),
    ] = GENERAL,
    n: Annotated[int, options.number("List at most N labels.", "-n")] = 20,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """List labels that are probably wrong, the most suspect first.

    A label is judged by models that never saw it: one without labels, and one that is fitted to the
    other labels. With 100 texts or more, the model is adapted to them first, without their labels.
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model, predicts=False)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=classifier) as read:
        rows = read.labelled(labelled, with_places=True)
    if len(rows) >= MIN_TO_ADAPT:
        classifier.adapt(rows.texts)
    found = audit_labels(classifier, rows.texts, rows.labels)
    write(_as_records(found, rows.places, n))
    if len(found.suspects) > n:
        say(f"the first {n} of {len(found.suspects)} are listed")
    say_lines(str(found))


def _as_records(found: LabelAudit, places: list[str], n: int) -> list[dict[str, Any]]:
    """Return the first suspects with their places."""
    records = []
    for suspect in found.suspects[:n]:
        known = asdict(suspect) | {"place": places[suspect.row]}
        known["probability"] = round(suspect.probability, 4)
        records.append({name: known[name] for name in COLUMNS})
    return records
