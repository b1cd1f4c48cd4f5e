"""The pages of the API: every public name of the package and of its folders."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

PACKAGE = "sentiment_transfer"
FOLDERS = (
    *("text", "corpus", "languages", "pretraining", "encoding", "classification", "polarity"),
    *("model", "scoring", "export", "experiments", "advice", "overview", "serving", "studio"),
    "cluster",
)
"""Folders with names for other programs, in the order in which they build on each other."""


@cache
def public_names() -> dict[str, str]:
    """Return the full name of each public name; one that two folders have is left out."""
    found: dict[str, list[str]] = {}
    for module in (PACKAGE, *(f"{PACKAGE}.{folder}" for folder in FOLDERS)):
        for name in public(module):
            found.setdefault(name, []).append(f"{module}.{name}")
    return {name: full[0] for name, full in found.items() if len(full) == 1}


CLASS = re.compile(r"([A-Z][a-z0-9]+){2,}")


@cache
def class_names() -> frozenset[str]:
    """Return the names of all classes of the package, public or not."""
    root = Path(str(import_module(PACKAGE).__file__)).parent
    texts = (path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    defined = re.compile(r"^ *class (\w+)", re.MULTILINE)
    return frozenset(name for text in texts for name in defined.findall(text))


def full_name(text: str) -> str | None:
    """Return the full name of a public name, or of a part of it: ``SkipGram.fit``; or None."""
    first, *parts = text.split(".")
    full = public_names().get(first)
    return None if full is None else ".".join([full, *parts])


def is_unknown(text: str) -> bool:
    """Whether a name is formed like that of a class, and the package has none of that name."""
    first = text.partition(".")[0]
    return bool(CLASS.fullmatch(first)) and first not in class_names()


def api_pages() -> dict[str, str]:
    """Return a page for the package and one for each folder, with an index."""
    names = [PACKAGE, *(f"{PACKAGE}.{folder}" for folder in FOLDERS)]
    pages = {f"{name}.rst": _page(name) for name in names}
    listed = "\n".join(f"   {name}" for name in names)
    rows = "\n".join(f"   * - :doc:`{name} <{name}>`\n     - {_about(name)}" for name in names)
    return {**pages, "index.rst": INDEX.format(rows=rows, listed=listed)}


INDEX = """\
Python
======

Every public name, from its docstring. Names of the package itself are meant for every program, and
stay; those of its folders are for programs that build on a part of it.

.. list-table::
   :widths: 40 60

{rows}

.. toctree::
   :hidden:

{listed}
"""


def _about(name: str) -> str:
    return str(import_module(name).__doc__).strip().partition("\n")[0]


def public(name: str) -> list[str]:
    """Return the names that a page lists: those of the package are not repeated for a folder."""
    listed = list(import_module(name).__all__)
    top = [] if name == PACKAGE else list(import_module(PACKAGE).__all__)
    return [each for each in listed if each not in top]


def _page(name: str) -> str:
    repeated = [each for each in import_module(name).__all__ if each not in public(name)]
    lines = [name, "=" * len(name), "", _about(name), "", f".. currentmodule:: {name}", ""]
    if public(name):
        lines += [".. autosummary::", "   :toctree: names", ""]
        lines += [f"   {each}" for each in public(name)] + [""]
    if repeated:
        links = (f":py:obj:`{each} <{PACKAGE}.{each}>`" for each in repeated)
        lines += [f"Also here, as part of the package: {', '.join(links)}.", ""]
    return "\n".join(lines)
