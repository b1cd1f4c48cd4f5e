from __future__ import annotations

import io
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer import SentimentClassifier, compare
from sentiment_transfer.base import progress_bars
from sentiment_transfer.base.progress import Progress
from sentiment_transfer.base.progress_bars import shown_progress

if TYPE_CHECKING:
    from .conftest import World

HALF = Progress("pretrain", 500, 1000, "words", {"loss": 2.5}, seconds=10)


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Make standard error a terminal; in a fixture, pytest would replace it before the test."""
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return stream


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bars, "PATIENCE", 0.0)


@pytest.mark.usefixtures("at_once")
def test_bars_appear_on_a_terminal_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with shown_progress("auto") as show:
        assert show is not None
        show(HALF)
    assert "pretrain 500 of 1,000 words, 0:00:10 left, loss 2.5, 50 words/s" in terminal.getvalue()


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with shown_progress("auto") as show:
        assert show is not None
        show(HALF)
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("at_once")
def test_no_callback_shows_nothing(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    terminal = terminal_of(monkeypatch)
    SentimentClassifier().pretrain(world.unlabelled, callback=None)
    assert terminal.getvalue() == ""
    SentimentClassifier().pretrain(world.unlabelled)
    assert "pretrain" in terminal.getvalue()


@pytest.mark.usefixtures("at_once")
def test_a_comparison_shows_its_fits(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    terminal = terminal_of(monkeypatch)
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    settings = {"budgets": [8], "draws": 2, "arms": ["model"]}
    compare(model, world.few(40), world.test, **settings, callback=None)
    assert terminal.getvalue() == ""
    compare(model, world.few(40), world.test, **settings)
    assert "compare 2 of 2 fits" in terminal.getvalue()


def test_a_file_of_messages_gets_no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with shown_progress("auto") as show:
        assert show is None
    monkeypatch.setattr("sys.stderr", None)  # a program without a terminal
    with shown_progress("auto") as show:
        assert show is None


def test_a_notebook_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    with shown_progress("auto") as show:
        assert show is not None


def test_a_callback_of_ones_own_is_called_as_it_is() -> None:
    seen: list[Progress] = []
    with shown_progress(seen.append) as show:
        assert show is not None
        show(HALF)
    assert seen == [HALF]
