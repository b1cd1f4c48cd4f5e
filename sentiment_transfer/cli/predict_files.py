"""``sentiment-transfer predict`` with a folder of answers, one file for each file of texts."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sentiment_transfer.base.executors import Processes, Serial
from sentiment_transfer.cli.clusters import given_cluster
from sentiment_transfer.cli.messages import progress_shown, say
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.corpus.catalogue import is_entry
from sentiment_transfer.corpus.rows import OR_SKIP
from sentiment_transfer.errors import SettingError, WorkerLostError
from sentiment_transfer.scoring import Scoring, ScoringOptions, score_files
from sentiment_transfer.scoring.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.scoring.shards import Outcome

__all__ = ["executor_for", "is_folder", "predict_files", "say_unanswered"]

UNUSABLE_INPUT, ANY_ERROR = 3, 1
"""Exit codes."""
SHOWN = 20
"""Notices, and messages of bad rows, that are shown at most."""


def is_folder(output: str) -> bool:
    """Whether an output names a folder: one that exists, or a name that ends with a slash."""
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def executor_for(workers: int, cluster: str | None, folder: str) -> Executor:
    """Return what answers the files: this process, several, or a cluster that sees the folder."""
    if cluster is not None and workers != 1:
        raise SettingError("--cluster and --workers cannot be combined; give one of them")
    why_here = None if workers == 1 else f"with --workers {workers} this machine answers"
    given = given_cluster(cluster, why_here)
    if given is None:
        return Serial() if workers == 1 else Processes(workers)
    make_folder(Path(folder))
    return given.connect(str(Path(folder).absolute()))


def _path(given: str, here: bool) -> Path:
    """Return a path; workers elsewhere may be in another folder."""
    return Path(given) if here else Path(given).absolute()


def predict_files(
    model: Path,
    texts: Sequence[str],
    folder: str,
    options: ScoringOptions,
    *,
    executor: Executor,
    quiet: bool,
) -> None:
    """Answer the texts of files; ends with an exit code if one of them failed."""
    here, said = isinstance(executor, Serial | Processes), _Said()
    with _remedy_said(), progress_shown(quiet) as progress:
        scoring = score_files(
            model if here or not model.is_file() else model.absolute(),
            [each if "://" in each or is_entry(each) else _path(each, here) for each in texts],
            _path(folder, here),
            executor=executor,
            options=options,
            progress=progress,
            on_outcome=said,
        )
    said.say_hidden()
    _say_totals(scoring, folder, options)
    if scoring.failed:
        is_input = all(outcome.is_input for outcome in scoring.failed)
        raise typer.Exit(UNUSABLE_INPUT if is_input else ANY_ERROR)


@contextmanager
def _remedy_said() -> Iterator[None]:
    """Say how to go on when the workers are gone."""
    try:
        yield
    except WorkerLostError:
        say("finished files are kept; run the same command to answer the others")
        raise


class _Said:
    """Says what became of each file: an error always, what holds for many files once.

    Of notices and bad rows, the first 20 are shown each.
    """

    def __init__(self) -> None:
        self._notices: set[str] = set()
        self._n_skipped = 0

    def __call__(self, outcome: Outcome) -> None:
        for notice in outcome.notices:
            if notice not in self._notices and len(self._notices) < SHOWN:
                say(in_options(notice, "predict"))
            self._notices.add(notice)
        for message in outcome.skipped[: max(0, SHOWN - self._n_skipped)]:
            say(f"skipped: {message.removesuffix(OR_SKIP).rstrip(' ,;')}")
        self._n_skipped += len(outcome.skipped)
        if outcome.error is not None:
            say(f"error: {in_options(outcome.error, 'predict')}")

    def say_hidden(self) -> None:
        """Say how many notices were not shown."""
        hidden = len(self._notices) - SHOWN
        if hidden > 0:
            say(f"notices of files that are not shown: {hidden:,}")


def _say_totals(scoring: Scoring, folder: str, options: ScoringOptions) -> None:
    """Say what there is now, what was left as it was, what was made again, and what failed."""
    if scoring.finished:
        say(f"finished before, left as they are: {_files(len(scoring.finished))}")
    if scoring.n_again:
        say(
            "made again, as the model, the input or the options changed, or a run was "
            f"interrupted: {_files(scoring.n_again)}"
        )
    counts = [each.counts for each in [*scoring.finished, *scoring.done] if each.counts]
    n = sum(each.n for each in counts)
    labels = ", ".join(f"{number:,} {name}" for name, number in scoring.totals().items())
    n_skipped = sum(each.n_skipped for each in counts)
    if n_skipped:
        say(f"skipped in all: {n_skipped:,}")
    say(f"{folder}: {_files(len(counts))}, {n:,} text{'s' * (n != 1)}{', ' * bool(labels)}{labels}")
    unsure, unknown = sum(each.n_unsure for each in counts), sum(each.n_unknown for each in counts)
    say_unanswered(n, unsure, unknown, options.abstain_below)
    if scoring.failed:
        say(f"failed: {_files(len(scoring.failed))}; run the command again once that is mended")


def _files(n: int) -> str:
    return f"{n:,} file{'s' * (n != 1)}"


def say_unanswered(n: int, n_unsure: int, n_unknown: int, abstain_below: float | None) -> None:
    """Say on how many of ``n`` texts the model abstained, or knew no word."""
    if abstain_below is not None:
        say(
            f"answered: {n - n_unsure:,} of {n:,}; abstained because no "
            f"label reaches {abstain_below:g}: {n_unsure - n_unknown:,}; abstained "
            f"because no word is known: {n_unknown:,}"
        )
    elif n_unknown:
        say(
            f"texts without a known word (coverage 0): {n_unknown:,}; their probabilities "
            "are the shares of the labels in training, equal ones without labels"
        )
