"""The command ``studio`` in a process of its own, and a client of its page on one connection."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scripts.reports import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Client", "start", "studio"]

TIMEOUT = 600.0


class Client:
    """A page of the studio, as a program: one connection that is kept.

    Parameters
    ----------
    link
        What the command prints: the address, and the token behind ``#``.
    """

    def __init__(self, link: str) -> None:
        parts = urlsplit(link)
        self._headers = {"authorization": "Bearer " + parts.fragment.removeprefix("token=")}
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)

    def get(self, path: str) -> bytes:
        """Return what is at a path."""
        return self._ask("GET", path)

    def post(self, path: str, **body: object) -> Any:  # noqa: ANN401  (JSON)
        """Send what the page sends; return the state after it."""
        return json.loads(self._ask("POST", path, json.dumps(body)))

    def answer(self, number: int, label: str | None) -> Any:  # noqa: ANN401  (JSON)
        """Send the label of a text; return the state."""
        return self.post("/studio/answer", id=number, label=label)

    def state(self, since: int | None = None) -> Any:  # noqa: ANN401  (JSON)
        """Return the state; with a version, once there is another."""
        query = "" if since is None else f"?since={since}"
        return json.loads(self._ask("GET", "/studio/state" + query))

    def wait(self, state: Any = None) -> Any:  # noqa: ANN401  (JSON)
        """Return the first state that has texts to label and a model with all answers."""
        state = self.state() if state is None else state
        while state["pending"] or state["status"] != "ready":
            state = self.state(state["version"])
        return state

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        headers = self._headers | ({"content-type": "application/json"} if body else {})
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RefusedError(response.status, content.decode("utf-8", "replace"))
        return content


class RefusedError(Exception):
    """The studio refused a request."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status

    def __reduce__(self) -> tuple[type[Self], tuple[int, str]]:
        return type(self), (self.status, str(self))


def start(*arguments: object) -> tuple[subprocess.Popen[str], str]:
    """Start the command; return the process and its link once it is printed."""
    command = [sys.executable, "-m", "sentiment_transfer", "studio", *map(str, arguments)]
    process = subprocess.Popen(
        [*command, "--no-browser", "--port", "0"], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    lines = []
    for line in process.stderr or ():
        lines.append(line)
        found = re.search(r"http://\S+#token=\S+", line)
        if found is not None:
            return process, found[0]
    raise OSError("".join(lines))


@contextmanager
def studio(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], Client, float]]:
    """Run the command; yield the process, a client, and when it was started."""
    began = time.perf_counter()
    process, link = start(*arguments)
    client = Client(link)
    try:
        yield process, client, began
    finally:
        client.close()
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()


def write_texts(path: Path, texts: list[str]) -> None:
    """Write texts as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
