"""The operations of the HTTP API, and the application that the guard stands before."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route, Router

from sentiment_transfer.errors import InputError, SentimentTransferError
from sentiment_transfer.serving import messages
from sentiment_transfer.serving.batching import Batcher
from sentiment_transfer.serving.guard import LOOPBACK, Guard, Limits, Rule, respond
from sentiment_transfer.serving.metrics import Metrics
from sentiment_transfer.serving.openapi import document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sentiment_transfer.serving.guard import Receive, Scope, Send
    from sentiment_transfer.serving.models import Models, ServedModel

__all__ = ["Api", "Endpoint", "Operation", "Refusal", "guarded_app"]

_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
RELOAD = "/v1/reload"


class Refusal(Exception):  # noqa: N818
    """An answer other than 200, with its reason."""

    def __init__(self, status: int, error: str) -> None:
        self.status, self.error = status, error


@dataclass(frozen=True)
class Operation:
    """A path with its types and its rule; ``response`` is None for plain text.

    ``answer`` takes the decoded request, or nothing if there is none.
    """

    path: str
    summary: str
    rule: Rule
    request: type[msgspec.Struct] | None
    response: type[Any] | None
    answer: Callable[..., Awaitable[Any]]


class Api:
    """The operations on these models.

    Parameters
    ----------
    models
        The models.
    reloads
        Whether clients may have them read again.

    Attributes
    ----------
    operations
        All of them.
    is_ready
        Whether ``/readyz`` says so; False once the server is about to stop.

    Examples
    --------
    >>> api = Api(ServedModels([ModelSource.parse("reviews-en")]))
    >>> [operation.path for operation in api.operations][:3], api.is_ready
    (['/v1/predict', '/v1/explain', '/v1/model'], True)
    """

    def __init__(self, models: Models, *, reloads: bool = True) -> None:
        self.models = models
        self.metrics = Metrics()
        self.batcher = Batcher()
        self.is_ready = True
        self._reloading = asyncio.Lock()
        self._stopped: list[Callable[[], None]] = []
        body, status = Rule("POST", takes_body=True), Rule(is_status=True)
        m = messages
        self.operations: tuple[Operation, ...] = (
            Operation("/v1/predict", "Label texts.", body, m.PredictRequest, m.Predictions,
                      self._predict),
            Operation("/v1/explain", "Explain the label of a text.", body, m.ExplainRequest,
                      m.Explained, self._explain),
            Operation("/v1/model", "Describe the models.", Rule(), None, m.Models, self._cards),
            Operation(RELOAD, "Read the model files again.",
                      Rule("POST", changes_state=True), None, m.Models, self._reload),
            Operation("/healthz", "Whether the server lives.", status, None, m.Health,
                      self._health),
            Operation("/readyz", "Whether it takes requests.", status, None, m.Health,
                      self._readiness),
            Operation("/metrics", "Counters for Prometheus.", Rule(), None, None, self._counters),
            Operation("/openapi.json", "This document.", Rule(), None, dict, self._document),
        )  # fmt: skip
        if not reloads:
            self.operations = tuple(o for o in self.operations if o.path != RELOAD)
        self._described = document(self.operations)

    def on_stop(self, stopped: Callable[[], None]) -> None:
        """Have a function called when the server is about to stop, from a signal handler.

        Parameters
        ----------
        stopped
            Called without arguments.
        """
        self._stopped.append(stopped)

    def stop(self) -> None:
        """Say from now on that the server is about to stop."""
        self.is_ready = False
        for stopped in self._stopped:
            stopped()

    def router(self) -> Router:
        """Return the application without its guard."""
        routes = []
        for operation in self.operations:
            endpoint = Endpoint(operation, self.metrics)
            routes.append(Route(operation.path, endpoint, methods=[operation.rule.method]))
        return Router(routes, redirect_slashes=False)

    async def reload(self) -> None:
        """Read the models again, while requests are answered; one reload at a time.

        Raises
        ------
        SentimentTransferError, OSError
            One of them cannot be read.
        """
        async with self._reloading:
            try:
                await asyncio.to_thread(self.models.reload)
            except Exception:
                self.metrics.reloaded(False)
                raise
            self.metrics.reloaded(True)

    def _model(self, name: str | None) -> ServedModel:
        model = self.models.get(name)
        if model is None:
            known = ", ".join(self.models.names)
            raise Refusal(404, f"there is no model of this name; there are {known}")
        return model

    async def _predict(self, request: messages.PredictRequest) -> messages.Predictions:
        predictions = await self.batcher.predict(self._model(request.model), request.texts)
        unknown = sum(prediction.coverage == 0 for prediction in predictions)
        self.metrics.labelled(len(predictions), unknown)
        return messages.Predictions(predictions)

    async def _explain(self, request: messages.ExplainRequest) -> messages.Explained:
        model, label = self._model(request.model), request.label
        if isinstance(label, float) and label.is_integer():
            label = int(label)
        try:
            found = await self.batcher.run(model.stages.explain, request.text, label)
        except InputError:
            labels = ", ".join(map(str, model.labels))
            raise Refusal(404, f"the label is none of the model; there are {labels}") from None
        names = ["label", "probability", "log_odds", "bias", "sentence", "no_known_word"]
        return messages.Explained(
            **{name: getattr(found, name) for name in names},
            pieces=[messages.Contribution(*piece) for piece in found.pieces],
            gaps=list(found.gaps),
            origins=dict(found.origins),
        )

    async def _cards(self) -> messages.Models:
        return messages.Models(self.models.cards)

    async def _reload(self) -> messages.Models:
        try:
            await self.reload()
        except (SentimentTransferError, OSError) as error:
            _log.error("reload failed, the models stay as they are: %s", error)
            raise Refusal(
                500, "a model cannot be read, all stay as they are; the log has the reason"
            ) from None
        return await self._cards()

    async def _health(self) -> messages.Health:
        return messages.Health("ok")

    async def _readiness(self) -> messages.Health:
        if not self.is_ready:
            raise Refusal(503, "the server is about to stop")
        return messages.Health("ready")

    async def _counters(self) -> bytes:
        return self.metrics.text()

    async def _document(self) -> dict[str, Any]:
        return self._described


class Endpoint:
    """The ASGI application of one operation: decode, answer, encode, count."""

    def __init__(self, operation: Operation, metrics: Metrics) -> None:
        self._operation = operation
        self._metrics = metrics
        wanted = operation.request
        self._decode = None if wanted is None else msgspec.json.Decoder(wanted).decode
        self._kind = b"text/plain; version=0.0.4" if operation.response is None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose body comes in one message."""
        began = perf_counter()
        body = (await receive())["body"]
        status, content = await self._answer(body)
        kind = self._kind if self._kind and status == 200 else b"application/json"
        await respond(send, status, content, kind)
        self._metrics.request(self._operation.path, status, perf_counter() - began)

    async def _answer(self, body: bytes) -> tuple[int, bytes]:
        try:
            arguments = () if self._decode is None else (self._decoded(body),)
            answer = await self._operation.answer(*arguments)
            return 200, answer if isinstance(answer, bytes) else _encode(answer)
        except Refusal as refusal:
            return refusal.status, _encode(messages.Problem(refusal.error))
        except Exception as error:  # not shown to the client: it may hold parts of the request
            _log.error("%s failed: %s", self._operation.path, type(error).__name__, exc_info=True)
            return 500, _encode(messages.Problem("an error of the server; its log has the reason"))

    def _decoded(self, body: bytes) -> Any:  # noqa: ANN401
        assert self._decode is not None  # noqa: S101
        try:
            return self._decode(body)
        except msgspec.ValidationError as error:
            raise Refusal(422, _reason(error)) from None
        except msgspec.DecodeError as error:
            raise Refusal(400, f"the body is not JSON in UTF-8: {error}") from None
        except RecursionError:
            raise Refusal(400, "the JSON is nested too deeply") from None


def _reason(error: msgspec.ValidationError) -> str:
    """Return what is wrong, and where; without the name of an unknown field, which was sent."""
    text = str(error)
    if "unknown field" in text:
        return "there is an unknown field; GET /openapi.json has the known ones"
    return f"{text[:1].lower()}{text[1:]}"


def guarded_app(
    api: Api,
    *,
    hosts: frozenset[str] = LOOPBACK,
    token: str | None = None,
    needs_token: bool = False,
    limits: Limits | None = None,
) -> Guard:
    """Return the application as it may be served: with the guard before it.

    Parameters
    ----------
    api
        What answers requests.
    hosts, token, needs_token, limits
        As of `Guard`.

    Returns
    -------
    Guard
        An ASGI application, which any server of ASGI runs.

    Examples
    --------
    >>> app = guarded_app(Api(ServedModels([ModelSource.parse("reviews-en")])))
    >>> app.rules["/v1/predict"].method, app.needs_token
    ('POST', False)
    """
    guard = Guard(
        api.router(),
        {operation.path: operation.rule for operation in api.operations},
        hosts,
        token,
        needs_token,
        limits or Limits(),
        api.metrics.request,
    )
    api.metrics.watch_in_flight(lambda: guard.in_flight)
    return guard
