"""A project while it is open: answers go to the disk, and a thread learns from them.

Nobody who answers waits for the model: an answer is written, the next texts are planned already,
and the thread fits a model to the latest answers, skipping those in between. All that is shown is
in `Session.state`, whose version grows with each change.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from sentiment_transfer.errors import SentimentTransferError
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.choosing import Teacher, draw_to_measure
from sentiment_transfer.studio.learning import FittedPool, fit_pool
from sentiment_transfer.studio.learning_curve import LearningCurve
from sentiment_transfer.studio.pool import Pool
from sentiment_transfer.studio.record import Record
from sentiment_transfer.studio.view import (
    ASK,
    LISTED,
    curve_of,
    doubts_of,
    estimate_of,
    history_of,
    item_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentiment_transfer.model import FittedStages
    from sentiment_transfer.studio.base_model import BaseModel
    from sentiment_transfer.studio.project_file import NewText, ProjectFile

__all__ = ["Session"]

_log = logging.getLogger(__name__)
SHOWN, PLANNED = 3, 12
"""Next texts that are shown, and that are planned until there is a newer model."""
IDLE_TRIALS, IDLE_TURN = 18, 6
"""Trials of the learning curve after an answer while nothing else is to do, and after how many the
curve is shown again."""


class _Tools(NamedTuple):
    """What is made once for the texts of a project."""

    pool: Pool
    teacher: Teacher
    curve: LearningCurve


class _Ask(NamedTuple):
    """What is left to ask for, by row: to measure, and the texts that cannot teach."""

    to_measure: list[int]
    measures: bool
    taken: set[int]


class _Result(NamedTuple):
    """What the thread found last."""

    change: int = -1  # number of the change that it knows
    fitted: FittedPool | None = None
    milliseconds: float | None = None
    estimate: m.Estimate | None = None
    history: Sequence[m.ForecastPoint] = ()
    curve: m.Curve | None = None
    doubtful: Sequence[m.Doubt] = ()


class Session:
    """An open project. Threads may share it.

    Parameters
    ----------
    project
        Its file.
    base
        The model that labels start from.
    seed
        Of all random choices.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sentiment_transfer.studio.project_file import NewText
    >>> session = Session(ProjectFile(Path("reviews.project")), BaseModel.general("en"))
    >>> session.add_texts("made", [NewText("A fine film."), NewText("A dull plot.")])
    2
    >>> session.answer(0, "positive")
    >>> session.project.labels()[0]["label"]
    'positive'
    >>> session.close()
    """

    def __init__(self, project: ProjectFile, base: BaseModel, *, seed: int = 0) -> None:
        base.keep(project)
        self.project = project
        self._record = Record(project, base)
        self._seed = seed
        self._wake = threading.Condition(threading.RLock())
        self._listeners: list[Callable[[], None]] = []
        self._version, self._change = 0, 0
        self._answered_at: float | None = None
        self._message = self._problem = ""
        self._tools: _Tools | None = None
        self._result = _Result()
        self._planned: list[int] = []
        self._first: int | None = None  # a text whose answer was taken back
        self._items: dict[int, m.Item] = {}
        self._n_trials = 0
        self._is_open = True
        self._thread = threading.Thread(target=self._work, name="learner", daemon=True)
        self._thread.start()

    def listen(self, changed: Callable[[], None]) -> None:
        """Have a function called after each change, from any thread.

        Parameters
        ----------
        changed
            Called without arguments.
        """
        self._listeners.append(changed)

    def close(self) -> None:
        """End the thread and close the file."""
        with self._wake:
            self._is_open = False
            self._wake.notify_all()
        self._thread.join(timeout=30)
        self.project.close()

    @property
    def base(self) -> BaseModel:
        """The model that labels start from."""
        return self._record.base

    @property
    def stages(self) -> FittedStages:
        """The latest model, with labels or without."""
        fitted = self._result.fitted
        model = None if fitted is None else fitted.model
        return (model or self.base.model).stages_

    @property
    def texts(self) -> Sequence[str]:
        """All texts of the project."""
        return self._record.texts

    # ---- what a user does

    def add_texts(self, source: str, texts: Iterable[NewText]) -> int:
        """Add texts with the labels that they came with; return their number.

        Parameters
        ----------
        source, texts
            As of `ProjectFile.add_texts`.
        """
        with self._wake:
            n = self._record.add_texts(source, texts)
            self._tools = None
            self._changed()
            return n

    def answer(
        self, row: int, label: str | None, guess: str | None = None, p: float | None = None
    ) -> None:
        """Write the label of a text to the disk, None to skip it, and the guess that was shown.

        The same label again changes nothing, so that an answer may be sent twice.

        Parameters
        ----------
        row
            Of the text, from 0.
        label
            The label, or None.
        guess, p
            The label that was shown, and its probability.

        Raises
        ------
        InputError
            There is no such text or class.
        """
        with self._wake:
            if self._record.answer(row, label, guess, p):
                self._first = None if self._first == row else self._first
                self._changed(perf_counter())

    def relabel(self, row: int, label: str) -> None:
        """Give a text with a label another one, or confirm it.

        Parameters
        ----------
        row
            Of the text, from 0.
        label
            The label.
        """
        with self._wake:
            self._record.relabel(row, label)
            self._changed(perf_counter())

    def take_back(self, place: int | None = None) -> None:
        """Take the last answer back, or that of this number if it is the last; ask again.

        Parameters
        ----------
        place
            Number of an answer, or None.
        """
        with self._wake:
            self._first = self._record.take_back(place)
            self._changed(perf_counter())

    def choose_phase(self, phase: m.Phase | None) -> None:
        """Have the next labels measure or teach; None leaves it to the number of labels.

        Parameters
        ----------
        phase
            ``"measure"``, ``"teach"`` or None.
        """
        with self._wake:
            self._record.choose_phase(phase)
            self._planned = []
            self._changed()

    def name_classes(self, classes: Sequence[str]) -> None:
        """Set the classes, the most negative first; those of labels must be among them.

        Parameters
        ----------
        classes
            Labels.

        Raises
        ------
        InputError
            A label of a text is missing, or a class is named twice.
        """
        with self._wake:
            self._record.name_classes(classes)
            self._changed()

    def use(self, base: BaseModel) -> None:
        """Start from another model; labels and the measuring set are kept.

        Parameters
        ----------
        base
            The model to start from.
        """
        with self._wake:
            base.keep(self.project)
            self._record.base, self._tools = base, None
            self._changed()

    def _changed(self, answered_at: float | None = None) -> None:
        """Have the thread learn from a change; an answer has a time, and others none."""
        self._change += 1
        self._answered_at, self._problem = answered_at, ""
        self._tell()

    def _tell(self) -> None:
        self._version += 1
        self._wake.notify_all()
        for changed in self._listeners:
            changed()

    # ---- what is shown

    def state(self) -> m.State:
        """Return all that is shown."""
        with self._wake:
            record, found = self._record, self._result
            ready = self._tools is not None and found.fitted is not None
            last = next(reversed(record.answers), None)
            doubtful = [each for each in found.doubtful if each.id - 1 not in record.confirmed]
            asked = [each for each in doubtful if each.id - 1 == last and each.probability < ASK]
            return m.State(
                version=self._version,
                status="empty" if not record.texts else "ready" if ready else "preparing",
                message=self._problem or self._message,
                project=record.described(),
                model=max(found.change, 0),
                pending=found.change < self._change,
                milliseconds=found.milliseconds,
                queue=[self._item(row) for row in self._queue()[:SHOWN]] if ready else [],
                phase=record.phase_now(self._n_different),
                n_measured=record.n_measured,
                n_to_measure=record.left_to_measure(self._n_different),
                estimate=found.estimate,
                history=[*found.history],
                curve=found.curve,
                doubt=asked[0] if asked else None,
                doubtful=doubtful[:LISTED],
                recent=record.recent(),
            )

    def _item(self, row: int) -> m.Item:
        """Return a text with the guess of the latest model, which is kept."""
        if row not in self._items:
            assert self._tools is not None  # noqa: S101  (there is a queue)
            assert self._result.fitted is not None  # noqa: S101
            self._items[row] = self._explained(self._tools, self._result.fitted, row)
        return self._items[row]

    def _explained(self, tools: _Tools, fitted: FittedPool, row: int) -> m.Item:
        coverage = float(tools.pool.encoded.coverage[row])
        return item_of(fitted, row, tools.pool.texts[row], coverage, self._record.way(row))

    # ---- which texts come next

    @property
    def _n_different(self) -> int:
        return 0 if self._tools is None else len(self._tools.pool.different)

    def _queue(self) -> list[int]:
        """Return the next texts, the first one first."""
        left = self._record.unanswered(self._planned)
        if not left:
            left = self._planned = self._plan()
        if self._first is not None:
            left = [self._first, *(row for row in left if row != self._first)]
        return left

    def _plan(self) -> list[int]:
        tools, fitted = self._tools, self._result.fitted
        if tools is None or fitted is None:
            return []
        return self._planned_by(tools, self._ask(tools), fitted)

    def _ask(self, tools: _Tools) -> _Ask:
        """Return what is left to ask for."""
        record = self._record
        answered = {int(tools.pool.first[row]) for row in record.answers}
        to_measure = [
            row
            for row in record.unanswered(record.measuring)
            if int(tools.pool.first[row]) not in answered
        ]
        measures = record.phase_now(self._n_different) == "measure"
        return _Ask(to_measure[:PLANNED], measures, answered | {*record.measuring})

    @staticmethod
    def _planned_by(tools: _Tools, ask: _Ask, fitted: FittedPool) -> list[int]:
        if ask.measures and ask.to_measure:
            return ask.to_measure
        rows = tools.teacher.next(fitted, ask.taken, PLANNED)
        if len(rows) < SHOWN:  # of the last clusters; the next ones are made ahead
            rows += tools.teacher.next(fitted, ask.taken | {*rows}, PLANNED)
        return rows or ask.to_measure

    # ---- the thread

    def _work(self) -> None:
        while self._wait_for_work():
            change = self._change
            try:
                if self._tools is None:
                    self._prepare()
                elif self._result.change < change:
                    self._learn(change)
                else:
                    self._draw_curve(change)
            except (SentimentTransferError, OSError, sqlite3.Error) as error:
                self._say(str(error))
            except Exception as error:  # the next change has to find the thread alive
                _log.exception("the learner failed")
                self._say(f"unexpected {type(error).__name__}: {error}")

    def _say(self, problem: str) -> None:
        """Show why there is no model; the next change has it tried again."""
        with self._wake:
            self._problem = problem
            self._tell()

    def _wait_for_work(self) -> bool:
        """Wait until there is something to do; return False when the session ends."""
        with self._wake:
            while self._is_open and not self._has_work():
                self._wake.wait()
            return self._is_open

    def _has_work(self) -> bool:
        if not self._record.texts or self._problem:
            return False
        is_behind = self._tools is None or self._result.change < self._change
        return is_behind or (self._n_trials < IDLE_TRIALS and bool(self._record.answers))

    def _prepare(self) -> None:
        """Encode the texts, and draw the measuring set if there is none."""
        with self._wake:
            base, texts = self.base, self._record.texts
            self._message = f"reading {len(texts):,} texts with {base.description}"
            self._tell()
        pool = Pool.of(base.model, texts, adapt=base.adapts, seed=self._seed)
        with self._wake:
            if texts is not self._record.texts or base is not self.base:  # changed meanwhile
                return
            if self._record.needs_measuring_set:
                taken = {int(pool.first[row]) for row in self._record.answers}
                self._record.measure_by(draw_to_measure(pool, taken, self._seed), len(taken))
            self._tools = _Tools(pool, Teacher(pool, self._seed), LearningCurve(pool, self._seed))
            self._result, self._planned, self._items = _Result(), [], {}

    def _learn(self, change: int) -> None:
        """Fit a model to the answers, rank all texts, estimate, and draw the curve."""
        with self._wake:
            tools, began, record = self._tools, self._answered_at, self._record
            if tools is None:
                return
            given, classes = record.labelled(tools.pool.first), [*record.classes]
            confirmed, about = {*record.confirmed}, record.about_measure()
            ask, note = self._ask(tools), self.base.note
        fitted = fit_pool(tools.pool, classes, given.rows, given.labels.tolist())
        if not self._n_trials:  # there was no idle time after the last model
            tools.curve.try_one(given)
        found = _Result(
            change,
            fitted,
            None,
            estimate_of(fitted, given, about),
            history_of(fitted, given),
            curve_of(tools.curve.forecast(given)),
            doubts_of(fitted, tools.pool.texts, confirmed),
        )
        planned = self._planned_by(tools, ask, fitted)
        items = {row: self._explained(tools, fitted, row) for row in planned[:SHOWN]}
        with self._wake:
            if tools is not self._tools:
                return
            if began is not None:
                found = found._replace(milliseconds=1_000 * (perf_counter() - began))
            self._result, self._items, self._planned = found, items, planned
            self._n_trials = 0
            notes = (note, *tools.pool.messages, *fitted.messages)
            self._message = " ".join(dict.fromkeys(filter(None, notes)))
            self._tell()
        _ = tools.pool.indexed  # made once, while the first text is read
        tools.teacher.get_ready()

    def _draw_curve(self, change: int) -> None:
        """Make the learning curve more certain while nobody answers."""
        with self._wake:
            tools = self._tools
            if tools is None:
                return
            given = self._record.labelled(tools.pool.first)
            self._n_trials += 1
        tools.curve.try_one(given)
        if self._n_trials % IDLE_TURN == 0:
            curve = curve_of(tools.curve.forecast(given))
            with self._wake:
                if tools is self._tools and change == self._change:
                    self._result = self._result._replace(curve=curve)
                    self._tell()
