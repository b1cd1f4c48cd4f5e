"""Stages two and three learnt together: an encoder that has weights, and a hidden layer on top."""

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
"""How a head learns with its encoder where nothing is asked for."""


def train_end_to_end(
    encoder: TrainableEncoder,
    head: Any,  # noqa: ANN401  (whatever the caller passed)
    texts: Sequences,
    labels: Sequence[str] | NDArray[Any],
) -> tuple[TrainableEncoder, HiddenLayerClassifier]:
    """Learn from labelled texts; the head's ``training`` and the encoder's ``tuning`` say how.

    Parameters
    ----------
    encoder
        A fitted one. It stays as it is.
    head
        A `HiddenLayerClassifier`; it is fitted and returned. Its seed decides all that is random.
        Training loss and error in its ``history_`` are of at most 1,000 of the texts learned from,
        chosen by the seed.
    texts, labels
        What ``encoder.sequences`` gave, and a label for each text.

    Returns
    -------
    tuple
        The encoder as it is after learning, and the head.

    Raises
    ------
    InputError
        Nothing to learn from, only one label, lengths that differ.
    NotFittedError
        The encoder was not fitted.
    SettingError
        Another head, a parameter that cannot work, or the loss grew beyond all bounds.
    """
    from sentiment_transfer.classification.joint_training_torch import train_jointly

    if not isinstance(head, HiddenLayerClassifier):
        raise SettingError(
            f"{type(encoder).__name__} learns together with its head, and "
            f"{type(head).__name__} cannot learn so; give a HiddenLayerClassifier, or none"
        )
    encoder._require_fitted("start_")
    if len(texts) != len(labels):
        raise InputError(f"there are {len(texts)} texts but {len(labels)} labels")
    classes, _, numbers, weight = head.prepare(np.ones((len(texts), 1)), labels)
    learnt = train_jointly(encoder, head, texts, numbers, weight)
    hidden, output, *biases = learnt.head
    head.classes_, head.history_ = classes, learnt.history
    head.weights_, head.biases_ = (hidden, output), (biases[0], biases[1])
    return encoder.learnt(learnt.layers, learnt.matrix, learnt.start), head
