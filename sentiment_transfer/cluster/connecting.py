"""Connect to a Dask cluster by its address, or start one on this machine."""

from __future__ import annotations

import ipaddress
import os
import warnings
from contextlib import ExitStack, suppress
from traceback import walk_tb
from typing import TYPE_CHECKING

from sentiment_transfer.base.extras import require_package
from sentiment_transfer.base.notice import level_of_caller
from sentiment_transfer.cluster.dask_executor import DaskExecutor
from sentiment_transfer.cluster.environment import (
    check_folder,
    check_versions,
    shared_file,
    versions_here,
)
from sentiment_transfer.cluster.local import start, workers_of
from sentiment_transfer.errors import InputError, SentimentTransferError, SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

__all__ = ["ADDRESS_VARIABLE", "OpenClusterWarning", "connect"]

ADDRESS_VARIABLE = "DASK_SCHEDULER_ADDRESS"
PROTECTED = ("tls", "wss")
"""Schemes of addresses that use TLS."""


class OpenClusterWarning(UserWarning):
    """A cluster runs code of anyone who reaches its port."""


def connect(
    address: str | None = None, folder: str | None = None, *, timeout: float = 10
) -> DaskExecutor:
    """Return an executor on a Dask cluster, after a look at each of its workers.

    TLS is set as for all of Dask, by its configuration or the environment:
    ``DASK_DISTRIBUTED__COMM__TLS__CA_FILE``, ``...__CLIENT__CERT``, ``...__CLIENT__KEY``.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tls://host:8786``; by default that of the environment variable
        ``DASK_SCHEDULER_ADDRESS``. ``local:N`` starts a scheduler and N workers of one thread on
        this machine, ``local`` as many as it has cores; they listen on 127.0.0.1 only, and end
        with the executor.
    folder
        A folder that all workers have to see: a path or a URL of fsspec. It is made if it is not
        there. With ``local`` it is not looked at, as all processes are of this machine.
    timeout
        Seconds to wait for the scheduler, and for a first worker; not used with ``local``.

    Returns
    -------
    DaskExecutor
        A context manager, at whose end the connection ends.

    Raises
    ------
    InputError
        A worker does not see the folder, or this process cannot write to it.
    MissingExtraError
        The package distributed is not installed.
    SettingError
        The address is malformed or does not answer, the cluster has no worker, or one of its
        processes has other versions.
    WorkerLostError
        Workers of this machine did not start.

    Warns
    -----
    OpenClusterWarning
        The address is that of another machine, and not of TLS.

    Examples
    --------
    >>> with connect("local:1") as executor:
    ...     print(executor.workers, list(executor.map(len, ["great", "dull"])))
    1 [5, 4]
    """
    given = f"cluster={shown(address)}"
    if not address:
        address = os.environ.get(ADDRESS_VARIABLE)
        given = f"{ADDRESS_VARIABLE}={shown(address)}" if address else given
    if not address:
        raise SettingError(
            f"{given} is not allowed; name a scheduler, such as "
            f"tls://host:8786, or local:2 for two processes of this machine, or set the "
            f"environment variable {ADDRESS_VARIABLE}"
        )
    require_package("distributed", "cluster", "work on a cluster")
    if address.partition(":")[0] == "local":
        return start(workers_of(address, given))
    _warn_if_open(address)
    return _join(address, given, folder, timeout)


def _join(address: str, given: str, folder: str | None, timeout: float) -> DaskExecutor:
    from distributed import Client
    from distributed.comm.addressing import parse_address, parse_host_port

    try:
        parse_host_port(parse_address(address)[1])  # a client would wait for 20 s before its error
        client = Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        _close_unstarted(error)
        raise SettingError(
            f"{given} does not answer ({error or type(error).__name__}); check that "
            "dask scheduler runs there, and that both use TLS or neither does"
        ) from error
    with ExitStack() as undo:
        undo.callback(client.close)
        _check(client, address, given, folder, timeout)
        undo.pop_all()
    return DaskExecutor(client)


def _close_unstarted(error: BaseException) -> None:
    """Close the client whose start raised an error.

    Dask closes it when it is collected. If that happens while another client starts, both wait for
    one lock, and the start never ends.
    """
    from distributed import Client

    for frame, _ in walk_tb(error.__traceback__):
        client = frame.f_locals.get("self")
        if isinstance(client, Client):
            with suppress(Exception):  # it has no connection
                client.close()


def _check(client: Client, address: str, given: str, folder: str | None, timeout: float) -> None:
    """Look at every process of the cluster."""
    try:
        client.wait_for_workers(1, timeout=timeout)
    except TimeoutError:
        raise SettingError(
            f"{given} has no worker; start some with: dask worker {address}"
        ) from None
    expected = versions_here()
    _ask("scheduler", lambda: {address: client.run_on_scheduler(check_versions, expected)})
    _ask("worker", lambda: client.run(check_versions, expected, on_error="return"))
    if folder is not None:
        with shared_file(folder) as seen:
            _ask("worker", lambda: client.run(check_folder, *seen, on_error="return"))


def _ask(role: str, run: Callable[[], dict[str, object]]) -> None:
    """Raise the first error of the answers, with the address of the process."""
    try:
        answers = run()
    except Exception as error:
        answers = {"": error}
    for address, answer in answers.items():
        if isinstance(answer, InputError):
            message = f"the {role} {address}: {answer.message}"
            raise InputError(message, path=answer.path) from answer
        if isinstance(answer, SentimentTransferError):
            raise type(answer)(f"the {role} {address}: {answer}") from answer
        if isinstance(answer, Exception):
            raise SettingError(
                f"the {role} {address} cannot import this package, or does not work ({answer}); "
                "install the same version there, with the extra cluster"
            ) from answer


def _warn_if_open(address: str) -> None:
    """Warn of an address whose port runs code of anyone who reaches it."""
    scheme, _, rest = address.rpartition("://")
    host = rest.rpartition(":")[0].strip("[]") or rest
    if scheme.lower() not in PROTECTED and not _is_loopback(host):
        warnings.warn(
            f"{address} is not protected: anyone who reaches its port can run code on the cluster "
            "and on this machine; use TLS (tls://..., see docs/scale.md) or a closed network",
            OpenClusterWarning,
            stacklevel=level_of_caller(),
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
