"""Give memory back: of the compiler, which answers do not use, and of models that were replaced.

The functions do nothing where the system is not Linux with glibc.
"""

from __future__ import annotations

import ctypes
import re
from contextlib import suppress
from pathlib import Path

__all__ = ["release_compiler", "release_freed", "use_one_arena"]

MAPPINGS = Path("/proc/self/smaps")
LIBRARY = "libllvmlite"
_DONTNEED = 4
_ARENA_MAX = -8


def release_compiler() -> int:
    """Unmap pages of LLVM's library, some 95 MB, until they are used again; return their bytes.

    Only pages that equal those of the file, which the system reads again when it needs them: a
    mapping that can be written, or holds a page of the process's own, is left alone. Does nothing
    where the system has no ``/proc``.
    """
    with suppress(OSError, AttributeError):  # not Linux
        return sum(map(_release, _mappings(MAPPINGS.read_text(encoding="utf-8"))))
    return 0


def use_one_arena() -> None:
    """Let the threads of this process, from now on, take memory from one heap.

    By default glibc makes one for each thread, and a reloaded model leaves gaps in several of them:
    with `release_freed` alone, every fourth reload took 11 MB more for a time.
    """
    with suppress(OSError, AttributeError, TypeError):  # not glibc; Windows has no CDLL(None)
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def release_freed() -> None:
    """Return freed memory to the system, of which glibc keeps what lies between used parts."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))


def _mappings(described: str) -> list[tuple[int, int]]:
    """Return start and length of the mappings that can be released."""
    found = []
    for block in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", described, flags=re.MULTILINE):
        head, _, facts = block.partition("\n")
        at = re.fullmatch(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p .*", head)
        if at and LIBRARY in head and re.search(r"^Anonymous: +0 kB$", facts, re.MULTILINE):
            start, end = (int(place, 16) for place in at.groups())
            found.append((start, end - start))
    return found


def _release(mapping: tuple[int, int]) -> int:
    start, length = mapping
    libc = ctypes.CDLL(None)
    failed = libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _DONTNEED)
    return 0 if failed else length
