"""A hidden layer on top of the mixture: from nothing, and only where it is approved of."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import expit, logit

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.classification import (
    InformedClassifier,
    PolarityEncoder,
    hidden_on_map_training,
)
from sentiment_transfer.classification.hidden_on_map import (
    HiddenOnMap,
    approve,
    fit_hidden,
    hidden_inputs,
    log_odds,
)
from sentiment_transfer.classification.mixture import Features, GuardedMixture
from sentiment_transfer.errors import ModelFileError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World
    from numpy.typing import NDArray


def crossed(n: int, seed: int = 0) -> tuple[Features, NDArray[np.bool_]]:
    """Texts whose class is the score's, but turned round where the first column is positive.

    No linear model of score and vector can tell that; one hidden layer can.
    """
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 6)) / np.sqrt(6)
    score = rng.normal(size=n)
    y = score * np.where(vectors[:, 0] > 0, -1, 1) + 0.2 * rng.normal(size=n) > 0
    return Features(score, vectors, vectors), y


def straight(n: int, seed: int = 0) -> tuple[Features, NDArray[np.bool_]]:
    """Texts whose class a logistic model has exactly."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 6)) / np.sqrt(6)
    score = rng.normal(size=n)
    y = rng.random(n) < expit(1.5 * score + 2 * vectors[:, 0])
    return Features(score, vectors, vectors), y


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden_on_map_training, "RATE", 0.02)


def layer(features: Features, y: NDArray[np.bool_], **settings: Any) -> HiddenOnMap | None:  # noqa: ANN401
    mixture = GuardedMixture().fit(features, y)
    defaults = {"hidden_units": 16, "seed": 0}
    return fit_hidden(mixture, features, y, np.ones(len(y)), **(defaults | settings))


def test_what_no_linear_model_can_tell_is_found_and_approved_of() -> None:
    features, y = crossed(400)
    found = layer(features, y)
    assert found is not None
    fresh, truth = crossed(2000, seed=1)
    before = GuardedMixture().fit(features, y).predict_proba(fresh)
    after = found.refined(before, fresh)
    assert ((before[:, 1] > 0.5) == truth).mean() < 0.6
    assert ((after[:, 1] > 0.5) == truth).mean() > 0.8


def test_where_there_is_nothing_to_find_nothing_is_approved_of() -> None:
    assert [layer(*straight(400, seed=seed)) for seed in range(4)] == [None] * 4


def test_few_labels_cannot_approve() -> None:
    features, y = crossed(199)
    assert layer(features, y) is None
    alone = GuardedMixture(guard=False).fit(*crossed(400))  # its score may know the labels
    features, y = crossed(400)
    assert fit_hidden(alone, features, y, np.ones(400), hidden_units=4, seed=0) is None


def test_the_layer_is_its_formula() -> None:
    rng = np.random.default_rng(0)
    W, b, v = rng.normal(size=(4, 2)), rng.normal(size=2), rng.normal(size=2)
    hidden = HiddenOnMap(*(part.astype(np.float32) for part in (W, b, v)), gain=0.1, epochs=3)
    x, score, p = rng.normal(size=(5, 3)), rng.normal(size=5), rng.random(5)
    inputs = np.column_stack([np.sqrt(3) * x, score])
    expected = expit(logit(p) + np.tanh(inputs @ W + b) @ v)
    found = hidden.refined(np.stack([1 - p, p], axis=1), Features(score, plain=x))
    np.testing.assert_allclose(found, np.stack([1 - expected, expected], axis=1), atol=1e-5)


def test_a_layer_whose_output_is_nothing_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    W = rng.normal(size=(4, 2)).astype(np.float32)
    nothing = HiddenOnMap(W, W[0], np.zeros(2, np.float32), gain=0, epochs=1)
    p = np.array([[0.0, 1.0], [0.3, 0.7], [1.0, 0.0]])
    features = Features(np.zeros(3), plain=rng.normal(size=(3, 3)))
    np.testing.assert_allclose(nothing.refined(p, features), p, atol=1e-11)


def test_the_first_step_starts_at_the_mixture() -> None:
    """Learning from labels that are the offset's own odds moves the output hardly at all."""
    from sentiment_transfer.classification.hidden_on_map_training import Problem, learn

    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3)).astype(np.float32)
    problem = Problem(x, np.zeros(64), np.full(64, 0.5), np.ones(64))
    for _, bias, output in learn(problem, 4, 3, seed=0):
        np.testing.assert_allclose(bias, 0, atol=1e-6)
        np.testing.assert_allclose(output, 0, atol=1e-6)


def test_only_a_gain_of_more_than_two_standard_errors_is_approved_of() -> None:
    before, weight = np.full(100, 0.6), np.ones(100)
    noise = np.tile([1.0, -1.0], 50)  # its mean has the standard error 0.1
    assert approve(np.array([before - 0.19 - noise]), before, weight) == (0, pytest.approx(0.19))
    assert approve(np.array([before - 0.21 - noise]), before, weight) == (1, pytest.approx(0.21))
    later = np.array([before, before - 0.01, before - 0.3])
    assert approve(later, before, weight) == (3, pytest.approx(0.3))
    assert approve(np.array([before + 0.1]), before, weight)[0] == 0


def test_texts_without_weight_have_no_say() -> None:
    before = np.array([0.5, 0.5, 0.5, 0.5])
    losses = np.array([[0.4, 0.41, 0.42, 9.0]])
    assert approve(losses, before, np.array([1.0, 1.0, 1.0, 1.0]))[0] == 0
    assert approve(losses, before, np.array([1.0, 1.0, 1.0, 0.0]))[0] == 1


def test_log_odds_are_finite() -> None:
    p = np.array([0, 0.2, 1])
    assert np.isfinite(log_odds(p)).all()
    assert log_odds(p)[1] == pytest.approx(np.log(0.2 / 0.8))


def test_inputs_are_the_plain_vectors_and_the_score_where_there_is_one() -> None:
    plain = np.eye(2)
    np.testing.assert_allclose(hidden_inputs(Features(plain=plain)), np.sqrt(2) * plain)
    scored = hidden_inputs(Features(np.array([5.0, 6.0]), plain=plain))
    np.testing.assert_allclose(scored[:, 2], [5, 6])
    with pytest.raises(SettingError, match="needs plain sentence vectors"):
        hidden_inputs(Features(np.zeros(2)))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    features, y = crossed(400)
    one, again, other = (layer(features, y, seed=seed) for seed in (3, 3, 4))
    assert one is not None
    assert again is not None
    assert other is not None
    assert one.weights.tobytes() == again.weights.tobytes()
    assert one.weights.tobytes() != other.weights.tobytes()


@pytest.mark.parametrize("units", [0, -3, 2.5, "many"])
def test_units_that_cannot_work_are_refused(units: Any) -> None:  # noqa: ANN401
    features, y = crossed(20)
    with pytest.raises(SettingError, match="must be a whole number from 1, or None"):
        layer(features, y, hidden_units=units)


def test_a_state_that_does_not_fit_together_is_refused() -> None:
    W = np.zeros((3, 2), np.float32)
    hidden = HiddenOnMap(W, W[0], W[0], gain=0.5, epochs=2)
    tensors = {f"hidden/{name}": tensor for name, tensor in hidden.tensors().items()}
    again = HiddenOnMap.from_state(hidden.facts(), tensors)
    assert (again.gain, again.epochs) == (0.5, 2)
    with pytest.raises(ModelFileError, match="hidden layer do not fit together"):
        HiddenOnMap.from_state(hidden.facts(), tensors | {"hidden/bias": W[0, :1]})


# In the classifier and the model


def with_layer(world: World) -> tuple[SentimentClassifier, HiddenOnMap]:
    """A fitted model, an approved layer put in by hand: the world's texts need none."""
    head = InformedClassifier(hidden_units=3)
    model = SentimentClassifier(vectors=world.vectors, head=head).pretrain(world.unlabelled)
    model.fit(*world.few(20))
    rng = np.random.default_rng(0)
    W, b, v = rng.normal(size=(17, 3)), rng.normal(size=3), rng.normal(size=3)
    hidden = HiddenOnMap(*(part.astype(np.float32) for part in (W, b, v)), gain=0.1, epochs=3)
    model.head_.hidden_ = hidden
    return model, hidden


def test_with_few_labels_the_answers_are_those_without_a_layer(world: World) -> None:
    plain = PolarityEncoder(world.vectors).fit(world.unlabelled)
    features = plain.transform(world.texts)
    few = features[np.arange(40)]
    with_it = InformedClassifier(hidden_units=8).fit(few, world.labels[:40])
    without = InformedClassifier().fit(few, world.labels[:40])
    assert with_it.hidden_ is None
    np.testing.assert_array_equal(with_it.predict_proba(features), without.predict_proba(features))


def test_an_approved_layer_is_asked_saved_and_loaded(world: World, tmp_path: Path) -> None:
    model, hidden = with_layer(world)
    p = model.predict_proba(world.texts)
    features = model.encode(world.texts).features
    model.head_.hidden_ = None
    before = model.predict_proba(world.texts)
    model.head_.hidden_ = hidden
    parts = Features(features.score, features.pooled, features.plain)
    np.testing.assert_allclose(p, hidden.refined(before, parts), atol=1e-12)
    assert not np.allclose(p, before, atol=0.01)
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, SentimentClassifier)
    np.testing.assert_array_equal(loaded.predict_proba(world.texts), p)
    assert loaded.head.get_params() == model.head.get_params()
    many = world.texts * 20  # more than 100,000 characters, the other path
    assert sum(map(len, many)) > 100_000
    np.testing.assert_allclose(model.predict_proba(many)[:200], p, atol=1e-6)


def test_an_explanation_names_what_the_layer_adds_apart(world: World) -> None:
    model, hidden = with_layer(world)
    features = model.encode(["a warm film, dull plot"]).features
    added = hidden.contribution(Features(features.score, plain=features.plain))[0]
    for label, sign in (("positive", 1), ("negative", -1)):
        explanation = model.explain("a warm film, dull plot", label)
        assert explanation.nonlinear == pytest.approx(sign * added)
        words = sum(share for _, share in explanation.pieces)
        assert explanation.log_odds == pytest.approx(words + explanation.bias + sign * added)
    assert "hidden layer" in explanation.to_html()
    model.head_.hidden_ = None
    assert model.explain("a warm film").nonlinear == 0


def test_predicting_needs_no_torch(world: World, tmp_path: Path) -> None:
    model, _ = with_layer(world)
    model.save(tmp_path / "m")
    code = (
        "import sys; from sentiment_transfer import load; "
        f"load({str(tmp_path / 'm')!r}).predict(['a warm film']); print('torch' in sys.modules)"
    )
    run = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"


def test_missing_scores_are_no_obstacle() -> None:
    features, y = crossed(400)
    plain = replace(features, score=None, pooled=None)
    found = layer(plain, y)
    assert found is None or np.isfinite(found.contribution(plain)).all()
