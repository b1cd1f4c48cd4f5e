"""The studio as a user has it: the command, and its page in a browser."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentiment_transfer import load

pytest.importorskip("starlette", reason="the extra studio is not installed")
playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: no page is opened"
)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("chromium is not installed: no page is opened", allow_module_level=True)
pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
MOVIES = Path(__file__).resolve().parent.parent / "corpora" / "movies72" / "unlabelled.txt"
TABS = ["data", "pretrain", "label", "try", "compare", "overview", "use"]
BETWEEN_KEYS_MS = 130
"""The same key within 100 ms after a new text is taken for a bounce."""


class Command:
    """A running ``sentiment-transfer studio``, which can be killed and started again."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.arguments = folder, [str(each) for each in arguments]
        self.log = folder / "log.txt"
        self.start()

    def start(self) -> None:
        own = ["--project", str(self.folder / "own.sqlite"), "--port", str(self.port)]
        command = [sys.executable, "-m", "sentiment_transfer", "studio", *self.arguments, *own]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [*command, "--no-browser"], stdout=log, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + 60
        while not (found := re.search(r"http://\S+#token=\S+", self.log.read_text())):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        self.link = found[0]
        self.url = self.link.partition("/#")[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    yield opened
    opened.close()


@pytest.fixture
def said(context: BrowserContext) -> list[str]:
    """What the console says, and requests to other hosts than this machine."""
    found: list[str] = []
    context.on("console", lambda message: found.append(message.text))
    context.on("weberror", lambda error: found.append(str(error.error)))
    context.on("dialog", lambda dialog: found.append(dialog.message))
    context.on(
        "request",
        lambda sent: (
            None if re.match(r"(http://127\.0\.0\.1|blob:)", sent.url) else found.append(sent.url)
        ),
    )
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path)
    yield command
    command.kill()


@pytest.fixture
def movies(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path, MOVIES)
    yield command
    command.kill()


def press(page: Page, key: str) -> str:
    """Press the key of a label; return the text that was on the screen."""
    text = page.inner_text(".text")
    page.wait_for_timeout(BETWEEN_KEYS_MS)
    page.keyboard.press(key)
    changed = "text => document.querySelector('.text')?.innerText !== text"
    page.wait_for_function(changed, arg=text)
    return text


def labels(page: Page, folder: Path) -> dict[str, str]:
    """Return the labels of the project by their text, as the page gives them away."""
    page.click("nav >> text=Data")
    with page.expect_download() as started:
        page.click("text=Labels as JSON lines")
    started.value.save_as(folder / "labels.jsonl")
    rows = map(json.loads, (folder / "labels.jsonl").read_text("utf-8").splitlines())
    return {" ".join(row["text"].split()): row["label"] for row in rows}


def open_labels(page: Page, command: Command) -> None:
    page.goto(command.link)
    page.wait_for_selector(".text", timeout=60_000)


def is_free_of_violations(page: Page) -> bool:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed: no rules are checked"
    )
    found = axe.Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert not serious, json.dumps(serious, indent=1)[:3000]
    return True


def test_from_a_dropped_file_by_twelve_keys_to_a_model_that_predicts_the_same_in_python(
    empty: Command, context: BrowserContext, said: list[str], tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(empty.link)
    page.wait_for_selector("text=Add your texts")
    assert page.url == f"{empty.url}/#data"  # the token is gone from the address
    dropped = page.evaluate_handle(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "movies.txt"));
          return data;
        }""",
        MOVIES.read_text("utf-8"),
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    page.click("text=Add 62 texts")
    page.click("text=Start to label")
    page.wait_for_selector(".text", timeout=60_000)
    assert page.locator(".text mark").count() > 0  # words are tinted before the first label
    for _, key in zip(range(12), cycle("pn"), strict=False):
        press(page, key)
    page.wait_for_selector(".big")  # the accuracy
    page.wait_for_selector("text=/^Model 1[2-9]/")
    page.click("nav >> text=Try")
    page.fill("#sentence", "A clever film, but far too long.")
    page.wait_for_selector(".answer-shown .chip")
    shown = page.inner_text(".answer-shown .big").split()
    page.click("nav >> text=Use")
    with page.expect_download() as started:
        page.click("text=Download the model")
    started.value.save_as(tmp_path / "model.safetensors")
    model: Any = load(tmp_path / "model.safetensors")
    (proba,) = model.predict_proba(["A clever film, but far too long."])
    assert shown == [str(model.classes_[proba.argmax()]), f"{proba.max():.0%}"[:-1], "%"]
    assert said == []


def test_everything_from_the_example_to_an_undone_label_by_keys_alone(
    empty: Command, context: BrowserContext, said: list[str], tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(empty.link)
    page.wait_for_selector("text=Add your texts")

    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator("a:focus, button:focus")
        if focused.count() and "72 movie reviews" in focused.inner_text():
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Start to label", timeout=60_000)
    page.keyboard.press("Enter")  # the focus is there
    page.wait_for_selector(".text", timeout=60_000)
    page.keyboard.press("?")
    page.wait_for_selector("text=undo the last answer")
    first = press(page, "p")
    skipped = press(page, "s")
    second = press(page, "1")
    third = press(page, "n")
    page.keyboard.press("u")
    page.wait_for_function("t => document.querySelector('.text').innerText === t", arg=third)
    page.wait_for_timeout(500)
    found = labels(page, tmp_path)
    assert found[" ".join(first.split())] == "positive"
    assert found[" ".join(second.split())] == "negative"
    assert " ".join(skipped.split()) not in found
    assert " ".join(third.split()) not in found
    assert said == []


def test_a_double_press_and_a_held_key_label_one_text(
    movies: Command, context: BrowserContext, tmp_path: Path
) -> None:
    page = context.new_page()
    open_labels(page, movies)
    page.keyboard.press("p")
    page.keyboard.press("p")
    page.wait_for_timeout(600)
    page.keyboard.down("n")
    for _ in range(5):
        page.keyboard.down("n")  # as a keyboard repeats
    page.keyboard.up("n")
    page.wait_for_timeout(600)
    assert len(labels(page, tmp_path)) == 2


def test_no_answer_is_lost_when_the_server_is_killed_and_the_page_reloaded(
    movies: Command, context: BrowserContext, tmp_path: Path
) -> None:
    page, given = context.new_page(), {}
    open_labels(page, movies)
    for turn in range(3):
        given[press(page, "p")] = "positive"
        movies.kill()
        given[press(page, "n")] = "negative"  # nobody is there
        page.wait_for_selector("text=The server does not answer")
        movies.start()
        page.wait_for_selector("text=The server does not answer", state="detached")
        page.wait_for_selector(".text", timeout=60_000)
        if turn:
            given[press(page, "p")] = "positive"
            page.reload()
            assert page.url.endswith("#label")
            page.wait_for_selector(".text", timeout=60_000)
    page.wait_for_function("sessionStorage.getItem('studio.answers') === '[]'")
    wanted = {" ".join(text.split()): label for text, label in given.items()}
    assert labels(page, tmp_path) == wanted
    assert len(wanted) == 8


def test_a_page_without_the_token_says_what_to_open_and_resumes_when_it_is_opened(
    movies: Command, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(movies.url)
    page.wait_for_selector("text=the link that the command printed")
    open_labels(context.new_page(), movies)
    page.wait_for_selector(".text", timeout=60_000)


HOSTILE = [
    "<script>alert('a')</script> a wonderful film",
    "<img src=x onerror=alert('b')> boring",
    '=HYPERLINK("http://127.0.0.1:1/","click") awful',
    "</p><style>*{display:none}</style> great {{7*7}} ${7*7}",
]


def test_scripts_and_formulas_stay_text_on_the_page_and_in_the_table(
    tmp_path: Path, context: BrowserContext, said: list[str]
) -> None:
    with (tmp_path / "hostile.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text"], *[[text] for text in HOSTILE]])
    command = Command(tmp_path)
    try:
        page = context.new_page()
        page.goto(command.link)
        page.set_input_files("input[type=file]", tmp_path / "hostile.csv")
        page.wait_for_selector("table")
        assert page.locator("td").all_inner_texts() == HOSTILE
        page.click("text=Add 4 texts")
        page.click("text=Start to label")
        page.wait_for_selector(".text", timeout=60_000)
        assert {press(page, "pn"[i % 2]) for i in range(3)} <= set(HOSTILE)
        page.click("nav >> text=Try")
        with page.expect_download() as started:
            page.set_input_files("input[type=file]", tmp_path / "hostile.csv")
        started.value.save_as(tmp_path / "predicted.csv")
        with (tmp_path / "predicted.csv").open(newline="", encoding="utf-8-sig") as file:
            rows = [row["text"] for row in csv.DictReader(file)]
        assert rows == [HOSTILE[0], HOSTILE[1], f"'{HOSTILE[2]}", HOSTILE[3]]
        assert said == []
    finally:
        command.kill()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_tab_fits_the_screen_and_breaks_no_rule_of_axe(
    width: int, movies: Command, browser: Browser
) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        page = context.new_page()
        open_labels(page, movies)
        for key in "pnpnpnpnp" if scheme == "light" else "":
            press(page, key)
        for tab in TABS:
            page.goto(f"{movies.url}/#{tab}")
            page.wait_for_selector("main section")
            if tab == "try":
                page.fill("#sentence", "A clever film, but far too long.")
                page.wait_for_selector(".answer-shown")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert is_free_of_violations(page)
        context.close()
