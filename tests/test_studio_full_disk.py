"""A disk without room: an answer is refused, and none is lost or doubled."""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")
if sys.platform == "win32":
    pytest.skip("there are no limits of files", allow_module_level=True)

import resource

from asgi_client import request
from guard_checks import BEARER
from test_studio_app import Studio, empty, studio

from sentiment_transfer.studio import BaseModel, ProjectFile, Session
from sentiment_transfer.studio.project_file import Answer, NewText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["empty", "studio"]


def wait(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def no_room(project: Path) -> Iterator[None]:
    """Have no file grow beyond the log of a project; the system then refuses to write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = project.with_name(project.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def labels(path: Path) -> list[tuple[int, str]]:
    database = sqlite3.connect(path)
    rows: list[tuple[int, str]] = database.execute("SELECT text_id, label FROM labels").fetchall()
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    return rows


def test_an_answer_without_room_is_refused_and_a_later_one_is_written(studio: Studio) -> None:
    before = labels(studio.path)
    numbers = [item["id"] for item in studio.state()["queue"]]
    body = {"id": numbers[0], "label": "positive"}
    with no_room(studio.path):
        for _ in range(3):
            answer = request(studio.app, "POST", "/studio/answer", json=body, headers=BEARER)
            assert answer.status_code == 507
            assert "is the disk full?" in answer.json()["error"]
        state = studio.state()
        assert state["queue"][0]["id"] == numbers[0]  # it is asked for again
        assert state["project"]["n_labelled"] == len(before)
    studio.post("answer", **body)
    studio.post("answer", id=numbers[1], label="negative")
    expected = [(numbers[0], "positive"), (numbers[1], "negative")]
    assert labels(studio.path) == [*before, *expected]


def test_a_transaction_that_cannot_be_committed_leaves_the_file_usable(tmp_path: Path) -> None:
    project = ProjectFile(tmp_path / "p.sqlite")
    project.add_texts("typed", [NewText(text) for text in ("good", "bad")])
    with no_room(project.path):
        for label in ("positive", "negative"):
            with pytest.raises(sqlite3.OperationalError):
                project.add_answer(Answer(1, label, "measure"))
        assert project.answers() == []
    project.add_answer(Answer(1, "positive", "measure"))
    assert [answer.label for answer in project.answers()] == ["positive"]
    project.close()


def test_a_measuring_set_without_room_is_drawn_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ProjectFile(tmp_path / "p.sqlite")
    project.add_texts("typed", [NewText(f"good film {i}") for i in range(40)])
    keep, full = project.keep_measuring, [True]

    def refuse(rows: list[tuple[int, int, float]]) -> None:
        if full:
            raise sqlite3.OperationalError("database or disk is full")
        keep(rows)

    monkeypatch.setattr(project, "keep_measuring", refuse)
    session = Session(project, BaseModel.general("en"))
    wait(lambda: "disk is full" in session.state().message)
    assert session.state().status == "preparing"
    full.clear()
    session.choose_phase(None)  # any change has it tried again
    wait(lambda: session.state().status == "ready")
    assert project.measuring()
    session.close()
