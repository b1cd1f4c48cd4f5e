"""Languages by their code, by the path of a language file, or from within a model file.

A language that does not ship with the package has the reference ``CODE#DIGEST``, with the first 16
digits of the sha256 of its content. So a model keeps to what it was trained with if the file is
edited later; and a model file holds the whole content, so that it needs no other file.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sentiment_transfer.errors import SettingError, shown
from sentiment_transfer.languages.detection import LANGUAGE_NAMES
from sentiment_transfer.languages.json_errors import json_error
from sentiment_transfer.languages.language import Language
from sentiment_transfer.languages.schema import MAX_BYTES, LanguageFile

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "available_languages",
    "language_content",
    "language_file",
    "language_reference",
    "load_language",
    "read_language_file",
    "register_language",
]


EVIDENCE = ".evidence.csv"
"""End of the name of the file in which `language draft` writes its evidence."""


class _Registered(NamedTuple):
    language: Language
    content: dict[str, Any]


_registered: dict[str, _Registered] = {}
_loaded: dict[str, Language] = {}  # by code and by reference
_read: dict[tuple[str, int, int], str] = {}  # references, by path, size and time of change


@cache
def available_languages() -> tuple[str, ...]:
    """Return the codes of the languages that ship with the package, sorted.

    Returns
    -------
    tuple of str
        Such as ``"en"``.

    Examples
    --------
    >>> "en" in available_languages()
    True
    """
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def load_language(language: str | os.PathLike[str]) -> Language:
    """Load a language by its code, or by the path of a language file.

    Parameters
    ----------
    language
        A code, such as ``"en"``, or a path, ending in ``.json``.

    Returns
    -------
    Language
        The same object for the same content.

    Raises
    ------
    SettingError
        There is no such language or file, or the file is no language file.

    Examples
    --------
    >>> language = load_language("en")
    >>> language.name, "superb" in language.positive_seeds
    ('English', True)
    """
    found = _loaded.get(language) if isinstance(language, str) else None
    if found is None:
        reference = language_reference(language)
        found = _loaded.get(reference)
    if found is None:
        found = _loaded[reference] = Language.from_dict(_shipped(reference))
    return found


def language_reference(language: str | os.PathLike[str]) -> str:
    """Return the code of a shipped language, or ``CODE#DIGEST`` for one of a file.

    A file with the content of a shipped language has its code.

    Parameters
    ----------
    language
        Code, reference, or path of a language file.

    Returns
    -------
    str
        What `load_language` takes, in this process and where a model with it is loaded.

    Raises
    ------
    SettingError
        There is no such language or file, or the file is no language file.

    Examples
    --------
    >>> language_reference("nl")
    'nl'
    """
    name = _name_of(language)
    if name in _registered or name in available_languages():
        return name
    if "#" in name and not name.lower().endswith(".json"):
        raise SettingError(
            f"language={shown(name)} is known only where a model that holds it is loaded; load the "
            "model first, or give the path of its language file"
        )
    try:
        state = Path(name).stat()
    except (OSError, ValueError):  # ValueError: a NUL
        state = None
    if state is None or not name.lower().endswith(".json"):
        raise SettingError(_not_a_language(name))
    key = os.path.realpath(name), state.st_size, state.st_mtime_ns
    if key not in _read:
        _read[key] = _reference_of_file(name)
    return _read[key]


def _reference_of_file(path: str) -> str:
    content = read_language_file(path)
    try:
        file = LanguageFile.from_dict(content)
        code = file.language
        if code in available_languages() and file == LanguageFile.from_dict(_shipped(code)):
            return code
        return register_language(content)
    except SettingError as error:
        raise SettingError(
            f"{path}: {error} (`sentiment-transfer language check` lists all that is wrong)"
        ) from error


def language_file(language: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the content of a shipped language's file, or of a language file, unchecked.

    Raises ``SettingError`` for another code, and the errors of `read_language_file`.
    """
    name = _name_of(language)
    if name in available_languages():
        return _shipped(name)
    if not Path(name).is_file():
        raise SettingError(_not_a_language(name))
    return read_language_file(name)


def _name_of(language: object) -> str:
    """Return a code or a path as text; raise ``SettingError`` for what is neither."""
    name = os.fspath(language) if isinstance(language, os.PathLike) else language
    if not isinstance(name, str):
        raise SettingError(_not_a_language(name))
    return name


def _not_a_language(name: object) -> str:
    known = LANGUAGE_NAMES.get(str(name))
    none = f" (no file for {known} ships)" if known else ""
    return (
        f"language={shown(name)} is not allowed{none}; it must be the path of a language file "
        f"(.json), or one of: {', '.join(available_languages())}"
    )


def read_language_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the JSON of a language file; raises ``SettingError`` for what is not a JSON object.

    A name that stands twice in an object is refused, since only the last would count.
    """
    if (name := os.fspath(path)).endswith(EVIDENCE):
        own = name.removesuffix(EVIDENCE) + ".json"
        raise SettingError(f"{path}: is the evidence of a draft; give its language file, {own}")
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL
        reason = getattr(error, "strerror", error)
        raise SettingError(f"{path}: cannot be read: {reason}") from error
    if len(data) > MAX_BYTES:
        raise SettingError(f"{path}: more than {MAX_BYTES:,} bytes; a language file is smaller")
    try:
        content = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_double_names)
    except json.JSONDecodeError as error:
        raise SettingError(f"{path}:{json_error(error)}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise SettingError(f"{path}: is not JSON in UTF-8") from error
    except ValueError as error:
        raise SettingError(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise SettingError(f"{path}: must be an object with the parts of a language")
    return content


def _without_double_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {shown(double)} stands twice in one object; remove one")
    return content


def register_language(content: Mapping[str, Any] | LanguageFile) -> str:
    """Make a language known to this process, and return its reference.

    Parameters
    ----------
    content
        Of a language file.

    Returns
    -------
    str
        ``CODE#DIGEST``, which `load_language` takes in this process.

    Raises
    ------
    SettingError
        The content is no language file's.

    Examples
    --------
    >>> content = {"language": "xx", "name": "Example", "version": 1, "stop_words": ["et"]}
    >>> content |= {"negators": {"nix": "nix"}, "scope": {"marker": "nix_", "window": 2}}
    >>> content["seeds"] = {"positive": ["bella"], "negative": ["mala"]}
    >>> reference = register_language(content)
    >>> reference[:3], load_language(reference).positive_seeds
    ('xx#', ('bella',))
    """
    file = content if isinstance(content, LanguageFile) else LanguageFile.from_dict(content)
    data = file.as_dict()
    written = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    reference = f"{file.language}#{digest}"
    if reference not in _registered:
        try:
            language = Language.from_dict(data)
        except KeyError as error:
            raise SettingError(
                f"grammar: a union names the class {error}, which is not there"
            ) from (error)
        _registered[reference] = _Registered(language, data)
        _loaded[reference] = language
    return reference


def language_content(reference: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Return the content of a language that does not ship with the package, by its reference.

    None for any other, and for a path.

    Parameters
    ----------
    reference
        What `language_reference` returned.

    Returns
    -------
    dict or None
        The parts of the file; None for a shipped language or a path.

    Examples
    --------
    >>> language_content("en") is None
    True
    """
    found = _registered.get(os.fspath(reference))
    return None if found is None else found.content


def _shipped(code: str) -> dict[str, Any]:
    text = (files(__package__) / f"{code}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content
