"""Examples in docstrings of public names run, and each name of the package itself has one."""

from __future__ import annotations

import doctest
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sentiment_transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(sentiment_transfer.__file__).parent
FOLDERS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
NEED = {"HiddenLayerClassifier": "torch"}
"""Extras that examples need, by the first name they are of."""


def examples_of(module: str) -> Iterator[doctest.DocTest]:
    """Yield the examples of the public names of a module, those of methods as well."""
    found = import_module(module)
    for name in getattr(found, "__all__", ()):
        thing = getattr(found, name)
        home = sys.modules[thing.__module__]
        finder = doctest.DocTestFinder(exclude_empty=True)
        for test in finder.find(thing, name, module=home, globs=dict(vars(home))):
            if test.examples:
                yield test


def every_example() -> list[object]:
    tests: dict[str, doctest.DocTest] = {}
    for folder in FOLDERS:
        if folder not in ("cluster", "serving", "studio"):  # their packages may be missing
            for test in examples_of(f"sentiment_transfer.{folder}"):
                tests.setdefault(f"{folder}.{test.name}", test)
    tests |= {test.name: test for test in examples_of("sentiment_transfer.errors")}
    extras = {name: NEED.get(test.name.partition(".")[0]) for name, test in tests.items()}
    marks = {name: [pytest.mark.needs_extra(e)] if e else [] for name, e in extras.items()}
    return [pytest.param(test, id=name, marks=marks[name]) for name, test in tests.items()]


@pytest.mark.parametrize("example", every_example())
def test_an_example_gives_what_it_shows(example: doctest.DocTest) -> None:
    ended = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert ended.failed == 0


@pytest.mark.parametrize("name", sentiment_transfer.__all__)
def test_every_name_of_the_package_has_an_example(name: str) -> None:
    assert ">>>" in getattr(sentiment_transfer, name).__doc__
