"""Memory of the process and of the machine; memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["available_memory", "release_memory", "resident_memory"]

CGROUP, OWN_CGROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def release_memory() -> None:
    """Return freed memory to the system, where it can be asked for: glibc, and pyarrow if loaded.

    The C library and pyarrow keep freed blocks for later use. After a corpus has been read these
    are some 80 MB, which training has no use for.
    """
    gc.collect()
    arrow: Any = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).malloc_trim(0)


def resident_memory() -> int | None:
    """Return the bytes of memory that the process uses now; None where that is not known."""
    with suppress(OSError, ValueError, IndexError):  # not Linux
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None


def available_memory() -> int | None:
    """Return the bytes that the process can still take; None where that is not known.

    The least of what the machine has available and of what the control groups of the process
    leave, such as a container's: their limits less what they use, files that they could drop apart.
    """
    found = [_available(), *map(_left_of_group, _groups())]
    known = [size for size in found if size is not None]
    return min(known, default=None)


def _groups() -> list[Path]:
    """Return the folders of the control groups of the process, and of those around them.

    In a container the group is often the root, whatever its name outside.
    """
    folders = [CGROUP, CGROUP / "memory"]
    with suppress(OSError, ValueError):
        for line in OWN_CGROUPS.read_text(encoding="utf-8").splitlines():
            _, kinds, path = line.split(":", 2)
            if not kinds or "memory" in kinds.split(","):  # version 2, or memory of version 1
                root = CGROUP / "memory" if kinds else CGROUP
                own = root / path.lstrip("/")
                folders += [each for each in (own, *own.parents) if root in each.parents]
    return folders


def _available() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    return None


def _left_of_group(folder: Path) -> int | None:
    """Return what a control group leaves, of version 2 or 1; None without a limit."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        with suppress(OSError, ValueError):  # "max" is no limit
            most = int((folder / limit).read_text(encoding="ascii"))
            now = int((folder / used).read_text(encoding="ascii"))
            return max(0, most - now + _droppable(folder))
    return None


def _droppable(folder: Path) -> int:
    """Return the bytes of files in memory that were not used of late."""
    with suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines():
            if line.startswith(("inactive_file ", "total_inactive_file ")):
                return int(line.split()[1])
    return 0
