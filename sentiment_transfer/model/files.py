"""Reading of model files, and of the models that ship with the package (the bank)."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.base.schema import check, require_readable
from sentiment_transfer.errors import ModelFileError, SettingError, shown
from sentiment_transfer.model.fitted import FittedStages
from sentiment_transfer.model.stored import ModelFacts
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.pretraining.bank import bank_names, bank_path
from sentiment_transfer.pretraining.stored import VectorsFacts
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.precision import Precision

__all__ = ["model_path", "open_bank", "open_member", "read", "write"]


def model_path(path: str | Path) -> Path:
    """Return the path of a model file, or of a model of the package by its name."""
    if str(path) in bank_names() and not Path(path).is_file():  # perhaps a folder has its name
        return bank_path(str(path))
    if os.path.lexists(path):
        return Path(path)
    raise ModelFileError(
        f"does not exist{_meant(path)}; give the path of a model file or the name of a model of "
        "the package: "
        f"{', '.join(bank_names())}",
        path=str(path),
    )


def _meant(path: str | Path) -> str:
    near = difflib.get_close_matches(str(path), bank_names(), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def read(path: str | Path) -> FittedStages | WordVectors:
    """Read a model; see `load`."""
    path = model_path(path)
    stored = load_file(path)
    content = stored.manifest, stored.tensors
    if stored.kind == "word_vectors":
        return WordVectors.from_state(check(VectorsFacts, *content, str(path)), stored.tensors)
    if stored.kind == "classifier":
        return FittedStages.from_state(check(ModelFacts, *content, str(path)), stored.tensors)
    raise ModelFileError(
        f"holds {shown(stored.kind)}, which is not a model; give a file that `save` wrote",
        path=str(path),
    )


def write(path: str | Path, stages: FittedStages, dtype: Precision) -> None:
    """Write a model; see `SentimentClassifier.save`."""
    content = stages.state(dtype)
    require_readable(ModelFacts, *content, str(path))
    save_file(path, "classifier", *content)


def open_member(name: str | Path, language: str | None = None) -> FittedStages:
    """Read a member of the bank by its name, or a classifier from a file, of a language if given.

    Raises
    ------
    ModelFileError
        There is no such member or file, or it is damaged.
    SettingError
        It is of another language, or word vectors alone.
    """
    stages = read(name)
    if isinstance(stages, WordVectors):
        raise SettingError(f"{name} holds word vectors alone; give a model")
    if language not in (None, stages.vectors.tokenizer.language):
        raise SettingError(f"{name} is not for language={language!r}; choose another")
    return stages


def open_bank(name: str, language: str) -> FittedStages:
    """Read a model of the bank; raises ``SettingError`` for another name or language."""
    if name not in bank_names():
        raise SettingError(
            f"vectors={name!r} do not ship with the package; these do: "
            f"{', '.join(bank_names())} (for a file pass vectors=load(path))"
        )
    return open_member(bank_path(name), language)
