"""What a file holds of the heads of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from sentiment_transfer.base.schema import Count, Facts, Index, Tensor, settings_group
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.classification.settings import Training
from sentiment_transfer.errors import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Classes", "ClassesFacts", "HiddenLayerFacts", "LinearFacts", "StoredWeights"]

MAX_CLASSES = 10_000
"""An array of labels takes 800 bytes a class where one has 200 characters."""

MAX_COEFFICIENT = 1e15
"""Sentence vectors may be of any scale, and coefficients of the inverse one; a product with the
largest word vectors, 1e15, is 1e30."""

Classes = Annotated[list[str | int | bool], msgspec.Meta(min_length=2, max_length=MAX_CLASSES)]
Above0 = Annotated[int, msgspec.Meta(gt=0)] | Annotated[float, msgspec.Meta(gt=0, le=1e300)]
StoredWeights = (
    Literal["balanced"] | dict[str, Above0] | list[tuple[str | int | bool, Above0]] | None
)
"""A ``class_weight`` in JSON: a mapping of other labels than text is a list of pairs."""


class ClassesFacts(Facts):
    """Base of the facts of a head: two or more different classes, all of one type."""

    classes: Classes

    @property
    def labels(self) -> NDArray[Any]:
        """The classes as an array, ``(n_classes,)``."""
        classes: Any = self.classes
        return as_labels(classes)

    def __post_init__(self) -> None:
        if len(set(self.labels.tolist())) < len(self.classes):
            raise ValueError(f"the classes {shown(self.classes)} must be different")

    def sizes(self) -> dict[str, int | str]:
        """Return the number of classes."""
        return {"n_classes": len(self.classes)}


class SortedClassesFacts(ClassesFacts):
    """Base of the facts of a head whose outputs are in the order of its sorted classes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        labels = self.labels
        if not (labels[1:] > labels[:-1]).all():
            raise ValueError(f"the classes {shown(self.classes)} must be sorted")


class HiddenLayerParameters(Facts):
    """Parameters of a `HiddenLayerClassifier`."""

    hidden_units: Count
    activation: Literal["relu", "tanh"]
    class_weight: StoredWeights
    training: dict[str, Any]
    seed: Index
    device: Literal["cpu", "auto"]

    def __post_init__(self) -> None:
        settings_group(Training, self.training)


class HiddenLayerFacts(SortedClassesFacts):
    """Facts of a `HiddenLayerClassifier`."""

    parameters: HiddenLayerParameters

    def sizes(self) -> dict[str, int | str]:
        """Return the number of classes and of hidden units."""
        return {**super().sizes(), "hidden_units": self.parameters.hidden_units}

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the weights of both layers."""
        return {
            "hidden.weight": Tensor("f4", ("size", "hidden_units")),
            "output.weight": Tensor("f4", ("hidden_units", "n_classes")),
            "hidden.bias": Tensor("f4", ("hidden_units",)),
            "output.bias": Tensor("f4", ("n_classes",)),
        }


class LinearFacts(SortedClassesFacts):
    """Facts of a `LinearHead`."""

    probabilistic: bool

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of coefficients and intercepts: one of each for two classes."""
        k = 1 if len(self.classes) == 2 else len(self.classes)
        return {
            "coef": Tensor("f4 f8", (k, "size"), -MAX_COEFFICIENT, MAX_COEFFICIENT),
            "intercept": Tensor("f4 f8", (k,), -MAX_COEFFICIENT, MAX_COEFFICIENT),
        }
