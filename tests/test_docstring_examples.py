"""Examples in docstrings run, and print what they show: of public names, and of all modules."""

from __future__ import annotations

import doctest
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import PACKAGES

import sentiment_transfer
from sentiment_transfer.base.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(sentiment_transfer.__file__).parent
FOLDERS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
FOLDER_NEEDS = {"cluster": "cluster", "serving": "studio", "studio": "studio"}
"""Extras without which a folder cannot be imported."""
NEED = {
    "HiddenLayerClassifier": "torch",
    "Onnx": "onnx",
    "Answering.plot_polar_words": "plot",
    "SentimentClassifier.plot_polar_words": "plot",
    "find_rate": "torch",
    "onnx_of": "onnx",
    "require_onnx": "onnx",
}
"""Extras that examples need, by name; one of a class holds for all its methods."""
MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py" and ">>> " in path.read_text(encoding="utf-8")
]


def examples_of(module: str) -> Iterator[doctest.DocTest]:
    """Yield the examples of the public names of a module, those of methods as well.

    They begin with these names alone, as after ``from module import *``.
    """
    found = import_module(module)
    names = {name: getattr(found, name) for name in getattr(found, "__all__", ())}
    for name, thing in names.items():
        home = sys.modules[thing.__module__]
        finder = doctest.DocTestFinder(exclude_empty=True)
        for test in finder.find(thing, name, module=home, globs=names):
            if test.examples:
                yield test


def parameter(example: doctest.DocTest | None, name: str, extra: str | None = None) -> object:
    marks = [pytest.mark.needs_extra(extra)] if extra else []
    return pytest.param(example, id=name, marks=marks)


def public_examples() -> Iterator[Any]:
    seen = set()
    for folder in (*FOLDERS, "errors"):
        extra = FOLDER_NEEDS.get(folder)
        if extra and not find_spec(PACKAGES[extra]):
            yield parameter(None, folder, extra)
            continue
        for test in examples_of(f"sentiment_transfer.{folder}"):
            if test.docstring not in seen:  # two folders may have a name
                seen.add(test.docstring)
                needed = extra or NEED.get(test.name) or NEED.get(test.name.partition(".")[0])
                yield parameter(test, f"{folder}.{test.name}", needed)


def names_of(module: str) -> dict[str, Any]:
    found = import_module(module)
    return {name: getattr(found, name) for name in found.__all__}


def other_examples() -> Iterator[Any]:
    """Yield the examples of names that are not public, with those that public ones inherit.

    They begin with the names of their module, and the public ones of its folder.
    """
    for name in MODULES:
        folder = name.split(".")[1]
        extra = FOLDER_NEEDS.get(folder)
        if extra and not find_spec(PACKAGES[extra]):
            continue  # public_examples has it
        public = names_of("sentiment_transfer")
        if (PACKAGE / folder).is_dir() and folder not in ("base", "cli"):
            public |= names_of(f"sentiment_transfer.{folder}")
        module = import_module(name)
        for test in doctest.DocTestFinder().find(module, name, extraglobs=public):
            test.name = test.name.removeprefix(f"{name}.")
            if test.examples and test.name.partition(".")[0] not in public:
                yield parameter(test, f"{name}:{test.name}", NEED.get(test.name))


@pytest.mark.filterwarnings(f"ignore::{Notice.__module__}.{Notice.__name__}")
@pytest.mark.parametrize("example", [*public_examples(), *other_examples()])
def test_an_example_gives_what_it_shows(
    example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert ended.failed == 0
