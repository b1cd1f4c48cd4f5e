"""``sentiment-transfer advise diagnose``."""

import math
from typing import Annotated, TextIO

from sentiment_transfer.advice import Diagnosis
from sentiment_transfer.advice import diagnose as diagnose_model
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import printable, say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, table, write_csv, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import InputError

__all__ = ["diagnose"]

COLUMNS = ("code", "check", "result", "found")


def _rows(found: Diagnosis) -> list[tuple[str, str, str, str]]:
    return [(one.code, one.kind.name, one.result, one.finding) for one in found.checks]


def _write_table(found: Diagnosis, file: TextIO) -> None:
    file.write(table(COLUMNS, _rows(found), align="llll"))
    file.write("\n")
    probes = [
        (name, f"{100 * one.accuracy:.1f}", f"{one.log_loss:.3f}", f"{one.loss_lead:+.1f}")
        for name, one in found.evidence.probes.items()
    ]
    share = found.evidence.without_labels
    if not math.isnan(share):
        probes.append(("no labels, seed words alone", f"{100 * share:.1f}", "", ""))
    file.write(table(("left-out labels", "accuracy %", "log loss", "lead"), probes))
    for one in found.faults:
        file.write(f"\n{one.code} {printable(one.kind.name)}\n  found by {one.kind.found_by}\n")
        file.write(f"  matters: {one.kind.why}\n  to do: {found.remedy(one)}\n")


WRITERS: Writers = {
    "table": _write_table,
    "csv": lambda found, file: write_csv(COLUMNS, _rows(found), file),
    "json": lambda found, file: write_json(found.as_dict(), file),
}


def diagnose(
    model: options.ModelFile,
    labelled: Annotated[
        str,
        options.argument("LABELLED", "Texts with labels: a file, folder or URL, or - for input."),
    ],
    unlabelled: Annotated[
        list[str] | None,
        options.value(
            "TEXTS",
            "Texts of the same kind without labels, by default those of LABELLED. Can be repeated.",
        ),
    ] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Find which part of a model fails.

    Checks what the vectors learnt, swaps one stage at a time and compares left-out labels, and
    estimates how many labels are wrong. The model is fitted again, and not written. A lead is that
    of the log loss over the model's, in standard errors.
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model, predicts=False)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=classifier) as read:
        rows = read.labelled(labelled)
        more = list(read.texts(unlabelled)) if unlabelled else None
    try:
        found = diagnose_model(classifier, rows.texts, rows.labels, unlabelled=more, seed=seed)
    except InputError as error:
        raise InputError(error.message, path=labelled) from error
    write(found)
    for line in str(found).splitlines():
        say(line)
