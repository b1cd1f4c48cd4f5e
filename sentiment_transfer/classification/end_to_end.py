"""Train a trainable encoder and a hidden layer on top of it together (stages two and three)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier, Training
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.encoding import Sequences, TrainableEncoder

__all__ = ["END_TO_END", "train_end_to_end"]

END_TO_END = Training(epochs=30, learning_rate=0.002, patience=3)
"""Default training of a head together with its encoder."""


def train_end_to_end(
    encoder: TrainableEncoder,
    head: Any,  # noqa: ANN401  (whatever the caller passed)
    texts: Sequences,
    labels: Sequence[str] | NDArray[Any],
) -> tuple[TrainableEncoder, HiddenLayerClassifier]:
    """Fit encoder and head to labelled texts, by the head's ``training`` and encoder's ``tuning``.

    Parameters
    ----------
    encoder
        A fitted encoder. It is not changed.
    head
        A `HiddenLayerClassifier`; it is fitted and returned. Its seed is the only source of
        randomness. Training loss and error in its ``history_`` are measured on at most 1,000
        training texts, chosen by the seed.
    texts, labels
        Result of ``encoder.sequences``, and a label for each text.

    Returns
    -------
    tuple
        A trained copy of the encoder, and the head.

    Raises
    ------
    InputError
        There are no texts, labels of one class only, or lengths that differ.
    NotFittedError
        The encoder is not fitted.
    SettingError
        The head is of another class, a parameter is not allowed, or training diverges.
    """
    from sentiment_transfer.classification.joint_torch import train_jointly

    if not isinstance(head, HiddenLayerClassifier):
        raise SettingError(
            f"head={type(head).__name__} is not allowed with {type(encoder).__name__}, which is "
            "trained together with its head; it must be a HiddenLayerClassifier, or None"
        )
    encoder._require_fitted("start_")
    if len(texts) != len(labels):
        raise InputError(f"there are {len(texts)} texts but {len(labels)} labels")
    classes, _, numbers, weight = head.prepare(np.ones((len(texts), 1)), labels)
    start, (arrays, layers, matrix), history = train_jointly(encoder, head, texts, numbers, weight)
    head._set(classes, arrays, history)
    return encoder.learnt(layers, matrix, start), head
