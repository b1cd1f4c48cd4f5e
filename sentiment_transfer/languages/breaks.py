"""All places where the content of a language file breaks its schema, not the first one alone."""

from __future__ import annotations

import types
import typing
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from sentiment_transfer.errors import shown
from sentiment_transfer.languages.schema import LanguageFile, in_words, wrong_segmenter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Break", "schema_breaks"]

MOST_BREAKS = 50
"""Breaks of a part that are listed: a list of numbers in place of words has one an entry."""
LONGEST_NAME = 60


class Break(NamedTuple):
    """A place of a file, such as ``stop_words[1]``, what is wrong there, and its kind.

    The kinds are ``"unknown-part"``, ``"missing-part"`` and ``"schema"``.
    """

    kind: str
    place: str
    reason: str


def schema_breaks(content: Mapping[str, Any]) -> list[Break]:
    """Return the breaks of the schema in a file, of each part at most 50; none if it fits.

    Examples
    --------
    >>> found = schema_breaks({"stop_words": ["a", 1, "b", ""]})
    >>> [one.place for one in found if one.kind == "schema"]
    ['stop_words[1]', 'stop_words[3]']
    """
    found = [
        one
        for name in _fields(LanguageFile)
        if name in content
        for one in _some(_breaks(content[name], _fields(LanguageFile)[name].type, name), name)
    ]
    named = content.get("segmenter")
    if isinstance(named, str) and (reason := wrong_segmenter(named)):
        found.append(Break("schema", "segmenter", reason))
    return [*_names(content, LanguageFile, ""), *found]


def _some(breaks: Iterator[Break], part: str) -> Iterator[Break]:
    yield from islice(breaks, MOST_BREAKS)
    more = sum(1 for _ in breaks)
    if more:
        yield Break("schema", part, f"has {more:,} more that are wrong")


def _breaks(value: Any, declared: Any, place: str) -> Iterator[Break]:  # noqa: ANN401
    """Yield the breaks within a value, or else that of the value itself."""
    try:
        msgspec.convert(value, declared)
    except msgspec.ValidationError as error:
        within = _within(value, _plain(declared), place)
        yield next(within, _of(error, place))
        yield from within


def _within(value: Any, declared: Any, place: str) -> Iterator[Break]:  # noqa: ANN401
    """Yield the breaks of the entries of a list or an object that may be there at all."""
    kind, arguments = typing.get_origin(declared) or declared, typing.get_args(declared)
    if kind is list and isinstance(value, list):
        for i, entry in enumerate(value):
            yield from _breaks(entry, arguments[0], f"{place}[{i}]")
    elif kind is dict and isinstance(value, dict):
        for name, entry in value.items():
            yield from _breaks(name, arguments[0], f"{place}.{_name(name)}")
            yield from _breaks(entry, arguments[1], f"{place}.{_name(name)}")
    elif _is_struct(kind) and isinstance(value, dict):
        yield from _names(value, kind, f"{place}.")
        for name, field in _fields(kind).items():
            if name in value:
                yield from _breaks(value[name], field.type, f"{place}.{name}")


def _names(value: Mapping[str, Any], kind: Any, before: str) -> Iterator[Break]:  # noqa: ANN401
    """Yield the parts that an object has and must not have, and those that it lacks."""
    known = _fields(kind)
    for name in value:
        if name not in known:
            reason = f"is no part of it; these are: {', '.join(known)}"
            yield Break("unknown-part", f"{before}{_name(name)}", reason)
    for name, field in known.items():
        if field.required and name not in value:
            yield Break("missing-part", f"{before}{name}", "is missing")


def _name(name: str) -> str:
    return name if name.isprintable() and 0 < len(name) <= LONGEST_NAME else shown(name)


@cache
def _fields(kind: Any) -> dict[str, msgspec.structs.FieldInfo]:  # noqa: ANN401
    return {field.name: field for field in msgspec.structs.fields(kind)}


def _is_struct(kind: Any) -> bool:  # noqa: ANN401
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _plain(declared: Any) -> Any:  # noqa: ANN401
    """Return a type without its rules, and without ``None`` and ``UNSET`` as alternatives."""
    while typing.get_origin(declared) in (Annotated, types.UnionType, typing.Union):
        declared = next(
            one for one in typing.get_args(declared) if one not in (type(None), msgspec.UnsetType)
        )
    return declared


def _of(error: msgspec.ValidationError, place: str) -> Break:
    reason, _, further = str(error).partition(" - at `$")
    return Break("schema", place + further.rstrip("`"), in_words(reason))
