"""What a file holds of a classifier: the parts of its three stages, and how they fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from sentiment_transfer.base.schema import (
    GRAMS,
    PROBABILITIES,
    Facts,
    Index,
    Share,
    Tensor,
    by_part,
    convert,
    within,
)
from sentiment_transfer.classification import HiddenLayerClassifier, LinearHead
from sentiment_transfer.classification.stored import Classes
from sentiment_transfer.encoding import AveragingEncoder, LSTMEncoder, TunedAveragingEncoder
from sentiment_transfer.errors import shown
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.stored import ClassifierFacts, EncoderFacts
from sentiment_transfer.pretraining.stored import VectorsFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["ENCODERS", "HEADS", "ModelFacts", "TrainingSummaryFacts"]

ENCODERS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (AveragingEncoder, LSTMEncoder, PolarityEncoder, TunedAveragingEncoder)
}
DIGESTS = Tensor("i8", ("n_digests",), -np.inf, np.inf, GRAMS)
HEADS: dict[str, Any] = {
    "HiddenLayerClassifier": HiddenLayerClassifier,
    "InformedClassifier": PolarityClassifier,  # its name in files
    "LinearHead": LinearHead,
}


class TrainingSummaryFacts(Facts):
    """Facts of a `TrainingSummary` beside its digests and what word vectors say themselves."""

    adaptation_texts: Index | None
    label_counts: list[tuple[str | int | bool, Index]]
    text_column: str | None
    label_column: str | None
    coverage: Share | None = None


class ModelFacts(Facts):
    """Facts of `FittedStages`; ``encoder`` and ``head`` are those of the types named here."""

    language: str
    encoder_type: str
    head_type: str
    labels: Classes
    vectors: VectorsFacts
    encoder: Any
    head: Any
    encoder_saw_labelled: bool = False
    trained_on: TrainingSummaryFacts | None = None

    def __post_init__(self) -> None:
        for part, known in (("encoder", ENCODERS), ("head", HEADS)):
            kind = getattr(self, f"{part}_type")
            if kind not in known:
                raise ValueError(
                    f"{part}_type must be one of {', '.join(known)}, not {shown(kind)}"
                )
            setattr(self, part, convert(known[kind].stored, getattr(self, part), part))
        if self.language != self.vectors.tokenizer.language:
            raise ValueError("the model and its word vectors are of different languages")
        classes = sorted(self.head.classes)  # of one type
        if self.labels != classes or type(self.labels[0]) is not type(classes[0]):
            raise ValueError("the labels must be the classes of the head, sorted")
        self._check_parts()
        self._check_counts()

    def _check_parts(self) -> None:
        """Check that the encoder computes the features that the head reads."""
        encoder, head = self.encoder, self.head
        if isinstance(encoder, EncoderFacts) != isinstance(head, ClassifierFacts):
            raise ValueError(f"{self.head_type} does not read what {self.encoder_type} computes")
        if not (isinstance(encoder, EncoderFacts) and isinstance(head, ClassifierFacts)):
            return
        if ("sentence" in head.parts) != (encoder.sentence_encoder is not msgspec.UNSET):
            raise ValueError("the encoder must name the sentence encoder that the head reads")
        if encoder.polarity is None:
            needed = {"score", "strength", "polarity_mean"} & head.parts
            if needed:
                raise ValueError(
                    f"the head reads {' and '.join(sorted(needed))}, but the encoder has no "
                    "polarity"
                )
        elif "strength" in head.parts and not encoder.polarity.strength:
            raise ValueError("the head reads strength, but the encoder's polarity has none")

    def _check_counts(self) -> None:
        """Check that texts of each class, or of none, were counted."""
        counted = [] if self.trained_on is None else [x for x, _ in self.trained_on.label_counts]
        if counted and (sorted(map(repr, counted)) != sorted(map(repr, self.labels))):
            raise ValueError("trained_on must count the texts of each of the labels")

    def sizes(self) -> dict[str, int | str]:
        """Return the named sizes of all parts."""
        return {**self.encoder.sizes(), **self.head.sizes()}

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of all parts, and of the prior."""
        return {
            **within("vectors", self.vectors.tensors()),
            **within("encoder", self.encoder.tensors()),
            **within("head", self.head.tensors()),
            "prior": Tensor("f8", ("n_classes",), 0, 1, PROBABILITIES),
            **({} if self.trained_on is None else {"digests": DIGESTS}),
        }

    def check(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Check the rules of the word vectors; no other part has any."""
        try:
            self.vectors.check(by_part(tensors)["vectors"])
        except ValueError as error:
            raise ValueError(f"vectors: {error}") from error
