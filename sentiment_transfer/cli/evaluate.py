"""``sentiment-transfer evaluate``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import (
    Writers,
    check_writable,
    open_output,
    table,
    write_csv,
    write_json,
    writer_for,
)
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import InputError, shown
from sentiment_transfer.experiments.calibration import plot_reliability
from sentiment_transfer.experiments.evaluation import Evaluation
from sentiment_transfer.experiments.evaluation import evaluate as measure_model
from sentiment_transfer.experiments.evaluation_table import evaluation_table

__all__ = ["evaluate"]

WRITERS: Writers = {
    "table": lambda report, file: file.write(evaluation_table(report, table)),
    "json": write_json,
}


def evaluate(
    model: options.ModelFile,
    labelled: Annotated[
        str,
        options.argument(
            "LABELLED",
            "Labelled texts that the model has not seen: a file, folder or URL, or - for standard "
            "input.",
        ),
    ],
    folds: Annotated[
        int | None,
        options.number(
            "Cross-validate instead: fit the model to all but one of N parts of LABELLED, measure "
            "it on that part, and so on. MODEL keeps its word vectors, not its labels.",
            least=2,
        ),
    ] = None,
    errors: Annotated[
        Path | None,
        options.value(
            "FILE",
            "Also write the texts with a wrong label to this CSV file, the most confident first.",
            callback=check_writable,
        ),
    ] = None,
    reliability: Annotated[
        Path | None, options.picture("Also draw accuracy by predicted probability")
    ] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    sentence_encoder: options.SentenceEncoder = None,
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
    """Measure a model on labelled texts.

    Prints accuracy with a 95 % interval, the majority baseline, macro-F1, coverage, calibration
    error, Brier score and log loss, precision and recall of each label, the confusion matrix, and
    the accuracy on the most confident texts. For ordered labels, such as stars, also the mean error
    in steps. Rows without a label are left out.
    """
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    write = writer_for(form, output, WRITERS)
    classifier = open_classifier(model, sentence_encoder)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=classifier) as read:
        rows = read.labelled(labelled)
    try:
        found = measure_model(classifier, rows, folds=folds, seed=seed)
    except InputError as error:
        raise InputError(f"{error.message}{_columns(read, error)}", path=labelled) from error
    _say_what_is_odd(found)
    if reliability is not None:
        plot_reliability(found.reliability, reliability)
    if errors is not None:
        _write_errors(found, errors)
    write(found.report)


def _columns(read: Reader, error: InputError) -> str:
    """Return the columns of the table, where an error asks for the one of the labels."""
    if "label=..." not in error.message or not read.columns_found:
        return ""
    listed = ", ".join(map(shown, read.columns_found))
    return f" (columns: {listed}; labels were read from {shown(read.columns.get('label'))})"


def _say_what_is_odd(found: Evaluation) -> None:
    if found.never_predicted:
        listed = ", ".join(found.never_predicted[:5])
        say(f"never predicted: {listed}; fit --class-weight balanced gives rare labels more weight")


def _write_errors(found: Evaluation, path: Path) -> None:
    wrong = found.errors
    with open_output(path) as file:
        write_csv(wrong.columns, wrong.itertuples(index=False, name=None), file)
    say(f"{path}: {len(wrong):,} of {found.report['texts']:,} texts have a wrong label")
