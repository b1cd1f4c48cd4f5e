from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from sentiment_transfer.base.figures import COLOURS
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments import Comparison

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def comparison(arms: int = 3, draws: int = 4) -> Comparison:
    generator = np.random.default_rng(0)
    rows = [
        {"arm": f"arm {i}", "budget": budget, "draw": draw, "accuracy": generator.random()}
        for i in range(arms)
        for budget in ((0, 8, 1000) if i == 0 else (8, 1000))
        for draw in range(draws if budget else 1)
    ]
    return Comparison(pd.DataFrame(rows).assign(macro_f1=0.5, seconds=0.1), "arm 0", 1234)


@pytest.mark.parametrize("suffix", MAGIC)
def test_the_suffix_sets_the_format_and_a_repeat_gives_the_same_bytes(
    tmp_path: Path, suffix: str
) -> None:
    first, second = tmp_path / f"first.{suffix}", tmp_path / f"second.{suffix.upper()}"
    comparison().plot(first)
    comparison().plot(second)
    assert first.read_bytes().startswith(MAGIC[suffix])
    assert first.read_bytes() == second.read_bytes()


def texts(path: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def test_an_svg_holds_names_and_budgets_as_text_0_labels_included(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    comparison().plot(path)
    written = texts(path)
    assert {"arm 0", "arm 1", "arm 2", "0", "8", "1,000", "labelled texts"} <= set(written)
    assert "1,234 test texts; mean ± sd of 4 draws of labels" in written


def test_a_plot_of_one_draw_has_no_spread(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    comparison(draws=1).plot(path)
    assert "1,234 test texts" in texts(path)
    assert "±" not in path.read_text()


def test_more_arms_than_colours_are_still_drawn_and_named(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    n = len(COLOURS) + 2
    comparison(arms=n).plot(path)
    assert {f"arm {i}" for i in range(n)} <= set(texts(path))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_every_colour_has_enough_contrast_with_white() -> None:
    assert len(set(COLOURS)) == len(COLOURS)
    assert all(1.05 / (luminance(colour) + 0.05) >= 2 for colour in COLOURS)


def test_an_unknown_suffix_or_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"curve.bmp; use the suffix .png, .svg or .pdf"):
        comparison().plot(tmp_path / "curve.bmp")
    with pytest.raises(InputError, match="does not exist"):
        comparison().plot(tmp_path / "missing" / "curve.svg")
    assert list(tmp_path.iterdir()) == []


def of_draws(*accuracies: tuple[float, float]) -> Comparison:
    """Two arms over draws of eight labels, on 40 test texts."""
    rows = [
        {"arm": arm, "budget": 8, "draw": draw, "accuracy": accuracy}
        for draw, pair in enumerate(accuracies)
        for arm, accuracy in zip(("a", "b"), pair, strict=True)
    ]
    return Comparison(pd.DataFrame(rows).assign(macro_f1=0.5, seconds=0.1), "a", 40)


def test_equal_draws_have_no_interval() -> None:
    equal = str(of_draws((0.975, 0.95), (0.975, 0.95)))
    others = str(of_draws((0.975, 0.95), (0.95, 0.925), (1, 0.97)))
    assert re.search(r"^b .*-2\.5$", equal, re.MULTILINE)
    assert re.search(r"^b .*-2\.7 \[-\d", others, re.MULTILINE)


def test_a_table_says_how_uncertain_its_test_texts_are() -> None:
    table = str(of_draws((0.975, 0.95), (0.975, 0.95)))
    # Wilson's interval of 39 in 40: (39 + z^2 / 2 +- z sqrt(39 / 40 + z^2 / 4)) / (40 + z^2)
    z = 1.959964
    middle, half = (39 + z**2 / 2) / (40 + z**2), z * (39 / 40 + z**2 / 4) ** 0.5 / (40 + z**2)
    ends = f"{100 * (middle - half):.0f} to {100 * (middle + half):.0f} %"
    assert table.endswith(f"on these 40 test texts: on other texts 97.5 % may be {ends}")
