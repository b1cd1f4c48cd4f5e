"""What the guard refuses, on every route, and that a route without it would be found."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")

from asgi_client import get, request
from guard_checks import TOKEN, ask, checks, slow_or_large

from sentiment_transfer.serving import Api, Guard, Limits, ModelSource, Rule, ServedModels
from sentiment_transfer.serving.api import guarded_app

if TYPE_CHECKING:
    from sentiment_transfer.serving.guard import Message, Receive, Scope, Send

SECRET = "Rosebud"  # noqa: S105


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(ServedModels([ModelSource.parse("reviews-en")]))


LIMITS = Limits(body=2000, read_seconds=0.05)


def test_every_route_has_every_guard(api: Api) -> None:
    app = guarded_app(api, token=TOKEN, limits=LIMITS)
    routes = {route.path for route in api.router().routes}  # type: ignore[attr-defined]
    assert routes == set(app.rules)
    assert len(routes) == 8
    for path in routes:
        missing = [name for name, there in checks(app, path, app.rules[path]).items() if not there]
        assert not missing, f"{path}: {missing}"


def test_a_route_without_its_guard_would_be_found(api: Api) -> None:
    rule = Rule("POST", takes_body=True)
    found = checks(api.router(), "/v1/predict", rule)  # type: ignore[arg-type]
    assert not found["the host must be known"]
    assert not found["the origin must be this server"]
    assert not found["only its content type is taken"]
    careless = guarded_app(api, token=TOKEN, limits=Limits(read_seconds=0.05))
    found = checks(careless, "/v1/predict", rule)
    assert not found["a body without end is cut"]


def test_what_changes_state_is_known_to_the_guard(api: Api) -> None:
    changing = {o.path for o in api.operations if o.rule.changes_state}
    safe = {o.path for o in api.operations if o.rule.method == "GET"}
    assert changing == {"/v1/reload"}
    assert safe.isdisjoint(changing)
    assert {"/v1/predict", "/v1/explain"} | changing | safe == {o.path for o in api.operations}


def test_off_this_machine_everything_but_health_needs_the_token(api: Api) -> None:
    app = guarded_app(api, token=TOKEN, needs_token=True)
    for operation in api.operations:
        wrong = ask(app, operation.path, operation.rule, headers={"authorization": "Bearer x"})
        right = ask(app, operation.path, operation.rule)
        assert right.status_code in (200, 422), operation.path
        assert wrong.status_code == (200 if operation.rule.is_status else 401), operation.path


def test_without_a_token_nobody_changes_state(api: Api) -> None:
    answer = ask(guarded_app(api), "/v1/reload", Rule("POST", changes_state=True))
    assert answer.status_code == 403
    assert "--token-file" in answer.json()["error"]


def test_a_path_that_no_rule_names_is_not_found_even_if_the_application_has_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    answer = get(Guard(app, {}), "/secret")
    assert (answer.status_code, "/openapi.json" in answer.json()["error"]) == (404, True)


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:80", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("api.example", True),
        ("localhost.evil.example", False),
        ("evil.example:localhost", False),
        ("[::1]evil", False),
        ("evil.example", False),
        ("2130706433", False),
        ("", False),
    ],
)
def test_hosts_are_compared_by_name(api: Api, header: str, allowed: bool) -> None:
    app = guarded_app(api, hosts=frozenset({"localhost", "127.0.0.1", "[::1]", "API.example"}))
    answer = get(app, "/healthz", headers={"host": header})
    assert answer.status_code == (200 if allowed else 421)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_own_origin_is_allowed(api: Api, scheme: str) -> None:
    headers = {"host": "localhost:8000", "origin": f"{scheme}://localhost:8000"}
    assert get(guarded_app(api), "/v1/model", headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["host", "origin", "authorization", "content-type"])
def test_a_repeated_header_is_refused(api: Api, name: str) -> None:
    values = {"host": "localhost", "origin": "http://localhost"}
    value = values.get(name, "application/json")
    headers = [("host", "localhost")] * (name != "host") + [(name, value), (name, value)]
    assert get(guarded_app(api), "/v1/model", headers=headers).status_code == 400


def test_with_too_many_requests_in_flight_others_are_told_when_to_come_back(api: Api) -> None:
    app = guarded_app(api, limits=Limits(in_flight=2))
    app.in_flight = 2
    answer = ask(app, "/v1/predict", Rule("POST", takes_body=True))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert [get(app, path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    app.in_flight = 1
    assert ask(app, "/v1/predict", Rule("POST", takes_body=True)).status_code == 422
    assert app.in_flight == 1


def test_refused_and_failed_requests_leave_their_place(api: Api) -> None:
    app = guarded_app(api, limits=LIMITS)
    rule = app.rules["/v1/predict"]
    for chunks, wait in (([b" " * 3000], 60.0), ([b"["], 60.0), ([b"["], 0.0)):
        slow_or_large(app, "/v1/predict", rule, chunks, wait)
    assert app.in_flight == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f'{{"{SECRET}": 1, "texts": []}}', "application/json"),
        (f'{{"texts": "{SECRET}"}}', "application/json"),
        (f'{{"texts": [], "model": "{SECRET}"}}', "application/json"),
        (f'{{"texts": ["{SECRET}"', "application/json"),
        (SECRET, "application/json"),
        (f'["{SECRET}"]', "application/json"),
        (SECRET * 500, "application/json"),
        (SECRET, f"text/{SECRET}"),
    ],
)
def test_a_rejected_body_is_never_repeated(api: Api, body: str, kind: str) -> None:
    app = guarded_app(api, limits=LIMITS)
    headers = {"content-type": kind}
    answer = request(app, "POST", "/v1/predict", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert SECRET not in answer.text
    assert SECRET not in str(answer.headers)
    missing = get(app, f"/{SECRET}")
    assert SECRET not in missing.text


def test_a_refused_body_that_is_still_coming_closes_the_connection(api: Api) -> None:
    app = guarded_app(api, limits=LIMITS)
    rule = Rule("POST", takes_body=True)
    assert ask(app, "/v1/predict", rule, content=b"x" * 5000).headers["connection"] == "close"
    assert "connection" not in get(app, "/nothing").headers
    assert "connection" not in ask(app, "/v1/predict", rule).headers


def test_a_websocket_is_refused(api: Api) -> None:
    sent: list[Any] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/v1/predict", "headers": []}
    asyncio.run(guarded_app(api)(scope, lambda: None, send))  # type: ignore[arg-type,return-value]
    assert sent == [{"type": "websocket.close", "code": 1008}]
