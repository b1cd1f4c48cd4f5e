"""The studio as somebody uses it: in a browser, by mouse or keys, on a phone and on a desk."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")
pytest.importorskip("playwright", reason="playwright is not installed: no page is opened")

import httpx
from browser import (
    NO_ANSWER,
    drop,
    fits_the_width,
    grave_faults,
    open_tab,
    press,
    shown_text,
    studio_of,
    visiting,
)
from playwright.sync_api import Browser, Page, expect

from sentiment_transfer import load, read_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browser import Studio

pytestmark = pytest.mark.browser

CORPUS = Path(__file__).resolve().parent.parent / "corpora" / "movies72"
REVIEWS = read_labelled(CORPUS / "held_out.csv")
TRUTH = dict(zip(REVIEWS.texts, map(str, REVIEWS.labels), strict=True))
LABELLED = (CORPUS / "labelled.csv").read_text("utf-8")
TABS = ("Data", "Pretrain", "Label", "Try", "Compare", "Overview", "Use")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SENTENCE = "The plot is dull, but the acting was wonderful and I loved it."
EXAMPLE = "Use the movie reviews that come with it"


def table(*rows: tuple[str, ...]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def reviews(n: int) -> str:
    """Texts with the day on which they came."""
    days = [f"2026-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(n)]
    return table(("text", "day"), *zip(REVIEWS.texts[:n], days, strict=True))


def add_file(page: Page, name: str, content: str) -> None:
    drop(page, name, content)
    page.get_by_role("button", name="Add ").click()
    page.get_by_text("Start to label").wait_for()


def wait_for_model(page: Page, n_labels: int) -> None:
    """Wait until the page has a model of all labels."""
    expect(page.get_by_role("banner")).to_contain_text(f"{n_labels} label")
    expect(page.locator(".fit")).not_to_contain_text("is being fitted")


class Shown(NamedTuple):
    """A text as it was on the screen, and the label that it got."""

    text: str
    label: str
    guess: str


def label_by_keys(page: Page, n: int, before: int) -> list[Shown]:
    """Answer ``n`` texts by their true labels, each after a look at the newest guess."""
    found = []
    for i in range(n):
        wait_for_model(page, before + i)
        text = shown_text(page)
        guess = page.locator(".guess > span").inner_text().split(": ")[1]
        found.append(Shown(text, TRUTH[text], guess.replace("\xa0", " ")))
        press(page, TRUTH[text][0])
    return found


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with studio_of(tmp_path_factory.mktemp("studio") / "reviews.studio.sqlite") as studio:
        yield studio


@pytest.fixture(scope="module")
def answers(chromium: Browser, studio: Studio) -> list[Shown]:
    """Twelve answers, given by keys to a project of two files that were dropped."""
    with visiting(chromium, studio.url, viewport=DESK) as page:
        add_file(page, "reviews.csv", reviews(60))
        add_file(page, "labelled.csv", LABELLED)
        page.get_by_text("Start to label").click()
        found = label_by_keys(page, 12, before=8)
        wait_for_model(page, 20)
        assert page.get_by_text(re.compile(r"right, \d+ to \d+\s%")).is_visible()
        open_tab(page, "Compare")  # it takes a while, in a process of its own
        page.get_by_role("button", name="Compare").click()
        page.get_by_role("progressbar").wait_for()
        return found


def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    return download.value.path().read_bytes()


def test_the_model_of_dropped_files_and_twelve_labels_answers_in_python_as_on_the_page(
    chromium: Browser, studio: Studio, answers: list[Shown], tmp_path: Path
) -> None:
    texts = [SENTENCE, *REVIEWS.texts[60:160], "zzzq qqxx"]
    with visiting(chromium, studio.url) as page:
        open_tab(page, "Use")
        path = tmp_path / "model.safetensors"
        path.write_bytes(downloaded(page, "Download the model"))
        open_tab(page, "Try")
        page.get_by_label("Write something").fill(SENTENCE)
        given = page.locator(".answer-shown .big").inner_text().split()
        content = {"name": "new.txt", "mimeType": "text/plain", "buffer": "\n".join(texts).encode()}
        with page.expect_download() as download:
            page.get_by_label("A file to predict").set_input_files([content])
        rows = [*csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig")))]
    model = load(path)
    labels, proba = model.predict(texts).tolist(), model.predict_proba(texts).max(axis=1)
    assert set(labels) == {"negative", "positive"}
    assert given == [labels[0], f"{100 * proba[0]:.0f}", "%"]
    assert [row["text"] for row in rows] == texts
    assert [row["label"] for row in rows] == labels
    assert [float(row["probability"]) for row in rows] == pytest.approx(proba, abs=1e-4)
    origin = studio.url.partition("/#")[0]
    served = httpx.post(f"{origin}/v1/predict", json={"texts": texts}).json()["predictions"]
    assert [one["label"] for one in served] == labels
    assert [one["probability"] for one in served] == pytest.approx(proba, abs=1e-6)


def test_labels_are_in_the_project_with_time_order_and_the_guess_that_was_shown(
    chromium: Browser, studio: Studio, answers: list[Shown]
) -> None:
    rows = studio.rows(
        "SELECT text, label, guess, probability, at, way FROM labels "
        "WHERE way <> 'given' ORDER BY place"
    )
    assert [Shown(*row[:2], f"{row[2]} {100 * row[3]:.0f} %") for row in rows] == answers
    times = [row[4] for row in rows]
    assert times == sorted(times)
    assert {row[5] for row in rows} == {"measure"}
    with visiting(chromium, studio.url) as page:
        open_tab(page, "Data")
        table = downloaded(page, "Labels as CSV").decode("utf-8")
        lines = downloaded(page, "Labels as JSON lines").decode("utf-8").splitlines()
    for kept in ([*csv.DictReader(io.StringIO(table))], [json.loads(line) for line in lines]):
        assert len(kept) == 8 + 12
        by_hand = kept[8:]
        assert [(row["text"], row["label"], row["at"]) for row in by_hand] == [
            (*shown[:2], at) for shown, at in zip(answers, times, strict=True)
        ]
        assert [row["guess"] for row in by_hand] == [shown.guess.split()[0] for shown in answers]


def test_pretraining_shows_its_curve_survives_a_reload_and_can_be_cancelled(
    chromium: Browser, tmp_path: Path
) -> None:
    """The texts are enough for minutes: it has not ended when it is cancelled."""
    texts = [f"{text} {i}" for i in range(300) for text in REVIEWS.texts[:60]]
    with (
        studio_of(tmp_path / "many.studio.sqlite") as studio,
        visiting(chromium, studio.url) as page,
    ):
        add_file(page, "many.csv", table(("text",), *((text,) for text in texts)))
        add_file(page, "labelled.csv", LABELLED)
        open_tab(page, "Pretrain")
        page.get_by_label("Epochs").fill("1000")
        page.get_by_role("button", name="Pretrain on these texts").click()
        loss = page.get_by_role("img", name=re.compile(r"Loss: \d\.\d+"))
        loss.wait_for()
        page.reload()
        loss.wait_for()
        assert page.get_by_role("heading", name="Pretrain", exact=True).count() == 1
        page.get_by_role("progressbar").wait_for()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("Cancelled.").wait_for()
        open_tab(page, "Label")
        assert page.get_by_role("banner").inner_text().count("8 labels") == 1


def test_an_overview_is_shown_and_kept_as_a_page_of_its_own(
    chromium: Browser, studio: Studio, answers: list[Shown], tmp_path: Path
) -> None:
    with visiting(chromium, studio.url) as page:
        open_tab(page, "Overview")
        page.get_by_role("button", name="Describe them").click()
        share = page.locator(".big").inner_text().split()[0]
        assert page.get_by_role("heading", name="By day").is_visible()
        kept = tmp_path / "overview.html"
        kept.write_bytes(downloaded(page, "Save as a page"))
    with visiting(chromium, kept.as_uri(), offline=True, viewport=PHONE) as page:
        assert share in page.locator("body").inner_text()
        assert fits_the_width(page)
        assert grave_faults(page) == []


def test_a_comparison_shows_what_pretraining_is_worth(
    chromium: Browser, studio: Studio, answers: list[Shown]
) -> None:
    with visiting(chromium, studio.url) as page:
        open_tab(page, "Compare")
        page.get_by_role("img", name="Accuracy by number of labels").wait_for()
        header = page.locator("thead th").all_inner_texts()
        assert header[:2] == ["Labels", "with pretraining"]
        assert "without: TF-IDF" in header
        budgets = page.locator("tbody tr td:first-child").all_inner_texts()
        assert budgets == ["2", "4", "8"]  # of the ten labels that the models learn from


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_no_tab_is_wider_than_the_screen_or_has_a_barrier(
    chromium: Browser, studio: Studio, answers: list[Shown], size: dict[str, int], scheme: str
) -> None:
    with visiting(chromium, studio.url, viewport=size, color_scheme=scheme) as page:
        for name in TABS:
            open_tab(page, name)
            if name == "Try":
                page.get_by_label("Write something").fill(SENTENCE)
                page.locator(".answer-shown").wait_for()
            assert fits_the_width(page), name
            assert grave_faults(page) == [], name
            if name == "Label":
                for button in page.locator(".answers button").all():
                    box = button.bounding_box()
                    assert box is not None
                    assert min(box["x"], box["y"]) >= 0
                    assert box["x"] + box["width"] <= size["width"]
                    assert box["y"] + box["height"] <= size["height"]


GLAD = ["great", "wonderful", "excellent", "perfect"]
SAD = ["awful", "terrible", "boring", "stupid"]


def test_a_label_that_words_and_other_labels_contradict_is_asked_about_at_once(
    chromium: Browser, tmp_path: Path
) -> None:
    texts = [
        f"A {first} and {second} film, the story was {third}."
        for words in (GLAD, SAD)
        for first, second, third in itertools.permutations(words, 3)
    ]
    with studio_of(tmp_path / "p.sqlite") as studio, visiting(chromium, studio.url) as page:
        page.get_by_label("Or paste texts").fill("\n".join(texts))
        page.get_by_role("button", name="Look at them").click()
        page.get_by_role("button", name="Add 48 texts").click()
        page.get_by_text("Start to label").click()
        for i in range(10):
            is_glad = shown_text(page).split()[1] in GLAD
            press(page, "p" if is_glad != (i == 9) else "n")  # the last one is wrong
        asked = page.locator(".doubt")
        expect(asked).to_contain_text(f"You said {'negative' if is_glad else 'positive'}.")
        page.keyboard.press("c")
        expect(asked).to_have_count(0)
        studio.expect_rows(
            "SELECT count(*), sum((text LIKE '%great%' OR text LIKE '%wonderful%' OR "
            "text LIKE '%perfect%') = (label = 'positive')) FROM labels",
            [(10, 10)],
        )


def test_without_the_key_of_the_link_nothing_is_shown(chromium: Browser, studio: Studio) -> None:
    with visiting(chromium, studio.url.partition("#")[0]) as page:
        page.get_by_text("This page needs the link").wait_for()
        assert page.get_by_role("navigation").count() == 0
        assert grave_faults(page) == []


def focus_by_tab(page: Page, name: str) -> None:
    """Press Tab until an element with this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_keyboard_is_enough(chromium: Browser, tmp_path: Path) -> None:
    with studio_of(tmp_path / "p.sqlite") as studio, visiting(chromium, studio.url) as page:
        expect(page.get_by_role("heading", name="Add your texts")).to_be_visible()
        assert grave_faults(page) == []
        focus_by_tab(page, EXAMPLE)
        page.keyboard.press("Enter")
        page.get_by_text("Start to label").wait_for()
        focus_by_tab(page, "Label")
        page.keyboard.press("Enter")
        first = shown_text(page)
        press(page, "p")
        second = shown_text(page)
        press(page, "s")
        press(page, "n")
        assert page.locator(".recent .chip").all_inner_texts() == [
            "negative",
            "skipped",
            "positive",
        ]
        for expected in (None, second, first):
            page.keyboard.press("u")
            if expected:
                expect(page.locator(".item .text")).to_have_text(expected)
        press(page, "2")
        page.keyboard.press("?")
        expect(page.get_by_text("undo the last answer")).to_be_visible()
        studio.expect_rows(
            "SELECT text, label FROM labels WHERE way <> 'given'", [(first, "positive")]
        )


def test_a_killed_server_loses_nothing_and_gets_what_was_answered_meanwhile_once(
    chromium: Browser, tmp_path: Path
) -> None:
    with (
        studio_of(tmp_path / "p.sqlite") as studio,
        visiting(chromium, studio.url, allowed=NO_ANSWER) as page,
    ):
        page.get_by_role("button", name=EXAMPLE).click()
        page.get_by_text("Start to label").click()
        texts = []
        for key in "pnp":
            texts.append(shown_text(page))
            press(page, key)
        expect(page.get_by_role("banner")).to_contain_text("11 labels")
        studio.kill()
        page.get_by_text("The server does not answer.").wait_for()
        texts.append(shown_text(page))
        press(page, "n")
        page.get_by_text("1 answer kept here until then").wait_for()
        studio.start()
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.get_by_role("banner")).to_contain_text("12 labels")
        rows = studio.rows(
            "SELECT texts.text, label FROM answers JOIN texts "
            "ON texts.id = text_id WHERE way <> 'given' ORDER BY answers.id"
        )
        assert rows == [*zip(texts, ["positive", "negative", "positive", "negative"], strict=True)]


SCRIPT = "</script><script>document.title='x'</script>"
HOSTILE = [
    f"{SCRIPT} a great film",
    "<img src=x onerror=\"document.title='x'\"> an awful film",
    '=HYPERLINK("http://x","a great film")',
    "javascript:document.title='x' a boring film",
    "<svg onload=alert(1)> <a href=javascript:alert(1)>a wonderful film</a>",
    "<b>not</b> &lt;i&gt;funny&lt;/i&gt; <!-- ${1+1} {{1+1}}",
]


def test_scripts_and_formulas_as_reviews_stay_text(chromium: Browser, tmp_path: Path) -> None:
    texts = [f"{HOSTILE[i % 6]} number {i}" for i in range(60)]
    rows = [(text, (SCRIPT, "=1+1")[i % 2], "@SUM(1)") for i, text in enumerate(texts)]
    named = "<img src=x onerror=alert(1)>"
    content = table(("text", named, "=cmd|' /C calc'!A0"), *rows)
    with studio_of(tmp_path / "p.sqlite") as studio, visiting(chromium, studio.url) as page:
        drop(page, "<img src=x onerror=alert(1)>.csv", content)
        page.get_by_role("button", name="Add 60 texts").wait_for()
        assert page.locator("td").first.inner_text() == texts[0]
        page.get_by_role("button", name="Add 60 texts").click()
        page.get_by_text("Start to label").click()
        for _ in range(9):
            text = shown_text(page)
            assert text in texts
            press(page, "p" if re.search("great|wonderful", text) else "n")
        open_tab(page, "Try")
        for text in HOSTILE:
            page.get_by_label("Write something").fill(text)
            expect(page.locator(".answer-shown .text")).to_have_text(text)
        open_tab(page, "Overview")
        page.get_by_label("Grouped by").select_option(named)
        page.get_by_role("button", name="Describe them").click()
        page.get_by_role("heading", name=f"By {named}").wait_for()
        overview = tmp_path / "overview.html"
        overview.write_bytes(downloaded(page, "Save as a page"))
        open_tab(page, "Data")
        labels = downloaded(page, "Labels as CSV").decode("utf-8")
        for name in TABS:
            open_tab(page, name)
            assert page.locator("#app :is(script, img, svg, b i)").count() == 0
    cells = [cell for row in csv.reader(io.StringIO(labels)) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]
    with visiting(chromium, overview.as_uri(), offline=True) as page:
        assert page.title() != "x"
        assert SCRIPT in page.locator("body").inner_text()
        assert page.locator("img").count() == 0
