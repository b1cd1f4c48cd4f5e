"""A model as a folder, the form in which the Hugging Face Hub keeps one: model, facts and card."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.base.digests import file_sha256
from sentiment_transfer.errors import InputError, ModelFileError
from sentiment_transfer.model.card import LIBRARY, TASK, ModelCard
from sentiment_transfer.storage import FORMAT_VERSION, package_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["CARD", "CONFIG", "MODEL", "check_digest", "model_in", "write_folder"]

MODEL, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
MAX_CONFIG_BYTES = 1 << 20
TRIES = 3
"""How often facts and model are compared: another process may replace them meanwhile."""


def write_folder(
    folder: Path,
    stages: FittedStages,
    write: Callable[[Path], None],
    card: ModelCard,
) -> None:
    """Write the model by ``write``, then its facts and its card, each file atomically.

    The old facts go first: a model without facts can be read, so that a folder whose writing is
    interrupted holds a whole model, the old or the new one.

    Raises
    ------
    InputError
        The folder is a file, cannot be created, or holds a ``config.json`` or ``README.md`` that
        this package did not write.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"is not a folder: {error.strerror}", path=str(folder)) from error
    _refuse_files_of_others(folder)
    with suppress(FileNotFoundError):
        (folder / CONFIG).unlink()
    write(folder / MODEL)
    _write_text(folder / CONFIG, _facts_of(stages, card, folder / MODEL))
    _write_text(folder / CARD, str(card))


def _refuse_files_of_others(folder: Path) -> None:
    """Raise ``InputError`` for files that would be lost: of a project, or of another model."""
    for path, is_ours in ((folder / CONFIG, _is_our_config), (folder / CARD, _is_our_card)):
        try:
            keep = path.exists() and not is_ours(path)
        except (OSError, ModelFileError):  # such as a folder, or what is not JSON
            keep = True
        if keep:
            raise InputError(
                "is not of a model of this package, and would be replaced; choose another folder",
                path=str(path),
            )


def _is_our_config(path: Path) -> bool:
    return _facts(path, str(path)).get("library_name") == LIBRARY


def _is_our_card(path: Path) -> bool:
    return f'library_name: "{LIBRARY}"' in path.read_text("utf-8", "replace")


def _facts_of(stages: FittedStages, card: ModelCard, model: Path) -> str:
    facts = {
        "library_name": LIBRARY,
        "package_version": package_version(),
        "format_version": FORMAT_VERSION,
        "pipeline_tag": TASK,
        "language": card.metadata["language"],
        "labels": [str(label) for label in stages.order.tolist()],
        "bytes": model.stat().st_size,
        "sha256": file_sha256(model),
    }
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def _write_text(path: Path, text: str) -> None:
    with atomic_write(path) as file:
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
    for _ in range(TRIES):
        facts = _facts(config, place)
        expected = facts.get("sha256") if facts.get("library_name") == LIBRARY else None
        if expected is None or expected == file_sha256(model):
            return
    raise ModelFileError(
        f"{CONFIG} describes another {MODEL} (their sha256 differ); save or fetch both again",
        path=place,
    )


def _facts(config: Path, place: str) -> dict[str, Any]:
    """Read facts; none if the file is missing."""
    try:
        with config.open("rb") as file:
            content = file.read(MAX_CONFIG_BYTES + 1)
        if len(content) > MAX_CONFIG_BYTES:
            raise ValueError(f"it has more than {MAX_CONFIG_BYTES:,} bytes")
        facts = json.loads(content)
        return facts if isinstance(facts, dict) else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{CONFIG} cannot be read: {error}", path=place) from error
