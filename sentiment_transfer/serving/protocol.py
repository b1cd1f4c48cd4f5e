"""Connections with bounds that uvicorn's do not have.

An ASGI application only sees a request once its headers are complete, and uvicorn waits for them
without end and keeps all that comes. So their size, the time that they may take, the time that a
client may take to read an answer, and the number of connections are bounded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

__all__ = ["BoundedProtocol"]

HEADER_BYTES = 32 * 1024
HEADER_SECONDS = 10.0
WRITE_SECONDS = 30.0
CONNECTIONS = 1_000


def _closing(status: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers, b"content-length: 0", b"connection: close", b"", b""]
    return b"\r\n".join(lines)


BUSY = _closing(b"503 Service Unavailable", b"retry-after: 1")
TOO_LARGE = _closing(b"431 Request Header Fields Too Large")
TOO_SLOW = _closing(b"408 Request Timeout")


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol for HTTP/1.1 with bounds for slow, large and many clients."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (of uvicorn)
        super().__init__(*args, **kwargs)
        self._in_headers = True
        self._header_bytes = 0
        self._header_timer: TimerHandle | None = None
        self._write_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Take a connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            self._end(BUSY)
        else:
            self._header_timer = self.loop.call_later(HEADER_SECONDS, self._end, TOO_SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._stop(self._header_timer)
        self._stop(self._write_timer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a part of a request."""
        super().data_received(data)
        if self._in_headers and not self.transport.is_closing():
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES:
                self._end(TOO_LARGE)
            elif self._header_timer is None:
                self._header_timer = self.loop.call_later(HEADER_SECONDS, self._end, TOO_SLOW)

    def on_message_begin(self) -> None:
        """Start to count the headers of a request."""
        super().on_message_begin()
        self._in_headers, self._header_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Stop the clock of the headers; from here on, the guard bounds the request."""
        self._in_headers = False
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Count what comes next as headers, unless the next request is here already."""
        if not self.pipeline:
            self._in_headers, self._header_bytes = True, 0
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Start the clock of a client that reads slowly."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that clock."""
        super().resume_writing()
        self._stop(self._write_timer)

    def _end(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()

    def _stop(self, timer: TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
