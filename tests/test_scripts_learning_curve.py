"""The README's picture shows the figures of the comparison, in colours that can be read."""

from __future__ import annotations

import re

import pytest

from scripts.accuracy.learning_curve import ARMS, TABLE, THEMES, Theme, draw, read_table
from scripts.reports import RESULTS


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dark + 0.05)


def test_a_row_is_a_point_and_an_empty_deviation_is_none() -> None:
    table = """
| labels | arm | mean % | sd | worst |
| --- | --- | ---: | ---: | ---: |
| 0 labels | ours | 87.3 |  |  |
| 8 labels, 20 draws | ours | 87.2 | 0.2 | 86.6 |
| 8 labels, 20 draws | theirs | 56.6 | 3.3 | 51.3 |
"""
    assert read_table(table) == {
        "ours": [(0, 87.3, 0.0), (8, 87.2, 0.2)],
        "theirs": [(8, 56.6, 3.3)],
    }


@pytest.mark.needs_extra("plot")
def test_every_line_ends_at_the_last_mean_of_the_table() -> None:
    curves = read_table(TABLE.read_text(encoding="utf-8"))
    axes = draw(curves, THEMES["light"]).axes[0]
    ends = [line.get_xydata()[-1].tolist() for line in axes.lines[1:]]  # type: ignore[index]
    assert ends == [[curves[arm][-1].labels, curves[arm][-1].mean] for arm in ARMS]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_stands_out_from_the_page(theme: Theme) -> None:
    assert min(contrast(colour, theme.page) for colour in (theme.text, *theme.arms)) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_the_picture_kept_names_the_arms_and_the_numbers_of_labels(name: str) -> None:
    svg = (RESULTS / f"learning-curve-{name}.svg").read_text(encoding="utf-8")
    texts = [text.strip() for text in re.findall(r">([^<>]*)</(?:text|tspan)>", svg)]
    lines = [line for title, _ in ARMS.values() for line in title.splitlines()]
    assert {*lines, "0", "8", "20", "100", "500"} <= set(texts)
