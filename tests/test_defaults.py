"""Parameters that change after pretraining, and stages that cannot work: followed or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
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
from sentiment_transfer.errors import NotFittedError, SettingError
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
