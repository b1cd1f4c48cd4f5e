"""The project in one SQLite file: answers are on the disk, and nothing is deleted."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer.errors import SettingError
from sentiment_transfer.studio.project_file import Answer, NewText, ProjectFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = [NewText("It was great."), NewText("So dull!", {"date": "2026-01-02"}), NewText("Fine")]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ProjectFile]:
    opened = ProjectFile(tmp_path / "p.sqlite")
    opened.add_texts("reviews.csv", TEXTS)
    yield opened
    opened.close()


def test_texts_are_numbered_from_one_across_files(project: ProjectFile) -> None:
    assert project.add_texts("more.txt", [NewText("Again", label="good")]) == 1
    assert project.texts() == ["It was great.", "So dull!", "Fine", "Again"]
    assert project.columns() == [{}, {"date": "2026-01-02"}, {}, {}]
    assert project.column_names() == ["date"]
    assert project.answers() == [Answer(4, "good", "given")]


def test_the_latest_answer_to_a_text_holds_and_earlier_ones_are_kept(project: ProjectFile) -> None:
    project.add_answer(Answer(1, "bad", "measure", "good", 0.7))
    project.add_answer(Answer(2, None, "teach"))
    project.add_answer(Answer(1, "good", "measure", "good", 0.7))
    assert project.answers() == [
        Answer(2, None, "teach"),
        Answer(1, "good", "measure", "good", 0.7),
    ]
    with sqlite3.connect(project.path) as other:
        rows = other.execute("SELECT text_id, label, withdrawn, replaces FROM answers").fetchall()
    assert rows == [(1, "bad", 1, None), (2, None, 0, None), (1, "good", 0, 1)]


def test_taking_back_makes_the_replaced_answer_hold_again(project: ProjectFile) -> None:
    project.add_answer(Answer(1, "bad", "teach"))
    project.add_answer(Answer(1, "good", "teach"))
    assert project.take_back() == 1
    assert project.answers() == [Answer(1, "bad", "teach")]
    assert project.take_back() == 1
    assert project.answers() == []
    assert project.take_back() is None


def test_a_label_that_came_with_its_text_is_not_taken_back(project: ProjectFile) -> None:
    project.add_texts("more", [NewText("Again", label="good")])
    assert project.take_back() is None
    project.add_answer(Answer(4, "bad", "given", confirmed=True))
    assert project.take_back() == 4
    assert project.answers() == [Answer(4, "good", "given")]


def test_any_sqlite_tool_reads_the_labels(project: ProjectFile) -> None:
    project.add_answer(Answer(2, "bad", "measure", "good", 0.6))
    project.add_answer(Answer(3, None, "measure"))
    with sqlite3.connect(f"file:{project.path}?mode=ro", uri=True) as other:
        other.row_factory = sqlite3.Row
        (row,) = map(dict, other.execute("SELECT * FROM labels"))
    assert row.pop("at").startswith("20")
    assert row == {
        "place": 1,
        "text_id": 2,
        "text": "So dull!",
        "label": "bad",
        "way": "measure",
        "guess": "good",
        "probability": 0.6,
        "source": "reviews.csv",
    }


def test_labels_for_a_file_have_the_columns_of_their_texts(project: ProjectFile) -> None:
    project.add_answer(Answer(2, "bad", "measure"))
    (row,) = project.labels()
    assert (row["text"], row["label"], row["date"]) == ("So dull!", "bad", "2026-01-02")


def test_a_project_is_found_again(project: ProjectFile) -> None:
    project.keep_fact("classes", ["böse", "gut"])
    project.keep_measuring([(3, 1, 0.2), (1, 2, 0.8)])
    project.keep_vectors(b"first")
    project.keep_vectors(b"second")
    project.add_answer(Answer(1, "gut", "measure"))
    project.close()
    again = ProjectFile(project.path)
    assert again.fact("classes") == ["böse", "gut"]
    assert again.fact("phase", "none yet") == "none yet"
    assert again.measuring() == [(3, 1, 0.2), (1, 2, 0.8)]
    assert again.vectors() == b"second"
    assert again.answers() == [Answer(1, "gut", "measure")]
    again.close()


def test_adding_texts_is_all_or_nothing(project: ProjectFile) -> None:
    def broken() -> Iterator[NewText]:
        yield NewText("one more")
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        project.add_texts("broken", broken())
    assert len(project.texts()) == project.n_texts == 3


def test_a_file_of_another_kind_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\n" * 200, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(SettingError, match=r"reviews.csv cannot be used .* name another file"):
        ProjectFile(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE facts (a)")
    other.close()
    with pytest.raises(SettingError, match="is of another program"):
        ProjectFile(path)


def test_a_refused_database_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE facts (a)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(SettingError):
        ProjectFile(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["other.sqlite"]


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_others_cannot_read_a_project(project: ProjectFile) -> None:
    log = project.path.with_name(f"{project.path.name}-wal")
    assert project.path.stat().st_mode & 0o077 == log.stat().st_mode & 0o077 == 0


def test_only_the_answer_that_is_meant_is_taken_back(project: ProjectFile) -> None:
    first = project.add_answer(Answer(1, "bad", "teach"))
    second = project.add_answer(Answer(2, "good", "teach"))
    assert project.take_back(first) is None
    assert project.take_back(second) == 2
    assert project.take_back(second) is None
    assert [each.text_id for each in project.answers()] == [1]


def test_a_newer_project_is_refused_by_name(project: ProjectFile) -> None:
    with sqlite3.connect(project.path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(SettingError, match="newer version"):
        ProjectFile(project.path)


def test_what_was_acknowledged_outlives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "killed.sqlite"
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from sentiment_transfer.studio.project_file import *\n"
        "project = ProjectFile(Path(sys.argv[1]))\n"
        "project.add_texts('t', [NewText('a'), NewText('b')])\n"
        "project.add_answer(Answer(2, 'good', 'teach'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False)  # noqa: S603
    assert ended.returncode
    again = ProjectFile(path)
    assert again.answers() == [Answer(2, "good", "teach")]
    again.close()
