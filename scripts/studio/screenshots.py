"""Make the pictures of the README: the studio after some forty labels.

    python scripts/studio/screenshots.py [FOLDER]

The texts are those of corpora/movies72, labelled as their authors meant them. Needs Playwright and
Chromium (``CHROMIUM=PATH``, if it is not on the path).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

from sentiment_transfer import read_labelled, read_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Page, ViewportSize

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT / "corpora" / "movies72"
IMAGES = ROOT / "docs" / "images"
MIXED = {6, 18, 23, 27, 44, 55}
POSITIVE = {
    *(1, 3, 5, 8, 10, 12, 13, 15, 17, 20, 22, 24, 26, 29, 31, 33, 35, 37, 39, 41, 43, 46, 48, 50),
    *(52, 54, 57, 59, 61),
}
"""Lines of unlabelled.txt; the others are negative."""
N_LABELS = 40
LENGTHS = range(120, 330)
"""Characters of a text that a picture shows well."""
BOUNCE_MS = 120
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


def answers() -> dict[str, str]:
    """The key of each text: p, n, or s for a mixed one."""
    reviews = read_texts(CORPUS / "unlabelled.txt")
    keys = {
        text: "s" if n in MIXED else "p" if n in POSITIVE else "n"
        for n, text in enumerate(reviews, 1)
    }
    held_out = read_labelled(CORPUS / "held_out.csv")
    for text, label in zip(held_out.texts, held_out.labels, strict=True):
        keys[text] = str(label)[0]
    return keys


@contextmanager
def studio(texts: Path) -> Iterator[str]:
    """Run the command; yield the link that it prints."""
    command = [sys.executable, "-m", "sentiment_transfer", "studio", str(texts), "--port", "0"]
    with subprocess.Popen(
        [*command, "--no-browser", "--project", str(texts.with_name("films.studio.sqlite"))],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        lines = map(re.compile(r"open (http://\S+)").match, process.stderr or [])
        yield next(found[1] for found in lines if found)
        process.terminate()


def label(page: Page, keys: Mapping[str, str]) -> None:
    """Answer texts until there are enough labels and a text that suits a picture."""
    text, n = page.locator(".item .text"), 0
    while n < N_LABELS or len(text.inner_text()) not in LENGTHS:
        shown = text.inner_text()
        page.wait_for_timeout(BOUNCE_MS)
        page.keyboard.press(keys[shown])
        n += keys[shown] != "s"
        expect(text).not_to_have_text(shown)
    page.wait_for_timeout(1_500)  # the curve becomes more certain in idle time
    page.mouse.move(0, 0)


def save(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        picture.quantize(128).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    folder = Path(sys.argv[1]) if sys.argv[1:] else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    keys, chromium = answers(), os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        texts = Path(place) / "films.txt"
        texts.write_text("\n".join(keys), encoding="utf-8")
        browser = driver.chromium.launch(executable_path=chromium, args=["--disable-gpu"])
        with studio(texts) as url:
            page = browser.new_page(viewport=DESK, color_scheme="light")
            page.goto(url)
            label(page, keys)
            save(page, folder / "studio-label.png")
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size(PHONE)
            page.wait_for_timeout(500)
            save(page, folder / "studio-label-phone.png")
        browser.close()


if __name__ == "__main__":
    main()
