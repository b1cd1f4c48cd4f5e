"""What has to be equal on all machines: versions, the source of this package, a shared folder."""

from __future__ import annotations

import hashlib
import sys
import uuid
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.errors import InputError, SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check_folder", "check_versions", "shared_file", "versions_here"]

_PACKAGE = Path(__file__).parent.parent


@cache
def versions_here() -> dict[str, str]:
    """Return versions by name, of what results depend on."""
    return {
        "Python": ".".join(map(str, sys.version_info[:2])),
        "numpy": version("numpy"),
        "numba": version("numba"),
        "sentiment-transfer": f"{_own_version()} (source {_source()})",
    }


def _own_version() -> str:
    try:
        return version("sentiment-transfer")
    except PackageNotFoundError:  # run from a source folder
        return "unknown"


def _source() -> str:
    """Return a checksum of modules and languages: a version does not change with every edit."""
    digest = hashlib.sha256()
    files = [*_PACKAGE.rglob("*.py"), *_PACKAGE.glob("languages/*.json")]
    for path in sorted(files, key=lambda path: path.parts):
        digest.update("/".join(path.relative_to(_PACKAGE).parts).encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def check_versions(expected: Mapping[str, str]) -> None:
    """Raise ``SettingError`` if this process has other versions than the one that asks for work."""
    for name, wanted in expected.items():
        found = versions_here().get(name, "none")
        if found != wanted:
            raise SettingError(
                f"a machine of the cluster has {name} {found}, the one that started the work "
                f"{wanted}; results could differ: install the same version on all of them"
            )


@contextmanager
def shared_file(folder: str) -> Iterator[tuple[str, str]]:
    """Write a file that `check_folder` looks for; yield the folder and the file's content.

    It raises ``InputError`` if this process cannot write to the folder.
    """
    from fsspec.core import url_to_fs

    content = uuid.uuid4().hex
    try:
        system, path = url_to_fs(folder)
        system.makedirs(path, exist_ok=True)
        name = f"{path}/{_name(content)}"
        system.pipe_file(name, content.encode())
    except Exception as error:  # (each kind of storage has errors of its own)
        raise InputError(
            f"this machine cannot write to this folder ({type(error).__name__}: {error}); name one "
            "that all machines may write to, and install what fsspec needs for its kind of URL",
            path=folder,
        ) from error
    try:
        yield folder, content
    finally:
        system.rm_file(name)


def _name(content: str) -> str:
    return f"seen-by-all-{content}"


def check_folder(folder: str, content: str) -> None:
    """Raise ``InputError`` if this process does not read what `shared_file` wrote."""
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(folder)
        found = system.cat_file(f"{path}/{_name(content)}")
    except Exception as error:  # (each kind of storage has errors of its own)
        raise InputError(
            f"a machine of the cluster does not see this folder ({type(error).__name__}: "
            f"{error}); name one that all of them share, such as a network drive or s3://...",
            path=folder,
        ) from error
    if found != content.encode():
        raise InputError(
            f"a machine of the cluster reads {shown(found)} where another was written; name a "
            "folder that all of them share",
            path=folder,
        )
