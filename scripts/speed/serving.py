"""The HTTP API under load: a server process of its own, guards on, and clients on this machine.

    python -m scripts.speed.serving [--seconds 10] [--repeats 5]
    python -m scripts.speed.serving --soak 10          # memory over ten minutes instead
    python -m scripts.speed.serving --restarts 10      # restarts and kills while clients go on
    python -m scripts.speed.serving --litserve PYTHON  # LitServe, from an environment that has it

Each of 16 connections sends a request, reads the answer, and sends the next: single texts of 20
words, then batches of 32. The client is a process beside the server, raw HTTP on asyncio, and
shares the cores with it. Cold start runs from the start of the command to the first answer. Memory
is the server's, after all load.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scripts.reports import RESULTS, ROOT, markdown_table
from scripts.speed.measure import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTIONS = 16
BATCH = 32
WORDS = 20
BODIES = 997  # different ones, so that nothing profits from a text it has just seen


class Load(NamedTuple):
    """Requests a second, and milliseconds that half and 99 % of the requests took."""

    rate: float
    median: float
    p99: float


def texts(n: int) -> list[str]:
    """Texts of 20 words from sentences of the shipped corpus."""
    source = ROOT / "corpora" / "movies72" / "unlabelled.txt"
    words = source.read_text(encoding="utf-8").split()
    starts = [(7 * i * WORDS + i) % (len(words) - WORDS) for i in range(n)]
    return [" ".join(words[start : start + WORDS]) for start in starts]


def requests(batch: int) -> list[bytes]:
    """Whole requests, with the headers that a client sends."""
    chosen = texts(BODIES * batch)
    found = []
    for i in range(BODIES):
        body = json.dumps({"texts": chosen[i * batch : (i + 1) * batch]}).encode()
        head = (
            "POST /v1/predict HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


class _Client(asyncio.Protocol):
    """One connection: no request before the answer to the last."""

    def __init__(self, bodies: list[bytes], number: int, until: float, times: list[float]) -> None:
        self._bodies, self._next, self._until, self._times = bodies, number, until, times
        self.done = asyncio.get_running_loop().create_future()
        self._missing, self._head = 0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        if self._began > self._until:
            self._transport.close()
            self.done.set_result(None)
            return
        self._transport.write(self._bodies[self._next % len(self._bodies)])  # type: ignore[attr-defined]
        self._next += CONNECTIONS

    def data_received(self, data: bytes) -> None:
        if self._missing == 0:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                self._transport.close()
                self.done.set_exception(AssertionError(head))
                return
            start = head.index(b"content-length: ") + 16
            length = int(head[start : head.find(b"\r\n", start)])
            self._missing, self._head = length - len(body), b""
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._times.append(time.perf_counter() - self._began)
            self._send()


async def _drive(port: int, bodies: list[bytes], seconds: float) -> Load:
    loop, times = asyncio.get_running_loop(), list[float]()
    began = time.perf_counter()
    made = [
        await loop.create_connection(
            lambda k=k: _Client(bodies, k, began + seconds, times), "127.0.0.1", port
        )
        for k in range(CONNECTIONS)
    ]
    await asyncio.gather(*(client.done for _, client in made))
    elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / elapsed, 1000 * cuts[49], 1000 * cuts[98])


def drive(port: int, batch: int, seconds: float) -> Load:
    """Run the load in a process of its own."""
    command = [sys.executable, "-m", "scripts.speed.serving", "--drive"]
    arguments = [str(port), str(batch), str(seconds)]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, cwd=ROOT)
    return Load(*json.loads(done.stdout))


@contextmanager
def server(port: int = 0) -> Iterator[tuple[subprocess.Popen[str], int, float]]:
    """Start ``serve``; yield process, port, and seconds until the first answer."""
    command = [sys.executable, "-m", "sentiment_transfer", "serve", "reviews-en"]
    command += ["--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None  # noqa: S101
        found = re.search(r":(\d+) ", process.stderr.readline())
        if found is None:
            raise OSError(process.stderr.read())
        port = int(found[1])
        asyncio.run(_drive_once(port))
        try:
            yield process, port, time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGTERM)


async def _drive_once(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(requests(1)[0])
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


def memory(process: subprocess.Popen[str]) -> dict[str, float]:
    """Megabytes of a process: resident, its own, and of files that processes share."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    names = ("VmRSS", "RssAnon", "RssFile")
    found = {name: re.search(rf"{name}:\s+(\d+) kB", status) for name in names}
    return {name: int(match[1]) * 1024 / 1e6 for name, match in found.items() if match}


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    user, system = map(int, fields.split()[11:13])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def loads_torch(process: subprocess.Popen[str]) -> bool:
    """Whether a library of torch is mapped."""
    return "libtorch" in Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")


def measure(seconds: float, repeats: int) -> dict[str, list[float]]:
    """Return all figures, one value for each repeat, which has a new server."""
    found: dict[str, list[float]] = {}
    for _ in range(repeats):
        with server() as (process, port, cold):
            time.sleep(3)  # the fast path is made ready
            before = cpu_seconds(process)
            single = drive(port, 1, seconds)
            used = cpu_seconds(process) - before
            batches = drive(port, BATCH, seconds)
            now = memory(process)
            if loads_torch(process):
                raise AssertionError
        row = {
            "single requests a second": single.rate,
            "their median, ms": single.median,
            "their p99, ms": single.p99,
            "server's CPU time for one, µs": 1e6 * used / (seconds * single.rate),
            "texts a second in batches of 32": BATCH * batches.rate,
            "p99 of a batch, ms": batches.p99,
            "command to first answer, s": cold,
            "memory after the load, MB": now["VmRSS"],
            "of it mapped files, MB": now["RssFile"],
        }
        print(row, flush=True)
        for name, value in row.items():
            found.setdefault(name, []).append(value)
    return found


TARGETS = {
    "single requests a second": ">= 10,000",
    "their p99, ms": "<= 10",
    "texts a second in batches of 32": ">= 50,000",
    "command to first answer, s": "<= 2",
    "memory after the load, MB": "<= 200",
}
SOAK, LITSERVE = "Memory over time", "Beside LitServe"
NOTES = """\
`sentiment-transfer serve reviews-en` with its guards, and 16 connections from another process on
the same machine: `python -m scripts.speed.serving`, which says what is measured and how. The
kernels were compiled before; on a new machine that takes 17 s beside the first requests, which the
plain path answers, 1 ms each.
"""


def report(found: dict[str, list[float]], load_after: float) -> None:
    """Write serving.md."""
    rows = []
    for name, values in found.items():
        form = "{:,.0f}" if statistics.median(values) >= 100 else "{:.2f}"
        each = [statistics.median(values), min(values), max(values)]
        rows.append([name, TARGETS.get(name, ""), *map(form.format, each)])
    runs = len(next(iter(found.values())))
    load = f"{load_after:.1f} at the end, of this and of others, on {os.cpu_count()} cores"
    facts = machine() | {"load of the machine": load}
    columns = ("what", "target", f"median of {runs}", "least", "most")
    lines = ["# Serving", "", NOTES, *markdown_table(columns, rows), ""]
    lines += [f"- {key}: {value}" for key, value in facts.items()]
    write("", lines)


def write(title: str, lines: list[str]) -> None:
    """Write a section of serving.md; the others stay."""
    path = RESULTS / "serving.md"
    page = path.read_text("utf-8") if path.exists() else ""
    first, *rest = re.split(r"^## ", page, flags=re.MULTILINE)
    sections = {"": first} | {part.partition("\n")[0]: part.partition("\n")[2] for part in rest}
    sections[title] = "\n".join(lines)
    each = [f"## {name}\n\n" * bool(name) + text.strip() for name, text in sections.items()]
    path.write_text("\n\n".join(filter(None, each)) + "\n", encoding="utf-8")


def soak(minutes: int) -> None:
    """Load a server in turns, with a reload each minute; write how its memory develops."""
    resident, answered = [], 0.0
    with server() as (process, port, _):
        for _ in range(minutes):
            end = time.monotonic() + 60
            while time.monotonic() < end:
                answered += drive(port, 1, 1).rate + BATCH * drive(port, BATCH, 1).rate
                time.sleep(4)
            resident.append(memory(process)["VmRSS"])
            print(f"{resident[-1]:.0f} MB", flush=True)
            process.send_signal(signal.SIGHUP)
    rows = [[str(n + 1), f"{each:.1f}"] for n, each in enumerate(resident)]
    text = (
        f"{answered / 1e6:.1f} million texts in {minutes} minutes, a reload (SIGHUP) after each: "
        f"from the first minute to the last {min(resident):.0f} to {max(resident):.0f} MB.\n"
    )
    write(SOAK, [text, *markdown_table(["minute", "memory, MB"], rows), "", _load()])


def _load() -> str:
    return f"Load of the machine at the end, of this and of others: {os.getloadavg()[0]:.1f}."


def litserve(python: str, seconds: float, repeats: int) -> None:
    """Measure LitServe beside ``serve``, in turns, with the same model; write the table."""
    found: dict[str, list[Load]] = {}
    for turn in range(repeats):
        port = 8600 + turn
        command = [python, "-m", "scripts.speed.litserve_server", str(port), str(CONNECTIONS)]
        with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
            time.sleep(8)
            for batch in (1, BATCH):
                found.setdefault(f"LitServe {batch}", []).append(drive(port, batch, seconds))
            os.killpg(process.pid, signal.SIGTERM)
        with server() as (_, port, _):
            time.sleep(3)
            for batch in (1, BATCH):
                found.setdefault(f"serve {batch}", []).append(drive(port, batch, seconds))
    rows = []
    for name, loads in found.items():
        who, batch = name.split()
        texts_each = [load.rate * int(batch) for load in loads]
        values = [statistics.median(texts_each), min(texts_each), max(texts_each)]
        p99 = statistics.median(load.p99 for load in loads)
        rows.append([who, batch, *(f"{value:,.0f}" for value in values), f"{p99:.1f}"])
    columns = ("server", "texts a request", "texts a second", "least", "most", "p99, ms")
    text = (
        f"LitServe with the same model, one worker, and batches of up to {CONNECTIONS} requests "
        f"that wait 1 ms (`scripts/speed/litserve_server.py`), {repeats} times in turns."
    )
    write(LITSERVE, [text, "", *markdown_table(columns, rows), "", _load()])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--soak", type=int, metavar="MINUTES")
    parser.add_argument("--restarts", type=int, metavar="MINUTES")
    parser.add_argument("--litserve", metavar="PYTHON")
    parser.add_argument("--drive", nargs=3, metavar=("PORT", "BATCH", "SECONDS"))
    arguments = parser.parse_args()
    if arguments.drive:
        port, batch, seconds = arguments.drive
        bodies = requests(int(batch))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            print(json.dumps(runner.run(_drive(int(port), bodies, float(seconds)))))
    elif arguments.soak:
        soak(arguments.soak)
    elif arguments.restarts:
        from scripts.speed.serving_restarts import restarts

        restarts(arguments.restarts)
    elif arguments.litserve:
        litserve(arguments.litserve, arguments.seconds, arguments.repeats)
    else:
        found = measure(arguments.seconds, arguments.repeats)
        report(found, os.getloadavg()[0])


def _loop_factory() -> object:
    import uvloop

    return uvloop.new_event_loop


if __name__ == "__main__":
    main()
