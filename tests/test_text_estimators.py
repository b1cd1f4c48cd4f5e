"""Manners of scikit-learn that every estimator of texts has, which its own checks cannot try.

``check_estimator`` runs one check of an estimator that reads texts and skips the rest. What those
would hold for estimators of arrays is held here: copies, parameters, errors before ``fit``, names
of features, pickles, fitting twice, one text or none, and a place in pipelines and searches.
"""

from __future__ import annotations

import copy
import pickle
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import sklearn.exceptions
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.utils import estimator_html_repr
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted

from sentiment_transfer import AveragingEncoder, LSTMEncoder, SentimentClassifier, SkipGram
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import InputError, NotFittedError
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import World

    from sentiment_transfer.pretraining import WordVectors


class Kind(NamedTuple):
    """How to make an estimator, and how to read what it answers as an array of a row a text."""

    make: Callable[[WordVectors], Any]
    answer: Callable[[Any, Any], Any]
    other: dict[str, Any]
    """A parameter with another value than `make` gives it."""


def vectors_of(encoder: Any, texts: Any) -> Any:  # noqa: ANN401
    return encoder.transform(texts)


def means_of(encoder: Any, texts: Any) -> Any:  # noqa: ANN401
    return encoder.transform(texts).plain_mean


def probabilities_of(model: Any, texts: Any) -> Any:  # noqa: ANN401
    return model.predict_proba(texts)


KINDS = {
    "averages": Kind(AveragingEncoder, vectors_of, {"center": False}),
    "tuned averages": Kind(TunedAveragingEncoder, vectors_of, {"tuning__dropout": 0.1}),
    "LSTM": Kind(lambda vectors: LSTMEncoder(vectors, 6), vectors_of, {"seed": 3}),
    "polarity": Kind(PolarityEncoder, means_of, {"prevalence": 0.3}),
    "classifier": Kind(
        lambda vectors: SentimentClassifier(vectors=vectors), probabilities_of, {"seed": 3}
    ),
    "classifier with a head": Kind(
        lambda vectors: SentimentClassifier(vectors=vectors, head=LogisticRegression()),
        probabilities_of,
        {"head__C": 3.0},
    ),
}
EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
TO_VECTORS = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.answer is vectors_of]
)
CLASSIFIERS = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.answer is probabilities_of]
)


def fitted(kind: Kind, world: World) -> Any:  # noqa: ANN401
    return kind.make(world.vectors).fit(*world.few(40))


def test_scikit_learns_checks_leave_it_out_which_is_why_there_are_these(
    vectors: WordVectors,
) -> None:
    with pytest.warns(sklearn.exceptions.SkipTestWarning, match="Can't test"):
        results = check_estimator(AveragingEncoder(vectors), on_fail=None, on_skip=None)
    assert len(results) <= 3


@EVERY
def test_a_copy_has_equal_parameters_and_answers_alike_once_fitted(
    kind: Kind, world: World
) -> None:
    first = fitted(kind, world)
    second = clone(first)
    assert second.get_params().keys() == first.get_params().keys()
    with pytest.raises(NotFittedError):
        kind.answer(second, ["good"])
    second.fit(*world.few(40))
    texts = world.test[0]
    np.testing.assert_array_equal(kind.answer(second, texts), kind.answer(first, texts))


@EVERY
def test_a_changed_parameter_is_that_of_the_copy_only(kind: Kind, vectors: WordVectors) -> None:
    first = kind.make(vectors)
    second = clone(first).set_params(**kind.other)
    ((name, value),) = kind.other.items()
    assert second.get_params()[name] == value
    assert first.get_params()[name] != value


@EVERY
def test_fit_returns_the_estimator_and_changes_no_parameter_and_no_text(
    kind: Kind, world: World
) -> None:
    estimator = kind.make(world.vectors)
    before = dict(estimator.get_params(deep=False))
    texts, labels = world.few(40)
    given = list(texts), list(labels)
    assert estimator.fit(texts, labels) is estimator
    after = estimator.get_params(deep=False)
    assert all(after[name] is value for name, value in before.items())
    assert (texts, labels) == given


@EVERY
def test_scikit_learn_sees_whether_it_is_fitted(kind: Kind, world: World) -> None:
    with pytest.raises(sklearn.exceptions.NotFittedError):
        check_is_fitted(kind.make(world.vectors))
    with pytest.raises(NotFittedError, match="call"):
        kind.answer(kind.make(world.vectors), ["good"])
    check_is_fitted(fitted(kind, world))


@EVERY
def test_a_pickle_and_a_deep_copy_answer_with_the_same_bytes(kind: Kind, world: World) -> None:
    estimator = fitted(kind, world)
    texts = world.test[0]
    expected = np.asarray(kind.answer(estimator, texts)).tobytes()
    arrived = pickle.loads(pickle.dumps(estimator))  # noqa: S301  (what joblib does)
    for other in (arrived, copy.deepcopy(estimator)):
        assert np.asarray(kind.answer(other, texts)).tobytes() == expected


@EVERY
def test_fitting_again_is_fitting_once(kind: Kind, world: World) -> None:
    estimator, texts = fitted(kind, world), world.test[0]
    once = np.array(kind.answer(estimator, texts))
    estimator.fit(world.texts[60:90], world.labels[60:90]).fit(*world.few(40))
    np.testing.assert_array_equal(kind.answer(estimator, texts), once)


@EVERY
def test_one_text_is_answered_as_among_others_and_no_text_by_no_row(
    kind: Kind, world: World
) -> None:
    estimator = fitted(kind, world)
    many = kind.answer(estimator, world.texts[:5])
    alone = kind.answer(estimator, world.texts[3:4])
    assert alone.shape == (1, many.shape[1])
    np.testing.assert_allclose(alone[0], many[3], atol=1e-6)
    assert kind.answer(estimator, []).shape == (0, many.shape[1])


CONTAINERS: dict[str, Callable[[list[str]], Any]] = {
    "tuple": tuple,
    "array of text": np.array,
    "array of objects": lambda texts: np.array(texts, dtype=object),
    "series with its own index": lambda texts: pd.Series(texts, index=range(9, 9 + len(texts))),
    "column": lambda texts: pd.DataFrame({"text": texts})["text"],
}


@EVERY
@pytest.mark.parametrize("contain", CONTAINERS.values(), ids=CONTAINERS)
def test_texts_come_in_any_container(
    kind: Kind, contain: Callable[[list[str]], Any], world: World
) -> None:
    texts, labels = world.few(40)
    estimator = kind.make(world.vectors).fit(contain(texts), labels)
    expected = kind.answer(fitted(kind, world), texts)
    np.testing.assert_array_equal(kind.answer(estimator, contain(texts)), expected)


@EVERY
def test_what_is_not_a_list_of_texts_is_refused_by_place(kind: Kind, world: World) -> None:
    estimator = fitted(kind, world)
    uses = [lambda texts: kind.answer(estimator, texts)]
    if not isinstance(estimator, LSTMEncoder):  # whose `fit` reads no text
        uses.append(lambda texts: estimator.fit(texts, ["positive", "negative"]))
    for use in uses:
        with pytest.raises(InputError, match="single str"):
            use("good film")
        for hole in (None, float("nan"), b"bytes", 3):
            with pytest.raises(InputError, match=r"\b1\b|\b2\b"):
                use(["good film", hole])


@TO_VECTORS
def test_each_column_has_a_name_of_its_own(kind: Kind, world: World) -> None:
    encoder = fitted(kind, world)
    names = encoder.get_feature_names_out()
    assert names.dtype == object
    assert len(set(names)) == encoder.transform(["good"]).shape[1]
    assert encoder.get_feature_names_out(["text"]).tolist() == names.tolist()


@TO_VECTORS
def test_one_column_of_a_table_is_encoded_beside_others(kind: Kind, world: World) -> None:
    texts, labels = world.few(40)
    table = pd.DataFrame({"text": texts, "length": [len(text) for text in texts]})
    columns = ColumnTransformer(
        [("words", kind.make(world.vectors), "text"), ("length", "passthrough", ["length"])]
    ).set_output(transform="pandas")
    encoded = columns.fit(table, labels).transform(table)
    assert encoded.columns.tolist() == columns.get_feature_names_out().tolist()
    assert encoded.columns[-1] == "length__length"
    assert encoded.columns[0].startswith("words__")
    assert encoded["length__length"].tolist() == table["length"].tolist()


@TO_VECTORS
def test_two_encoders_stand_side_by_side(kind: Kind, world: World) -> None:
    texts, labels = world.few(40)
    both = FeatureUnion([("a", kind.make(world.vectors)), ("b", AveragingEncoder(world.vectors))])
    width = both.fit(texts, labels).transform(texts).shape[1]
    assert width == len(both.get_feature_names_out())


@TO_VECTORS
def test_a_pipeline_of_it_is_searched_and_validated(kind: Kind, world: World) -> None:
    texts, labels = world.few(40)
    pipeline = Pipeline([("encode", kind.make(world.vectors)), ("learn", LogisticRegression())])
    grid = {"learn__C": [0.1, 10.0], **{f"encode__{k}": [v] for k, v in kind.other.items()}}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(texts, labels)
    ((name, value),) = kind.other.items()
    assert search.best_estimator_["encode"].get_params()[name] == value
    assert search.predict(texts).shape == (40,)
    check_is_fitted(search.best_estimator_)


@CLASSIFIERS
def test_a_classifier_is_searched_validated_and_the_last_step_of_a_pipeline(
    kind: Kind, world: World
) -> None:
    texts, labels = world.few(40)
    ((name, value),) = kind.other.items()
    pipeline = Pipeline([("model", kind.make(world.vectors))])
    grid = {f"model__{name}": [value]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(texts, labels)
    assert search.best_params_ == {f"model__{name}": value}
    check_is_fitted(search.best_estimator_)
    scores = cross_val_score(kind.make(world.vectors), texts, labels, cv=2, error_score="raise")
    assert scores.shape == (2,)


@CLASSIFIERS
def test_a_classifier_answers_by_its_classes(kind: Kind, world: World) -> None:
    model, (texts, labels) = fitted(kind, world), world.test
    assert model.classes_.tolist() == ["negative", "positive"]
    p = model.predict_proba(texts)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-9)
    predicted = model.predict(texts)
    assert predicted.tolist() == model.classes_[p.argmax(axis=1)].tolist()
    assert model.score(texts, labels) == np.mean(predicted == np.array(labels))


def test_polarity_features_have_no_columns_to_name_but_a_place_in_a_pipeline(world: World) -> None:
    assert not hasattr(PolarityEncoder(world.vectors), "get_feature_names_out")
    texts, labels = world.few(40)
    pipeline = make_pipeline(PolarityEncoder(world.vectors), PolarityClassifier())
    scores = cross_val_score(pipeline, texts, labels, cv=2, error_score="raise")
    assert scores.min() > 0.7


def test_skip_gram_is_cloned_fitted_and_seen_as_fitted(world: World) -> None:
    skipgram = SkipGram(8, epochs=1, min_count=1)
    with pytest.raises(sklearn.exceptions.NotFittedError):
        check_is_fitted(skipgram)
    assert skipgram.fit(world.unlabelled[:50]) is skipgram
    check_is_fitted(skipgram)
    again = clone(skipgram).fit(pd.Series(world.unlabelled[:50]))
    np.testing.assert_array_equal(again.vectors_.matrix, skipgram.vectors_.matrix)


@EVERY
def test_a_notebook_shows_it_alone_and_within_a_pipeline(kind: Kind, world: World) -> None:
    estimator = kind.make(world.vectors)
    name = type(estimator).__name__
    for state, one in (("not yet", estimator), ("", fitted(kind, world))):
        shown = one._repr_html_()
        assert f"<strong>{name}</strong>" in shown
        assert (state or "not yet") in shown if state else "not yet" not in shown
        assert shown.count("<table>") == shown.count("</table>") >= 1
        assert name in estimator_html_repr(make_pipeline(one))


def test_a_notebook_is_shown_no_markup_of_a_setting() -> None:
    shown = SentimentClassifier("<b>en&")._repr_html_()
    assert "&lt;b&gt;en&amp;" in shown
    assert not re.search(r"<b>", shown)
