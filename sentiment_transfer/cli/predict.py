"""``sentiment-transfer predict``."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, TextIO

import typer

from sentiment_transfer.base.extras import require_openpyxl
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import printable, say
from sentiment_transfer.cli.models import labels_of, open_classifier
from sentiment_transfer.cli.output import (
    Writers,
    check_writable,
    format_for,
    table,
    writer_for,
)
from sentiment_transfer.cli.predict_files import (
    executor_for,
    is_folder,
    predict_files,
    say_unanswered,
)
from sentiment_transfer.corpus.records import Header, Records
from sentiment_transfer.corpus.rows import Source
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.corpus.tables import table_rows
from sentiment_transfer.errors import SettingError
from sentiment_transfer.scoring import ScoringOptions
from sentiment_transfer.scoring.answers import Answers
from sentiment_transfer.scoring.files import check_is_no_url
from sentiment_transfer.scoring.forms import BINARY_WRITERS, TEXT_WRITERS
from sentiment_transfer.scoring.predictions import Predictions
from sentiment_transfer.scoring.scorer import Scorer

__all__ = ["predict"]

BATCH_TEXTS = 4096
LONGEST_SHOWN = 100

WRITERS: Writers = {
    "table": lambda answers, file: _write_table(answers, file),
    **TEXT_WRITERS,
}
FORMATS = [*WRITERS, *BINARY_WRITERS]


def _check_output(output: str | None) -> str | None:
    """Raise if the output can be neither a file nor a folder; called before long work."""
    if output is not None:
        check_is_no_url(output)
    if output is not None and not is_folder(output):
        check_writable(Path(output))
    return output


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
    output: Annotated[
        str | None,
        options.value(
            "FILE",
            "Write to this file, atomically; it may be none of the inputs. By default, or with -, "
            "write to standard output. With a folder, or a name that ends in /, each file of TEXTS "
            "gets a file of answers there, by default of its own format. Run again after an end in "
            "between, it leaves finished ones as they are.",
            "--output",
            "-o",
            callback=_check_output,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        options.value(
            "ADDRESS",
            "Address of a Dask scheduler, such as tls://host:8786, whose workers answer the files, "
            "where -o is a folder that they see; or local:N. By default, without --workers, that "
            "of the environment variable DASK_SCHEDULER_ADDRESS, if it is set.",
        ),
    ] = None,
    workers: Annotated[int, options.number("Number of processes, where -o is a folder.")] = 1,
    sentence_encoder: options.SentenceEncoder = None,
    text: options.TextColumn = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
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
    if output is not None and is_folder(output):
        kept = None if keep is None else tuple(_split(keep))
        scoring = ScoringOptions(
            form, text, kept, probabilities, abstain_below, unsure, skip_bad, files
        )
        _check_of_files(form, texts, sentence_encoder)
        with executor_for(workers, cluster, output) as executor:
            predict_files(model, texts or [], output, scoring, executor=executor, quiet=quiet)
        return
    if cluster is not None:
        raise SettingError("--cluster needs a folder for the answers, as in -o FOLDER/")
    if workers != 1:
        raise SettingError(f"workers={workers} needs a folder for the answers, as in -o FOLDER/")
    path = None if output is None else Path(output)
    write = writer_for(form, path, WRITERS, BINARY_WRITERS)
    form = format_for(form, path, FORMATS)
    _check_format(form, keep, probabilities)
    classifier = open_classifier(model, sentence_encoder)
    if abstain_below is not None and unsure in labels_of(classifier):
        raise SettingError(f"--unsure {unsure} is not allowed; it is a label of this model")
    with Reader(text, skip_bad=skip_bad, files=files, model=classifier) as read:
        records = _strings(string) if string else read.records(texts or [])
        header = None if form == "table" else _header(records, keep)
        typed = texts == ["-"] and sys.stdin.isatty()
        batches = records.batches(1 if typed else BATCH_TEXTS)
        scorer = Scorer(classifier.stages_, abstain_below, unsure)
        answers = Answers(scorer, batches)
        write(answers if header is None else Predictions(answers, header, probabilities, say))
    if output is not None and output != "-":
        counts = zip(scorer.names, scorer.counts.tolist(), strict=True)
        n_texts = "1 text" if scorer.n == 1 else f"{scorer.n:,} texts"
        say(f"{output}: {n_texts}, {', '.join(f'{n:,} {name}' for name, n in counts)}")
    say_unanswered(scorer.n, scorer.n_unsure, scorer.n_unknown, abstain_below)


def _check_of_files(
    form: str | None, texts: list[str] | None, sentence_encoder: str | None
) -> None:
    """Raise for what cannot be answered file by file."""
    if not texts or "-" in texts:
        raise SettingError("a folder of answers needs files; name them, or give -o FILE")
    if form == "table":
        listed = " | ".join(FORMATS[1:])
        raise SettingError(f"a folder holds no tables; give --format {listed}, or none")
    if form == "xlsx":
        require_openpyxl()
    if sentence_encoder is not None:
        raise SettingError("--sentence-encoder needs one file of answers; give -o FILE")


def _split(keep: str) -> list[str]:
    return [] if keep == "none" else options.split(keep)


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
    names = None if keep is None else _split(keep)
    if names is None:
        _say_what_differs(headers)
    return Header(headers.values(), names)


def _write_table(answers: Answers, file: TextIO) -> None:
    """Write each row at once; the widths of all columns but the last are known in advance."""
    names = [[name, "|"] for name in answers.scorer.names]
    header, *lines = table(["label", "|"], names, align="ll").splitlines()
    labels = {name: line[:-1] for name, line in zip(answers.scorer.names, lines, strict=True)}
    file.write(f"{header[:-1]}probability  coverage  text\n")
    for label, probability, coverage, text, *_ in answers:
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        file.write(f"{labels[label]}{probability:11.3f}  {coverage:8.2f}  {printable(shown)}\n")


def _say_what_differs(headers: Mapping[str, tuple[str, ...]]) -> None:
    """Name the first input that lacks a column of another one."""
    union = {name: None for names in headers.values() for name in names}
    for source, names in headers.items():
        missing = [name for name in union if name not in names]
        if missing:
            listed = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
            say(f"the inputs have different columns; empty, since {source} lacks them: {listed}")
            return
