"""scikit-learn's contract, held by everything that is fitted."""

from __future__ import annotations

import inspect
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
    SkipGram,
)
from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.classification import Training
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import World

    from sentiment_transfer.pretraining import WordVectors

ESTIMATORS: dict[str, Callable[[WordVectors], Any]] = {
    "Tokenizer": lambda _: Tokenizer(),
    "SkipGram": lambda _: SkipGram(),
    "AveragingEncoder": AveragingEncoder,
    "LSTMEncoder": LSTMEncoder,
    "PolarityEncoder": PolarityEncoder,
    "TunedAveragingEncoder": TunedAveragingEncoder,
    "HiddenLayerClassifier": lambda _: HiddenLayerClassifier(),
    "PolarityClassifier": lambda _: PolarityClassifier(),
    "SentimentClassifier": lambda vectors: SentimentClassifier(vectors=vectors),
}
ALL = pytest.mark.parametrize("make", ESTIMATORS.values(), ids=ESTIMATORS)


@ALL
def test_the_constructor_only_stores(make: Callable[[WordVectors], Any]) -> None:
    kind = type(make(None))  # type: ignore[arg-type]
    names = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    nonsense = {name: object() for name in names}
    estimator = kind(**nonsense)
    assert vars(estimator) == nonsense
    assert estimator.get_params(deep=False) == nonsense


@ALL
def test_set_params_sets_by_name_and_returns_the_estimator(
    make: Callable[[WordVectors], Any], vectors: WordVectors
) -> None:
    estimator = make(vectors)
    for name in estimator.get_params(deep=False):
        value = object()
        assert estimator.set_params(**{name: value}) is estimator
        assert getattr(estimator, name) is value
        assert estimator.get_params(deep=False)[name] is value
    assert estimator.set_params() is estimator


@ALL
def test_an_unknown_parameter_is_named_with_those_that_exist(
    make: Callable[[WordVectors], Any], vectors: WordVectors
) -> None:
    estimator = make(vectors)
    with pytest.raises(SettingError, match="has no parameter 'windwo'") as raised:
        estimator.set_params(windwo=3)
    assert all(name in str(raised.value) for name in estimator.get_params(deep=False))


@ALL
def test_scikit_learn_clones_it_with_equal_parameters_and_nothing_learnt(
    make: Callable[[WordVectors], Any], vectors: WordVectors
) -> None:
    estimator = make(vectors)
    estimator.learnt_ = "something"
    copy = clone(estimator)
    assert type(copy) is type(estimator)
    assert copy is not estimator
    assert not hasattr(copy, "learnt_")
    assert repr(copy) == repr(estimator)
    assert copy.get_params().keys() == estimator.get_params().keys()


@ALL
def test_it_is_printed_as_it_would_be_written(
    make: Callable[[WordVectors], Any], vectors: WordVectors
) -> None:
    estimator = make(vectors)
    given = "vectors=<WordVectors: 43 words, 16 dimensions>"
    name = type(estimator).__name__
    assert repr(estimator) == f"{name}({given if hasattr(estimator, 'vectors') else ''})"


def test_what_differs_from_the_default_is_printed() -> None:
    assert repr(SkipGram(200, seed=3)) == "SkipGram(vector_size=200, seed=3)"
    assert (
        repr(SkipGram(tokenizer=Tokenizer("zh"))) == "SkipGram(tokenizer=Tokenizer(language='zh'))"
    )
    assert repr(Tokenizer(stop_words=0)) == "Tokenizer(stop_words=0)"  # type: ignore[arg-type]


@ALL
def test_tags_say_whether_it_is_a_classifier_and_what_it_reads(
    make: Callable[[WordVectors], Any], vectors: WordVectors
) -> None:
    estimator = make(vectors)
    assert is_classifier(estimator) == type(estimator).__name__.endswith("Classifier")
    tags = estimator.__sklearn_tags__()
    assert tags.input_tags.string != tags.input_tags.two_d_array


@ALL
def test_it_survives_pickling(make: Callable[[WordVectors], Any], vectors: WordVectors) -> None:
    estimator = make(vectors)
    arrived = pickle.loads(pickle.dumps(estimator))  # noqa: S301  (what joblib does)
    assert repr(arrived) == repr(estimator)


BEFORE_FIT: dict[str, Callable[[WordVectors], Any]] = {
    "AveragingEncoder": lambda v: AveragingEncoder(v).transform(["good"]),
    "LSTMEncoder": lambda v: LSTMEncoder(v).transform(["good"]),
    "LSTMEncoder state": lambda v: LSTMEncoder(v).state(),
    "PolarityEncoder": lambda v: PolarityEncoder(v).transform(["good"]),
    "TunedAveragingEncoder": lambda v: TunedAveragingEncoder(v).transform(["good"]),
    "HiddenLayerClassifier": lambda _: HiddenLayerClassifier().predict([[1.0]]),
    "PolarityClassifier": lambda v: PolarityClassifier().predict_proba(
        PolarityEncoder(v).fit(["good bad film"]).transform(["good"])
    ),
    "PolarityClassifier state": lambda _: PolarityClassifier().state(),
    "predict": lambda v: SentimentClassifier(vectors=v).predict(["good"]),
    "coverage": lambda v: SentimentClassifier(vectors=v).coverage(["good"]),
    "encode": lambda v: SentimentClassifier(vectors=v).encode(["good"]),
    "save": lambda v: SentimentClassifier(vectors=v).save("never-written.safetensors"),
    "with_head": lambda v: SentimentClassifier(vectors=v).with_head(LogisticRegression()),
    "fit without vectors": lambda _: SentimentClassifier().fit(["good"], ["positive"]),
    "predict without labels or seeds": lambda v: (
        SentimentClassifier(vectors=v, seeds=None).pretrain(["good film"]).predict(["good"])
    ),
}


@pytest.mark.parametrize("use", BEFORE_FIT.values(), ids=BEFORE_FIT)
def test_nothing_fitted_is_there_before_fit(
    use: Callable[[WordVectors], Any], vectors: WordVectors
) -> None:
    with pytest.raises(NotFittedError, match=r"call|not trained"):
        use(vectors)


def encoded(
    encoder: AveragingEncoder | PolarityEncoder | LSTMEncoder | TunedAveragingEncoder,
    texts: list[str],
) -> list[np.ndarray[Any, Any]]:
    answer = encoder.transform(texts)
    parts = [answer] if isinstance(answer, np.ndarray) else vars(answer).values()
    return [part.numbers if hasattr(part, "numbers") else part for part in parts]


@pytest.mark.parametrize(
    "kind",
    [
        AveragingEncoder,
        PolarityEncoder,
        TunedAveragingEncoder,
    ],
)
def test_a_second_fit_of_an_encoder_forgets_the_first(
    kind: Callable[[WordVectors], Any], world: World
) -> None:
    first, second = world.unlabelled[:60], world.unlabelled[60:160]
    twice = kind(world.vectors).fit(first).fit(second)
    once = kind(world.vectors).fit(second)
    texts = world.texts[:5]
    for a, b in zip(encoded(twice, texts), encoded(once, texts), strict=True):
        np.testing.assert_array_equal(a, b)
    other = kind(world.vectors).fit(first)
    assert not np.array_equal(encoded(other, texts)[0], encoded(once, texts)[0])


def test_a_second_fit_of_skip_gram_forgets_the_first() -> None:
    setting = SkipGram(8, epochs=2, min_count=1, sample=0)
    other = setting.fit(["one two three"] * 9).vectors_
    twice = setting.fit(["alpha beta gamma"] * 9)
    once = SkipGram(8, epochs=2, min_count=1, sample=0).fit(["alpha beta gamma"] * 9)
    assert twice.vectors_ is not other
    assert twice.vectors_.words == once.vectors_.words
    assert twice.vectors_.matrix.tobytes() == once.vectors_.matrix.tobytes()
    assert len(twice.history_) == 2


@pytest.mark.parametrize("head", [None, LogisticRegression()])
def test_a_second_fit_of_the_classifier_forgets_the_first(world: World, head: object) -> None:
    """Without ``pretrain`` the encoder is fitted on the labelled texts, so it is fitted again."""
    twice = SentimentClassifier(vectors=world.vectors, head=head).fit(*world.few(10))
    twice.fit(world.texts[20:60], world.labels[20:60])
    once = SentimentClassifier(vectors=world.vectors, head=head)
    once.fit(world.texts[20:60], world.labels[20:60])
    texts, _ = world.test
    np.testing.assert_array_equal(twice.predict_proba(texts), once.predict_proba(texts))


def test_a_second_pretraining_discards_the_head_fitted_on_the_old_vectors(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, head=LogisticRegression())
    model.pretrain(world.unlabelled[:60]).fit(*world.few(10))
    model.pretrain(world.unlabelled[60:])
    with pytest.raises(NotFittedError):
        model.predict(["good film"])


def test_nested_parameters_are_reached_with_two_underscores() -> None:
    model = SentimentClassifier(skipgram=SkipGram(tokenizer=Tokenizer()))
    params = {
        "skipgram__vector_size": 8,
        "skipgram__tokenizer__stop_words": False,
    }
    assert model.get_params().items() >= {"skipgram__vector_size": 100, "seed": 0}.items()
    model.set_params(**params)
    assert model.get_params().items() >= params.items()
    assert "skipgram__vector_size" not in model.get_params(deep=False)
    with pytest.raises(SettingError, match="SkipGram has no parameter 'size'"):
        model.set_params(skipgram__size=3)
    with pytest.raises(SettingError, match="skipgram is None; set it before its 'epochs'"):
        SentimentClassifier().set_params(skipgram__epochs=3)


def test_a_frozen_part_is_replaced_not_changed() -> None:
    shared = Training(epochs=3)
    head = HiddenLayerClassifier(training=shared).set_params(training__epochs=7)
    assert (head.training.epochs, shared.epochs) == (7, 3)


def test_an_estimator_may_have_no_parameters() -> None:
    class Plain(Estimator):
        def __init__(self) -> None:
            pass

    assert Plain().get_params() == {}
    assert repr(Plain()) == "Plain()"


def test_an_array_as_a_parameter_does_not_break_printing() -> None:
    class Weighted(Estimator):
        def __init__(self, weights: object = None) -> None:
            self.weights = weights

    assert repr(Weighted(np.array([1, 2]))) == "Weighted(weights=array([1, 2]))"


@pytest.mark.parametrize("kind", [AveragingEncoder, TunedAveragingEncoder])
def test_encoder_and_head_work_in_a_pipeline(
    kind: Callable[[WordVectors], Any], world: World
) -> None:
    pipeline = make_pipeline(kind(world.vectors), LogisticRegression())
    texts, labels = world.test
    assert pipeline.fit(*world.few(40)).score(texts, labels) > 0.9
    assert repr(kind(world.vectors)) in repr(clone(pipeline))


def test_a_grid_search_tunes_encoder_and_head(world: World) -> None:
    pipeline = make_pipeline(AveragingEncoder(world.vectors), LogisticRegression())
    grid = {"averagingencoder__center": [True, False], "logisticregression__C": [0.1, 10]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(*world.few(40))
    assert search.best_params_.keys() == grid.keys()
    assert len(search.cv_results_["params"]) == 2 * 2
    assert search.score(*world.test) > 0.9


def test_a_grid_search_tunes_the_whole_classifier(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors)
    grid: dict[str, list[Any]] = {"seeds": ["language", None], "prevalence": [0.3, 0.5]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(*world.few(40))
    assert search.best_estimator_.seeds in grid["seeds"]
    assert search.predict(world.texts[:2]).tolist() == world.labels[:2]
    assert search.score(*world.test) > 0.9


NAMES = {
    "usual": ("positive", "negative"),
    "Chinese, where the positive name sorts first": ("好评", "差评"),
    "odd, where the positive name sorts first": ("Aye", "Nay"),
    "numeric": ("1", "0"),
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_scikit_learns_scorers_do_not_depend_on_the_names_of_the_labels(
    world: World, names: tuple[str, str]
) -> None:
    renamed = [names[label == "negative"] for label in world.labels[:60]]
    scores = cross_validate(
        SentimentClassifier(vectors=world.vectors),
        world.texts[:60],
        renamed,
        cv=2,
        scoring=["accuracy", "f1_macro", "roc_auc", "neg_log_loss"],
        error_score="raise",
    )
    assert all(scores[f"test_{name}"].min() > 0.9 for name in ("accuracy", "f1_macro", "roc_auc"))
    assert scores["test_neg_log_loss"].min() > -0.3  # the wrong way round it is about -2


def test_cross_validation_takes_any_head(world: World) -> None:
    for head in (LogisticRegression(), HiddenLayerClassifier(4, training=Training(epochs=30))):
        model = SentimentClassifier(vectors=world.vectors, head=head)
        scores = cross_val_score(model, *world.few(60), cv=2, error_score="raise")
        assert scores.min() > 0.7  # a coin has 0.5


@pytest.mark.parametrize("nested_first", [True, False])
def test_a_part_is_replaced_before_its_own_parameters_are_set(nested_first: bool) -> None:
    head = HiddenLayerClassifier(hidden_units=9)
    params = {"head__hidden_units": 4, "head__training__epochs": 7, "head": head}
    if not nested_first:
        params = dict(reversed(params.items()))
    model = SentimentClassifier(head=HiddenLayerClassifier()).set_params(**params)
    assert model.head is head
    assert (head.hidden_units, head.training.epochs) == (4, 7)


@pytest.mark.parametrize("nested_first", [True, False])
def test_a_frozen_part_is_replaced_before_its_fields_are_set(nested_first: bool) -> None:
    params = {"training__epochs": 7, "training": Training(patience=3)}
    if not nested_first:
        params = dict(reversed(params.items()))
    head = HiddenLayerClassifier().set_params(**params)
    assert head.training == Training(epochs=7, patience=3)


def test_an_unknown_parameter_leaves_the_others_as_they_were() -> None:
    head = HiddenLayerClassifier(hidden_units=9)
    with pytest.raises(SettingError, match="windwo"):
        head.set_params(hidden_units=4, windwo=3)
    assert head.hidden_units == 9


def of_each_kind(labels: list[str]) -> dict[str, list[Any]]:
    """The same labels of each kind, with the positive one first by name and last."""
    good = [label == "positive" for label in labels]
    return {
        "text": labels,
        "text, positive first": ["好评" if one else "差评" for one in good],
        "integers": [int(one) for one in good],
        "integers, positive first": [int(not one) for one in good],
        "bools": good,
    }


META: dict[str, Callable[[Any], Any]] = {
    "voting": lambda model: VotingClassifier([("a", model), ("b", clone(model))], voting="soft"),
    "stacking": lambda model: StackingClassifier([("a", model)], cv=2),
    "one against the rest": OneVsRestClassifier,
    "calibration": lambda model: CalibratedClassifierCV(model, cv=2),
    "grid search": lambda model: GridSearchCV(model, {"seed": [0, 1]}, cv=2),
}


@pytest.mark.parametrize("wrap", META.values(), ids=META)
@pytest.mark.parametrize("kind", of_each_kind([]))
def test_scikit_learns_meta_estimators_take_the_classifier_with_labels_of_any_kind(
    world: World, wrap: Callable[[Any], Any], kind: str
) -> None:
    texts, labels = world.texts[:24], of_each_kind(world.labels)[kind]
    wrapped = wrap(SentimentClassifier(vectors=world.vectors)).fit(texts, labels[:24])
    predicted = wrapped.predict(world.texts[40:])
    assert np.mean(predicted == np.array(labels[40:])) > 0.9
    assert predicted.dtype.kind == np.array(labels).dtype.kind


@pytest.mark.parametrize("kind", of_each_kind([]))
def test_cross_validation_returns_probabilities_in_the_order_of_the_classes(
    world: World, kind: str
) -> None:
    labels = of_each_kind(world.labels)[kind][:40]
    model = SentimentClassifier(vectors=world.vectors)
    p = cross_val_predict(model, world.texts[:40], labels, cv=2, method="predict_proba")
    assert np.mean(np.unique(labels)[p.argmax(axis=1)] == np.array(labels)) > 0.9


@pytest.mark.filterwarnings("ignore:the labels contradict")  # one of "other"
def test_one_against_the_rest_takes_three_classes(world: World) -> None:
    few, labels = world.few(40)
    three = [label if i % 3 else "other" for i, label in enumerate(labels)]
    texts = [text if i % 3 else "the city train costume" for i, text in enumerate(few)]
    model = OneVsRestClassifier(SentimentClassifier(vectors=world.vectors)).fit(texts, three)
    assert model.score(texts, three) > 0.9
