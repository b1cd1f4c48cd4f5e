"""The commit that last changed a file of results, and its date, by the repository's history."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Change", "history", "last_change"]

DIGITS = 10
"""Of a commit."""


class Change(NamedTuple):
    """A commit, and its date, as ``"2026-11-30"``."""

    commit: str
    date: str


def last_change(path: Path) -> Change | None:
    """Return the commit that last changed a file.

    None if that is unknown: without git, outside a repository, in a shallow clone, or where the
    file has changes that are not committed.
    """
    git = partial(subprocess.run, cwd=path.parent, capture_output=True, text=True, check=True)
    try:
        shallow = git(["git", "rev-parse", "--is-shallow-repository"]).stdout.strip()
        edited = git(["git", "status", "--porcelain", "--", path.name]).stdout.strip()
        said = git(["git", "log", "-1", "--format=%H %cs", "--", path.name]).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return None
    if shallow != "false" or edited or not said:
        return None
    return Change(said[0][:DIGITS], said[1])


def history(folder: Path, names: Iterable[str]) -> dict[str, Change]:
    """Return the last change of each file; ``FileNotFoundError`` names those without one."""
    found = {name: last_change(folder / name) for name in names}
    known = {name: change for name, change in found.items() if change is not None}
    if len(known) < len(found):
        unknown = ", ".join(name for name in found if name not in known)
        message = f"no commit has {unknown} as it is; commit it, in a clone with its history"
        raise FileNotFoundError(message)
    return known
