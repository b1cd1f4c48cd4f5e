"""Parameters that change after pretraining, and stages that cannot work: followed or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
    SkipGram,
    WordVectors,
    load,
)
from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.classification import Training
from sentiment_transfer.encoding import Tuning
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.text import TokenIds, Tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World


def pretrained(world: World, **settings: Any) -> SentimentClassifier:  # noqa: ANN401
    return SentimentClassifier(vectors=world.vectors, **settings).pretrain(world.unlabelled)


def from_file(model: SentimentClassifier, folder: Path) -> SentimentClassifier:
    model.save(folder / "model.safetensors")
    loaded = load(folder / "model.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


# A head that changed


def test_a_head_set_after_pretraining_stands_on_the_encoder_it_needs(world: World) -> None:
    changed = pretrained(world).set_params(head=LogisticRegression()).fit(*world.few(20))
    expected = pretrained(world, head=LogisticRegression()).fit(*world.few(20))
    assert type(changed.encoder_) is AveragingEncoder
    np.testing.assert_array_equal(
        changed.predict_proba(world.texts), expected.predict_proba(world.texts)
    )
    back = changed.set_params(head=None).fit(*world.few(20))
    assert type(back.encoder_) is PolarityEncoder
    np.testing.assert_array_equal(
        back.predict_proba(world.texts),
        pretrained(world).fit(*world.few(20)).predict_proba(world.texts),
    )


def test_a_model_from_a_file_takes_another_head_without_its_unlabelled_texts(
    world: World, tmp_path: Path
) -> None:
    expected = pretrained(world, head=LogisticRegression()).fit(*world.few(20))
    loaded = from_file(pretrained(world), tmp_path)
    other = loaded.with_head(LogisticRegression()).fit(*world.few(20))
    changed = loaded.set_params(head=LogisticRegression()).fit(*world.few(20))
    for model in (other, changed):
        np.testing.assert_allclose(
            model.predict_proba(world.texts), expected.predict_proba(world.texts), atol=1e-6
        )
    again = from_file(expected, tmp_path).with_head(LogisticRegression()).fit(*world.few(20))
    np.testing.assert_allclose(
        again.predict_proba(world.texts), expected.predict_proba(world.texts), atol=1e-6
    )


def test_the_default_head_cannot_be_had_back_where_polarity_is_not_known(
    world: World, tmp_path: Path
) -> None:
    loaded = from_file(pretrained(world, head=LogisticRegression()).fit(*world.few(8)), tmp_path)
    with pytest.raises(SettingError, match="encoder changed after pretraining"):
        loaded.set_params(head=None, encoder=None).fit(*world.few(8))
    with pytest.raises(NotFittedError, match="does not hold its unlabelled texts"):
        loaded.with_head(None)


def test_settings_inside_the_head_are_followed(world: World) -> None:
    head = HiddenLayerClassifier(4, training=Training(epochs=2))
    model = pretrained(world, head=head).fit(*world.few(8))
    model.set_params(head__hidden_units=3).fit(*world.few(8))
    assert model.head_.hidden_units == 3


def test_an_order_set_after_pretraining_is_followed(world: World, tmp_path: Path) -> None:
    order = ["poor", "fair", "fine"]
    for model in (pretrained(world), from_file(pretrained(world), tmp_path)):
        model.set_params(ordered=order).fit(world.texts[:2], ["fine", "poor"])
        assert model.classes_.tolist() == sorted(order)


def test_features_of_another_encoder_are_refused(world: World) -> None:
    model = pretrained(world)
    encoded = model.encode(world.texts[:8])
    model.set_params(head=LogisticRegression())
    with pytest.raises(SettingError, match=r"PolarityEncoder; call fit\("):
        model.fit_encoded(encoded, world.labels[:8])


# What needs another pretraining


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seeds", (["warm"], ["dull"])),
        ("seeds", None),
        ("prevalence", 0.3),
        ("vectors", "other"),
        ("language", "zh"),
        ("skipgram", SkipGram(8)),
        ("encoder", "averages"),
    ],
)
@pytest.mark.parametrize("source", ["pretrained", "file"])
def test_what_pretraining_rests_on_cannot_change_without_it(
    world: World,
    tmp_path: Path,
    name: str,
    value: Any,  # noqa: ANN401
    source: str,
) -> None:
    model = pretrained(world)
    model = from_file(model, tmp_path) if source == "file" else model
    before = model.predict_proba(world.texts)
    value = {"other": world.vectors.randomised(1), "averages": AveragingEncoder(world.vectors)}.get(
        value if isinstance(value, str) else "", value
    )
    old = getattr(model, name)
    model.set_params(**{name: value})
    with pytest.raises(SettingError, match=rf"{name} changed after pretraining.*call pretrain\("):
        model.fit(*world.few(8))
    np.testing.assert_array_equal(model.predict_proba(world.texts), before)
    model.set_params(**{name: old}).fit(*world.few(8))  # "or set it back"


def test_skip_gram_settings_changed_in_place_are_noticed(world: World) -> None:
    model = SentimentClassifier(skipgram=SkipGram(8, epochs=1)).pretrain(world.unlabelled)
    model.set_params(skipgram__vector_size=9)
    with pytest.raises(SettingError, match="skipgram changed after pretraining"):
        model.fit(*world.few(8))
    assert model.pretrain(world.unlabelled).fit(*world.few(8)).vectors_.vector_size == 9


def test_other_initial_vectors_are_noticed_and_an_equal_setting_is_not(world: World) -> None:
    def skipgram(initial: WordVectors) -> SkipGram:
        return SkipGram(16, epochs=1, initial=initial)

    model = SentimentClassifier(skipgram=skipgram(world.vectors)).pretrain(world.unlabelled)
    learnt = model.vectors_
    model.set_params(skipgram=skipgram(world.vectors)).fit(*world.few(8))
    assert model.vectors_ is learnt
    model.set_params(skipgram__initial=world.vectors.randomised(1))
    with pytest.raises(SettingError, match="skipgram changed after pretraining"):
        model.fit(*world.few(8))


def test_several_changes_are_named_together(world: World) -> None:
    model = pretrained(world).set_params(prevalence=0.2, seeds=None)
    with pytest.raises(SettingError, match="seeds and prevalence changed"):
        model.fit(*world.few(8))


def test_seeds_mean_nothing_to_other_stages_and_may_change(world: World) -> None:
    model = pretrained(world, head=LogisticRegression()).set_params(seeds=None)
    assert model.fit(*world.few(40)).score(*world.test) > 0.9


def test_without_pretraining_every_change_is_followed(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).fit(*world.few(40))
    other = world.vectors.randomised(3)
    model.set_params(vectors=other, prevalence=0.4, seeds=(["warm"], ["dull"]))
    model.fit(*world.few(40))
    assert model.vectors_ is other
    assert model.encoder_.prevalence == 0.4
    assert model.encoder_.seeds == (["warm"], ["dull"])


# Stages that cannot work


@pytest.mark.parametrize("learn", ["pretrain", "fit"])
def test_vectors_of_another_language_are_refused(world: World, learn: str) -> None:
    model = SentimentClassifier("zh", vectors=world.vectors)
    with pytest.raises(SettingError, match=r"language='zh', but the vectors are for 'en'"):
        getattr(model, learn)(*(world.few(8) if learn == "fit" else [world.unlabelled]))
    chinese = WordVectors(world.vectors.vocabulary, world.vectors.matrix, Tokenizer("zh"))
    with pytest.raises(SettingError, match=r"SentimentClassifier\('zh', \.\.\.\)"):
        SentimentClassifier(vectors=chinese).pretrain(world.unlabelled)


class Counted(Estimator):
    """An encoder of one's own, by the contract in SentimentClassifier's docstring."""

    def __init__(self, vectors: WordVectors | None = None) -> None:
        self.vectors = vectors

    def fit(self, ids: TokenIds) -> Counted:
        assert isinstance(ids, TokenIds)
        self.common_ = np.bincount(ids.ids, minlength=len(self.vectors)) > 0  # type: ignore[arg-type]
        return self

    def transform(self, texts: list[str]) -> np.ndarray:
        assert isinstance(texts, list)
        ids = self.vectors.encode(texts)  # type: ignore[union-attr]
        counts = np.zeros((len(ids), len(self.common_)), np.float32)
        for i in range(len(ids)):
            counts[i] = np.bincount(ids[i], minlength=len(self.common_))
        return counts * self.common_


def test_an_encoder_of_ones_own_works_by_the_contract(world: World) -> None:
    model = pretrained(world, encoder=Counted(), head=LogisticRegression()).fit(*world.few(40))
    assert model.score(*world.test) > 0.9
    assert model.encoder_.vectors is world.vectors


def test_an_encoder_that_brings_vectors_needs_no_others(world: World) -> None:
    encoder = LSTMEncoder(world.vectors, 3, tuning=Tuning(vectors_rate=0))
    head = HiddenLayerClassifier(4, training=Training(epochs=1))
    fitted = SentimentClassifier(encoder=encoder, head=head).fit(*world.few(8))
    assert fitted.vectors_ is world.vectors
    pretrained = SentimentClassifier(encoder=encoder, head=head).pretrain(world.unlabelled)
    assert pretrained.vectors_ is world.vectors
    assert pretrained.fit(*world.few(8)).vectors_ is world.vectors


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        (TfidfVectorizer(), "TfidfVectorizer is not allowed: it has no parameter 'vectors'"),
        (Counted, "Counted is not allowed; it must be an object with fit, transform"),
        (len, "is not allowed; it must be an object with fit, transform"),
        (LogisticRegression(), "LogisticRegression is not allowed; it must be an object"),
    ],
)
def test_what_is_no_encoder_is_refused(world: World, encoder: object, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        pretrained(world, encoder=encoder)


def test_a_head_without_probabilities_or_linear_scores_is_refused_when_fitted(
    world: World,
) -> None:
    with pytest.raises(
        SettingError, match=r"SVC has neither predict_proba nor.*CalibratedClassifierCV"
    ):
        pretrained(world, head=SVC()).fit(*world.few(40))
    calibrated = pretrained(world, head=CalibratedClassifierCV(SVC(), cv=2)).fit(*world.few(40))
    assert calibrated.score(*world.test) > 0.9
    linear = pretrained(world, head=SVC(kernel="linear")).fit(*world.few(40))
    assert linear.score(*world.test) > 0.9


def test_an_informed_head_of_ones_own_is_of_the_default_kind(world: World) -> None:
    model = pretrained(world).set_params(head=PolarityClassifier(class_weight="balanced"))
    assert type(model.fit(*world.few(8)).encoder_) is PolarityEncoder


# Found by a second reading: state after a fit that fails, and settings that share objects


@pytest.mark.parametrize("labels", [["positive"] * 8, ["good", "bad"] * 4])
def test_a_fit_that_fails_leaves_the_fitted_model_as_it_was(
    world: World, labels: list[str]
) -> None:
    texts, right = world.few(8)
    for model in (SentimentClassifier(vectors=world.vectors), pretrained(world)):
        model.fit(texts, right)
        before = model.predict_proba(world.texts)
        ordered = ["negative", "positive"] if labels[0] == "good" else None
        with pytest.raises(InputError):
            model.set_params(ordered=ordered).fit(texts, labels)
        np.testing.assert_array_equal(model.predict_proba(world.texts), before)


def test_an_encoder_of_ones_own_that_knows_polarity_waits_for_labels(world: World) -> None:
    model = SentimentClassifier(
        vectors=world.vectors, encoder=PolarityEncoder(world.vectors), head=PolarityClassifier()
    )
    model.pretrain(world.unlabelled).fit(*world.few(20))
    assert model.score(*world.test) > 0.8


def test_a_setting_changed_within_a_nested_part_of_the_encoder_is_noticed(world: World) -> None:
    class Scaled(AveragingEncoder):
        def __init__(self, vectors: Any = None, scaler: Any = None) -> None:  # noqa: ANN401
            super().__init__(vectors)
            self.scaler = scaler

    encoder = Scaled(world.vectors, StandardScaler())
    model = SentimentClassifier(vectors=world.vectors, encoder=encoder, head=LogisticRegression())
    model.pretrain(world.unlabelled).set_params(encoder__scaler__with_mean=False)
    with pytest.raises(SettingError, match="encoder changed"):
        model.fit(*world.few(20))


def test_a_numpy_scalar_equal_to_the_setting_is_no_change(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, prevalence=0.5).pretrain(world.unlabelled)
    model.set_params(prevalence=np.float64(0.5)).fit(*world.few(8))


def test_an_encoder_class_is_refused_by_name(world: World) -> None:
    with pytest.raises(SettingError, match="encoder=AveragingEncoder is not allowed"):
        SentimentClassifier(encoder=AveragingEncoder).pretrain(world.unlabelled)


def test_a_text_to_explain_that_is_no_str_is_refused(world: World) -> None:
    with pytest.raises(InputError, match="text 0 is 5"):
        pretrained(world).explain(5)  # type: ignore[arg-type]


def test_a_model_of_shipped_vectors_learns_the_same_again_from_its_file(tmp_path: Path) -> None:
    texts = ["a superb film", "dull and far too long", "great fun", "a waste of time"] * 3
    labels = ["positive", "negative"] * 6
    model = SentimentClassifier(vectors="reviews-en").fit(texts, labels)
    model.save(tmp_path / "m.safetensors")
    again = load(tmp_path / "m.safetensors")
    assert isinstance(again, SentimentClassifier)
    again.fit(texts, labels)
    asked = ["not my kind of film", "charming", "it is a film"]
    np.testing.assert_allclose(again.predict_proba(asked), model.predict_proba(asked), atol=1e-9)


def test_settings_of_a_loaded_model_are_not_the_fitted_stages(world: World, tmp_path: Path) -> None:
    model = SentimentClassifier(
        vectors=world.vectors, head=HiddenLayerClassifier(4, training=Training(epochs=3))
    )
    model.pretrain(world.unlabelled).fit(*world.few(12)).save(tmp_path / "m.safetensors")
    loaded = load(tmp_path / "m.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    before = loaded.predict_proba(world.texts)
    loaded.set_params(head__activation="tanh", head__hidden_units=9)
    np.testing.assert_array_equal(loaded.predict_proba(world.texts), before)
    loaded.save(tmp_path / "again.safetensors")
    load(tmp_path / "again.safetensors")


def test_another_head_and_back_keeps_what_adapting_was_given(world: World) -> None:
    model = pretrained(world).adapt(world.unlabelled[:150], prevalence=0.3)
    other = model.with_head(None)
    assert other.encoder_.prevalence_ == 0.3
    np.testing.assert_array_equal(
        other.predict_proba(world.texts), model.predict_proba(world.texts)
    )


def test_a_model_fitted_on_labelled_texts_alone_starts_again_with_another_head(
    world: World,
) -> None:
    first, later = world.few(8), (world.texts[8:20], world.labels[8:20])
    head = LogisticRegression()
    model = SentimentClassifier(vectors=world.vectors).fit(*first).with_head(head).fit(*later)
    fresh = SentimentClassifier(vectors=world.vectors, head=head).fit(*later)
    np.testing.assert_array_equal(
        model.predict_proba(world.texts), fresh.predict_proba(world.texts)
    )


def test_adapting_refuses_vectors_that_were_replaced(world: World) -> None:
    model = pretrained(world).set_params(vectors=world.vectors.randomised(3))
    with pytest.raises(SettingError, match="vectors changed"):
        model.adapt(world.unlabelled)


def test_an_average_without_a_centre_needs_no_texts(world: World, tmp_path: Path) -> None:
    pretrained(world).save(tmp_path / "m.safetensors")
    loaded = load(tmp_path / "m.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    encoder = AveragingEncoder(world.vectors, center=False)
    other = loaded.with_head(LogisticRegression(), encoder).fit(*world.few(20))
    assert other.encoder_.mean_.tolist() == [0] * world.vectors.vector_size


def test_a_grid_search_chooses_between_word_vectors(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, head=LogisticRegression())
    grid = GridSearchCV(model, {"vectors": [world.vectors, world.vectors.randomised(0)]}, cv=2)
    grid.fit(*world.few(20))
    assert grid.best_params_["vectors"] is world.vectors
