"""``sentiment-transfer advise budget``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TextIO

import numpy as np

from sentiment_transfer.advice import (
    AccuracyEstimate,
    LabelForecast,
    estimate_accuracy,
    forecast_accuracy,
)
from sentiment_transfer.advice.labels.measuring import right_predictions
from sentiment_transfer.cli import options
from sentiment_transfer.cli.advise.suggest import DRAWN, OF_STRATA
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import InputError
from sentiment_transfer.model import SentimentClassifier

__all__ = ["budget"]


NOT_DRAWN = (
    "some rows have no stratum and share, so that they were not drawn to measure; put them into "
    "another file"
)
NOT_AT_RANDOM = ("typical", "uncertain")
"""Ways of choosing texts whose labels do not measure a model."""


class Budget(NamedTuple):
    """How good the model is, and what is expected of more labels; None if not known."""

    accuracy: AccuracyEstimate | None
    forecast: LabelForecast


def _write_table(found: Budget, file: TextIO) -> None:
    rows = [(f"{n:,}", f"{100 * a:.1f}", "") for n, a in found.forecast.points]
    for each in found.forecast.forecasts:
        band = f"{100 * each.low:.1f} to {100 * each.high:.1f}"
        rows.append((f"{each.n_labels:,}", f"{100 * each.accuracy:.1f}", band))
    if rows:
        file.write("fitted to each number of labels, judged on others; below, forecasts:\n")
        file.write(table(("labels", "accuracy %", "80 % band"), rows, align="rrr"))
        file.write("\n")
    if found.accuracy is not None:
        file.write(f"the model as it is: {found.accuracy}\n")
    file.write(f"{found.forecast}\n")


WRITERS: Writers = {
    "table": _write_table,
    "json": lambda found, file: write_json(_as_record(found), file),
}


def budget(
    model: options.ModelFile,
    labelled: Annotated[
        str,
        options.argument(
            "LABELLED",
            "Texts with labels, drawn at random or by advise suggest to measure: a file, folder or "
            "URL, or - for standard input.",
        ),
    ],
    threshold: Annotated[
        float,
        options.value(
            "POINTS", "Least gain of twice the labels, in points, for which more are worth it."
        ),
    ] = 1.0,
    plot: Annotated[
        Path | None, options.picture("Also draw the accuracy by number of labels")
    ] = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Say how good a model is, and whether more labels would help.

    The accuracy of the model as it is comes with a 95 % interval; labels that it was fitted to do
    not count. The forecast is for the same model fitted to 2, 4 and 10 times as many labels.
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=classifier) as read:
        rows = read.labelled(labelled)
        strata, chosen = ({}, set()) if labelled == "-" else _drawn(read, labelled)
    kept = [i for i, each in enumerate(rows.texts) if each not in chosen]
    if len(kept) < len(rows):
        say(f"texts that were chosen as hard or typical, left out: {len(rows) - len(kept):,}")
    texts, labels = [rows.texts[i] for i in kept], [rows.labels[i] for i in kept]
    if strata and not strata.keys() >= set(texts):
        raise InputError(NOT_DRAWN, path=labelled)
    accuracy = _accuracy(classifier, texts, labels, strata)
    known = _at_random(texts, labels, strata, seed)
    forecast = forecast_accuracy(classifier, *known, threshold=threshold / 100, seed=seed)
    if plot is not None:
        forecast.plot(plot)
    write(Budget(accuracy, forecast))


def _drawn(read: Reader, argument: str) -> tuple[dict[str, tuple[str, float]], set[str]]:
    """Return the stratum of each text and its share, and the texts not drawn at random.

    Both are empty without the columns that ``advise suggest`` writes.
    """
    found: dict[str, tuple[str, float]] = {}
    chosen: set[str] = set()
    for batch in read.records([argument]).batches(1_000):
        for text, record in batch:
            fields = dict(zip(record.names, record.values, strict=False))
            if fields.get(DRAWN) in NOT_AT_RANDOM:
                chosen.add(text)
                continue
            if not set(OF_STRATA) <= fields.keys():
                continue
            stratum, share = (str(fields[name]) for name in OF_STRATA)
            if not share.strip():
                raise InputError(NOT_DRAWN, path=argument)
            try:
                found[text] = (stratum, float(share))
            except ValueError as error:
                raise InputError(
                    f"the share {share!r} of stratum {stratum!r} is not a number; leave the "
                    "columns stratum and share as advise suggest wrote them, or take them out",
                    path=argument,
                ) from error
    return found, chosen


def _at_random(
    texts: Sequence[str], labels: Sequence[str], strata: dict[str, tuple[str, float]], seed: int
) -> tuple[list[str], list[str]]:
    """Return labels as if drawn at random: of each stratum as many as its share of all texts.

    Strata with many labels would be too large a part of what is judged.
    """
    if not strata:
        return list(texts), list(labels)
    order = np.random.default_rng(seed).permutation(len(texts)).tolist()
    counts = Counter(strata[text][0] for text in texts)
    shares = {strata[text][0]: strata[text][1] for text in texts}
    n = min(counts[stratum] / share for stratum, share in shares.items())
    left = {stratum: round(n * share) for stratum, share in shares.items()}
    rows = []
    for row in order:
        stratum = strata[texts[row]][0]
        if left[stratum] > 0:
            left[stratum] -= 1
            rows.append(row)
    return [texts[row] for row in rows], [labels[row] for row in rows]


def _accuracy(
    model: SentimentClassifier,
    texts: Sequence[str],
    labels: Sequence[str],
    strata: dict[str, tuple[str, float]],
) -> AccuracyEstimate | None:
    """Estimate the accuracy from labels that the model was not fitted to."""
    seen = model.training_summary_.seen(texts)
    if seen.any():
        say(
            f"labels that the model was fitted to, which do not measure it: {seen.sum():,}; label "
            "others to do so"
        )
    rows = np.flatnonzero(~seen)
    if not len(rows):
        return None
    own = [texts[row] for row in rows.tolist()]
    right = right_predictions(model, own, [labels[row] for row in rows.tolist()])
    if not strata:
        return estimate_accuracy(right)
    known, shares = zip(*(strata[text] for text in own), strict=True)
    return estimate_accuracy(right, known, shares)


def _as_record(found: Budget) -> dict[str, Any]:
    forecast = found.forecast
    return {
        "accuracy": None if found.accuracy is None else asdict(found.accuracy),
        "points": [point._asdict() for point in forecast.points],
        "forecasts": [each._asdict() for each in forecast.forecasts],
        "flat": forecast.is_flat,
        "stop": forecast.says_stop,
        "verdict": asdict(forecast.verdict),
    }
