"""Scoring of many files: which are to be done, by whom, and what became of them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sentiment_transfer.base.progress import Progress
from sentiment_transfer.corpus.catalogue import is_entry
from sentiment_transfer.corpus.sources import locate, suffixes
from sentiment_transfer.errors import InputError, SettingError, shortened, shown
from sentiment_transfer.model import model_path
from sentiment_transfer.scoring.finished import finished_counts, marker_path
from sentiment_transfer.scoring.forms import FORMS
from sentiment_transfer.scoring.shards import Outcome, ScoringOptions, Shard
from sentiment_transfer.scoring.work import score_shard, sha256_of, stages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.base.progress import Callback
    from sentiment_transfer.corpus.sources import Location

__all__ = ["Scoring", "check_is_no_url", "make_folder", "score_files"]

RETRIES = 3
"""How often a file is tried again whose process died."""

SAME_FORM = {"ndjson": "jsonl", "xlsm": "xlsx"}


@dataclass
class Scoring:
    r"""What became of the files that were to be scored.

    Attributes
    ----------
    done
        Those of this run, failed ones included, in the order in which they ended.
    finished
        Those that an earlier run had finished, which were left as they are.
    n_again
        How many of ``done`` had an output already, of another model, input or options, or of a run
        that was interrupted.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sentiment_transfer.base.executors import Serial
    >>> _ = Path("reviews.csv").write_text("text\nI loved it.\nA waste of time.\n")
    >>> found = score_files("reviews-en", ["reviews.csv"], "answers", executor=Serial())
    >>> found.totals(), found.failed
    ({'negative': 1, 'positive': 1}, [])
    """

    done: list[Outcome] = field(default_factory=list)
    finished: list[Outcome] = field(default_factory=list)
    n_again: int = 0

    @property
    def failed(self) -> list[Outcome]:
        """Those that could not be scored."""
        return [outcome for outcome in self.done if outcome.error is not None]

    def totals(self) -> dict[str, int]:
        """Return the number of texts with each label, of all files that have answers."""
        totals: dict[str, int] = {}
        for outcome in [*self.finished, *self.done]:
            for label, n in (outcome.counts.labels if outcome.counts else {}).items():
                totals[label] = totals.get(label, 0) + n
        return totals


def score_files(
    model: str | Path,
    paths: Iterable[str | Path],
    folder: str | Path,
    *,
    executor: Executor,
    options: ScoringOptions | None = None,
    progress: Callback | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
) -> Scoring:
    r"""Answer the texts of files; each becomes a file of the same stem in a folder.

    Outputs are written atomically. Files that are finished are left as they are, if model, input
    (its size and time of change) and options are the same; else they are scored again. Parquet is
    read and written by columns, so that memory does not grow with a file.

    Parameters
    ----------
    model
        Path of a model file, or the name of a shipped model. Workers read it by this path.
    paths
        Paths, URLs and patterns of files of texts.
    folder
        Where the answers go; it is made if it does not exist. Workers write into it.
    executor
        Runs `score_shard` on the files, the largest first.
    options
        How texts are read and answers written.
    progress
        Called with the progress after each file.
    on_outcome
        Called with what became of each file, as soon as it is known.

    Returns
    -------
    Scoring
        What became of each file.

    Raises
    ------
    InputError
        Before any work: a path that does not exist or is a folder, two files that would become
        the same output, an output that is an input, a folder that cannot be made.
    SettingError, ModelFileError
        Before any work: a setting that is not allowed, such as a URL as folder; a model that cannot
        be read.
    WorkerLostError
        The process of a file died again and again. Other errors of a file are in its outcome.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sentiment_transfer.base.executors import Serial
    >>> _ = Path("reviews.csv").write_text("text\nI loved it.\nA waste of time.\n")
    >>> found = score_files("reviews-en", ["reviews.csv"], "answers", executor=Serial())
    >>> print(Path("answers/reviews.csv").read_text().strip())
    text,label,probability,coverage
    I loved it.,positive,0.908064,1.0
    A waste of time.,negative,0.961526,1.0
    """
    check_is_no_url(folder)
    options = options or ScoringOptions()
    sha256 = sha256_of(str(model))
    labels = stages_of(str(model), sha256).classes.astype(str).tolist()
    if options.abstain_below is not None and options.unsure in labels:
        raise SettingError(f"unsure={shown(options.unsure)} is a label of this model; rename it")
    found = _shards(str(model), sha256, paths, Path(folder), options)
    scoring = Scoring()
    left = []
    for shard, size in found:
        counts = finished_counts(shard)
        if counts is not None:
            scoring.finished.append(Outcome(shard, counts))
            continue
        left.append((shard, size))
        scoring.n_again += os.path.lexists(shard.output)
    left.sort(key=lambda each: -each[1])
    report = _Report(sum(size for _, size in left), progress)
    outcomes = executor.map(score_shard, [shard for shard, _ in left], RETRIES)
    for outcome, (_, size) in zip(outcomes, left, strict=True):
        scoring.done.append(outcome)
        report.add(outcome, size)
        if on_outcome is not None:
            on_outcome(outcome)
    return scoring


class _Report:
    """Estimates the number of all texts by the bytes of the files so far."""

    def __init__(self, size: int, progress: Callback | None) -> None:
        self._size, self._progress = size, progress
        self._n = self._read = 0
        self._begun = time.perf_counter()

    def add(self, outcome: Outcome, size: int) -> None:
        self._n += 0 if outcome.counts is None else outcome.counts.n
        self._read += size
        if self._progress is None:
            return
        total = round(self._n * self._size / max(1, self._read))
        seconds = time.perf_counter() - self._begun
        self._progress(Progress("predict", self._n, total, "texts", seconds=seconds))


def _shards(
    model: str,
    sha256: str,
    paths: Iterable[str | Path],
    folder: Path,
    options: ScoringOptions,
) -> list[tuple[Shard, int]]:
    """Return the files to score with their sizes, once the outputs are known to be sound."""
    locations = [location for path in paths for location in _files(path)]
    if not locations:
        raise SettingError("paths is empty; name at least one file")
    make_folder(folder)
    sources: dict[str, str] = {}
    shards = []
    for location in locations:
        form = options.format or _form_of(location, options)
        output = str(folder / f"{_stem(location)}.{form}")
        key = output.casefold()  # some file systems take them for the same name
        if key in sources:
            message = f"and {sources[key]} would both become {output}; rename one, or use two runs"
            raise InputError(message, path=location.name)
        sources[key] = location.name
        shard = Shard(model, sha256, location.name, output, form, options)
        shards.append((shard, int(location.fs.info(location.path)["size"] or 0)))
    _check_outputs([shard for shard, _ in shards], locations, model)
    return shards


def _files(path: str | Path) -> list[Location]:
    if isinstance(path, str) and is_entry(path):
        message = "a corpus of the catalogue cannot be scored file by file; name its files"
        raise InputError(message, path=path)
    found = locate(path)
    for location in found:
        if location.fs.isdir(location.path):
            message = "is a folder; name its files, as in FOLDER/*.parquet"
            raise InputError(message, path=location.name)
    return found


def check_is_no_url(output: str | Path) -> None:
    """Raise ``SettingError`` if answers are to be written to a URL, which cannot be done."""
    if "://" in str(output):
        raise SettingError(
            f"{shortened(str(output))} is a URL, to which no answers can be written; name a folder "
            "or file of this machine or of a network drive"
        )


def make_folder(folder: Path) -> None:
    """Make a folder if it does not exist; raises ``InputError`` if that cannot be done."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        message = f"the folder cannot be made ({error.strerror}); choose another"
        raise InputError(message, path=str(folder)) from error


def _form_of(location: Location, options: ScoringOptions) -> str:
    form = options.files.format or suffixes(location.name)[0]
    form = SAME_FORM.get(form, form)
    return form if form in FORMS else "csv"


def _stem(location: Location) -> str:
    """Return the name of a file without the suffixes of its format and compression."""
    path = PurePosixPath(Path(location.path).as_posix())
    return PurePosixPath(path.stem).stem if suffixes(path.name)[1] else path.stem


def _check_outputs(shards: Sequence[Shard], locations: Sequence[Location], model: str) -> None:
    """Raise if an output is an input, or the model, under any name."""
    read = [Path(each.path) for each in locations if "file" in each.fs.protocol]
    states = {_state(path) for path in [*read, model_path(model)]}
    for shard in shards:
        for output in (Path(shard.output), marker_path(shard.output)):
            if output.is_dir():
                message = "is a folder, where a file is to be written; choose another folder"
                raise InputError(message, path=str(output))
            if output.exists() and _state(output) in states:
                message = "would be replaced, but is read too; choose another folder"
                raise InputError(message, path=str(output))


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
