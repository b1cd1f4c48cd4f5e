"""How many numbers a model holds, how many of them the labels taught, and what scratch would take.

That is the arithmetic of transfer learning: on features of 2,048 numbers, two outputs take
``(2048 + 1) x (1 + 1) = 4,098`` parameters, and the network that makes the features 140 million.
What was pretrained needs no label any more; without pretraining all of it would.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.tables import format_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["ParameterTable", "StageParameters", "count_parameters", "dense_parameters"]


def dense_parameters(*sizes: int) -> int:
    """Weights and biases of fully connected layers: ``b`` units of ``a`` inputs and a bias each.

    ``dense_parameters(2048, 2) = (2048 + 1) * 2 = 4098``; a hidden layer in between is
    ``dense_parameters(100, 32, 2) = (100 + 1) * 32 + (32 + 1) * 2``.
    """
    return sum((a + 1) * b for a, b in pairwise(sizes))


@dataclass(frozen=True)
class StageParameters:
    """One stage: its name, how many numbers labels taught, how many it holds."""

    name: str
    trained: int
    total: int


@dataclass(frozen=True)
class ParameterTable:
    """The stages of a model.

    Attributes
    ----------
    stages
        Word vectors, encoder, head.
    """

    stages: tuple[StageParameters, ...]

    @property
    def trained(self) -> int:
        """Numbers that were learned from labels."""
        return sum(stage.trained for stage in self.stages)

    @property
    def total(self) -> int:
        """All numbers; learned from scratch, every one would have to come from the labels."""
        return sum(stage.total for stage in self.stages)

    def as_dict(self) -> dict[str, dict[str, int]]:
        """For JSON: trained and total of each stage and of all together."""
        rows = [*self.stages, StageParameters("together", self.trained, self.total)]
        return {row.name: {"trained": row.trained, "total": row.total} for row in rows}

    def __str__(self) -> str:
        header = ("", "trained on labels", "total")
        rows = [
            (name, f"{numbers['trained']:,}", f"{numbers['total']:,}")
            for name, numbers in self.as_dict().items()
        ]
        rows.append(("from scratch", f"{self.total:,}", f"{self.total:,}"))
        return format_table(header, rows).removesuffix("\n")


def count_parameters(stages: FittedStages) -> ParameterTable:
    """Count the parameters of fitted stages: real numbers that predictions are computed from.

    Labels taught the head, if there were any, and what an encoder trained with it changed. Of an
    encoder without ``state``, none are counted.
    """
    encoder, head = stages.encoder, stages.head
    numbers = _real_numbers(head)
    taught = numbers if getattr(head, "n_labels_", 1) else 0
    return ParameterTable(
        (
            StageParameters("word vectors", encoder.n_trained_vectors, stages.vectors.matrix.size),
            StageParameters("encoder", encoder.n_trained, _real_numbers(encoder)),
            StageParameters("head", taught, numbers),
        )
    )


def _real_numbers(stage: Any) -> int:  # noqa: ANN401  (any encoder or classifier)
    """Count the floating-point numbers of a stage; ids and counts of words are none."""
    if hasattr(stage, "n_parameters_"):
        return int(stage.n_parameters_)
    if hasattr(stage, "state"):
        tensors: Mapping[str, NDArray[Any]] = stage.state()[1]
        return sum(tensor.size for tensor in tensors.values() if tensor.dtype.kind == "f")
    learnt = [getattr(stage, name, None) for name in ("coef_", "intercept_")]
    return sum(array.size for array in learnt if array is not None)
