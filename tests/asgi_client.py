"""Requests to an application in this process, each on an event loop of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from sentiment_transfer.serving.guard import App


def request(
    app: App,
    method: str,
    path: str,
    *,
    host: str = "localhost",
    **more: Any,  # noqa: ANN401  (of httpx)
) -> httpx.Response:
    """Send one request; an error of the application is an answer of 500."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, path, **more)

    return asyncio.run(send())


def get(app: App, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
    return request(app, "GET", path, **more)


def post(app: App, path: str, body: object) -> httpx.Response:
    return request(app, "POST", path, json=body)
