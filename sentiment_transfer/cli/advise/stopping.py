"""``sentiment-transfer advise stopping``."""

import math
from pathlib import Path
from typing import Annotated, Any, TextIO

from sentiment_transfer.advice import StoppedPretraining, pretrain_until
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import progress_shown, say_lines
from sentiment_transfer.cli.output import Writers, table, write_csv, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.pretraining import SkipGram

__all__ = ["stopping"]

COLUMNS = ("epochs", "held_out_loss", "seed_words", "neighbours", "chosen")


def _write_table(rows: list[dict[str, Any]], file: TextIO) -> None:
    cells = [
        [
            f"{'* ' if row['chosen'] else '  '}{row['epochs']}",
            _shown(row["held_out_loss"], ".3f"),
            _shown(row["seed_words"], ".1%"),
            _shown(row["neighbours"], ".0%"),
        ]
        for row in rows
    ]
    header = ("epochs", "held-out loss", "seed words predicted", "neighbours kept")
    file.write(table(header, cells, align="rrrr"))


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else f"{value:{form}}".replace("%", " %")


WRITERS: Writers = {
    "table": _write_table,
    "csv": lambda rows, file: write_csv(COLUMNS, [row.values() for row in rows], file),
    "json": write_json,
}


def stopping(
    texts: Annotated[list[str], options.texts("Unlabelled texts")],
    output: options.ModelOutput,
    text: options.TextColumn = None,
    language: options.TextLanguage = "en",
    vector_size: Annotated[int, options.number("Dimensions of the vectors.")] = 100,
    held_out: Annotated[
        str | None,
        options.value(
            "TEXTS",
            "Texts to judge the vectors on. By default every fifth text, at most 1,000; then the "
            "vectors are learnt again from all.",
        ),
    ] = None,
    patience: Annotated[
        int, options.number("Doublings of the epochs after the least held-out loss.")
    ] = 2,
    max_epochs: Annotated[int, options.number("Most epochs.")] = 64,
    plot: Annotated[Path | None, options.picture("Also draw the figures by epochs")] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Pretrain with the number of epochs chosen on held-out texts.

    Trains for 1, 2, 4, 8 … epochs, and stops two doublings after the held-out loss is least. Writes
    what pretrain writes, and prints what was measured.
    """
    write = writer_for(form, None, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    skipgram = SkipGram(vector_size, tokenizer=language, seed=seed)
    with Reader(text, skip_bad=skip_bad, files=files) as read, progress_shown(quiet) as callback:
        watched = None if held_out is None else list(read.texts([held_out]))
        found = pretrain_until(
            skipgram,
            read.texts(texts),
            held_out=watched,
            patience=patience,
            max_epochs=max_epochs,
            callback=callback,
        )
        found.model.remember_columns(**read.columns)
    (found.model if found.model.knows_polarity else found.vectors).save(output)
    write(_as_records(found))
    say_lines(str(found))
    if plot is not None:
        found.plot(plot)


def _as_records(found: StoppedPretraining) -> list[dict[str, Any]]:
    return [
        {
            "epochs": one.epochs,
            "held_out_loss": _known(one.loss),
            "seed_words": _known(one.seed_words),
            "neighbours": _known(one.neighbours),
            "chosen": one.epochs == found.epochs,
        }
        for one in found.snapshots
    ]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
