"""The label-free score of a corpus, and the forecast of what more text would bring."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import NEGATIVE, POSITIVE, TOPICS
from scipy.stats import norm

from sentiment_transfer.advice import (
    CorpusForecast,
    CorpusPart,
    forecast_corpus,
    label_free_score,
)
from sentiment_transfer.advice.corpora.label_free import Material
from sentiment_transfer.advice.corpora.plot import plot_forecast
from sentiment_transfer.advice.corpora.score_curve import Growth, forecast_growth
from sentiment_transfer.advice.quick_model import quick_model
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.own_vectors import estimated_tokens

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run
    from numpy.typing import NDArray


def reviews(n: int, seed: int, *, mixed: bool = False) -> list[str]:
    """Texts of one polarity each; ``mixed`` ones have a seed word of one and words of either."""
    rng = np.random.default_rng(seed)
    texts = []
    for i in range(n):
        side, other = (POSITIVE, NEGATIVE) if i % 2 else (NEGATIVE, POSITIVE)
        words = [*side[5:], *(other[5:] if mixed else [])]
        chosen = [*rng.choice(side[:5], 1), *rng.choice(words, 4), *rng.choice(TOPICS, 4)]
        texts.append(" ".join(rng.permutation(chosen)))
    return texts


def test_words_that_go_with_seed_words_predict_them() -> None:
    found = label_free_score(reviews(400, 0), reviews(100, 1))
    assert found.area > 0.95
    assert (found.n_texts, found.n_positive, found.n_negative) == (400, 50, 50)
    assert found.error < 0.05
    assert str(found).startswith("hidden seed words are predicted with an area under the curve of")


def test_words_that_go_with_either_side_predict_no_better_than_chance() -> None:
    found = label_free_score(reviews(400, 0, mixed=True), reviews(200, 1, mixed=True))
    assert found.area == pytest.approx(0.5, abs=3 * found.error + 0.05)


def test_without_texts_to_be_judged_a_fifth_is_held_out() -> None:
    texts = reviews(400, 0)
    found = label_free_score(texts)
    assert found.n_texts == 320
    assert found.n_positive + found.n_negative == 80
    assert label_free_score(iter(texts)) == found
    assert label_free_score(texts, seed=1) != found


def test_texts_to_be_judged_that_the_corpus_repeats_are_left_out() -> None:
    corpus, judged = reviews(300, 0), reviews(100, 1)
    repeated = [text.upper() + "!" for text in corpus[:50]]
    assert label_free_score(corpus, judged + repeated) == label_free_score(corpus, judged)
    texts = [f"text {i % 7}" for i in range(20)]
    part, others = Material.of(texts, None, 0).divided([0])
    assert len(part) == 16
    assert set(part).isdisjoint(others)


@pytest.mark.parametrize(
    "judged",
    [
        ["the plot"] * 50,
        ["", " "],
        ["wonderful", *reviews(100, 1)[::2]],  # one positive text
        ["zzz qqq"] * 50,
    ],
)
def test_too_few_texts_with_seed_words_are_refused_with_their_numbers(judged: list[str]) -> None:
    with pytest.raises(InputError, match=r"have more positive seed words and \d+ more negative"):
        label_free_score(reviews(100, 0), judged)


def test_a_corpus_that_nothing_can_be_learnt_from_is_refused() -> None:
    for texts in ([], [""], ["plot"], ["..."] * 30):
        with pytest.raises(InputError):
            label_free_score(texts, reviews(100, 1))


def test_eight_copies_of_one_text_are_no_evidence() -> None:
    with pytest.raises(InputError, match="0 more negative"):
        label_free_score(["A wonderful plot."] * 8)
    assert forecast_corpus(["A wonderful plot."] * 8).verdict.found == "can't tell yet"


def test_epochs_are_fewer_for_more_tokens() -> None:
    texts = reviews(300, 0)
    assert estimated_tokens(texts, "en") == pytest.approx(300 * 9)
    assert estimated_tokens([], "en") == 0
    history = quick_model(texts, "en", 0).training_summary_.history
    assert len(history) == 100


def hill(tokens: NDArray[np.float64], ceiling: float, middle: float) -> NDArray[np.float64]:
    return 0.5 + ceiling * tokens**0.7 / (tokens**0.7 + middle**0.7)


@pytest.mark.parametrize("middle", [5_000.0, 20_000.0, 60_000.0])
@pytest.mark.parametrize("ceiling", [0.25, 0.35])
def test_a_curve_of_the_known_shape_is_continued(ceiling: float, middle: float) -> None:
    texts = np.array([100.0, 300.0, 1_000.0, 3_000.0, 10_000.0])
    areas = hill(100 * texts, ceiling, middle)
    found = forecast_growth(100 * texts, texts, areas, 3e6)
    expected = hill(np.array([1e6, 3e6]), ceiling, middle)
    assert found.area == pytest.approx(expected[1], abs=0.01)
    assert found.gain == pytest.approx(expected[1] - expected[0], abs=0.006)


def test_a_forecast_from_more_text_is_surer_and_promises_less() -> None:
    texts = np.array([100.0, 300.0, 1_000.0, 3_000.0, 10_000.0])
    areas = hill(100 * texts, 0.33, 20_000.0)
    few = forecast_growth(100 * texts[:3], texts[:3], areas[:3], 3e5)
    many = forecast_growth(100 * texts, texts, areas, 3e6)
    assert 0 < many.gain < few.gain
    assert many.gain_error < few.gain_error
    assert many.area_error < few.area_error


def test_more_draws_make_it_surer() -> None:
    texts = np.array([50.0, 150.0, 500.0])
    areas = hill(50 * texts, 0.33, 20_000.0)
    one = forecast_growth(50 * texts, texts, areas, 75_000)
    three = forecast_growth(50 * texts, texts, areas, 75_000, n_draws=3)
    assert three.area_error < one.area_error


PARTS = tuple(CorpusPart(n, 100 * n, 0.7, 0.01) for n in (100, 300, 1_000))


@pytest.mark.parametrize(
    ("gain", "error", "found"),
    [
        (0.10, 0.01, "more text would help"),
        (0.005, 0.002, "more of it would hardly help"),
        (0.03, 0.01, "can't tell yet"),
        (0.06, 0.10, "can't tell yet"),  # too unsure
    ],
)
def test_the_verdict_is_no_surer_than_its_chance(gain: float, error: float, found: str) -> None:
    forecast = CorpusForecast(PARTS, Growth(0.8, 0.01, gain, error), 1_000, 1_000)
    assert forecast.verdict.found == found
    assert "0.700 · 0.700 · 0.700 with 100, 300, 1,000 texts" in forecast.verdict.evidence


def test_the_chance_is_that_of_a_normal_distribution() -> None:
    forecast = CorpusForecast(PARTS, Growth(0.8, 0.01, 0.07, 0.02), 100, 100)
    judged = 30 * 0.23 / 100**0.5  # of the rarer polarity
    error = (0.6**2 + 1.1**2 + judged**2) ** 0.5
    assert forecast.points == pytest.approx((2.1, error))
    assert forecast.chance == pytest.approx(norm.sf(1, 2.1, error))


def test_without_evidence_it_says_what_would_tell() -> None:
    few = CorpusForecast(PARTS, None, 100, 3)
    assert (few.verdict.found, few.points, few.chance) == ("can't tell yet", None, None)
    assert "3 of the texts to be judged" in few.verdict.evidence
    assert few.verdict.next_step == "give more texts of the kind to be judged"
    small = forecast_corpus(reviews(100, 0), reviews(100, 1), draws=1)
    assert small.growth is None
    assert small.verdict.evidence.endswith("3 are needed; there are 2")


def test_a_number_of_draws_that_is_none_is_refused() -> None:
    with pytest.raises(SettingError, match="draws=0 is not allowed"):
        forecast_corpus(reviews(100, 0), draws=0)


def test_a_small_part_that_nothing_can_be_learnt_from_is_no_better_than_chance() -> None:
    single = [f"word{i}" for i in range(3_000)]
    found = forecast_corpus(single + reviews(30, 0), reviews(100, 1), draws=1)
    assert found.parts[0].area == 0.5
    with pytest.raises(InputError):
        forecast_corpus(single, reviews(100, 1), draws=1)


def test_parts_grow_and_are_forecast() -> None:
    found = forecast_corpus(iter(reviews(300, 0)), reviews(100, 1), draws=2)
    assert [part.n_texts for part in found.parts] == [30, 90, 300]
    assert [part.n_tokens for part in found.parts] == [270, 810, 2_700]
    assert found.parts[-1].area > 0.95
    assert (found.n_positive, found.n_negative, found.draws) == (50, 50, 2)
    assert found.growth is not None
    assert found == forecast_corpus(reviews(300, 0), reviews(100, 1), draws=2)


@pytest.mark.needs_extra("plot")
def test_the_forecast_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "more.svg"
    plot_forecast(CorpusForecast(PARTS, Growth(0.8, 0.01, 0.1, 0.01), 100, 100), path)
    drawn = path.read_text(encoding="utf-8")
    assert all(part in drawn for part in ("more text would help", "measured", "80 %", "texts"))
    plot_forecast(CorpusForecast(PARTS, None, 0, 0), path)
    assert "80 %" not in path.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="there is no part"):
        plot_forecast(CorpusForecast((), None, 0, 0), path)


@pytest.mark.needs_extra("plot")
def test_the_command_forecasts_and_draws(run: Run, tmp_path: Path) -> None:
    path, picture = tmp_path / "texts.txt", tmp_path / "more.svg"
    path.write_text("\n".join(reviews(300, 0)))
    code, out, err = run("advise", "corpus", path, "--plot", picture)
    assert code == 0
    assert "texts  area under the curve     sd\n" in out
    assert "points of accuracy" in err
    assert picture.is_file()


def test_the_command_reads_a_pipe_once_and_forecasts(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO("\n".join(reviews(100, 0)).encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    code, out, _ = run("advise", "corpus", "-", "--more", "--format", "json")
    assert code == 0
    found = json.loads(out)
    assert found["corpus"]["n_texts"] == 100
    assert [part["n_texts"] for part in found["more"]["parts"]] == [24, 80]
