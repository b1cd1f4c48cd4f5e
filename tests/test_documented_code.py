"""The code of the README, of the site and of the pages of results prints what they show."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shown_blocks import SHOWN_BELOW, WRITTEN, is_skip, parse, run, to_run, values_of

from sentiment_transfer.base.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "scripts" / "results"
README = ROOT / "README.md"
PAGES = [README, *WRITTEN, *sorted(RESULTS.glob("*.md"))]
EXTRAS = {"README.md": "torch", "more-examples.md": "torch", "deploy.md": "studio"}
"""Pages whose code needs an extra."""
CONTINUED = {"more-examples.md": README}
"""Pages that begin with the names of another one."""


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def with_code() -> Iterator[Any]:
    for page in PAGES:
        if list(parse(page)):
            extra = EXTRAS.get(page.name)
            marks = [pytest.mark.needs_extra(extra)] if extra else []
            yield pytest.param(page, id=name_of(page), marks=marks)


@pytest.mark.filterwarnings(f"ignore::{Notice.__module__}.{Notice.__name__}")
@pytest.mark.parametrize("page", list(with_code()))
def test_the_code_of_a_page_prints_what_the_page_shows(
    page: Path, corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(corpora, tmp_path / "corpora")
    monkeypatch.chdir(tmp_path)
    document = parse(page)
    if page.name in CONTINUED:
        before = parse(CONTINUED[page.name])
        for example in to_run(before, "python"):
            example.evaluate()
        document.namespace.update(before.namespace)
    run(document)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_of_python_shows_what_it_prints(page: Path) -> None:
    for example in to_run(parse(page), "python"):
        below = SHOWN_BELOW.match(example.document.text, example.end)
        assert below or values_of(example), example


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_block_that_is_not_run_has_its_reason_beside_it(page: Path) -> None:
    document = parse(page)
    for skip, skipped in pairwise([*document, None]):
        if skip and is_skip(skip):
            assert skip.parsed[0] == "next"
            assert re.fullmatch(r'"[^"]{10,}"', skip.parsed[1] or ""), skip
            assert skipped, skip
            assert document.text[skip.end : skipped.start] == "-->\n", skip


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_code_is_between_fences(page: Path) -> None:
    indented = re.compile(r"\n\n {4}(?![-*:]|\d\.)\S")
    assert not indented.search(page.read_text(encoding="utf-8"))
