"""Finding files by path, URL or pattern, and opening them as streams of limited size."""

from __future__ import annotations

import codecs
import glob
import gzip
import io
import stat
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Self, cast

from sentiment_transfer.errors import InputError, SettingError, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BUFFER",
    "MAX_BYTES",
    "FileOptions",
    "Location",
    "check_kind",
    "file_state",
    "locate",
    "open_binary",
    "stream_location",
    "suffixes",
]

MAX_BYTES = 20 * 2**30
"""Compressed input may expand to this many bytes."""

BUFFER = 1 << 20

MARKS = (
    *("size", "mtime", "created", "LastModified", "last_modified", "updated"),
    *("ETag", "etag", "sha", "md5"),
)
"""What file systems call the size, the time of the last change, or a hash; some have few."""

SEPARATORS = {"tab": "\t", "\\t": "\t"}
"""Names of separators that are hard to type."""


@dataclass(frozen=True)
class FileOptions:
    """How files are read, where their names and contents do not say it.

    Attributes
    ----------
    max_bytes
        A compressed file, a workbook or a Parquet file that expands to more is refused.
    sep
        Separator of the fields of CSV and TSV: one character, or ``"tab"``.
    encoding
        Encoding of text files, for example "cp1252".
    sheet
        Sheet of Excel workbooks.
    format
        Format of all files, such as "csv", in place of that of their suffix.
    """

    max_bytes: int = MAX_BYTES
    sep: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    format: str | None = None

    def __post_init__(self) -> None:
        if self.sep is not None:
            object.__setattr__(self, "sep", _separator(self.sep))
        if self.encoding is not None:
            object.__setattr__(self, "encoding", _encoding(self.encoding))


def _separator(sep: str) -> str:
    mark = SEPARATORS.get(sep.lower(), sep) if isinstance(sep, str) else ""
    if len(mark) != 1 or mark in '"\r\n\0\ufeff' or mark.isalnum():
        raise SettingError(
            f"sep={sep!r} is not allowed; it must be one character between fields, such as ';', "
            "',' or '|', or 'tab'"
        )
    return mark


def _encoding(name: str) -> str:
    """Return Python's name of an encoding of texts."""
    try:
        codec = codecs.lookup(name)
        codec.incrementaldecoder().decode(b"a", final=False)
        found = codec.name if codec._is_text_encoding else None
    except (LookupError, TypeError, ValueError):
        found = None
    if found is None:
        raise SettingError(
            f"encoding={name!r} is not allowed; it must be the name of an encoding, such as "
            "'utf-8', 'cp1252', 'utf-16' or 'gb18030'"
        )
    return "utf-8" if found == "utf-8-sig" else found


@dataclass(frozen=True)
class Location:
    """A file or folder on one of fsspec's file systems; ``name`` is what messages show."""

    fs: Any
    path: str
    name: str


def suffixes(name: str) -> tuple[str, str]:
    """Return the suffixes of format and compression: ``("csv", "gz")``, ``("txt", "")``."""
    web = name.startswith(("http://", "https://"))
    path = PurePosixPath(name.partition("?")[0] if web else name)
    last = path.suffix.lower()
    if last in {".gz", ".zst"}:
        return PurePosixPath(path.stem).suffix.lower().lstrip("."), last[1:]
    return last.lstrip("."), ""


def locate(source: str | PathLike[str]) -> list[Location]:
    """Return the files of a path, URL or glob pattern, sorted by name.

    Raises ``InputError`` if nothing is found, or the URL needs a package that is not installed.
    """
    name = fspath(source)
    shown = shortened(name)
    try:
        fs, path = _file_system(name)
        remote = "://" in name
        if fs.exists(path):
            return [Location(fs, _whole(path, remote=remote), name)]
        found = sorted(fs.glob(path)) if glob.has_magic(name) else []
    except (ImportError, OSError, ValueError) as error:
        raise InputError(f"{shown!r} cannot be opened: {shortened(str(error), 300)}") from error
    if not found:
        is_text = " " in name or not suffixes(name)[0]
        remedy = f", or put texts into a list: [{shown!r}]" if is_text else ""
        raise InputError(
            f"{shown!r} is not an existing file, folder or URL; check the spelling{remedy}"
        )
    return [
        Location(fs, _whole(each, remote=remote), fs.unstrip_protocol(each) if remote else each)
        for each in found
    ]


def _file_system(name: str) -> tuple[Any, str]:
    import fsspec

    if "://" in name:
        return cast("tuple[Any, str]", fsspec.core.url_to_fs(name))
    return fsspec.filesystem("file"), str(Path(name).expanduser())


def _whole(path: str, *, remote: bool) -> str:
    """Return the whole path of a file here: other processes work in other folders."""
    return path if remote else str(Path(path).absolute())


@contextmanager
def open_binary(location: Location, max_bytes: int) -> Iterator[io.BufferedReader]:
    """Open a file, expanded by its suffix, as a buffered stream of bytes.

    Whatever is wrong with the file is raised as an `InputError` that names it: it cannot be read,
    is cut off or damaged, or expands to more than ``max_bytes``.
    """
    compression = suffixes(location.name)[1]
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(location.fs.open(location.path, "rb"))
        except OSError as error:
            raise InputError(f"cannot be opened: {error}", path=location.name) from error
        if compression == "gz":
            raw = stack.enter_context(gzip.GzipFile(fileobj=raw))
        elif compression == "zst":
            import pyarrow as pa  # zstandard's own stream does not notice a truncated file

            raw = stack.enter_context(pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd"))
        limit = max_bytes if compression else None
        yield stack.enter_context(io.BufferedReader(_Watched(raw, location.name, limit), BUFFER))


class _OneStream:
    """A file system whose only file is an open stream, which stays open."""

    protocol = ("stream",)

    def __init__(self, stream: Any) -> None:  # noqa: ANN401
        self._stream = stream

    def open(self, path: str, mode: str) -> _Borrowed:
        return _Borrowed(self._stream)


class _Borrowed:
    """A stream that is read as it comes, without waiting for more, and never closed."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401
        self.read = getattr(stream, "read1", stream.read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def stream_location(stream: Any, name: str) -> Location:  # noqa: ANN401  (binary, such as a pipe)
    """Return the place of an open stream, which can be read once."""
    return Location(_OneStream(stream), "", name)


def file_state(location: Location) -> dict[str, str]:
    """Return what shows that a file has changed, as far as its file system knows it.

    The content is not read. Of a file of this machine, the time is in nanoseconds too. Raises
    ``OSError`` if the file does not exist.
    """
    info = location.fs.info(location.path)
    state = {mark: str(info[mark]) for mark in MARKS if info.get(mark) is not None}
    if "file" in location.fs.protocol:
        state["mtime_ns"] = str(Path(location.path).stat().st_mtime_ns)
    return state


def check_kind(location: Location) -> None:
    """Raise an ``InputError`` for a pipe, a socket or a device, from which reading may wait."""
    if "file" not in location.fs.protocol:
        return
    try:
        mode = Path(location.path).stat().st_mode
    except OSError:
        return  # what is gone is refused when it is opened
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError(
            "is a pipe or a device; copy what it gives into a file, and name that",
            path=location.name,
        )


class _Watched(io.RawIOBase):
    """Stream that limits the number of bytes and turns read errors into ``InputError``."""

    def __init__(self, stream: Any, name: str, limit: int | None) -> None:  # noqa: ANN401
        self._stream = stream
        self._name = name
        self._limit = limit
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  (a writable buffer)
        try:
            chunk = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                f"cannot be read further: {error}; the file is damaged or truncated, get it again",
                path=self._name,
            ) from error
        self._count += len(chunk)
        if self._limit is not None and self._count > self._limit:
            raise InputError(
                f"expands to more than max_bytes={self._limit:,} bytes; "
                "pass a larger max_bytes if you trust the file",
                path=self._name,
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)
