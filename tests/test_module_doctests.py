"""Examples in docstrings of all modules give what they show, those of names that are not public.

`test_docstring_examples` runs those of public names.
"""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import sentiment_transfer

PACKAGE = Path(sentiment_transfer.__file__).parent
PREFIX = f"{sentiment_transfer.__name__}."
MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py" and ">>> " in path.read_text(encoding="utf-8")
]


def public_names(folder: str) -> set[str]:
    """Names of ``folder.__all__``, or none where its packages are not installed."""
    try:
        return set(getattr(import_module(f"{PREFIX}{folder}".rstrip(".")), "__all__", ()))
    except ModuleNotFoundError:
        return set()


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_show(name: str) -> None:
    try:
        module = import_module(name)
    except ModuleNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed")
    public = public_names(name.removeprefix(PREFIX).partition(".")[0]) | public_names("")
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in doctest.DocTestFinder().find(module, name):
        if example.name.removeprefix(f"{name}.").partition(".")[0] not in public:
            runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_modules_with_examples_are_found() -> None:
    assert f"{PREFIX}text.cuts" in MODULES
    assert len(MODULES) >= 20
