"""The measurement of the HTTP API, with a second of load."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("uvloop", reason="the extra studio is not installed")

from scripts.speed import serving


def test_requests_are_whole_and_differ() -> None:
    bodies = serving.requests(2)
    assert len(set(bodies)) == len(bodies) == serving.BODIES
    head, body = bodies[0].split(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert {len(text.split()) for text in serving.texts(50)} == {serving.WORDS}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_a_short_run_measures_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "RESULTS", tmp_path)
    found = serving.measure(0.3, 2)
    assert set(serving.TARGETS) <= set(found)
    assert all(value > 0 for values in found.values() for value in values)
    serving.write("", "\n\nkept\n")
    serving.report(found, 1.0)
    page = (tmp_path / "serving.md").read_text("utf-8")
    assert page.startswith("# Serving\n")
    assert "| single requests a second | >= 10,000 | " in page
    assert page.endswith(f"{serving.SOAK}\n\nkept\n")
