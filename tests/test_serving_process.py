"""The command ``serve`` as a process of its own, and connections that misbehave."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")

import uvicorn
from uvicorn.server import ServerState

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.serving import protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Run

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
TOKEN = "a token of some length"  # noqa: S105
CONTENT = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models whose labels differ."""
    folder = tmp_path_factory.mktemp("models")
    texts = ["a great wonderful film", "a dull awful film"] * 9
    model = SentimentClassifier().pretrain(texts)
    model.fit(texts, ["positive", "negative"] * 9).save(folder / "words.safetensors")
    model.fit(texts, [1, 0] * 9).save(folder / "numbers.safetensors")
    return folder


@contextmanager
def serving(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "sentiment_transfer", "serve", *map(str, arguments)]
    with subprocess.Popen(  # noqa: S603
        [*command, "--port", "0"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        found = re.search(r"http://\S+", line := process.stderr.readline())
        try:
            assert found, line + process.stderr.read()
            yield process, found[0]
        finally:
            if process.poll() is None:
                process.kill()


def ask(url: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, CONTENT | headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def label(url: str) -> Any:  # noqa: ANN401  (text or a number)
    return ask(url, "/v1/predict", {"texts": ["a great film"]})[1]["predictions"][0]["label"]


@posix
def test_it_serves_reloads_at_a_signal_without_dropping_a_request_and_stops(
    models: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.safetensors"
    shutil.copy(models / "words.safetensors", path)
    with serving(path, f"other={models / 'numbers.safetensors'}") as (process, url):
        assert process.stderr is not None
        assert process.stderr.readline().startswith(f"try: curl {url}/v1/predict -H 'content-type")
        assert label(url) == "positive"
        body = {"texts": ["a great film"], "model": "other"}
        assert ask(url, "/v1/predict", body)[1]["predictions"][0]["label"] == 1
        seen: list[Any] = []
        stop = threading.Event()
        asking = threading.Thread(
            target=lambda: [seen.append(label(url)) for _ in iter(stop.is_set, True)]
        )
        asking.start()
        shutil.copy(models / "numbers.safetensors", tmp_path / "new")
        (tmp_path / "new").replace(path)
        process.send_signal(signal.SIGHUP)
        assert process.stderr.readline() == "reloaded mine, other\n"
        time.sleep(0.1)
        stop.set()
        asking.join()
        assert [seen[0], seen[-1]] == ["positive", 1]
        assert sorted(seen, key=str, reverse=True) == seen  # first the one, then the other
        path.write_bytes(b"broken")
        process.send_signal(signal.SIGHUP)
        assert process.stderr.readline().startswith(
            f"reload failed, the models stay as they are: {path}: "
        )
        assert label(url) == 1
        process.send_signal(signal.SIGTERM)
        assert process.stderr.read() == "stopped\n"
    assert process.returncode == 0


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_answered_before_the_stop(
    models: Path, number: signal.Signals
) -> None:
    body = b'{"texts": ["a great film"]}'
    head = b"POST /v1/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    with serving(models / "words.safetensors") as (process, url):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body[:9])
            time.sleep(0.3)
            process.send_signal(number)
            time.sleep(0.5)
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((host, int(port)))
            client.sendall(body[9:])
            answer = client.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b'"label":"positive"' in answer
        assert process.wait(10) == 0


@posix
def test_it_loads_neither_torch_nor_the_packages_of_experiments(models: Path) -> None:
    if not Path("/proc/self/maps").exists():
        pytest.skip("needs /proc")
    with serving(models / "words.safetensors") as (process, url):
        label(url)
        mapped = Path(f"/proc/{process.pid}/maps").read_text("utf-8")
    assert "uvloop" in mapped
    assert not re.findall(r"libtorch|/pandas/|/sklearn/|/matplotlib/|/pyarrow/|/gensim/", mapped)


def test_reloading_by_a_call_needs_the_token(models: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN.replace(" ", "-") + "\n")
    with serving(models / "words.safetensors", "--token-file", token) as (_, url):
        assert ask(url, "/v1/reload", {})[0] in (401, 413)
        request = urllib.request.Request(f"{url}/v1/reload", method="POST")  # noqa: S310
        request.add_header("Authorization", f"Bearer {TOKEN.replace(' ', '-')}")
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            assert json.load(answer)["models"][0]["name"] == "words"


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["nothing"], 4, "nothing: does not exist"),
        (["reviews-en", "--host", "0.0.0.0"], 2, "--host 0.0.0.0 is not allowed without a token"),  # noqa: S104
        (["reviews-en", "reviews-en"], 2, "two models have the name reviews-en"),
        (["reviews-en", "--port", "70000"], 2, "65535"),
        (["reviews-en", "--token-file", "nothing"], 1, "nothing: No such file"),
    ],
)
def test_what_cannot_work_is_said_before_it_starts(
    run: Run, arguments: list[str], code: int, part: str
) -> None:
    ended, out, err = run("serve", *arguments)
    assert (ended, out, part in err) == (code, "", True), err


def test_a_token_file_holds_one_word(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("two words")
    code, _, err = run("serve", "reviews-en", "--token-file", path)
    assert (code, "must hold a token" in err) == (3, True)


def test_without_the_extra_the_command_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)
    code, _, err = run("serve", "reviews-en")
    assert code == 1
    assert "pip install 'sentiment-transfer[studio]'" in err


async def _app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  (ASGI)
    headers = [(b"content-length", b"%d" % SIZE)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * SIZE})


SIZE = 8_000_000


def talk(*sent: bytes, wait: float = 0.05, reads: bool = True, others: int = 0) -> bytes:
    """Send parts to a server with pauses; return all that comes, or nothing if it is not read."""

    async def run() -> bytes:
        config = uvicorn.Config(_app, lifespan="off", ws="none", log_config=None, log_level="error")
        config.load()
        state, loop = ServerState(), asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: protocol.BoundedProtocol(config, state, {}), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(others)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        reading = asyncio.ensure_future(reader.read(100)) if reads else None
        for part in sent:
            if reading is None or not reading.done():
                writer.write(part)
                await asyncio.sleep(wait)
        if reading is not None:
            answer = await asyncio.wait_for(reading, 5)
        else:
            await asyncio.sleep(0.5)
            answer = b"" if not state.connections else b"still there"
        for _, other in [*held, (reader, writer)]:
            other.close()
        server.close()
        await asyncio.sleep(0.05)
        return answer

    return asyncio.run(run())


HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.2)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "sent", [[], [b"GET"], [HEAD], [HEAD, *[b"a: b\r\n"] * 6], [b"\r\n"] * 6, [b"\r\n\r\n"]]
)
def test_headers_that_do_not_end_are_not_waited_for(sent: list[bytes]) -> None:
    assert talk(*sent).startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("hurried")
def test_a_complete_request_has_all_the_time_that_the_guard_gives_it() -> None:
    assert talk(HEAD + b"\r\n", wait=0.4).startswith(b"HTTP/1.1 200 ")


def test_headers_are_bounded() -> None:
    many = [HEAD, *[b"a: " + b"b" * 8000 + b"\r\n"] * 5]
    assert talk(*many).startswith(b"HTTP/1.1 431 ")


def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    assert talk(HEAD + b"\r\n", others=2).startswith(b"HTTP/1.1 200 ")
    refused = talk(HEAD + b"\r\n", others=3)
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in refused


@pytest.mark.usefixtures("hurried")
def test_a_client_that_does_not_read_is_not_kept() -> None:
    assert talk(HEAD + b"\r\n", reads=False) == b""


def test_what_is_not_http_is_refused() -> None:
    assert talk(b"\x16\x03\x01 this is no request\r\n\r\n").startswith(b"HTTP/1.1 400 ")
