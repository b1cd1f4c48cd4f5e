"""Compiled functions answer whatever state the cache on disk is in."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODULE = """
import numpy as np
from sentiment_transfer.base.compiled import compiled

@compiled
def doubled(values):
    return values * 2

@compiled
def sum_of_doubled(values):
    return doubled(values).sum()
"""
PROGRAM = """
import sys, warnings
warnings.showwarning = lambda message, *_, **__: print(message, file=sys.stderr)
import numpy as np
from module import doubled, sum_of_doubled
print(doubled(np.arange(3)).tolist(), sum_of_doubled(np.arange(3)))
"""
RIGHT = "[0, 2, 4] 6\n"


def run(folder: Path, before: str = "") -> tuple[str, str]:
    """Answer and messages of a new process that compiles a module with the folder's cache."""
    module = folder / "module.py"
    if not module.exists():
        module.write_text(MODULE, encoding="utf-8")
    done = subprocess.run(  # noqa: S603  (our own interpreter and code)
        [sys.executable, "-c", before + PROGRAM],
        check=True,
        capture_output=True,
        text=True,
        env={"NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": str(folder), "PATH": ""},
    )
    return done.stdout, done.stderr


def empty_index(cache: Path) -> None:
    for path in cache.rglob("*.nbi"):
        path.write_bytes(b"")


def cut_code(cache: Path) -> None:
    for path in cache.rglob("*.nbc"):
        path.write_bytes(path.read_bytes()[:-100])


def other_content(cache: Path) -> None:
    for path in cache.rglob("*.nb?"):
        path.write_bytes(b"not a pickle")


def zero_a_block(cache: Path) -> None:
    """What a power cut may leave: the right size, and zeros where machine code was."""
    for path in cache.rglob("*.nbc"):
        data = path.read_bytes()
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes(middle // 2) + data[middle + middle // 2 :])


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cache in order, as each test leaves it."""
    folder = tmp_path_factory.mktemp("cached")
    assert run(folder) == (RIGHT, "")
    assert list(folder.rglob("*.nbi"))
    return folder


@pytest.mark.parametrize("damage", [empty_index, cut_code, other_content, zero_a_block])
def test_a_damaged_cache_is_named_once_and_then_mended(
    cached: Path, damage: Callable[[Path], None]
) -> None:
    damage(cached)
    answer, messages = run(cached)
    assert answer == RIGHT
    assert messages.count("\n") == 1
    assert str(cached) in messages
    assert "NUMBA_CACHE_DIR" in messages
    assert run(cached) == (RIGHT, "")


def test_code_that_was_cached_without_its_sha256_is_compiled_again_in_silence(
    tmp_path: Path,
) -> None:
    by_numba_alone = (
        "from sentiment_transfer.base import compiled\ncompiled._add_sha256 = lambda _: None\n"
    )
    right, _ = run(tmp_path, by_numba_alone)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")}
    assert written
    assert run(tmp_path) == (right, "")
    assert all(path.stat().st_mtime_ns > before for path, before in written.items())
    again = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")}
    assert run(tmp_path) == (right, "")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")} == again


FULL = """
import numba.core.caching as caching
def full(*_):
    raise OSError(28, "No space left on device")
caching.IndexDataCacheFile._save_data = full
"""


def test_a_full_cache_folder_is_named_once_and_the_answer_is_right(tmp_path: Path) -> None:
    answer, messages = run(tmp_path, FULL)
    assert answer == RIGHT
    assert messages.count("\n") == 1
    assert "No space left on device" in messages
    assert str(tmp_path) in messages
