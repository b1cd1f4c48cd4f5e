"""The polarity encoder, and the classifier on its features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import WordVectors
from sentiment_transfer.base.schema import check
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.seeds import seed_tokens
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from conftest import World
    from numpy.typing import NDArray

    from sentiment_transfer.polarity.features import PolarityFeatures


@pytest.fixture(scope="module")
def encoder(world: World) -> PolarityEncoder:
    return PolarityEncoder(world.vectors).fit(world.unlabelled)


@pytest.fixture(scope="module")
def features(world: World, encoder: PolarityEncoder) -> PolarityFeatures:
    """Of the world's labelled texts; positive and negative alternate, positive first."""
    return encoder.transform(world.texts)


def rows(*numbers: int) -> NDArray[np.intp]:
    return np.array(numbers, dtype=np.intp)


# The encoder


def test_positive_texts_score_above_zero_without_a_label(
    world: World, features: PolarityFeatures
) -> None:
    assert features.score is not None
    assert len(features) == len(world.texts)
    truth = np.array(world.labels) == "positive"
    assert np.mean((features.score > 0) == truth) > 0.95


def test_features_of_a_text_do_not_depend_on_other_texts(
    world: World, encoder: PolarityEncoder, features: PolarityFeatures
) -> None:
    alone = encoder.transform(world.texts[5:6])
    together = features[rows(5)]
    for part in ("score", "polarity_mean", "plain_mean"):
        np.testing.assert_allclose(getattr(alone, part), getattr(together, part), atol=1e-5)
    assert sorted(alone.grams.numbers) == sorted(together.grams.numbers)


def test_a_text_without_a_known_word_has_score_zero(
    encoder: PolarityEncoder,
) -> None:
    nothing = encoder.transform(["", "zzz yyy"])
    assert nothing.score is not None
    assert nothing.score.tolist() == [0, 0]
    assert not nothing.plain_mean.any()
    assert len(encoder.transform([])) == 0


def test_token_ids_and_texts_give_the_same_polarity(world: World, encoder: PolarityEncoder) -> None:
    other = PolarityEncoder(world.vectors).fit(world.vectors.encode(world.unlabelled))
    assert other.polarity_ is not None
    assert encoder.polarity_ is not None
    np.testing.assert_array_equal(other.polarity_.word_scores, encoder.polarity_.word_scores)


def test_without_seeds_there_is_no_score(world: World) -> None:
    plain = PolarityEncoder(world.vectors, seeds=None).fit(world.unlabelled)
    found = plain.transform(world.texts)
    assert plain.polarity_ is None
    assert found.score is None
    assert found.polarity_mean is None
    assert found[rows(0, 1)].score is None
    assert found.plain_mean.shape == (200, 16)


def test_custom_seeds_replace_those_of_the_language(world: World) -> None:
    upside_down = PolarityEncoder(world.vectors, seeds=(["dull", "silly"], ["warm", "witty"]))
    score = upside_down.fit(world.unlabelled).transform(world.texts).score
    assert score is not None
    negative = np.array(world.labels) == "negative"
    assert np.mean((score > 0) == negative) > 0.95


def test_a_phrase_as_seed_becomes_its_rarest_known_token() -> None:
    words = ("not", "good", "not_good", "film", "rare")
    vectors = WordVectors(
        Vocabulary(words, np.array([9, 7, 5, 3, 1])), np.eye(5, dtype=np.float32), Tokenizer("en")
    )
    seeds = (["good", "a RARE film"], ["not good", "zzz"])
    encoder = PolarityEncoder(vectors, seeds=seeds)
    assert seed_tokens(encoder.seeds, encoder.vectors) == (["good", "rare"], ["not_good", "zzz"])


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ((["good"], ["zzz", "yyy"]), r"none of the negative seed words \('zzz', 'yyy'\)"),
        (([], ["bad"]), "none of the positive seed words"),
        ((["good", "bad"], ["bad"]), r"\['bad'\] are given as positive and as negative"),
    ],
)
def test_custom_seeds_without_a_vector_or_on_both_sides_are_refused(
    world: World, seeds: tuple[list[str], list[str]], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        PolarityEncoder(world.vectors, seeds=seeds).fit(world.unlabelled)


def test_a_warning_is_given_if_no_seed_of_the_language_has_a_vector() -> None:
    words = Vocabulary(("ship", "wave"), np.array([2, 1]))
    vectors = WordVectors(words, np.eye(2, dtype=np.float32), Tokenizer("en"))
    with pytest.warns(UserWarning, match="has no polarity prior"):
        encoder = PolarityEncoder(vectors).fit(["ship wave"])
    assert encoder.polarity_ is None


def test_a_known_prevalence_is_the_share_of_texts_scored_positive(world: World) -> None:
    for share in (0.2, 0.5, 0.8):
        encoder = PolarityEncoder(world.vectors, prevalence=share).fit(world.unlabelled)
        score = encoder.transform(world.unlabelled).score
        assert score is not None
        assert abs(np.mean(score > 0) - share) <= 2 / len(world.unlabelled)


@pytest.mark.parametrize("prevalence", [0, 1, -0.5, 70, float("nan")])
def test_a_prevalence_outside_0_and_1_is_refused(world: World, prevalence: float) -> None:
    with pytest.raises(SettingError, match=f"prevalence={prevalence}"):
        PolarityEncoder(world.vectors, prevalence=prevalence).fit(world.unlabelled)


@pytest.mark.parametrize("nothing", [[], ["", "zzz"]])
def test_texts_without_a_known_word_cannot_be_fitted_on(world: World, nothing: list[str]) -> None:
    with pytest.raises(InputError, match=r"none of [02] texts holds a word that has a vector"):
        PolarityEncoder(world.vectors).fit(nothing)


@pytest.mark.parametrize("settings", [{}, {"seeds": None}, {"seeds": (["warm"], ["dull"])}])
def test_the_state_gives_back_the_same_encoder(world: World, settings: dict[str, Any]) -> None:
    encoder = PolarityEncoder(world.vectors, prevalence=0.4, seed=3, **settings)
    encoder.fit(world.unlabelled)
    copy = PolarityEncoder.from_state(*encoder.state(), world.vectors)
    assert repr(copy.seeds).replace("[", "(") == repr(encoder.seeds).replace("[", "(")
    assert (copy.prevalence, copy.seed) == (0.4, 3)
    ours, theirs = copy.transform(world.texts), encoder.transform(world.texts)
    np.testing.assert_array_equal(ours.plain_mean, theirs.plain_mean)
    assert (ours.score is None) == (theirs.score is None)
    if ours.score is not None:
        np.testing.assert_array_equal(ours.score, theirs.score)


# The head


@pytest.mark.parametrize("n", [0, 2, 8, 40])
def test_any_number_of_labels_can_be_fitted(
    world: World, features: PolarityFeatures, n: int
) -> None:
    head = PolarityClassifier().fit(features[rows(*range(n))], world.labels[:n])
    assert head.classes_.tolist() == ["negative", "positive"]
    p = head.predict_proba(features[rows(*range(40, 200))])
    assert p.shape == (160, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-12)
    right = head.classes_[p.argmax(axis=1)] == np.array(world.labels[40:])
    assert right.mean() > 0.95


NAMES = {
    "usual": ("positive", "negative"),
    "upper case": ("POS", "NEG"),
    "one usual, sorted first": ("good", "not at all"),
    "Chinese": ("好评", "差评"),
    "odd": ("Aye", "Nay"),
    "odd, sorted the other way": ("up", "down"),
    "0 and 1": ("1", "0"),
    "-1 and 1": ("1", "-1"),
    "1 and 2": ("2", "1"),
    "1 and 5 stars": ("5", "1"),
    "2 and 10": ("10", "2"),
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_the_positive_class_is_found_for_any_names(
    world: World, features: PolarityFeatures, names: tuple[str, str]
) -> None:
    """Wrongly turned round, the score would count against every label: accuracy near 0."""
    labels = [names[label == "negative"] for label in world.labels]
    head = PolarityClassifier().fit(features[rows(0, 1, 2, 3)], labels[:4])
    assert head.order_.tolist() == list(names[::-1])
    assert head.classes_.tolist() == sorted(names)
    p = head.predict_proba(features[rows(*range(40, 200))])
    assert np.mean(head.classes_[p.argmax(axis=1)] == np.array(labels[40:])) > 0.95


def test_usual_names_of_another_language_determine_the_order(
    world: World, features: PolarityFeatures
) -> None:
    """Labels that contradict the score show that it is the names that decide."""
    swapped = ["差评" if label == "positive" else "好评" for label in world.labels]
    head = PolarityClassifier("zh").fit(features[rows(0, 1)], swapped[:2])
    assert head.order_.tolist() == ["差评", "好评"]


def test_ordered_determines_the_order_of_two_classes(
    world: World, features: PolarityFeatures
) -> None:
    head = PolarityClassifier(ordered=["positive", "negative"])
    head.fit(features[rows(0, 1)], world.labels[:2])
    assert head.order_.tolist() == ["positive", "negative"]
    assert head.classes_.tolist() == ["negative", "positive"]


def three_classes(features: PolarityFeatures) -> list[str]:
    """Thirds by the score: poor, fair, fine."""
    assert features.score is not None
    thirds = np.digitize(features.score, np.quantile(features.score, [1 / 3, 2 / 3]))
    return [("poor", "fair", "fine")[third] for third in thirds]


@pytest.mark.parametrize("ordered", [None, ["poor", "fair", "fine"]])
def test_three_classes_are_learnt_with_an_order_or_without(
    features: PolarityFeatures, ordered: list[str] | None
) -> None:
    labels = three_classes(features)
    head = PolarityClassifier(ordered=ordered).fit(features[rows(*range(100))], labels[:100])
    assert head.classes_.tolist() == ["fair", "fine", "poor"]
    p = head.predict_proba(features[rows(*range(100, 200))])
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-9)
    assert (p >= 0).all()
    right = head.classes_[p.argmax(axis=1)] == np.array(labels[100:])
    assert right.mean() > (0.7 if ordered else 0.5)  # chance is 1/3; the order brings the score


@pytest.mark.parametrize("ordered", [None, ["poor", "fair", "fine"]])
def test_left_out_probabilities_are_those_of_each_problem(
    world: World, features: PolarityFeatures, ordered: list[str] | None
) -> None:
    head = PolarityClassifier(ordered=ordered).fit(features, three_classes(features))
    p = head.left_out_proba_
    assert p is not None
    np.testing.assert_allclose(p.sum(axis=1), 1)
    truth = np.searchsorted(head.classes_, three_classes(features))
    own, fitted = (
        p[np.arange(len(p)), truth],
        head.predict_proba(features)[np.arange(len(p)), truth],
    )
    assert own.mean() < fitted.mean()  # a label that was left out is less probable


def test_left_out_probabilities_of_two_classes_have_the_left_out_log_loss(
    features: PolarityFeatures,
) -> None:
    truth = np.where(features.score > 0, "fine", "poor")
    head = PolarityClassifier().fit(features, truth)
    p = head.left_out_proba_
    own = p[np.arange(len(p)), np.searchsorted(head.classes_, truth)]
    np.testing.assert_allclose(-np.log(own), head.mixture_.left_out_log_loss_)
    assert PolarityClassifier().fit(features[rows(0, 1)], ["a", "b"]).left_out_proba_ is None


def test_ordered_classes_follow_the_score_without_labels(features: PolarityFeatures) -> None:
    assert features.score is not None
    head = PolarityClassifier(ordered=["poor", "fair", "fine"]).fit(features[rows()], [])
    p = head.predict_proba(features)
    best = head.classes_[p.argmax(axis=1)]
    assert set(best[features.score > 1]) == {"fine"}
    assert set(best[features.score < -1]) == {"poor"}


def test_an_ordered_class_without_an_example_is_still_a_class(features: PolarityFeatures) -> None:
    head = PolarityClassifier(ordered=["poor", "fair", "fine"])
    head.fit(features[rows(0, 1)], ["fine", "poor"])
    assert "fair" in head.classes_


def test_a_label_outside_the_order_is_named(world: World, features: PolarityFeatures) -> None:
    head = PolarityClassifier(ordered=["poor", "fair", "fine"])
    with pytest.raises(InputError, match=r"not among ordered=.*: 'negative', 'positive'"):
        head.fit(features[rows(0, 1)], world.labels[:2])


@pytest.mark.parametrize("ordered", [["fine"], [], ["poor", "fine", "poor"]])
def test_an_order_of_fewer_than_two_different_labels_is_refused(
    features: PolarityFeatures, ordered: list[str]
) -> None:
    with pytest.raises(SettingError, match=r"ordered=.* must be a list of two or more"):
        PolarityClassifier(ordered=ordered).fit(features[rows(0)], ["fine"])


def test_one_class_alone_is_refused(features: PolarityFeatures) -> None:
    with pytest.raises(InputError, match="all 2 labels are 'positive'; give examples of at least"):
        PolarityClassifier().fit(features[rows(0, 2)], ["positive", "positive"])


@pytest.mark.parametrize("ordered", [["negative", "positive"], ["poor", "fair", "positive"]])
def test_one_class_alone_is_refused_in_an_order_too(
    features: PolarityFeatures, ordered: list[str]
) -> None:
    with pytest.raises(InputError, match="all 2 labels are 'positive'; give examples of at least"):
        PolarityClassifier(ordered=ordered).fit(features[rows(0, 2)], ["positive"] * 2)


def test_neither_labels_nor_a_score_is_refused(world: World) -> None:
    plain = PolarityEncoder(world.vectors, seeds=None).fit(world.unlabelled)
    with pytest.raises(InputError, match="no labels and no polarity score"):
        PolarityClassifier().fit(plain.transform([]), [])


def test_without_seeds_labels_alone_are_learnt(world: World) -> None:
    plain = PolarityEncoder(world.vectors, seeds=None).fit(world.unlabelled)
    texts, labels = world.few(40)
    head = PolarityClassifier().fit(plain.transform(texts), labels)
    p = head.predict_proba(plain.transform(world.test[0]))
    assert np.mean(head.classes_[p.argmax(axis=1)] == np.array(world.test[1])) > 0.9


def test_different_numbers_of_texts_and_labels_are_refused(features: PolarityFeatures) -> None:
    with pytest.raises(InputError):
        PolarityClassifier().fit(features[rows(0, 1, 2)], ["positive", "negative"])


@pytest.mark.parametrize("ordered", [None, ["poor", "fair", "fine"]])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_state_gives_back_the_same_head(
    features: PolarityFeatures, n_classes: int, ordered: list[str] | None
) -> None:
    labels = three_classes(features)
    chosen = [i for i, label in enumerate(labels) if n_classes == 3 or label != "fair"][:60]
    if n_classes == 2 and ordered:
        ordered = ["poor", "fine"]
    head = PolarityClassifier("zh", ordered=ordered)
    head.fit(features[rows(*chosen)], [labels[i] for i in chosen])
    copy = PolarityClassifier.from_state(*head.state())
    assert copy.get_params() == head.get_params()
    assert copy.classes_.tolist() == head.classes_.tolist()
    np.testing.assert_array_equal(copy.predict_proba(features), head.predict_proba(features))


def test_an_inconsistent_state_of_a_head_is_refused(
    world: World, features: PolarityFeatures
) -> None:
    head = PolarityClassifier().fit(features[rows(0, 1)], world.labels[:2])
    facts, tensors = head.state()
    stored, n = PolarityClassifier.stored, len(tensors["idf"])
    with pytest.raises(ModelFileError, match="1 mixtures do not fit 3 classes"):
        check(stored, facts | {"classes": ["a", "b", "c"]}, tensors)
    with pytest.raises(ModelFileError, match=rf"idf has shape \({n - 1},\), but \({n},\)"):
        check(stored, facts, tensors | {"idf": tensors["idf"][1:]})
    with pytest.raises(ModelFileError, match="the tensor grams is missing"):
        check(stored, facts, {})


def test_texts_may_come_from_an_iterator_and_a_single_str_is_refused(world: World) -> None:
    encoder = PolarityEncoder(world.vectors).fit(world.unlabelled)
    expected, found = encoder.transform(world.texts), encoder.transform(iter(world.texts))
    assert np.array_equal(found.plain_mean, expected.plain_mean)
    assert np.array_equal(found.grams.numbers, expected.grams.numbers)
    with pytest.raises(InputError, match="single str"):
        encoder.transform("good film")


def test_predict_returns_the_most_probable_label(world: World) -> None:
    encoder = PolarityEncoder(world.vectors).fit(world.unlabelled)
    X = encoder.transform(world.texts)
    head = PolarityClassifier().fit(X, world.labels)
    best = head.predict_proba(X).argmax(axis=1)
    assert head.predict(X).tolist() == head.classes_[best].tolist()
    assert np.mean(head.predict(X) == np.array(world.labels)) > 0.95


def test_a_state_with_settings_of_a_hidden_layer_loads_and_one_with_the_layer_is_refused(
    world: World, features: PolarityFeatures
) -> None:
    head = PolarityClassifier().fit(features[rows(0, 1)], world.labels[:2])
    facts, tensors = head.state()
    former = facts | {"hidden_units": 4, "seed": 0, "hidden": None}  # written until 2026-11-28
    same = PolarityClassifier.from_state(former, tensors)
    np.testing.assert_array_equal(same.predict_proba(features), head.predict_proba(features))
    with pytest.raises(ModelFileError, match="hidden layer on its mixture"):
        PolarityClassifier.from_state(former | {"hidden": {"gain": 0.1, "epochs": 3}}, tensors)


def test_the_accuracy_of_the_classifier_is_weighted(
    world: World, features: PolarityFeatures
) -> None:
    head = PolarityClassifier().fit(features[rows(0, 1, 2, 3)], world.labels[:4])
    X, right = features[rows(4, 5, 6)], head.predict(features[rows(4, 5, 6)]).tolist()
    wrong = "negative" if right[2] == "positive" else "positive"
    y = [right[0], right[1], wrong]
    assert head.score(X, y) == pytest.approx(2 / 3)
    assert head.score(X, y, sample_weight=[1, 0, 3]) == pytest.approx(1 / 4)
    with pytest.raises(InputError, match="3 rows but y has 2 labels"):
        head.score(X, y[:2])
