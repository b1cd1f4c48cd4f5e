"""What must stand before every route of an application, each guard tried by requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from asgi_client import request

if TYPE_CHECKING:
    from httpx import Response

    from sentiment_transfer.serving import Rule
    from sentiment_transfer.serving.guard import App, Message

TOKEN = "a token of some length"  # noqa: S105
BEARER = {"authorization": f"Bearer {TOKEN}"}


def ask(app: App, path: str, rule: Rule, **more: Any) -> Response:  # noqa: ANN401  (of httpx)
    """A request that is allowed, but for what is changed; its body is no request that fits."""
    headers = BEARER | more.pop("headers", {})
    if rule.takes_body:
        headers = {"content-type": rule.kind.decode()} | headers
        more.setdefault("content", b"[]")
    method = more.pop("method", rule.method)
    return request(app, method, path, headers=headers, **more)


def slow_or_large(app: App, path: str, rule: Rule, chunks: list[bytes], wait: float) -> int:
    """Send a body without a length in chunks, the last of which never comes; return the status."""
    left, statuses = list(chunks), []

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(wait)
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": True}

    async def send(message: Message) -> None:
        statuses.append(message.get("status"))

    headers = [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")]
    headers += [(b"content-type", rule.kind)]
    headers += [(k.encode(), v.encode()) for k, v in BEARER.items()]
    scope = {"type": "http", "method": rule.method, "path": path, "headers": headers}
    scope |= {"query_string": b"", "root_path": "", "raw_path": path.encode()}
    asyncio.run(app(scope, receive, send))
    return int(statuses[0])


def checks(app: App, path: str, rule: Rule) -> dict[str, bool]:
    """Each guard by name, and whether it stands before a path."""
    foreign = [
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:9"},
    ]
    found = {
        "the host must be known": ask(app, path, rule, host="evil.example").status_code == 421,
        "the origin must be this server": all(
            ask(app, path, rule, headers=headers).status_code == 403 for headers in foreign
        ),
        "another method is refused": all(
            ask(app, path, rule, method=method).status_code == 405
            for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD")
            if method != rule.method
        ),
        "no header allows other origins": not any(
            name.startswith("access-control") for name in ask(app, path, rule).headers
        ),
        "a body without end is cut": slow_or_large(app, path, rule, [b" " * 600] * 9, 60) == 413,
        "a long body is refused by its length": ask(
            app, path, rule, content=b"x" * 5000
        ).status_code
        == 413,
    }
    if rule.takes_body:
        found["only its content type is taken"] = all(
            ask(app, path, rule, headers=headers).status_code == 415
            for headers in (
                {"content-type": "text/plain"},
                {"content-type": "application/x-www-form-urlencoded"},
                {"content-type": f"{rule.kind.decode()}; charset=utf-16"},
                {"content-encoding": "gzip"},
            )
        )
        found["a slow body is not waited for"] = slow_or_large(app, path, rule, [b"["], 60) == 408
        found["a broken off body is refused"] = slow_or_large(app, path, rule, [b"["], 0) == 400
    if rule.changes_state or rule.is_private:
        wrong = {"authorization": "Bearer wrong"}
        found["it needs the token"] = ask(app, path, rule, headers=wrong).status_code == 401
    return found
