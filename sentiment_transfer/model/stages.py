"""Which encoder and head the parameters of a model ask for, and whether they still do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, LinearHead
from sentiment_transfer.classification.class_weight import row_weights
from sentiment_transfer.classification.end_to_end import END_TO_END
from sentiment_transfer.encoding import (
    AveragingEncoder,
    LSTMEncoder,
    TrainableEncoder,
    TunedAveragingEncoder,
)
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.model.inputs import fresh
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.model.pretrained import Pretrained
    from sentiment_transfer.pretraining import WordVectors

__all__ = [
    "Basis",
    "check_language",
    "check_predicts",
    "class_prior",
    "encoder_without_texts",
    "is_informed",
    "new_encoder",
    "new_head",
]


def is_informed(model: Pretrained) -> bool:
    """Whether the stages are the default ones, which know of polarity before any label."""
    own_head = model.head is not None and not isinstance(model.head, PolarityClassifier)
    return model.encoder is None and not own_head


def new_encoder(model: Pretrained, vectors: WordVectors) -> Any:  # noqa: ANN401
    """Make the encoder, unfitted."""
    if is_informed(model):
        return PolarityEncoder(
            vectors, seeds=model.seeds, prevalence=model.prevalence, seed=model.seed
        )
    if model.encoder is None:
        return AveragingEncoder(vectors)
    _check_encoder(model.encoder)
    return fresh(model.encoder).set_params(vectors=vectors)


def _check_encoder(encoder: object) -> None:
    needed = ("fit", "transform", "get_params", "set_params")
    name = encoder.__name__ if isinstance(encoder, type) else type(encoder).__name__
    if isinstance(encoder, type) or not all(hasattr(encoder, method) for method in needed):
        raise SettingError(
            f"{name} cannot be the encoder; give an object with {', '.join(needed)}, such as "
            "AveragingEncoder(vectors)"
        )
    if "vectors" not in encoder.get_params(deep=False):  # type: ignore[attr-defined]
        raise SettingError(
            f"{name} cannot be the encoder: it has no parameter 'vectors' to be given the word "
            "vectors by (to do without them, build a scikit-learn Pipeline)"
        )


def new_head(model: Pretrained) -> Any:  # noqa: ANN401
    """Make the head, unfitted."""
    if is_informed(model):
        head = PolarityClassifier() if model.head is None else fresh(model.head)
        ordered = head.ordered if model.ordered is None else model.ordered
        return head.set_params(language=model.language, ordered=ordered)
    if isinstance(model.head, LinearHead):
        raise SettingError(
            "the head in this file holds what scikit-learn learnt, not how; "
            "call set_params(head=...) to fit anew"
        )
    if model.head is not None:
        if not hasattr(model.head, "fit") or isinstance(model.head, type):
            raise SettingError(
                f"head={model.head!r} is no classifier; give an object with fit, such as "
                "HiddenLayerClassifier() or sklearn.svm.LinearSVC()"
            )
        return fresh(model.head)
    if isinstance(model.encoder, TrainableEncoder):
        return HiddenLayerClassifier(training=END_TO_END, seed=model.seed, device="auto")
    return HiddenLayerClassifier(seed=model.seed)


def check_predicts(head: Any) -> None:  # noqa: ANN401  (ours or scikit-learn's)
    """Refuse a fitted head that gives neither probabilities nor linear scores."""
    if hasattr(head, "predict_proba"):
        return
    try:
        LinearHead.of(head)
    except SettingError as error:
        name = type(head).__name__
        raise SettingError(
            f"{name} has no predict_proba here, and no linear scores to stand in; wrap it in "
            "sklearn.calibration.CalibratedClassifierCV, or take LogisticRegression, LinearSVC or "
            "HiddenLayerClassifier"
        ) from error


def class_prior(model: Pretrained, labels: NDArray[np.str_]) -> NDArray[np.float64]:
    """Share of each class among the labels of a fitted model, smoothed; float64 ``(k,)``.

    One label is added to each class; where the prevalence of two classes is told, two labels parted
    in its proportion. The head's ``class_weight`` weighs the labels.
    """
    head, classes = model.head_, model.classes_.tolist()
    added = np.ones(len(classes))
    prevalence = getattr(model.encoder_, "prevalence_", None)
    if prevalence is not None and len(classes) == 2:
        positive = model.classes_ == head.order_[1]
        added = 2 * np.where(positive, prevalence, 1 - prevalence)
    weights = row_weights(labels, classes, getattr(head, "class_weight", None))
    counts = added + np.array([weights[labels == label].sum() for label in classes])
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def check_language(model: Pretrained, vectors: WordVectors) -> None:
    """Refuse vectors whose words were split as those of another language."""
    trained = vectors.tokenizer.language
    if trained != model.language:
        raise SettingError(
            f"language={model.language!r}, but the vectors are of the language {trained!r}; pass "
            f"SentimentClassifier({trained!r}, ...) (or vectors with a Tokenizer of yours)"
        )


def encoder_without_texts(
    model: Pretrained,
    vectors: WordVectors,
    known: Any,  # noqa: ANN401  (any encoder)
) -> Any:  # noqa: ANN401
    """Make a fitted encoder where the unlabelled texts are gone, from one that saw them.

    Averages need but the centre of those texts, which other encoders over the same vectors have.
    """
    asked = model.encoder
    if isinstance(asked, LSTMEncoder):
        return new_encoder(model, vectors).fit([])
    centre = _centre(vectors, known)
    if centre is not None and isinstance(asked, TunedAveragingEncoder):
        return new_encoder(model, vectors).centred(centre)
    if centre is not None and asked is None and not is_informed(model):
        return AveragingEncoder.centred(vectors, centre)
    raise NotFittedError(
        "a model from a file does not hold its unlabelled texts; "
        "call pretrain with them (its vectors are kept if passed as vectors=)"
    )


def _centre(vectors: WordVectors, known: Any) -> NDArray[np.float32] | None:  # noqa: ANN401
    """Mean of the plain averages that a fitted encoder saw, ``(d,)``; None if it does not tell."""
    mean: NDArray[np.float32] | None = None
    averages = repr(known) == repr(AveragingEncoder(vectors)) and (known.weights_ == 1).all()
    if averages or isinstance(known, PolarityEncoder):
        mean = known.mean_
    elif isinstance(known, TunedAveragingEncoder):
        mean = known.start_["mean"]
    return mean if known.vectors is vectors else None


@dataclass(frozen=True)
class Basis:
    """The parameters that stages one and two were made with."""

    language: str
    vectors: Any
    skipgram: str
    encoder: str
    seeds: str
    prevalence: float | None
    informed: bool

    @classmethod
    def of(cls, model: Pretrained) -> Self:
        """What they are now; parts that may change in place are written down."""
        written = {name: repr(getattr(model, name)) for name in ("skipgram", "encoder", "seeds")}
        return cls(
            model.language,
            model.vectors,
            prevalence=model.prevalence,
            informed=is_informed(model),
            **written,
        )

    def require_same(self, model: Pretrained) -> None:
        """Refuse parameters that need another pretraining to take effect."""
        now = Basis.of(model)
        names = ["language", "vectors", "skipgram", "encoder"]
        if self.informed and now.informed:  # to other stages they mean nothing
            names += ["seeds", "prevalence"]
        changed = [name for name in names if getattr(now, name) != getattr(self, name)]
        if changed:
            raise SettingError(
                f"{' and '.join(changed)} changed after pretraining, which depends on it; call "
                "pretrain(unlabelled_texts) again, or set it back"
            )
