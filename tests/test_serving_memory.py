"""Pages of the compiler are given back, and come again when it works again."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")

from sentiment_transfer.serving import memory

RESIDENT = r"""
import re
from pathlib import Path

def resident():
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""

AGAIN = r"""
import numba as nb
from sentiment_transfer.serving.memory import release_compiler

first = nb.njit(lambda x: x + 1)
assert first(1) == 2
before = resident()
released = release_compiler()
assert released > 50_000_000
assert resident() < before - 50_000
second = nb.njit(lambda x: x * 2.5)
assert (first(1), second(2)) == (2, 5)
print("works")
"""


@pytest.mark.skipif(not memory.MAPPINGS.exists(), reason="needs /proc")
def test_compiled_code_runs_and_more_is_compiled_after_a_release() -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", RESIDENT + AGAIN], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("works\n", 0), done.stderr


def test_only_unwritten_mappings_of_the_library_are_released() -> None:
    described = """\
1000-3000 r-xp 00000000 fe:00 1 /x/libllvmlite.so
Rss:                   8 kB
Anonymous:             0 kB
3000-4000 r--p 00000000 fe:00 1 /x/libllvmlite.so
Anonymous:             4 kB
4000-5000 rw-p 00000000 fe:00 1 /x/libllvmlite.so
Anonymous:             0 kB
5000-6000 r-xp 00000000 fe:00 1 /x/libother.so
Anonymous:             0 kB
6000-7000 r--p 00000000 fe:00 1 /x/libllvmlite.so
Anonymous:             0 kB
7000-8000 rw-p 00000000 00:00 0
"""
    assert memory._mappings(described) == [(0x1000, 0x2000), (0x6000, 0x1000)]


def test_without_proc_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAPPINGS", memory.MAPPINGS / "missing")
    assert memory.release_compiler() == 0


FREED = r"""
from sentiment_transfer.serving.memory import release_freed, use_one_arena

use_one_arena()
pieces = [bytes(5_000) for _ in range(20_000)]
last = bytes(5_000)
full = resident()
del pieces
release_freed()
print(full - resident())
"""


@pytest.mark.skipif(not memory.MAPPINGS.exists(), reason="needs /proc")
def test_memory_below_a_used_part_is_given_back() -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", RESIDENT + FREED], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 90_000  # of 100,000 kB


def test_nothing_happens_where_the_system_has_no_such_functions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    memory.use_one_arena()
    memory.release_freed()
