"""The application: the page, what it asks for, and the HTTP API on the latest model."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec
from starlette.routing import Route, Router

from sentiment_transfer.errors import InputError, SentimentTransferError
from sentiment_transfer.model.coverage import guessed_language
from sentiment_transfer.serving.api import Api, Endpoint, Operation, Refusal
from sentiment_transfer.serving.guard import JSON, LOOPBACK, Guard, Limits, Rule, respond
from sentiment_transfer.serving.messages import Problem
from sentiment_transfer.studio import downloads
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.base_model import BaseModel
from sentiment_transfer.studio.example import example_files
from sentiment_transfer.studio.jobs import Jobs
from sentiment_transfer.studio.live_model import LiveModel
from sentiment_transfer.studio.page import RULE, page_files
from sentiment_transfer.studio.uploads import Table, Uploads, read_table
from sentiment_transfer.studio.wording import on_page
from sentiment_transfer.studio.work import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sentiment_transfer.serving.guard import Receive, Scope, Send
    from sentiment_transfer.studio.session import Session

__all__ = ["StudioApp"]

_log = logging.getLogger(__name__)
LARGEST_FILE = 64 << 20
WAIT_SECONDS = 20.0
"""For a change, until the state is sent as it is."""
BYTES = b"application/octet-stream"
PRIVATE = Rule(is_private=True)
CHANGES = Rule("POST", takes_body=True, changes_state=True)


@dataclass(frozen=True)
class Download:
    """A file to take away, and what makes it."""

    path: str
    kind: str
    make: Callable[[], bytes]


class StudioApp:
    """What the page asks for, on one session.

    Parameters
    ----------
    session
        The open project.
    folder
        For files that are sent; it has to be empty.
    largest_file
        Bytes of a file that may be sent.
    """

    def __init__(self, session: Session, folder: Path, *, largest_file: int = LARGEST_FILE) -> None:
        self._upload_rule = Rule(
            "POST", takes_body=True, kind=BYTES, body=largest_file, changes_state=True
        )
        self.session = session
        self.jobs = Jobs(self._jobs_changed, self._finished)
        self.api = Api(LiveModel(session), reloads=False)
        self._uploads = Uploads(folder)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._n_job_changes = 0
        self._overview_page: bytes | None = None
        self.api.on_stop(self._changed)
        session.listen(self._changed)

    def close(self) -> None:
        """End jobs, the learner and the file."""
        self.jobs.close()
        self.session.close()
        self.api.batcher.close()

    def guarded(
        self,
        *,
        token: str,
        hosts: frozenset[str] = LOOPBACK,
        needs_token: bool = False,
        limits: Limits | None = None,
    ) -> Guard:
        """Return the application with the guard before it; the parameters are those of `Guard`."""
        rules: dict[str, Rule] = {}
        routes: list[Route] = []

        def add(path: str, rule: Rule, endpoint: Any) -> None:  # noqa: ANN401
            rules[path] = rule
            routes.append(Route(path, endpoint, methods=[rule.method]))

        for operation in (*self.api.operations, *self._operations()):
            add(operation.path, operation.rule, Endpoint(operation, self.api.metrics))
        for path, (rule, answer) in self._others().items():
            add(path, rule, _Plain(answer))
        for path, file in page_files().items():
            add(path, RULE, file)
        router = Router(routes, redirect_slashes=False)
        observe = self.api.metrics.request
        guard = Guard(router, rules, hosts, token, needs_token, limits or Limits(), observe)
        self.api.metrics.watch_in_flight(lambda: guard.in_flight)
        return guard

    # ---- operations with JSON

    def _operations(self) -> tuple[Operation, ...]:
        def op(name: str, request: type[msgspec.Struct], do: Callable[[Any], Any]) -> Operation:
            async def answer(asked: Any) -> Any:  # noqa: ANN401
                return await _in_thread(do, asked)

            return Operation(f"/studio/{name}", "", CHANGES, request, dict, answer)

        return (
            op("preview", m.PreviewRequest, self._preview),
            op("import", m.ImportRequest, self._import),
            op("example", m.Nothing, self._example),
            op("answer", m.AnswerRequest, self._answer),
            op("undo", m.UndoRequest, self._undo),
            op("relabel", m.RelabelRequest, self._relabel),
            op("phase", m.PhaseRequest, self._phase),
            op("classes", m.ClassesRequest, self._classes),
            op("vectors", m.VectorsRequest, self._use),
            op("jobs", m.JobRequest, self._start),
            op("cancel", m.JobRequest, self._cancel),
        )

    def _preview(self, asked: m.PreviewRequest) -> m.Preview:
        table = self._uploads.table(asked.upload, asked.text_column, asked.label_column)
        return table.preview(asked.upload)

    def _import(self, asked: m.ImportRequest) -> m.State:
        table = self._uploads.table(asked.upload, asked.text_column, asked.label_column)
        if asked.label_column is None:
            table = table._replace(label_column=None)
        table.check_labels()
        self._choose_language(table)
        self.session.add_texts(table.name, table.texts())
        self._uploads.forget(asked.upload)
        return self.state()

    def _choose_language(self, table: Table) -> None:
        """Start from the general model of the language of the first texts."""
        session = self.session
        if not session.texts and session.base.is_general:
            language = guessed_language([each.text for each in table.texts()])
            if language != session.base.language:
                session.use(BaseModel.general(language))

    def _example(self, _: m.Nothing) -> m.State:
        for path in example_files():
            table = read_table(path)
            self.session.add_texts(table.name, table.texts())
        return self.state()

    def _answer(self, asked: m.AnswerRequest) -> m.State:
        self.session.answer(asked.id - 1, asked.label, asked.guess, asked.probability)
        return self.state()

    def _undo(self, asked: m.UndoRequest) -> m.State:
        self.session.take_back(asked.answer)
        return self.state()

    def _relabel(self, asked: m.RelabelRequest) -> m.State:
        self.session.relabel(asked.id - 1, asked.label)
        return self.state()

    def _phase(self, asked: m.PhaseRequest) -> m.State:
        self.session.choose_phase(asked.phase)
        return self.state()

    def _classes(self, asked: m.ClassesRequest) -> m.State:
        self.session.name_classes(asked.classes)
        return self.state()

    def _start(self, asked: m.JobRequest) -> m.State:
        session = self.session
        if not session.texts:
            raise InputError("there are no texts yet; add some first")
        base = replace(session.base)  # without the model, which the child reads itself
        model = downloads.model_file(session.stages) if asked.kind == "overview" else None
        task = Task(session.project.path, base, asked.epochs, asked.by, model)
        self.jobs.start(asked.kind, task)
        return self.state()

    def _use(self, asked: m.VectorsRequest) -> m.State:
        members = self.session.base.members
        if asked.vectors not in members:
            raise InputError(f"there are vectors named {', '.join(members)}")
        self.session.use(BaseModel.member(asked.vectors))
        return self.state()

    def _cancel(self, asked: m.JobRequest) -> m.State:
        self.jobs.cancel(asked.kind)
        return self.state()

    def _finished(self, kind: m.JobKind, result: Any) -> Any:  # noqa: ANN401
        """Use what a job found; return what the page shows of it."""
        if kind == "pretrain":
            self.session.use(BaseModel.own(result))
            return None
        if kind == "overview":
            self._overview_page = result["page"].encode("utf-8", "replace")
            return result["figures"]
        return result

    def _overview(self) -> bytes:
        if self._overview_page is None:
            raise InputError("there is no overview yet; make one first")
        return self._overview_page

    # ---- the state, and files

    def state(self) -> m.State:
        """Return all that is shown."""
        state = self.session.state()
        state.version += self._n_job_changes
        state.jobs = self.jobs.all()
        return state

    def _others(self) -> Mapping[str, tuple[Rule, _Answer]]:
        found: dict[str, tuple[Rule, _Answer]] = {
            "/studio/state": (PRIVATE, self._wait),
            "/studio/upload": (self._upload_rule, self._upload),
            "/studio/predict": (self._upload_rule, self._predict_file),
        }
        for each in self._downloads():
            found[each.path] = (PRIVATE, self._download(each))
        return found

    def _downloads(self) -> tuple[Download, ...]:
        session = self.session
        labels = session.project.labels
        page = "text/html; charset=utf-8"
        return (
            Download("/studio/overview.html", page, self._overview),
            Download(
                "/studio/labels.csv",
                "text/csv; charset=utf-8",
                lambda: downloads.labels_csv(labels()),
            ),
            Download(
                "/studio/labels.jsonl",
                "application/jsonl",
                lambda: downloads.labels_jsonl(labels()),
            ),
            Download(
                "/studio/model.safetensors",
                BYTES.decode(),
                lambda: downloads.model_file(session.stages),
            ),
            Download(
                "/studio/model.html",
                page,
                lambda: downloads.model_page(session.stages, session.project.path.stem),
            ),
        )

    async def _wait(self, query: Mapping[str, str], _: bytes) -> tuple[str, bytes]:
        """Answer with the state once its version differs from the one that the page has."""
        self._loop = asyncio.get_running_loop()
        changed = self._loop.create_future()
        self._waiting.add(changed)
        try:
            state = await _in_thread(self.state)
            if str(state.version) == query.get("since") and self.api.is_ready:
                await asyncio.wait([changed], timeout=WAIT_SECONDS)
                state = await _in_thread(self.state)
        finally:
            self._waiting.discard(changed)
        return JSON.decode(), msgspec.json.encode(state)

    def _jobs_changed(self) -> None:
        self._n_job_changes += 1
        self._changed()

    def _changed(self) -> None:
        """Wake requests that wait for a change; called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    async def _upload(self, query: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
        def take() -> m.Preview:
            key = self._uploads.take(_file_name(query), body)
            return self._uploads.table(key).preview(key)

        return JSON.decode(), msgspec.json.encode(await _in_thread(take))

    async def _predict_file(self, query: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
        def predict() -> bytes:
            key = self._uploads.take(_file_name(query), body)
            try:
                return downloads.predicted_csv(self.session.stages, self._uploads.table(key))
            finally:
                self._uploads.forget(key)

        return "text/csv; charset=utf-8", await _in_thread(predict)

    def _download(self, download: Download) -> _Answer:
        async def answer(_: Mapping[str, str], __: bytes) -> tuple[str, bytes]:
            return download.kind, await _in_thread(download.make)

        return answer


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    """Call a function in a thread; what it refuses becomes a refusal of the request."""
    try:
        return await asyncio.to_thread(function, *arguments)
    except SentimentTransferError as error:
        raise Refusal(422, on_page(str(error))) from None
    except (OSError, sqlite3.OperationalError) as error:
        _log.error("not written: %s", error)
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Refusal(507, f"this could not be written ({reason}); is the disk full?") from None


def _file_name(query: Mapping[str, str]) -> str:
    name = query.get("name", "")
    if not name:
        raise Refusal(422, "the name of the file is missing: ?name=reviews.csv")
    return name


if TYPE_CHECKING:
    from collections.abc import Awaitable

    _Answer = Callable[[Mapping[str, str], bytes], Awaitable[tuple[str, bytes]]]


class _Plain:
    """The ASGI application of a route whose body or answer is not JSON."""

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            kind, content = await self._answer({k: v[-1] for k, v in query.items()}, body)
        except Refusal as refusal:
            problem = msgspec.json.encode(Problem(refusal.error))
            await respond(send, refusal.status, problem)
        except Exception as error:  # not shown to the client: it may hold parts of the request
            _log.error("%s failed: %s", scope["path"], type(error).__name__, exc_info=True)
            problem = msgspec.json.encode(Problem("an error of the server; its log has the reason"))
            await respond(send, 500, problem)
        else:
            await respond(send, 200, content, kind.encode())
