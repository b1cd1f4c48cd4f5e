"""What the README shows is run, and gives what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
SHOWN = re.compile(r"^(?P<code>\S.*?)\s+# (?P<answer>\[.*\])")


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return {}


def test_the_first_code_stands_before_line_25() -> None:
    assert README[: README.index("```python")].count("\n") < 25


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
