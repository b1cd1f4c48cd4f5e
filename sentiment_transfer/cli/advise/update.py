"""``sentiment-transfer advise update``."""

from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from sentiment_transfer.advice import (
    ModelUpdate,
    previous_path,
    replace_model,
    roll_back,
    update_model,
)
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import printable, progress_shown, say, say_lines
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import (
    Writers,
    check_model,
    check_writable,
    table,
    write_csv,
    write_json,
    writer_for,
)
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.pretraining import SkipGram
from sentiment_transfer.pretraining.bank import bank_names

__all__ = ["update"]

COLUMNS = (
    *("row", "before", "probability_before", "after", "probability_after"),
    *("label", "text"),
)
LONGEST = 60
"""Characters of a text that the table shows."""
STRATEGIES = ("auto", "average", "continue", "retrain")


def _write_table(rows: list[dict[str, Any]], file: TextIO) -> None:
    cells = [
        [
            str(row["row"]),
            *(f"{row[name]} {row[f'probability_{name}']:.2f}" for name in ("before", "after")),
            str(row["label"]),
            printable(row["text"] if len(row["text"]) <= LONGEST else row["text"][:LONGEST] + "…"),
        ]
        for row in rows
    ]
    header = ("row", "before", "after", "label", "text")
    file.write(table(header, cells, align="rllll") if cells else "")


WRITERS: Writers = {
    "table": _write_table,
    "csv": lambda rows, file: write_csv(COLUMNS, [row.values() for row in rows], file),
    "json": write_json,
}
REFUSED = 1
"""Exit code if the old model is kept."""


def update(
    model: options.ModelFile,
    texts: Annotated[
        list[str] | None, options.texts("New unlabelled texts; none with --rollback")
    ] = None,
    output: Annotated[
        Path | None,
        options.value(
            "FILE",
            "Write the new model to this file, unless it is refused.",
            "--output",
            "-o",
            callback=lambda path: None if path is None else check_model(path),
        ),
    ] = None,
    labelled: Annotated[
        str | None,
        options.value(
            "LABELLED",
            "All labelled texts to fit the new model to. Without them it keeps what the old one "
            "learnt from labels.",
        ),
    ] = None,
    cases: Annotated[
        str | None,
        options.value(
            "LABELLED",
            "Fixed texts to compare both models on, with right labels if they have some. By "
            "default every fifth new text, at most 1,000.",
        ),
    ] = None,
    old_texts: Annotated[
        list[str] | None,
        options.value("TEXTS", "The texts of the old model, if they are at hand; repeatable."),
    ] = None,
    strategy: Annotated[
        str,
        options.choice(
            STRATEGIES,
            "NAME",
            "average (the default): the old model averaged with one that is trained on; continue: "
            "the latter alone; retrain: from random vectors.",
        ),
    ] = "auto",
    epochs: Annotated[
        int | None, options.number("Passes over the texts; by default chosen from their size.")
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help="Replace MODEL; the old one is kept beside it, with .previous in its name.",
        ),
    ] = False,
    rollback: Annotated[
        bool,
        typer.Option("--rollback", help="Restore MODEL as it was before an update in place."),
    ] = False,
    flips: Annotated[
        Path | None,
        options.value(
            "FILE", "Write the predictions that flip to this file.", callback=check_writable
        ),
    ] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Update a model with new texts, and list what flips.

    The new model is refused if it is clearly worse: on the labels of the cases, in predicting
    hidden seed words of the cases, or labels left out. Then no model is written, and the exit code
    is 1.
    """
    if rollback:
        say(f"{model}: restored from {roll_back(model)}")
        return
    _check(model, texts, output, in_place=in_place)
    write = writer_for(form, flips, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    old = open_classifier(model)
    size = old.vectors_.vector_size
    skipgram = SkipGram(size, epochs="auto" if epochs is None else epochs, seed=seed)
    with (
        Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=old) as read,
        progress_shown(quiet) as callback,
    ):
        rows = None if labelled is None else read.labelled(labelled)
        fixed = None if cases is None else _cases(read, cases)
        found = update_model(
            old,
            read.texts(texts or []),
            labelled=None if rows is None else (rows.texts, rows.labels),
            cases=fixed,
            old_texts=read.texts(old_texts) if old_texts else (),
            skipgram=skipgram,
            strategy=strategy,  # type: ignore[arg-type]
            callback=callback,
            seed=seed,
        )
        found.model.remember_columns(**read.columns)
    write(_as_records(found))
    say_lines(str(found))
    if not found.accepted:
        raise typer.Exit(REFUSED)
    _save(found.model, model, output)


def _check(model: Path, texts: list[str] | None, output: Path | None, *, in_place: bool) -> None:
    if not texts:
        raise SettingError("there are no TEXTS; name files of new texts, or give --rollback")
    if (output is None) != in_place:
        raise SettingError("name a file for the new model with -o FILE, or give --in-place")
    if in_place and str(model) in bank_names() and not model.is_file():
        raise SettingError(f"{model} ships with the package and is not replaced; give -o FILE")


def _cases(read: Reader, path: str) -> tuple[list[str], list[Any] | None]:
    """Return texts and their labels, or all texts of a file that has no labels."""
    rows = read.labelled_or_texts(path)
    if rows.labels:
        return rows.texts, list(rows.labels)
    say(f"{path}: flips alone are counted, not whether they are right")
    return rows.unlabelled, None


def _as_records(found: ModelUpdate) -> list[dict[str, Any]]:
    flips = () if found.changes is None else found.changes.flips
    return [
        {
            "row": one.row,
            "before": one.before,
            "probability_before": round(one.probability_before, 4),
            "after": one.after,
            "probability_after": round(one.probability_after, 4),
            "label": "" if one.label is None else one.label,
            "text": one.text,
        }
        for one in flips
    ]


def _save(new: SentimentClassifier, model: Path, output: Path | None) -> None:
    if output is not None:
        new.save(output)
        say(f"{output}: the new model")
    else:
        if previous_path(model).is_file():
            say(f"{previous_path(model)}: the version before the old one is replaced")
        kept = replace_model(model, new)
        say(f"{model}: the new model; the old one is {kept}, and --rollback restores it")
