"""``sentiment-transfer advise sizing``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.advice import size_head
from sentiment_transfer.advice.sizing.sizing import FOLDS, REPEATS, SIZES
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, write_csv, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import InputError, SettingError

__all__ = ["sizing"]

COLUMNS = ("hidden_units", "accuracy", "log_loss", "behind", "error", "trained", "total")

WRITERS: Writers = {
    "table": lambda found, file: file.write(found.table),
    "csv": lambda found, file: write_csv(
        COLUMNS, [[getattr(one, name) for name in COLUMNS] for one in found.sizes], file
    ),
    "json": lambda found, file: write_json(found.as_dict(), file),
}


def sizing(
    model: options.ModelFile,
    labelled: Annotated[
        str,
        options.argument("LABELLED", "Texts with labels: a file, folder or URL, or - for input."),
    ],
    sizes: Annotated[
        str,
        options.value("SIZES", "Hidden units to compare; 0 for none, others need the extra torch."),
    ] = ",".join(map(str, SIZES)),
    folds: Annotated[int, options.number("Number of folds.", least=2)] = FOLDS,
    repeats: Annotated[int, options.number("Divisions into folds.")] = REPEATS,
    plot: Annotated[
        Path | None, options.picture("Also draw the log loss by number of hidden units")
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
    """Choose the size of a hidden layer, or none.

    Compares sizes on the vectors of the model, and takes the smallest whose log loss of left-out
    labels is within one standard error of the lowest. Beside it are the parameters learnt from
    labels, those of training from scratch, and the default head, which knows seed words.
    """
    write = writer_for(form, output, WRITERS)
    numbers = _numbers(sizes)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model, predicts=False)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=classifier) as read:
        rows = read.labelled(labelled)
    say("fitting heads of each size to parts of the labels; this takes up to a minute")
    try:
        found = size_head(
            classifier,
            rows.texts,
            rows.labels,
            sizes=numbers,
            folds=folds,
            repeats=repeats,
            seed=seed,
        )
    except InputError as error:
        raise InputError(error.message, path=labelled) from error
    write(found)
    if plot is not None:
        found.plot(plot)
    for line in str(found.verdict).splitlines():
        say(line)


def _numbers(sizes: str) -> list[int]:
    parts = options.split(sizes)
    if not all(part.isdecimal() for part in parts):
        raise SettingError(
            f"--sizes {sizes} is not allowed; it must be integers from 0, such as 0,8,32"
        )
    return [int(part) for part in parts]
