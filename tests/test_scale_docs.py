"""The adapter to Ray in ``docs/scale.md``: short, and, where Ray is installed, right."""

from __future__ import annotations

import ast
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from executor_contract import ProcessContract, die_always

from sentiment_transfer.errors import WorkerLostError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentiment_transfer.base.executors import Executor

ROOT = Path(__file__).parent.parent
MOST_LINES = 20


def adapter() -> str:
    text = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8").partition("## Ray")[2]
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def test_the_adapter_is_short_and_maps() -> None:
    lines = [line for line in adapter().splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES
    (made,) = [node for node in ast.parse(adapter()).body if isinstance(node, ast.ClassDef)]
    (map_,) = [f for f in made.body if isinstance(f, ast.FunctionDef) and f.name == "map"]
    assert [argument.arg for argument in map_.args.args] == ["self", "function", "items", "retries"]


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
@pytest.mark.filterwarnings("ignore")  # of Ray
class TestRay(ProcessContract):
    @pytest.fixture(scope="class")
    @classmethod
    def executor(cls) -> Iterator[Executor]:
        import ray

        names: dict[str, Any] = {}
        exec(compile(adapter(), "docs/scale.md", "exec"), names)  # noqa: S102  (our own page)
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            runtime_env={"env_vars": {"PYTHONPATH": path}},
            _node_ip_address="127.0.0.1",
        )
        yield names["RayExecutor"]()
        ray.shutdown()

    def test_calls_that_have_not_begun_are_cancelled_after_an_error(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        pytest.skip("docs/scale.md says why the adapter does not cancel them")

    def test_a_call_that_kills_every_worker_is_an_error(self, executor: Executor) -> None:
        with pytest.raises(WorkerLostError, match="Ray gave up a call"):
            list(executor.map(die_always, [7], 1))
