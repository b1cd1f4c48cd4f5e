"""One file of texts to one file of answers: the pure function that scoring is made of."""

from __future__ import annotations

import io
import multiprocessing
import threading
import warnings
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.base.digests import file_sha256
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus.columns import ColumnNames, Columns
from sentiment_transfer.corpus.formats import sources_of
from sentiment_transfer.corpus.parquet_batches import ParquetBatches
from sentiment_transfer.corpus.records import Header, Records
from sentiment_transfer.corpus.rows import SkippedRows
from sentiment_transfer.corpus.sources import locate, suffixes
from sentiment_transfer.errors import InputError, ModelFileError, SentimentTransferError
from sentiment_transfer.model import FittedStages, model_path
from sentiment_transfer.model.files import read
from sentiment_transfer.scoring.answers import Answers
from sentiment_transfer.scoring.columns import score_parquet
from sentiment_transfer.scoring.finished import identity, mark_finished, unmark
from sentiment_transfer.scoring.forms import BINARY_WRITERS, TEXT_WRITERS
from sentiment_transfer.scoring.predictions import Predictions
from sentiment_transfer.scoring.scorer import Scorer
from sentiment_transfer.scoring.shards import Counts, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentiment_transfer.scoring.shards import Shard

__all__ = ["score_shard", "sha256_of", "stages_of"]

BATCH_TEXTS = 4096
MOST_MESSAGES = 20
"""Messages of a kind that are kept of a shard."""

_recording = threading.Lock()


def score_shard(shard: Shard) -> Outcome:
    """Score one file, and write the answers atomically.

    Depends on the shard alone, so that it can run anywhere, and again. An error that concerns this
    file is part of the outcome, as the other files are to be scored still.
    """
    notices: list[str] = []
    skipped: list[str] = []
    try:
        with _warnings_in(notices, shard.path):
            counts = _score(shard, notices, skipped)
    except (SentimentTransferError, OSError, MemoryError) as error:
        is_input = isinstance(error, InputError)
        return Outcome(shard, None, (*notices,), (*skipped,), _said(shard, error), is_input)
    return Outcome(shard, counts, (*notices,), (*skipped,))


def _score(shard: Shard, notices: list[str], skipped: list[str]) -> Counts:
    options, made_from = shard.options, identity(shard)
    stages = stages_of(shard.model, shard.sha256)
    scorer = Scorer(stages, options.abstain_below, options.unsure)
    rows = SkippedRows(options.skip_bad, _first(skipped))
    trained = None if options.text else stages.summary.text_column
    on_notice = _first(notices)
    names = ColumnNames(trained, on_found=on_notice)
    columns = Columns(options.text or "text", None, names, keep=True)
    unmark(shard.output)
    with atomic_write(shard.output) as file:
        write = _write_columns if _is_parquet(shard) else _write_rows
        write(shard, columns, scorer, rows, file, on_notice)
    labels = dict(zip(scorer.names, scorer.counts.tolist(), strict=True))
    counts = Counts(scorer.n, scorer.n_unknown, scorer.n_unsure, rows.n_bad, labels)
    mark_finished(shard.output, made_from, counts)
    return counts


def _is_parquet(shard: Shard) -> bool:
    form = shard.options.files.format or suffixes(shard.path)[0]
    return form == shard.format == "parquet"


def _write_columns(
    shard: Shard,
    columns: Columns,
    scorer: Scorer,
    skipped: SkippedRows,
    file: BinaryIO,
    on_notice: Callable[[str], None],
) -> None:
    import pyarrow as pa

    options = shard.options
    [location] = locate(shard.path)
    source = ParquetBatches(location, columns, options.files, skipped, options.keep)
    try:
        score_parquet(source, scorer, file, on_notice, every_probability=options.probabilities)
    except pa.ArrowException as error:
        message = f"cannot be written as Parquet: {error}; write csv or jsonl instead"
        raise InputError(message, path=shard.path) from error


def _write_rows(
    shard: Shard,
    columns: Columns,
    scorer: Scorer,
    skipped: SkippedRows,
    file: BinaryIO,
    on_notice: Callable[[str], None],
) -> None:
    options = shard.options
    records = Records(sources_of(shard.path, columns, options.files), skipped=skipped)
    header = Header(records.headers().values(), options.keep)
    answers = Answers(scorer, records.batches(BATCH_TEXTS))
    predictions = Predictions(answers, header, options.probabilities, on_notice)
    if shard.format in BINARY_WRITERS:
        BINARY_WRITERS[shard.format](predictions, file)
        return
    text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        TEXT_WRITERS[shard.format](predictions, text)
    finally:
        text.detach()


@lru_cache(maxsize=2)
def stages_of(model: str, sha256: str) -> FittedStages:
    """Read a model, once per process; raises ``ModelFileError`` if it has another hash."""
    if sha256_of(model) != sha256:
        raise ModelFileError("was replaced while it was used; run the command again", path=model)
    stages = read(model)
    if isinstance(stages, FittedStages):
        return stages.with_sentence_encoder(None)
    raise ModelFileError(
        "is a file of word vectors, not a classifier; train one with: "
        f"sentiment-transfer fit LABELLED --vectors {model} -o model.safetensors",
        path=model,
    )


def sha256_of(model: str) -> str:
    """Return the hash of a model file, or of a model of the package by its name."""
    return file_sha256(model_path(model))


def _first(messages: list[str]) -> Callable[[str], None]:
    """Return a function that adds a message to a list, unless that has many."""

    def add(message: str) -> None:
        if len(messages) < MOST_MESSAGES:
            messages.append(message)

    return add


@contextmanager
def _warnings_in(messages: list[str], path: str) -> Iterator[None]:
    """Collect warnings where nobody would see them: in a process that was started for the work.

    There they are recorded by one thread at a time, as Python does so for the whole process.
    """
    is_worker = multiprocessing.parent_process() is not None
    if not is_worker or not _recording.acquire(blocking=False):
        yield
        return
    try:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            yield
    finally:
        _recording.release()
        for warning in found[:MOST_MESSAGES]:
            notice, said = issubclass(warning.category, Notice), str(warning.message)
            messages.append(said if notice else f"warning: {path}: {said}")


def _said(shard: Shard, error: Exception) -> str:
    if isinstance(error, MemoryError):
        return f"{shard.path}: memory ran out; use fewer workers"
    if isinstance(error, OSError) and error.strerror:
        return f"{shard.output}: cannot be written ({error.strerror}); make room and run it again"
    message = str(error)
    return message if shard.path in message else f"{shard.path}: {message}"
