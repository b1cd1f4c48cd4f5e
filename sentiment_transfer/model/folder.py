"""A model as a folder, the form in which the Hugging Face Hub keeps one: model, facts and card."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.errors import InputError, ModelFileError
from sentiment_transfer.model.card import LIBRARY, TASK, ModelCard, card_of
from sentiment_transfer.storage import FORMAT_VERSION, package_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["CARD", "CONFIG", "MODEL", "check_digest", "model_in", "write_folder"]

MODEL, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
MAX_CONFIG_BYTES = 1 << 20


def write_folder(
    folder: Path,
    stages: FittedStages,
    write: Callable[[Path], None],
    card: ModelCard | None = None,
) -> None:
    """Write the model by ``write``, then its facts and its card, each file atomically.

    Raises
    ------
    InputError
        The folder is a file, or cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"is no folder: {error.strerror or error}", path=str(folder)) from error
    model = folder / MODEL
    write(model)
    card = card or card_of(stages, name=folder.resolve().name or "model", where=str(folder))
    facts = {
        "library_name": LIBRARY,
        "package_version": package_version(),
        "format_version": FORMAT_VERSION,
        "pipeline_tag": TASK,
        "language": card.metadata["language"],
        "labels": [str(label) for label in stages.order.tolist()],
        "bytes": model.stat().st_size,
        "sha256": _sha256(model),
    }
    content = {CONFIG: json.dumps(facts, ensure_ascii=False, indent=2) + "\n", CARD: str(card)}
    for name, text in content.items():
        with atomic_write(folder / name) as file:
            file.write(text.encode())


def model_in(folder: Path) -> Path | None:
    """Return the model file of a folder that `write_folder` wrote, checked against its facts."""
    model = folder / MODEL
    if not model.is_file():
        return None
    check_digest(model, folder / CONFIG, str(folder))
    return model


def check_digest(model: Path, config: Path, place: str) -> None:
    """Raise ``ModelFileError`` unless a model file is the one that its facts describe.

    Facts that are missing, or of another library, describe none.
    """
    expected = _facts(config, place).get("sha256") if config.is_file() else None
    if expected is not None and expected != _sha256(model):
        raise ModelFileError(
            f"{CONFIG} describes another {MODEL} (their sha256 differ); save or fetch both again",
            path=place,
        )


def _facts(config: Path, place: str) -> dict[str, Any]:
    try:
        if config.stat().st_size > MAX_CONFIG_BYTES:
            raise ValueError(f"it has more than {MAX_CONFIG_BYTES:,} bytes")
        facts = json.loads(config.read_bytes())
        return facts if isinstance(facts, dict) else {}
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{CONFIG} cannot be read: {error}", path=place) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
