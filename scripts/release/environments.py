"""Pythons of this machine and empty environments of them, for trials away from the repository.

Only the standard library and uv are used. uv is taken from the path, or installed into a temporary
environment of its own. What the environments hold comes from pyproject.toml.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from functools import cache
from pathlib import Path
from typing import Any

from scripts.reports import ROOT

__all__ = [
    "MINORS",
    "PROJECT",
    "installed",
    "make",
    "name_of",
    "pythons",
    "requirements",
    "run",
    "uv",
]

MINORS = ("3.11", "3.12", "3.13")
"""Versions of Python that the package is for, as in the classifiers of pyproject.toml."""
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BIN = "Scripts" if os.name == "nt" else "bin"
SHOW = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
LIST = """
import importlib.metadata as m
print(*sorted({d.metadata["Name"] + " " + d.version for d in m.distributions()}), sep="\\n")
"""


def run(*command: str | Path, **settings: Any) -> str:  # noqa: ANN401  (those of `subprocess.run`)
    """Run a command and return its output; ``RuntimeError`` with the last lines if it fails."""
    line = [str(part) for part in command]
    done = subprocess.run(line, capture_output=True, text=True, check=False, **settings)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        message = f"{' '.join(line[:6])} ended with {done.returncode}:\n{last}"
        raise RuntimeError(message)
    return done.stdout


def _candidates(minor: str) -> list[Path]:
    """Programs that may be this version: of the path, of pyenv, of uv, and this Python."""
    home = Path.home()
    named = [shutil.which(f"python{minor}"), sys.executable]
    found = [Path(name) for name in named if name]
    found += sorted((home / ".pyenv" / "versions").glob(f"{minor}.*/bin/python"))
    found += sorted((home / ".local/share/uv/python").glob(f"cpython-{minor}.*/bin/python"))
    return found


def pythons(minors: tuple[str, ...] = MINORS) -> tuple[dict[str, Path], list[str]]:
    """Return the Pythons of this machine by version, and the versions that it lacks."""
    found: dict[str, Path] = {}
    for minor in minors:
        for path in _candidates(minor):
            shown = subprocess.run([path, "-c", SHOW], capture_output=True, text=True, check=False)
            if shown.returncode == 0 and shown.stdout.startswith(f"{minor}."):
                found[minor] = path
                break
    return found, [minor for minor in minors if minor not in found]


@cache
def uv(folder: Path) -> Path:
    """Return uv: the one of the path, or one that is installed into a folder first."""
    known = shutil.which("uv")
    if known:
        return Path(known)
    own = folder / "uv" / BIN
    if not (own / "uv").exists():
        venv.create(folder / "uv", with_pip=True)
        run(own / "python", "-m", "pip", "install", "--quiet", "uv")
    return own / "uv"


def make(python: Path, folder: Path) -> Path:
    """Make an environment with nothing in it but pip, and return its Python."""
    shutil.rmtree(folder, ignore_errors=True)
    run(python, "-m", "venv", folder)
    return folder / BIN / "python"


def installed(python: Path) -> dict[str, str]:
    """Versions of what an environment holds, by name as `name_of` returns it."""
    lines = run(python, "-c", LIST).splitlines()
    return {name_of(name): version for name, version in map(str.split, lines)}


def name_of(requirement: str) -> str:
    """Return the name in a requirement, in lower case with hyphens.

    Examples
    --------
    >>> name_of("Typing_Extensions>=4; python_version < '3.13'")
    'typing-extensions'
    """
    name = re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(*extras: str) -> list[str]:
    """Return what pyproject.toml asks for, with the packages of extras."""
    optional = PROJECT["optional-dependencies"]
    return [*PROJECT["dependencies"], *(line for extra in extras for line in optional[extra])]
