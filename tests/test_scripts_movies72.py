"""The demo: its steps, its table, its picture and its conclusion."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from in_process import said_by

from scripts.movies72 import (
    CORPORA,
    SENTENCES,
    Way,
    by_chance,
    conclusion,
    draw,
    halves,
    main,
    table,
)
from sentiment_transfer import load, read_labelled

pytestmark = pytest.mark.needs_extra("plot", "torch")

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["en", pytest.param("zh", marks=pytest.mark.needs_extra("zh"))]
WAYS = [
    Way("words alone", None, 51.0, 4.0),
    Way("random", None, 48.0, 3.0),
    Way("own", 66.0, 65.0, 2.0),
    Way("counted", 63.0, None, 0.0),
    Way("shipped", 74.0, 73.0, 2.0),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> object:
    @cache
    def said(language: str) -> str:
        arguments = ("--draws", 2, "--language", language, "--out", folder)
        return said_by(main, *arguments, warned="error")

    return said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_demo_says_each_step_before_it_and_ends_with_a_command(
    demo: object, folder: Path, language: str
) -> None:
    said = demo(language)  # type: ignore[operator]
    steps = [line for line in said.splitlines() if re.match(r"\d\. ", line)]
    assert [line[0] for line in steps] == ["1", "2", "3", "4"]
    *_, before, last = said.splitlines()
    assert before == "Next, with a file of your own:"
    assert last.endswith(f"sentiment-transfer predict reviews-{language} your.csv --text COLUMN")
    for suffix in ("svg", "png"):
        path = folder / f"{CORPORA[language]}.{suffix}"
        assert f"   {path}\n" in said
        assert path.stat().st_size > 1_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_demo_prints_what_the_shipped_model_answers(demo: object, language: str) -> None:
    model = load(f"reviews-{language}")
    for sentence in SENTENCES[language]:
        (label,), (shares,) = model.predict([sentence]), model.predict_proba([sentence])
        assert re.search(
            rf"{label} +{shares.max():.2f}  {re.escape(sentence)}\n",
            demo(language),  # type: ignore[operator]
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_five_rows_and_the_accuracy_of_the_shipped_model(
    demo: object, language: str
) -> None:
    said = demo(language)  # type: ignore[operator]
    tested = halves(read_labelled(ROOT / "corpora" / CORPORA[language] / "held_out.csv"))[1]
    right = load(f"reviews-{language}").predict(tested.texts) == np.array(tested.labels)
    rows = said.split("8 labels (mean, sd)\n")[1].split("\n\n")[0].splitlines()
    assert len(rows) == 5
    assert rows[-1].split()[3] == f"{100 * right.mean():.1f}"
    assert rows[3].startswith("   seed words counted")


def test_the_table_leaves_out_what_a_way_cannot_do() -> None:
    rows = [line.split() for line in table(WAYS).splitlines()[2:]]
    assert rows[0] == ["words", "alone", "51.0", "±", "4.0"]
    assert rows[2] == ["own", "66.0", "65.0", "±", "2.0"]
    assert rows[3] == ["counted", "63.0"]


def test_the_picture_has_every_figure_at_its_row_and_none_beside_it() -> None:
    (axes,) = draw(WAYS, 165).axes
    rows = {label.get_text(): y for label, y in zip(
        axes.get_yticklabels(), axes.get_yticks(), strict=True
    )}  # fmt: skip
    points = {
        (float(x), float(y))
        for line in axes.get_lines()
        if line.get_marker() == "o"
        for x, y in zip(*line.get_data(), strict=True)
    }
    expected = {(way.without_labels, rows[way.name]) for way in WAYS if way.without_labels}
    expected |= {(way.with_labels, rows[way.name]) for way in WAYS if way.with_labels}
    assert points == expected


@pytest.mark.parametrize("shipped", [74.0, 50.0])
def test_the_conclusion_holds_the_figures_whatever_they_are(shipped: float) -> None:
    ways = [*WAYS[:4], Way("shipped", shipped, 73.0, 2.0)]
    said = conclusion(ways, 165)
    assert re.findall(r"[\d.]+ %", said) == ["48.0 %", "65.0 %", f"{shipped} %", "63.0 %"]
    assert "165 reviews" in said


def test_chance_on_200_texts_is_two_standard_errors_of_a_difference() -> None:
    assert by_chance(168) == pytest.approx(10.0)  # 200 sqrt(0.42 / 168) = 200 * 0.05
