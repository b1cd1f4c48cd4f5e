"""Types and defaults of a JSON schema in words, as tables of pages show them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Schema = dict[str, Any]


def type_in_words(schema: Schema, limits: Callable[[Schema], str] = lambda _: "") -> str:
    """Return a type, ``array of Prediction``, with what ``limits`` returns behind it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_in_words(each, limits) for each in schema["anyOf"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        kind = f"array of {type_in_words(schema.get('items', {}), limits)}"
    elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        kind = f"object of {type_in_words(schema['additionalProperties'], limits)}"
    return kind + limits(schema)


def default_in_words(schema: Schema, without: str = "") -> str:
    """Return the default of a field as JSON, ``without`` if it has none."""
    if "default" not in schema:
        return without
    return f"`{json.dumps(schema['default'], ensure_ascii=False)}`"
