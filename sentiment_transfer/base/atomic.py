"""Atomic writing of files: a reader sees the old content or the new, never a part of it."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["atomic_path", "atomic_write"]


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
    the temporary file is removed. If the process is killed, ``path`` is unchanged too, and a
    ``.sentiment_transfer-*.tmp*`` file remains that may be deleted.

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
    place = os.fspath(path)
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        raise InputError("is a folder or a device; give the name of a file", path=place)
    if not target.parent.is_dir():
        raise InputError(
            f"the folder {target.parent} does not exist; create it or choose another", path=place
        )
    temporary = target.with_name(f".sentiment_transfer-{os.urandom(8).hex()}.tmp{suffix}")
    try:
        temporary.touch(exist_ok=False)
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
