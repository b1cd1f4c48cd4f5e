"""The exported page, opened from disk in a browser whose network is off."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: no page is opened")

from browser import fits_the_width, grave_faults, visiting

from sentiment_transfer import SentimentClassifier, load, read_labelled
from sentiment_transfer.export import page_of, tables_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

CORPUS = Path(__file__).resolve().parent.parent / "corpora" / "movies72"
SENTENCE = "The plot is dull, but the acting was wonderful and I loved it."
TEXTS = [*read_labelled(CORPUS / "held_out.csv").texts, "zzzq qqxx", '=HYPERLINK("http://x")']


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    phrases = read_labelled(CORPUS / "labelled.csv")
    return load("reviews-en").fit(phrases.texts, phrases.labels)


@pytest.fixture(scope="module")
def url(model: SentimentClassifier, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("export") / "page.html"
    path.write_text(page_of(tables_of(model.stages_, "films")), encoding="utf-8")
    return path.as_uri()


def test_a_sentence_and_a_file_get_the_answers_of_python_without_a_network(
    chromium: Browser, model: SentimentClassifier, url: str
) -> None:
    with visiting(chromium, url, offline=True) as page:
        page.get_by_label("A text").fill(SENTENCE)
        label = page.locator("#label").inner_text()
        percent = page.locator("#probability").inner_text()
        content = "\n".join(TEXTS).encode()
        file = {"name": "new.txt", "mimeType": "text/plain", "buffer": content}
        page.get_by_label("One text a line").set_input_files([file])
        with page.expect_download() as download:
            page.get_by_role("link", name="Save predicted.csv").click()
        saved = download.value.path().read_text("utf-8-sig")
    (proba,) = model.predict_proba([SENTENCE]).max(axis=1)
    assert (label, percent) == (model.predict([SENTENCE])[0], f"{100 * proba:.1f} %")
    rows = [*csv.DictReader(io.StringIO(saved))]
    assert [row["text"] for row in rows] == [*TEXTS[:-1], f"'{TEXTS[-1]}"]
    assert [row["label"] for row in rows] == model.predict(TEXTS).tolist()
    expected = model.predict_proba(TEXTS).max(axis=1)
    assert [float(row["probability"]) for row in rows] == pytest.approx(expected, abs=1e-4)
    coverage = model.coverage(TEXTS)
    assert [float(row["coverage"]) for row in rows] == pytest.approx(coverage, abs=1e-6)


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_page_fits_any_screen_and_has_no_barrier(
    chromium: Browser, url: str, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    with visiting(chromium, url, offline=True, viewport=size, color_scheme=scheme) as page:
        assert grave_faults(page) == []
        page.get_by_label("A text").fill(SENTENCE)
        page.locator("#tinted mark").first.wait_for()
        assert grave_faults(page) == []
        assert fits_the_width(page)


def test_a_script_as_a_text_stays_text(chromium: Browser, url: str) -> None:
    text = "</script><script>document.title='x'</script> <img src=x onerror=alert(1)> great"
    with visiting(chromium, url, offline=True) as page:
        title = page.title()
        page.get_by_label("A text").fill(text)
        page.locator("#tinted mark").first.wait_for()
        assert page.locator("#tinted").inner_text() == text
        assert page.title() == title
        assert page.locator("main :is(img, script)").count() == 0
