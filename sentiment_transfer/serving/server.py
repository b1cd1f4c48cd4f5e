"""Run the application: socket, signals, graceful stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn

from sentiment_transfer.errors import SentimentTransferError, SettingError
from sentiment_transfer.serving.api import Api, guarded_app
from sentiment_transfer.serving.guard import LOOPBACK, Limits
from sentiment_transfer.serving.memory import use_one_arena
from sentiment_transfer.serving.protocol import BoundedProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sentiment_transfer.serving.guard import Guard
    from sentiment_transfer.serving.models import ServedModels

__all__ = ["Address", "run", "serve"]

STOP_SECONDS = 15
"""Requests in flight have this long to end after a signal to stop."""
MIN_TOKEN = 16
ANYWHERE = frozenset({"0.0.0.0", "[::]"})  # noqa: S104  (compared with, not bound to)


@dataclass(frozen=True)
class Address:
    """Where to listen, and who may come.

    Attributes
    ----------
    host, port
        Host and port to bind; port 0 is a free one.
    token
        The token of clients; needed off this machine's loopback.
    allowed
        Names of hosts that clients may use beside ``host`` and those of the loopback.

    Raises
    ------
    SettingError
        The host is not of the loopback and there is no token, or the token is too short.

    Examples
    --------
    >>> address = Address(port=0)
    >>> address.is_local, sorted(address.hosts)
    (True, ['127.0.0.1', '[::1]', 'localhost'])
    >>> try:
    ...     Address("0.0.0.0")
    ... except ValueError as error:
    ...     print(error)
    host='0.0.0.0' is not allowed without a token, since others can reach it; give token=..., or
    use 127.0.0.1
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.token is not None and (len(self.token) < MIN_TOKEN or not self.token.isascii()):
            raise SettingError(
                f"the token is too short or not ASCII; it must have at least {MIN_TOKEN} characters"
            )
        if self.token is None and not self.is_local:
            raise SettingError(
                f"host={self.host!r} is not allowed without a token, since others can reach it; "
                "give token=..., or use 127.0.0.1"
            )

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host_in_url in LOOPBACK

    @property
    def host_in_url(self) -> str:
        """The host as in a URL: an address of IPv6 in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def hosts(self) -> frozenset[str]:
        """All names that clients may use."""
        return LOOPBACK | ({self.host_in_url} - ANYWHERE) | set(self.allowed)

    def bind(self) -> socket.socket:
        """Return a listening socket.

        Raises
        ------
        SettingError
            The address is taken, or not of this machine.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            return socket.create_server((self.host, self.port), family=family, backlog=2048)
        except (OSError, OverflowError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number else str(error)
            raise SettingError(
                f"cannot listen on {self.host_in_url}:{self.port} ({reason}); stop what listens "
                "there, or choose another host=... or port=..., 0 for a free one"
            ) from None


def serve(
    models: ServedModels,
    address: Address | None = None,
    limits: Limits | None = None,
    *,
    started: Callable[[str], None] = lambda *_: None,
    say: Callable[[str], None] = lambda *_: None,
) -> None:
    """Serve models until a signal comes (Ctrl-C or SIGTERM); SIGHUP reloads them.

    Parameters
    ----------
    models
        The models.
    address
        Where to listen; by default port 8000 of this machine alone.
    limits
        Bounds of requests.
    started
        Called with the URL when requests are taken.
    say
        Called with what happens later: a reload, or that it failed.
    """
    address = address or Address()
    api = Api(models)
    app = guarded_app(
        api,
        hosts=address.hosts,
        token=address.token,
        needs_token=not address.is_local,
        limits=limits,
    )
    run(app, api, address, started=started, say=say)


def run(
    app: Guard,
    api: Api,
    address: Address,
    *,
    reloads: bool = True,
    started: Callable[[str], None] = lambda *_: None,
    say: Callable[[str], None] = lambda *_: None,
) -> None:
    """Run a guarded application that answers for ``api``; see `serve`.

    Without ``reloads``, SIGHUP stops it too: the terminal was closed.

    Parameters
    ----------
    app
        The guarded application.
    api
        What answers its requests, and is closed at the end.
    address
        Where to listen.
    reloads
        Whether SIGHUP reads the models again; otherwise it stops the server.
    started
        Called with the URL when requests are taken.
    say
        Called with what happens later: a reload, or that it failed.
    """
    use_one_arena()
    with address.bind() as listening:
        url = f"http://{address.host_in_url}:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = _Server(config, api, lambda: started(url), say, reloads=reloads)
        with _short_turns():
            server.run(sockets=[listening])
        api.batcher.close()


def _in_main_thread() -> bool:
    """Whether signals can be handled here."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let threads that run Python hold the interpreter's lock for a tenth of the usual time.

    Beside requests of 1,000 long texts, the p99 of single ones decreases from 21 to 10 ms.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


class _Server(uvicorn.Server):
    """uvicorn's server, which ends as if by itself after a signal, and reloads at SIGHUP."""

    def __init__(
        self,
        config: uvicorn.Config,
        api: Api,
        started: Callable[[], None],
        say: Callable[[str], None],
        *,
        reloads: bool,
    ) -> None:
        super().__init__(config)
        self._api, self._started, self._say, self._reloads_at_hup = api, started, say, reloads
        self._reloads: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to take requests, and say so."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        if hasattr(signal, "SIGHUP") and _in_main_thread() and self._reloads_at_hup:
            signal.signal(signal.SIGHUP, self._hang_up)
        self._api.models.compile_later()
        self._started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals; unlike uvicorn, do not send them again after the stop."""
        names = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP") if _in_main_thread() else ()
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        earlier = {number: signal.getsignal(number) for number in numbers}
        for number in numbers:
            later = self._reloads_at_hup and number == getattr(signal, "SIGHUP", None)
            if not later:  # that one when there is a loop
                signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; a second Ctrl-C does not wait for requests in flight."""
        self._api.stop()
        super().handle_exit(sig, frame)

    def _hang_up(self, number: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._start_reload)

    def _start_reload(self) -> None:
        task = self._loop.create_task(self._reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _reload(self) -> None:
        try:
            await self._api.reload()
        except (SentimentTransferError, OSError) as error:
            self._say(f"reload failed, the models stay as they are: {error}")
        else:
            self._say(f"reloaded {', '.join(self._api.models.names)}")
