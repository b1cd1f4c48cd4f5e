"""The forecast of the accuracy with more labels: the law, the band, and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import CORPORA
from scipy.optimize import lsq_linear

from sentiment_transfer import SentimentClassifier, load, read_labelled
from sentiment_transfer.advice import LabelForecast, forecast_accuracy
from sentiment_transfer.advice.labels.forecast import fit_power_law, forecasts, right_by_size
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

SIZES = np.array([8, 16, 32, 64, 128])
AT = np.array([160, 320, 640])
HELD_OUT = CORPORA / "movies72" / "held_out.csv"


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


@pytest.fixture(scope="module")
def found(model: SentimentClassifier) -> LabelForecast:
    rows = read_labelled(HELD_OUT)
    return forecast_accuracy(model, rows.texts[:60], rows.labels[:60], draws=4)


# ---- the law


@pytest.mark.parametrize("exponent", [0.25, 0.5, 1.0])
def test_the_law_is_found_again(exponent: float) -> None:
    law = 0.9 - 0.8 * SIZES.astype(float) ** -exponent
    truth = 0.9 - 0.8 * AT.astype(float) ** -exponent
    np.testing.assert_allclose(fit_power_law(SIZES, law, AT, exponent), truth, atol=1e-6)


def test_large_parts_weigh_more() -> None:
    bent = np.array([0.2, 0.8, 0.8, 0.8, 0.8])
    forecast = fit_power_law(SIZES, bent, AT)
    # unweighted least squares by numpy, for comparison
    design = np.column_stack([np.ones(5), SIZES**-0.5])
    a, b = np.linalg.lstsq(design, bent, rcond=None)[0]
    unweighted = a + b * AT**-0.5
    assert (np.abs(forecast - 0.8) < np.abs(unweighted - 0.8)).all()


def test_accuracy_never_falls_with_labels_nor_exceeds_one() -> None:
    falling = np.array([0.9, 0.85, 0.8, 0.75, 0.7])
    assert np.ptp(fit_power_law(SIZES, falling, AT)) == pytest.approx(0, abs=1e-9)
    rising = np.array([0.2, 0.5, 0.8, 0.95, 1.0])
    assert fit_power_law(SIZES, rising, np.array([10**9])).item() <= 1 + 1e-9


def test_points_without_a_figure_are_left_out() -> None:
    law = 0.9 - 0.8 * SIZES**-0.5
    gappy = law.copy()
    gappy[1] = np.nan
    np.testing.assert_allclose(fit_power_law(SIZES, gappy, AT), fit_power_law(SIZES, law, AT))


@pytest.mark.parametrize("exponent", [0.25, 0.5, 1.0])
def test_the_closed_form_is_the_bounded_least_squares_of_scipy(exponent: float) -> None:
    rng = np.random.default_rng(3)
    curves = rng.normal(0.85, 0.25, (60, 5)).clip(0, 1)
    curves[::7, 2] = np.nan
    root = np.sqrt(SIZES)
    for curve, law in zip(curves, fit_power_law(SIZES, curves, AT, exponent), strict=True):
        known = ~np.isnan(curve)
        design = np.column_stack([root, -root * SIZES.astype(float) ** -exponent])
        a, b = lsq_linear(design[known], (root * curve)[known], ([0, 0], [1, np.inf])).x
        np.testing.assert_allclose(law, a - b * AT.astype(float) ** -exponent, atol=1e-8)


def test_texts_that_stand_for_more_weigh_more() -> None:
    right = np.tile([1.0, 0.0], (1, 5, 50))
    shares = np.tile([3.0, 1.0], 50)
    (one,) = forecasts(SIZES, right, 100, (2,), np.random.default_rng(2), shares)
    assert one.accuracy == pytest.approx(0.75)


def test_the_band_is_narrower_with_more_texts() -> None:
    def width(n: int) -> float:
        right = (np.random.default_rng(1).random((6, 5, n)) < 0.8).astype(float)
        (one,) = forecasts(SIZES, right, n, (2,), np.random.default_rng(2))
        assert one.low <= one.accuracy <= one.high
        return one.high - one.low

    assert width(400) < width(40)


# ---- the model


def test_no_text_judges_a_model_that_was_fitted_to_it(model: SentimentClassifier) -> None:
    rows = read_labelled(HELD_OUT)
    labels = np.array(rows.labels[:40])
    encoded = model.encode(rows.texts[:40])
    sizes, right = right_by_size(model, encoded, labels, 3, np.random.default_rng(0))
    judged = ~np.isnan(right)
    assert sizes[-1] == 32
    assert (judged.sum(axis=2) <= 40 - 32).all()
    for draw in judged:
        assert (draw[draw.any(axis=1)] == draw.any(axis=0)).all()  # the same texts at all sizes


def test_the_forecast_has_points_of_the_curve_and_a_band(found: LabelForecast) -> None:
    assert len(found.points) >= 5
    assert [each.n_labels for each in found.forecasts] == [120, 240, 600]
    for each in found.forecasts:
        assert 0 <= each.low <= each.accuracy <= each.high <= 1
        assert each.gain >= 0


def test_the_model_is_not_changed_and_the_same_seed_gives_the_same(
    model: SentimentClassifier, found: LabelForecast
) -> None:
    rows = read_labelled(HELD_OUT)
    before = model.predict_proba(rows.texts[:5])
    again = forecast_accuracy(model, rows.texts[:60], rows.labels[:60], draws=4)
    assert again == found
    np.testing.assert_array_equal(model.predict_proba(rows.texts[:5]), before)


def test_a_flat_curve_has_no_gain_to_be_seen(model: SentimentClassifier) -> None:
    things = ["plot", "cast", "music", "pace", "script", "end", "hero", "sound", "light", "idea"]
    texts = [f"I loved the {t}, it was wonderful." for t in things * 2]
    texts += [f"The {t} was awful, a waste of time." for t in things * 2]
    found = forecast_accuracy(model, texts, ["good"] * 20 + ["bad"] * 20, draws=3)
    assert found.is_flat
    assert str(found).startswith("no gain to be seen from more labels")
    assert not found.says_stop  # forty labels are few
    many = replace(found, n_labels=250)
    assert many.says_stop
    assert "next: stop labelling" in str(many)


def test_a_rising_curve_asks_for_more(model: SentimentClassifier) -> None:
    # a task that seed words do not know: the thing that is named
    names = ["dog", "cat", "horse", "cow"] * 15 + ["car", "train", "ship", "bus"] * 15
    texts = [f"{name} number {i}" for i, name in enumerate(names)]
    labels = ["animal"] * 60 + ["vehicle"] * 60
    noisy = np.random.default_rng(0).permutation(120)[:24]
    flipped = [
        ("vehicle" if label == "animal" else "animal") if i in noisy else label
        for i, label in enumerate(labels)
    ]
    found = forecast_accuracy(model, texts, flipped, draws=4, threshold=0.0)
    assert found.is_flat is False
    assert str(found).startswith("more labels would help")


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        (["great", "dull"] * 5, ["p", "n"] * 5),
        (["great"] * 40, ["p"] * 40),
        ([], []),
    ],
)
def test_too_few_labels_or_one_class_are_refused_with_what_would_tell(
    model: SentimentClassifier, texts: list[str], labels: list[str]
) -> None:
    found = forecast_accuracy(model, texts, labels)
    assert found.forecasts == ()
    assert found.is_flat is None
    assert not found.says_stop
    assert str(found).startswith("can't tell yet whether more labels help")


def test_eight_copies_of_one_text_among_others_are_no_error(model: SentimentClassifier) -> None:
    rows = read_labelled(HELD_OUT)
    texts = [rows.texts[0]] * 8 + rows.texts[:30]
    labels = [rows.labels[0]] * 8 + rows.labels[:30]
    assert forecast_accuracy(model, texts, labels, draws=2).points


@pytest.mark.parametrize("times", [(), (1,), (0.5, 2), (10, 2), (2, 2)])
def test_multiples_of_one_or_less_are_refused(
    model: SentimentClassifier, times: tuple[int]
) -> None:
    with pytest.raises(SettingError, match="must hold numbers above 1"):
        forecast_accuracy(model, ["a", "b"], ["p", "n"], times=times)


@pytest.mark.parametrize(("name", "value"), [("draws", 0), ("threshold", 5), ("threshold", -0.1)])
def test_settings_out_of_range_are_refused(
    model: SentimentClassifier, name: str, value: float
) -> None:
    with pytest.raises(SettingError, match=name):
        forecast_accuracy(model, ["a", "b"], ["p", "n"], **{name: value})  # type: ignore[arg-type]


def test_copies_of_a_text_are_not_judged_by_a_model_that_saw_one(
    model: SentimentClassifier,
) -> None:
    rows = read_labelled(HELD_OUT)
    texts = rows.texts[:30] * 4
    labels = np.random.default_rng(0).permutation(["a", "b"] * 15).tolist() * 4
    found = forecast_accuracy(model, texts, labels, draws=4)
    assert not found.forecasts
    assert "label texts of the rare class, and different texts" in str(found)


def test_a_class_of_one_text_is_said_to_be_rare(model: SentimentClassifier) -> None:
    rows = read_labelled(HELD_OUT)
    found = forecast_accuracy(model, rows.texts[:40], ["a"] * 39 + ["b"], draws=1)
    assert "label texts of the rare class" in str(LabelForecast(60, found.points[:2], (), 0.01))


def test_the_picture_is_drawn_and_needs_points(found: LabelForecast, tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    found.plot(path)
    drawn = path.read_text(encoding="utf-8")
    assert all(word in drawn for word in ("measured", "forecast", "80 %"))
    with pytest.raises(InputError, match="too few to draw"):
        LabelForecast(3, (), (), 0.01).plot(path)


# ---- the command


def test_the_command_prints_curve_accuracy_and_verdicts(run: Run) -> None:
    code, out, _ = run("advise", "budget", "reviews-en", HELD_OUT)
    assert code == 0
    assert out.splitlines()[1].split() == ["labels", "accuracy", "%", "80", "%", "band"]
    assert "accuracy 8" in out
    assert "95 % interval" in out
    assert "expected gain with 440 labels" in out


def test_the_command_writes_json(run: Run) -> None:
    code, out, _ = run("advise", "budget", "reviews-en", HELD_OUT, "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert found["accuracy"]["n_labels"] == 220
    assert [each["n_labels"] for each in found["forecasts"]] == [440, 880, 2200]
    assert found["flat"] is (found["forecasts"][0]["gain"] < 0.01)
    assert found["stop"] is False  # 220 labels


def test_strata_of_the_file_are_used(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "measured.csv"
    rows = [f"I loved the {i}th act.,positive,1,0.9" for i in range(10)]
    rows += [f"They have a {i}th thing.,positive,2,0.1" for i in range(9)]
    rows += ["It was awful.,negative,2,0.1"]
    path.write_text("text,label,stratum,share\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, out, _ = run("advise", "budget", "reviews-en", path, "--format", "json")
    found = json.loads(out)["accuracy"]
    model: SentimentClassifier = load("reviews-en")  # type: ignore[assignment]
    fields = [row.split(",") for row in rows]
    right = model.predict([f[0] for f in fields]) == [f[1] for f in fields]
    assert code == 0
    assert found["accuracy"] == pytest.approx(0.9 * right[:10].mean() + 0.1 * right[10:].mean())
    assert found["accuracy"] != pytest.approx(right.mean())


def test_a_share_that_is_no_number_is_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "measured.csv"
    path.write_text("text,label,stratum,share\ngood,positive,1,much\n", encoding="utf-8")
    code, _, err = run("advise", "budget", "reviews-en", path)
    assert code == 3
    assert "share 'much' of stratum '1' is not a number" in err


@pytest.mark.parametrize("undrawn", ["", ', "stratum": "", "share": ""'])
def test_labels_that_were_not_drawn_to_measure_are_named(
    run: Run, tmp_path: Path, undrawn: str
) -> None:
    path = tmp_path / "measured.jsonl"
    drawn = '{"text": "good", "label": "positive", "stratum": 1, "share": 1.0}'
    path.write_text(f'{drawn}\n{{"text": "bad", "label": "negative"{undrawn}}}\n', encoding="utf-8")
    code, _, err = run("advise", "budget", "reviews-en", path)
    assert code == 3
    assert "some rows have no stratum and share" in err


def test_labels_that_the_model_was_fitted_to_do_not_measure_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    labelled = CORPORA / "movies72" / "labelled.csv"
    assert run("fit", labelled, "--vectors", "reviews-en", "-o", path)[0] == 0
    code, out, err = run("advise", "budget", path, labelled)
    assert code == 0
    assert "labels that the model was fitted to, which do not measure it: 8" in err
    assert "95 % interval" not in out
    assert "can't tell yet" in out
