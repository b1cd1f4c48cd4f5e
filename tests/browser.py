"""Pages in the system's Chromium, driven by Playwright, and the studio as a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from importlib.resources import files
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
WAIT_MS = 20_000
BOUNCE_MS = 120
"""The page takes a second key press in less for a bounce."""
NO_ANSWER = "Failed to load resource"
"""What Chromium itself writes of a request that is refused, or that no server answers."""


def chromium_path() -> str:
    """Where Chromium is; skips the test if there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip(
            "no Chromium: no page is opened; install it (Debian: apt-get install chromium), or "
            "name one by the environment variable CHROMIUM"
        )
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser; skips the test if Playwright or Chromium is missing."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: no page is opened"
    )
    path, is_root = chromium_path(), getattr(os, "geteuid", lambda: 1)() == 0
    playwright.expect.set_options(timeout=WAIT_MS)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=FLAGS, chromium_sandbox=not is_root
        )
        yield browser
        browser.close()


@contextmanager
def visiting(
    browser: Browser, url: str, *, allowed: str = "(?!)", **options: object
) -> Iterator[Page]:
    """A page that must write nothing to the console and ask no other origin.

    ``allowed`` matches what the console may hold all the same; ``options`` are those of a context.
    """
    context = browser.new_context(**cast("Any", options))
    context.set_default_timeout(WAIT_MS)
    origin, wrong = "/".join(url.split("/")[:3]), []

    def asked(address: str) -> None:
        if not address.startswith((f"{origin}/", f"blob:{origin}/", "data:", "blob:null/")):
            wrong.append(f"asked {address}")

    def said(line: str) -> None:
        if not re.match(allowed, line):
            wrong.append(line)

    context.on("request", lambda request: asked(request.url))
    context.on("console", lambda message: said(message.text))
    context.on("weberror", lambda error: wrong.append(f"error: {error.error}"))
    context.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    try:
        page = context.new_page()
        page.goto(url)
        yield page
    finally:
        context.close()
    assert wrong == []


class Studio:
    """The command ``studio`` on a project; it can be killed and started again.

    Attributes
    ----------
    url
        The link that it printed, with the token.
    """

    def __init__(self, project: Path) -> None:
        self.project = project
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "sentiment_transfer", "studio", "--no-browser"]
        self._process = subprocess.Popen(  # noqa: S603
            [*command, "--project", str(self.project), "--port", str(self.port)],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        said = ""
        for line in self._process.stderr:
            if found := re.match(r"open (http://\S+)", line):
                self.url = found[1]
                return
            said += line
        raise AssertionError(said)

    def kill(self) -> None:
        """As ``kill -9``."""
        assert self._process.stderr is not None
        self._process.kill()
        self._process.wait()
        self._process.stderr.close()

    def rows(self, query: str) -> list[Any]:
        """What any SQLite tool reads in the file of the project."""
        with closing(sqlite3.connect(f"file:{self.project}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def expect_rows(self, query: str, expected: list[Any]) -> None:
        """Wait until the rows are as expected."""
        end = monotonic() + WAIT_MS / 1_000
        while (found := self.rows(query)) != expected and monotonic() < end:
            sleep(0.05)
        assert found == expected


@contextmanager
def studio_of(project: Path) -> Iterator[Studio]:
    """A studio that runs until the end of the block."""
    studio = Studio(project)
    try:
        yield studio
    finally:
        studio.kill()


def drop(page: Page, name: str, content: str) -> None:
    """Drop a file on the page, as from a file manager."""
    data = page.evaluate_handle(
        """([name, content]) => {
            const data = new DataTransfer();
            data.items.add(new File([content], name));
            return data;
        }""",
        [name, content],
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": data})


def open_tab(page: Page, name: str) -> None:
    from playwright.sync_api import expect

    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    expect(page).to_have_title(f"{name} – studio")


def shown_text(page: Page) -> str:
    """The text to label."""
    return page.locator(".item .text").inner_text()


def press(page: Page, key: str) -> None:
    """Press a key as somebody does who has read the text, and wait for the next one."""
    from playwright.sync_api import expect

    text = page.locator(".item .text")
    before = text.inner_text()
    page.wait_for_timeout(BOUNCE_MS)
    page.keyboard.press(key)
    expect(text).not_to_have_text(before)


def fits_the_width(page: Page) -> bool:
    """Whether nothing can be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def grave_faults(page: Page) -> Sequence[str]:
    """What axe-core finds serious or critical for people who see, hear or move differently."""
    package = pytest.importorskip(
        "axe_playwright_python", reason="axe-playwright-python is not installed"
    )
    script = (files(package) / "axe.min.js").read_text("utf-8")
    page.evaluate(script)  # a script element would break the page's policy
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [
        f"{fault['id']}: {json.dumps([node['html'] for node in fault['nodes']])}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
