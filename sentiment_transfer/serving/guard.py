"""What stands before the application: nothing is parsed that the guard did not let through.

Plain ASGI, so that it works before any framework, and for other applications too. Refusals repeat
nothing of the request. Against a foreign page in a browser: the name of the host must be known (a
page whose name is made to point to this machine sends its own), and an ``Origin`` must be that of
this server; there are no headers for cross-origin requests.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sentiment_transfer.serving.messages import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]
    Observe = Callable[[str, int], None]

__all__ = ["LOOPBACK", "Guard", "Limits", "Rule", "respond"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
JSON = b"application/json"
_ONCE = (b"host", b"origin", b"authorization", b"content-type", b"content-length")
_ALWAYS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass(frozen=True)
class Rule:
    """What a path takes.

    Attributes
    ----------
    method
        The only method.
    takes_body
        Whether it takes a body.
    kind
        Content type of the body: JSON, or bytes as they are.
    body
        Bytes of a body, in place of those of `Limits`.
    changes_state
        Whether it needs the token on every host.
    is_private
        Whether it needs the token on every host, as it shows texts of a user.
    is_status
        Whether it is answered however many requests are in flight, and without a token: checks of
        the server's health.
    is_open
        Whether it is answered without a token on every host: files that are the same for everyone.

    Examples
    --------
    >>> rule = Rule("POST", takes_body=True)
    >>> rule.kind, rule.changes_state
    (b'application/json', False)
    """

    method: str = "GET"
    takes_body: bool = False
    kind: bytes = JSON
    body: int | None = None
    changes_state: bool = False
    is_private: bool = False
    is_status: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Limits:
    """Bounds of what the guard lets through.

    Attributes
    ----------
    body
        Bytes of a body.
    in_flight
        Requests that are read or answered at a time.
    read_seconds
        Time for a body to arrive.

    Examples
    --------
    >>> Limits(body=1 << 16).in_flight
    256
    """

    body: int = 1 << 20
    in_flight: int = 256
    read_seconds: float = 10.0


class _Refused(Exception):  # noqa: N818
    def __init__(self, status: int, error: str, *headers: tuple[bytes, bytes]) -> None:
        self.status, self.error, self.headers = status, error, headers


@dataclass
class Guard:
    """An ASGI application that lets through what the rules allow.

    Attributes
    ----------
    app
        The application, which gets the whole body in one message.
    rules
        What each path takes; a path without a rule is not found.
    hosts
        Names of hosts in lower case, without ports, that clients may call this server by.
    token
        What a client sends as ``Authorization: Bearer TOKEN``; None lets nobody change state.
    needs_token
        Whether every request needs it, but for those of ``Rule.is_status``.
    observe
        Called with path and status of each refusal.
    limits
        Bounds of bodies and of requests at a time.

    Examples
    --------
    >>> api = Api(ServedModels([ModelSource.parse("reviews-en")]))
    >>> guard = guarded_app(api, token="a-long-random-token", needs_token=True)
    >>> sorted(guard.hosts), guard.limits.body
    (['127.0.0.1', '[::1]', 'localhost'], 1048576)
    """

    app: App
    rules: Mapping[str, Rule]
    hosts: frozenset[str] = LOOPBACK
    token: str | None = None
    needs_token: bool = False
    limits: Limits = field(default_factory=Limits)
    observe: Observe = lambda *_: None
    in_flight: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._hosts = frozenset(host.lower().encode() for host in self.hosts)
        self._bearer = None if self.token is None else b"Bearer " + self.token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or read its body and pass it on."""
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http":  # the start and the end of the server
            return await self.app(scope, receive, send)
        headers, rule = dict(scope["headers"]), self.rules.get(scope["path"])
        try:
            rule = self._check(scope, headers, rule)
            if rule.is_status:
                await self.app(scope, _no_body, send)
            else:
                await self._pass_on(rule, scope, receive, send)
        except _Refused as refused:
            path = "other" if rule is None else scope["path"]
            self.observe(path, refused.status)
            await _refuse(send, refused, close=_has_body(headers))

    async def _pass_on(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        if self.in_flight >= self.limits.in_flight:
            busy = "too many requests at a time; try again in a second"
            raise _Refused(503, busy, (b"retry-after", b"1"))
        self.in_flight += 1
        try:
            body = await self._body(rule, receive) if rule.takes_body else b""
            await self.app(scope, _replay(body, receive), send)
        finally:
            self.in_flight -= 1

    def _check(self, scope: Scope, headers: dict[bytes, bytes], rule: Rule | None) -> Rule:
        """Check everything but the body; raises ``_Refused``."""
        if len(headers) != len(scope["headers"]):
            names = [name for name, _ in scope["headers"]]
            if any(names.count(name) > 1 for name in _ONCE):
                raise _Refused(400, "a header that must be unique is repeated")
        self._check_sender(headers)
        if rule is None:
            raise _Refused(404, "there is no such path; GET /openapi.json describes all")
        if scope["method"] != rule.method:
            allow = b"allow", rule.method.encode()
            raise _Refused(405, f"this path takes {rule.method} only", allow)
        is_open = rule.is_status or rule.is_open
        if rule.changes_state or rule.is_private or (self.needs_token and not is_open):
            self._check_token(headers.get(b"authorization", b""))
        self._check_body(headers, rule)
        return rule

    def _check_sender(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"")
        if _host_name(host) not in self._hosts:
            raise _Refused(421, "this host name is not allowed; the server needs --allow-host")
        origin = headers.get(b"origin")
        if origin is not None and origin.lower() not in (b"http://" + host, b"https://" + host):
            raise _Refused(403, "requests of other origins are refused")

    def _check_token(self, given: bytes) -> None:
        if self._bearer is None:
            raise _Refused(403, "this needs a token, and the server has none (--token-file)")
        if not hmac.compare_digest(given, self._bearer):
            challenge = b"www-authenticate", b"Bearer"
            raise _Refused(401, "send the token as Authorization: Bearer TOKEN", challenge)

    def _check_body(self, headers: dict[bytes, bytes], rule: Rule) -> None:
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            raise _Refused(400, "content-length must be a number")
        if len(length) > 18 or int(length) > self._most(rule):
            raise _Refused(413, self._too_large(rule))
        if not rule.takes_body:
            if b"transfer-encoding" in headers:
                raise _Refused(413, self._too_large(rule))
            return
        kind, _, charset = headers.get(b"content-type", b"").lower().partition(b";")
        if kind.strip() != rule.kind or charset.strip() not in (b"", b"charset=utf-8"):
            wanted = f"{rule.kind.decode()}{', in UTF-8' * (rule.kind == JSON)}"
            raise _Refused(415, f"the body must be content-type: {wanted}")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise _Refused(415, "the body must not be compressed")

    def _too_large(self, rule: Rule) -> str:
        if not rule.takes_body:
            return "this path takes no body"
        return f"a body may have {self._most(rule):,} bytes; send the texts in several requests"

    def _most(self, rule: Rule) -> int:
        """Return how many bytes a body may have."""
        if not rule.takes_body:
            return 0
        return self.limits.body if rule.body is None else rule.body

    async def _body(self, rule: Rule, receive: Receive) -> bytes:
        """Read a body as it comes, not further than the limits."""
        parts, size, more = [], 0, True
        try:
            async with asyncio.timeout(self.limits.read_seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Refused(400, "the body is not complete")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > self._most(rule):
                        raise _Refused(413, self._too_large(rule))
                    more = message.get("more_body", False)
        except TimeoutError:
            raise _Refused(408, "the body did not arrive in time") from None
        return parts[0] if len(parts) == 1 else b"".join(parts)


async def respond(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = JSON,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    """Send a whole response."""
    length = (b"content-length", b"%d" % len(body))
    together = [(b"content-type", kind), length, *_ALWAYS, *headers]
    await send({"type": "http.response.start", "status": status, "headers": together})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send, refused: _Refused, *, close: bool) -> None:
    """Send a refusal, and close the connection if there is more of a body to come."""
    headers = (*refused.headers, (b"connection", b"close")) if close else refused.headers
    body = msgspec.json.encode(Problem(refused.error))
    await respond(send, refused.status, body, headers=headers)


def _has_body(headers: Mapping[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def _host_name(host: bytes) -> bytes:
    """Return the name in a ``Host`` header in lower case, without a port."""
    if host.startswith(b"["):
        name, bracket, port = host.partition(b"]")
        return name.lower() + bracket if not port or port.startswith(b":") else b""
    return host.partition(b":")[0].lower()


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what an application receives: the body, then what comes after it."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again
