"""The arm that learns a set beside others: several tasks on one hidden layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.classification.multitask import MultiTaskClassifier
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.errors import InputError
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.experiments.draws import Prevalence
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["MultiTaskArm", "Task", "arms_beside", "check_beside"]

SHARED = "hidden layer shared with other sets"
POOLED = "hidden layer, other sets pooled"


class Task(NamedTuple):
    """Another labelled set: the sentence vectors of its texts, ``(n, d)``, and their labels."""

    X: NDArray[np.float32]
    labels: Sequence[str]


class MultiTaskArm:
    """`MultiTaskClassifier` on averaged vectors: this set, and others with as many labels.

    The other sets' labels are drawn anew in each draw, by its seed. All sets have the same word
    vectors; an average is centred by the texts of its own.

    Parameters
    ----------
    model
        The pretrained model of this set.
    others
        The other sets by name, without this one. Labels of one name are taken to mean the same
        where the sets are pooled.
    prevalence
        How they are drawn; see `draw_labelled`.
    pooled
        Whether all labels teach one plain network, without an output layer for each set: what
        more labels are worth, to tell it from what separate output layers are worth.
    """

    needs_labels = True

    def __init__(
        self,
        model: SentimentClassifier,
        others: Mapping[str, Task],
        *,
        prevalence: Prevalence = "balanced",
        pooled: bool = False,
    ) -> None:
        self.model = model.with_head(HiddenLayerClassifier())
        self.others = dict(others)
        self.prevalence = prevalence
        self.pooled = pooled

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Average the word vectors of each text."""
        self._pool = self.model.encode(pool).features
        self._test = self.model.encode(test).features

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Draw labels of the other sets, and fit one network on all of them."""
        own = ""  # no other set is named so
        X, y, tasks = [self._pool[rows]], [labels], [own] * len(rows)
        for name, task in self.others.items():
            drawn = draw_labelled(task.labels, len(rows), self.prevalence, seed=seed, draw=0)
            X.append(task.X[drawn])
            y.append(np.asarray(task.labels)[drawn])
            tasks += [name] * len(drawn)
        rows_of_all, labels_of_all = np.concatenate(X), np.concatenate(y)
        head = HiddenLayerClassifier(seed=seed)
        if self.pooled:
            head.fit(rows_of_all, labels_of_all)
        else:
            model = MultiTaskClassifier(head).fit(rows_of_all, labels_of_all, tasks)
            head = model.head_of(own)
        predicted: NDArray[np.str_] = head.predict(self._test)
        return predicted


def arms_beside(
    model: SentimentClassifier,
    others: Mapping[str, Labelled],
    prevalence: Prevalence = "balanced",
) -> dict[str, MultiTaskArm]:
    """Make both kinds of arms, by title, from other labelled sets by name.

    The averages of another set are centred by its own texts.
    """
    tasks = {}
    for name, rows in others.items():
        encoder = AveragingEncoder(model.vectors_)
        tasks[name] = Task(encoder.fit_transform(rows.texts), rows.labels)
    return {
        SHARED: MultiTaskArm(model, tasks, prevalence=prevalence),
        POOLED: MultiTaskArm(model, tasks, prevalence=prevalence, pooled=True),
    }


def check_beside(
    others: Mapping[str, Labelled], classes: set[str], budget: int, prevalence: Prevalence
) -> None:
    """Refuse sets that cannot stand beside one of these classes, before anything is run.

    Raises
    ------
    InputError
        So many labels cannot be drawn from a set, or its labels have other names.
    """
    for name, rows in others.items():
        if set(rows.labels) != classes:
            raise InputError(
                f"its labels are {', '.join(map(repr, sorted(set(rows.labels))))}, and not "
                f"{', '.join(map(repr, sorted(classes)))}; give them the same names",
                path=name,
            )
        try:
            draw_labelled(rows.labels, budget, prevalence, seed=0, draw=0)
        except InputError as error:
            raise InputError(str(error), path=name) from error
