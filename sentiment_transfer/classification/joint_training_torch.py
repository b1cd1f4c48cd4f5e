"""Learn an encoder and a hidden layer together, by mini-batches of texts of like length.

The parts and their rules are in `joint_learner`. When to stop is decided by held-out
rows as in `training`.

This module imports torch, and is imported only by ``train_end_to_end``. All randomness comes from
one ``torch.Generator`` on the CPU; torch's global one is neither read nor changed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from sentiment_transfer.base.progress import Reporter
from sentiment_transfer.classification.joint_torch import JointTrainer
from sentiment_transfer.classification.network_torch import Examples
from sentiment_transfer.classification.settings import Epoch
from sentiment_transfer.classification.training_torch import improves, split
from sentiment_transfer.encoding.common_torch import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.encoding import Sequences, TrainableEncoder

__all__ = ["TrainingResult", "train_jointly"]

MEASURED = 1_000
"""Texts learned from that the training loss of an epoch is measured on, without dropout."""


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What came out, by name; ``head`` is ``[W1, W2, b1, b2]``, ``start`` where layers began."""

    start: dict[str, NDArray[np.float32]]
    head: list[NDArray[np.float32]]
    layers: dict[str, NDArray[np.float32]]
    matrix: NDArray[np.float32]
    history: list[Epoch]


@one_thread()
def train_jointly(
    encoder: TrainableEncoder,
    head: HiddenLayerClassifier,
    texts: Sequences,
    y: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> TrainingResult:
    """Learn class numbers ``y`` (0 to ``k - 1``) of texts as the two sets of settings say.

    With rows held out, what comes out is that of the epoch with the lowest validation loss, and
    learning stops ``patience`` epochs after it; without, that of the last epoch.
    """
    learner = JointTrainer(encoder, head, int(y.max()) + 1)
    training = head.training
    places = torch.arange(len(texts))
    examples = Examples(places, torch.tensor(y), torch.tensor(weight, dtype=torch.float32))
    fitting, validation = split(examples, training, learner.rng)
    some = np.random.default_rng(int(head.seed)).permutation(len(fitting))[:MEASURED]
    measured = fitting[torch.from_numpy(some)].rescaled()
    n_texts = len(fitting) * training.epochs
    report = Reporter("encoder and head", n_texts, "texts", head.callbacks)
    history: list[Epoch] = []
    best = 0
    for epoch in range(training.epochs):
        learner.run_epoch(texts, fitting, report.add)
        loss, error = learner.evaluate(texts, measured)
        held_out = (None, None) if validation is None else learner.evaluate(texts, validation)
        history.append(Epoch(loss, error, held_out[0], held_out[1], training.learning_rate))
        figures = asdict(history[-1]).items()
        report.emit({name: figure for name, figure in figures if figure is not None})
        if epoch == 0 or improves(history[-1], history[best]):
            best, arrays = epoch, learner.arrays()
        elif epoch - best >= training.patience:
            break
    return TrainingResult(learner.weights, *arrays, history)
