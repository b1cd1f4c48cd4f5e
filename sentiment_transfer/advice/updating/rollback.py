"""A model file that is replaced keeps its former content beside it, which can be restored."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.errors import ModelFileError

if TYPE_CHECKING:
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["previous_path", "replace_model", "roll_back"]


def previous_path(path: str | Path) -> Path:
    """Return where the former content of a model file is: ``model.previous.safetensors``.

    Parameters
    ----------
    path
        Of the model file; neither has to exist.

    Returns
    -------
    Path
        In the same folder.

    Examples
    --------
    >>> previous_path("reviews.safetensors").name
    'reviews.previous.safetensors'
    """
    path = Path(path)
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def replace_model(path: str | Path, model: SentimentClassifier) -> Path:
    """Write a model over a file, after its content was copied beside it; return the copy.

    Both are written atomically, the copy first, so that the file holds the old model or the new one
    at any time. A former copy is replaced.

    Parameters
    ----------
    path
        Of the model file.
    model
        The new model.

    Returns
    -------
    Path
        Of the copy.

    Raises
    ------
    ModelFileError
        There is no such file.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> load("reviews-en").save("reviews.safetensors")
    >>> replace_model("reviews.safetensors", load("films-en")).name
    'reviews.previous.safetensors'
    """
    path = Path(path)
    if not path.is_file():
        raise ModelFileError("does not exist, so there is nothing to replace", path=str(path))
    kept = previous_path(path)
    with path.open("rb") as old, atomic_write(kept) as copy:
        shutil.copyfileobj(old, copy)
    model.save(path)
    return kept


def roll_back(path: str | Path) -> Path:
    """Restore the model that `replace_model` replaced, and return the path of the copy.

    The copy takes the place of the file, whose content is lost.

    Parameters
    ----------
    path
        Of the model file.

    Returns
    -------
    Path
        Where the copy was.

    Raises
    ------
    ModelFileError
        There is no copy.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> load("reviews-en").save("reviews.safetensors")
    >>> _ = replace_model("reviews.safetensors", load("films-en"))
    >>> roll_back("reviews.safetensors").exists(), len(load("reviews.safetensors").vectors_)
    (False, 26172)
    """
    path = Path(path)
    kept = previous_path(path)
    if not kept.is_file():
        raise ModelFileError(
            f"has no earlier version: there is no {kept.name} beside it, which an update in place "
            "writes",
            path=str(path),
        )
    kept.replace(path)  # at once, so that there is one or the other at any time
    return kept
