"""A cluster on this machine: the contract of executors, who may use it, and what is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import skip_if_ignored
from executor_contract import ProcessContract, die_always, square

from scripts.scale import processes as own
from scripts.scale.processes import is_running, until
from sentiment_transfer.cluster import connect, dask_executor, environment
from sentiment_transfer.cluster.connecting import OpenClusterWarning, _ask, _warn_if_open
from sentiment_transfer.cluster.dask_executor import DaskExecutor
from sentiment_transfer.cluster.local import LocalDask, start, workers_of
from sentiment_transfer.errors import InputError, MissingExtraError, SettingError, WorkerLostError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.needs_extra("cluster")


@pytest.fixture(scope="module")
def local() -> Iterator[LocalDask]:
    with start(2) as executor:
        yield executor


class TestDask(ProcessContract):
    @pytest.fixture
    def executor(self, local: LocalDask) -> LocalDask:
        return local

    def test_a_call_that_kills_every_worker_is_an_error(self, executor: LocalDask) -> None:
        with pytest.raises(WorkerLostError, match=r"4 workers died.* while they worked on 7"):
            list(executor.map(die_always, [7], 1))


@pytest.fixture(scope="module")
def processes(local: LocalDask) -> set[int]:
    """This process and its workers."""
    local.client.wait_for_workers(2, timeout=30)
    return {os.getpid(), *(local.client.run(os.getpid).values())}


def listening(pid: int) -> set[str]:
    """Addresses at which a process accepts connections, those of other machines among them."""
    import psutil

    return {
        socket.laddr.ip
        for socket in psutil.Process(pid).net_connections()
        if socket.status == psutil.CONN_LISTEN
    }


def test_a_local_cluster_listens_on_loopback_only(processes: set[int]) -> None:
    assert len(processes) == 3
    assert {address for pid in processes for address in listening(pid)} == {"127.0.0.1"}


def test_a_local_cluster_shows_no_pages(local: LocalDask) -> None:
    from urllib.error import HTTPError
    from urllib.request import urlopen

    server = local.cluster.scheduler.http_server
    for page in ("", "status", "info/main/workers.html", "json/identity.json", "metrics"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{server.port}/{page}")


@pytest.mark.usefixtures("processes")
def test_workers_have_one_thread_each(local: LocalDask) -> None:
    assert list(local.client.nthreads().values()) == [1, 1]
    assert local.workers == 2


def test_by_default_there_is_a_worker_for_each_core() -> None:
    assert workers_of("local") == len(os.sched_getaffinity(0))


def test_equal_calls_are_not_answered_from_before(local: LocalDask, tmp_path: Path) -> None:
    for _ in range(2):
        assert list(local.map(count_calls, [str(tmp_path)] * 2)) == [None, None]
    assert len(list(tmp_path.iterdir())) == 4


def test_the_scheduler_forgets_results_that_were_read(local: LocalDask) -> None:
    for _ in range(20):
        assert list(local.map(square, range(5))) == [0, 1, 4, 9, 16]
    until(lambda: len(local.cluster.scheduler.tasks) <= 5)


def test_a_worker_that_dies_while_it_takes_the_place_of_another_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_executor, "PATIENCE", 0.5)
    with start(1) as executor:
        before = set(own.workers_of(os.getpid()))
        (first,) = executor.client.run(os.getpid).values()
        os.kill(first, signal.SIGKILL)
        until(lambda: set(own.workers_of(os.getpid())) - before)
        (second,) = set(own.workers_of(os.getpid())) - before
        os.kill(second, signal.SIGKILL)
        assert list(executor.map(square, [3])) == [9]
        (third,) = executor.client.run(os.getpid).values()
        assert third not in (first, second)


# What a future may do between the end of its call and the reading of its result


class Future:
    """A finished call whose result is read in steps: values, and errors that reading raises.

    An error other than ``TimeoutError`` is that of the call, which was repeated as its worker died.
    """

    status = "finished"

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.error: BaseException | None = None
        self.timeouts: list[float] = []

    def exception(self, timeout: float) -> BaseException | None:
        assert timeout > 0
        return self.error

    def traceback(self, timeout: float) -> None:
        assert timeout > 0

    def result(self, timeout: float) -> object:
        self.timeouts.append(timeout)
        step = self.steps.pop(0)
        if not isinstance(step, BaseException):
            return step
        if not isinstance(step, TimeoutError | CancelledError):
            self.status, self.error = "error", step
        raise step


class Client:
    """A connection to a scheduler with workers."""

    looks = 0

    class scheduler:  # noqa: N801  (as the real one)
        address = "tcp://127.0.0.1:1"
        ncores = None

    def sync(self, *_: object, **__: object) -> dict[str, int]:
        self.looks += 1
        return {"worker": 1}


def test_the_own_error_of_a_repeated_call_is_no_lost_scheduler() -> None:
    executor = DaskExecutor(Client())  # type: ignore[arg-type]
    for raised in (OSError("the disk did not answer"), InputError("no text"), ValueError()):
        error, _ = executor._outcome(Future(raised))  # type: ignore[arg-type]
        assert error is raised


def test_a_timeout_that_a_repeated_call_raises_is_its_error() -> None:
    future = Future(TimeoutError("the source did not answer"))
    future.status, future.error = "error", future.steps[0]  # type: ignore[assignment]
    error, _ = DaskExecutor(Client())._outcome(future)  # type: ignore[arg-type]
    assert error is future.error


def test_a_large_result_gets_more_time_at_each_reading_and_workers_are_looked_after() -> None:
    client = Client()
    future = Future(TimeoutError(), TimeoutError(), TimeoutError(), "result")
    assert DaskExecutor(client)._outcome(future) == (None, "result")  # type: ignore[arg-type]
    assert future.timeouts == [10, 20, 40, 80]
    assert client.looks == 3


def test_a_result_that_is_cancelled_while_it_is_read_is_a_lost_scheduler() -> None:
    with pytest.raises(WorkerLostError, match=r"scheduler at tcp://127.0.0.1:1 is gone"):
        DaskExecutor(Client())._outcome(Future(CancelledError("call")))  # type: ignore[arg-type]


def test_workers_end_although_the_connection_does_not_close() -> None:
    class Broken(Client):
        def close(self) -> None:
            raise OSError("the connection is gone")

    class Cluster:
        closed = False

        def close(self) -> None:
            self.closed = True

    cluster = Cluster()
    with pytest.raises(OSError, match="is gone"), LocalDask(Broken(), cluster):  # type: ignore[arg-type]
        pass
    assert cluster.closed


@pytest.mark.parametrize("changed", ["languages/en.json", "text/tokenizer.py"])
def test_a_package_with_another_file_that_results_depend_on_is_another(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_PACKAGE", tmp_path)
    for name in ("languages/en.json", "text/tokenizer.py", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1\n")
    before = environment._source()
    (tmp_path / "README.md").write_text("2\n")
    (tmp_path / changed).write_bytes(b"1\r\n")
    assert environment._source() == before
    (tmp_path / changed).write_text("2\n")
    assert environment._source() != before


def count_calls(folder: str) -> None:
    (Path(folder) / uuid.uuid4().hex).touch()


SCRIPT = """
import os, sys, time
from sentiment_transfer.cluster import connect
if __name__ == "__main__":
    with connect("local:2") as executor:
        print(*executor.client.run(os.getpid).values(), flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def script(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A script with a cluster, and the numbers of its workers' processes."""
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    process = subprocess.Popen(  # noqa: S603  (the script above)
        [sys.executable, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    with process:
        assert process.stdout
        workers = [int(number) for number in process.stdout.readline().split()]
        assert len(workers) == 2
        assert all(map(is_running, workers))
        yield process, workers
        process.kill()


Script = tuple[subprocess.Popen[str], list[int]]


def test_no_process_is_left_at_the_end(script: Script) -> None:
    process, workers = script
    process.communicate("\n", timeout=30)
    assert process.returncode == 0
    until(lambda: not any(map(is_running, workers)))


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_is_left_after_a_signal(script: Script, by: signal.Signals) -> None:
    if by != signal.SIGKILL:
        skip_if_ignored(by)
    process, workers = script
    process.send_signal(by)
    process.wait(30)
    until(lambda: not any(map(is_running, workers)))


def test_an_interrupt_by_the_terminal_which_workers_get_too_has_one_traceback(
    script: Script,
) -> None:
    skip_if_ignored(signal.SIGINT)
    process, workers = script
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert err.count("Traceback") == err.count("KeyboardInterrupt") == 1
    until(lambda: not any(map(is_running, workers)))


@pytest.mark.parametrize("address", ["local:", "local:0", "local:-1", "local:x", "local:1025"])
def test_a_number_of_workers_that_is_not_allowed_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match="cluster='local:"):
        connect(address, timeout=0.1)


@pytest.mark.parametrize(
    ("folder", "error"),
    [("made/file/x", "Error"), ("nonsense://x", "ValueError"), ("s3://bucket/x", "ImportError")],
)
def test_a_folder_that_this_process_cannot_write_to_is_refused_with_its_name(
    folder: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    place = rf"^{folder}: this machine cannot write .*{error}: .*; name one that all"
    with pytest.raises(InputError, match=place) as caught, environment.shared_file(folder):
        pytest.fail("it was written to")
    assert caught.value.path == folder


def test_an_error_of_a_worker_keeps_the_path_that_it_names() -> None:
    error = InputError("is not seen", path="/shared/run")
    with pytest.raises(InputError) as caught:
        _ask("worker", lambda: {"tcp://10.0.0.7:1": error})
    assert caught.value.path == "/shared/run"
    assert str(caught.value) == "/shared/run: the worker tcp://10.0.0.7:1: is not seen"


def test_without_an_address_the_ways_to_give_one_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    with pytest.raises(SettingError, match=r"local:2 for two .* DASK_SCHEDULER_ADDRESS"):
        connect()


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"work on a cluster needs .*\[cluster\]"):
        connect("local")


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.7:8786", "scheduler.example:8786", "ws://[2001:db8::1]:8786", "tcp://10.0.0.7"],
)
def test_a_port_that_others_may_reach_without_tls_is_warned_of(address: str) -> None:
    with pytest.warns(OpenClusterWarning, match="can run code on the cluster"):
        _warn_if_open(address)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1:8786",
        "tcp://[::1]:8786",
        "localhost:8786",
        "tls://scheduler.example:8786",
        "TLS://10.0.0.7:1",
        "wss://10.0.0.7:1",
    ],
)
def test_loopback_and_tls_are_not_warned_of(address: str) -> None:
    _warn_if_open(address)  # pytest turns a warning into an error
