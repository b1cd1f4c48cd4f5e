"""The encoder and the head that the settings of a model ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import in_range, is_integer_from, require
from sentiment_transfer.classification import HiddenLayerClassifier, LinearHead
from sentiment_transfer.classification.class_weight import row_weights
from sentiment_transfer.classification.settings import END_TO_END
from sentiment_transfer.encoding import AveragingEncoder, Encoder, TrainableEncoder
from sentiment_transfer.encoding.encoder import TransformerEncoder
from sentiment_transfer.errors import SettingError
from sentiment_transfer.languages import language_reference
from sentiment_transfer.model.inputs import require_sentence_encoder, unfitted_copy
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.pretraining import SkipGram, WordVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.model.classifier import SentimentClassifier
    from sentiment_transfer.model.fitted import FittedStages

__all__ = [
    "check_ordered",
    "check_predicts",
    "check_settings",
    "class_prior",
    "given_vectors",
    "new_encoder",
    "new_head",
    "settings_of",
    "uses_default_stages",
]


def uses_default_stages(model: SentimentClassifier) -> bool:
    """Return whether stages two and three are the default ones."""
    own_head = model.head is not None and not isinstance(model.head, PolarityClassifier)
    return model.encoder is None and not own_head


def given_vectors(model: SentimentClassifier) -> WordVectors | str | None:
    """Return the vectors of the model, or else those of its encoder."""
    given: Any = model.vectors
    if given is None and model.encoder is not None:
        _check_encoder(model.encoder)
        given = model.encoder.get_params(deep=False).get("vectors")
    vectors: WordVectors | str | None = getattr(given, "vectors_", given)  # of a model
    return vectors


def new_encoder(model: SentimentClassifier, vectors: WordVectors) -> Encoder:
    """Make the encoder, unfitted."""
    _check_language(model, vectors)
    if uses_default_stages(model):
        return PolarityEncoder(
            vectors, seeds=model.seeds, prevalence=model.prevalence, seed=model.seed
        )
    if model.encoder is None:
        return AveragingEncoder(vectors)
    _check_encoder(model.encoder)
    encoder = unfitted_copy(model.encoder).set_params(vectors=vectors)
    return encoder if isinstance(encoder, Encoder) else TransformerEncoder(encoder)


def _check_language(model: SentimentClassifier, vectors: WordVectors) -> None:
    """Raise ``SettingError`` for vectors of another language."""
    trained = vectors.tokenizer.language
    if language_reference(trained) != language_reference(model.language):
        raise SettingError(
            f"language={model.language!r}, but the vectors are for {trained!r}; pass "
            f"SentimentClassifier({trained!r}, ...), or vectors with another Tokenizer"
        )


def _check_encoder(encoder: object) -> None:
    needed = ("fit", "transform", "get_params", "set_params")
    name = encoder.__name__ if isinstance(encoder, type) else type(encoder).__name__
    if isinstance(encoder, type) or not all(hasattr(encoder, method) for method in needed):
        raise SettingError(
            f"encoder={name} is not allowed; it must be an object with {', '.join(needed)}, such "
            "as AveragingEncoder(vectors)"
        )
    if "vectors" not in encoder.get_params(deep=False):  # type: ignore[attr-defined]
        raise SettingError(
            f"encoder={name} is not allowed: it has no parameter 'vectors' for the word vectors "
            "(for features without word vectors, build a scikit-learn Pipeline)"
        )


def new_head(model: SentimentClassifier) -> Any:  # noqa: ANN401
    """Make the head, unfitted."""
    if uses_default_stages(model):
        head = PolarityClassifier() if model.head is None else unfitted_copy(model.head)
        ordered = head.ordered if model.ordered is None else model.ordered
        return head.set_params(language=language_reference(model.language), ordered=ordered)
    if isinstance(model.head, LinearHead):
        raise SettingError(
            "the file holds the coefficients of a scikit-learn classifier, not its settings; "
            "call set_params(head=...) before fit"
        )
    if model.head is not None:
        if not hasattr(model.head, "fit") or isinstance(model.head, type):
            raise SettingError(
                f"head={model.head!r} is not allowed; it must be a classifier with fit, such as "
                "HiddenLayerClassifier() or sklearn.svm.LinearSVC()"
            )
        return unfitted_copy(model.head)
    if isinstance(model.encoder, TrainableEncoder):
        return HiddenLayerClassifier(training=END_TO_END, seed=model.seed, device="auto")
    return HiddenLayerClassifier(seed=model.seed)


def check_settings(model: SentimentClassifier) -> None:
    """Raise ``SettingError`` for a setting of another type than its documentation has."""
    prevalence, seeds, ordered = model.prevalence, model.seeds, model.ordered
    rules = {
        "vectors": (
            model.vectors is None
            or isinstance(model.vectors, str | WordVectors)
            or hasattr(model.vectors, "vectors_"),
            "WordVectors, a model, the name of vectors that ship with the package, or None",
        ),
        "unlabelled": (
            model.unlabelled is None or not isinstance(model.unlabelled, Iterator),
            "a list of texts, or another iterable that can be iterated over repeatedly",
        ),
        "skipgram": (isinstance(model.skipgram, SkipGram | None), "a SkipGram or None"),
        "seeds": (
            seeds in (None, "language")
            if isinstance(seeds, str | None)
            else isinstance(seeds, Collection) and len(seeds) == 2 and all(map(_are_words, seeds)),
            "'language', None, or a pair of lists of words, (positive, negative)",
        ),
        "prevalence": (
            prevalence is None or (in_range(prevalence, 1) and prevalence > 0),
            "a number between 0 and 1, or None",
        ),
        "ordered": (
            ordered is None
            or ordered is False
            or (
                (isinstance(ordered, Collection) and not isinstance(ordered, str | Mapping))
                and len({isinstance(label, str) for label in ordered}) <= 1
            ),
            "a list of two or more different labels, all of one type, or False",
        ),
        "seed": (is_integer_from(model.seed, 0), "an integer of at least 0"),
    }
    if model.sentence_encoder is not None:
        require_sentence_encoder(model.sentence_encoder)
    for name, (holds, rule) in rules.items():
        require(holds, model, name, rule)


def _are_words(values: object) -> bool:
    """Return whether these are several texts, not one."""
    return (
        isinstance(values, Collection)
        and not isinstance(values, str)
        and all(isinstance(value, str) for value in values)
    )


def check_ordered(model: SentimentClassifier) -> None:
    """Raise ``SettingError`` for an order of classes, or an encoder, that the head does not use."""
    if model.sentence_encoder is not None:
        require_sentence_encoder(model.sentence_encoder)
        if not uses_default_stages(model):
            raise SettingError(
                "sentence_encoder is for the default encoder and head; "
                f"{model.head or model.encoder!r} does not read it: leave one of them out"
            )
    given = model.ordered is not None and model.ordered is not False
    if given and not uses_default_stages(model):
        raise SettingError(
            f"ordered={model.ordered} is for the default head; {model.head!r} does not use it: "
            "leave one of them out"
        )


def check_predicts(head: Any) -> None:  # noqa: ANN401  (ours or scikit-learn's)
    """Raise ``SettingError`` for a fitted head with neither probabilities nor linear scores."""
    if hasattr(head, "predict_proba"):
        return
    try:
        LinearHead.of(head)
    except SettingError as error:
        name = type(head).__name__
        raise SettingError(
            f"{name} has neither predict_proba nor linear scores; wrap it in "
            "sklearn.calibration.CalibratedClassifierCV, or use LogisticRegression, LinearSVC or "
            "HiddenLayerClassifier"
        ) from error


def class_prior(
    encoder: Encoder,
    head: Any,  # noqa: ANN401  (ours or scikit-learn's)
    labels: NDArray[Any],
    sample_weight: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the smoothed share of each class among the labels, float64 ``(k,)``.

    One label is added to each class. Labels are weighted by the head's ``class_weight`` and by
    ``sample_weight``. A known prevalence of two classes is returned as it is, unless the head has
    a ``class_weight``.
    """
    classes, class_weight = head.classes_.tolist(), getattr(head, "class_weight", None)
    prevalence = getattr(encoder, "prevalence_", None)
    if prevalence is not None and len(classes) == 2 and class_weight is None:
        known: NDArray[np.float64] = np.full(2, 1.0 - prevalence)
        known[head.classes_ == head.order_[1]] = prevalence
        return known
    weights = row_weights(labels, classes, class_weight)
    if sample_weight is not None:
        weights = weights * sample_weight
    counts = 1 + np.array([weights[labels == label].sum() for label in classes])
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def settings_of(stages: FittedStages) -> dict[str, Any]:
    """Return the parameters of a model with these stages, so that it can be fitted again."""
    encoder, head = stages.encoder, stages.head
    settings: dict[str, Any] = {"language": stages.vectors.tokenizer.language}
    settings["vectors"] = stages.vectors
    if not (isinstance(encoder, PolarityEncoder) and isinstance(head, PolarityClassifier)):
        # copies, so that settings changed in place do not change what was fitted
        own_head = head if isinstance(head, LinearHead) else unfitted_copy(head)
        return settings | {"encoder": unfitted_copy(encoder), "head": own_head}
    if head.class_weight is not None:
        settings["head"] = unfitted_copy(head)
    return settings | {
        "seeds": encoder.seeds,
        "prevalence": encoder.prevalence,
        "seed": encoder.seed,
        "ordered": head.ordered,
    }
