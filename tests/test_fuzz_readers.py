"""The fuzzer of the readers finds nothing in some cases, and would find what it looks for."""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from scripts.fuzz import readers, scaling
from scripts.fuzz.readers import FORMATS, Case, FaultError, fuzz, judge, make_case
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the memory of a process is read from /proc"
)


def test_malformed_files_give_rows_or_errors_that_name_their_place() -> None:
    report = fuzz("all", seed=0, cases=45 * len(FORMATS))
    assert report.faults == []
    assert report.tried == 45 * len(FORMATS)
    assert min(report.outcomes[name] for name in ("read", "refused")) > 50
    assert report.outcomes["read, bad rows left out"] > 20


@pytest.mark.parametrize("pattern", scaling.PATTERNS)
def test_four_times_the_bytes_take_about_four_times_the_seconds(pattern: str) -> None:
    quarter = scaling.cpu_seconds(pattern, 100_000)
    assert scaling.cpu_seconds(pattern, 400_000) < 8 * quarter + 0.2


@pytest.mark.parametrize("kind", FORMATS)
def test_a_case_depends_on_seed_and_number_alone(tmp_path: Path, kind: str) -> None:
    def content(name: str, number: int) -> dict[str, bytes]:
        folder = tmp_path / name
        folder.mkdir()
        make_case(kind, 1, number, folder)
        files = sorted(folder.rglob("*"))
        regular = [path for path in files if path.is_file() and not path.is_symlink()]
        names = {str(path.relative_to(folder)): b"" for path in files}
        return names | {str(path.relative_to(folder)): path.read_bytes() for path in regular}

    assert content("a", 3) == content("b", 3)
    assert any(content(f"c{number}", number) != content(f"d{number}", 3) for number in (4, 5, 6))


# What it would find


@pytest.fixture
def case(tmp_path: Path) -> Case:
    path = tmp_path / "reviews.txt"
    path.write_text("good\nso bad\n\nlast\n")
    return Case(tmp_path, path, 10**6)


def given(monkeypatch: pytest.MonkeyPatch, raw: Any) -> None:  # noqa: ANN401
    """Let the readers be a function that is called with the path."""

    class Texts(list[str]):
        n_skipped = 0

    monkeypatch.setattr(readers, "read_texts", lambda path, **_: Texts(raw(path)))


def test_a_raw_error_is_not_taken_for_a_refusal(
    monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    def broken(path: Path) -> list[str]:
        raise KeyError(path)

    given(monkeypatch, broken)
    with pytest.raises(KeyError):
        judge(case)


def test_a_row_that_is_lost_in_silence_is_found(
    monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    given(monkeypatch, lambda path: ["good", "so bad"])  # of four lines, one of them blank
    with pytest.raises(FaultError, match="2 rows were read or named, of 4"):
        judge(case)


def test_an_error_without_the_file_or_the_line_is_found(
    monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    def nameless(_: Path) -> list[str]:
        raise InputError("something is wrong")

    given(monkeypatch, nameless)
    with pytest.raises(FaultError, match="an error that names no file"):
        judge(case)
    with pytest.raises(FaultError, match="a message of 5,000 characters"):
        readers._check_error(case, ValueError("x" * 5000))  # type: ignore[arg-type]


def test_a_reading_that_takes_much_memory_is_found(
    monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    given(monkeypatch, lambda path: [str(len(b"x" * (500 << 20)))])
    with pytest.raises(FaultError, match=r"MB for 18 bytes"):
        judge(case)


def dies_at_three(pipe: Connection, _kind: str, _seed: int, first: int) -> None:
    for number in itertools.count(first):
        pipe.send((number, None, None))
        if number == 3:
            os._exit(7)
        pipe.send((number, "read", None))


def waits_at_one(pipe: Connection, _kind: str, _seed: int, first: int) -> None:
    for number in itertools.count(first):
        pipe.send((number, None, None))
        if number == 1:
            pipe.recv()
        pipe.send((number, "read", None))


def test_a_case_that_ends_its_process_is_named_and_the_next_one_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readers, "_work", dies_at_three)
    report = fuzz("csv", seed=5, cases=6)
    assert report.faults == ["csv, seed 5, case 3: crash: the process ended with 7"]
    assert report.outcomes == {"read": 5, "crash": 1}


def test_a_case_that_waits_is_named_and_the_next_one_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readers, "_work", waits_at_one)
    monkeypatch.setattr(readers, "WAIT", 3.0)
    report = fuzz("csv", seed=5, cases=3)
    assert report.faults == ["csv, seed 5, case 1: hang: no answer in 3 s"]
    assert report.outcomes == {"read": 2, "hang": 1}
