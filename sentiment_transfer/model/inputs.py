"""Checks of the texts and labels that a model is given."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.errors import InputError
from sentiment_transfer.text.inputs import as_iterable_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining import WordVectors

__all__ = ["as_labels", "as_texts", "unfitted_copy", "warn_of_unknown"]


MIN_TEXTS_TO_WARN = 8
"""Of fewer texts, several without a known word are no sign of another language."""


def unfitted_copy(estimator: Any) -> Any:  # noqa: ANN401  (ours or scikit-learn's)
    """Return an unfitted copy of an estimator, with the same parameters."""
    if isinstance(estimator, Estimator):
        return type(estimator)(**estimator.get_params(deep=False))
    from sklearn.base import clone

    return clone(estimator)


def warn_of_unknown(known: NDArray[np.bool_], vectors: WordVectors) -> None:
    """Warn if most texts have no known word; usually they are in another language."""
    if len(known) >= MIN_TEXTS_TO_WARN and known.mean() < 0.5:
        warnings.warn(
            f"{np.count_nonzero(~known):,} of {len(known):,} texts have no known word; are they "
            f"in the language of the word vectors, {vectors.tokenizer.language!r}?",
            stacklevel=3,
        )


def as_texts(texts: Iterable[str]) -> list[str]:
    """Return texts as a list; raises ``InputError`` with the index of one that is not a str."""
    listed = list(as_iterable_of_texts(texts))
    for i, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputError(f"text {i} is {text!r}, not a str; leave such rows out")
    return listed


def as_labels(labels: Sequence[str] | NDArray[np.str_], n: int) -> NDArray[np.str_]:
    """Return the labels of ``n`` texts as an array; raises ``InputError`` for other than str."""
    if isinstance(labels, str):
        raise InputError(
            f"labels is a single str ({labels[:40]!r}); pass a list with one label per text"
        )
    listed = list(labels)
    if len(listed) != n:
        raise InputError(f"there are {n} texts but {len(listed)} labels")
    for i, label in enumerate(listed):
        if label is None or label != label:  # None, NaN
            raise InputError(f"label {i} is {label!r}; leave rows without a label out")
        if not isinstance(label, str):
            raise InputError(
                f"label {i} is {label!r}, not a str; labels are names: "
                "pass [str(label) for label in labels]"
            )
    return np.array(listed, dtype=np.str_)
