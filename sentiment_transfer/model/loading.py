"""Models from files, and from the bank that ships with the package."""

from __future__ import annotations

from pathlib import Path

from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.model.classifier import SentimentClassifier
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.pretraining.bank import bank_names, bank_path
from sentiment_transfer.storage import load_file

__all__ = ["load", "model_path", "open_bank"]


def model_path(path: str | Path) -> Path:
    """Where a model lies: the file, or one that ships with the package if there is no such file."""
    if Path(path).exists():
        return Path(path)
    if str(path) in bank_names():
        return bank_path(str(path))
    raise ModelFileError(
        "does not exist; give the path of a model file, or the name of a model that ships with "
        f"the package: {', '.join(bank_names())}",
        path=str(path),
    )


def load(path: str | Path) -> SentimentClassifier | WordVectors:
    """Read a model: a file, or one that ships with the package, such as ``"reviews-en"``.

    Either holds a classifier or word vectors.

    Raises
    ------
    ModelFileError
        The file is missing, broken, tampered with, or from a newer format.
    """
    path = model_path(path)
    stored = load_file(path)
    if stored.kind not in ("classifier", "word_vectors"):
        raise ModelFileError(f"holds {stored.kind!r}, which is not a model", path=str(path))
    try:
        if stored.kind == "word_vectors":
            return WordVectors.from_state(stored.manifest, stored.tensors)
        model = SentimentClassifier.from_state(stored.manifest, stored.tensors)
        model.predict_proba([""])  # shapes that do not fit show here, not in use
        return model
    except (LookupError, TypeError, ValueError, AttributeError, ModelFileError) as error:
        raise ModelFileError(f"does not hold together: {error!r}", path=str(path)) from error


def open_bank(name: str, language: str) -> SentimentClassifier:
    """Read the model of that name and language from the bank; ``SettingError`` if it has none."""
    if name not in bank_names():
        raise SettingError(
            f"vectors={name!r} do not ship with the package; these do: "
            f"{', '.join(bank_names())} (for a file pass vectors=load(path))"
        )
    bank = load(bank_path(name))
    if not isinstance(bank, SentimentClassifier) or bank.language != language:
        raise SettingError(f"vectors={name!r} are not of the language {language!r}; choose others")
    return bank
