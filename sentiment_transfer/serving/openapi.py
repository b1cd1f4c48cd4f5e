"""The OpenAPI 3.1 document, made from the types that requests are checked by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sentiment_transfer.serving.messages import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentiment_transfer.serving.api import Operation

__all__ = ["document"]

TEMPLATE = "#/components/schemas/{name}"
REFUSALS = {
    400: "The request or its JSON is malformed.",
    401: "The token is missing or wrong.",
    403: "Of another origin, or the server has no token.",
    404: "No such path or model, or the model has no such label.",
    405: "Another method is needed.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    421: "The host name is not allowed.",
    422: "The JSON does not have the form below.",
    500: "An error of the server; its log has the reason.",
    503: "Too many requests at a time; see Retry-After.",
}


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the OpenAPI document of these operations, ready for JSON."""
    operations = list(operations)
    types = [o.request for o in operations] + [o.response for o in operations] + [Problem]
    named = [each for each in dict.fromkeys(types) if each is not None]
    schemas, components = msgspec.json.schema_components(named, ref_template=TEMPLATE)
    by_type = dict(zip(named, schemas, strict=True))
    paths = {o.path: {o.rule.method.lower(): _operation(o, by_type)} for o in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sentiment-transfer",
            "version": "1",
            "description": "Labels of texts, from models that are served by name.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, by_type: dict[Any, Any]) -> dict[str, Any]:
    content = (
        {"text/plain": {"schema": {"type": "string"}}}
        if operation.response is None
        else _json(by_type[operation.response])
    )
    problem = _json(by_type[Problem])
    found: dict[str, Any] = {
        "operationId": operation.path.rpartition("/")[2].replace(".", "_"),
        "summary": operation.summary,
        "responses": {
            "200": {"description": "Answered.", "content": content},
            **{
                str(status): {"description": why, "content": problem}
                for status, why in REFUSALS.items()
            },
        },
    }
    if operation.request is not None:
        found["requestBody"] = {"required": True, "content": _json(by_type[operation.request])}
    if operation.rule.changes_state:
        found["security"] = [{"token": []}]
    elif not operation.rule.is_status:
        found["security"] = [{}, {"token": []}]  # off the loopback only
    return found


def _json(schema: Any) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    return {"application/json": {"schema": schema}}
