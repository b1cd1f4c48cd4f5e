"""Three or more classes whose order nobody gave."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.experiments import compare, evaluate
from sentiment_transfer.polarity import PolarityClassifier
from sentiment_transfer.polarity.natural_order import natural_order
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, World
    from numpy.typing import NDArray

STARS = np.repeat(np.arange(1, 6), 8)


def score_of(stars: NDArray[np.integer], noise: float = 0.5, seed: int = 0) -> NDArray[np.float64]:
    """A score that rises with the stars."""
    return np.asarray(stars - 3 + noise * np.random.default_rng(seed).normal(size=len(stars)))


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["negative", "neutral", "positive"]),
        ("en", ["Neg", "NEU", "pos "]),
        ("en", ["bad", "ok", "good"]),
        ("en", ["very_negative", "Negative", "Very-Positive"]),
        ("zh", ["差评", "中评", "好评"]),
        ("zh", ["消极", "中性", "积极"]),
        ("zh", ["负面", "中性", "正面"]),
    ],
)
def test_usual_names_need_no_score(language: str, names: list[str]) -> None:
    found = natural_order(np.array(names[::-1] * 3), language)
    assert found is not None
    assert found.tolist() == names


@pytest.mark.parametrize(
    "names",
    [
        ["film", "hotel", "phone"],
        ["negative", "positive"],
        ["negative", "neutral", "hotel"],
        ["good", "Good", "bad"],
        ["差评", "中评", "好评"],
    ],
)
def test_other_names_have_no_order(names: list[str]) -> None:
    labels = np.array(names * 4)
    assert natural_order(labels, "en", np.arange(len(labels), dtype=float)) is None


@pytest.mark.parametrize(
    "written", [int, str, "{}.0".format, "{} stars".format, "{}star".format, "+{}".format]
)
def test_stars_with_which_the_score_rises_are_ordered(written: Any) -> None:  # noqa: ANN401
    labels = np.array([written(star) for star in STARS.tolist()])
    found = natural_order(labels, "en", score_of(STARS))
    assert found is not None
    assert found.tolist() == [written(star) for star in range(1, 6)]


def test_numbers_are_ordered_as_numbers_and_not_as_text() -> None:
    labels = np.array([str(2 * star) for star in STARS])
    found = natural_order(labels, "en", score_of(STARS))
    assert found is not None
    assert found.tolist() == ["2", "4", "6", "8", "10"]


CODES = {
    "a permutation": np.array([0, 3, 5, 1, 2, 4])[STARS],
    "two classes exchanged": np.array([0, 1, 2, 4, 3, 5])[STARS],
    "reversed": 6 - STARS,
}


@pytest.mark.parametrize("name", CODES)
def test_codes_that_the_score_contradicts_are_not_ordered(name: str) -> None:
    assert natural_order(CODES[name], "en", score_of(STARS)) is None


@pytest.mark.parametrize("seed", range(20))
def test_codes_without_a_meaning_are_not_ordered(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=len(STARS))
    assert natural_order(STARS, "en", noise) is None


@pytest.mark.parametrize(
    "labels",
    [
        STARS * 3,  # 3 to 15: more than 10 apart
        np.array(["1", "01", "2", "3", "4"])[STARS - 1],  # one number twice
        np.array([f"{star}.5" for star in STARS]),
        np.array([f"{star} phones" for star in STARS]),
        np.array(["1", "2", "3", "4", "five"])[STARS - 1],
    ],
)
def test_what_is_no_run_of_numbers_is_not_ordered(labels: NDArray[Any]) -> None:
    assert natural_order(labels, "en", score_of(STARS)) is None


def test_numbers_need_a_score_that_differs() -> None:
    assert natural_order(STARS, "en") is None
    assert natural_order(STARS, "en", np.zeros(len(STARS))) is None


# ---- models


def rated(world: World) -> tuple[list[str], list[int]]:
    """Texts of 1, 2 or 3 stars by their number of words of each polarity."""
    pairs = zip(world.texts[40:60:2], world.texts[41:60:2], strict=True)
    texts = world.texts[:40] + [f"{good} {bad}" for good, bad in pairs]
    return texts, [3 if x == "positive" else 1 for x in world.labels[:40]] + [2] * 10


def test_the_order_that_was_found_is_said_and_gives_the_model_that_it_gives_when_given(
    world: World,
) -> None:
    texts, stars = rated(world)
    model = SentimentClassifier(vectors=world.vectors)
    with pytest.warns(Notice, match=r"labels are ordered 1 < 2 < 3; pass ordered=\[...\].*=False"):
        model.fit(texts, stars)
    given = SentimentClassifier(vectors=world.vectors, ordered=[1, 2, 3])
    none = SentimentClassifier(vectors=world.vectors, ordered=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given.fit(texts, stars)
        none.fit(texts, stars)
    p = model.predict_proba(texts)
    np.testing.assert_array_equal(given.predict_proba(texts), p)
    assert not np.allclose(none.predict_proba(texts), p, atol=0.01)
    assert len(none.head_.mixtures) == 3


@pytest.mark.parametrize("ordered", [None, False, [1, 2, 3]])
@pytest.mark.filterwarnings("ignore::sentiment_transfer.base.notice.Notice")
def test_a_file_keeps_the_order(world: World, tmp_path: Path, ordered: Any) -> None:  # noqa: ANN401
    texts, stars = rated(world)
    model = SentimentClassifier(vectors=world.vectors, ordered=ordered).fit(texts, stars)
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, SentimentClassifier)
    assert loaded.ordered == ordered
    np.testing.assert_array_equal(loaded.predict_proba(texts), model.predict_proba(texts))
    assert loaded.stages_.known_order == (None if ordered is False else ["1", "2", "3"])
    two = loaded.set_params(ordered=None).fit(*world.few(8))
    assert two.classes_.tolist() == ["negative", "positive"]


def test_an_order_that_does_not_fit_the_number_of_steps_is_refused(
    world: World, tmp_path: Path
) -> None:
    texts, stars = rated(world)
    SentimentClassifier(vectors=world.vectors, ordered=[1, 2, 3]).fit(texts, stars).save(
        tmp_path / "m"
    )
    stored = load_file(tmp_path / "m")
    for ordered, message in ((False, "3 mixtures do not fit 3"), (True, "ordered must be")):
        stored.manifest["head"]["ordered"] = ordered
        save_file(tmp_path / "x", "classifier", stored.manifest, stored.tensors)
        with pytest.raises(ModelFileError, match=message):
            load(tmp_path / "x")


def test_labels_of_no_order_may_be_said_to_have_none_with_any_head(world: World) -> None:
    head = LogisticRegression()
    SentimentClassifier(vectors=world.vectors, head=head, ordered=False).fit(*world.few(8))
    with pytest.raises(SettingError, match=r"ordered=True is not allowed.*or False"):
        SentimentClassifier(vectors=world.vectors, ordered=True).fit(*world.few(8))  # type: ignore[arg-type]


def test_two_classes_have_the_order_that_they_always_had(world: World) -> None:
    head = PolarityClassifier(ordered=False)
    model = SentimentClassifier(vectors=world.vectors, head=head).fit(*world.few(8))
    assert model.head_.order_.tolist() == ["negative", "positive"]
    assert model.head_.ordered_ is False


@pytest.mark.filterwarnings("ignore::sentiment_transfer.base.notice.Notice")
def test_measures_have_the_order_that_was_found(world: World) -> None:
    texts, stars = rated(world)
    names = [{1: "bad", 2: "ok", 3: "good"}[star] for star in stars]
    model = SentimentClassifier(vectors=world.vectors).fit(texts[::3], names[::3])
    assert model.classes_.tolist() == ["bad", "good", "ok"]  # sorted, as in scikit-learn
    held_out, rows = (texts[1::3], names[1::3]), (texts, names)
    for found in (evaluate(model, held_out), evaluate(model, rows, folds=3)):
        assert [row["label"] for row in found.report["labels"]] == ["bad", "ok", "good"]
        assert "mean_steps_off" in found.report
    counts = model.training_summary_.label_counts
    assert counts is not None
    assert list(counts) == ["bad", "ok", "good"]


def test_classes_without_an_order_are_compared_too(world: World) -> None:
    texts, stars = rated(world)
    test = [f"{text} film" for text in texts], [str(star) for star in stars]
    model = SentimentClassifier(vectors=world.vectors, ordered=False).pretrain(world.unlabelled)
    rows = texts, [str(star) for star in stars]
    found = compare(model, rows, test, budgets=[12], draws=2, arms=["model"])
    assert found.table["mean"].between(0.3, 1).all()


@pytest.mark.filterwarnings("default")
def test_the_command_line_says_the_order_and_takes_another_or_none(
    run: Run, world: World, tmp_path: Path
) -> None:
    texts, stars = rated(world)
    lines = [f"__label__{star} {text}" for text, star in zip(texts, stars, strict=True)]
    (tmp_path / "stars.txt").write_text("\n".join(lines), encoding="utf-8")
    world.vectors.save(tmp_path / "v")
    start = ["fit", tmp_path / "stars.txt", "--vectors", tmp_path / "v", "-o", tmp_path / "m"]
    start += ["--folds", "0"]
    code, _, err = run(*start)
    assert code == 0, err
    said, made = err.splitlines()
    order = "the labels are ordered 1 < 2 < 3"
    assert said == f"{order}; pass --ordered LABELS for another order, or --ordered no for none"
    assert ": 1, 2, 3 from 50 labels" in made
    code, _, err = run(*start, "--ordered", "no")
    assert (code, "are ordered" in err) == (0, False)


def test_a_file_without_a_neutral_class_answers_by_the_steps_alone(
    world: World, tmp_path: Path
) -> None:
    texts, stars = rated(world)
    model = SentimentClassifier(vectors=world.vectors, ordered=[1, 2, 3]).fit(texts, stars)
    model.save(tmp_path / "m")
    stored = load_file(tmp_path / "m")
    head, tensors = stored.manifest["head"], stored.tensors
    assert sum(head["label_shares"]) == pytest.approx(1)
    del stored.manifest["encoder"]["polarity"]["strength"], tensors["encoder/strength_direction"]
    save_file(tmp_path / "forged", "classifier", stored.manifest, tensors)
    with pytest.raises(ModelFileError, match="reads strength, but the encoder's polarity has none"):
        load(tmp_path / "forged")
    del head["label_shares"], head["mixtures"][2]
    tensors = {n: t for n, t in tensors.items() if not n.startswith("head/2/")}
    save_file(tmp_path / "old", "classifier", stored.manifest, tensors)
    old = load(tmp_path / "old")
    assert isinstance(old, SentimentClassifier)
    assert old.head_.ordered_
    assert [old.head_.mixture_.label_shares_, len(old.head_.mixtures)] == [None, 2]
    p = old.predict_proba(texts)
    assert not np.allclose(p, model.predict_proba(texts), atol=0.01)
    old.save(tmp_path / "again")
    again = load(tmp_path / "again")
    assert isinstance(again, SentimentClassifier)
    np.testing.assert_array_equal(again.predict_proba(texts), p)
    # without the direction, a neutral class is learnt from the other parts
    refitted = old.fit_encoded(old.encode(texts), stars)
    assert len(refitted.head_.mixtures) == 3
    assert "strength" not in refitted.head_.parts


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.0, 0.5, 0.5], None])
def test_shares_that_are_no_shares_of_three_classes_are_refused(
    world: World, tmp_path: Path, shares: list[float] | None
) -> None:
    texts, stars = rated(world)
    SentimentClassifier(vectors=world.vectors, ordered=[1, 2, 3]).fit(texts, stars).save(
        tmp_path / "m"
    )
    stored = load_file(tmp_path / "m")
    stored.manifest["head"]["label_shares"] = shares
    save_file(tmp_path / "x", "classifier", stored.manifest, stored.tensors)
    with pytest.raises(ModelFileError, match="label_shares"):
        load(tmp_path / "x")


def test_shares_of_three_do_not_fit_two_classes(world: World, tmp_path: Path) -> None:
    SentimentClassifier(vectors=world.vectors).fit(*world.few(8)).save(tmp_path / "m")
    stored = load_file(tmp_path / "m")
    stored.manifest["head"]["label_shares"] = [0.2, 0.3, 0.5]
    save_file(tmp_path / "x", "classifier", stored.manifest, stored.tensors)
    with pytest.raises(ModelFileError, match="1 mixtures do not fit 2 classes"):
        load(tmp_path / "x")
