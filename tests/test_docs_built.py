"""The built site: its links, no other host, pages in a browser; `scripts/dev.py docs` builds it."""

from __future__ import annotations

import re
import threading
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from browser import fits_the_width, grave_faults, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SITE = Path(__file__).resolve().parent.parent / "docs" / "_build" / "html"
pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").is_file(),
    reason="the site is not built: python3 scripts/dev.py docs",
)
LOOKED_AT = [
    "index.html",
    "gallery/3_measure.html",
    "how-to/too-many-positives.html",
    "explanation/when-not-to-use-this.html",
    "reference/commands/predict.html",
    "reference/api/names/sentiment_transfer.SentimentClassifier.html",
    "results/accuracy.html",
]
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "srcset", "video": "src"}


class Links(HTMLParser):
    """What a page links to, what it loads, and which places it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = {""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("canonical", "author"):
            self.loads.append(given["href"])
        elif tag in LOADS and LOADS[tag] in given:
            self.loads.append(given[LOADS[tag]])


@cache
def links_of(page: Path) -> Links:
    found = Links()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def is_elsewhere(target: str) -> bool:
    return bool(re.match(r"(?:[a-z]+:)?//|mailto:", target))


def pages() -> list[Path]:
    return sorted(SITE.rglob("*.html"))


def test_no_page_loads_anything_from_another_host() -> None:
    loads = [(page.name, load) for page in pages() for load in links_of(page).loads]
    assert [pair for pair in loads if is_elsewhere(pair[1])] == []
    for style in SITE.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", style.read_text("utf-8")), style


def test_every_link_within_the_site_has_a_target() -> None:
    broken = []
    for page in pages():
        for link in {link for link in links_of(page).links if not is_elsewhere(link)}:
            path, _, place = unquote(link).partition("#")
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            target = target / "index.html" if target.is_dir() else target
            is_page = target.suffix == ".html"
            if not target.is_file() or (is_page and place not in links_of(target).places):
                broken.append(f"{page.relative_to(SITE)}: {link}")
    assert broken == []


def test_every_tutorial_can_be_downloaded_as_a_notebook() -> None:
    for page in sorted((SITE / "gallery").glob("[0-9]_*.html")):
        names = {Path(link).name for link in links_of(page).links}
        assert {f"{page.stem}.ipynb", f"{page.stem}.py"} <= names


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = partial(Quiet, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_fits_asks_no_other_host_and_has_no_grave_fault(
    name: str, width: int, scheme: str, address: str, chromium: Browser
) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with visiting(chromium, f"{address}/{name}", **options) as page:
        page.wait_for_load_state("networkidle")
        assert fits_the_width(page)
        assert list(grave_faults(page)) == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_a_wide_table_keeps_its_first_column_and_shows_that_there_is_more(
    width: int, address: str, chromium: Browser
) -> None:
    size = {"width": width, "height": 900}
    with visiting(chromium, f"{address}/benchmarks.html", viewport=size) as page:
        wide = page.locator(".table-wrapper:has(th:nth-child(9))").first
        first = wide.locator("td").first
        seen, whole = wide.evaluate("el => [el.clientWidth, el.scrollWidth]")
        assert first.evaluate("el => el.clientWidth") < 0.35 * seen
        assert (seen < whole) == (width == 390)  # all of it fits beside the navigation
        assert "linear-gradient" in wide.evaluate("el => getComputedStyle(el).backgroundImage")
        before = first.bounding_box()
        wide.evaluate("element => { element.scrollLeft = 200 }")
        after = first.bounding_box()
        assert before is not None
        assert after is not None
        assert abs(after["x"] - before["x"]) < 12  # the padding of the table


@pytest.mark.browser
@pytest.mark.slow
def test_the_search_finds_a_page_without_another_host(address: str, chromium: Browser) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, f"{address}/search.html?q=prevalence") as page:
        found = page.locator("ul.search li a")
        expect(found.first).to_be_visible()
        assert found.count() > 3
