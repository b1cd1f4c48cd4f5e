"""The page of the language file, from its schema."""

from __future__ import annotations

from typing import Any

import msgspec
from schema_words import default_in_words, type_in_words

from sentiment_transfer.languages import available_languages
from sentiment_transfer.languages.schema import MAX_BYTES, SEGMENTERS, LanguageFile


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
        f"| `{field}` | {type_in_words(each, _limits)} | "
        f"{'required' if field in required else default_in_words(each, 'left out')} |"
        for field, each in schema["properties"].items()
    ]
    head = ["| part | type | default |", "| --- | --- | --- |"]
    return "\n".join([f"## {name}", "", about, "", *head, *rows])


def _limits(schema: dict[str, Any]) -> str:
    if schema.get("type") in ("array", "object"):
        return f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
    bounds = [part for part in (_range(schema), _pattern(schema)) if part]
    return f" ({', '.join(bounds)})" if bounds else ""


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
