"""A model as facts and tensors, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_transfer.classification import HiddenLayerClassifier, LinearHead
from sentiment_transfer.encoding import AveragingEncoder, LSTMEncoder, TunedAveragingEncoder
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.model.inputs import fresh
from sentiment_transfer.model.stages import Basis
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.pretraining import WordVectors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.model.classifier import SentimentClassifier
    from sentiment_transfer.pretraining.precision import Precision

__all__ = ["pack", "unpack"]

_ENCODERS = {
    kind.__name__: kind
    for kind in (AveragingEncoder, LSTMEncoder, PolarityEncoder, TunedAveragingEncoder)
}
_HEADS: dict[str, Any] = {
    "HiddenLayerClassifier": HiddenLayerClassifier,
    "InformedClassifier": PolarityClassifier,  # its name in files
    "LinearHead": LinearHead,
}


def pack(
    model: SentimentClassifier, dtype: Precision
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Facts and tensors of a fitted model; ``SettingError`` for stages that no file can hold."""
    encoder = model.encoder_
    if type(encoder).__name__ not in _ENCODERS:
        raise SettingError(
            f"{type(encoder).__name__} cannot be saved; model files hold the encoders "
            f"{' and '.join(_ENCODERS)}"
        )
    head = model.head_ if hasattr(model.head_, "state") else LinearHead.of(model.head_)
    states = {
        "vectors": model.vectors_.state(dtype),
        "encoder": encoder.state(),
        "head": head.state(),
    }
    manifest: dict[str, Any] = {
        "language": model.language,
        "encoder_type": type(encoder).__name__,
        "head_type": next(name for name, kind in _HEADS.items() if type(head) is kind),
        "labels": model.classes_.tolist(),
    }
    if model._encoder_saw_labelled:
        manifest["encoder_saw_labelled"] = True
    tensors: dict[str, NDArray[Any]] = {"prior": model.prior_}
    for name, (facts, inner) in states.items():
        manifest[name] = facts
        tensors |= {f"{name}/{key}": tensor for key, tensor in inner.items()}
    return manifest, tensors


def unpack(
    model: SentimentClassifier, manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
) -> None:
    """Give a new model the stages that ``pack`` described."""

    def part(name: str) -> tuple[Any, dict[str, NDArray[Any]]]:
        prefix = f"{name}/"
        inner = {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}
        return manifest[name], inner

    model.vectors_ = WordVectors.from_state(*part("vectors"))
    encoder_type: Any = _ENCODERS[manifest["encoder_type"]]
    model.encoder_ = encoder_type.from_state(*part("encoder"), model.vectors_)
    model.head_ = _HEADS[manifest["head_type"]].from_state(*part("head"))
    model.classes_ = model.head_.classes_
    model.prior_ = tensors["prior"]
    labels = model.classes_.tolist()
    if labels != manifest["labels"] or len(model.prior_) != len(labels):
        raise ModelFileError("the labels, the prior and the head contradict each other")
    model._encoder_saw_labelled = "encoder_saw_labelled" in manifest
    _set_up_as_saved(model)
    model._basis = Basis.of(model)


def _set_up_as_saved(model: SentimentClassifier) -> None:
    """Take the parameters from the stages, so that the model can be fitted again."""
    encoder, head = model.encoder_, model.head_
    model.vectors = model.vectors_
    if isinstance(encoder, PolarityEncoder) and isinstance(head, PolarityClassifier):
        model.seeds, model.prevalence, model.seed = encoder.seeds, encoder.prevalence, encoder.seed
        model.ordered = head.ordered
        if head.class_weight is not None:
            model.head = fresh(head)
    else:
        model.encoder, model.head = encoder, head
