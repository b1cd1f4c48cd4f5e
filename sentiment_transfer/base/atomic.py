"""Atomic writing of files: a reader sees the old content or the new, never a part of it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import time
import zlib
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "atomic_path",
    "atomic_write",
    "check_place",
    "in_use",
    "remove_leftovers",
    "temporary_prefix",
]

PREFIX = ".sentiment_transfer-"
"""How the names of all temporary files begin."""

SECONDS = 0.1 if os.name == "posix" else 60.0
"""Age from which a temporary file that no process has locked or open is a leftover."""


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a binary file whose content appears at ``path`` only if the block succeeds.

    Otherwise as `atomic_path`; leave the file open.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        yield file


@contextmanager
def atomic_path(path: str | os.PathLike[str], suffix: str = "") -> Iterator[Path]:
    """Yield the path of an empty temporary file that replaces ``path`` if the block succeeds.

    The temporary file is in the same folder. It is flushed to the disk and then renamed to
    ``path``. If the block or the disk fails, or the user presses Ctrl-C, ``path`` is unchanged and
    the temporary file is removed. If the process is killed, ``path`` is unchanged too, and the
    temporary file is removed by the next process that writes into the folder.

    A symbolic link stays a link: the file that it points to is replaced. An existing file keeps
    its permissions; a new one gets the default ones (umask). ``suffix`` is added to the name of the
    temporary file, for writers that choose a format by it.

    Raises
    ------
    InputError
        ``path`` is a folder or a device, or its folder does not exist.
    OSError
        The operating system refused: disk full, no permission, or, on Windows, ``path`` is open
        in another program.
    """
    target = _checked(path)
    remove_leftovers(target.parent)
    temporary = _new(target, suffix)
    try:
        with in_use(temporary):
            _copy_permissions(target, temporary, stat.S_IWUSR)
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            _copy_permissions(target, temporary)
            temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def check_place(path: str | os.PathLike[str]) -> None:
    """Raise the errors of `atomic_path` if no file can be written at ``path``."""
    try:
        _new(_checked(path)).unlink()
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror}); choose another folder", path=os.fspath(path)
        ) from error


def _checked(path: str | os.PathLike[str]) -> Path:
    """Return the file that is to be written; raise ``InputError`` if it cannot be one."""
    place = os.fspath(path)
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        raise InputError("is a folder or a device; give the name of a file", path=place)
    if not target.parent.is_dir():
        raise InputError(
            f"the folder {target.parent} does not exist; create it or choose another", path=place
        )
    return target


def _new(target: Path, suffix: str = "") -> Path:
    """Create an empty temporary file beside ``target``."""
    temporary = target.with_name(f"{temporary_prefix()}{os.urandom(8).hex()}.tmp{suffix}")
    temporary.touch(exist_ok=False)
    return temporary


@cache
def temporary_prefix() -> str:
    """Return how the names of temporary files and folders begin on this machine."""
    return f"{PREFIX}{zlib.crc32(platform.node().encode()):08x}-"


@contextmanager
def in_use(temporary: Path, *, strict: bool = False) -> Iterator[None]:
    """Lock a temporary file or folder, so that `remove_leftovers` of other processes keeps it.

    The system ends the lock with the process, however that ends. With ``strict``, raises
    ``OSError`` if there is no lock to be had.
    """
    if os.name != "posix":  # an open file cannot be removed there
        yield
        return
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        with nullcontext() if strict else suppress(OSError):  # not all file systems have locks
            _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


@cache
def remove_leftovers(folder: Path) -> None:
    """Remove, once, the temporary files that processes of this machine left when they were killed.

    Those of other machines stay, whose locks a shared disk may not show.
    """
    for left in folder.glob(f"{temporary_prefix()}*.tmp*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > SECONDS:
                with in_use(left, strict=True):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()


def _lock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _copy_permissions(target: Path, temporary: Path, added: int = 0) -> None:
    if os.name == "posix":  # elsewhere chmod knows only "read-only", which would hinder the rename
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(target.stat().st_mode) & 0o777 | added)


def _sync_folder(folder: Path) -> None:
    """Make the rename survive a power cut, where the system supports it."""
    if os.name != "posix":
        return
    with suppress(OSError):  # some network file systems refuse; the content is on the disk already
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
