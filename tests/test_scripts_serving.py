"""The measurement of the HTTP API, with a second of load."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

pytest.importorskip("uvloop", reason="the extra studio is not installed")

from scripts.speed import serving, serving_restarts


def test_requests_are_whole_and_differ() -> None:
    bodies = serving.requests(2)
    assert len(set(bodies)) == len(bodies) == serving.BODIES
    head, body = bodies[0].split(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert {len(text.split()) for text in serving.texts(50)} == {serving.WORDS}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_a_short_run_measures_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "RESULTS", tmp_path)
    wait = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: wait(min(seconds, 0.5)))
    found = serving.measure(0.3, 1)
    assert set(serving.TARGETS) <= set(found)
    assert all(value > 0 for values in found.values() for value in values)
    serving.write(serving.SOAK, ["kept"])
    serving.report(found, 1.0)
    page = (tmp_path / "serving.md").read_text("utf-8")
    assert page.startswith("# Serving\n")
    assert "| single requests a second | >= 10,000 | " in page
    assert page.endswith(f"\n\n## {serving.SOAK}\n\nkept\n")


def test_failures_count_inside_and_outside_of_restarts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "RESULTS", tmp_path)
    windows = [serving_restarts.Window("SIGTERM", 1, 2), serving_restarts.Window("SIGKILL", 5, 8)]
    serving_restarts.report(10, windows, 1_000, 0, [1.5, 3.0, 5.0, 8.0])
    page = (tmp_path / "serving.md").read_text("utf-8")
    assert "1,000 requests answered, 1 failed outside" in page
    assert "| SIGTERM | 1 | 1.00 | 1.00 | 1 |" in page
    assert "| SIGKILL | 1 | 3.00 | 3.00 | 2 |" in page
