"""Examples in docstrings of public names run, and print what they show."""

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
    "SentimentClassifier.plot_polar_words": "plot",
    "find_rate": "torch",
    "onnx_of": "onnx",
    "require_onnx": "onnx",
}
"""Extras that examples need, by name; one of a class holds for all its methods."""


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


def every_example() -> Iterator[Any]:
    seen = set()
    for folder in (*FOLDERS, "errors"):
        extra = FOLDER_NEEDS.get(folder)
        if extra and not find_spec(PACKAGES[extra]):
            mark = pytest.mark.skip(reason=f"needs the extra {extra}")
            yield pytest.param(None, id=folder, marks=mark)
            continue
        for test in examples_of(f"sentiment_transfer.{folder}"):
            if test.docstring not in seen:  # two folders may have a name
                seen.add(test.docstring)
                needed = extra or NEED.get(test.name) or NEED.get(test.name.partition(".")[0])
                marks = [pytest.mark.needs_extra(needed)] if needed else []
                yield pytest.param(test, id=f"{folder}.{test.name}", marks=marks)


@pytest.mark.filterwarnings(f"ignore::{Notice.__module__}.{Notice.__name__}")
@pytest.mark.parametrize("example", list(every_example()))
def test_an_example_gives_what_it_shows(
    example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert ended.failed == 0
