"""Parameters of a model: how many it has, and how many were learnt from labels.

The arithmetic of transfer learning: two outputs on 2,048 features have ``(2048 + 1) * 2 = 4,098``
parameters, while the network that computes the features has 140 million. Pretrained parameters
need no labels; trained from scratch, all of them would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.tables import format_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["ParameterTable", "StageParameters", "count_parameters"]


@dataclass(frozen=True)
class StageParameters:
    """Name of a stage, number of its parameters learnt from labels, and of all."""

    name: str
    trained: int
    total: int


@dataclass(frozen=True)
class ParameterTable:
    """Parameters of word vectors, encoder and head."""

    stages: tuple[StageParameters, ...]

    @property
    def trained(self) -> int:
        """Number of parameters learnt from labels."""
        return sum(stage.trained for stage in self.stages)

    @property
    def total(self) -> int:
        """Number of all parameters; from scratch, all would be learnt from labels."""
        return sum(stage.total for stage in self.stages)

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return the numbers of each stage and of all together, for JSON."""
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
    """Count the parameters of fitted stages: the floating-point numbers used in predictions.

    Without ``state``, an encoder counts as having none.
    """
    encoder, head = stages.encoder, stages.head
    numbers = _real_numbers(head)
    trained = numbers if getattr(head, "n_labels_", 1) else 0
    return ParameterTable(
        (
            StageParameters("word vectors", encoder.n_trained_vectors, stages.vectors.matrix.size),
            StageParameters("encoder", encoder.n_trained, _real_numbers(encoder)),
            StageParameters("head", trained, numbers),
        )
    )


def _real_numbers(stage: Any) -> int:  # noqa: ANN401  (any encoder or classifier)
    """Count the floating-point numbers of a stage, without ids and counts of words.

    A sentence encoder of another package counts as having none, and neither do the vectors that a
    file recognises it by.
    """
    if hasattr(stage, "n_parameters_"):
        return int(stage.n_parameters_)
    if hasattr(stage, "state"):
        tensors: Mapping[str, NDArray[Any]] = stage.state()[1]
        used = (t for name, t in tensors.items() if not name.startswith("sentence."))
        return sum(tensor.size for tensor in used if tensor.dtype.kind == "f")
    arrays = [getattr(stage, name, None) for name in ("coef_", "intercept_")]
    return sum(array.size for array in arrays if array is not None)
