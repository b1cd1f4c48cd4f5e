"""The most positive and negative words as a picture."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.base.figures import AGAINST, FOR, fonts_for
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.polar_words import plot_polar_words

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World


def listed(**polarity: float) -> pd.DataFrame:
    return pd.DataFrame({"word": list(polarity), "polarity": list(polarity.values()), "count": 30})


def test_every_word_is_written_and_every_bar_has_the_colour_of_its_side(tmp_path: Path) -> None:
    path = tmp_path / "words.svg"
    plot_polar_words(listed(great=2.5, good=1.0, bad=-2.0), path)
    svg = path.read_text(encoding="utf-8")
    assert {"great", "good", "bad"} <= set(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    assert svg.lower().count(f"fill: {FOR.lower()}") == 2
    assert svg.lower().count(f"fill: {AGAINST.lower()}") == 1


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_model_draws_its_words_alike_every_time(
    world: World, tmp_path: Path, suffix: str
) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    for name in ("a", "b"):
        model.plot_polar_words(tmp_path / f"{name}.{suffix}", n=3, min_count=1)
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_a_dollar_sign_is_a_dollar_sign(tmp_path: Path) -> None:
    path = tmp_path / "words.svg"
    plot_polar_words(pd.DataFrame({"word": ["$5$"], "polarity": [1.0], "count": [9]}), path)
    assert ">$5$<" in path.read_text(encoding="utf-8")


def test_one_sided_lists_can_be_drawn(tmp_path: Path) -> None:
    path = tmp_path / "words.svg"
    for word, polarity in (("good", 1.0), ("bad", -1.0), ("none", 0.0)):
        plot_polar_words(listed(**{word: polarity}), path)
        assert f">{word}<" in path.read_text(encoding="utf-8")


def test_nothing_to_draw_and_no_such_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lower min_count"):
        plot_polar_words(listed(), tmp_path / "words.svg")
    with pytest.raises(SettingError, match=r"words.bmp; use the suffix .png, .svg or .pdf"):
        plot_polar_words(listed(good=1.0), tmp_path / "words.bmp")
    assert list(tmp_path.iterdir()) == []


def test_chinese_words_need_no_font_here_in_an_svg(tmp_path: Path) -> None:
    path = tmp_path / "words.svg"
    words = pd.DataFrame({"word": ["好吃", "难吃"], "polarity": [2.0, -2.0], "count": 30})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot_polar_words(words, path)
    assert "好吃" in path.read_text(encoding="utf-8")


@pytest.mark.needs_extra("plot")
def test_a_font_for_chinese_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import FontEntry, fontManager

    entry = FontEntry(fname="x.otf", name="Noto Sans CJK SC")
    monkeypatch.setattr(fontManager, "ttflist", [entry])
    assert fonts_for(["good", ""]) == ["DejaVu Sans"]
    assert fonts_for(["good", "好"]) == ["DejaVu Sans", "Noto Sans CJK SC"]
    monkeypatch.setattr(fontManager, "ttflist", [])
    assert fonts_for(["好"]) == ["DejaVu Sans"]


@pytest.mark.needs_extra("plot")
def test_characters_that_no_font_has_are_warned_about_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.base.figures._FAMILIES", ())
    words = pd.DataFrame({"word": ["好吃", "难吃"], "polarity": [2.0, -2.0], "count": 30})
    with pytest.warns(UserWarning, match="no installed font has all characters") as raised:
        plot_polar_words(words, tmp_path / "words.png")
    assert len(raised) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("n", "3"), ("n", 0), ("n", 1.5), ("min_count", "x"), ("min_count", -1)]
)
def test_a_wrong_number_of_words_is_named(world: World, name: str, value: object) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    with pytest.raises(SettingError, match=rf"{name}={value!r} is not allowed; it must be an int"):
        model.polar_words(**{name: value})  # type: ignore[arg-type]
