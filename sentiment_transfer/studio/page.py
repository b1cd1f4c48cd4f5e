"""The files of the page, with the policy under which a browser shows them."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sentiment_transfer.serving.guard import Rule

if TYPE_CHECKING:
    from sentiment_transfer.serving.guard import Receive, Scope, Send

__all__ = ["PageFile", "page_files"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
RULE = Rule(is_open=True)
"""They are the same for everyone, so that a page without a token can say what to do."""


class PageFile:
    """The ASGI application that answers with one file."""

    def __init__(self, name: str, content: bytes) -> None:
        self._body = content
        kind = KINDS[name.rpartition(".")[2]]
        self._headers = [
            (b"content-type", kind.encode()),
            (b"content-length", b"%d" % len(content)),
            (b"content-security-policy", POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"cache-control", b"no-cache"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


def page_files() -> dict[str, PageFile]:
    """Return the files by path; ``index.html`` is at ``/``."""
    found = {}
    for each in (files(__package__) / "static").iterdir():
        if each.name.rpartition(".")[2] in KINDS:
            path = "/" if each.name == "index.html" else f"/{each.name}"
            found[path] = PageFile(each.name, each.read_bytes())
    return found
