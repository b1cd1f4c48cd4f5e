"""The README is short, and its links and those of the pages of results have targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shown_blocks import parse, to_run, values_of

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "scripts" / "results"
PATHS = [ROOT / "README.md", *sorted(RESULTS.glob("*.md"))]
PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PATHS}
README = PAGES["README.md"]
LINK = re.compile(r"""\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)\"""")


def test_the_readme_is_short_and_its_first_code_stands_before_line_15() -> None:
    assert len(README.splitlines()) <= 150
    assert README[: README.index("```python")].count("\n") < 15


def test_its_examples_have_their_output() -> None:
    document = parse(ROOT / "README.md")
    assert len(to_run(document, "console")) == 1
    assert sum(len(values_of(example)) for example in to_run(document, "python")) >= 5


@pytest.mark.parametrize(("page", "text"), PAGES.items(), ids=PAGES)
def test_every_relative_link_points_to_a_file(page: str, text: str) -> None:
    targets = [one or other for one, other in LINK.findall(text)]
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    folder = (ROOT / page).parent
    assert [target for target in local if target and not (folder / target).is_file()] == []


def test_every_page_of_results_is_in_the_index() -> None:
    listed = {one for one, _ in LINK.findall(PAGES["scripts/results/README.md"])}
    assert {path.name for path in RESULTS.glob("*.md")} - {"README.md"} <= listed
