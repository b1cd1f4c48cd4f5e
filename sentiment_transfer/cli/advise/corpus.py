"""``sentiment-transfer advise corpus``."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from sentiment_transfer.advice import (
    CorpusForecast,
    CorpusReport,
    describe_corpus,
    forecast_corpus,
)
from sentiment_transfer.advice.corpora.plot import plot_forecast
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say, say_lines
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.languages.detection import LANGUAGE_NAMES

__all__ = ["corpus"]

SHOWN_LANGUAGES = 3
Found = tuple[CorpusReport, CorpusForecast | None]


def _write_table(found: Found, file: TextIO) -> None:
    report, forecast = found
    file.write(table(["", "corpus"], list(_lines(report))))
    if forecast is not None and forecast.parts:
        rows = [(f"{p.n_texts:,}", f"{p.area:.3f}", f"{p.spread:.3f}") for p in forecast.parts]
        file.write("\n" + table(["texts", "area under the curve", "sd"], rows, align="rrr"))


def _lines(report: CorpusReport) -> Iterator[tuple[str, str]]:
    near, close = report.near_duplicates, report.closeness
    yield "texts", f"{report.n_texts:,}"
    yield "empty", f"{report.n_empty:,}"
    yield "words without stop words, about", f"{report.n_words:,}"
    yield "words of the median text", f"{report.median_words:,}"
    yield "repeated texts", _percent(report.repeated)
    yield "near-duplicates", "not counted" if near is None else _percent(near)
    for code, share in list(report.languages.items())[:SHOWN_LANGUAGES]:
        yield f"in {LANGUAGE_NAMES.get(code, 'other languages')}", _percent(share)
    if close is not None:
        yield "words known of texts to be judged", _percent(close.coverage)
        yield "words known of new texts of the corpus", _percent(close.own_coverage)
    if close is not None and close.divergence is not None:
        yield "divergence to texts to be judged, bits", f"{close.divergence:.3f}"
        yield "divergence within the corpus, bits", f"{close.own_divergence:.3f}"
    if report.n_test:
        yield "texts that repeat a test text", f"{report.leaks:,}"
        yield "test texts that are repeated", f"{len(report.leaked):,} of {report.n_test:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _write_json(found: Found, file: TextIO) -> None:
    report, forecast = found
    document: dict[str, Any] = {
        "corpus": asdict(report) | {"verdict": asdict(report.verdict)},
        "more": None,
    }
    if forecast is not None:
        more = asdict(forecast) | {"points": forecast.points, "chance": forecast.chance}
        document["more"] = more | {"verdict": asdict(forecast.verdict)}
    write_json(document, file)


WRITERS: Writers = {"table": _write_table, "json": _write_json}


def corpus(
    texts: Annotated[list[str], options.texts("Texts to pretrain on")],
    judged: Annotated[
        str | None,
        options.value("TEXTS", "Texts of the kind to be judged: a file, folder or URL."),
    ] = None,
    test: Annotated[
        str | None,
        options.value("FILE", "Test texts, with labels or without, to look for in the corpus."),
    ] = None,
    more: Annotated[
        bool,
        typer.Option(
            "--more",
            help="Forecast whether three times as much text would help: half a minute or more.",
        ),
    ] = False,
    plot: Annotated[
        Path | None, options.picture("Draw the forecast of --more, which is then made")
    ] = None,
    language: options.TextLanguage = "en",
    text: options.TextColumn = None,
    seed: options.Seed = 0,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Say whether a corpus is big, clean and close enough.

    Counts texts, repeats and near-duplicates, guesses languages, compares the words with those of
    texts to be judged, and looks for test texts. With --more, vectors are pretrained on 1, 3, 10,
    30 and 100 % of the texts, and predict seed words that are hidden in other texts: no label is
    needed.
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    more = more or plot is not None
    with Reader(text, skip_bad=skip_bad, files=files) as read:
        corpus_texts: Any = read.texts(texts)
        if more and texts == ["-"]:  # a pipe is read once
            corpus_texts = list(corpus_texts)
        others = None if judged is None else list(read.texts([judged]))
        tested = None if test is None else list(read.texts([test]))
        report = describe_corpus(
            corpus_texts, judged=others, test=tested, language=language, seed=seed
        )
        forecast = None
        if more and report.n_different:
            say("pretraining on parts of the corpus, to compare them; this takes about a minute")
            forecast = forecast_corpus(corpus_texts, others, language=language, seed=seed)
    write((report, forecast))
    if plot is not None and forecast is not None:
        plot_forecast(forecast, plot)
    say_lines(str(report))
    if forecast is not None:
        say_lines(str(forecast))
