"""``sentiment-transfer words``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.options import ModelFile, Output
from sentiment_transfer.cli.reading import open_classifier
from sentiment_transfer.cli.writing import (
    aligned,
    check_picture,
    check_place,
    format_for,
    opened,
    write_csv,
    write_json,
)
from sentiment_transfer.errors import ModelFileError, NotFittedError

__all__ = ["words"]


class Format(StrEnum):
    """Forms of the list."""

    table = "table"
    json = "json"
    csv = "csv"


def words(
    model: ModelFile,
    n: Annotated[int, typer.Option("-n", min=1, help="So many words from either end.")] = 20,
    min_count: Annotated[
        int, typer.Option(min=0, help="Only words seen so often in pretraining.")
    ] = 20,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw them: .svg, .png or .pdf.")
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None, typer.Option(help="By the ending of -o FILE, or else table.")
    ] = None,
    output: Output = None,
) -> None:
    """List the most positive and the most negative words.

    Polarity is in standard deviations from the average word, as pretraining found it; what labels
    made of it, explain tells. not_good is a negated "good".
    """
    form = format_for(format, output, Format)
    check_place(output)
    check_picture("--plot", plot)
    classifier = open_classifier(model)
    try:
        ranked = classifier.polar_words(n, min_count)
    except NotFittedError as error:
        raise ModelFileError(str(error), path=str(model)) from error
    if ranked.empty:
        say(f"no word was seen {min_count:,} times; lower --min-count")
    if plot is not None:
        classifier.plot_polar_words(plot, n, min_count)
    rows = [
        {"word": word, "polarity": round(float(polarity), 3), "count": int(count)}
        for word, polarity, count in ranked.itertuples(index=False)
    ]
    with opened(output) as file:
        _write(rows, form, file)


def _write(rows: list[dict[str, object]], form: Format, file: TextIO) -> None:
    if form is Format.json:
        write_json(rows, file)
    elif form is Format.csv:
        write_csv(rows, file, ["word", "polarity", "count"])
    else:
        cells = [[str(r["word"]), f"{r['polarity']:+.2f}", f"{r['count']:,}"] for r in rows]
        file.write(aligned([["word", "polarity", "count"], *cells]))
