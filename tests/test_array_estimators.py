"""scikit-learn's own checks of every estimator that reads arrays.

Those of texts have a suite of their own, `test_text_estimators`; `PolarityClassifier` reads
features that are no array, and is tried there as the last step of a pipeline.
"""

from __future__ import annotations

import inspect
import pkgutil
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import sentiment_transfer
from sentiment_transfer import HiddenLayerClassifier
from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.classification import Training
from sentiment_transfer.experiments.baselines import NaiveBayesSVM

if TYPE_CHECKING:
    from collections.abc import Callable

UNFITTED = {
    "check_estimators_unfitted": "its NotFittedError has the bases of scikit-learn's, which would "
    "have to be imported",
}
NOT_MET = UNFITTED | {
    "check_sample_weight_equivalence_on_dense_data": "rows are drawn in mini-batches",
    "check_dtype_object": "a dict as a number is an InputError, not a TypeError",
    "check_estimators_nan_inf": "it has floats as labels, which are refused",
    "check_supervised_y_2d": "labels as a column vector are refused, not only warned of",
    "check_parameters_default_constructible": "training is a frozen group of settings",
}


def checks_of(estimator: Any, not_met: dict[str, str]) -> pytest.MarkDecorator:  # noqa: ANN401
    """scikit-learn's checks, which warn of an estimator that has not their base class."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mark = parametrize_with_checks([estimator], expected_failed_checks=lambda _: not_met).mark
        names, checks = mark.args
        # of scikit-learn 1.7 they are an iterator, which newer versions of pytest do not take
        return pytest.mark.parametrize(names, list(checks), **mark.kwargs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.needs_extra("torch")
@checks_of(HiddenLayerClassifier(training=Training(epochs=60)), NOT_MET)
def test_the_hidden_layer_meets_scikit_learns_checks(
    estimator: Any,  # noqa: ANN401
    check: Callable[[Any], None],
) -> None:
    check(estimator)


@pytest.mark.filterwarnings("ignore")
@checks_of(NaiveBayesSVM(), UNFITTED)
def test_naive_bayes_svm_meets_scikit_learns_checks(
    estimator: Any,  # noqa: ANN401
    check: Callable[[Any], None],
) -> None:
    check(estimator)


def test_no_other_estimator_reads_arrays() -> None:
    for info in pkgutil.walk_packages(sentiment_transfer.__path__, "sentiment_transfer."):
        if not info.name.endswith(("__main__", "_torch")):
            import_module(info.name)
    found = list(Estimator.__subclasses__())
    for kind in found:
        found += kind.__subclasses__()
    ours = {kind for kind in found if kind.__module__.startswith("sentiment_transfer.")}
    arrays = {
        kind.__name__ for kind in ours if not kind._takes_texts and not inspect.isabstract(kind)
    }
    assert arrays == {
        "HiddenLayerClassifier",
        "NaiveBayesSVM",
        "PolarityClassifier",  # of polarity features
    }
