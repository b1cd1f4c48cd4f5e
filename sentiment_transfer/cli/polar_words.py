"""``sentiment-transfer polar-words``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from sentiment_transfer.cli.inputs import open_classifier
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.options import ModelFile, Output
from sentiment_transfer.cli.output import (
    check_picture,
    check_writable,
    format_for,
    open_output,
    table,
    write_csv,
    write_json,
)
from sentiment_transfer.errors import ModelFileError, NotFittedError

__all__ = ["polar_words"]


class Format(StrEnum):
    """Output formats."""

    table = "table"
    json = "json"
    csv = "csv"


def polar_words(
    model: ModelFile,
    n: Annotated[
        int, typer.Option("-n", min=1, metavar="N", help="Number of words of each polarity.")
    ] = 20,
    min_count: Annotated[
        int, typer.Option(min=0, metavar="N", help="Minimum occurrences in the pretraining texts.")
    ] = 20,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw the words: .svg, .png or .pdf.")
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None,
        typer.Option(
            metavar="FORMAT",
            help="table, json or csv; the default is the suffix of -o, else table.",
        ),
    ] = None,
    output: Output = None,
) -> None:
    """List the most positive and the most negative words.

    Polarity is measured in standard deviations from the average word, before any labels; explain
    shows the weights after fitting. not_good is a negated "good".
    """
    form = format_for(format, output, Format)
    check_writable(output)
    check_picture("--plot", plot)
    classifier = open_classifier(model)
    try:
        ranked = classifier.polar_words(n, min_count)
    except NotFittedError as error:
        raise ModelFileError(str(error), path=str(model)) from error
    if ranked.empty:
        say(f"no word occurs {min_count:,} times; lower --min-count")
    if plot is not None:
        classifier.plot_polar_words(plot, n, min_count)
    rows = [
        {"word": word, "polarity": round(float(polarity), 3), "count": int(count)}
        for word, polarity, count in ranked.itertuples(index=False)
    ]
    with open_output(output) as file:
        _write(rows, form, file)


def _write(rows: list[dict[str, object]], form: Format, file: TextIO) -> None:
    if form is Format.json:
        write_json(rows, file)
    elif form is Format.csv:
        write_csv(rows, file, ["word", "polarity", "count"])
    else:
        cells = [[str(r["word"]), f"{r['polarity']:+.2f}", f"{r['count']:,}"] for r in rows]
        file.write(table(["word", "polarity", "count"], cells))
