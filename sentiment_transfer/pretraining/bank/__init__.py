"""The bank: pretrained classifiers that ship with the package, and those of other people.

A member is one file, ``KIND-LANGUAGE.safetensors``: word vectors and the polarity learnt with them,
from unlabelled reviews of one kind, and words and pairs that labels taught, so that a handful of
labels, or none, is enough to start. ``reviews-LANGUAGE``, the general one, is from all kinds.
``scripts/bank/build.py`` makes them; the card inside lists the sources, their terms, the settings
and the measured accuracy.

Model files of others, as `SentimentClassifier.save` writes them, are members too: those of this
form of name in the folders that the environment variable SENTIMENT_TRANSFER_BANK lists, separated
as in PATH.
"""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from sentiment_transfer.errors import SettingError

__all__ = ["bank_names", "bank_path", "general_name", "is_shipped", "language_of"]

FOLDERS = "SENTIMENT_TRANSFER_BANK"
_ENDING = ".safetensors"


def bank_names(language: str | None = None) -> tuple[str, ...]:
    """Return the names of the members by language, or of one language; the general ones first."""

    def place(name: str) -> tuple[str, bool, str]:
        return language_of(name), name != general_name(language_of(name)), name

    names = {*_shipped(), *_published()}
    return tuple(sorted((n for n in names if language in (None, language_of(n))), key=place))


def bank_path(name: str) -> Path:
    """Return the path of a member's file; raises ``SettingError`` for an unknown name."""
    path = (_shipped() | _published()).get(name)
    if path is None:
        raise SettingError(f"the bank has no {name!r}; it has: {', '.join(bank_names())}")
    return path


def general_name(language: str) -> str:
    """Return the name of the general member of a language, which may not exist."""
    return f"reviews-{language}"


def language_of(name: str) -> str:
    """Return the language code in the name of a member: ``"en"`` of ``"reviews-en"``."""
    return name.rpartition("-")[2]


def is_shipped(name: str) -> bool:
    """Return whether a member ships with the package."""
    return name in _shipped()


def _shipped() -> dict[str, Path]:
    return _members(Path(str(files(__package__))))


def _published() -> dict[str, Path]:
    """Return the members in the folders of SENTIMENT_TRANSFER_BANK, the first of equal names.

    Raises
    ------
    SettingError
        A folder does not exist, or a file has the name of a shipped member.
    """
    found: dict[str, Path] = {}
    for listed in filter(None, os.environ.get(FOLDERS, "").split(os.pathsep)):
        folder = Path(listed).expanduser()
        if not folder.is_dir():
            raise SettingError(f"{FOLDERS} lists {listed}, which is not a folder; correct it")
        found = _members(folder) | found
    both = sorted(found.keys() & _shipped().keys())
    if both:
        raise SettingError(
            f"{found[both[0]]} has the name of a member that ships with the package; rename it"
        )
    return found


def _members(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the names of the members that they are."""
    names = {path.name.removesuffix(_ENDING): path for path in folder.glob(f"*-*{_ENDING}")}
    return {name: path for name, path in names.items() if path.is_file()}
