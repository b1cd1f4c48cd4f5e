"""How large a head: the smallest hidden layer that is not clearly worse than the best.

Heads without a hidden layer and with 8, 32 and 128 units are compared by repeated cross-validation
on the model's averaged word vectors, and the smallest is taken whose log loss is within one
standard error of the lowest (the one-standard-error rule of Breiman et al. 1984, *Classification
and Regression Trees*, section 3.4.3). The standard error is that of the difference from the best
over folds, larger because folds share training texts: ``sqrt((1 / J + n_test / n_train) s^2)`` for
``J`` folds of all repeats (Nadeau & Bengio 2003, *Machine Learning* 52). ``scripts/advice/
sizing.py`` measures how far the choice is behind the best one in hindsight.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.advice.diagnosis.left_out import Answers, Folds, ModelProbe
from sentiment_transfer.advice.sizing.head_size import C, HeadSize, HeadSizing
from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.classification.labels import as_labels, require_plausible
from sentiment_transfer.errors import InputError, SentimentTransferError, SettingError, shown
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.defaults import uses_default_stages
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Labels

__all__ = ["size_head"]

SIZES = (0, 8, 32, 128)
FOLDS, REPEATS = 5, 2


def size_head(
    model: SentimentClassifier,
    texts: Iterable[str],
    labels: Labels,
    *,
    sizes: Sequence[int] = SIZES,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    seed: int = 0,
) -> HeadSizing:
    """Choose the size of a hidden layer on the word vectors of a model.

    Parameters
    ----------
    model
        A pretrained model; its vectors are used, not its head and labels. It is not changed.
    texts, labels
        Labelled texts, best 100 or more, of two classes or more, with two texts of each.
    sizes
        Numbers of hidden units, 0 for none; those above 0 need the extra ``torch``.
    folds, repeats
        Of the cross-validation.
    seed
        Of folds and networks.

    Returns
    -------
    HeadSizing
        All sizes, and the smallest that is not worse.

    Raises
    ------
    InputError
        There are no labels, a class has one text only, or the numbers differ.
    SettingError
        ``sizes``, ``folds`` or ``repeats`` is not allowed.
    MissingExtraError
        A size above 0 is asked for, and torch is not installed.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = [f"a {word} film" for word in ("great", "fine", "good", "dull", "weak", "bad")]
    >>> found = size_head(load("reviews-en"), texts, ["good"] * 3 + ["bad"] * 3, sizes=[0], folds=3)
    >>> print(found.verdict)
    can't tell yet
      evidence: with 6 labels the order of sizes is luck; log loss 0.508, the lowest is 0.508
    with no hidden layer; 101 parameters are learnt from 6 labels, 2,617,301 from scratch
      next: take no hidden layer, and compare again from 30 labels on
    """
    listed = as_texts(texts)
    truth = as_labels(labels, len(listed))
    require_plausible(truth)
    counts = np.unique(truth, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < 2:
        raise InputError(
            f"{len(truth)} labels of {len(counts)} classes cannot be left out; give at least two "
            "texts of each of two classes"
        )
    ordered = _checked(sizes, folds, repeats)
    divided = Folds.of(listed, truth, folds=folds, repeats=repeats, seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probes = probes_by_size(model, listed, ordered, seed)
        answers = {units: divided.answers(probe) for units, probe in probes.items()}
        default = _default_answers(model, listed, divided)
    found = _compared(answers, divided, model)
    taken = next(one for one in found if one.behind <= one.error)
    return HeadSizing(
        found,
        taken.hidden_units,
        None if default is None else default.accuracy,
        None if default is None else default.log_loss,
        len(truth),
        folds,
        repeats,
    )


def _checked(sizes: Sequence[int], folds: int, repeats: int) -> list[int]:
    """Return sizes in order; raises ``SettingError`` for what is not allowed."""
    if not len(sizes) or not all(is_integer_from(size, 0) for size in sizes):
        raise SettingError(
            f"sizes={shown(sizes)} is not allowed; it must be a list of integers from 0, such as "
            "[0, 8, 32]"
        )
    for name, value, least in (("folds", folds, 2), ("repeats", repeats, 1)):
        if not is_integer_from(value, least):
            raise SettingError(
                f"{name}={shown(value)} is not allowed; it must be an integer of at least {least}"
            )
    return sorted({int(size) for size in sizes})


def probes_by_size(
    model: SentimentClassifier, texts: list[str], sizes: Sequence[int], seed: int
) -> dict[int, ModelProbe]:
    """Return a head of each size over the same encoded texts."""
    heads = {units: model.with_head(_head(units, seed)) for units in sizes}
    encoded = next(iter(heads.values())).encode(texts)
    return {units: ModelProbe(head, encoded) for units, head in heads.items()}


def _head(units: int, seed: int) -> Any:  # noqa: ANN401
    from sklearn.linear_model import LogisticRegression

    if not units:
        return LogisticRegression(C=C, max_iter=1_000)
    return HiddenLayerClassifier(units, seed=seed)


def _default_answers(model: SentimentClassifier, texts: list[str], folds: Folds) -> Answers | None:
    """Return the answers of the default head on the same vectors; None if there are none."""
    if not uses_default_stages(model):
        model = SentimentClassifier(model.language, vectors=model.vectors_, seeds=model.seeds)
        try:
            model.pretrain(texts)
        except SentimentTransferError:
            return None
    return folds.answers(ModelProbe.of(model, texts))


def _compared(
    answers: dict[int, Answers], folds: Folds, model: SentimentClassifier
) -> tuple[HeadSize, ...]:
    """Return the figures of each size, in the order given."""
    best = min(answers.values(), key=lambda one: one.log_loss)
    vectors, k = model.vectors_, best.probabilities.shape[2]
    found = []
    for units, one in answers.items():
        trained = _parameters(units, vectors.vector_size, k)
        figures = one.accuracy, one.log_loss, one.log_loss - best.log_loss
        total = trained + vectors.matrix.size
        error = difference_error(one.each_loss, best.each_loss, folds)
        found.append(HeadSize(units, *figures, error, trained, total))
    return tuple(found)


def _parameters(units: int, size: int, k: int) -> int:
    """Return ``d h + h + h k + k``; without a hidden layer ``(d + 1) k``, for two classes half."""
    if units:
        return size * units + units + units * k + k
    return (size + 1) * (1 if k == 2 else k)


def difference_error(one: NDArray[np.float64], other: NDArray[np.float64], folds: Folds) -> float:
    """Return the standard error of the difference of two means, by Nadeau & Bengio (2003).

    Both are figures of each text in each repeat, ``(repeats, n)``. 0 for equal ones, and with fewer
    than two folds.
    """
    differences = one - other
    means = [differences[r, test].mean() for r, tests in enumerate(folds.tests) for test in tests]
    sizes = [len(test) for tests in folds.tests for test in tests]
    n_test = float(np.mean(sizes)) if sizes else 0.0
    return corrected_error(np.array(means), n_test, differences.shape[1])


def corrected_error(means: NDArray[np.float64], n_test: float, n: int) -> float:
    """Return ``sqrt((1 / J + n_test / (n - n_test)) s^2)`` for the means of ``J`` folds.

    ``[1, 2, 3]`` with one test text of three gives ``sqrt((1 / 3 + 1 / 2) 1) = 0.913``.
    """
    if len(means) < 2 or n <= n_test:
        return 0.0
    return float(np.sqrt((1 / len(means) + n_test / (n - n_test)) * means.var(ddof=1)))
