"""Multi-task learning: one hidden layer shared by several labelled sets.

``p(label | x, task) = softmax over the task's own labels of (act(x W1 + b1) W2 + b2)``. The network
is that of `HiddenLayerClassifier` with an output for every pair of task and label. All sets are
shuffled together, so a mini-batch has rows of any of them (hard parameter sharing, Caruana 1997,
*Multitask Learning*).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.base.extras import require_torch
from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.errors import InputError
from sentiment_transfer.experiments.baselines import FeaturesArm
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.experiments.draws import Labels, Sampling
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["MultiTaskArm", "Task", "check_extra_domains", "fit_shared", "multitask_arms"]

SHARED = "hidden layer shared with other sets"
POOLED = "hidden layer, other sets pooled"


def fit_shared(
    head: HiddenLayerClassifier, X: ArrayLike, y: Sequence[str], tasks: Sequence[str]
) -> dict[str, HiddenLayerClassifier]:
    """Fit one network with an output layer for each task; return a classifier for each of them.

    They share the hidden layer, and have the parameters of ``head``, which is not changed. ``X``
    are vectors, ``(n, d)``; ``y`` and ``tasks`` the label of each row and the name of its task, at
    least two labels for each.
    """
    require_torch("a hidden layer")
    from sentiment_transfer.classification.training_torch import train

    pairs = list(zip(tasks, y, strict=True))
    outputs = sorted(set(pairs))
    _, rows, classes, weight = head.prepare(X, [outputs.index(pair) for pair in pairs])
    (hidden, output, bias, output_bias), history = train(
        head, rows, classes, weight, [task for task, _ in outputs]
    )
    heads = {}
    for task in dict.fromkeys(task for task, _ in outputs):
        own = [i for i, (name, _) in enumerate(outputs) if name == task]
        labels = np.array([outputs[i][1] for i in own])
        arrays = hidden, np.ascontiguousarray(output[:, own]), bias, output_bias[own]
        fitted = HiddenLayerClassifier(**head.get_params(deep=False))
        heads[task] = fitted._set(labels, arrays, history)
    return heads


class Task(NamedTuple):
    """An additional labelled set: sentence vectors, ``(n, d)``, and their labels."""

    X: NDArray[np.float32]
    labels: Sequence[str]


class MultiTaskArm(FeaturesArm):
    """A network on averaged vectors, fitted to this set and to as many labels of each other set.

    Labels of ``others``, sets by name without that of ``model``, are drawn with the seed of each
    draw (`draw_labelled`). All sets use the same word vectors; averages are centred by the texts of
    their own set.

    ``pooled`` fits one plain network to all labels, without an output layer for each set, to
    separate the gain of more labels from that of separate output layers. Labels of the same name
    are then taken as the same class.
    """

    def __init__(
        self,
        model: SentimentClassifier,
        others: Mapping[str, Task],
        *,
        sampling: Sampling = "balanced",
        pooled: bool = False,
    ) -> None:
        averages = model.with_head(HiddenLayerClassifier())
        super().__init__(lambda texts: averages.encode(texts).features, self._fit)
        self.others = dict(others)
        self.sampling = sampling
        self.pooled = pooled

    def _fit(
        self, features: NDArray[np.float32], labels: Labels, seed: int
    ) -> HiddenLayerClassifier:
        """Draw labels of the other sets, and fit one network to all sets."""
        own = ""  # no other set is named so
        X, y, tasks = [features], labels.tolist(), [own] * len(labels)
        for name, task in self.others.items():
            drawn = draw_labelled(task.labels, len(labels), self.sampling, seed=seed, draw=0)
            X.append(task.X[drawn])
            y += [task.labels[i] for i in drawn]
            tasks += [name] * len(drawn)
        head = HiddenLayerClassifier(seed=seed)
        if self.pooled:
            return head.fit(np.concatenate(X), y)
        return fit_shared(head, np.concatenate(X), y, tasks)[own]


def multitask_arms(
    model: SentimentClassifier, others: Mapping[str, Labelled], sampling: Sampling = "balanced"
) -> dict[str, MultiTaskArm]:
    """Return both kinds of arms by title, for other labelled sets by name."""
    tasks = {
        name: Task(AveragingEncoder(model.vectors_).fit_transform(rows.texts), rows.labels)
        for name, rows in others.items()
    }
    return {
        title: MultiTaskArm(model, tasks, sampling=sampling, pooled=title == POOLED)
        for title in (SHARED, POOLED)
    }


def check_extra_domains(
    others: Mapping[str, Labelled], classes: set[str], budget: int, sampling: Sampling
) -> None:
    """Raise ``InputError`` for a set with other labels, or with fewer than a draw needs."""
    for name, rows in others.items():
        if set(rows.labels) != classes:
            raise InputError(
                f"labels are {', '.join(map(repr, sorted(set(rows.labels))))}, but must be "
                f"{', '.join(map(repr, sorted(classes)))}; rename them",
                path=name,
            )
        try:
            draw_labelled(rows.labels, budget, sampling, seed=0, draw=0)
        except InputError as error:
            raise InputError(str(error), path=name) from error
