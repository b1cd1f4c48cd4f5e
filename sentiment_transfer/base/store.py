"""Files named by the sha256 of their content, in a folder or at a URL, for several machines.

A name stands for one content, so calls that are repeated write the same files, and a reader cannot
see an old one. A file is complete as soon as it has its name: in folders it is renamed, object
stores create it as a whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.atomic import (
    atomic_write,
    in_use,
    remove_leftovers,
    temporary_prefix,
)
from sentiment_transfer.base.digests import file_sha256
from sentiment_transfer.errors import InputError, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import DTypeLike, NDArray

__all__ = ["Store"]


@dataclass(frozen=True)
class Store:
    """Arrays and records in one place, which all workers can read and write.

    Attributes
    ----------
    place
        A folder, or a URL that fsspec knows. The folder is created when the first file is put.
    """

    place: str

    @property
    def folder(self) -> Path | None:
        """The folder; None for a URL of another file system."""
        fs, path = self._opened
        return Path(path) if fs is None else None

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """The file system, None for folders, and the path in it."""
        if "://" not in self.place:
            return None, str(Path(self.place).expanduser().absolute())
        from fsspec.core import url_to_fs
        from fsspec.implementations.local import LocalFileSystem

        fs, path = url_to_fs(self.place)
        return (None if isinstance(fs, LocalFileSystem) else fs), path.rstrip("/")

    def put(self, *arrays: NDArray[Any], lasting: bool = False) -> str:
        """Write arrays one after the other into one file; return its name.

        A ``lasting`` file is on the disk when this returns; others may be lost or damaged if the
        machine stops (see `check`).
        """
        parts = [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part)
        name = digest.hexdigest()
        self._write(name, parts, lasting=lasting)
        return name

    def put_file(self, path: Path) -> str:
        """Move a file into the store, from a folder that `scratch` made; return its name.

        It is on the disk when this returns.
        """
        name = file_sha256(path)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        fs, place = self._opened
        if fs is None:
            path.replace(Path(place, name))
        else:
            fs.put_file(str(path), f"{place}/{name}")
        return name

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Make a folder for files on the way: in the store if it is a folder, else of the system.

        What a killed process leaves is removed by the next one.
        """
        fs, place = self._opened
        if fs is None:
            Path(place).mkdir(parents=True, exist_ok=True)
        parent = tempfile.gettempdir() if fs is not None else place
        remove_leftovers(Path(parent))
        with (
            tempfile.TemporaryDirectory(
                suffix=".tmp", prefix=temporary_prefix(), dir=parent, ignore_cleanup_errors=True
            ) as made,
            in_use(Path(made)),
        ):
            yield Path(made)

    def map(self, name: str, dtype: DTypeLike) -> NDArray[Any]:
        """Return a whole file, mapped into memory where the store is a folder."""
        fs, place = self._opened
        path = Path(place, name)
        if fs is None and path.is_file() and path.stat().st_size:
            return np.asarray(np.memmap(path, dtype, "r"))
        content: NDArray[Any] = self.read(name, dtype)
        return content

    def read(self, name: str, dtype: DTypeLike, start: int = 0, end: int | None = None) -> Any:  # noqa: ANN401
        """Return values ``start`` to ``end`` of a file, a one-dimensional array.

        Raises ``InputError`` if the file does not exist or is shorter.
        """
        kind = np.dtype(dtype)
        if start == end:  # a range that object stores refuse
            return np.zeros(0, kind)
        first = start * kind.itemsize
        last = None if end is None else end * kind.itemsize
        content = np.frombuffer(self._bytes(name, first, last), kind)
        if end is not None and len(content) != end - start:
            raise self._damaged(name)
        return content

    def has(self, name: str, n_bytes: int | None = None) -> bool:
        """Return whether there is a file of this name, and of this size if one is given."""
        fs, path = self._opened
        try:
            size = Path(path, name).stat().st_size if fs is None else fs.size(f"{path}/{name}")
        except FileNotFoundError:
            return False
        return n_bytes in (None, size)

    def check(self, name: str) -> None:
        """Raise ``InputError`` if the content of a file is not that of its name."""
        if hashlib.sha256(self._bytes(name)).hexdigest() != name:
            raise self._damaged(name)

    def put_record(self, name: str, record: dict[str, Any]) -> None:
        """Write a record under a name of its own, in place of an earlier one."""
        content = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self._write(f"{name}.json", [memoryview(content)], lasting=True)

    def record(self, name: str) -> dict[str, Any] | None:
        """Return a record, None if there is none or it is not whole."""
        try:
            content = self._bytes(f"{name}.json")
            found = json.loads(bytes(content).decode("utf-8", "surrogatepass"))
        except (InputError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def names(self) -> set[str]:
        """Return the names of all files, and of records with ``.json``."""
        fs, path = self._opened
        if fs is None:
            folder = Path(path)
            return {file.name for file in folder.iterdir()} if folder.is_dir() else set()
        if not fs.exists(path):
            return set()
        return {each.rpartition("/")[2] for each in fs.ls(path, detail=False)}

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, as far as they exist."""
        fs, path = self._opened
        for name in names:
            try:
                Path(path, name).unlink() if fs is None else fs.rm_file(f"{path}/{name}")
            except FileNotFoundError:
                continue

    def _write(self, name: str, parts: list[memoryview], *, lasting: bool) -> None:
        """Write a file; a ``lasting`` one is on the disk when this returns."""
        fs, path = self._opened
        if fs is not None:
            fs.pipe_file(f"{path}/{name}", b"".join(parts))
            return
        target = Path(path, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if lasting:
            with atomic_write(target) as file:
                file.writelines(parts)
            return
        temporary = target.with_name(f"{temporary_prefix()}{os.urandom(8).hex()}.tmp")
        try:  # not flushed to the disk as `atomic_write` does, which takes too long for weights
            with temporary.open("wb") as file, in_use(temporary):
                file.writelines(parts)
                file.flush()
                temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _bytes(self, name: str, first: int = 0, last: int | None = None) -> Any:  # noqa: ANN401
        fs, path = self._opened
        try:
            if fs is not None:
                return fs.cat_file(f"{path}/{name}", start=first or None, end=last)
            with Path(path, name).open("rb") as file:
                file.seek(first)
                return file.read(-1 if last is None else last - first)
        except FileNotFoundError as error:
            raise InputError(
                "the file does not exist; every worker needs the same shared folder",
                path=f"{path}/{shortened(name)}",
            ) from error

    def _damaged(self, name: str) -> InputError:
        return InputError(
            "the file is damaged; delete the folder to start again",
            path=f"{self.place}/{shortened(name)}",
        )
