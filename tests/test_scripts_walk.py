"""The script that counts files and moves between them, on a small package made for it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from scripts.walk import Walk, lines_by_folder, walks

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HELPER = """
def twice(number):
    return same(number) + same(number)


def same(number):
    return number
"""
START = """
from walked_helper import same, twice


def begin(number):
    return own(twice(number)) + same(number) + sum(map(own, [1, 2]))


def own(number):
    return number
"""


def test_a_walk_counts_files_moves_and_calls_across(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "walked_helper.py").write_text(HELPER, encoding="utf-8")
    (tmp_path / "walked_start.py").write_text(START, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    begin = importlib.import_module("walked_start").begin
    with Walk(tmp_path) as walk:
        assert begin(3) == 6 + 3 + 3
    # begin | twice same same | own | same | own own: four moves, two calls across
    assert walk.files == {"walked_start.py", "walked_helper.py"}
    assert walk.calls == 1 + 3 + 1 + 1 + 2
    assert walk.moves == 4
    assert walk.across == 2


def test_what_is_called_outside_the_folder_is_no_walk(tmp_path: Path) -> None:
    with Walk(tmp_path) as walk:
        lines_by_folder(tmp_path)
    assert (walk.files, walk.calls, walk.moves, walk.across) == (set(), 0, 0, 0)


def test_each_walk_enters_the_package() -> None:
    for name, run in walks().items():
        with Walk() as walk:
            run()
        assert 1 < len(walk.files) <= walk.moves < walk.calls, name


def test_lines_are_counted_by_folder(tmp_path: Path) -> None:
    (tmp_path / "room" / "inner").mkdir(parents=True)
    (tmp_path / "a.py").write_text("1\n", encoding="utf-8")
    (tmp_path / "room" / "b.py").write_text("1\n2\n", encoding="utf-8")
    (tmp_path / "room" / "inner" / "c.py").write_text("1\n2\n3\n", encoding="utf-8")
    (tmp_path / "room" / "not_python.json").write_text("1\n", encoding="utf-8")
    assert list(lines_by_folder(tmp_path).items()) == [("room", 5), (".", 1)]
