"""schemathesis over the OpenAPI document: each operation, with requests that fit it and others."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")
pytest.importorskip("schemathesis", reason="is a package of the group dev")

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.serving import Api, Guard, ModelSource, ServedModels, guarded_app
from sentiment_transfer.serving.guard import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World

TOKEN = "a token of some length"  # noqa: S105
REFUSED = [400, 401, 404, 405, 413, 415, 422]
WITH_TOKEN = {"openapi": {"token": {"bearer": TOKEN}}}


@pytest.fixture(scope="module")
def api(world: World, tmp_path_factory: pytest.TempPathFactory) -> Api:
    path: Path = tmp_path_factory.mktemp("served") / "first.safetensors"
    SentimentClassifier(vectors=world.vectors).fit(*world.few(20)).save(path)
    return Api(ServedModels([ModelSource.parse(str(path))]))


def failures(api: Api, app: Guard, auth: dict[str, Any]) -> tuple[list[str], set[str], int]:
    """Return what fails, the operations that were called, and the number of requests."""
    config = SchemathesisConfig.from_dict(
        {
            "auth": auth,
            "seed": 1,
            "cache": {"enabled": False},
            "generation": {"max-examples": 25, "deterministic": True, "database": "none"},
            "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
        }
    )
    document = json.loads(msgspec.json.encode(asyncio.run(api._document())))
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app
    schema.validate()
    found, called, count = [], set(), 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            called.add(event.recorder.label)
            for number, checks in event.recorder.checks.items():
                count += 1
                for check in checks:
                    if check.failure_info is not None:
                        case = event.recorder.cases[number].value
                        found.append(f"{case!r}: {check.failure_info.failure}")
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(event))
    return found, called, count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("auth", "needs_token"), [({}, False), (WITH_TOKEN, False), (WITH_TOKEN, True)]
)
def test_every_answer_is_one_that_the_document_describes(
    api: Api, auth: dict[str, Any], needs_token: bool
) -> None:
    hosts = LOOPBACK | {"testserver"}
    app = guarded_app(api, hosts=hosts, token=TOKEN, needs_token=needs_token)
    found, called, count = failures(api, app, auth)
    assert found == []
    assert {f"{each.rule.method} {each.path}" for each in api.operations} == called
    assert count > 150


def test_a_wrong_document_is_found(api: Api) -> None:
    app = guarded_app(api, hosts=LOOPBACK | {"testserver"}, token=TOKEN)
    described = api._described["paths"]["/healthz"]["get"]["responses"]
    right = described["200"]
    described["200"] = {**right, "content": {"text/plain": {"schema": {"type": "string"}}}}
    try:
        assert "Content-Type" in failures(api, app, {})[0][0]
    finally:
        described["200"] = right
