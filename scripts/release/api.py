"""What breaks for users since the last tag, found by griffe in the sources of both.

    python -m scripts.release.api

Public names are those of `sentiment_transfer.__all__`, with their methods, attributes and
parameters, and the error types: see docs/versions.md.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from scripts.reports import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from griffe import Breakage

__all__ = ["PACKAGE", "breaking", "compatible", "last_tag", "version_of"]

PACKAGE = "sentiment_transfer"
ERRORS = f"{PACKAGE}.errors"


def last_tag(root: Path = ROOT) -> str | None:
    """Return the last tag that names an earlier version, or None if there is none.

    When a version is released, HEAD has its tag: compared with that, nothing would ever break.
    """
    own = _git(root, "tag", "--points-at", "HEAD").split()
    kinds = ("--match=v[0-9]*", *(f"--exclude={tag}" for tag in own))
    return _git(root, "describe", "--tags", "--abbrev=0", *kinds).strip() or None


def _git(root: Path, *arguments: str) -> str:
    """Return what git prints, empty if it fails."""
    line = ["git", *arguments]
    return subprocess.run(line, cwd=root, capture_output=True, text=True, check=False).stdout


def version_of(root: Path = ROOT) -> str:
    """Return the version in pyproject.toml."""
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def compatible(old: str, new: str) -> bool:
    """Return whether ``new`` promises what ``old`` has: the same major, before 1.0 minor, version.

    Examples
    --------
    >>> compatible("0.1.0", "0.1.3"), compatible("0.1.0", "0.2.0"), compatible("1.2.0", "1.9.0")
    (True, False, True)
    """
    before, after = Version(old), Version(new)
    kept = 1 if before.major else 2
    return before.release[:kept] == after.release[:kept]


def _places(package: Any) -> tuple[str, ...]:  # noqa: ANN401  (a module of griffe)
    """Return the paths below which everything is public: as imported, and where defined.

    What a class inherits is public as well, and is defined in the classes it is derived from.
    """
    names = [str(name).strip("'\"") for name in package.exports or ()]
    defined = [package[name] for name in names if name in package.members]
    bases = [base for m in defined if m.is_class for base in m.final_target.mro()]
    paths = [f"{package.path}.{name}" for name in names]
    return (*paths, *(found.canonical_path for found in (*defined, *bases)))


def breaking(tag: str, root: Path = ROOT) -> list[str]:
    """Return what breaks between a tag and the sources of today, a line each."""
    import griffe

    old = griffe.load_git(PACKAGE, ref=tag, repo=root)
    new = griffe.load(PACKAGE, search_paths=[root], try_relative_path=False)
    public = (*_places(old), ERRORS)
    found = [change for change in griffe.find_breaking_changes(old, new) if _is_in(change, public)]
    return sorted({f"{change.obj.path}: {change.kind.value}" for change in found})


def _is_in(change: Breakage, places: tuple[str, ...]) -> bool:
    paths = {change.obj.path, change.obj.canonical_path}
    return any(path == at or path.startswith(f"{at}.") for path in paths for at in places)


def main() -> None:
    """Print what breaks; end with an error if the version promises that nothing does."""
    tag, version = last_tag(), version_of()
    if tag is None:
        sys.exit("there is no tag v*, so there is nothing to compare with")
    lines = breaking(tag)
    print("\n".join(lines) or f"nothing breaks since {tag}")
    if lines and compatible(tag, version):
        sys.exit(f"{version} promises what {tag} has: raise the version, or deprecate first")


if __name__ == "__main__":
    main()
