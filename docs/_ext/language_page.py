"""The page of the language file, from its schema."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from sentiment_transfer.languages import available_languages
from sentiment_transfer.languages.schema import MAX_BYTES, SEGMENTERS, LanguageFile

PREFIX = "#/$defs/"


def language_page() -> str:
    """Return the parts of the file, with their types and limits."""
    parts = msgspec.json.schema(LanguageFile)["$defs"]
    intro = (
        "# Parts and types\n\n"
        f"A language file is JSON of at most {MAX_BYTES // 2**20} MiB. "
        f"Word segmenters: {', '.join(f'`{name}`' for name in SEGMENTERS)}, or none. "
        f"Shipped: {', '.join(f'`{code}`' for code in available_languages())}."
    )
    return "\n\n".join([intro, *(_part(name, part) for name, part in parts.items())]) + "\n"


def _part(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    about = " ".join(schema.get("description", "").replace("``", "`").split())
    rows = [
        f"| `{field}` | {_shown(each)} | {'required' if field in required else _default(each)} |"
        for field, each in schema["properties"].items()
    ]
    head = ["| part | type | default |", "| --- | --- | --- |"]
    return "\n".join([f"## {name}", "", about, "", *head, *rows])


def _default(schema: dict[str, Any]) -> str:
    if "default" not in schema:
        return "left out"
    return f"`{json.dumps(schema['default'], ensure_ascii=False)}`"


def _shown(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PREFIX)
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(map(_shown, schema["anyOf"]))
    kind = str(schema.get("type", "any"))
    if kind == "array":
        most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
        return f"array of {_shown(schema.get('items', {}))}{most}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_shown(schema['additionalProperties'])}"
    bounds = [f"{low}" for low in (_range(schema), _pattern(schema)) if low]
    return f"{kind} ({', '.join(bounds)})" if bounds else kind


def _range(schema: dict[str, Any]) -> str:
    if "maxLength" in schema:
        return f"{schema.get('minLength', 0)} to {schema['maxLength']:,} characters"
    if "minimum" in schema:
        return f"{schema['minimum']:,} to {schema['maximum']:,}"
    if "exclusiveMinimum" in schema:
        return f"above {schema['exclusiveMinimum']:g}, at most {schema['maximum']:g}"
    return ""


def _pattern(schema: dict[str, Any]) -> str:
    pattern = str(schema.get("pattern", "")).replace("|", "\\|")
    return f"pattern `{pattern}`" if pattern else ""
