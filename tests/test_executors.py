"""One contract for everything that runs pure functions (`executor_contract`)."""

from __future__ import annotations

import os
import pickle
import threading
from typing import TYPE_CHECKING

import pytest
from executor_contract import ExecutorContract, ProcessContract, die_always

from sentiment_transfer.base.executors import Executor, Processes, Serial, Threads
from sentiment_transfer.errors import SettingError, WorkerLostError

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestSerial(ExecutorContract):
    @pytest.fixture
    def executor(self) -> Executor:
        return Serial()


class TestThreads(ExecutorContract):
    @pytest.fixture
    def executor(self) -> Iterator[Executor]:
        with Threads(2) as threads:
            yield threads

    def test_calls_overlap(self, executor: Executor) -> None:
        meeting = threading.Barrier(2, timeout=10)
        assert sorted(executor.map(lambda _: meeting.wait(), range(2))) == [0, 1]


class TestProcesses(ProcessContract):
    @pytest.fixture(scope="class")
    @classmethod
    def executor(cls) -> Iterator[Executor]:
        with Processes(2) as processes:
            yield processes

    @pytest.mark.skipif(os.name != "posix", reason="kills processes by a signal")
    def test_a_call_that_kills_every_worker_is_an_error(self) -> None:
        with (
            Processes(1) as executor,
            pytest.raises(WorkerLostError, match="worked on 7 died again and again"),
        ):
            list(executor.map(die_always, [7], 1))


@pytest.mark.parametrize("executor", [Threads, Processes])
@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_an_executor_has_at_least_one_worker(executor: type, workers: object) -> None:
    with pytest.raises(SettingError, match="must be an integer of at least 1"):
        executor(workers)


def test_an_executor_is_not_needed_to_send_an_error() -> None:
    error = pickle.loads(pickle.dumps(WorkerLostError("it died")))  # noqa: S301
    assert str(error) == "it died"
