"""Open the models and word vectors that arguments name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.cli.choosing import is_auto
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.sentence_encoders import open_encoder
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.languages import language_reference
from sentiment_transfer.model import SentimentClassifier, files, load
from sentiment_transfer.model.choice import AUTO
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.pretraining.bank import bank_names

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["labels_of", "open_classifier", "open_model", "start_classifier", "vectors_of"]


def open_model(path: Path) -> SentimentClassifier | WordVectors:
    """Load a model to describe or to train it, for which no sentence encoder is needed."""
    stored = files.read(path)
    return stored if isinstance(stored, WordVectors) else SentimentClassifier.from_stages(stored)


def open_classifier(
    path: Path, sentence_encoder: str | None = None, *, predicts: bool = True
) -> SentimentClassifier:
    """Load a model that can predict, with a sentence encoder by its name if it needs one.

    A message says if it needs none and one is given.
    """
    encoder = open_encoder(sentence_encoder)
    model = load(path, sentence_encoder=encoder) if predicts else open_model(path)
    if isinstance(model, SentimentClassifier):
        if encoder is not None and getattr(model.encoder_, "sentence_encoder_", None) is None:
            say(f"{path} was fitted without a sentence encoder; {encoder.name} is not used")
        return model
    raise ModelFileError(
        "is a file of word vectors, not a classifier; train one with: "
        f"sentiment-transfer fit LABELLED --vectors {path} -o model.safetensors",
        path=str(path),
    )


def labels_of(model: SentimentClassifier) -> NDArray[np.str_]:
    """Return the classes of a model as text, as labels are in files, ``(n_classes,)``."""
    return model.classes_.astype(np.str_)


def start_classifier(
    vectors: Path | None,
    language: str | None,
    *,
    keep: bool = False,
    **parameters: Any,  # noqa: ANN401  (of SentimentClassifier)
) -> SentimentClassifier:
    """Return a classifier without labels: with the vectors of a file, or still to be pretrained.

    With ``keep``, a model in the file keeps what it learnt from unlabelled texts.
    """
    if vectors is None or is_auto(vectors):
        named = None if vectors is None else AUTO
        return SentimentClassifier(language or "en", vectors=named, **parameters)
    model = open_model(vectors)
    words = model.vectors_ if isinstance(model, SentimentClassifier) else model
    trained = words.tokenizer.language
    if language is not None and language_reference(language) != language_reference(trained):
        raise SettingError(
            f"--language {language} is not allowed; {vectors} was trained on {trained!r} "
            "(leave out --language)"
        )
    shipped = str(vectors) in bank_names() and not vectors.is_file()
    if keep and not shipped and isinstance(model, SentimentClassifier) and model.knows_polarity:
        return model.set_params(**parameters)
    return SentimentClassifier(trained, vectors=str(vectors) if shipped else words, **parameters)


def vectors_of(path: Path) -> WordVectors:
    """Load word vectors, from a file of them or from a classifier."""
    model = open_model(path)
    return model.vectors_ if isinstance(model, SentimentClassifier) else model
