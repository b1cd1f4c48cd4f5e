"""Clients that go on while their server is restarted and killed: which requests fail, and when.

Called by ``python -m scripts.speed.serving --restarts MINUTES``. Four connections send one request
after the other, and connect again after a failure. The server is stopped in turns by SIGTERM and by
SIGKILL, after 4 to 12 seconds each, and started again on the same port. A window runs from the
signal to the first answer of the next server; requests that fail in other moments are errors.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import statistics
import subprocess
import sys
import time
from itertools import cycle
from typing import Any, NamedTuple

from scripts.reports import ROOT, markdown_table
from scripts.speed.serving import requests, server, write

CLIENTS = 4
PATIENCE = 20.0
MOST_APART = 1e-5
TITLE = "Restarts and kills"


class Window(NamedTuple):
    """How a server ended, and the time without one."""

    how: str
    began: float
    ended: float


class _Clients:
    """What clients saw: answers, times of failures, and answers unlike earlier ones."""

    def __init__(self, port: int, seconds: float) -> None:
        self.answered, self.different = 0, 0
        self.failures: list[float] = []
        self._port, self._until = port, time.time() + seconds
        self._bodies, self._known = requests(1), dict[int, dict[str, Any]]()

    async def run(self) -> None:
        await asyncio.gather(*map(self._client, range(CLIENTS)))

    async def _client(self, number: int) -> None:
        while time.time() < self._until:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                while time.time() < self._until:
                    number = (number + CLIENTS) % len(self._bodies)
                    await self._ask(reader, writer, number)
                writer.close()
            except (OSError, EOFError):
                self.failures.append(time.time())
                await asyncio.sleep(0.02)

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        async with asyncio.timeout(PATIENCE):
            writer.write(self._bodies[number])
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise OSError(head)
        self.answered += 1
        answer = json.loads(body)["predictions"][0]
        known = self._known.setdefault(number, answer)
        # the plain path, which answers until kernels are compiled, rounds in other places
        close = abs(answer["probability"] - known["probability"]) < MOST_APART
        self.different += not close or answer["label"] != known["label"]
        await asyncio.sleep(0.001)


def clients(port: int, seconds: float) -> None:
    """Print what clients saw, as JSON."""
    seen = _Clients(port, seconds)
    asyncio.run(seen.run())
    print(json.dumps([seen.answered, seen.different, seen.failures]))


def restarts(minutes: float) -> None:
    """Run it, and write the section."""
    until, port = time.time() + 60 * minutes, 0
    drawn = random.Random(0)  # noqa: S311  (no secret)
    windows: list[Window] = []
    began, last, watched = 0.0, "", None
    for how in cycle((signal.SIGTERM, signal.SIGKILL)):
        with server(port) as (process, port, _):
            windows += [Window(last, began, time.time())] if last else []
            if watched is None:
                command = [sys.executable, "-m", "scripts.speed.serving_restarts"]
                command += [str(port), str(60 * minutes)]
                watched = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            time.sleep(drawn.uniform(4, 12))
            if time.time() > until:
                output = watched.communicate()[0]
                break
            began, last = time.time(), how.name
            process.send_signal(how)
    report(minutes, windows, *json.loads(output))


def report(
    minutes: float, windows: list[Window], answered: int, different: int, failures: list[float]
) -> None:
    """Write the section of serving.md."""
    rows, inside = [], 0
    for how in dict.fromkeys(window.how for window in windows):
        these = [window for window in windows if window.how == how]
        failed = [sum(w.began <= at <= w.ended for at in failures) for w in these]
        inside += sum(failed)
        seconds = [window.ended - window.began for window in these]
        spans = [f"{value:.2f}" for value in (statistics.median(seconds), max(seconds))]
        rows.append([how, str(len(these)), *spans, f"{statistics.median(failed):.0f}"])
    text = (
        f"{CLIENTS} clients for {minutes:g} minutes: {answered:,} requests answered, "
        f"{len(failures) - inside} failed outside of the windows between a signal and the first "
        f"answer of the next server, {different} answers have another label than an earlier "
        f"one to the same text, or a probability {MOST_APART:g} apart. "
        f"In the windows a client tries again every 20 ms, which fails {inside:,} times."
    )
    columns = ("signal", "times", "seconds without a server, median", "most", "failed, median")
    write(TITLE, [text, "", *markdown_table(columns, rows)])
    print(text)


if __name__ == "__main__":
    clients(int(sys.argv[1]), float(sys.argv[2]))
