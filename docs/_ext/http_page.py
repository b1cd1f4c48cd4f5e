"""The page of the HTTP API, from its OpenAPI document."""

from __future__ import annotations

import json
from typing import Any, cast

import msgspec

from sentiment_transfer.serving.api import Api
from sentiment_transfer.serving.openapi import document

PREFIX = "#/components/schemas/"


def http_page() -> str:
    """Return the operations and the types of their requests and answers."""
    described = document(Api(cast("Any", None)).operations)
    parts = ["# Operations and types"]
    parts += [_operation(path, *each) for path, at in described["paths"].items()
              for each in at.items()]  # fmt: skip
    parts.append(_refusals(described))
    schemas = described["components"]["schemas"]
    parts += [_type(name, schema) for name, schema in schemas.items()]
    return "\n\n".join(parts) + "\n"


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    lines = [f"## `{method.upper()} {path}`", "", operation["summary"], ""]
    if "requestBody" in operation:
        lines.append(f"- request: {_content(operation['requestBody']['content'])}")
    answer = operation["responses"]["200"]["content"]
    token = {None: "not needed", 1: "needed", 2: "needed off the loopback"}
    wanted = operation.get("security")
    lines.append(f"- answer: {_content(answer)}")
    lines.append(f"- token: {token[wanted and len(wanted)]}")
    return "\n".join(lines)


def _content(content: dict[str, Any]) -> str:
    (kind, body), = content.items()  # fmt: skip
    return f"`{kind}`, {_shown(body['schema'])}"


def _refusals(described: dict[str, Any]) -> str:
    """Return the refusals, which all operations share."""
    found: dict[str, str] = {}
    for at in described["paths"].values():
        for operation in at.values():
            found |= {s: r["description"] for s, r in operation["responses"].items() if s != "200"}
    rows = [f"| {status} | {why} |" for status, why in sorted(found.items())]
    return "\n".join(["## Refusals", "", "Each has a [`Problem`](#problem) as its body.", "",
                      "| status | reason |", "| --- | --- |", *rows])  # fmt: skip


def _type(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        f"| `{field}` | {_shown(each)} | "
        f"{'required' if field in required else _default(each)} | {_limits(each)} |"
        for field, each in schema["properties"].items()
    ]
    about = " ".join(schema.get("description", "").replace("``", "`").split())
    return "\n".join([f"## {name}", "", about, "", "| field | type | default | |",
                      "| --- | --- | --- | --- |", *rows])  # fmt: skip


def _default(schema: dict[str, Any]) -> str:
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else ""


def _shown(schema: dict[str, Any]) -> str:
    """Return a type in words: ``array of Prediction``."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PREFIX)
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(map(_shown, schema["anyOf"]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"array of {_shown(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_shown(schema['additionalProperties'])}"
    return str(kind)


LIMITS = {
    "maxLength": "at most {:,} characters",
    "maxItems": "at most {:,} items",
    "minimum": "at least {:,}",
    "maximum": "at most {:,}",
}


def _limits(schema: dict[str, Any]) -> str:
    """Return sizes and the description of a field, its items included."""
    levels = [schema, *schema.get("anyOf", []), schema.get("items", {})]
    said = [
        form.format(level[key]) + (" each" if level is schema.get("items") else "")
        for level in levels
        for key, form in LIMITS.items()
        if key in level
    ]
    said += [level["description"].rstrip(".") for level in levels if "description" in level]
    return "; ".join(dict.fromkeys(said))


def as_json() -> str:
    """Return the OpenAPI document itself, which the server has at ``/openapi.json``."""
    described = document(Api(cast("Any", None)).operations)
    return msgspec.json.format(msgspec.json.encode(described), indent=2).decode()
