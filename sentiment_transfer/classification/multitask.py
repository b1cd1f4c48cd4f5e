"""One hidden layer shared by several labelled sets, an output layer for each.

``p(label | x, task) = softmax over the task's own labels of (act(x W1 + b1) W2 + b2)``. The output
layers stand side by side in ``W2``, so the network is that of `HiddenLayerClassifier` with an
output for every pair of task and label; of a row only the outputs of its own task are looked at.
All sets are shuffled together, so a mini-batch holds rows of any of them (hard parameter sharing,
Caruana 1997, *Multitask Learning*).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
from sentiment_transfer.classification.inputs import as_labels
from sentiment_transfer.errors import InputError
from sentiment_transfer.estimator import Estimator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.inputs import Labels
    from sentiment_transfer.classification.recipe import Epoch

__all__ = ["MultiTaskClassifier"]


class MultiTaskClassifier(Estimator):
    """A network with one hidden layer for all tasks and an output layer for each.

    Parameters
    ----------
    head
        The network and how it learns: a `HiddenLayerClassifier`, which stays as it is; the default
        one if not given. With ``class_weight="balanced"`` every label of every task counts the
        same.

    Attributes
    ----------
    heads_ : dict of str to HiddenLayerClassifier
        A classifier for each task, the hidden layer common to all. They can be saved, and stand
        wherever one that was fitted on one set can.
    classes_ : ndarray
        The labels of all tasks together, sorted.
    n_parameters_ : int
        How many numbers were learned, the hidden layer counted once.
    history_ : list of Epoch
        Over all tasks together.

    Examples
    --------
    >>> X = [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    >>> tasks = ["books", "books", "mood", "mood"]
    >>> model = MultiTaskClassifier().fit(X, ["good", "bad", "sad", "glad"], tasks)
    >>> model.predict([[0.0, 0.9], [0.0, 0.9]], ["books", "mood"]).tolist()
    ['good', 'sad']
    """

    _kind = "classifier"

    heads_: dict[str, HiddenLayerClassifier]
    classes_: NDArray[Any]
    history_: list[Epoch]

    def __init__(self, head: HiddenLayerClassifier | None = None) -> None:
        self.head = head

    def fit(self, X: ArrayLike, y: Labels, tasks: Sequence[str] | NDArray[np.str_]) -> Self:
        """Learn from vectors ``(n, d)``, and for each row its label and the name of its task.

        Raises
        ------
        InputError
            As `HiddenLayerClassifier.fit`, or a task has labels of one class only.
        """
        from sentiment_transfer.classification.multitask_training import network_of
        from sentiment_transfer.classification.training import train

        labels, names = as_labels(y), _as_tasks(tasks)
        if len(labels) != len(names):
            raise InputError(f"y has {len(labels)} labels but tasks has {len(names)} names")
        outputs = sorted(set(zip(names.tolist(), labels.tolist(), strict=True)))
        _check_classes(outputs)
        number = {output: i for i, output in enumerate(outputs)}
        numbers = [number[pair] for pair in zip(names.tolist(), labels.tolist(), strict=True)]
        settings = self._settings()
        _, rows, classes, weight = settings.prepare(X, numbers)
        kind = network_of([task for task, _ in outputs])
        (hidden, output, *biases), self.history_ = train(settings, rows, classes, weight, kind)
        self.classes_ = np.unique(labels)
        self.heads_ = {}
        for task in sorted(set(names.tolist())):
            own = [i for i, (name, _) in enumerate(outputs) if name == task]
            head = self.heads_[task] = self._settings()
            head.classes_ = np.array([outputs[i][1] for i in own], dtype=labels.dtype)
            head.weights_ = (hidden, np.ascontiguousarray(output[:, own]))
            head.biases_ = (biases[0], biases[1][own])
            head.history_ = self.history_
        return self

    def _settings(self) -> HiddenLayerClassifier:
        """An unfitted classifier of the parameters asked for."""
        given = {} if self.head is None else self.head.get_params(deep=False)
        return HiddenLayerClassifier(**given)

    @property
    def n_parameters_(self) -> int:
        """``d h + h`` once, ``h k + k`` for each task."""
        self._require_fitted("heads_")
        heads = list(self.heads_.values())
        shared = heads[0].weights_[0].size + heads[0].biases_[0].size
        return shared + sum(head.n_parameters_ - shared for head in heads)

    def predict(self, X: ArrayLike, tasks: Sequence[str] | NDArray[np.str_]) -> NDArray[Any]:
        """Return the most probable label of each row among those of its task, ``(n,)``."""
        best = self.predict_proba(X, tasks).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def predict_proba(
        self, X: ArrayLike, tasks: Sequence[str] | NDArray[np.str_]
    ) -> NDArray[np.float32]:
        """Return ``(n, k)`` in the order of ``classes_``; 0 for labels that are not the task's."""
        self._require_fitted("heads_")
        names, features = _as_tasks(tasks), np.asarray(X)
        if len(features) != len(names):
            raise InputError(f"X has {len(features)} rows but tasks has {len(names)} names")
        probabilities = np.zeros((len(names), len(self.classes_)), np.float32)
        for task in np.unique(names).tolist():
            head = self.head_of(task)
            rows = np.flatnonzero(names == task)
            columns = np.searchsorted(self.classes_, head.classes_)
            probabilities[np.ix_(rows, columns)] = head.predict_proba(features[rows])
        return probabilities

    def head_of(self, task: str) -> HiddenLayerClassifier:
        """Return the classifier of a task; ``InputError`` for one that was not fitted."""
        self._require_fitted("heads_")
        if task not in self.heads_:
            raise InputError(f"there is no task {task!r}; the model knows {', '.join(self.heads_)}")
        return self.heads_[task]


def _as_tasks(tasks: Sequence[str] | NDArray[np.str_]) -> NDArray[np.str_]:
    if isinstance(tasks, str):
        raise InputError(f"tasks is {tasks!r}; a name for each row is needed")
    for row, task in enumerate(tasks):
        if not isinstance(task, str):
            raise InputError(f"tasks[{row}] is {task!r}; tasks have names, a str each")
    return np.asarray(tasks, dtype=np.str_)


def _check_classes(outputs: list[tuple[str, Any]]) -> None:
    """Refuse a task with one class: its output layer would have nothing to tell apart."""
    for task in sorted({name for name, _ in outputs}):
        labels = [label for name, label in outputs if name == task]
        if len(labels) < 2:
            raise InputError(
                f"all labels of the task {task!r} are one class, {labels[0]!r}; give examples of "
                "at least two, or leave the task out"
            )
