"""The page of the HTTP API, from its OpenAPI document."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from schema_words import default_in_words, type_in_words

from sentiment_transfer.serving.api import Api
from sentiment_transfer.serving.openapi import document


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
    return f"`{kind}`, {type_in_words(body['schema'])}"


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
        f"| `{field}` | {type_in_words(each)} | "
        f"{'required' if field in required else default_in_words(each)} | {_limits(each)} |"
        for field, each in schema["properties"].items()
    ]
    about = " ".join(schema.get("description", "").replace("``", "`").split())
    return "\n".join([f"## {name}", "", about, "", "| field | type | default | |",
                      "| --- | --- | --- | --- |", *rows])  # fmt: skip


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
