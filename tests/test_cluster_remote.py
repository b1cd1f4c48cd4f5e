"""A cluster whose processes this one has not started: versions, folders, TLS, and deaths."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING

import pytest
from executor_contract import square

from scripts.scale.processes import ClusterProcesses, until
from sentiment_transfer.cluster import DaskExecutor, connect, dask_executor
from sentiment_transfer.errors import InputError, SettingError, WorkerLostError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.needs_extra("cluster")

OTHER_NUMPY = """
from sentiment_transfer.cluster import environment
here = environment.versions_here()
environment.versions_here = lambda: {**here, "numpy": "1.26.4"}
"""
NOT_INSTALLED = """
import sys
sys.modules["sentiment_transfer.cluster.environment"] = None
"""


def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[ClusterProcesses]:
    with ClusterProcesses(tmp_path) as processes:
        yield processes


@pytest.fixture
def executor(cluster: ClusterProcesses) -> Iterator[DaskExecutor]:
    cluster.worker()
    with connect(cluster.address, timeout=30) as executor:
        yield executor


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_executor, "PATIENCE", 0.2)
    monkeypatch.setattr(dask_executor, "NO_ANSWER", 0.5)


def test_the_address_may_come_from_the_environment(
    cluster: ClusterProcesses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cluster.worker()
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
    with connect(folder=str(tmp_path / "new"), timeout=30) as executor:
        assert list(executor.map(square, [2, 3])) == [4, 9]
        assert executor.workers == 1
    assert list((tmp_path / "new").iterdir()) == []


def test_workers_and_scheduler_stay_when_the_executor_ends(cluster: ClusterProcesses) -> None:
    worker = cluster.worker()
    for _ in range(2):
        with connect(cluster.address, timeout=30) as executor:
            assert list(executor.map(square, [2])) == [4]
    assert worker.poll() is None


def test_a_worker_with_another_numpy_is_refused(cluster: ClusterProcesses) -> None:
    cluster.worker(preload=OTHER_NUMPY)
    with pytest.raises(
        SettingError, match=r"the worker tcp://127.*has numpy 1\.26\.4, .*install the same"
    ):
        connect(cluster.address, timeout=30)


def test_a_worker_with_another_numpy_that_joins_later_does_no_work(
    cluster: ClusterProcesses, executor: DaskExecutor
) -> None:
    cluster.processes[-1].kill()
    until(lambda: executor.workers == 0)
    cluster.worker(preload=OTHER_NUMPY)
    with pytest.raises(SettingError, match=r"has numpy 1\.26\.4"):
        list(executor.map(square, [1, 2]))


def test_a_worker_without_this_package_is_refused(cluster: ClusterProcesses) -> None:
    cluster.worker(preload=NOT_INSTALLED)
    with pytest.raises(SettingError, match=r"worker tcp://127.*cannot import this package"):
        connect(cluster.address, timeout=30)


def test_a_folder_that_workers_do_not_see_is_refused(cluster: ClusterProcesses) -> None:
    cluster.worker()
    with pytest.raises(
        InputError, match=r"^memory://own: the worker tcp://127.*: a machine .* does not see"
    ) as caught:
        connect(cluster.address, "memory://own", timeout=30)  # each process has its own
    assert caught.value.path == "memory://own"


def test_a_cluster_without_workers_is_refused(cluster: ClusterProcesses) -> None:
    with pytest.raises(SettingError, match="has no worker; start some with: dask worker tcp://127"):
        connect(cluster.address, timeout=0.5)


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "nonsense://127.0.0.1:9"]
)
def test_an_address_where_no_scheduler_is_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match=rf"cluster='{address}' does not answer"):
        connect(address, timeout=0.5)


def test_a_client_that_did_not_start_is_closed_at_once() -> None:
    """Collected while another one starts, it would wait for that one, and that one for it."""
    from distributed import Client

    with pytest.raises(SettingError) as caught:
        connect("tls://127.0.0.1:9", timeout=0.5)
    assert caught.value.__cause__ is not None
    frames = [frame for frame, _ in walk_tb(caught.value.__cause__.__traceback__)]
    clients = {frame.f_locals["self"] for frame in frames if "self" in frame.f_locals}
    assert [one.status for one in clients if isinstance(one, Client)] == ["closed"]


@pytest.mark.usefixtures("impatient")
def test_a_scheduler_that_is_killed_is_an_error_and_not_a_hang(
    cluster: ClusterProcesses, executor: DaskExecutor
) -> None:
    results = executor.map(wait, [0, 600])
    assert next(results) == 0
    cluster.scheduler.kill()
    with pytest.raises(WorkerLostError, match=r"the scheduler at tcp://127.* is gone .*start it"):
        next(results)
    with pytest.raises(WorkerLostError, match=r"the scheduler at .* is gone"):
        list(executor.map(wait, [0]))


@pytest.mark.usefixtures("impatient")
def test_a_scheduler_that_does_not_answer_is_an_error_and_not_a_hang(
    cluster: ClusterProcesses, executor: DaskExecutor
) -> None:
    cluster.scheduler.send_signal(signal.SIGSTOP)
    with pytest.raises(WorkerLostError, match=r"is gone \(timed out"):
        list(executor.map(wait, [0]))


@pytest.mark.usefixtures("impatient")
def test_a_cluster_that_stays_without_workers_is_an_error_and_not_a_hang(
    cluster: ClusterProcesses, executor: DaskExecutor
) -> None:
    executor.without_workers = 0.5
    results = executor.map(wait, [600])
    cluster.processes[-1].kill()
    with pytest.raises(WorkerLostError, match="has had no worker for 0 seconds; start some"):
        next(results)


def test_calls_go_on_when_another_worker_comes(
    cluster: ClusterProcesses, executor: DaskExecutor
) -> None:
    results = executor.map(wait, [0.2] * 5)
    assert next(results) == 0.2
    cluster.processes[-1].kill()
    cluster.worker()
    assert list(results) == [0.2] * 4


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Dask's variables for TLS, with a certificate made for this test."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=test", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)  # noqa: S603
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    roles = ("SCHEDULER", "WORKER", "CLIENT")
    return {
        f"{prefix}CA_FILE": str(folder / "cert.pem"),
        **{f"{prefix}{role}__CERT": str(folder / "cert.pem") for role in roles},
        **{f"{prefix}{role}__KEY": str(folder / "key.pem") for role in roles},
    }


SCRIPT = """
import sys
from sentiment_transfer.cluster import connect
if __name__ == "__main__":
    with connect(sys.argv[1], timeout=float(sys.argv[2])) as executor:
        print(executor.client.scheduler.address, *executor.map(abs, [-1, 2]))
"""


def run_script(
    address: str, folder: Path, timeout: float = 30, **environment: str
) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(SCRIPT)
    return subprocess.run(  # noqa: S603  (the script above)
        [sys.executable, str(folder / "script.py"), address, str(timeout)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_tls_is_set_by_the_environment_and_needed_where_it_is_set(
    tls: dict[str, str], tmp_path: Path
) -> None:
    with ClusterProcesses(tmp_path, "tls", **tls) as cluster:
        cluster.worker()
        assert cluster.address.startswith("tls://127.0.0.1:")
        done = run_script(cluster.address, tmp_path, **tls)
        assert done.stdout.split() == [cluster.address, "1", "2"], done.stderr
        for address in (cluster.address, cluster.address.replace("tls", "tcp")):
            done = run_script(address, tmp_path, 1)
            assert f"SettingError: cluster='{address}' does not answer" in done.stderr


def test_a_local_cluster_uses_tls_if_encryption_is_required(
    tls: dict[str, str], tmp_path: Path
) -> None:
    done = run_script("local:1", tmp_path, DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION="true", **tls)
    assert done.stdout.startswith("tls://127.0.0.1:"), done.stderr
    assert done.stdout.endswith(" 1 2\n")
