"""Read malformed files: each must give rows, or an error of the package that names file and line.

    python -m scripts.fuzz.readers --format csv --minutes 10 --seed 0
    python -m scripts.fuzz.readers --format csv --seed 0 --only 4711     one case, its file kept

Files are read in a process of its own, so that a crash, a hang or unbounded memory is caught
and named. A case depends on format, seed and its number alone.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from scripts.fuzz.reader_bytes import LINES, compressed_file, line_file
from scripts.fuzz.reader_folders import malformed_folder
from scripts.fuzz.reader_tables import parquet_file
from scripts.fuzz.reader_workbooks import workbook
from scripts.reliability import Outcomes, store
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.corpus.encodings import SAMPLE, encoding_of
from sentiment_transfer.corpus.formulas import undefended
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

__all__ = ["FORMATS", "Case", "Report", "fuzz", "judge", "make_case"]

WORKBOOKS = ("xlsx",) if find_spec("openpyxl") else ()
FORMATS = (*LINES, "parquet", *WORKBOOKS, "gz", "zst", "folders")
WAIT = 300.0
"""Seconds without an answer after which a case is taken to hang."""

CASES = 1_000
STARTUP = 300.0
"""The same for a process that has not begun."""

CPU = 120
"""Seconds of CPU after which the system ends a process."""

LONGEST_MESSAGE = 1500
MEGABYTE = 1 << 20
MEMORY = 400 * MEGABYTE
"""Bytes that any file may take: a page and a batch of Parquet, expanded, and their strings."""

GROWTH = 80
"""Bytes for each byte of a row: JSON of ``[],[],[]`` has that many, a list of short rows more."""

DATA = 4 << 30
"""Bytes after which a process gets no more, so that the machine goes on."""


@dataclass(frozen=True)
class Case:
    """A file or folder to read, the cap of its expansion, and its rows if it was not changed."""

    folder: Path
    path: Path
    max_bytes: int
    rows: list[tuple[str, str]] | None = None

    @property
    def expanded(self) -> int:
        """Bytes that a reader may have to look at."""
        if self.path.suffix in {".gz", ".zst", ".parquet", ".xlsx"}:
            return self.max_bytes
        return self.path.stat().st_size if self.path.is_file() else 10**8


@dataclass
class Report:
    """How many cases ended how, and what was wrong."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def tried(self) -> int:
        """Number of cases."""
        return self.outcomes.total()


class FaultError(Exception):
    """A reader did what it must not do."""


def make_case(kind: str, seed: int, number: int, folder: Path) -> Case:
    """Write the file of a case into an empty folder."""
    kind = FORMATS[number % len(FORMATS)] if kind == "all" else kind
    rng = random.Random(f"{kind} {seed} {number}")  # noqa: S311
    max_bytes = rng.choice((10**5, 10**6, 4 * 10**6))
    if kind == "folders":
        return Case(folder, malformed_folder(rng, folder), max_bytes)
    suffix, rows = kind, None
    if kind == "parquet":
        raw = parquet_file(rng)
        max_bytes = rng.choice((10**6, 10**8))
    elif kind == "xlsx":
        raw, rows = workbook(rng)
        max_bytes = rng.choice((10**6, 10**8))
    elif kind in LINES:
        raw, rows = line_file(rng, kind)
    else:
        suffix, raw = compressed_file(rng, kind)
    path = folder / f"reviews.{suffix}"
    path.write_bytes(raw)
    return Case(folder, path, max_bytes, rows)


# What must hold


def judge(case: Case) -> str:
    """Read a case in four ways and return its outcome; raises ``FaultError``."""
    ends = {}
    for read, strict in itertools.product((_texts, _labelled), (True, False)):
        ends[read, strict] = _watched(partial(read, case, not strict), case)
    for read in (_texts, _labelled):
        _check_pair(case, ends[read, True], ends[read, False])
    _check_rows(case, ends[_texts, True], ends[_labelled, True])
    if any(isinstance(end, End) and strict for (_, strict), end in ends.items()):
        return "read"
    skipped = any(isinstance(end, End) for end in ends.values())
    return "read, bad rows left out" if skipped else "refused"


@dataclass(frozen=True)
class End:
    """What a reader gave: rows, bad rows, blank lines."""

    rows: list[Any]
    n_bad: int
    n_blank: int


def _texts(case: Case, skip_bad: bool) -> End:
    messages: list[str] = []
    texts = read_texts(
        case.path, skip_bad=skip_bad, max_bytes=case.max_bytes, on_skip=messages.append
    )
    n_rows = 0
    kept: list[object] = []
    for text in texts:
        if not isinstance(text, str):
            raise FaultError(f"a text is a {type(text).__name__}")
        n_rows += 1
        kept += [text] if n_rows <= 100 else []
    return End([*kept, *[None] * (n_rows - len(kept))], texts.n_skipped, _blank(messages))


def _labelled(case: Case, skip_bad: bool) -> End:
    messages: list[str] = []
    read = read_labelled(
        case.path, skip_bad=skip_bad, max_bytes=case.max_bytes, on_skip=messages.append
    )
    for text, label in zip(read.texts, read.labels, strict=True):
        if not (isinstance(text, str) and isinstance(label, str) and text.strip() and label):
            raise FaultError(f"a row is {text!r:.80}, {label!r:.80}")
        if label.endswith("\0"):
            raise FaultError(f"label {label!r:.80} ends with NUL")
    n_bad = sum("left out" not in message for message in messages)
    return End(list(zip(read.texts, read.labels, strict=True)), n_bad, _blank(messages))


def _blank(messages: list[str]) -> int:
    found = [message for message in messages if "blank lines left out: " in message]
    return sum(int(message.rpartition(" ")[2]) for message in found)


def _watched(read: Callable[[], End], case: Case) -> End | InputError:
    """Read within limits of time and memory; returns an error that may be."""
    base, began = _memory(reset=True), time.process_time()
    try:
        end: End | InputError = read()
    except InputError as error:
        end = error
        _check_error(case, error)
    seconds, grown = time.process_time() - began, _memory() - base
    most = MEMORY + GROWTH * min(case.expanded, 10_000_000)
    if seconds > 5 + 1e-5 * case.expanded:
        raise FaultError(f"{seconds:.1f} s of CPU for {case.expanded:,} bytes")
    if grown > most:
        raise FaultError(f"{grown >> 20:,} MB for {case.expanded:,} bytes")
    return end


def _check_error(case: Case, error: InputError) -> None:
    if len(str(error)) > LONGEST_MESSAGE:
        raise FaultError(f"a message of {len(str(error)):,} characters")
    if str(case.folder) not in str(error):
        raise FaultError(f"an error that names no file: {error}")


def _check_pair(case: Case, strict: End | InputError, skipping: End | InputError) -> None:
    """Compare the readings with and without ``skip_bad``."""
    if isinstance(strict, End):
        if strict != skipping:
            raise FaultError("skip_bad changes a file without bad rows")
        if strict.n_bad:
            raise FaultError("bad rows were passed over without skip_bad")
    if isinstance(skipping, InputError):
        return
    if isinstance(strict, InputError) and strict.line is None and _has_lines(case):
        raise FaultError(f"a bad row is named by no line: {strict}")
    n_read = len(skipping.rows) + skipping.n_bad
    n_rows = _number_of_rows(case, skipping)
    if n_rows is not None and n_read != n_rows:
        raise FaultError(f"{n_read} rows were read or named, of {n_rows}")


def _has_lines(case: Case) -> bool:
    if not case.path.is_file() or case.path.suffix in {".parquet", ".xlsx", ".json"}:
        return False
    start = case.path.read_bytes()[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return not start.startswith(b"[")  # an array of JSON


def _number_of_rows(case: Case, end: End) -> int | None:
    """Count rows in another way, where there is one."""
    if case.path.suffix == ".parquet" and case.path.is_file():
        with contextlib.suppress(Exception):
            return pq.read_metadata(case.path).num_rows
    if case.path.suffix in {".txt", ".ft", ".jsonl"} and case.path.is_file():
        if not _has_lines(case):
            return None
        raw = case.path.read_bytes()
        lines = raw.decode(encoding_of(raw[:SAMPLE]), errors="replace").split("\n")
        return len(lines) - (lines[-1] in {"", "\ufeff"}) - end.n_blank
    return None


def _check_rows(case: Case, texts: End | InputError, labelled: End | InputError) -> None:
    """Compare a file that was not changed with what was written into it."""
    if case.rows is None:
        return
    wanted = [undefended(text) for text, _ in case.rows]
    if wanted and not isinstance(texts, End):
        raise FaultError(f"a good file was refused: {texts}")
    if isinstance(texts, End) and texts.rows[:100] != wanted[:100]:
        raise FaultError(f"{texts.rows!r:.200} was read, not {wanted!r:.200}")
    if isinstance(labelled, End) and [y for _, y in labelled.rows] != [y for _, y in case.rows]:
        raise FaultError("labels differ from those that were written")


def _memory(reset: bool = False) -> int:
    """Return the peak of resident bytes since the last reset, with a reset those of now (Linux)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    name = "VmRSS" if reset else "VmHWM"
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if name in line)


# The process that reads, and the one that watches


def _work(pipe: Connection, kind: str, seed: int, first: int) -> None:
    """Judge cases one after another, and send the start and the end of each.

    A new process takes over after `CASES`, since pyarrow keeps some memory of each damaged stream.
    """
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_DATA, (DATA, DATA))
    for number in range(first, first + CASES):
        pipe.send((number, None, None))
        used = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + CPU, resource.RLIM_INFINITY))
        with tempfile.TemporaryDirectory() as folder:
            try:
                outcome, fault = judge(make_case(kind, seed, number, Path(folder))), None
            except FaultError as error:
                outcome, fault = "wrong", str(error)
            except Exception:
                outcome, fault = "raw error", traceback.format_exc(limit=-4)
        pipe.send((number, outcome, fault))


def fuzz(kind: str, seed: int, *, minutes: float = 0.0, cases: int | None = None) -> Report:
    """Judge cases of one or ``"all"`` formats for a time in minutes, or a number of cases."""
    report, began = Report(), time.monotonic()
    while not _is_over(report, began, minutes, cases):
        for number, outcome, fault in _results(kind, seed, first=report.tried):
            report.outcomes[outcome] += 1
            if fault is not None:
                report.faults.append(f"{kind}, seed {seed}, case {number}: {outcome}: {fault}")
            if _is_over(report, began, minutes, cases):
                break
    report.seconds = time.monotonic() - began
    return report


def _is_over(report: Report, began: float, minutes: float, cases: int | None) -> bool:
    if cases is not None:
        return report.tried >= cases
    return time.monotonic() - began >= 60 * minutes


def _results(kind: str, seed: int, first: int) -> Iterator[tuple[int, str, str | None]]:
    """Yield number, outcome and fault of cases, until one ends its process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, kind, seed, first), daemon=True)
    process.start()
    theirs.close()
    number, wait = first, STARTUP
    try:
        while ours.poll(wait):
            number, outcome, fault = ours.recv()
            wait = WAIT
            if outcome is not None:
                yield number, outcome, fault
        yield number, "hang", f"no answer in {wait:.0f} s"
    except EOFError:
        process.join()
        if process.exitcode:
            yield number, "crash", f"the process ended with {process.exitcode}"
    finally:
        process.kill()
        process.join()


# The command line


def _only(kind: str, seed: int, number: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    case = make_case(kind, seed, number, folder)
    print(f"{case.path}, max_bytes={case.max_bytes:,}")
    for read, skip_bad in itertools.product((_texts, _labelled), (False, True)):
        try:
            end = read(case, skip_bad)
        except InputError as error:
            print(f"{read.__name__}, skip_bad={skip_bad}: refused: {error}")
        else:
            print(f"{read.__name__}, skip_bad={skip_bad}: {len(end.rows)} rows, {end.n_bad} bad")
    print(judge(case))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--format", choices=(*FORMATS, "all"), required=True)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="K", help="judge case K alone, keep its file")
    parser.add_argument("--save", action="store_true", help="write the counts to scripts/results")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.only is not None:
        _only(options.format, options.seed, options.only)
        return
    report = fuzz(options.format, options.seed, minutes=options.minutes)
    for fault in report.faults:
        print(fault)
    counts = ", ".join(f"{name} {count:,}" for name, count in report.outcomes.most_common())
    print(f"{options.format}: {report.tried:,} cases in {report.seconds:.0f} s: {counts}")
    if options.save:
        outcomes = Outcomes(report.tried, report.outcomes, report.faults)
        what = f"malformed files read: {options.format}"
        command = " ".join(["python -m scripts.fuzz.readers", *sys.argv[1:]])
        store(f"readers-{options.format}", what, outcomes, report.seconds, command)
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
