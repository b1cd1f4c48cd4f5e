"""``sentiment-transfer predict``."""

import sys
from functools import partial
from typing import Annotated, TextIO

import typer

from sentiment_transfer.base.extras import require_openpyxl
from sentiment_transfer.cli import options
from sentiment_transfer.cli.answers import Answers
from sentiment_transfer.cli.excel_output import write_excel
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import printable, say
from sentiment_transfer.cli.models import labels_of, open_classifier
from sentiment_transfer.cli.output import (
    BinaryWriters,
    Writers,
    format_for,
    table,
    write_csv,
    write_json_array,
    write_json_lines,
    writer_for,
)
from sentiment_transfer.cli.parquet_output import write_parquet
from sentiment_transfer.cli.predictions import Predictions, say_what_differs
from sentiment_transfer.corpus.formulas import LABELS
from sentiment_transfer.corpus.records import Header, Records
from sentiment_transfer.corpus.rows import Source
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.corpus.tables import table_rows
from sentiment_transfer.errors import SettingError

__all__ = ["predict"]

BATCH_TEXTS = 4096
LONGEST_SHOWN = 100

WRITERS: Writers = {
    "table": lambda answers, file: _write_table(answers, file),
    "json": lambda predictions, file: write_json_array(predictions.records(), file),
    "csv": lambda predictions, file: _write_csv(predictions, file, ","),
    "tsv": lambda predictions, file: _write_csv(predictions, file, "\t"),
    "jsonl": lambda predictions, file: write_json_lines(predictions.records(), file),
}
BINARY_WRITERS: BinaryWriters = {
    "parquet": lambda found, file: write_parquet(found.different_names, found.rows(), file),
    "xlsx": lambda found, file: write_excel(found.names, found.rows(), file),
}
FORMATS = [*WRITERS, *BINARY_WRITERS]


def predict(
    model: options.ModelFile,
    texts: Annotated[list[str] | None, options.texts("Texts to label")] = None,
    string: Annotated[
        list[str] | None,
        options.value("TEXT", "A text to label, instead of TEXTS. Can be repeated."),
    ] = None,
    form: Annotated[
        str | None,
        options.form(
            FORMATS,
            " The table truncates long texts. csv and tsv have an apostrophe before a text that a "
            "spreadsheet would run as a formula (=1+1, @SUM(A1)), never before a label; reading "
            "such a file here takes it off.",
        ),
    ] = None,
    keep: Annotated[
        str | None,
        options.value(
            "COLUMNS",
            "Columns of TEXTS to keep, separated by commas, or none; by default all. A table "
            "shows none of them.",
        ),
    ] = None,
    probabilities: Annotated[
        bool,
        typer.Option(
            "--probabilities",
            help="Add the probability of each label, as probability_LABEL. json and jsonl always "
            "have them, as probabilities.",
        ),
    ] = False,
    abstain_below: Annotated[
        float | None,
        options.value("P", "Abstain if no label reaches this probability.", min=0, max=1),
    ] = None,
    unsure: Annotated[
        str, options.value("NAME", "Label of texts on which the model abstains.")
    ] = "unsure",
    output: options.Output = None,
    sentence_encoder: options.SentenceEncoder = None,
    text: options.TextColumn = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Predict the labels of texts.

    Writes all columns of TEXTS, then label, probability and coverage, in the order of the rows;
    where TEXTS have a column of such a name, the new one is named predicted_label, and so on. Lines
    of text are a column text. A table, as on a terminal, has the texts alone.

    Coverage is the share of a text's words that the model knows. At coverage 0 the probabilities
    are the shares of the labels in training, and with --abstain-below the model abstains. evaluate
    shows how accurate the remaining answers are. A warning says if coverage is far below that of
    the texts that the model learnt from, as in another language.
    """
    if texts and string:
        raise SettingError("TEXTS and --string cannot be combined; give one of them")
    if not texts and not string:
        raise SettingError("no texts given; give TEXTS, - for standard input, or --string")
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    write = writer_for(form, output, WRITERS, BINARY_WRITERS)
    form = format_for(form, output, FORMATS)
    _check_format(form, keep, probabilities)
    classifier = open_classifier(model, sentence_encoder)
    if abstain_below is not None and unsure in labels_of(classifier):
        raise SettingError(f"--unsure {unsure} is not allowed; it is a label of this model")
    with Reader(text, skip_bad=skip_bad, files=files, model=classifier) as read:
        records = _strings(string) if string else read.records(texts or [])
        header = None if form == "table" else _header(records, keep)
        typed = texts == ["-"] and sys.stdin.isatty()
        batches = records.batches(1 if typed else BATCH_TEXTS)
        answers = Answers(classifier, batches, abstain_below, unsure)
        write(answers if header is None else Predictions(answers, header, probabilities))
    if output is not None and str(output) != "-":
        counts = zip(answers.names, answers.counts.tolist(), strict=True)
        n_texts = "1 text" if answers.n == 1 else f"{answers.n:,} texts"
        say(f"{output}: {n_texts}, {', '.join(f'{n:,} {name}' for name, n in counts)}")
    _report_unanswered(answers, abstain_below)


def _check_format(form: str, keep: str | None, probabilities: bool) -> None:
    """Raise for options that a format does not have, or one whose package is not installed."""
    if form == "xlsx":
        require_openpyxl()
    if form == "table" and (keep is not None or probabilities):
        raise SettingError(
            "--keep and --probabilities need columns, which a table does not have; give -o FILE "
            f"or --format {' | '.join(FORMATS[1:])}"
        )


def _strings(texts: list[str]) -> Records:
    return Records([Source("--string", partial(table_rows, texts), "row")])


def _header(records: Records, keep: str | None) -> Header:
    """Return the columns to write."""
    headers = records.headers()
    names = None if keep is None else [] if keep == "none" else options.split(keep)
    if names is None:
        say_what_differs(headers)
    return Header(headers.values(), names)


def _report_unanswered(answers: Answers, abstain_below: float | None) -> None:
    if abstain_below is not None:
        say(
            f"answered: {answers.n - answers.n_unsure:,} of {answers.n:,}; abstained because no "
            f"label reaches {abstain_below:g}: {answers.n_unsure - answers.n_unknown:,}; abstained "
            f"because no word is known: {answers.n_unknown:,}"
        )
    elif answers.n_unknown:
        say(
            f"texts without a known word (coverage 0): {answers.n_unknown:,}; their probabilities "
            "are the shares of the labels in training, equal ones without labels"
        )


def _write_csv(predictions: Predictions, file: TextIO, delimiter: str) -> None:
    labels = {*LABELS, predictions.label_name}
    write_csv(predictions.names, predictions.rows(), file, delimiter=delimiter, labels=labels)


def _write_table(answers: Answers, file: TextIO) -> None:
    """Write each row at once; the widths of all columns but the last are known in advance."""
    names = [[name, "|"] for name in answers.names]
    header, *lines = table(["label", "|"], names, align="ll").splitlines()
    labels = {name: line[:-1] for name, line in zip(answers.names, lines, strict=True)}
    file.write(f"{header[:-1]}probability  coverage  text\n")
    for label, probability, coverage, text, *_ in answers:
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        file.write(f"{labels[label]}{probability:11.3f}  {coverage:8.2f}  {printable(shown)}\n")
