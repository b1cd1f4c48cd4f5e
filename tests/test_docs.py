"""The pages in ``docs`` are complete, tutorials run, and figures have a source."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from shown_blocks import DOCS, MADE, WRITTEN, is_skip, parse, to_run

import sentiment_transfer
from sentiment_transfer import errors
from sentiment_transfer.cli.app import app

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "scripts" / "results"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.py"))
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FIGURE = re.compile(r"(?<![\d.,])\d+\.\d+(?![\d.])")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LONGEST_TUTORIAL_S = 300
"""Not the target, which is 30 s: tests run beside others."""


def name_of(path: Path) -> str:
    return str(path.relative_to(DOCS))


def test_every_how_to_is_one_question_with_one_block_to_run() -> None:
    pages = [page for page in WRITTEN if page.parent.name == "how-to" and page.stem != "index"]
    assert len(pages) >= 12
    for page in pages:
        assert len(to_run(parse(page), "python")) == 1, page


@pytest.mark.slow
@pytest.mark.needs_extra("studio", "zh")
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_runs(path: Path) -> None:
    ended = subprocess.run(  # noqa: S603  (our own script)
        [sys.executable, path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LONGEST_TUTORIAL_S,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
    )
    assert ended.returncode == 0, ended.stderr


def test_there_are_six_tutorials_with_cells() -> None:
    listed = (DOCS / "tutorials" / "index.rst").read_text(encoding="utf-8")
    assert len(TUTORIALS) == 6
    for path in TUTORIALS:
        text = path.read_text(encoding="utf-8")
        title, line = (ast.get_docstring(ast.parse(text)) or "").splitlines()[:2]
        assert set(line) == {"="}
        assert len(line) >= len(title)
        assert text.count("\n# %%\n") >= 3
        assert f"   {path.stem}\n" in listed


# ---- links and figures


def target_exists(page: Path, target: str) -> bool:
    """Whether a link leads to a file of the repository, or to a page that a build makes."""
    path = (page.parent / target).resolve()
    made = path.relative_to(DOCS) if path.is_relative_to(DOCS) else None
    if made is None or not set(made.parts) & set(MADE):
        return path.is_file()
    if made.parts[0] == "gallery":
        return (DOCS / "tutorials" / f"{made.stem}.py").is_file() or made.stem == "index"
    if "commands" in made.parts:
        return f"{made.stem}.md" in pages_of("command_pages").command_pages()
    if "names" in made.parts:
        folder, _, name = made.name.removesuffix(".rst").rpartition(".")
        return name in import_module(folder).__all__
    return made.name in {"index.rst", "sentiment_transfer.rst", "http.md", "language.md"}


def pages_of(module: str) -> ModuleType:
    """Import a part of the extension of Sphinx, none of which needs Sphinx."""
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        return import_module(module)
    finally:
        sys.path.remove(str(DOCS / "_ext"))


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_every_link_has_a_target(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in LINK.findall(text) if "://" not in target]
    assert [t for t in targets if t and not target_exists(page, t)] == []


def linked_results(text: str) -> str:
    """Return the text of the pages of results or benchmarks that a piece of a page links to."""
    found = [RESULTS / name for name in re.findall(r"scripts/results/([\w-]+\.md)", text)]
    found += [DOCS / "benchmarks.md"] * ("](../benchmarks.md)" in text)
    return "\n".join(page.read_text(encoding="utf-8") for page in found)


def unsourced(page: Path) -> list[str]:
    """Return the figures that are on no page of results which their section links to.

    Those of a row of a table have to be on one line there, unless the row has links of its own.
    """
    found = []
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    for section in re.split(r"^#+ ", text, flags=re.MULTILINE):
        source = linked_results(section)
        lines = [set(FIGURE.findall(line)) for line in source.splitlines()]
        for line in section.splitlines():
            figures = set(FIGURE.findall(line))
            known = lines if line.startswith("|") and "](" not in line else [set().union(*lines)]
            if not any(figures <= each for each in known) and figures:
                found.append(line)
    return found


EXPLAINED = [page for page in WRITTEN if page.parent.name in ("explanation", "how-to")]
EXPLAINED += [DOCS / "advice.md", DOCS / "scale.md"]


@pytest.mark.parametrize("page", EXPLAINED, ids=name_of)
def test_every_figure_is_on_a_page_of_results_that_its_section_links_to(page: Path) -> None:
    assert unsourced(page) == []


def test_every_figure_of_a_tutorial_is_on_a_page_of_results_that_it_links_to() -> None:
    for path in TUTORIALS:
        prose = "\n".join(re.findall(r"^# .*", path.read_text(encoding="utf-8"), re.MULTILINE))
        names = re.findall(r"/results/([\w-]+)`", prose)
        known = "\n".join((RESULTS / f"{name}.md").read_text("utf-8") for name in names)
        figures = FIGURE.findall(re.sub(r"`[^`]*`", "", prose))
        assert [figure for figure in figures if figure not in FIGURE.findall(known)] == [], path


# ---- nothing is missing


def test_every_command_and_option_is_on_its_page() -> None:
    made = pages_of("command_pages")
    pages = made.command_pages()

    def check(command: Any, words: tuple[str, ...]) -> None:  # noqa: ANN401  (types of typer)
        page = pages[f"{'-'.join(words) or 'index'}.md"]
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                shown = option if option.startswith("-") else parameter.metavar or option.upper()
                assert shown in page, f"{words}: {option}"
        for name, inner in getattr(command, "commands", {}).items():
            check(inner, (*words, name))

    check(typer.main.get_command(app), ())
    assert len(pages) >= 30


def test_every_extra_is_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (DOCS / "reference" / "extras.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == sorted(
        project["optional-dependencies"]
    )


def test_every_error_is_described() -> None:
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    kinds = [
        name
        for name in errors.__all__
        if isinstance(getattr(errors, name), type) and name != "SentimentTransferError"
    ]
    shown = re.findall(r"autoclass:: (?:[\w.]+\.)?(\w+)", page)
    assert sorted(shown) == sorted(kinds)
    assert "api/sentiment_transfer.rst" in page  # where the root is


def test_the_entry_to_cite_has_the_facts_of_citation_cff() -> None:
    given = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    facts = dict(re.findall(r"^(title|version): (.+)$", given, re.MULTILINE))
    facts["author"] = " and ".join(re.findall(r"^ *- name: (.+)$", given, re.MULTILINE))
    (block,) = [each.parsed for each in parse(DOCS / "cite.md") if not is_skip(each)]
    entry = re.findall(r"^  (\w+) = \{+(.+?)\}+,?$", block, re.MULTILINE)
    assert {name: value.replace("\\_", "_") for name, value in entry} == facts


def test_the_navigation_goes_from_lessons_to_the_ways_of_the_project() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = index.split(":hidden:\n", 1)[1].split(":::", 1)[0].split()
    learn = ["gallery/index", "how-to/index", "explanation/index", "reference/index"]
    subjects = ["languages", "advice", "scale", "benchmarks", "results/index"]
    project = ["versions", "CHANGELOG", "cite", "extending"]
    assert listed == [*learn, *subjects, *project]
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= set(listed)


def test_every_public_name_is_listed_once() -> None:
    made = pages_of("api_pages")
    package = Path(sentiment_transfer.__file__).parent
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    assert folders - set(made.FOLDERS) == {"base", "cli"}  # for this package alone
    pages = made.api_pages()
    for folder in ("", *(f".{folder}" for folder in made.FOLDERS)):
        page = pages[f"sentiment_transfer{folder}.rst"]
        for name in import_module(f"sentiment_transfer{folder}").__all__:
            assert page.count(f"   {name}\n") + page.count(f"`{name} <") == 1, name


def test_a_name_of_a_docstring_that_no_class_has_is_found() -> None:
    made = pages_of("api_pages")
    assert made.is_unknown("SkipGramm")
    assert made.is_unknown("WordVector.nearest")
    for known in ("SkipGram", "SkipGram.fit", "Reservoir", "texts", "True", "NDArray"):
        assert not made.is_unknown(known)
    assert made.full_name("SkipGram.fit") == "sentiment_transfer.SkipGram.fit"
    assert made.full_name("Reservoir") is None


def test_every_class_that_a_docstring_names_in_single_backticks_exists() -> None:
    made = pages_of("api_pages")
    named = re.compile(r"(?<![`:])`([A-Z][\w.]*)`(?![`_])")
    package = Path(sentiment_transfer.__file__).parent
    texts = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    found = {(path.name, name) for path, text in texts.items() for name in named.findall(text)}
    assert len(found) > 40
    assert [each for each in sorted(found) if made.is_unknown(each[1])] == []


def test_every_operation_and_type_of_the_http_api_is_on_its_page() -> None:
    pytest.importorskip("starlette", reason="the extra studio is not installed")
    from sentiment_transfer.serving.api import Api
    from sentiment_transfer.serving.openapi import document

    page = pages_of("http_page").http_page()
    described = document(Api(None).operations)  # type: ignore[arg-type]
    assert all(f"/{path.lstrip('/')}`" in page for path in described["paths"])
    for name, schema in described["components"]["schemas"].items():
        assert f"## {name}\n" in page
        assert all(f"| `{field}` |" in page for field in schema["properties"])
