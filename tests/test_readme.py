"""What the README and its pages show is run, and gives what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sentiment_transfer.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "scripts" / "results"
PATHS = [ROOT / "README.md", *sorted(RESULTS.glob("*.md"))]
PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PATHS}
README = PAGES["README.md"]
WITH_CODE = (README, PAGES["scripts/results/more-examples.md"])
BLOCKS = [
    block for page in WITH_CODE for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)
]
SESSIONS = re.findall(r"```console\n\$ (.*?[^\\])\n(.*?)```", README, flags=re.DOTALL)
SHOWN = re.compile(r"^(?P<code>\S.*?)\s+# (?P<answer>\[.*\]|\(.*\)|[\d.]+$)")
LINK = re.compile(r"""\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)\"""")
NUMBER = re.compile(r"[+-]?\d+\.\d+")


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return {}


def test_the_readme_is_short_and_its_first_code_stands_before_line_15() -> None:
    assert len(README.splitlines()) <= 150
    assert README[: README.index("```python")].count("\n") < 15


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_block_runs_and_answers_as_shown(
    block: str, names: dict[str, Any], corpora: Path, tmp_path: Path
) -> None:
    code = block.replace('"corpora/', f'"{corpora.as_posix()}/')
    code = code.replace('"reviews.safetensors"', f'"{tmp_path.as_posix()}/reviews.safetensors"')
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102
    for line in code.splitlines():
        shown = SHOWN.match(line)
        if shown:
            answer = " ".join(str(eval(shown["code"], names)).split())  # noqa: S307
            assert answer.replace("[ ", "[") == shown["answer"]


@pytest.mark.needs_extra("torch")
@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=range(len(SESSIONS)))
def test_every_command_prints_as_shown(command: str, shown: str, corpora: Path) -> None:
    line = command.replace("\\\n", "").replace("corpora/", f"{corpora.as_posix()}/")
    printed = CliRunner().invoke(app, shlex.split(line)[1:], catch_exceptions=False).stdout
    between = [[" ".join(part.split()) for part in NUMBER.split(t)] for t in (printed, shown)]
    assert between[0] == between[1]
    # other processors round differently; one more of 220 texts right in every draw is 0.45 points
    figures = [[float(number) for number in NUMBER.findall(text)] for text in (printed, shown)]
    assert figures[0] == pytest.approx(figures[1], abs=0.5)


def test_three_examples_have_their_output() -> None:
    assert len(SESSIONS) == 1
    assert [bool(SHOWN.search(line)) for line in README.splitlines()].count(True) >= 5


@pytest.mark.parametrize(("page", "text"), PAGES.items(), ids=PAGES)
def test_every_relative_link_points_to_a_file(page: str, text: str) -> None:
    targets = [one or other for one, other in LINK.findall(text)]
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    folder = (ROOT / page).parent
    assert [target for target in local if target and not (folder / target).is_file()] == []


def test_every_page_of_results_is_in_the_index() -> None:
    listed = {one for one, _ in LINK.findall(PAGES["scripts/results/README.md"])}
    assert {path.name for path in RESULTS.glob("*.md")} - {"README.md"} <= listed
