"""Examples in docstrings of all modules give what they show, those of names that are not public.

`test_docstring_examples` runs those of public names, without what these inherit.
"""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sentiment_transfer
from sentiment_transfer.base.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(sentiment_transfer.__file__).parent
NEED = {"Answering.plot_polar_words": "plot"}
"""Extras that examples need, by name."""
MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py" and ">>> " in path.read_text(encoding="utf-8")
]


def public_names(module: str) -> dict[str, Any]:
    """Public names of a folder, or of the package itself."""
    found = import_module(module)
    return {name: getattr(found, name) for name in found.__all__}


def examples_of(name: str) -> Iterator[doctest.DocTest]:
    """Yield the examples of a module; they begin with its names, and those of its folder."""
    module = import_module(name)
    package, folder = name.split(".")[:2]
    public = public_names(package)
    if (PACKAGE / folder).is_dir() and folder not in ("base", "cli"):
        public |= public_names(f"{package}.{folder}")
    for example in doctest.DocTestFinder().find(module, name, extraglobs=public):
        example.name = example.name.removeprefix(f"{name}.")
        if example.examples and example.name.partition(".")[0] not in public:
            yield example


def every_example() -> Iterator[Any]:
    for name in MODULES:
        try:
            examples = list(examples_of(name))
        except ModuleNotFoundError as missing:
            mark = pytest.mark.skip(reason=f"{missing.name} is not installed")
            yield pytest.param(None, id=name, marks=mark)
            continue
        for example in examples:
            extra = NEED.get(example.name)
            marks = [pytest.mark.needs_extra(extra)] if extra else []
            yield pytest.param(example, id=f"{name}:{example.name}", marks=marks)


@pytest.mark.filterwarnings(f"ignore::{Notice.__module__}.{Notice.__name__}")
@pytest.mark.parametrize("example", list(every_example()))
def test_an_example_gives_what_it_shows(
    example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert ended.failed == 0
