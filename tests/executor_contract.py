"""What every executor does, as tests; `test_executors` and `test_cluster` inherit them."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from sentiment_transfer.base.executors import Executor


def square(number: int) -> int:
    return number**2


def fail_on_three(number: int) -> int:
    if number == 3:
        raise InputError("three is not allowed; give another number", path="numbers.txt", line=3)
    return number


def fail_once(item: tuple[str, int]) -> int:
    """Fail at the first call with an item; ``item`` is a folder for the traces, and a number."""
    folder, number = item
    trace = Path(folder) / str(number)
    if trace.exists():
        return number
    trace.touch()
    raise OSError("the disk did not answer")


def refuse(folder: str) -> None:
    """Leave a trace of the call, and raise an error that would be the same again."""
    (Path(folder) / uuid.uuid4().hex).touch()
    raise InputError("has no texts; give another", path="texts.csv")


def trace_or_fail(item: tuple[str, int]) -> None:
    """Fail for number 0; leave a trace in the folder, after a while, for another one."""
    folder, number = item
    if number == 0:
        raise OSError("no 0")
    time.sleep(0.03)
    (Path(folder) / str(number)).touch()


def die_once(item: tuple[str, int]) -> int:
    """Kill the process at the first call with an odd number."""
    folder, number = item
    trace = Path(folder) / str(number)
    if number % 2 and not trace.exists():
        trace.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_at_the_first_call(item: tuple[str, int]) -> int:
    """Kill the process at the first call with an item."""
    folder, number = item
    trace = Path(folder) / str(number)
    if not trace.exists():
        trace.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_always(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def process_of(_: int) -> int:
    return os.getpid()


class ExecutorContract:
    """What every executor does; the fixture ``executor`` gives one with two workers."""

    def test_results_come_in_the_order_of_the_items(self, executor: Executor) -> None:
        assert list(executor.map(square, [3, 1, 2, 1])) == [9, 1, 4, 1]

    def test_no_items_give_no_results(self, executor: Executor) -> None:
        assert list(executor.map(square, [])) == []

    def test_there_may_be_more_items_than_workers(self, executor: Executor) -> None:
        assert list(executor.map(square, range(50))) == [number**2 for number in range(50)]

    def test_it_can_be_used_again(self, executor: Executor) -> None:
        assert [list(executor.map(square, [n])) for n in (1, 2)] == [[1], [4]]

    def test_an_error_is_raised_with_its_type_and_message(self, executor: Executor) -> None:
        results = executor.map(fail_on_three, [1, 2, 3, 4])
        assert [next(results), next(results)] == [1, 2]
        with pytest.raises(InputError, match=r"numbers\.txt:3: three is not allowed") as caught:
            next(results)
        assert (caught.value.path, caught.value.line) == ("numbers.txt", 3)

    def test_it_can_be_used_after_an_error(self, executor: Executor) -> None:
        with pytest.raises(InputError):
            list(executor.map(fail_on_three, [3]))
        assert list(executor.map(square, [3])) == [9]

    def test_a_call_that_fails_is_repeated(self, executor: Executor, tmp_path: Path) -> None:
        items = [(str(tmp_path), number) for number in range(5)]
        assert list(executor.map(fail_once, items, 1)) == [0, 1, 2, 3, 4]

    def test_a_call_is_not_repeated_without_retries(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        with pytest.raises(OSError, match="did not answer"):
            list(executor.map(fail_once, [(str(tmp_path), 1)]))

    def test_an_error_that_would_be_the_same_again_is_raised_at_once(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        with pytest.raises(InputError, match=r"texts\.csv: has no texts"):
            list(executor.map(refuse, [str(tmp_path)], 3))
        assert len(list(tmp_path.iterdir())) == 1

    def test_results_need_not_be_read_to_the_end(self, executor: Executor) -> None:
        assert next(executor.map(square, range(10))) == 0

    def test_calls_that_have_not_begun_are_cancelled_after_an_error(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        with pytest.raises(OSError, match="no 0"):
            list(executor.map(trace_or_fail, [(str(tmp_path), number) for number in range(40)]))
        time.sleep(1)  # two workers need 0.6 seconds for all
        assert len(list(tmp_path.iterdir())) < 20


class ProcessContract(ExecutorContract):
    """What every executor with workers in other processes does as well."""

    def test_calls_do_not_run_in_this_process(self, executor: Executor) -> None:
        assert os.getpid() not in set(executor.map(process_of, range(4)))

    @pytest.mark.skipif(os.name != "posix", reason="kills processes by a signal")
    def test_the_calls_of_a_worker_that_died_are_repeated(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        items = [(str(tmp_path), number) for number in range(4)]
        assert list(executor.map(die_once, items, 5)) == [0, 1, 2, 3]

    @pytest.mark.skipif(os.name != "posix", reason="kills processes by a signal")
    def test_a_call_is_not_given_up_for_the_deaths_of_others(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        items = [(str(tmp_path), number) for number in range(12)]
        assert list(executor.map(die_at_the_first_call, items, 1)) == [*range(12)]
