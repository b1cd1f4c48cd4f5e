"""What a file holds of polarity, the default encoder and the default head."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from sentiment_transfer.base.schema import (
    GRAMS,
    Facts,
    Index,
    Positive,
    Share,
    Tensor,
    Weight,
    within,
)
from sentiment_transfer.classification.stored import ClassesFacts, StoredWeights
from sentiment_transfer.encoding.sentence_encoder import SentenceEncoderFacts
from sentiment_transfer.errors import ModelFileError, shown
from sentiment_transfer.languages import load_language
from sentiment_transfer.polarity.members import MEMBERS, current_name
from sentiment_transfer.pretraining.precision import MAX_VALUE

__all__ = [
    "ClassifierFacts",
    "EncoderFacts",
    "MemberFacts",
    "MixtureFacts",
    "PolarityFacts",
    "TaughtFacts",
]

Loss = Annotated[float, msgspec.Meta(ge=0, le=1e300)]
OpenShare = Annotated[float, msgspec.Meta(gt=0, lt=1)]

GRAM_NUMBERS = (-np.inf, np.inf, GRAMS)
_SHAPES: dict[str, tuple[int | str, ...]] = {
    "score": (1,),
    "strength": (1,),
    "polarity_mean": ("d+1",),
    "plain_mean": ("d",),
    "words": ("n_grams",),
    "sentence": ("sentence_width",),
}


class PolarityFacts(Facts):
    """Facts of a `Polarity`; ``pooling`` is 0.3 to 3.3 by its formula.

    ``strength`` says whether there is a direction of strength; files written until 2026-11-28 have
    none. Where no labels of other texts taught, there is no ``taught_correlation``.
    """

    seed_weight: Annotated[float, msgspec.Meta(ge=0, le=1e12)]
    cut: Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
    spread: Positive
    pivot_texts: tuple[Index, Index]
    strength: bool = False
    taught_weight: Annotated[float, msgspec.Meta(ge=0, le=1e12)] = 0.0
    taught_mean: Weight = 0.0
    taught_correlation: Annotated[float, msgspec.Meta(ge=-1, le=1)] | None = None

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of what is known of words and directions."""
        return {
            "directions": Tensor("f4", ("n_directions", "d")),
            "word_scores": Tensor("f4", ("n_words",)),
            "pooling": Tensor("f4", ("n_words",), 0.1, 10),
            "centre": Tensor("f4", ("d",), -MAX_VALUE, MAX_VALUE),
            "scales": Tensor("f8", ("n_directions",), 1e-12, 1e12),
            "seed_signs": Tensor("i1", ("n_words",), -1, 1),
            **({"strength_direction": Tensor("f4", ("d",))} if self.strength else {}),
        }


class TaughtSourceFacts(Facts):
    """Facts of a `TaughtSource`."""

    name: str
    negative: Index
    positive: Index


class TaughtFacts(Facts):
    """Facts of a `TaughtPolarity`."""

    sources: Annotated[list[TaughtSourceFacts], msgspec.Meta(max_length=1000)]

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the words and pairs, and of their weights."""
        return {
            "taught.grams": Tensor("i8", ("n_taught",), *GRAM_NUMBERS),
            "taught.weights": Tensor("f2", ("n_taught",), -1e3, 1e3),
        }


class EncoderFacts(Facts):
    """Facts of a `PolarityEncoder`; files written until 2026-11-29 lack ``taught``."""

    seeds: Literal["language"] | tuple[list[str], list[str]] | None
    prevalence: OpenShare | None
    seed: Index
    frequency_texts: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    polarity: PolarityFacts | None
    prevalence_of_texts: OpenShare | msgspec.UnsetType | None = msgspec.UNSET
    sentence_encoder: SentenceEncoderFacts | msgspec.UnsetType = msgspec.UNSET
    taught: TaughtFacts | None = None

    def __post_init__(self) -> None:
        weight = 0.0 if self.polarity is None else self.polarity.taught_weight
        if weight and self.taught is None:
            raise ValueError("taught_weight is above 0, but no labels of other texts taught")

    def sizes(self) -> dict[str, int | str]:
        """Return the sizes that a sentence encoder has."""
        needed = self.sentence_encoder
        return {} if isinstance(needed, msgspec.UnsetType) else needed.sizes()

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the centre, the frequencies of grams, and the polarity."""
        needed = self.sentence_encoder
        return {
            "mean": Tensor("f4", ("d",), -MAX_VALUE, MAX_VALUE),
            "frequency.grams": Tensor("i8", ("n_frequencies",), *GRAM_NUMBERS),
            "frequency.counts": Tensor("i4", ("n_frequencies",), 0, self.frequency_texts),
            **({} if self.polarity is None else self.polarity.tensors()),
            **({} if self.taught is None else self.taught.tensors()),
            **({} if isinstance(needed, msgspec.UnsetType) else needed.tensors()),
        }


class MemberFacts(Facts):
    """Facts of a `Member` of a mixture."""

    name: str
    share: Share
    bias: Weight
    parts: list[str]

    def __post_init__(self) -> None:
        kind = MEMBERS.get(current_name(self.name))
        if kind is None:
            raise ValueError(f"{shown(self.name)} must be one of {', '.join(MEMBERS)}")
        parts, known = [*map(current_name, self.parts)], kind.parts
        needed = known[: kind.needed]
        if (*parts[: kind.needed],) != needed or parts != [p for p in known if p in parts]:
            raise ValueError(
                f"{self.name} reads {shown(self.parts)}, but {', '.join(known)} are its parts, and "
                f"{' and '.join(needed)} {'are' if len(needed) > 1 else 'is'} needed"
            )

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the weights of each part."""
        return {
            f"{self.name}.{part}": Tensor("f8", _SHAPES[current_name(part)]) for part in self.parts
        }


class LeftOutFacts(Facts):
    """Facts of a `LeftOut`."""

    means: tuple[Share, Share]
    variances: tuple[Share, Share]


class MixtureFacts(Facts):
    """Facts of a `LogisticMixture`; files written until 2026-11-29 lack ``left_out``."""

    members: Annotated[list[MemberFacts], msgspec.Meta(min_length=1, max_length=100)]
    leave_one_out_log_loss: dict[str, Loss]
    score_log_loss: Loss | None
    n_labels: Loss
    left_out: LeftOutFacts | None = None

    def __post_init__(self) -> None:
        names = [current_name(member.name) for member in self.members]
        if len(set(names)) < len(names):
            raise ValueError(f"of the members {', '.join(names)} one occurs twice")
        unknown = {*map(current_name, self.leave_one_out_log_loss)} - MEMBERS.keys()
        if unknown:
            raise ValueError(f"{shown(min(unknown))} must be one of {', '.join(MEMBERS)}")
        total = sum(member.share for member in self.members)
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares of the members sum to {total:g}, not to 1")

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the weights of all members."""
        return {n: tensor for member in self.members for n, tensor in member.tensors().items()}


class ClassifierFacts(ClassesFacts):
    """Facts of a `PolarityClassifier`; ``classes`` are in its order.

    Files written until 2026-11-28 also hold ``hidden``, ``hidden_units`` and ``seed``.
    """

    language: str
    ordered: list[str | int | bool] | bool | None
    class_weight: StoredWeights
    mixtures: list[MixtureFacts]
    label_shares: tuple[OpenShare, OpenShare, OpenShare] | msgspec.UnsetType = msgspec.UNSET
    hidden: Any = None
    hidden_units: Any = None
    seed: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        load_language(self.language)  # raises SettingError for an unknown one
        if self.hidden is not None:
            raise ModelFileError(
                "the classifier has a hidden layer on its mixture, which is no longer supported; "
                "fit it without hidden_units and save it again"
            )
        if self.ordered is True or (
            isinstance(self.ordered, list) and not _same(self.ordered, self.classes)
        ):
            raise ValueError("ordered must be the classes in their order")
        k, n = len(self.classes), len(self.mixtures)
        if n not in self._possible_numbers(k):
            raise ValueError(f"{n} mixtures do not fit {k} classes")

    def _possible_numbers(self, k: int) -> list[int]:
        """Return possible numbers of mixtures: one per step of ordered classes, or per class.

        With ``label_shares`` there is one more, for the neutral class of three in order.
        """
        if self.label_shares is not msgspec.UNSET:
            return [k] if k == 3 and self.ordered is not False else []
        if k == 2 or isinstance(self.ordered, list):
            return [k - 1]
        return [k] if self.ordered is False else [k - 1, k]

    @property
    def parts(self) -> set[str]:
        """The parts of the features that the members read."""
        members = (member for mixture in self.mixtures for member in mixture.members)
        return {current_name(part) for member in members for part in member.parts}

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the known grams, and of the weights of all mixtures."""
        declared = {
            "grams": Tensor("i8", ("n_grams",), *GRAM_NUMBERS),
            "idf": Tensor("f4", ("n_grams",), 0.99, 50),
        }
        if "sentence" in self.parts:
            declared["sentence.mean"] = Tensor("f4", ("sentence_width",), -1, 1)
            declared["sentence.scale"] = Tensor("f8", (1,), 1e-6, 2)
        for i, mixture in enumerate(self.mixtures):
            declared |= within(str(i), mixture.tensors())
        return declared


def _same(first: list[Any], second: list[Any]) -> bool:
    """Return whether labels are equal and of equal types: True is not 1."""
    return first == second and [*map(type, first)] == [*map(type, second)]
